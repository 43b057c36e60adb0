"""Tests of what importing this room costs."""

import subprocess
import sys


def test_html_and_markdown_are_loaded_only_when_needed() -> None:
    code = (
        "import sys, smtptui.message; "
        "print(*sorted({'markdown_it', 'html.parser', 'smtptui.session', 'textual', 'asyncio'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
