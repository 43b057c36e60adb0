"""Command lines and configuration files of swaks become profiles."""

import ipaddress
import re
from pathlib import Path

from smtptui.profiles.importers.imported import (
    Draft,
    Findings,
    Imported,
    Value,
    fits_host,
    is_text,
    keep_it,
    unique_name,
)
from smtptui.profiles.importers.swaks_options import Given, read_options
from smtptui.profiles.importers.swaks_text import Call, calls_of
from smtptui.profiles.model import Profile
from smtptui.protocol import MECHANISM_NAMES, TLS_VERSIONS, MailboxError, TlsMode, parse_mailbox, tls_for_port

_PROTOCOLS = {
    "smtp": ("smtp", False, None),
    "ssmtp": ("esmtp", False, TlsMode.IMPLICIT),
    "ssmtpa": ("esmtp", True, TlsMode.IMPLICIT),
    "smtps": ("smtp", False, TlsMode.IMPLICIT),
    "esmtp": ("esmtp", False, None),
    "esmtpa": ("esmtp", True, None),
    "esmtps": ("esmtp", False, TlsMode.STARTTLS),
    "esmtpsa": ("esmtp", True, TlsMode.STARTTLS),
    "lmtp": ("lmtp", False, None),
    "lmtpa": ("lmtp", True, None),
    "lmtps": ("lmtp", False, TlsMode.STARTTLS),
    "lmtpsa": ("lmtp", True, TlsMode.STARTTLS),
}
"""What ``--protocol`` stands for: the protocol, whether to log in, and when TLS starts."""
_SERVICES = {"smtp": 25, "mail": 25, "smtps": 465, "ssmtp": 465, "urd": 465, "submissions": 465, "submission": 587}
"""Ports by the names that services have in ``/etc/services``."""
_VERSIONS = {"tlsv1": "1.0", "tlsv1_1": "1.1", "tlsv1_2": "1.2", "tlsv1_3": "1.3"}
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600}
_AUTHS = ("auth", "auth-optional", "auth-optional-strict")


def import_swaks(text: str, folder: Path | None = None, name: str = "") -> Imported:
    """Profiles of the swaks command lines in ``text``, or of the ``.swaksrc`` that it is.

    Nothing is run or read. ``folder`` is where relative paths are taken from, ``name`` the name of the profile instead
    of its host. Any text gives a result.
    """
    findings = Findings()
    profiles: dict[str, Profile] = {}
    seen: set[Profile] = set()
    for call in calls_of(text, findings):
        own = Findings()
        profile = _Reading(call, own, folder, name).profile()
        if profile is not None:
            nameless = profile.model_copy(update={"name": ""})
            if nameless in seen:
                findings.tell(call.line, "", "the same server as above; one profile is enough")
                continue
            seen.add(nameless)
            unique = unique_name(profile.name, profiles)
            if unique != profile.name:
                # Read again: what is told names the profile.
                own = Findings()
                profile = _Reading(call, own, folder, unique).profile()
            assert profile is not None
            profiles[unique] = profile
        findings.take(own)
    return Imported(tuple(profiles.values()), findings.by_line())


