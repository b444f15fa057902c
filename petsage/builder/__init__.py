"""The builder: a feature request goes in, a feature package with its tests comes out; the same request, the same bytes.

It is imported by `petsage feature` alone, and never by the server; Jinja2 comes with the extra `builder`.
"""
