"""The log by keyboard alone: tabs, find, filter, wrap, copy, save, reopen, open, pager."""

import os
from pathlib import Path

import pytest
from textual.widgets import Input

from smtptui.protocol import Stage
from smtptui.tui.log.open_dialog import OpenDialog
from smtptui.tui.log.past_dialog import PastDialog
from smtptui.tui.widgets.save_dialog import SaveDialog
from tests.tui.fake_run import REFUSED, Script
from tests.tui.harness import TUI, FixedSandbox, log, painted, said, scripted, session, type_text, until
from tests.tui.log.scenes import EXPIRED, NOT_ACCEPTED, Scene


async def _sent(pilot: TUI) -> None:
    await pilot.press("f5")
    await until(pilot, lambda: bool(said(pilot)))


def _shows(pilot: TUI, *texts: str) -> bool:
    shown = " ".join(painted(log(pilot)).replace("│", " ").split())
    return all(text in shown for text in texts)


async def test_brackets_and_arrows_go_through_the_tabs_and_back() -> None:
    async with scripted(Scene(), sandbox=FixedSandbox()) as pilot:
        await _sent(pilot)
        for key, says in (("]", "TLS 1.3"), ("right", "with TLS: + 1 added"), ("]", "BANNER")):
            await pilot.press("right_square_bracket" if key == "]" else key)
            await until(pilot, lambda says=says: _shows(pilot, says))  # type: ignore[misc]
            assert log(pilot).front.has_focus
        await pilot.press("right", "left", "left_square_bracket", "left")
        await until(pilot, lambda: _shows(pilot, "221 2.0.0 Bye"))
        assert log(pilot).view.has_focus


async def test_in_80x24_another_tab_stays_open_like_the_transcript() -> None:
    async with scripted(Scene(), sandbox=FixedSandbox(), size=(80, 24)) as pilot:
        await _sent(pilot)
        await pilot.press("right")
        await until(pilot, lambda: _shows(pilot, "61 days left"))
        await pilot.press("f6", "f6")
        await until(pilot, lambda: log(pilot).size.height == 1)
        await pilot.press("f6")
        await until(pilot, lambda: log(pilot).front.id == "tls" and log(pilot).front.has_focus)
        assert log(pilot).size.height > 10


async def test_a_text_is_found_step_by_step_and_round_the_end() -> None:
    async with scripted(Scene(people=5), sandbox=FixedSandbox()) as pilot:
        await _sent(pilot)
        await pilot.press("slash", *"PERSON")
        await until(pilot, lambda: _shows(pilot, "1 of 5"))
        await pilot.press("enter", "n", "n")
        await until(pilot, lambda: _shows(pilot, "3 of 5"))
        await pilot.press("y")
        assert "RCPT TO:<person2@example.net>" in pilot.app.clipboard
        await pilot.press("N", "N", "N")
        await until(pilot, lambda: _shows(pilot, "5 of 5"))
        await pilot.press("n")
        await until(pilot, lambda: _shows(pilot, "1 of 5"))
        await pilot.press("escape")
        await until(pilot, lambda: "Find" not in painted(log(pilot)))
        assert log(pilot).view.has_focus
        # Where the search has led, the cursor stays.
        await pilot.press("y")
        assert "person0" in pilot.app.clipboard


async def test_what_is_not_there_is_said_and_escape_leaves_the_field() -> None:
    async with scripted(Scene(), sandbox=FixedSandbox()) as pilot:
        await _sent(pilot)
        await pilot.press("ctrl+f", *"zebra")
        await until(pilot, lambda: _shows(pilot, "nothing found"))
        await pilot.press("escape")
        await until(pilot, lambda: "Find" not in painted(log(pilot)) and log(pilot).view.has_focus)


