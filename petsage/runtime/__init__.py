"""Runtime of features: discovery, import, start, serving and stop.

`discovery` finds features, `loader` imports them, `supervisor` starts, serves and stops all of them, and `instance` one
of them. `lifespan` is the task that holds a started feature, `routes` mounts its routes, and `quarantine` reports its
failure.
"""
