"""python -m petsage."""

import sys

from petsage.cli import main

sys.exit(main())
