"""The file of known servers: read with all its faults at once, and changed in single places."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from smtptui.config import (
    CannotSplice,
    Fault,
    FileImage,
    MappingNode,
    Node,
    Pair,
    WriteResult,
    YamlFault,
    check,
    decoded,
    note_secret_variables,
    parse,
    plain,
    read_file,
    repeated,
    unchanged,
    write_private,
)
from smtptui.profiles.changes import added, edited, line_of, profiles_of, removed, source
from smtptui.profiles.model import Profile
from smtptui.profiles.profile_errors import EditByHand, NameTaken, ProfilesError, UnknownProfile, UnreadableProfiles

_SHARED = "something else would change with it, as where an anchor (&) is shared"
_UNSAFE = "no safe way to change it was found"
ASIDE = "x-"
"""How sections begin that are the user's own, as a place for anchors."""


class ProfileStore:
    """``profiles.yaml`` as it was when last loaded.

    Every change touches only what it is about, is read again before it is written, and is written only if the
    file is still the one loaded. It returns what writing did besides. Raises :class:`UnknownProfile`,
    :class:`NameTaken`, :class:`EditByHand`, :class:`ChangedMeanwhile` and :class:`WriteError`; after the second
    last, load again.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._image = FileImage(None)
        self._text = ""
        self._root: Node | None = None
        self._readable: tuple[Profile, ...] = ()
        self._error: ProfilesError | None = None
        self._loaded = False
        self._whole = True

    @property
    def readable(self) -> tuple[Profile, ...]:
        """The profiles without a fault, whatever is wrong with others."""
        return self._readable

    @property
    def exists(self) -> bool:
        """Whether there was a file."""
        return self._image.data is not None

    @property
    def image(self) -> FileImage:
        """The file as it was loaded."""
        return self._image

    @property
    def whole(self) -> bool:
        """Whether the file could be read as YAML, whatever is wrong with single profiles."""
        return self._whole

    @property
    def faults(self) -> tuple[Fault, ...]:
        """All that is wrong with the file."""
        return self._error.faults if self._error is not None else ()

    @property
    def names(self) -> tuple[str, ...]:
        """All names in the file, also those of profiles with faults."""
        mapping = profiles_of(self._root)
        return tuple(mapping.fields) if mapping is not None else ()

    def load(self) -> tuple[Profile, ...]:
        """Read the file; the profiles in its order. A missing file has none.

        Raises :class:`ProfilesError` with all faults; :attr:`readable` has what is fine.
        """
        self._loaded, self._root, self._text, self._readable, self._error = True, None, "", (), None
        self._whole = False
        try:
            self._image = read_file(self.path)
        except OSError as error:
            self._image = FileImage(b"")
            reason = (error.strerror or str(error)).rstrip(".")
            self._error = UnreadableProfiles(self.path, (Fault(None, f"it cannot be read: {reason}"),))
            raise self._error from error
        try:
            self._text = decoded(self._image.data or b"")
            self._root = parse(self._text)
        except YamlFault as error:
            self._error = ProfilesError(self.path, (error.fault,))
            raise self._error from error
        self._whole = True
        self._review()
        if self._error is not None:
            raise self._error
        return self._readable

    def changed(self) -> bool:
        """Whether the file is not the one loaded any more; cheap enough for a timer."""
        if isinstance(self._error, UnreadableProfiles):
            # As long as it cannot be read there is nothing new in it.
            return _readable(self.path)
        return not unchanged(self.path, self._image)

    def profile(self, name: str) -> Profile:
        """The profile of that name; raises :class:`UnknownProfile`, and :class:`ProfilesError` for its faults."""
        for profile in self._readable:
            if profile.name == name:
                return profile
        if self._error is not None and (not self._whole or name in self.names):
            mine = tuple(fault for fault in self._error.faults if fault.profile == name)
            raise ProfilesError(self.path, mine) if mine else self._error
        raise UnknownProfile(name, self.names)

    def line(self, name: str) -> int:
        """The line where a profile begins; raises :class:`UnknownProfile`."""
        return self._pair(name).key.line

    def source(self, name: str) -> str:
        """A profile as the file writes it; raises :class:`UnknownProfile`."""
        return source(self._text, self._pair(name))

    def add(self, profile: Profile, *, after: str = "") -> WriteResult:
        """Add a profile at the end, or behind another."""
        self._ready()
        if profile.name in self.names:
            raise NameTaken(profile.name)
        return self._change(profile.name, profile, lambda: added(self._text, self._root, profile, after))

    def replace(self, name: str, profile: Profile) -> WriteResult:
        """Make a profile mean ``profile``, which may have another name."""
        self._ready()
        pair = self._pair(name)
        if profile.name != name and profile.name in self.names:
            raise NameTaken(profile.name)
        old = next((known for known in self._readable if known.name == name), None)
        if old == profile:
            return WriteResult(self._image, closed=False)
        assert pair is not None
        return self._change(name, profile, lambda: edited(self._text, name, old, profile))

    def copy(self, name: str, new_name: str) -> WriteResult:
        """Add a profile like another, behind it."""
        self._ready()
        profile = self.profile(name)
        return self.add(Profile.model_validate({**dict(profile), "name": new_name}), after=name)

    def remove(self, name: str) -> WriteResult:
        """Remove a profile with its lines; comments above and below stay."""
        self._ready()
        self._pair(name)
        return self._change(name, None, lambda: removed(self._text, self._root, name))

    def _ready(self) -> None:
        """Be sure to know the file, and that it is YAML at all: nobody can splice what cannot be read."""
        if not self._loaded:
            try:
                self.load()
            except ProfilesError as error:
                if not self._whole:
                    raise error
        elif not self._whole and self._error is not None:
            raise self._error

    def _pair(self, name: str) -> Pair:
        mapping = profiles_of(self._root)
        pair = mapping.fields.get(name) if mapping is not None else None
        if pair is None:
            raise UnknownProfile(name, self.names)
        return pair

    def _change(self, name: str, profile: Profile | None, splice: Callable[[], str]) -> WriteResult:
        line = line_of(self._root, name)
        try:
            text = splice()
            data = text.encode()
            root = parse(decoded(data))
        except CannotSplice as error:
            raise EditByHand(self.path, error.line, error.why) from error
        except YamlFault as error:
            shared = error.fault.problem.startswith("this alias")
            raise EditByHand(self.path, line, _SHARED if shared else _UNSAFE) from error
        new_name = profile.name if profile is not None else None
        if list(_meaning(self._root, name, new_name)) != list(_meaning(root, new_name, new_name)):
            raise EditByHand(self.path, line, _SHARED)
        if profile is not None:
            self._compare(root, name, profile)
        result = write_private(self.path, data, expected=self._image)
        self._image, self._text, self._root = result.image, text, root
        self._review()
        return result

    def _compare(self, root: Node | None, name: str, profile: Profile) -> None:
        """See that the tree says what was wanted of a profile that was called ``name``."""
        found = profiles_of(root)
        changed = found.fields.get(profile.name) if found is not None else None
        meant, faults = _checked(changed) if changed is not None else (None, ())
        if faults:
            why = f"{faults[0].field}: {faults[0].problem}".removeprefix(": ")
            raise EditByHand(self.path, line_of(self._root, name, faults[0].field), why)
        if meant != profile:
            raise EditByHand(self.path, line_of(self._root, name), _UNSAFE)

    def _review(self) -> None:
        self._readable = ()
        faults = sorted(self._look(), key=lambda fault: fault.line or 0)
        self._error = ProfilesError(self.path, tuple(faults)) if faults else None

    def _look(self) -> list[Fault]:
        """Find the faults of the whole tree, and the profiles without one."""
        faults = [
            Fault(second.key.line, f"it is given already in line {first.key.line}; keep one", field=".".join(path))
            for path, second, first in repeated(self._root)
            if len(path) == 1 or (len(path) == 2 and path[0] == "profiles")
        ]
        root = self._root
        if root is None:
            return faults
        if not isinstance(root, MappingNode):
            return [*faults, Fault(root.line, "profiles: and then the servers by name belong here")]
        for name, pair in root.fields.items():
            if name != "profiles" and not name.startswith(ASIDE):
                problem = f"there is no such section; there is profiles, and what begins with {ASIDE} is left alone"
                faults.append(Fault(pair.key.line, problem, field=name))
        section = root.fields.get("profiles")
        if section is None or plain(section.value) is None:
            return faults
        if not isinstance(section.value, MappingNode):
            problem = "names of profiles belong below it, each with its fields"
            return [*faults, Fault(section.key.line, problem, field="profiles")]
        readable = []
        for pair in section.value.fields.values():
            profile, own = _checked(pair)
            faults += own
            if profile is not None:
                readable.append(profile)
        self._readable = tuple(readable)
        note_secret_variables(name for each in readable for name in (each.password_env, each.token_env))
        return faults


def _readable(path: Path) -> bool:
    try:
        read_file(path)
    except OSError:
        return False
    return True


def _checked(pair: Pair) -> tuple[Profile | None, tuple[Fault, ...]]:
    name = pair.key.text
    profile, faults = check(Profile, pair.value, given={"name": name})
    return profile, tuple(replace(fault, profile=name, line=fault.line or pair.key.line) for fault in faults)


def _meaning(root: Node | None, name: str | None, mark: str | None) -> Iterator[tuple[object, ...]]:
    """What the file says but for one profile: sections, and the names in their order."""
    yield ("repeated", *[path for path, _, _ in repeated(root)])
    if not isinstance(root, MappingNode):
        return
    for section, pair in root.fields.items():
        if section != "profiles" or not isinstance(pair.value, MappingNode):
            if plain(pair.value) is not None:
                yield section, plain(pair.value)
            continue
        for each, profile in pair.value.fields.items():
            if each != name:
                yield section, each, plain(profile.value)
