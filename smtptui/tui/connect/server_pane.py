"""The pane at the left: the servers one knows, and what can be done with a profile of the file."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.getters import query_one
from textual.message import Message
from textual.widgets import Static

from smtptui.config import ChangedMeanwhile, WriteError, WriteResult
from smtptui.profiles import (
    EditByHand,
    NameTaken,
    Profile,
    ProfilesError,
    SecretError,
    SecretOrigin,
    UnknownProfile,
    secret_word,
)
from smtptui.tui.connect.profile_editor import Edited, ProfileEditor
from smtptui.tui.connect.secret_dialog import Keep, SecretDialog, Typed
from smtptui.tui.connect.server import Server
from smtptui.tui.connect.server_list import ServerList
from smtptui.tui.connect.session_state import SessionState
from smtptui.tui.connect.values import Values, values_of
from smtptui.tui.keys.registry import Where, bindings
from smtptui.tui.programs.editor import EditorError, edit_file
from smtptui.tui.widgets.question import Question

LOOK_EVERY = 2.0
"""Seconds between looks at the file."""
_EMPTY = """\
No profiles yet.

a  add one
n  from a preset

Or fill in the
connection, then
ctrl+s keeps it."""


class ServerPane(Vertical):
    """The sandbox's servers, then the profiles in the order of the file."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.PROFILES)
    HELP = """\
## Profiles

Servers one knows. **enter** fills the connection, **t** tries it (connect, EHLO, TLS, login; no mail), **a** adds,
**e** edits, **c** copies, **d** removes, **p** sets or forgets the password in the keyring, **n** begins with a
provider's preset.

They are kept in `profiles.yaml` (`smtptui profiles locate` says where). What you wrote there by hand stays as it is;
a change by another program is noticed.
"""

    list = query_one(ServerList)
    says = query_one("#servers-say", Static)

    class Loaded(Message):
        """These are the servers now."""

    @dataclass
    class TestWanted(Message):
        """A server shall be tried."""

        server: Server

    @dataclass
    class Saved(Message):
        """A profile was written; ``filled`` tells that the connection rows were its source."""

        name: str
        filled: bool

    class PresetsWanted(Message):
        """The connection shall begin with a preset."""

    @dataclass
    class Notice(Message):
        """Something to tell the user in passing."""

        text: str
        failed: bool = False

    def __init__(self, state: SessionState) -> None:
        super().__init__(id="servers", classes="pane")
        self.border_title = "Profiles"
        self._own = state.own
        self._store = state.store
        self._keyring = state.keyring
        self._environ = state.environ
        self._faults: tuple[str, ...] = ()
        self._told = False

    def compose(self) -> ComposeResult:
        """List, and a word below it."""
        yield ServerList()
        yield Static("", markup=False, id="servers-say")

    def on_mount(self) -> None:
        """Read the file, and look at it again and again."""
        self.load()
        self.set_interval(LOOK_EVERY, self._look)

    # The file

    @property
    def servers(self) -> tuple[Server, ...]:
        """All that can be chosen."""
        return self.list.servers

    @property
    def kept(self) -> tuple[Profile, ...]:
        """The profiles of the file."""
        return tuple(server.profile for server in self.servers if not server.own)

    def know_own(self, own: Sequence[Server]) -> None:
        """The sandbox has been started."""
        self._own = tuple(own)
        self.load()

    def load(self) -> None:
        """Read the file; where profiles are broken the others are shown."""
        try:
            profiles = self._store.load()
            faults: tuple[str, ...] = ()
        except ProfilesError as error:
            profiles, faults = self._store.readable, error.sentences
        self._told = False
        folder = self._store.path.parent
        self.list.show([*self._own, *(Server(profile, folder=folder) for profile in profiles)])
        if faults and faults != self._faults:
            count = len(faults)
            self.post_message(
                self.Notice(
                    f"{self._store.path.name} has {count} fault{'s' * (count != 1)}. F2, then x, shows what is wrong.",
                    True,
                )
            )
        self._faults = faults
        self._say()
        self.post_message(self.Loaded())

    def _say(self) -> None:
        if self._faults:
            count = len(self._faults)
            text = f"! {count} fault{'s' * (count != 1)} in\n{self._store.path.name}: x shows"
        else:
            text = "" if self.kept else _EMPTY
        self.says.update(text)
        self.says.display = bool(text)
        self.says.set_class(bool(self._faults), "-faults")
        self.refresh_bindings()

    def _look(self) -> None:
        if not self._store.changed():
            return
        dialog = self.app.screen is not self.screen and self.screen in self.app.screen_stack
        if not dialog:
            self.load()
            self.post_message(self.Notice(f"{self._store.path.name} was changed by another program and read again."))
        elif not self._told:
            # Its answer shall meet the list it was asked about.
            self._told = True
            self.post_message(
                self.Notice(f"{self._store.path.name} was changed by another program. It is read when this is done.")
            )

    def write(self, change: Callable[[], WriteResult]) -> str | None:
        """Do a change of the file and read it again; returns a sentence where that failed."""
        try:
            done = change()
        except ChangedMeanwhile as error:
            self._ask_reload(str(error))
            return str(error)
        except (EditByHand, NameTaken, ProfilesError, UnknownProfile, WriteError) as error:
            return str(error)
        if done.closed:
            self.post_message(self.Notice(f"{self._store.path.name} can be read by nobody but you now."))
        self.load()
        return None

    def _ask_reload(self, sentence: str) -> None:
        def answered(answer: str | None) -> None:
            if answer == "reload":
                self.load()

        self.app.push_screen(
            Question(
                "Changed meanwhile",
                f"{sentence} After reading it again you can save once more; what you typed stays.",
                (("reload", "Read r", "r"),),
            ),
            answered,
        )

    @on(ServerList.OptionHighlighted)
    def _moved(self, event: ServerList.OptionHighlighted) -> None:
        """What can be done depends on what is under the cursor."""
        event.stop()
        self.refresh_bindings()

    # What can be done with a profile

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The sandbox's servers are in no file, and where nothing is wrong there is nothing to show."""
        match action:
            case "edit" | "copy" | "remove" | "password":
                return self._current is not None
            case "test":
                return self.list.current is not None
            case "faults":
                return bool(self._faults)
            case _:
                return True

    @property
    def _current(self) -> Profile | None:
        server = self.list.current
        return server.profile if server is not None and not server.own else None

    def action_add(self) -> None:
        """A new profile from nothing."""
        self.edit("Add a profile", {})

    def action_edit(self) -> None:
        """The profile under the cursor."""
        profile = self._current
        if profile is not None:
            self.edit(f"Edit {profile.name}", values_of(profile), old=profile.name)

    def action_copy(self) -> None:
        """Another profile that begins like this one."""
        profile = self._current
        if profile is not None:
            self.edit(
                f"Copy of {profile.name}",
                values_of(profile),
                name=self._free(f"{profile.name} copy"),
                after=profile.name,
            )

    def edit(
        self, title: str, values: Values, *, old: str = "", name: str = "", after: str = "", filled: bool = False
    ) -> None:
        """Open the editor; ``old`` is the profile it changes, else it is a new one, ``after`` another or at the end."""

        def save(edited: Edited) -> str | None:
            profile = edited.profile
            return self.write(
                lambda: self._store.replace(old, profile) if old else self._store.add(profile, after=after)
            )

        def done(edited: Edited | None) -> None:
            if edited is not None:
                self._show(edited.profile.name)
                self.post_message(self.Saved(edited.profile.name, filled))

        taken = {profile.name for profile in self.kept} | {server.name for server in self._own}
        self.app.push_screen(ProfileEditor(title, values, name=name or old, taken=taken - {old}, save=save), done)

    def save(self, name: str, profile: Profile, *, filled: bool) -> None:
        """Write changes of a profile without the editor."""
        trouble = self.write(lambda: self._store.replace(name, profile))
        if trouble is None:
            self._show(profile.name)
            self.post_message(self.Saved(profile.name, filled))
        else:
            self.post_message(self.Notice(trouble, True))

    def action_remove(self) -> None:
        """Take the profile out of the file, after a question."""
        profile = self._current
        if profile is None:
            return

        def answered(answer: str | None) -> None:
            if answer == "remove":
                trouble = self.write(lambda: self._store.remove(profile.name))
                self.post_message(self.Notice(trouble or f"{profile.name} was removed.", trouble is not None))

        kept = f" Its {secret_word(profile)} stays in the keyring; p forgets it." if _in_keyring(profile) else ""
        self.app.push_screen(
            Question(
                "Remove this profile?",
                f"{profile.name} · {profile.connection().label} is taken out of {self._store.path}. Comments and all "
                f"other profiles stay.{kept}",
                (("remove", "Remove d", "d"),),
            ),
            answered,
        )

    def action_test(self) -> None:
        """Connect, EHLO, TLS, login; no mail."""
        server = self.list.current
        if server is not None:
            self.post_message(self.TestWanted(server))

    def action_presets(self) -> None:
        """Begin with what is known of a provider."""
        self.post_message(self.PresetsWanted())

    def action_faults(self) -> None:
        """All that is wrong in the file."""
        if not self._faults:
            return
        count = len(self._faults)
        text = "\n\n".join(f"✗ {fault}" for fault in self._faults)

        def answered(answer: str | None) -> None:
            if answer == "edit":
                self.action_by_hand()

        self.app.push_screen(
            Question(
                f"{count} fault{'s' * (count != 1)} in {self._store.path.name}",
                f"{text}\n\nThe other profiles can be used. F4 opens the file in your editor.",
                (("edit", "Editor F4", "f4"),),
            ),
            answered,
        )

    def action_by_hand(self) -> None:
        """The file in the user's editor."""
        self.run_worker(self._by_hand(), name="by-hand", group="by-hand", exclusive=True)

    async def _by_hand(self) -> None:
        try:
            await edit_file(self.app, self._store.path, self._environ)
        except EditorError as error:
            self.post_message(self.Notice(str(error), True))
        self.load()

    def action_password(self) -> None:
        """Set, replace or forget what the keyring has."""
        profile = self._current
        if profile is None:
            return
        if not _in_keyring(profile):
            nobody = profile.secret_origin is SecretOrigin.NONE
            why = "nobody logs in" if nobody else "its secret comes from elsewhere; e can change that"
            self.post_message(self.Notice(f"The keyring has nothing of {profile.name}: {why}."))
            return
        self.run_worker(self._password(profile), name="password", group="password", exclusive=True)

    async def _password(self, profile: Profile) -> None:
        word = secret_word(profile)
        answer = await self.app.push_screen_wait(
            Question(
                f"The {word} of {profile.name}",
                f"In the keyring, for {profile.user} at {profile.connection().label}. Set it, in place of one kept "
                "before; or forget it.",
                (("set", "Set s", "s"), ("forget", "Forget f", "f")),
            )
        )
        try:
            if answer == "set":
                typed: Typed | None = await self.app.push_screen_wait(
                    SecretDialog(profile, keeps=(Keep.KEYRING,), done="Keep")
                )
                if typed is None:
                    return
                self.post_message(self.Notice(f"Asking the keyring to keep the {word} …"))
                replaced = await self._keyring.set(profile, typed.secret)
                done = f"The keyring has {'another' if replaced else 'the'} {word} of {profile.user} now."
            elif answer == "forget":
                self.post_message(self.Notice(f"Asking the keyring to forget the {word} …"))
                was = await self._keyring.forget(profile)
                done = f"The keyring {'forgot the' if was else 'had no'} {word} of {profile.user}."
            else:
                return
        except SecretError as error:
            self.post_message(self.Notice(str(error), True))
        else:
            self.post_message(self.Notice(done))

    def _show(self, name: str) -> None:
        self.list.mark(next((server for server in self.servers if server.name == name), None))

    def _free(self, name: str) -> str:
        taken = {server.name for server in self.servers}
        return next(each for each in (name, *(f"{name} {n}" for n in range(2, len(taken) + 3))) if each not in taken)


def _in_keyring(profile: Profile) -> bool:
    return profile.secret_origin is SecretOrigin.KEYRING
