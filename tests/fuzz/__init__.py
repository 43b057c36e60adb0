"""Every reader, given what is broken in ways that nobody thought of."""
