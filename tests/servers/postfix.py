"""A real Postfix with ports like 25, 465 and 587, which keeps what it accepts for the test to compare."""

import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, fields
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.servers.certificates import Certificate, Certificates
from tests.servers.daemon import Daemon, DaemonError, find_program, free_port, listening
from tests.servers.dovecot import Dovecot

HOSTNAME = "mx.good.test"
DOMAIN = "good.test"
"""The domain that is local. Known there: alice, bob, carol, josé, postmaster, and whatever begins with
``test-``, so that a test can have an address to itself."""
SIZE_LIMIT = 1_000_000
"""Octets of a message, in Postfix's own counting, above which it says 552 5.3.4."""
REFUSALS = {
    "greylisted@good.test": "450 4.7.1 Greylisted, try again in 300 seconds",
    "later@good.test": "451 4.3.0 Try again later",
    "full@good.test": "452 4.2.2 Mailbox full",
    "blocked@good.test": "554 5.7.1 Blocked by policy",
}
"""Recipients that are refused, with the reply. Others at the domain get 550 5.1.1, other domains 554 5.7.1."""
GREY_SECONDS = 1.0
"""How long a recipient whose name begins with ``test-grey`` is sent away on the port for lists."""
LIST_RATE = 100
"""Messages in a second above which the port for lists says 450 4.7.1 to MAIL."""
LIST_SIZE_LIMIT = 20_000
"""Octets of a message, as declared with SIZE, above which the port for lists says 552 5.3.4."""
REFUSED_SENDER = "blocked@bad.test"
"""A sender that is refused, with 550 5.7.1 after RCPT, as Postfix delays such replies."""

_MAIN = """\
compatibility_level = 3.6
queue_directory = {directory}/spool
data_directory = {directory}/data
maillog_file = {directory}/maillog
maillog_file_prefixes = {directory}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = {hostname}
mydestination =
mynetworks =
alias_maps =
alias_database =
notify_classes =
smtputf8_enable = yes
message_size_limit = {size_limit}
in_flow_delay = 0

# Every message is stored as it came, whoever sent it: nothing rewritten, added or taken away.
default_transport = virtual
relay_transport = virtual
virtual_mailbox_domains = {domain}, bücher.test, xn--bcher-kva.test
virtual_mailbox_base = {directory}/mail
virtual_mailbox_maps = regexp:{directory}/etc/mailboxes
virtual_mailbox_limit = 0
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_minimum_uid = 1
local_header_rewrite_clients =
remote_header_rewrite_domain =
always_add_missing_headers = no
message_drop_headers =

# Nothing slows down or counts a client.
anvil_rate_time_unit = 1s
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
smtpd_client_message_rate_limit = 0
smtpd_client_recipient_rate_limit = 0
smtpd_client_new_tls_session_rate_limit = 0
smtpd_client_auth_rate_limit = 0
smtpd_error_sleep_time = 0
smtpd_soft_error_limit = 10000
smtpd_hard_error_limit = 10000
smtpd_peername_lookup = no

# What a client may not do, it hears about.
smtpd_forbid_unauth_pipelining = yes
smtpd_forbid_bare_newline = reject
smtpd_forbid_bare_newline_exclusions =
smtpd_data_restrictions = reject_unauth_pipelining

smtpd_tls_cert_file = {good.certificate}
smtpd_tls_key_file = {good.key}
smtpd_tls_security_level = may
smtpd_tls_CAfile = {client_ca}
smtpd_tls_session_cache_database =
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:{sasl_port}
smtpd_sasl_security_options = noanonymous
smtpd_sasl_tls_security_options = noanonymous
smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, permit_tls_all_clientcerts,
    reject_unauth_destination
smtpd_sender_restrictions = check_sender_access inline:{{ {{ {refused_sender} = 550 5.7.1 Blocked }} }}
smtpd_recipient_restrictions = check_recipient_access regexp:{directory}/etc/refusals
"""
_MASTER = """\
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
tlsmgr unix - - n 1000? 1 tlsmgr
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
showq unix n - n - - showq
postlog unix-dgram n - n - 1 postlogd
"""
_MAILBOXES = r"""
if /@(good|bücher|xn--bcher-kva)\.test$/
/^(alice|bob|carol|josé|postmaster|test-[^@]*)@/  all/
endif
# Mail for elsewhere is kept as well.
!/@(good|bücher|xn--bcher-kva)\.test$/  all/
"""
_PREPENDED = (b"return-path", b"x-original-to", b"delivered-to", b"received")


@dataclass(frozen=True, slots=True)
class Delivered:
    """A message as it lies in a mailbox."""

    queue_id: str
    recipient: str
    sender: str
    """The envelope sender, empty for a bounce."""
    prepended: bytes
    """The header fields that Postfix put in front: Return-Path, X-Original-To, Delivered-To, Received."""
    stored: bytes
    """What follows them, with LF line ends, as it is in the file."""

    @property
    def sent(self) -> bytes:
        """What the client must have sent: the same with CRLF line ends.

        Postfix repairs two things that no client ought to send: a space before the colon of a header field
        is dropped, and a message that does not begin with a header gets an empty line in front.
        """
        return self.stored.replace(b"\n", b"\r\n")


