"""``docs/reference.md`` says what the program does."""

import re
import runpy
from pathlib import Path

from smtptui.cli.exitcodes import ExitCode

DOCS = Path(__file__).parents[2] / "docs"


def test_the_reference_is_up_to_date() -> None:
    made = runpy.run_path(str(DOCS / "make_reference.py"))["reference"]()
    assert (DOCS / "reference.md").read_text(encoding="utf-8") == made, "run: python docs/make_reference.py"


def test_it_has_every_command_and_exit_code_and_no_place_for_a_password() -> None:
    text = (DOCS / "reference.md").read_text(encoding="utf-8")
    for heading in ("## smtptui demo", "## smtptui sandbox", "## smtptui send"):
        assert f"\n{heading}\n" in text
    for code in ExitCode:
        assert f"| {int(code)} | {code.meaning} |" in text
    assert "| Session | `F5` | `ctrl+r` | Send the message |" in text
    # Options name a command or a variable that has it.
    assert not re.search(r"--(password|token|secret-value)[ `=,]", text)
    assert "| `--server HOST[:PORT]` |" in text
