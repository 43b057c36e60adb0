"""The log of a session: transcript, TLS, capabilities, timing; of the one that runs, an earlier one, or one from a file."""
