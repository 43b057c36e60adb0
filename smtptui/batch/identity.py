"""What names a recipient's message to others: an opaque token, and a Message-ID that does not give it away."""

import base64
import hashlib
from collections.abc import Callable

TOKEN_OCTETS = 15
_PURPOSE = b"smtptui message-id\0"


def new_token(random_octets: Callable[[int], bytes]) -> str:
    """A token of 24 letters and digits: 120 random bits. One case only, since a mailbox's name may lose its case."""
    return base64.b32encode(random_octets(TOKEN_OCTETS)).decode("ascii").lower()


def message_id(token: str, domain: str) -> str:
    """The Message-ID that belongs to ``token``, angle brackets included; the same whenever it is asked for.

    A second sending then is the same message to whoever has the first one. Nobody gets from it to the token, which
    is all it takes to unsubscribe.
    """
    digest = hashlib.sha256(_PURPOSE + token.encode()).hexdigest()[: 2 * TOKEN_OCTETS]
    return f"<{digest}@{domain}>"
