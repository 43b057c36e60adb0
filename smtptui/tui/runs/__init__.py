"""The sessions that the app runs: starting and cancelling them, those until now, and how an outcome looks."""
