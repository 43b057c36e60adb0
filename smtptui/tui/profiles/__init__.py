"""The servers one knows: list, editor, presets, the connection rows, and what is asked before a session begins."""
