"""The log of a session that runs, of an earlier one, or from a file: transcript, TLS, capabilities, timing."""
