"""Building blocks for kinds of checks: settings, connections, TLS, and public reasons for what goes wrong."""
