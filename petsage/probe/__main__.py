"""The same as the script `petsage-probe`: pip's scripts cannot start in an environment whose path has a space."""

from petsage.probe import main

main()
