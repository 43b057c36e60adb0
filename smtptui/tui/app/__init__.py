"""The app itself: start, the screens it opens, settings, memory, themes."""
