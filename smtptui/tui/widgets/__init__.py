"""Widgets and dialogs that screens share, and know nothing of SMTP."""
