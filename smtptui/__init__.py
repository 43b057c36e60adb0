"""smtptui: an SMTP workbench in a terminal."""

__version__ = "0.1.0"
