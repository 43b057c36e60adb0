"""What the screens need to deal with profiles: where they are kept, where secrets are, what was agreed to."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from smtptui.profiles import Keyring, ProfileStore
from smtptui.tui.connect.credential_cache import CredentialCache
from smtptui.tui.connect.server import Server


@dataclass(frozen=True, slots=True)
class SessionState:
    """``own`` are the servers of the app's sandbox; ``environ`` is where commands and variables are looked for."""

    store: ProfileStore
    keyring: Keyring
    environ: Mapping[str, str]
    own: tuple[Server, ...] = ()
    sitting: CredentialCache = field(default_factory=CredentialCache)
