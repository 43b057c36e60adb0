"""One session of the oracle: the dialogue of RFC 5321 as a server sees it, with its rules checked."""

import asyncio
import hashlib
import re
import ssl
from base64 import b64encode
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from cryptography import x509

from tests.servers.certificates import Certificate
from tests.servers.dialogue import Dialogue, Message, Record
from tests.servers.sasl import MECHANISMS, Exchange, Outcome, decode_response
from tests.servers.wire import Wire

# After these the client must wait for the reply, whatever it may pipeline (RFC 2920 section 3.1).
_SYNCHRONISING = frozenset({"EHLO", "HELO", "LHLO", "STARTTLS", "AUTH", "DATA", "QUIT", "NOOP", "VRFY"})
_PATH = re.compile(r"(FROM|TO):(<[^>]*>|<\"[^\"]*\"@[^>]*>)(?: (.*))?", re.IGNORECASE)
_LINE_LIMIT = 1000
"""Octets of a text line, CRLF included (RFC 5321 section 4.5.3.1.6)."""
_COMMAND_LIMIT = 512
"""Octets of a command line (section 4.5.3.1.4); AUTH and extended MAIL and RCPT lines may be longer."""

Handler = Callable[[str], Awaitable[None]]


class Session:
    """Speaks to one client until it leaves."""

    def __init__(
        self,
        wire: Wire,
        dialogue: Dialogue,
        record: Record,
        context: ssl.SSLContext,
        certificate: Certificate,
    ) -> None:
        self._wire = wire
        self._dialogue = dialogue
        self._record = record
        self._context = context
        self._certificate = certificate
        self._greeted = False
        self._user = ""
        self._sender: tuple[str, str] | None = None
        self._recipients: list[tuple[str, str]] = []
        self._refused = 0
        self._over = False
        hello = self._lhlo if dialogue.lmtp else self._ehlo
        self._handlers: dict[str, Handler] = {
            "LHLO" if dialogue.lmtp else "EHLO": hello,
            "STARTTLS": self._starttls,
            "AUTH": self._auth,
            "MAIL": self._mail,
            "RCPT": self._rcpt,
            "DATA": self._data,
            "RSET": self._rset,
            "NOOP": self._noop,
            "QUIT": self._quit,
        }
        if not dialogue.lmtp:
            self._handlers["HELO"] = self._helo

    async def run(self) -> None:
        """From the greeting to QUIT."""
        if self._dialogue.tls == "implicit":
            await self._wire.secured()
        if self._wire.buffered:
            self._violation("the client spoke before the greeting (RFC 5321 section 4.3.1)")
        name = self._dialogue.hostname
        await self._reply("banner", f"220-{name} ESMTP oracle \r\n220 Grüße  \r\n".encode("latin-1"))
        while not self._over:
            line = await self._wire.read_line()
            self._check_line(line)
            verb, _, rest = line.rstrip(b"\r\n").decode("utf-8", "surrogateescape").partition(" ")
            verb = verb.upper()
            self._check_pipelining(verb)
            handler = self._handlers.get(verb)
            if handler is None:
                self._violation(f"the client sent a line that is no command: {line[:80]!r}")
                await self._reply(verb, b"500 5.5.2 Command not recognised\r\n")
            else:
                await handler(rest)

    # Replies

    async def _reply(self, key: str, usual: bytes) -> bool:
        """Send the reply for ``key``; return whether it was a positive one."""
        data = self._dialogue.replies.get(key, usual)
        stray = self._dialogue.strays.get(key, b"")
        whole = data if self._dialogue.stray_apart else data + stray
        size = max(1, -(-len(whole) // max(1, self._dialogue.pieces)))
        for start in range(0, len(whole), size):
            if start:
                await asyncio.sleep(self._dialogue.pause)
            await self._wire.send(whole[start : start + size])
        if stray and self._dialogue.stray_apart:
            await asyncio.sleep(max(0.01, self._dialogue.pause))
            await self._wire.send(stray)
        return data[:1] in (b"2", b"3")

    # Rules

    def _violation(self, sentence: str) -> None:
        self._record.violations.append(sentence)

    def _check_line(self, line: bytes) -> None:
        if not line.endswith(b"\r\n") or b"\r" in line[:-2]:
            self._violation(f"a command line with a bare CR or LF: {line[:80]!r}")
        if len(line) > _COMMAND_LIMIT and not line[:5].upper().startswith((b"AUTH ", b"MAIL ", b"RCPT ")):
            self._violation(f"a command line of {len(line)} octets")
        if any(octet < 32 for octet in line.rstrip(b"\r\n")):
            self._violation(f"a control character in a command: {line[:80]!r}")

    def _check_pipelining(self, verb: str) -> None:
        if not self._wire.buffered:
            return
        if verb in _SYNCHRONISING:
            self._violation(f"the client did not wait for the reply to {verb} (RFC 2920 section 3.1)")
        elif "PIPELINING" not in self._dialogue.features:
            self._violation(f"the client pipelined after {verb}, which was not offered")

    def _offers(self, keyword: str) -> bool:
        return any(feature.split()[0] == keyword for feature in self._dialogue.features)

    # Commands

    async def _ehlo(self, rest: str) -> None:
        if not rest.strip():
            self._violation("EHLO without a name")
        self._record.ehlo_names.append(rest)
        self._forget()
        lines = [f"{self._dialogue.hostname} greets {rest} ", *self._dialogue.features]
        if self._dialogue.tls == "starttls" and not self._wire.tls:
            lines.append("STARTTLS")
        if self._mechanisms:
            lines.append("AUTH " + " ".join(self._mechanisms))
        last = len(lines) - 1
        text = "".join(f"250{' ' if at == last else '-'}{line}\r\n" for at, line in enumerate(lines))
        self._greeted = await self._reply("EHLO", text.encode("utf-8", "surrogateescape"))

    async def _lhlo(self, rest: str) -> None:
        await self._ehlo(rest)

    async def _helo(self, rest: str) -> None:
        self._record.ehlo_names.append(rest)
        self._forget()
        self._greeted = await self._reply("HELO", f"250 {self._dialogue.hostname}\r\n".encode())

    @property
    def _mechanisms(self) -> tuple[str, ...]:
        if self._wire.tls or self._dialogue.auth_in_clear:
            return self._dialogue.mechanisms
        return ()

    async def _starttls(self, rest: str) -> None:
        if self._dialogue.tls != "starttls" or self._wire.tls:
            self._violation("STARTTLS that was not offered")
            await self._reply("STARTTLS", b"502 5.5.1 Not offered\r\n")
            return
        reply = self._dialogue.replies.get("STARTTLS", b"220 2.0.0 Go ahead\r\n")
        if not reply.startswith(b"220"):
            await self._reply("STARTTLS", reply)
            return
        # One segment: between this reply and the handshake the server must not pause reading for long.
        await self._wire.start_tls(self._context, last_words=reply + self._dialogue.strays.get("STARTTLS", b""))
        # Everything learnt before is forgotten (RFC 3207 section 4.2).
        self._greeted = False
        self._user = ""
        self._forget()

    async def _auth(self, rest: str) -> None:
        mechanism, _, initial = rest.partition(" ")
        mechanism = mechanism.upper()
        if not self._greeted or self._sender is not None or self._user:
            self._violation("AUTH before EHLO, within a transaction or a second time (RFC 4954 section 4)")
            await self._reply("AUTH", b"503 5.5.1 Not now\r\n")
            return
        if mechanism not in self._mechanisms or mechanism not in MECHANISMS:
            self._violation(f"AUTH {mechanism} was not offered")
            await self._reply("AUTH", b"504 5.5.4 Unrecognised authentication type\r\n")
            return
        try:
            outcome = await self._exchange(self._begin(mechanism), initial)
        except ValueError as error:
            self._violation(f"AUTH {mechanism}: {error}")
            await self._reply("AUTH", b"501 5.5.2 Cannot decode that\r\n")
            return
        if outcome is None:
            await self._reply("AUTH", b"501 5.7.0 Authentication cancelled\r\n")
            return
        if outcome.ok and mechanism in self._dialogue.refused_mechanisms:
            outcome = replace(outcome, ok=False, why="refused to order")
        self._record.logins.append((mechanism, outcome))
        if not outcome.ok:
            await self._reply("AUTH", b"535-5.7.8 Authentication credentials \r\n535 5.7.8 invalid\r\n")
        elif await self._reply("AUTH", b"235 2.7.0 Authentication successful\r\n"):
            self._user = outcome.user

    def _begin(self, mechanism: str) -> Exchange:
        accounts = replace(
            self._dialogue.accounts,
            mechanisms=self._mechanisms,
            bindings=self._bindings() | dict(self._dialogue.accounts.bindings),
        )
        if user := self._certificate_user():
            accounts = replace(accounts, certificate_user=user)
        return MECHANISMS[mechanism](accounts)

    async def _exchange(self, exchange: Exchange, initial: str) -> Outcome | None:
        """Challenge and response until the mechanism is content; None when the client gave up with ``*``."""
        try:
            challenge = next(exchange)
            if initial:
                challenge = exchange.send(decode_response(initial.encode()))
            while True:
                await self._reply("AUTH challenge", b"334 " + b64encode(challenge) + b"\r\n")
                line = await self._wire.read_line()
                self._check_continuation(line)
                line = line.rstrip(b"\r\n")
                if line == b"*":
                    exchange.close()
                    return None
                challenge = exchange.send(decode_response(line))
        except StopIteration as stop:
            outcome: Outcome = stop.value
            return outcome

    def _check_continuation(self, line: bytes) -> None:
        if not line.endswith(b"\r\n"):
            self._violation("an AUTH response that does not end in CRLF")
        if self._wire.buffered:
            self._violation("the client did not wait for the reply to its AUTH response")

    def _bindings(self) -> dict[str, bytes]:
        """The channel bindings of this connection as the server knows them (RFC 5929)."""
        secured = self._wire.ssl_object
        if secured is None:
            return {}
        der = self._certificate.der
        algorithm = x509.load_der_x509_certificate(der).signature_hash_algorithm
        bindings = {"tls-server-end-point": hashlib.new(algorithm.name if algorithm else "sha256", der).digest()}
        if secured.version() != "TLSv1.3" and (unique := secured.get_channel_binding("tls-unique")):
            bindings["tls-unique"] = unique
        return bindings

    def _certificate_user(self) -> str:
        secured = self._wire.ssl_object
        peer: dict[str, Any] = (secured.getpeercert() or {}) if secured is not None else {}
        names = [value for kind, value in peer.get("subjectAltName", ()) if kind == "email"]
        return str(names[0]) if names else ""

    async def _mail(self, rest: str) -> None:
        path = _PATH.fullmatch(rest)
        if path is None or path[1].upper() != "FROM":
            self._violation(f"no MAIL command: {rest[:80]!r}")
            await self._reply("MAIL", b"501 5.1.7 Bad sender\r\n")
        elif not self._greeted or self._sender is not None:
            self._violation("MAIL before EHLO or within a transaction (RFC 5321 section 4.1.4)")
            await self._reply("MAIL", b"503 5.5.1 Not now\r\n")
        elif self._dialogue.auth_required and not self._user:
            await self._reply("MAIL", b"530 5.7.0 Authentication required\r\n")
        else:
            parameters = path[3] or ""
            self._check_parameters("MAIL", rest, parameters)
            size = re.search(r"\bSIZE=(\d+)", parameters)
            if size and int(size[1]) > self._dialogue.size_limit:
                await self._reply("MAIL", b"552 5.3.4 Message size exceeds the limit\r\n")
            elif await self._reply("MAIL", b"250 2.1.0 Ok \r\n"):
                self._sender = (path[2][1:-1], parameters)

    def _check_parameters(self, verb: str, rest: str, parameters: str) -> None:
        needed = {"SIZE": "SIZE", "BODY": "8BITMIME", "SMTPUTF8": "SMTPUTF8", "AUTH": "AUTH"}
        needed |= dict.fromkeys(("RET", "ENVID", "NOTIFY", "ORCPT"), "DSN")
        for parameter in parameters.split():
            keyword = parameter.partition("=")[0].upper()
            if keyword not in needed:
                self._violation(f"{verb} with the unknown parameter {keyword}")
            elif keyword != "AUTH" and not self._offers(needed[keyword]):
                self._violation(f"{verb} with {keyword}, which was not offered")
        address = rest.partition(">")[0]
        declared = "SMTPUTF8" in parameters.split() or (
            self._sender is not None and "SMTPUTF8" in self._sender[1].split()
        )
        if not address.isascii() and not declared:
            self._violation(f"{verb} with an address that is no ASCII, without SMTPUTF8")

    async def _rcpt(self, rest: str) -> None:
        path = _PATH.fullmatch(rest)
        if path is None or path[1].upper() != "TO" or path[2] == "<>":
            self._violation(f"no RCPT command: {rest[:80]!r}")
            await self._reply("RCPT", b"501 5.1.3 Bad recipient\r\n")
            return
        if self._sender is None:
            if "MAIL" not in self._dialogue.replies and not self._dialogue.auth_required:
                self._violation("RCPT without MAIL")
            await self._reply("RCPT", b"503 5.5.1 MAIL first\r\n")
            return
        address, parameters = path[2][1:-1], path[3] or ""
        self._check_parameters("RCPT", rest, parameters)
        if refusal := self._dialogue.refused.get(address):
            self._refused += 1
            await self._reply("refused", refusal.encode() + b"\r\n")
        elif self._dialogue.most is not None and len(self._recipients) >= self._dialogue.most:
            self._refused += 1
            await self._reply("enough", self._dialogue.enough)
        elif await self._reply("RCPT", b"250-2.1.5 One more \r\n250 2.1.5 Ok\r\n"):
            self._recipients.append((address, parameters))
        else:
            self._refused += 1

    async def _data(self, rest: str) -> None:
        if not self._recipients and not (self._dialogue.promise_354 and self._refused):
            # A client that pipelines DATA may well come here (RFC 2920 section 3.1): no violation.
            if self._sender is None and not self._refused and "MAIL" not in self._dialogue.replies:
                self._violation("DATA without a transaction")
            await self._reply("DATA", b"554 5.5.1 No valid recipients\r\n")
            return
        if not await self._reply("DATA", b"354 End data with <CR><LF>.<CR><LF>\r\n"):
            return
        raw = await self._wire.read_body()
        sender, parameters = self._sender or ("", "")
        message = Message(sender, parameters, tuple(self._recipients), _unstuff(raw), raw, self._user)
        self._check_body(message)
        if not self._recipients:
            await self._reply(".", b"554 5.5.1 No valid recipients\r\n")
        elif len(message.data) > self._dialogue.size_limit:
            await self._reply(".", b"552 5.3.4 Message too big\r\n")
        elif self._dialogue.lmtp:
            await self._answer_each(message)
        else:
            queued = f"250 2.0.0 Ok: queued as ORACLE{len(self._record.messages) + 1:04d}\r\n"
            # Noted before the reply: a connection that breaks here has delivered.
            if self._dialogue.replies.get(".", b"2")[:1] == b"2":
                self._record.messages.append(message)
            await self._reply(".", queued.encode())
        self._forget()

    async def _answer_each(self, message: Message) -> None:
        """LMTP: a reply for every accepted recipient (RFC 2033 section 4.2)."""
        refused = self._dialogue.after_dot
        taken = tuple(pair for pair in message.recipients if pair[0] not in refused)
        if taken:
            self._record.messages.append(replace(message, recipients=taken))
        for address, _ in message.recipients:
            text = refused.get(address, f"250 2.1.5 <{address}> Saved")
            await self._reply(".", text.encode() + b"\r\n")

    def _check_body(self, message: Message) -> None:
        raw = message.raw
        if re.search(rb"(?<!\r)\n|\r(?!\n)", raw):
            self._violation("a body with a bare CR or LF")
        if b"\0" in raw:
            self._violation("a body with a NUL")
        if any(len(line) > _LINE_LIMIT for line in raw.splitlines(keepends=True)):
            self._violation("a body with a line of more than 1000 octets (RFC 5321 section 4.5.3.1.6)")
        if re.search(rb"(?:\A|\n)\.(?!\.)", raw):
            self._violation("a body with a dot at the start of a line that was not doubled (section 4.5.2)")
        parameters = message.sender_parameters.split()
        if not raw.isascii() and "BODY=8BITMIME" not in parameters:
            self._violation("a body with 8-bit octets, sent without BODY=8BITMIME")
        declared = next((value[5:] for value in parameters if value.startswith("SIZE=")), None)
        if declared is not None and message.recipients and int(declared) != len(message.data):
            self._violation(f"SIZE={declared} was declared, {len(message.data)} octets came")

    async def _rset(self, rest: str) -> None:
        self._forget()
        await self._reply("RSET", b"250 2.0.0 Ok\r\n")

    async def _noop(self, rest: str) -> None:
        await self._reply("NOOP", b"250 2.0.0 Ok\r\n")

    async def _quit(self, rest: str) -> None:
        self._over = True
        await self._reply("QUIT", b"221 2.0.0 Bye\r\n")

    def _forget(self) -> None:
        self._sender = None
        self._recipients = []
        self._refused = 0


def _unstuff(raw: bytes) -> bytes:
    """The body without the dots that were doubled (RFC 5321 section 4.5.2)."""
    return re.sub(rb"(\A|\r\n)\.", rb"\1", raw)
