"""Servers to test against, on loopback: a real Postfix and Dovecot, a ground-truth server, a hostile peer."""