async def test_what_is_spooled_is_found_and_is_too_much_to_copy() -> None:
    async with scripted(Scene(people=150_000), sandbox=FixedSandbox()) as pilot:
        await pilot.press("f5")
        await until(pilot, lambda: bool(said(pilot)), 60)
        await pilot.press("slash", *"person7777")
        await until(pilot, lambda: _shows(pilot, "1 of 11 "), 30)
        await pilot.press("enter", "Y")
        await until(pilot, lambda: "Not copied" in painted(pilot.app.screen))
        await pilot.press("y")
        assert "RCPT TO:<person7777" in pilot.app.clipboard


async def test_a_filter_shows_a_stage_and_what_it_shows_is_copied_and_searched() -> None:
    async with scripted(Scene(people=3), sandbox=FixedSandbox()) as pilot:
        await _sent(pilot)
        await pilot.press("f", *"rcpt")
        await until(pilot, lambda: _shows(pilot, "at RCPT · 6 of 28 shown"))
        await pilot.press("enter")
        assert "MAIL FROM" not in painted(log(pilot))
        await pilot.press("Y")
        lines = pilot.app.clipboard.splitlines()
        assert lines[0].startswith("# SMTP session of")
        assert len(lines) == 7
        await pilot.press("slash", *"5", "enter")
        await until(pilot, lambda: _shows(pilot, "of 3 · n N"))
        await pilot.press("escape", "f")
        await until(pilot, lambda: _shows(pilot, "MAIL FROM") and "Filter" not in painted(log(pilot)))
        # What was typed the last time is there again, to be changed.
        await pilot.press("f")
        await until(pilot, lambda: _shows(pilot, "6 of 28 shown"))
        await pilot.press("escape")
        await until(pilot, lambda: "Filter" not in painted(log(pilot)))


async def test_a_filter_keeps_its_place_and_stays_for_the_next_session() -> None:
    async with scripted(Scene(people=20), sandbox=FixedSandbox()) as pilot:
        await _sent(pilot)
        await pilot.press("slash", *"person3", "enter", "escape", "f")
        await type_text(pilot, "rcpt command")
        await pilot.press("enter")
        await until(pilot, lambda: _shows(pilot, "20 of"))
        await pilot.press("y")
        assert "person3@" in pilot.app.clipboard
        await pilot.press("f5")
        await until(pilot, lambda: len(session(pilot)._sender.history.entries) == 2)
        await until(pilot, lambda: _shows(pilot, "20 of"))


async def test_failed_replies_alone_and_then_what_is_around_them() -> None:
    async with scripted(Script(rcpt=REFUSED), sandbox=FixedSandbox()) as pilot:
        await _sent(pilot)
        await pilot.press("f", *"failed", "enter")
        await until(pilot, lambda: _shows(pilot, "failed · 1 of 17 shown", "✗ 550 5.1.1"))
        await pilot.press("f")
        await until(pilot, lambda: _shows(pilot, "4 below", "RCPT TO", "RSET"))
        await pilot.press("y")
        assert "550 5.1.1" in pilot.app.clipboard


async def test_wrapping_shows_what_was_cut_at_any_width() -> None:
    async with scripted(Scene(), sandbox=FixedSandbox(), size=(80, 24)) as pilot:
        await _sent(pilot)
        assert not _shows(pilot, "any screen")
        await pilot.press("w")
        await until(pilot, lambda: _shows(pilot, "any screen"))
        await pilot.press("g")
        await until(pilot, lambda: _shows(pilot, "250-PIPELINING"))
        await pilot.resize_terminal(120, 36)
        await until(pilot, lambda: _shows(pilot, "LIMITS RCPTMAX=100 MAILMAX=20"))
        await pilot.press("w")
        await until(pilot, lambda: _shows(pilot, "(+6 lines)"))


async def test_wrapping_and_back_keeps_the_line_under_the_cursor_in_sight() -> None:
    async with scripted(Scene(people=40), sandbox=FixedSandbox(), size=(80, 24)) as pilot:
        await _sent(pilot)
        await pilot.press("slash", *"person30", "enter")
        await until(pilot, lambda: _shows(pilot, "1 of 1"))
        for _ in range(4):
            await pilot.press("w")
            await pilot.pause(0.2)
            assert _shows(pilot, "RCPT TO:<person30@")


