"""What the screens need to deal with profiles: where they are kept, where secrets are, what was agreed to."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from smtptui.profiles import Keyring, ProfileStore
from smtptui.tui.profiles.server import Server
from smtptui.tui.profiles.sitting import Sitting


@dataclass(frozen=True, slots=True)
class Desk:
    """``own`` are the servers of the app's sandbox; ``environ`` is where commands and variables are looked for."""

    store: ProfileStore
    keyring: Keyring
    environ: Mapping[str, str]
    own: tuple[Server, ...] = ()
    sitting: Sitting = field(default_factory=Sitting)
