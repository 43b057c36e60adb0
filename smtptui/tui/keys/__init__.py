"""Every key of the app: the registry, the user's keymap, help, palette, footer, jump."""
