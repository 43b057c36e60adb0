"""The Session screen, and the sessions it starts."""
