"""Pictures of the message form: each tab empty and filled, its dialogs, at both sizes; each beside what it must say."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from textual.widgets import Input, TextArea

from smtptui.message import Attachment, Draft, Encoding, load_eml
from smtptui.protocol import Notify, Ret, Stage
from smtptui.tui.app.app import Workbench
from smtptui.tui.message import MessageForm
from smtptui.tui.message.draft_dialogs import AskOpening, AskUnsaved
from smtptui.tui.message.model import Whole
from smtptui.tui.widgets.file_picker import FilePicker
from tests.tui.harness import TUI, FixedSandbox, opened, painted, session, until, workbench

Snap = Callable[..., bool]
Act = Callable[[TUI, MessageForm], Awaitable[None]]
SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=["80x24", "120x36"])
FULL = Draft(
    sender="Me <me@example.org>",
    to=("you@example.net", "them@example.net"),
    cc=("office@example.org",),
    bcc=("archive@example.org",),
    subject="Relay test with all there is",
    text="# Hello\n\nthis is a test of the *office relay*.\n\n- one\n- two\n",
    markdown=True,
    headers=(("X-Mailer", "smtptui"), ("Message-ID", "<test.1@example.org>"), ("Date", "yesterday")),
    attachments=(
        Attachment("quarterly report.pdf", b"%PDF" * 70_000, "application/pdf"),
        Attachment("Übersicht.csv", b"a,b\n" * 200, "text/csv"),
    ),
    inline=(Attachment("logo.png", b"\x89PNG" * 3000, "image/png"),),
)


@pytest.fixture(autouse=True)
def _dark(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)


def app() -> Workbench:
    return workbench(lambda work: asyncio.get_running_loop().create_task(work), sandbox=FixedSandbox())


def still(act: Act) -> Callable[[TUI], Awaitable[None]]:
    """Act once the app is open, with cursors that do not blink."""

    async def run(pilot: TUI) -> None:
        await opened(pilot)
        form = session(pilot).message
        await act(pilot, form)
        for screen in {pilot.app.screen, form.screen}:
            for field in screen.query(Input):
                field.cursor_blink = False
            for area in screen.query(TextArea):
                area.cursor_blink = False

    return run


def shows(pilot: TUI, *texts: str) -> Callable[[], bool]:
    return lambda: all(text in painted(pilot.app.screen) for text in texts)


async def filled(form: MessageForm, tab: str) -> None:
    form.fill(FULL)
    form.action_tab(tab)


@SIZES
def test_message(snap_compare: Snap, size: tuple[int, int]) -> None:
    async def act(pilot: TUI, form: MessageForm) -> None:
        await filled(form, "message")
        await until(pilot, shows(pilot, "archive@example.org", "[Markdown]", "Headers 3", "Attachments 3"))

    assert snap_compare(app(), terminal_size=size, run_before=still(act))


@SIZES
def test_the_row_of_tabs_with_the_focus(snap_compare: Snap, size: tuple[int, int]) -> None:
    async def act(pilot: TUI, form: MessageForm) -> None:
        form.tabs.focus()
        await until(pilot, lambda: form.tabs.has_focus)

    assert snap_compare(app(), terminal_size=size, run_before=still(act))


@SIZES
@pytest.mark.parametrize("kind", ["own", "other"])
def test_envelope(snap_compare: Snap, size: tuple[int, int], kind: str) -> None:
    async def act(pilot: TUI, form: MessageForm) -> None:
        await filled(form, "envelope")
        if kind == "other":
            form.envelope.fill("<>", "a@example.com, b@example.com")
            form.options.wanted.choose(["failure", "delay"])
            await until(pilot, shows(pilot, "RCPT TO:<b@example.com> NOTIFY=FAILURE,DELAY", "Envelope •"))
        else:
            await until(pilot, shows(pilot, "RCPT TO:<archive@example.org>", "from the header"))

    assert snap_compare(app(), terminal_size=size, run_before=still(act))


@SIZES
@pytest.mark.parametrize("kind", ["empty", "wrong"])
def test_headers(snap_compare: Snap, size: tuple[int, int], kind: str) -> None:
    async def act(pilot: TUI, form: MessageForm) -> None:
        if kind == "empty":
            form.action_tab("headers")
            await until(pilot, shows(pilot, "Name", "Value"))
        else:
            await filled(form, "headers")
            await until(pilot, shows(pilot, "'yesterday' is no date", "replaces the id that is made"))

    assert snap_compare(app(), terminal_size=size, run_before=still(act))


def test_headers_without_colour(snap_compare: Snap, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")

    async def act(pilot: TUI, form: MessageForm) -> None:
        await filled(form, "headers")
        await until(pilot, shows(pilot, "✗ Date: 'yesterday' is no date"))

    assert snap_compare(app(), terminal_size=(80, 24), run_before=still(act))


@SIZES
@pytest.mark.parametrize("kind", ["empty", "filled"])
def test_attachments(snap_compare: Snap, size: tuple[int, int], kind: str) -> None:
    async def act(pilot: TUI, form: MessageForm) -> None:
        if kind == "empty":
            form.action_tab("files")
            await until(pilot, shows(pilot, "No file yet. a attaches one."))
        else:
            await filled(form, "files")
            await until(pilot, shows(pilot, "3 files", "on the wire", "inline"))

    assert snap_compare(app(), terminal_size=size, run_before=still(act))


@SIZES
@pytest.mark.parametrize("kind", ["default", "set"])
def test_options(snap_compare: Snap, size: tuple[int, int], kind: str) -> None:
    async def act(pilot: TUI, form: MessageForm) -> None:
        if kind == "set":
            state = form.snapshot() | {
                "notify": [Notify.SUCCESS.value, Notify.FAILURE.value],
                "ret": Ret.HDRS.value,
                "envid": "q-2026-1",
                "encoding": Encoding.EIGHT_BIT.value,
                "smtputf8": True,
                "leave": "QUIT",
                "leave_after": Stage.RCPT.value,
            }
            form.restore(state)
        form.action_tab("options")
        await until(pilot, shows(pilot, "Says QUIT once RCPT" if kind == "set" else "goes on to its end"))

    assert snap_compare(app(), terminal_size=size, run_before=still(act))


@SIZES
def test_a_message_as_it_is(snap_compare: Snap, size: tuple[int, int]) -> None:
    data = b"From: a@example.org\r\nTo: b@example.net\r\nSubject: as it is\r\n\r\nHello.\r\n"

    async def act(pilot: TUI, form: MessageForm) -> None:
        form.take_whole(Whole(Path("/home/me/newsletter.eml"), load_eml(data)))
        form.action_tab("message")
        await until(pilot, shows(pilot, "newsletter.eml, 69 octets, goes out as it is.", "Subject: as it is"))

    assert snap_compare(app(), terminal_size=size, run_before=still(act))


@SIZES
@pytest.mark.parametrize("kind", ["text", "html", "raw"])
def test_preview(snap_compare: Snap, size: tuple[int, int], kind: str) -> None:
    async def act(pilot: TUI, form: MessageForm) -> None:
        await filled(form, "message")
        form.headers.fill(())
        await pilot.press("f3")
        await until(pilot, shows(pilot, "Relay test with all there is", "- one" if size[1] > 30 else "Hello"))
        await pilot.press(*["v"] * ["text", "html", "raw"].index(kind))
        says = {"text": "Hello", "html": "office relay", "raw": "MIME-Version: 1.0"}
        await until(pilot, shows(pilot, says[kind]))

    assert snap_compare(app(), terminal_size=size, run_before=still(act))


@SIZES
@pytest.mark.parametrize("kind", ["folder", "missing"])
def test_picker(
    snap_compare: Snap, size: tuple[int, int], kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    for number in range(1, 40):
        (home / f"invoice-{number:03}.pdf").write_bytes(b"x" * number * 700)
    for name in ("archive", "Documents", ".config"):
        (home / name).mkdir()
    monkeypatch.setenv("HOME", str(home))

    async def act(pilot: TUI, form: MessageForm) -> None:
        form.drafts.folder = home
        form.action_attach()
        await until(pilot, lambda: isinstance(pilot.app.screen, FilePicker))
        await until(pilot, shows(pilot, "archive/", "41 of 42 · 1 hidden"))
        if kind == "missing":
            pilot.app.screen.query_one(Input).value = "/nonexistent/"
            await until(pilot, shows(pilot, "/nonexistent cannot be read: No such file or directory."))

    assert snap_compare(app(), terminal_size=size, run_before=still(act))


def test_attachment(snap_compare: Snap) -> None:
    async def act(pilot: TUI, form: MessageForm) -> None:
        await filled(form, "files")
        await pilot.press("enter")
        await until(pilot, shows(pilot, "came with the draft", "[attached]"))

    assert snap_compare(app(), terminal_size=(80, 24), run_before=still(act))


def test_unsaved(snap_compare: Snap) -> None:
    async def act(pilot: TUI, form: MessageForm) -> None:
        form.subject.value = "Changed"
        await pilot.press("ctrl+o")
        await until(pilot, lambda: isinstance(pilot.app.screen, AskUnsaved))
        await until(pilot, shows(pilot, "no draft file holds", "Discard d"))

    assert snap_compare(app(), terminal_size=(80, 24), run_before=still(act))


@SIZES
def test_what_does_not_fit(snap_compare: Snap, size: tuple[int, int], tmp_path: Path) -> None:
    path = tmp_path / "signed.eml"
    path.write_bytes(
        b"Received: from a by b\r\nFrom: a@example.org\r\nDate: Mon, 06 May 2024 07:08:09 +0000\r\n"
        b"Content-Type: multipart/signed; boundary=s\r\n\r\n--s\r\nContent-Type: text/plain; charset=latin1\r\n\r\n"
        b"hi\r\n--s\r\nContent-Type: application/pgp-signature\r\n\r\nxyz\r\n--s--\r\n"
    )

    async def act(pilot: TUI, form: MessageForm) -> None:
        form._work(form.drafts.open_file(path))
        await until(pilot, lambda: isinstance(pilot.app.screen, AskOpening))
        await until(pilot, shows(pilot, "signed.eml, when it is edited", "As it is w"))

    assert snap_compare(app(), terminal_size=size, run_before=still(act))
