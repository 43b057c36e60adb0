"""What every main screen has: top bar, footer, help, palette, and the letters to jump by."""
