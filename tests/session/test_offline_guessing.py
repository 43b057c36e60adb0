"""A transcript is fit to be shown around: nobody can test guesses of a password with it."""

import base64
import binascii
import re
from collections.abc import Callable

import pytest

from smtptui.protocol import Credentials, Secret
from tests.servers.certificates import Certificates
from tests.servers.oracle import Oracle
from tests.session.exchange import connection, finish, renderings, request


def decoded(text: str) -> list[bytes]:
    """Everything in a text that is base64, decoded."""
    found = []
    for token in re.findall(r"[A-Za-z0-9+/]{8,}={0,2}", text):
        try:
            found.append(base64.b64decode(token, validate=True))
        except binascii.Error:
            continue
    return found


@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-1", "SCRAM-SHA-256"])
async def test_neither_proof_of_scram_is_shown(
    mechanism: str, oracle: Callable[..., Oracle], certificates: Certificates
) -> None:
    """With nonces, salt and one of the two proofs a list of passwords can be tried offline."""
    async with oracle() as server:
        to = connection(server, certificates, auth=mechanism, timeout=5)
        done = await finish(request(to, credentials=Credentials("alice", Secret("wonder land"))))
    assert done.outcome.auth == mechanism
    for name, text in renderings(done).items():
        assert not re.search(r"\b[vp]=[A-Za-z0-9+/]{8}", text), name
        assert not [found for found in decoded(text) if found.startswith(b"v=") or b",p=" in found], name
    assert "the server's own proof, which is checked" in renderings(done)["text"]
