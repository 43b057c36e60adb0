"""The user's files: where they are, YAML with line numbers, changes that leave all else as it was."""

from smtptui.config.places import profiles_file

__all__ = ["profiles_file"]