@dataclass(frozen=True, slots=True)
class Ports:
    """Loopback ports, each a way in of its own."""

    mx: int
    """Like 25: STARTTLS offered, no AUTH, mail for the local domain only."""
    smtps: int
    """Like 465: TLS from the start, AUTH."""
    submission: int
    """Like 587: STARTTLS needed, AUTH offered after it."""
    clear: int
    """AUTH without TLS (none offered); whoever comes from this machine may relay."""
    expired: int
    """Like ``mx`` with an expired certificate."""
    wrong_name: int
    """Like ``mx`` with a certificate for another name."""
    self_signed: int
    """Like ``mx`` with a self-signed certificate."""
    mutual: int
    """Like ``submission``: a client certificate is needed, and enough to relay. AUTH offers EXTERNAL alone, and
    refuses it: this Postfix does not tell Dovecot about certificates."""
    lists: int
    """Like ``mx`` without TLS, and strict with those who send much: greylisting, a rate limit, a size limit."""


class Postfix:
    """An instance of its own under a directory of its own; ``with Postfix(certificates) as postfix``."""

    def __init__(self, certificates: Certificates) -> None:
        self._certificates = certificates
        self._stack = ExitStack()
        self._directory = Path()
        self._daemon: Daemon | None = None
        self._policy: Daemon | None = None
        self.host = "localhost"
        self.ports = Ports(*(0,) * 9)

    def __enter__(self) -> Self:
        for attempt in range(3):
            try:
                self._start()
                return self
            except DaemonError as error:
                self.stop()
                # Another process took a port that was free a moment ago: with other ports it works.
                if attempt == 2 or not re.search(r"in use|ended with", str(error)):
                    raise
            except BaseException:
                self.stop()
                raise
        raise AssertionError("unreachable")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def delivered(self, key: str, timeout: float = 10.0) -> Delivered:
        """The message with that queue id, or the last to that recipient, once it is in a mailbox.

        Waits up to ``timeout`` seconds, then raises ``TimeoutError`` with the end of Postfix's log.
        """
        return self.deliveries(key, 1, timeout)[-1]

    def deliveries(self, key: str, count: int, timeout: float = 10.0) -> list[Delivered]:
        """All that match (as for :meth:`delivered`), oldest first, once there are ``count`` of them."""
        deadline = time.monotonic() + timeout
        while True:
            found = [message for message in self._stored() if key in (message.queue_id, message.recipient)]
            if len(found) >= count:
                return found
            if time.monotonic() > deadline:
                raise TimeoutError(f"{len(found)} instead of {count} deliveries of {key} in {timeout:g} s:\n{self.log}")
            time.sleep(0.02)

    @property
    def log(self) -> str:
        """The end of its log."""
        return self._daemon.log(self._directory / "maillog") if self._daemon is not None else ""

    @property
    def whole_log(self) -> list[str]:
        """All lines of its log."""
        return (self._directory / "maillog").read_text("utf-8", "replace").splitlines()

    def stop(self) -> None:
        """End Postfix and Dovecot and remove their files."""
        if self._daemon is not None:
            self._daemon.stop()
            self._daemon = None
        if self._policy is not None:
            self._policy.stop()
            self._policy = None
        self._stack.close()

    def _start(self) -> None:
        # Not below pytest's own directory: that is closed to the users whom the daemons run as.
        directory = Path(tempfile.mkdtemp(prefix="smtptui-postfix-"))
        self._directory = directory
        self._stack.callback(shutil.rmtree, directory, ignore_errors=True)
        directory.chmod(0o755)
        dovecot = self._stack.enter_context(Dovecot(directory / "dovecot"))
        for name in ("etc", "spool", "data", "mail"):
            (directory / name).mkdir(mode=0o755)
        shutil.chown(directory / "data", "postfix")
        shutil.chown(directory / "mail", "nobody")
        self.ports = Ports(*(free_port() for _ in range(9)))
        policy_port = free_port()
        self._policy = Daemon(
            [sys.executable, "-m", "tests.servers.greylist", str(policy_port), str(GREY_SECONDS)],
            output=directory / "policy",
        )
        self._configure(directory, dovecot.port, policy_port)
        program = find_program("postfix")
        assert program is not None
        self._daemon = Daemon(
            [program, "-c", str(directory / "etc"), "start-fg"],
            output=directory / "output",
            pid_file=directory / "spool" / "pid" / "master.pid",
        )
        self._daemon.wait_ready(lambda: listening(*self._all_ports(), policy_port), directory / "maillog")

    def _configure(self, directory: Path, sasl_port: int, policy_port: int) -> None:
        nobody = (directory / "mail").stat().st_uid
        main = _MAIN.format(
            directory=directory,
            hostname=HOSTNAME,
            domain=DOMAIN,
            size_limit=SIZE_LIMIT,
            uid=nobody,
            gid=nobody,
            good=self._install("good", self._certificates.good),
            client_ca=shutil.copy(self._certificates.client_ca_file, directory / "etc" / "client-ca.pem"),
            sasl_port=sasl_port,
            refused_sender=REFUSED_SENDER,
        )
        (directory / "etc" / "main.cf").write_text(main, "utf-8")
        (directory / "etc" / "master.cf").write_text(_MASTER + "".join(self._services(policy_port)), "utf-8")
        (directory / "etc" / "mailboxes").write_text(_MAILBOXES, "utf-8")
        refusals = (f"/^{re.escape(address)}$/  {reply}\n" for address, reply in REFUSALS.items())
        (directory / "etc" / "refusals").write_text("".join(refusals))

    def _services(self, policy_port: int) -> Iterator[str]:
        ports = self.ports
        auth = "-o smtpd_sasl_auth_enable=yes"
        yield _smtpd(ports.mx)
        yield _smtpd(ports.smtps, "-o smtpd_tls_wrappermode=yes", auth)
        yield _smtpd(ports.submission, "-o smtpd_tls_security_level=encrypt", "-o smtpd_tls_auth_only=yes", auth)
        yield _smtpd(ports.clear, "-o smtpd_tls_security_level=none", "-o mynetworks=127.0.0.0/8", auth)
        certificates = self._certificates
        for port, name, bad in (
            (ports.expired, "expired", certificates.expired),
            (ports.wrong_name, "wrong-name", certificates.wrong_name),
            (ports.self_signed, "self-signed", certificates.self_signed),
        ):
            pair = self._install(name, bad)
            yield _smtpd(port, f"-o smtpd_tls_cert_file={pair.certificate}", f"-o smtpd_tls_key_file={pair.key}")
        yield _smtpd(
            ports.mutual,
            "-o smtpd_tls_security_level=encrypt",
            "-o smtpd_tls_req_ccert=yes",
            "-o smtpd_sasl_mechanism_filter=external",
            auth,
        )
        yield _smtpd(
            ports.lists,
            "-o smtpd_tls_security_level=none",
            f"-o message_size_limit={LIST_SIZE_LIMIT}",
            f"-o smtpd_client_message_rate_limit={LIST_RATE}",
            f"-o smtpd_recipient_restrictions=check_policy_service,inet:127.0.0.1:{policy_port}",
        )

    def _install(self, name: str, certificate: Certificate) -> Certificate:
        """Copies that Postfix may read, wherever the originals are."""
        stem = self._directory / "etc" / name
        copies = Certificate(*(stem.with_suffix(suffix) for suffix in (".crt", ".key", ".pem")))
        shutil.copy(certificate.certificate, copies.certificate)
        shutil.copy(certificate.key, copies.key)
        shutil.copy(certificate.both, copies.both)
        return copies

    def _all_ports(self) -> list[int]:
        return [getattr(self.ports, field.name) for field in fields(self.ports)]

    def _stored(self) -> list[Delivered]:
        files = sorted((self._directory / "mail").glob("all/new/*"), key=lambda path: path.stat().st_mtime_ns)
        return [_parse(path.read_bytes()) for path in files]


