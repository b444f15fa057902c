"""Every figure that PetSage claims, measured beside its peers in one run."""
