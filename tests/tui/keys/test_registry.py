"""The registry of keys and the footer that is made from it."""

from collections import defaultdict
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.widgets._footer import FooterKey

from smtptui.protocol import Stage
from smtptui.tui.frame.footer import KeyFooter, fitting
from smtptui.tui.keys.registry import FOOTER_LIMIT, KEYS, Key, Where
from tests.tui.fake_run import Script
from tests.tui.harness import FixedSandbox, painted, said, scripted, session, until

UNUSABLE = {"ctrl+h", "ctrl+i", "ctrl+m", "ctrl+j", "ctrl+enter", "f7", "f10", "f11", "f12"}


def test_no_key_does_two_things_at_one_place() -> None:
    owners: dict[tuple[Where, str], set[str]] = defaultdict(set)
    everywhere = {name: key.id for key in KEYS if key.where is Where.APP for name in key.keys}
    for key in KEYS:
        for name in key.keys:
            owners[key.where, name].add(key.id)
            # ctrl+c is meant to: it copies, and where nothing is selected it cancels.
            if name in everywhere and key.id != "cancel":
                owners[key.where, name].add(everywhere[name])
    assert {place: ids for place, ids in owners.items() if len(ids) > 1} == {}


def test_ids_are_unique_and_keys_survive_terminals() -> None:
    assert len({key.id for key in KEYS}) == len(KEYS)
    used = {name for key in KEYS for name in key.keys}
    assert not used & UNUSABLE
    assert not {name for name in used if name.startswith("alt+")}


@pytest.mark.parametrize("running", [False, True])
@pytest.mark.parametrize("demo", [False, True])
@pytest.mark.parametrize("focus", ["#to", "#body", "#log", "#host"])
async def test_the_footer_fits_80_cells_whatever_has_the_focus(running: bool, demo: bool, focus: str) -> None:
    script = Script(hang_at=Stage.MAIL if running else None)
    async with scripted(script, size=(80, 24), sandbox=FixedSandbox() if demo else None) as pilot:
        if demo or running:
            screen = session(pilot)
            screen.connection.host.value = "127.0.0.1"
            screen.message.sender.value = "me@example.org"
            screen.message.to.value = "you@example.net"
            await pilot.press("f5")
            if not demo:
                await until(pilot, lambda: "Send for real?" in painted(pilot.app.screen))
                await pilot.press("y")
            await until(pilot, lambda: bool(script.runs) and (running or bool(said(pilot))))
        session(pilot).query_one(focus).focus()
        footer = session(pilot).query_one(KeyFooter)

        def labels() -> list[str]:
            return [str(entry.render()).split(" ", 1)[1].strip() for entry in footer.query(FooterKey)]

        await until(pilot, lambda: ("Stop" in labels()) is running and ("Send" in labels()) is not running)
        await until(pilot, lambda: ("More" in labels()) is (focus == "#log" and bool(script.runs)))
        # The entries are made anew when the focus moves: wait for the new ones to be on the screen.
        await until(pilot, lambda: labels()[-1:] == ["All"] and painted(footer).rstrip().endswith("^p All"))
        entries = list(footer.query(FooterKey))
        assert 3 <= len(entries) <= FOOTER_LIMIT
        order = [(key.label, key.action) for key in KEYS if key.where is not Where.EDITOR]
        places = [order.index((label, entry.action)) for label, entry in zip(labels(), entries, strict=True)]
        assert places == sorted(places)
        for left, right in pairwise(entries):
            assert left.region.right <= right.region.x, f"{labels()} overlap"
        assert entries[-1].region.right <= 80


@given(st.sets(st.sampled_from([key for key in KEYS if key.footer])), st.integers(60, 200))
def test_whatever_can_be_done_the_footer_fits_and_keeps_the_way_to_the_rest(active: set[Key], width: int) -> None:
    wanted = [(key, key.keys[0]) for key in KEYS if key in active and key.keys]
    left = fitting(wanted, width)
    assert len(left) <= FOOTER_LIMIT
    assert sum(cell_len(f"{key.display} {key.label} ") for key, _ in left) < width
    assert left == [each for each in wanted if each in left], "in the registry's order"
    for key, _ in wanted:
        if key.id in ("palette", "help"):
            assert key in [kept for kept, _ in left]
    if len(left) < len(wanted):
        lowest = min(key.footer == 1 for key, _ in left if key.id not in ("palette", "help"))
        assert lowest or all(key.footer == 2 for key, _ in wanted if (key, key.keys[0]) not in left)