async def test_of_the_tls_tab_a_line_is_copied_and_all_of_it() -> None:
    async with scripted(Scene(), sandbox=FixedSandbox()) as pilot:
        await _sent(pilot)
        await pilot.press("right")
        await until(pilot, lambda: _shows(pilot, "SHA-256"))
        await pilot.press("g", *["down"] * 11, "y")
        assert pilot.app.clipboard == "3f1c" + "07a9" * 15
        await pilot.press("Y")
        assert "Issued by" in pilot.app.clipboard
        assert "Example Root X1" in pilot.app.clipboard


async def test_tls_is_told_while_the_session_runs() -> None:
    async with scripted(Scene(hang_at=Stage.AUTH), sandbox=FixedSandbox()) as pilot:
        await pilot.press("f5", "right")
        await until(pilot, lambda: _shows(pilot, "TLS 1.3", "61 days left"))
        assert said(pilot) == ""
        await pilot.press("ctrl+c")


async def test_a_certificate_that_was_not_accepted_is_shown_with_the_reason() -> None:
    async with scripted(Scene(fails_at_tls=True, chain=(EXPIRED,)), sandbox=FixedSandbox()) as pilot:
        await _sent(pilot)
        await pilot.press("right")
        await until(pilot, lambda: _shows(pilot, NOT_ACCEPTED[:50], "✗ expired", "Example CA R11"))


async def test_an_earlier_session_is_reopened_and_the_last_one_again() -> None:
    scene = Scene(people=1)
    async with scripted(scene, sandbox=FixedSandbox()) as pilot:
        await _sent(pilot)
        scene.people, scene.fails_at_tls = 2, True
        await _sent(pilot)
        await until(pilot, lambda: NOT_ACCEPTED[:40] in said(pilot))
        await pilot.press("r")
        await until(pilot, lambda: isinstance(pilot.app.screen, PastDialog))
        dialog = painted(pilot.app.screen)
        assert dialog.count("127.0.0.1:8587") >= 2
        assert "✗ failed" in dialog
        await pilot.press("down", "enter")
        await until(pilot, lambda: _shows(pilot, "09:12:00 · ✓ accepted", "221 2.0.0 Bye"))
        assert "Accepted by" in said(pilot)
        await pilot.press("r", "up", "enter")
        await until(pilot, lambda: _shows(pilot, "✗ failed TLS") and "09:12:00" not in painted(log(pilot)))


async def test_a_session_that_runs_is_gone_back_to_and_its_end_is_told_meanwhile() -> None:
    scene = Scene()
    async with scripted(scene, sandbox=FixedSandbox()) as pilot:
        await _sent(pilot)
        scene.hang_at = Stage.AUTH
        await pilot.press("f5")
        await until(pilot, lambda: "… AUTH" in painted(log(pilot)))
        await pilot.press("r")
        await until(pilot, lambda: "… AUTH" in painted(pilot.app.screen))
        await pilot.press("down", "enter")
        await until(pilot, lambda: _shows(pilot, "221 2.0.0 Bye"))
        await pilot.press("r", "home", "enter")
        await until(pilot, lambda: "… AUTH" in painted(log(pilot)))
        await pilot.press("r", "down", "enter")
        await until(pilot, lambda: _shows(pilot, "221 2.0.0 Bye"))
        await pilot.press("ctrl+c")
        await until(pilot, lambda: "F5 Send" in painted(pilot.app.screen))


async def _save_as(pilot: TUI, path: Path) -> None:
    await pilot.press("s")
    await until(pilot, lambda: isinstance(pilot.app.screen, SaveDialog))
    pilot.app.screen.query_one(Input).value = str(path)
    await pilot.press("enter")
    await until(pilot, lambda: not isinstance(pilot.app.screen, SaveDialog))