def missing() -> str | None:
    """Why Postfix and Dovecot cannot run here, or None."""
    for program, package in (("postfix", "postfix"), ("dovecot", "dovecot-core")):
        if find_program(program) is None:
            return f"{program} is not installed (Debian package {package})"
    if os.geteuid() != 0:
        return "Postfix and Dovecot start only as root"
    return None


def _smtpd(port: int, *options: str) -> str:
    return f"127.0.0.1:{port} inet n - n - - smtpd\n" + "".join(f"  {option}\n" for option in options)


def _parse(data: bytes) -> Delivered:
    """Part a stored message from the header fields in front of it: each of Postfix's comes once."""
    rest, expected, values = data, list(_PREPENDED), {}
    while match := re.match(rb"([!-9;-~]+):((?:.*\n)(?:[ \t].*\n)*)", rest):
        name = match[1].lower()
        if name not in expected:
            break
        values[name] = match[2]
        rest = rest[match.end() :]
        if name == b"received":
            break
        expected = expected[expected.index(name) + 1 :]
    queue_id = re.search(rb"\bid (\S+)", values[b"received"])
    assert queue_id is not None, "Postfix always names the queue id"
    return Delivered(
        queue_id=queue_id[1].decode().rstrip(";"),
        recipient=values[b"delivered-to"].strip().decode(),
        sender=values[b"return-path"].strip().strip(b"<>").decode(),
        prepended=data[: len(data) - len(rest)],
        stored=rest,
    )