class _Reading:
    """Turns the options of one call into the fields of a profile."""

    def __init__(self, call: Call, findings: Findings, folder: Path | None, name: str) -> None:
        self._call = call
        self._findings = findings
        self._folder = folder
        self._given = read_options(call.words, findings)
        self._draft = Draft(name or "swaks", call.line, findings)
        self._named = bool(name)

    def profile(self) -> Profile | None:
        for given in self._given.values():
            if given.option.why:
                self._findings.tell(given.line, given.option.shown, given.option.why)
        protocol, log_in, mode = self._protocol()
        mode = self._mode() or mode or TlsMode.NONE
        if not self._server(protocol, mode):
            return None
        self._certificate(mode)
        self._login(log_in, mode)
        self._sender()
        return self._draft.profile()

    def _value(self, name: str) -> Value | None:
        """The argument of an option, if it was given and can be told."""
        given = self._given.get(name)
        if given is None:
            return None
        if not given.text:
            self._left(given, "has no argument; swaks would ask for one")
        elif given.expands:
            self._left(given, "the shell fills in a part of it")
        elif not is_text(given.text):
            self._left(given, "its argument has control characters, or octets that are no UTF-8")
        else:
            return Value(given.text, given.line, given.option.shown)
        return None

    def _left(self, given: Given, why: str) -> None:
        self._findings.tell(given.line, given.option.shown, why)

    def _protocol(self) -> tuple[str, bool, TlsMode | None]:
        value = self._value("protocol")
        if value is None:
            return _PROTOCOLS["esmtp"]
        if value.text.lower() not in _PROTOCOLS:
            self._findings.of(value, "no protocol of swaks; read as ESMTP")
            return _PROTOCOLS["esmtp"]
        protocol, log_in, mode = _PROTOCOLS[value.text.lower()]
        if protocol == "smtp":
            self._findings.of(value, "swaks says HELO; smtptui says EHLO, and HELO where that is refused")
        return protocol, log_in, mode

    def _mode(self) -> TlsMode | None:
        if "tls-on-connect" in self._given:
            return TlsMode.IMPLICIT
        if "tls-optional" in self._given or "tls-optional-strict" in self._given:
            return TlsMode.OPPORTUNISTIC
        return TlsMode.STARTTLS if "tls" in self._given else None

    def _server(self, protocol: str, mode: TlsMode) -> bool:
        """Where to connect to; whether that is said."""
        draft = self._draft
        draft.set("lmtp", protocol == "lmtp")
        socket, server = self._value("socket"), self._value("server")
        if socket is not None:
            draft.path("socket", socket, self._folder)
            draft.set("tls", mode)
            self._name(Path(socket.text).name)
        else:
            host, port = _split(server.text) if server is not None else ("", "")
            if server is not None and not fits_host(host):
                self._findings.of(server, "not a host name and not an IP address")
                host = ""
            if not host:
                self._findings.tell(
                    self._call.line,
                    "",
                    "no profile was made: no server is named, and swaks would ask the recipient's MX",
                )
                return False
            draft.set("host", host, server)
            self._name(host)
            number = self._port(port, server) or self._default_port(protocol, mode)
            draft.set("port", number)
            if tls_for_port(number) is not mode:
                draft.set("tls", mode)
        self._way()
        return True

    def _name(self, text: str) -> None:
        if not self._named:
            self._draft.name = unique_name(text, ())

    def _port(self, of_server: str, server: Value | None) -> int | None:
        value = self._value("port")
        if value is None and of_server and server is not None:
            value = Value(of_server, server.line, server.setting)
        if value is None:
            return None
        if value.text.lower() in _SERVICES:
            return _SERVICES[value.text.lower()]
        if re.fullmatch(r"0*[1-9][0-9]{0,4}", value.text) and int(value.text) <= 65535:
            return int(value.text)
        self._findings.of(value, "not a port from 1 to 65535")
        return None

    @staticmethod
    def _default_port(protocol: str, mode: TlsMode) -> int:
        return 24 if protocol == "lmtp" else 465 if mode is TlsMode.IMPLICIT else 25

    def _way(self) -> None:
        """How to get there: address family, local address, time limit."""
        families = [name for name in ("4", "6") if name in self._given]
        if len(families) == 1:
            self._draft.set("family", families[0])
        if (local := self._value("local-interface")) is not None:
            address, port = _split(local.text)
            try:
                ipaddress.ip_address(address)
            except ValueError:
                self._findings.of(local, "not an IP address")
            else:
                self._draft.set("source", address, local)
            if port:
                self._findings.of(local, "the operating system chooses the local port")
        if (timeout := self._value("timeout")) is not None:
            match = re.fullmatch(r"([0-9]{1,6})([hms]?)", timeout.text.lower())
            seconds = int(match[1]) * _SECONDS[match[2]] if match else 0
            if 1 <= seconds <= 86400:
                self._draft.set("timeout", seconds, timeout)
            else:
                self._findings.of(timeout, "not a time from 1 s to 24 h; smtptui always has limits")

    def _certificate(self, mode: TlsMode) -> None:
        for name, field in (("tls-ca-path", "ca_file"), ("tls-cert", "client_cert"), ("tls-key", "client_key")):
            if (value := self._value(name)) is not None:
                self._draft.path(field, value, self._folder)
        sni, target = self._value("tls-sni"), self._value("tls-verify-target")
        if (wanted := sni or target) is not None:
            self._draft.set("sni", wanted.text, wanted)
        if sni is not None and target is not None and sni.text != target.text:
            self._findings.of(target, "smtptui expects the name in the certificate that --tls-sni asks for")
        if (versions := self._value("tls-protocol")) is not None:
            self._versions(versions)
        checks = {"tls-verify", "tls-verify-ca", "tls-verify-host"} & self._given.keys()
        if mode is not TlsMode.NONE and "tls-verify" not in checks and len(checks) < 2:
            one = (
                f"{self._given[checks.pop()].option.shown} checks one thing"
                if checks
                else "swaks checks no certificate"
            )
            self._findings.tell(
                self._call.line,
                "",
                f"{one} and a profile checks issuer and name; for a private certificate set ca_file or fingerprint",
            )

    def _versions(self, value: Value) -> None:
        """The oldest TLS version; there is no setting for the newest one."""
        named = [one.strip().lower() for one in value.text.split(",")]
        without = {one.removeprefix("no_") for one in named if one.startswith("no_")}
        allowed = [_VERSIONS[one] for one in _VERSIONS if (one not in without if without else one in named)]
        if not allowed or not set(named) <= {
            f"{no}{one}" for one in (*_VERSIONS, "sslv2", "sslv3") for no in ("", "no_")
        }:
            self._findings.of(value, "no TLS version that smtptui has is named")
            return
        self._draft.set("tls_min", allowed[0], value)
        if tuple(allowed) != TLS_VERSIONS[TLS_VERSIONS.index(allowed[0]) :]:
            self._findings.of(value, f"a profile has an oldest version only; it takes {allowed[0]} and all newer ones")

    def _login(self, log_in: bool, mode: TlsMode) -> None:
        user, password = self._given.get("auth-user"), self._given.get("auth-password")
        kind = next((self._given[name] for name in _AUTHS if name in self._given), None)
        wanted = log_in or user is not None or password is not None or kind is not None
        if not wanted:
            return
        line = next(given.line for given in (user, kind, password, self._given.get("protocol")) if given is not None)
        mechanism = self._mechanism(kind)
        name = None if user is None or user.text == "<>" else self._value("auth-user")
        if name is None and mechanism != "EXTERNAL":
            self._findings.tell(line, "--auth-user", "no user is named, so nobody logs in")
        else:
            self._draft.set("auth", mechanism)
            if name is not None:
                self._draft.set("user", name.text, name)
        if kind is not None and kind.option.names[0] != "auth":
            self._left(kind, "smtptui logs in where a profile has a user, or the session ends")
        if password is not None:
            self._left(password, f"no password is carried over; {keep_it(self._draft.name)}")
        elif name is not None:
            self._findings.tell(line, "--auth-password", f"swaks asks for it; {keep_it(self._draft.name)}")
        if name is not None and mode in (TlsMode.NONE, TlsMode.OPPORTUNISTIC) and "socket" not in self._given:
            self._findings.tell(
                line, "--auth", "without TLS a login needs your consent; set allow_clear_auth in the profile to give it"
            )

    def _mechanism(self, kind: Given | None) -> str:
        if kind is None or not kind.text:
            return "auto"
        value = self._value(kind.option.names[0])
        if value is None:
            return "auto"
        named = [one.strip().upper().removesuffix("-INITIAL") for one in value.text.split(",")]
        known = [one for one in named if one in MECHANISM_NAMES]
        if len(named) == len(known) == 1:
            return known[0]
        self._findings.of(value, "not one mechanism that smtptui has; the best one offered is taken")
        return "auto"

    def _sender(self) -> None:
        if (ehlo := self._value("helo")) is not None:
            if re.search(r"\s", ehlo.text):
                self._findings.of(ehlo, "not a name that EHLO can say")
            else:
                self._draft.set("ehlo", ehlo.text, ehlo)
        sender = self._value("from")
        if sender is not None and sender.text != "<>":
            try:
                parse_mailbox(sender.text)
            except MailboxError:
                self._findings.of(sender, "not an address")
            else:
                self._draft.set("from", sender.text, sender)


def _split(text: str) -> tuple[str, str]:
    """Host and port as swaks parts them: ``HOST:PORT``, ``[HOST]:PORT``, ``HOST/PORT``, ``[HOST]``."""
    for pattern in (r"\[([^\]]+)\]:(.*)", r"([^:]+):([^:]+)", r"\[?([^/\]]*)\]?/(\w+)", r"\[([^\]]+)\]()"):
        if match := re.fullmatch(pattern, text):
            return match[1], match[2]
    return text, ""
