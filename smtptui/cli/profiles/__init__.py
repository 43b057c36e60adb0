"""``smtptui profiles …``: the file of known servers, their secrets, presets and importers."""
