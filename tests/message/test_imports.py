"""Tests of what importing this room costs."""

import subprocess
import sys


def test_what_most_messages_do_without_is_loaded_only_when_needed() -> None:
    code = (
        "import sys, smtptui.message; "
        "print(*sorted({'markdown_it', 'html.parser', 'jinja2', 'cryptography', 'smtptui.session', 'textual',"
        " 'asyncio'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
