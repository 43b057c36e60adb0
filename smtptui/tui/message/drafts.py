"""Drafts opened and saved: the questions in their order, the files, and what counts as not saved."""

import asyncio
import errno
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Protocol

from textual.app import App

from smtptui.config import Intake, TooLargeError
from smtptui.message import Draft, Message, MessageError, load_eml, read_draft, write_draft
from smtptui.protocol import visible
from smtptui.tui.message.draft_dialogs import AskOpening, AskUnsaved, Leaving, Opening
from smtptui.tui.message.model import Letter, Whole, letter_of, ordinary
from smtptui.tui.message.outgoing import draft_of, field_error
from smtptui.tui.widgets.file_picker import FilePicker
from smtptui.tui.widgets.save_dialog import SaveDialog, save_file

RandomToken = Callable[[], str]


class DraftForm(Protocol):
    """Where letters are written: the form, as far as drafts need it."""

    @property
    def app(self) -> App[object]:
        """Where dialogs are shown."""
        ...

    def letter(self) -> Letter:
        """What is written now."""
        ...

    def take_letter(self, letter: Letter) -> None:
        """Write this instead."""
        ...

    def take_whole(self, whole: Whole) -> None:
        """Send this as it is instead."""
        ...

    def say(self, sentence: str, *, failed: bool = False) -> None:
        """Tell the user in passing."""
        ...


class Drafts:
    """The file a letter belongs to, and whether it holds what is written. The methods run in workers."""

    def __init__(self, form: DraftForm, now: Callable[[], datetime], random_token: RandomToken) -> None:
        self._form = form
        self._now = now
        self._random_token = random_token
        self._kept = Letter()
        self.path: Path | None = None
        """The file that was opened or saved last."""
        self.folder = Path.cwd()
        """Where to look for files first."""

    def keep(self, letter: Letter, path: Path | None = None) -> None:
        """From now on this counts as saved."""
        self._kept, self.path = letter, path

    def changed(self, letter: Letter) -> bool:
        """Whether ``letter`` is not what was saved last."""
        return letter != self._kept

    async def begin(self) -> None:
        """A new letter, once the old one is safe."""
        if await self._may_leave():
            self._form.take_letter(Letter())
            self.keep(self._form.letter())

    async def open(self, *, whole: bool = False) -> None:
        """Ask for a file and open it, to be edited or to be sent as it is."""
        if not await self._may_leave():
            return
        title = "Send a message file as it is" if whole else "Open a draft"
        path = await self._form.app.push_screen_wait(FilePicker(title, self.folder))
        if path is not None:
            self.folder = path.parent
            await self.open_file(path, whole=whole)

    async def open_file(self, path: Path, *, whole: bool = False) -> None:
        """Open a file; tells in a sentence what keeps it from that."""
        name = visible(path.name)
        try:
            data = await asyncio.to_thread(_octets, path)
        except OSError as error:
            self._form.say(f"{name} cannot be read: {error.strerror or error}.", failed=True)
            return
        message, trouble = await asyncio.to_thread(_whole, data)
        if not whole:
            try:
                draft, notes = await asyncio.to_thread(read_draft, data)
            except MessageError as error:
                self._form.say(f"{name} is no draft. {error}", failed=True)
                return
            answer = await self._ask(name, draft, notes, possible=message is not None)
            if answer is Opening.EDIT:
                self._form.take_letter(letter_of(draft))
                self.keep(self._form.letter(), path)
            whole = answer is Opening.WHOLE
        if whole and message is not None:
            self._form.take_whole(Whole(path, message))
        elif whole:
            self._form.say(f"{name} cannot be sent. {trouble}", failed=True)

    async def save(self) -> bool:
        """Ask where, and save; returns whether it was done."""
        letter = self._form.letter()

        async def write(path: Path, overwrite: bool) -> None:
            await save_file(path, lambda: self._written(letter), overwrite)

        suggested = str(self.path if self.path is not None else self.folder / _file_name(letter))
        hint = "As .eml, with Bcc; envelope and options are no part of it."
        written = await self._form.app.push_screen_wait(SaveDialog("Save draft", hint, suggested, write))
        if written is None:
            return False
        path = Path(written)
        self.folder = path.parent
        self.keep(letter, path)
        self._form.say(f"Saved to {written}")
        return True

    def _written(self, letter: Letter) -> bytes:
        try:
            return write_draft(draft_of(letter), now=self._now(), random_token=self._random_token)
        except MessageError as error:
            raise field_error(letter, error) from error

    async def _may_leave(self) -> bool:
        if not self.changed(self._form.letter()):
            return True
        answer = await self._form.app.push_screen_wait(AskUnsaved())
        if answer is Leaving.SAVE:
            return await self.save()
        return answer is Leaving.DISCARD

    async def _ask(self, name: str, draft: Draft, notes: tuple[str, ...], *, possible: bool) -> Opening | None:
        if not notes:
            return Opening.EDIT
        return await self._form.app.push_screen_wait(AskOpening(name, notes, whole=possible))


def _octets(path: Path) -> bytes:
    ordinary(path)
    try:
        return Intake().file(path, regular=True)
    except TooLargeError as error:
        raise OSError(errno.EFBIG, str(error)) from error


def _whole(data: bytes) -> tuple[Message | None, str]:
    try:
        return load_eml(data), ""
    except MessageError as error:
        return None, str(error)


def _file_name(letter: Letter) -> str:
    words = re.sub(r"[^\w]+", "-", letter.subject.lower()).strip("-")[:40].rstrip("-")
    return f"{words or 'draft'}.eml"
