"""A server that gives away all it hears: every reply repeats every secret it was sent, in many forms."""

from base64 import b64decode, b64encode
from pathlib import Path
from urllib.parse import quote

from smtptui.protocol import encode
from tests.servers.wire import LoopbackServer, Wire


def forms(secret: str) -> list[str]:
    """What a secret may look like when it comes back, in part of a longer base64 text as well."""
    octets = encode(secret)
    found = [secret, octets.hex(), octets.hex().upper(), quote(octets, safe=""), "".join(f"%{o:02X}" for o in octets)]
    found += [b64encode(octets).decode().rstrip("=")]
    for before in (0, 1, 2):
        # The characters of a longer text that only these octets decide.
        first, last = -(-before * 8 // 6), (before + len(octets)) * 8 // 6
        found.append(b64encode(b"\0" * before + octets).decode()[first:last])
    return [form for form in dict.fromkeys(found) if len(form) >= 4]


class Echo(LoopbackServer):
    """Listens on a UNIX socket. Whoever logs in is let in, whatever the mechanism."""

    def __init__(self, path: Path, *, told: tuple[str, ...] = (), refuses: bool = False) -> None:
        super().__init__(path=path)
        self._heard: list[bytes] = []
        self._told = told
        self._refuses = refuses

    def _reply(self, code: int, text: bytes) -> bytes:
        blobs = [encode(form) for secret in self._told for form in forms(secret)]
        for line in self._heard[-6:]:
            blobs.append(line)
            for word in line.split():
                blobs += _decoded(word)
        lines = [b"%d-%s" % (code, blob) for blob in blobs for blob in blob.split(b"\r\n")]
        return b"\r\n".join([*lines, b"%d %s" % (code, text)]) + b"\r\n"

    async def serve(self, wire: Wire) -> None:
        """Speak to one client."""
        await wire.send(self._reply(220, b"echo"))
        while True:
            line = await wire.read_line()
            self._heard.append(line.rstrip(b"\r\n"))
            verb = line.strip().upper()[:4]
            if verb in (b"EHLO", b"HELO"):
                offers = b"AUTH PLAIN LOGIN CRAM-MD5 XOAUTH2 OAUTHBEARER"
                await wire.send(b"250-echo\r\n250-" + offers + b"\r\n" + self._reply(250, b"8BITMIME"))
            elif verb == b"AUTH":
                await self._auth(wire, line.split())
            elif verb == b"DATA":
                await wire.send(self._reply(354, b"go on"))
                await wire.read_body()
                await wire.send(self._reply(250, b"Ok: queued as ECHO1"))
            elif verb == b"QUIT":
                await wire.send(self._reply(221, b"bye"))
                return
            else:
                await wire.send(self._reply(250, b"Ok"))

    async def _auth(self, wire: Wire, words: list[bytes]) -> None:
        rounds = 0 if len(words) > 2 else 2 if words[-1].upper() == b"LOGIN" else 1
        if self._refuses and words[1].upper() in (b"XOAUTH2", b"OAUTHBEARER"):
            rounds = 1
        for _ in range(rounds):
            challenge = b" ".join([*self._heard, *(encode(secret) for secret in self._told)])
            await wire.send(b"334 " + b64encode(challenge) + b"\r\n")
            line = await wire.read_line()
            self._heard.append(line.rstrip(b"\r\n"))
            if line == b"*\r\n":
                await wire.send(self._reply(501, b"cancelled"))
                return
        await wire.send(self._reply(535, b"5.7.8 no") if self._refuses else self._reply(235, b"welcome"))


def _decoded(word: bytes) -> list[bytes]:
    try:
        return b64decode(word, validate=True).replace(b"\n", b" ").split(b"\0")
    except ValueError:
        return []
