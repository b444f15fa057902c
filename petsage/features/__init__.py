"""The built-in features; what stands in this folder is discovered like any other."""
