"""The app itself: start, screens, settings, memory, themes, crash."""
