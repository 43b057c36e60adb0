"""The commands of the sandbox, answered like a good server of today; the connection is the channel's."""

import asyncio
import hashlib
import hmac
import secrets

from aiosmtpd.smtp import MISSING, SMTP, AuthResult, Envelope, LoginPassword, Session

from smtptui.sandbox.arguments import ArgumentError, mail_argument, rcpt_argument
from smtptui.sandbox.channel import Channel
from smtptui.sandbox.office import MOST_UNFINISHED, Arrival

_LINE_LIMIT = 1000  # RFC 5321 section 4.5.3.1.6, with its CRLF and without a dot put before it
_RECIPIENT_LIMIT = 1000
_MECHANISMS = ("PLAIN", "LOGIN", "CRAM-MD5")


class Listener(Channel):
    """Takes any mail, once TLS and AUTH are done where the port wants them, and keeps parameters as sent."""

    AuthLoginUsernameChallenge = "Username:"
    AuthLoginPasswordChallenge = "Password:"

    def _now(self) -> tuple[Session, Envelope]:
        assert self.session is not None
        assert self.envelope is not None
        return self.session, self.envelope

    async def check_auth_needed(self, caller_method: str) -> bool:
        """Refuse what a submission port allows only inside TLS and after AUTH."""
        session, _ = self._now()
        if self._rules.submission and session.ssl is None:
            await self.push("530 5.7.0 Must issue a STARTTLS command first")
            return True
        if self._rules.submission and not session.authenticated:
            await self.push("530 5.7.0 Authentication required")
            return True
        return False

    # Commands

    async def smtp_EHLO(self, hostname: str) -> None:
        """EHLO: greets with what this port offers now."""
        if not hostname:
            await self.push("501 5.5.4 Syntax: EHLO hostname")
            return
        self._set_rset_state()  # type: ignore[no-untyped-call]  # aiosmtpd leaves it untyped
        session, _ = self._now()
        session.extended_smtp = True
        session.host_name = hostname
        offers = ["PIPELINING", f"SIZE {self._office.size_limit}"]
        if session.ssl is None:
            offers.append("STARTTLS")
        elif self._rules.submission:
            offers.append(f"AUTH {' '.join(_MECHANISMS)}")
        offers += ["ENHANCEDSTATUSCODES", "8BITMIME", "DSN", "SMTPUTF8"]
        lines = [f"250-{line}" for line in (self.hostname, *offers)]
        lines[-1] = lines[-1].replace("-", " ", 1)
        await self.push("\r\n".join(lines).encode())

    async def smtp_HELO(self, hostname: str) -> None:
        """HELO: no extensions."""
        if not hostname:
            await self.push("501 5.5.4 Syntax: HELO hostname")
            return
        self._set_rset_state()  # type: ignore[no-untyped-call]  # aiosmtpd leaves it untyped
        session, _ = self._now()
        session.extended_smtp = False
        session.host_name = hostname
        await self.push(f"250 {self.hostname}".encode())

    async def smtp_HELP(self, arg: str) -> None:
        """HELP: what this is."""
        await self.push("214 2.0.0 This is the sandbox of smtptui: it takes mail and sends none on")

    async def smtp_STARTTLS(self, arg: str) -> None:
        """STARTTLS (RFC 3207)."""
        session, _ = self._now()
        if arg:
            await self.push("501 5.5.4 Syntax: STARTTLS")
        elif session.ssl is not None:
            await self.push("503 5.5.1 TLS is in use already")
        else:
            # What was sent behind STARTTLS was sent in the clear, by whomever (RFC 3207 section 6). A stream has no
            # public way to forget what it has read.
            self._reader._buffer.clear()  # type: ignore[attr-defined]  # see above
            # What comes from now on is the handshake's.
            self._early = bytearray()
            await self.push("220 2.0.0 Ready to start TLS")
            await self._secure()

    async def smtp_AUTH(self, arg: str) -> None:
        """AUTH (RFC 4954): PLAIN, LOGIN, CRAM-MD5, in any case of letters."""
        session, envelope = self._now()
        if not self._rules.submission:
            await self.push("503 5.5.1 Authentication is not enabled on this port")
            return
        if session.ssl is None:
            await self.push("530 5.7.0 Must issue a STARTTLS command first")
            return
        if envelope.mail_from is not None:
            await self.push("503 5.5.1 AUTH is not permitted during a mail transaction")
            return
        mechanism, _, rest = (arg or "").partition(" ")
        try:
            await super().smtp_AUTH(f"{mechanism.upper()} {rest}".strip())
        except ValueError:
            await self.push("500 5.5.6 Authentication exchange line is too long")

    async def auth_CRAM__MD5(self, _: object, args: list[str]) -> AuthResult:
        """CRAM-MD5 (RFC 2195)."""
        if len(args) > 1:
            await self.push("501 5.5.4 CRAM-MD5 takes no initial response")
            return AuthResult(success=False)
        challenge = f"<{secrets.token_hex(8)}@{self.hostname}>".encode()
        answer = await self.challenge_auth(challenge)
        if answer is MISSING:
            return AuthResult(success=False)
        assert isinstance(answer, bytes)
        user, _space, digest = answer.rpartition(b" ")
        expected = hmac.new(self._office.password.encode(), challenge, hashlib.md5).hexdigest()
        matches = hmac.compare_digest(digest.lower(), expected.encode())
        return self._result(user, matches)

    def _check(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object) -> AuthResult:
        assert isinstance(data, LoginPassword)
        return self._result(data.login, hmac.compare_digest(data.password, self._office.password.encode()))

    def _result(self, user: bytes, matches: bool) -> AuthResult:
        known = hmac.compare_digest(user, self._office.user.encode())
        return AuthResult(
            success=known and matches, handled=False, auth_data=LoginPassword(user, b"") if known else None
        )

    async def smtp_MAIL(self, arg: str | None) -> None:
        """MAIL: begins a transaction."""
        session, envelope = self._now()
        if await self.check_helo_needed() or await self.check_auth_needed("MAIL"):
            return
        if envelope.mail_from is not None:
            await self.push("503 5.5.1 Nested MAIL command")
            return
        try:
            mail = mail_argument(arg or "", extended=session.extended_smtp)
        except ArgumentError as refusal:
            await self.push(str(refusal))
            return
        envelope.smtp_utf8 = "SMTPUTF8" in mail.parameters
        if mail.needs_smtputf8() and not envelope.smtp_utf8:
            await self.push("553 5.6.7 Address is not ASCII: the parameter SMTPUTF8 is needed")
            return
        if int(mail.parameters.get("SIZE", 0)) > self._office.size_limit:
            await self.push(f"552 5.3.4 Message size exceeds {self._office.size_limit} octets")
            return
        envelope.mail_from = mail.address
        envelope.mail_options = [mail.text]
        await self.push("250 2.1.0 Ok")

    async def smtp_RCPT(self, arg: str | None) -> None:
        """RCPT: any recipient is accepted."""
        session, envelope = self._now()
        if await self.check_helo_needed() or await self.check_auth_needed("RCPT"):
            return
        if envelope.mail_from is None:
            await self.push("503 5.5.1 Need MAIL command")
            return
        try:
            rcpt = rcpt_argument(arg or "", extended=session.extended_smtp)
        except ArgumentError as refusal:
            await self.push(str(refusal))
            return
        if rcpt.needs_smtputf8() and not envelope.smtp_utf8:
            await self.push("553 5.6.7 Address is not ASCII: MAIL had no parameter SMTPUTF8")
            return
        if len(envelope.rcpt_tos) >= _RECIPIENT_LIMIT:
            await self.push("452 4.5.3 Too many recipients")
            return
        envelope.rcpt_tos.append(rcpt.address)
        envelope.rcpt_options.append(rcpt.text)
        await self.push("250 2.1.5 Ok")

    async def smtp_DATA(self, arg: str) -> None:
        """DATA: the message, kept as it was sent."""
        session, envelope = self._now()
        if await self.check_helo_needed() or await self.check_auth_needed("DATA"):
            return
        if arg:
            await self.push("501 5.5.4 Syntax: DATA")
            return
        if not envelope.rcpt_tos:
            await self.push("503 5.5.1 Need RCPT command")
            return
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        content, refusal = await self._content()
        self._set_post_data_state()  # type: ignore[no-untyped-call]  # aiosmtpd leaves it untyped
        if refusal is not None:
            await self.push(refusal)
            return
        data = session.auth_data
        queue_id = self._office.accept(
            Arrival(
                listener=self._rules.name,
                peer=_peer(session.peer),
                helo=session.host_name or "",
                tls=session.ssl is not None,
                user=data.login.decode() if isinstance(data, LoginPassword) else None,
                sender=envelope.mail_from or "",
                recipients=tuple(envelope.rcpt_tos),
                content=content,
                mail_parameters=" ".join(envelope.mail_options),
                rcpt_parameters=tuple(envelope.rcpt_options),
            )
        )
        await self.push(f"250 2.0.0 Ok: queued as {queue_id}")

    async def _content(self) -> tuple[bytes, str | None]:
        """The octets up to the dot, dots unstuffed (RFC 5321 section 4.5.2), and a refusal if there is one.

        What is too much is read to its end and dropped: the reply belongs after the dot.
        """
        content = bytearray()
        try:
            return await self._read_into(content)
        finally:
            self._office.unfinished -= len(content)

    async def _read_into(self, content: bytearray) -> tuple[bytes, str | None]:
        office = self._office
        refusal: str | None = None
        size = length = 0
        while True:
            try:
                piece = await self._reader.readuntil(b"\r\n")
                whole = True
            except asyncio.LimitOverrunError as error:
                piece = await self._reader.readexactly(error.consumed)
                whole = False
            if not length:
                if piece == b".\r\n":
                    return bytes(content), refusal
                if piece.startswith(b"."):
                    piece = piece[1:]
            size += len(piece)
            length += len(piece)
            if refusal is None and length > _LINE_LIMIT:
                refusal = f"500 5.5.2 Line too long: {_LINE_LIMIT} octets at most, with its CRLF"
            if refusal is None and size > self._office.size_limit:
                refusal = f"552 5.3.4 Message size exceeds {self._office.size_limit} octets"
            if refusal is None and office.unfinished + len(piece) > MOST_UNFINISHED:
                refusal = f"452 4.3.1 Unfinished messages have more than {MOST_UNFINISHED} octets together; try again"
            if refusal is None:
                content += piece
                office.unfinished += len(piece)
            else:
                office.unfinished -= len(content)
                content.clear()
            if whole:
                length = 0


def _peer(peer: object) -> str:
    if isinstance(peer, tuple) and len(peer) >= 2:
        host = f"[{peer[0]}]" if ":" in str(peer[0]) else peer[0]
        return f"{host}:{peer[1]}"
    return ""
