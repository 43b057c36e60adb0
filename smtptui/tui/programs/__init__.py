"""The user's own programs, $EDITOR and $PAGER, and lending them the terminal."""
