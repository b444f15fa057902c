"""From a folder to a served feature: discovery, import, set-up, lifespans and routes."""
