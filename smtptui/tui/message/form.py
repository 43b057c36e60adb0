"""The message form: a row of tabs, and the tab that is shown."""

import asyncio
import os
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

from textual import on
from textual.app import SuspendNotSupported
from textual.binding import BindingType
from textual.message import Message as TuiMessage
from textual.worker import Worker, WorkerState

from smtptui.message import Draft
from smtptui.protocol import visible
from smtptui.tui.crash import bug_sentence
from smtptui.tui.keys.registry import Where, bindings
from smtptui.tui.message.drafts import Drafts
from smtptui.tui.message.fields import MessageFields
from smtptui.tui.message.files_pane import FilesPane
from smtptui.tui.message.model import FieldError, File, Format, Letter, Whole, attached, letter_of
from smtptui.tui.message.outgoing import Outgoing, message_of, outgoing
from smtptui.tui.message.preview import Preview, kinds_of
from smtptui.tui.message.state import from_state, lost_of, to_state, whole_of
from smtptui.tui.message.whole_pane import WholePane
from smtptui.tui.programs.editor import EditorError, edit, editor_command
from smtptui.tui.widgets.file_picker import FilePicker
from smtptui.tui.widgets.forms import FormError


class MessageForm(MessageFields):
    """The fields, and what can be done with a message: send, save, open, preview, edit."""

    HELP = """\
### The message

← and → on the row of tabs switch, enter goes into one. F3 shows the message as its recipient will see it, ctrl+s saves
it as a draft (.eml), ctrl+o opens one; the palette can also send a message file as it is.
"""
    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.MESSAGE)

    @dataclass
    class Notice(TuiMessage):
        """Something to tell the user in passing."""

        text: str
        failed: bool = False

    def __init__(
        self, now: Callable[[], datetime], random_token: Callable[[], str], *, busy: Callable[[], bool]
    ) -> None:
        """``busy`` tells whether a session runs, which an editor in front of it would make stand still."""
        super().__init__()
        self._now = now
        self._random_token = random_token
        self._busy = busy
        self.drafts = Drafts(self, now, random_token)

    def fill(self, draft: Draft) -> None:
        """Take over a draft."""
        self.take_letter(letter_of(draft))
        self.drafts.keep(self.letter())

    def take_whole(self, whole: Whole) -> None:
        """Send this as it is; there is nothing in it that could be lost."""
        super().take_whole(whole)
        self.drafts.keep(self.letter())

    def snapshot(self) -> dict[str, object]:
        """All of it as values that JSON can hold, for :meth:`restore`; files by path only."""
        return to_state(self.filled())

    def restore(self, state: Mapping[str, object]) -> None:
        """Fill in what a snapshot holds; what cannot be used of it is left empty. It does not count as saved."""
        filled = from_state(state)
        self.take_letter(filled.letter)
        self.drafts.keep(Letter())
        self.envelope.fill(filled.handling.envelope_from, filled.handling.envelope_to)
        self.options.fill(filled.handling)
        if lost := lost_of(state):
            many = lost != 1
            self.say(
                f"{lost} attachment{'s' * many} that came with a draft {'were' if many else 'was'} not kept: "
                "open the draft again.",
                failed=True,
            )
        if (path := whole_of(state)) is not None:
            self._work(self.drafts.open_file(path, whole=True))

    async def outgoing(self) -> Outgoing:
        """What a session needs, made in a thread of its own; raises :class:`FormError`."""
        filled = self.filled()
        try:
            return await asyncio.to_thread(outgoing, filled, now=self._now(), random_token=self._random_token)
        except FieldError as error:
            if error.field == "files":
                await self._look_again()
            raise FormError(str(error), self.field(error.field)) from error

    async def _look_again(self) -> None:
        """Take over what has become of the files, now that the user was told."""
        self.files.fill([await asyncio.to_thread(_as_it_is, file) for file in self.files.files])

    # What can be done with a message

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What is sent as it is has no fields; an editor needs the terminal for itself."""
        match action:
            case "editor":
                return self._whole is None and not self._busy()
            case "save_draft" | "attach" | "more":
                return self._whole is None
            case _:
                return True

    def say(self, sentence: str, *, failed: bool = False) -> None:
        """Tell the user in passing."""
        self.post_message(self.Notice(sentence, failed))

    def _work(self, coroutine: Coroutine[None, None, object]) -> None:
        self.run_worker(coroutine, group="message", exclusive=True, exit_on_error=False)

    @on(Worker.StateChanged)
    def _worker_changed(self, event: Worker.StateChanged) -> None:
        event.stop()
        if event.state is WorkerState.ERROR:
            self.say(bug_sentence(event.worker.error), failed=True)

    def action_new_draft(self) -> None:
        """Begin a new message."""
        self._work(self.drafts.begin())

    def action_open_draft(self) -> None:
        """Open a draft."""
        self._work(self.drafts.open())

    def action_open_whole(self) -> None:
        """Choose a message that is sent as it is."""
        self._work(self.drafts.open(whole=True))

    def action_save_draft(self) -> None:
        """Save the message as a draft."""
        self._work(self._save())

    async def _save(self) -> None:
        await self.drafts.save()
        self.work_out()

    @on(WholePane.Left)
    def _whole_left(self, event: WholePane.Left) -> None:
        event.stop()
        self.take_letter(Letter())
        self.drafts.keep(self.letter())
        self.entry.focus()

    @on(FilesPane.Wanted)
    def action_attach(self) -> None:
        """Choose a file and attach it."""
        self._work(self._attach_file())

    async def _attach_file(self) -> None:
        path = await self.app.push_screen_wait(FilePicker("Attach a file", self.drafts.folder))
        if path is None:
            return
        self.drafts.folder = path.parent
        self.action_tab("files")
        try:
            self.files.add(await asyncio.to_thread(attached, path))
        except OSError as error:
            self.say(f"{path} cannot be attached: {error.strerror or error}.", failed=True)

    def action_preview(self) -> None:
        """The message as its recipient will see it."""
        self._work(self._preview())

    async def _preview(self) -> None:
        filled = self.filled()
        try:
            message = await asyncio.to_thread(message_of, filled, now=self._now(), random_token=self._random_token)
            kinds = await asyncio.to_thread(kinds_of, message)
        except FieldError as error:
            self.say(f"There is nothing to preview. {error}", failed=True)
            field = self.field(error.field)
            self.reveal(field)
            field.focus()
            return
        await self.app.push_screen(Preview(message, kinds))

    def action_editor(self) -> None:
        """The text in the user's editor."""
        pane = self.pane
        before = pane.body.text
        try:
            command = editor_command(os.environ)
            with self.app.suspend():
                after = edit(before, Format(pane.format.value).suffix, command)
        except EditorError as error:
            self.say(str(error), failed=True)
            return
        except SuspendNotSupported:
            self.say("The editor needs a terminal that can be handed over, and this one cannot.", failed=True)
            return
        if after != before:
            # As one edit, so that it can be undone.
            pane.body.replace(after, pane.body.document.start, pane.body.document.end)
            pane.body.move_cursor((0, 0))
        self.action_tab("message")
        pane.body.focus()

    def file_name(self, letter: Letter) -> str:
        """The draft's file, with a star while it does not hold what is written."""
        path = self.drafts.path
        if self._whole is not None or path is None:
            return ""
        return f"{visible(path.name)}{' *' if self.drafts.changed(letter) else ''}"


def _as_it_is(file: File) -> File:
    """A file's facts as they are now; one that is gone keeps those it had."""
    if file.path is None:
        return file
    try:
        now = attached(file.path)
    except OSError:
        return file
    return replace(file, size=now.size, changed=now.changed)
