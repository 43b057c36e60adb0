"""A well-behaved ESMTP server on the running loop that logs both directions and judges what clients do."""

import asyncio

from tests.servers.certificates import Certificate, Certificates
from tests.servers.dialogue import Dialogue, Message, Record
from tests.servers.oracle_session import Session
from tests.servers.sasl import Outcome
from tests.servers.wire import LoopbackServer, Wire


class Oracle(LoopbackServer):
    """The server; ``async with Oracle(Dialogue(...), certificates) as server``.

    ``received``, ``sent`` and ``log`` are the octets that crossed the wire, decrypted.
    """

    def __init__(self, dialogue: Dialogue, certificates: Certificates, *, use: Certificate | None = None) -> None:
        self.dialogue = dialogue
        self.certificate = use or certificates.good
        self.record = Record()
        self._context = self.certificate.server_context(
            client_ca=certificates.client_ca_file if dialogue.client_certificates else None,
            tls12=dialogue.tls12,
        )
        super().__init__(implicit=self._context if dialogue.tls == "implicit" else None, path=dialogue.path)

    @property
    def messages(self) -> list[Message]:
        """Every message that was accepted, empty ones among them."""
        return self.record.messages

    @property
    def logins(self) -> list[tuple[str, Outcome]]:
        """Every AUTH exchange that came to an end: mechanism and outcome."""
        return self.record.logins

    @property
    def violations(self) -> list[str]:
        """What clients did that the RFCs forbid, in sentences."""
        return self.record.violations

    @property
    def empty_messages(self) -> int:
        """How many messages had no octet at all: the sign of a dot sent after a 354 to get away."""
        return sum(not message.data for message in self.messages)

    async def serve(self, wire: Wire) -> None:
        """Speak to one client."""
        await Session(wire, self.dialogue, self.record, self._context, self.certificate).run()

    async def wait_messages(self, count: int, timeout: float = 5.0) -> None:
        """Wait until ``count`` messages were accepted; raises ``TimeoutError`` after ``timeout`` seconds."""
        async with asyncio.timeout(timeout):
            while len(self.messages) < count:
                await asyncio.sleep(0.005)
