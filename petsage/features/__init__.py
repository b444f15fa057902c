"""Built-in features; discovery finds them in this folder like any others."""