@pytest.mark.parametrize("name", ["a.txt", "a.jsonl", "a.html"])
async def test_what_was_saved_is_opened_again(tmp_path: Path, name: str) -> None:
    async with scripted(Scene(), sandbox=FixedSandbox()) as pilot:
        await _sent(pilot)
        await pilot.press("f", *"failed", "escape")
        await _save_as(pilot, tmp_path / name)
    async with scripted(sandbox=FixedSandbox()) as pilot:
        await pilot.press("f6", "o")
        await until(pilot, lambda: isinstance(pilot.app.screen, OpenDialog))
        pilot.app.screen.query_one(Input).value = str(tmp_path / name)
        await pilot.press("enter")
        await until(pilot, lambda: _shows(pilot, f"{name} · from a file", "⇐ 221 2.0.0 Bye"))
        await pilot.press("right")
        await until(pilot, lambda: _shows(pilot, "TLSv1.3 TLS_AES_256_GCM_SHA384"))
        await pilot.press("right")
        await until(pilot, lambda: _shows(pilot, "+ 1 added, - 1 withdrawn, ~ 1 changed"))
        await pilot.press("right")
        await until(pilot, lambda: _shows(pilot, "UPLOAD" if name == "a.jsonl" else "BANNER"))
        await pilot.press("r")
        await until(pilot, lambda: name in painted(pilot.app.screen))


async def test_a_file_that_is_none_is_told_and_another_can_be_named(tmp_path: Path) -> None:
    bad, good = tmp_path / "bad.jsonl", tmp_path / "good.jsonl"
    bad.write_text('{"at": 1}\n\x1b[31mnot json\n')
    async with scripted(Scene(), sandbox=FixedSandbox()) as pilot:
        await _sent(pilot)
        await _save_as(pilot, good)
        await pilot.press("o")
        await until(pilot, lambda: isinstance(pilot.app.screen, OpenDialog))
        await pilot.press("enter")
        await until(pilot, lambda: "Type the name of a file" in painted(pilot.app.screen))
        pilot.app.screen.query_one(Input).value = "~no-such-user/x.txt"
        await pilot.press("enter")
        await until(pilot, lambda: "~no-such-user/x.txt cannot be read" in painted(pilot.app.screen))
        pilot.app.screen.query_one(Input).value = str(bad)
        await pilot.press("enter")
        await until(pilot, lambda: "line 1 has no “kind”" in painted(pilot.app.screen))
        pilot.app.screen.query_one(Input).value = str(good)
        await pilot.press("enter")
        await until(pilot, lambda: _shows(pilot, "good.jsonl · from a file"))


async def test_the_palette_shows_a_tab() -> None:
    async with scripted(Scene(), sandbox=FixedSandbox()) as pilot:
        await _sent(pilot)
        await pilot.press("ctrl+p")
        await type_text(pilot, "where the time went")
        await until(pilot, lambda: "Show where the time went" in painted(pilot.app.screen))
        await pilot.press("down", "enter")
        await until(pilot, lambda: _shows(pilot, "BANNER", "slowest"))


async def test_keys_of_the_transcript_do_nothing_on_other_tabs() -> None:
    async with scripted(Scene(), sandbox=FixedSandbox()) as pilot:
        await pilot.press("f6", "slash", "f", "w", "n", "r", "y", "f3")
        assert "Find" not in painted(log(pilot))
        await _sent(pilot)
        await pilot.press("right", "slash", "f", "w", "enter")
        await until(pilot, lambda: _shows(pilot, "TLS 1.3"))
        assert "Find" not in painted(log(pilot))
        assert "Filter" not in painted(log(pilot))


async def test_without_a_terminal_to_lend_the_pager_is_refused_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setenv("PAGER", "cat")
    async with scripted(Scene(), sandbox=FixedSandbox()) as pilot:
        await _sent(pilot)
        await pilot.press("f3")
        await until(pilot, lambda: "cannot be lent to a pager" in painted(pilot.app.screen))
        monkeypatch.setenv("PAGER", "no-such-pager --now")
        await pilot.press("f3")
        await until(pilot, lambda: "$PAGER names no-such-pager" in painted(pilot.app.screen))
    assert not os.listdir(tmp_path)
