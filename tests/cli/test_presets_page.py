"""``docs/presets.md`` says what the presets are."""

import runpy
from pathlib import Path

from smtptui.profiles import load_presets

DOCS = Path(__file__).parents[2] / "docs"


def test_the_page_of_presets_is_up_to_date() -> None:
    made = runpy.run_path(str(DOCS / "make_reference.py"))["presets"]()
    assert (DOCS / "presets.md").read_text(encoding="utf-8") == made, "run: python docs/make_reference.py"


def test_every_preset_has_one_row() -> None:
    rows = [line for line in (DOCS / "presets.md").read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    assert [row.split("`")[1] for row in rows] == [preset.id for preset in load_presets()]
    assert all(row.count(" | ") == 4 for row in rows)
