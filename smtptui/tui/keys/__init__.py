"""Every key of the app: the registry, their names, and the user's keymap."""
