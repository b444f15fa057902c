"""Objects that all features share: the container, identity, lifecycle, inventory, and the checks that are built in."""
