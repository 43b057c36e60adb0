"""Names of files: few that repeat, and no module too small to have a file of its own without a reason."""

from collections import Counter
from pathlib import Path

import smtptui

PACKAGE = Path(smtptui.__file__).parent
MODULES = [path for path in PACKAGE.rglob("*.py") if path.name != "__init__.py"]
MOST = 3
"""How often a file name may stand in the tree."""
SMALL = 40
"""Lines below which a module joins its only user, unless it earns its name."""

SEVERAL = "used by several modules, none of which owns it"
STEP = "one of several alike, each in its own file"
TABLE = "data that a maintainer looks for by this name"

EARNED = {
    "__main__.py": "Python looks for it by this name",
    "batch/addresses/destinations.py": SEVERAL,
    "batch/composer/errors.py": SEVERAL,
    "batch/composer/questions.py": SEVERAL,
    "batch/identity.py": SEVERAL,
    "batch/journal/life.py": TABLE,
    "batch/journal/upgrading.py": SEVERAL,
    "batch/lint/advice.py": TABLE,
    "batch/lists/lines.py": SEVERAL,
    "batch/lists/list_error.py": SEVERAL,
    "batch/operations/recovering.py": STEP,
    "batch/pacing/time_format.py": SEVERAL,
    "batch/running/clock.py": "its user is as long as a module may be",
    "batch/running/queued_message.py": SEVERAL,
    "config/signals.py": SEVERAL,
    "message/dot.py": SEVERAL,
    "message/draft_writer.py": "the counterpart of draft_reader.py",
    "message/verp.py": SEVERAL,
    "profiles/secrets/secret_error.py": SEVERAL,
    "protocol/failure_kind.py": SEVERAL,
    "protocol/queue_id.py": SEVERAL,
    "protocol/tls.py": SEVERAL,
    "session/ehlo_name.py": TABLE,
    "session/login_test.py": "used by every front end",
    "session/request.py": SEVERAL,
    "session/steps/leave.py": STEP,
    "session/timeouts.py": TABLE,
    "transcript/read_error.py": SEVERAL,
}
"""Modules below ``SMALL`` lines and their reasons. ``cli/`` has one file for each command, however short."""
IN_THE_APP = frozenset(
    f"tui/{name}.py"
    for name in (
        "app/stylesheet",
        "log/opened",
        "log/pace",
        "programs/lending",
        "widgets/control_character_filter",
        "widgets/dialog",
        "widgets/focus_classes",
        "widgets/forms",
    )
)
"""Small modules of the app."""


def test_no_file_name_stands_too_often() -> None:
    often = {name: count for name, count in Counter(path.name for path in MODULES).items() if count > MOST}
    assert not often


def test_a_small_module_earns_its_name() -> None:
    names = {str(path.relative_to(PACKAGE)): path for path in MODULES if path.relative_to(PACKAGE).parts[0] != "cli"}
    small = {name for name, path in names.items() if len(path.read_text(encoding="utf-8").splitlines()) < SMALL}
    assert small == EARNED.keys() | IN_THE_APP
