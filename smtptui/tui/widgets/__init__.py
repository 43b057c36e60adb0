"""Widgets and dialogs for any screen: choices, lists of lines, tabs, files; none of them knows a session."""
