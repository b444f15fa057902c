"""The builder: makes a feature package with its tests from a feature request; the same request gives the same bytes.

Only `petsage feature` imports it, never the server. It needs Jinja2, of the extra `builder`.
"""
