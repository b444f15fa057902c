"""Measurements of every figure that PetSage claims, side by side with its peers."""
