"""A policy server for Postfix that greylists: who begins with ``grey`` is sent away, and taken after a while.

As a program: ``python -m tests.servers.greylist PORT SECONDS``. The rest, and grey ones that waited, are taken.
"""

import socketserver
import sys
import time


class _Policy(socketserver.StreamRequestHandler):
    """One smtpd's questions: name=value lines, an empty line, and the answer (SMTPD_POLICY_README)."""

    def handle(self) -> None:
        asked: dict[str, str] = {}
        for line in self.rfile:
            name, _, value = line.decode("utf-8", "replace").rstrip("\n").partition("=")
            if name:
                asked[name] = value
                continue
            assert isinstance(self.server, Greylist)
            self.wfile.write(b"action=%s\n\n" % self.server.decide(asked.get("recipient", ""), time.monotonic()))
            asked = {}


class Greylist(socketserver.ThreadingTCPServer):
    """Keeps when each grey recipient was first heard of."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, port: int, seconds: float) -> None:
        super().__init__(("127.0.0.1", port), _Policy)
        self._seconds = seconds
        self._first: dict[str, float] = {}

    def decide(self, recipient: str, now: float) -> bytes:
        """What smtpd is to do: postgrey's words, or nothing."""
        if not recipient.startswith("test-grey"):
            return b"DUNNO"
        if now - self._first.setdefault(recipient, now) >= self._seconds and self._first[recipient] != now:
            return b"DUNNO"
        return b"DEFER_IF_PERMIT 4.2.0 Greylisted, try again later"


if __name__ == "__main__":
    with Greylist(int(sys.argv[1]), float(sys.argv[2])) as server:
        server.serve_forever()
