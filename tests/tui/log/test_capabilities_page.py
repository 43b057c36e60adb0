"""Capabilities: beside each other where there is room, else below; whatever a server says fits and does nothing."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from smtptui.protocol import EventKind, Stage, visible
from smtptui.transcript import Transcript
from smtptui.tui.log.capabilities_page import CapabilitiesPage
from smtptui.tui.log.opened import Opened
from smtptui.tui.widgets.rows import Row
from tests.tui.log.scenes import CLEAR, INSIDE


def rows(width: int, *replies: tuple[bool, str]) -> list[Row]:
    """The page after these replies to EHLO."""
    transcript = Transcript(started=datetime(2026, 1, 2, tzinfo=UTC))
    for tls, text in replies:
        transcript.add(EventKind.REPLY, Stage.EHLO_TLS if tls else Stage.EHLO, text, at=0.1, tls=tls, code=250)
    page = CapabilitiesPage()
    page.watch(Opened(Path("x"), transcript))
    while not page.advance():
        pass
    return page.rows(width)


def texts(width: int, *replies: tuple[bool, str]) -> list[str]:
    """As text, without the blank rows."""
    return [row.text for row in rows(width, *replies) if row.text.strip()]


def test_in_a_wide_pane_both_stand_beside_each_other() -> None:
    page = texts(100, (False, CLEAR), (True, INSIDE))
    assert page[0] == "mail.example.org · with TLS: + 1 added, - 1 withdrawn, ~ 1 changed"
    assert page[1].split() == ["in", "the", "clear", "inside", "TLS"]
    assert page[2].split() == ["~", "SIZE", "52428800", "104857600"]
    assert any(line.split() == ["-", "STARTTLS", "offered", "–"] for line in page)
    assert any(line.split()[:3] == ["+", "AUTH", "–"] for line in page)


def test_in_a_narrow_pane_what_differs_stands_below_each_other() -> None:
    page = texts(76, (False, CLEAR), (True, INSIDE))
    place = page.index("~ SIZE  changed by TLS")
    assert page[place + 1 : place + 3] == ["    in the clear  52428800", "    inside TLS    104857600"]
    assert "  LIMITS                RCPTMAX=100 MAILMAX=20" in page


@pytest.mark.parametrize(("tls", "where"), [(True, "inside TLS"), (False, "in the clear")])
def test_with_one_reply_there_is_nothing_to_compare(tls: bool, where: str) -> None:
    page = texts(76, (tls, CLEAR))
    assert page[0] == f"mail.example.org offers {where}"
    assert not any(line.startswith(("+", "-", "~")) for line in page)


def test_a_server_without_extensions() -> None:
    assert texts(76, (False, "250 mx.test")) == ["mx.test offers in the clear", "It offers no extension at all."]
    assert "has not said yet" in texts(76)[0]


@settings(deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.binary(max_size=200)), max_size=3), st.integers(50, 140))
def test_whatever_a_server_says_fits_and_does_nothing(said: list[tuple[bool, bytes]], width: int) -> None:
    replies = [(tls, "250-mx\r\n250-" + octets.decode("utf-8", "surrogateescape")) for tls, octets in said]
    for row in rows(width, *replies):
        assert visible(row.text) == row.text
        # A name of any length is cut where it is painted.
        assert cell_len(row.text) <= width or len(row.parts[0][0]) > 20
