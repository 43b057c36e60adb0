"""``docs/reference.md`` says what the program does, ``docs/configuration.md`` what its files may say."""

import re
import runpy
from pathlib import Path

from smtptui.cli.exitcodes import ExitCode
from smtptui.profiles import LIMIT_FIELDS, PROFILE_FIELDS
from smtptui.tui.app.settings import Settings

DOCS = Path(__file__).parents[2] / "docs"


def test_the_reference_is_up_to_date() -> None:
    made = runpy.run_path(str(DOCS / "make_reference.py"))["reference"]()
    assert (DOCS / "reference.md").read_text(encoding="utf-8") == made, "run: python docs/make_reference.py"


def test_the_configuration_is_up_to_date() -> None:
    made = runpy.run_path(str(DOCS / "make_configuration.py"))["configuration"]()
    assert (DOCS / "configuration.md").read_text(encoding="utf-8") == made, "run: python docs/make_configuration.py"


def test_it_has_every_field_with_what_it_may_be() -> None:
    text = (DOCS / "configuration.md").read_text(encoding="utf-8")
    assert "| `port` | a whole number from 1 to 65535 |" in text
    assert "| `secret` | keyring or ask |" in text
    for field in (*PROFILE_FIELDS, *LIMIT_FIELDS, *Settings.model_fields):
        assert field == "limits" or f"| `{field}` | " in text


def test_it_has_every_command_and_exit_code_and_no_place_for_a_password() -> None:
    text = (DOCS / "reference.md").read_text(encoding="utf-8")
    for heading in ("## smtptui demo", "## smtptui sandbox", "## smtptui send"):
        assert f"\n{heading}\n" in text
    for code in ExitCode:
        assert f"| {int(code)} | {code.meaning} |" in text
    assert "| Session | `F5`, `ctrl+r` | Send the message | `send` |" in text
    # Options name a command or a variable that has it.
    assert not re.search(r"--(password|token|secret-value)[ `=,]", text)
    assert "| `--server HOST[:PORT]` |" in text
