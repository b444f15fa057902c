"""`python -m petsage.probe`: for environments whose path has a space, where pip's scripts cannot start."""

from petsage.probe import main

main()
