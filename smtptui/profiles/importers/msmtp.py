"""Accounts of msmtp become profiles."""

import ipaddress
import re
from collections.abc import Mapping
from pathlib import Path

from smtptui.profiles.importers.imported import Draft, Findings, Imported, Value, fits_host, keep_it, unique_name
from smtptui.profiles.importers.msmtprc import Account, read_accounts
from smtptui.profiles.model import Profile
from smtptui.protocol import BEARER_MECHANISMS, MECHANISM_NAMES, MailboxError, TlsMode, parse_mailbox, tls_for_port

_COLONS = {2 * size + size - 1: size for size in (32, 20, 16)}
"""Length of a fingerprint with colons, and the octets in it: SHA-256, SHA-1, MD5."""
_PRINTS_ITSELF = re.compile(r"\s*(?:/\S*/)?(?:echo|printf)\s[^$`]*\Z", re.DOTALL)
"""A command whose output stands in it."""
_LMTP_PORT = 24


def import_msmtprc(text: str, folder: Path | None = None, name: str = "") -> Imported:
    """Profiles of the accounts in ``text``, as msmtp 1.8 would read it; nothing is run and no other file is read.

    ``folder`` is where the file is: paths in it that are not absolute are taken from there. ``name`` is for the profile
    of an account that is the only one. Any text gives a result.
    """
    findings = Findings()
    accounts = read_accounts(text, findings)
    profiles: dict[str, Profile] = {}
    for account in accounts.values():
        if twin := _twin(account, accounts):
            findings.tell(account.line, "account", f"{account.name} is the same as {twin}; one profile is enough")
            continue
        unique = unique_name(name if name and len(accounts) == 1 else account.name, profiles)
        if unique != account.name and not name:
            findings.tell(account.line, "account", f"its name does not fit; the profile is {unique}")
        profile = _Reading(account, unique, findings, folder).profile()
        if profile is not None:
            profiles[unique] = profile
    return Imported(tuple(profiles.values()), findings.by_line())


def _twin(account: Account, accounts: Mapping[str, Account]) -> str | None:
    """The account that ``account default : NAME`` only names."""
    if account.name != "default" or len(account.bases) != 1:
        return None
    base = accounts[account.bases[0]]
    return base.name if base.settings() == account.settings() else None


class _Reading:
    """Turns the settings of one account into the fields of a profile."""

    def __init__(self, account: Account, name: str, findings: Findings, folder: Path | None) -> None:
        self._settings = account.settings()
        self._findings = findings
        self._folder = folder
        self._draft = Draft(name, account.line, findings)

    def profile(self) -> Profile | None:
        encrypted = self._server()
        self._certificate()
        self._login(encrypted)
        self._sender()
        return self._draft.profile()

    def _get(self, name: str) -> Value | None:
        """A setting with a value; an empty one unsets what was set before."""
        value = self._settings.get(name)
        return value if value is not None and value.text else None

    def _is_on(self, name: str, default: bool) -> bool:
        value = self._settings.get(name)
        if value is None:
            return default
        if value.text in ("", "on"):
            return True
        if value.text != "off":
            self._findings.of(value, f"neither on nor off; read as {'on' if default else 'off'}")
            return default
        return False

    def _server(self) -> bool:
        """Host, port and TLS; whether there is TLS."""
        draft, findings = self._draft, self._findings
        socket, host = self._get("socket"), self._get("host")
        if socket is not None:
            draft.path("socket", socket, self._folder)
            if host is not None:
                findings.of(host, "the account has a socket, which goes before it")
        elif host is not None:
            if fits_host(host.text):
                draft.set("host", host.text, host)
            else:
                findings.of(host, "not a host name and not an IP address")
        lmtp = self._protocol()
        mode = TlsMode.NONE
        if self._is_on("tls", False):
            mode = TlsMode.STARTTLS if self._is_on("tls_starttls", True) else TlsMode.IMPLICIT
        port = self._number("port", 65535)
        if socket is not None:
            draft.set("tls", mode)
        else:
            if port is None:
                port = _LMTP_PORT if lmtp else 465 if mode is TlsMode.IMPLICIT else 25
            draft.set("port", port)
            if tls_for_port(port) is not mode:
                draft.set("tls", mode)
        if (timeout := self._number("timeout", 86400, off=True)) is not None:
            draft.set("timeout", timeout)
        if (source := self._get("source_ip")) is not None:
            self._address(source)
        return mode is not TlsMode.NONE

    def _protocol(self) -> bool:
        value = self._get("protocol")
        if value is None or value.text == "smtp":
            return False
        if value.text != "lmtp":
            self._findings.of(value, "neither smtp nor lmtp; read as smtp")
            return False
        self._draft.set("lmtp", True)
        if self._get("port") is None and self._get("socket") is None:
            self._findings.of(value, f"LMTP has no port of its own and the account names none; {_LMTP_PORT} was set")
        return True

    def _number(self, name: str, most: int, *, off: bool = False) -> int | None:
        value = self._get(name)
        if value is None or (off and value.text == "off"):
            return None
        number = _c_integer(value.text)
        if number is None or not 1 <= number <= most:
            self._findings.of(value, f"not a whole number from 1 to {most}")
            return None
        return number

    def _address(self, value: Value) -> None:
        try:
            ipaddress.ip_address(value.text)
        except ValueError:
            self._findings.of(value, "not an IP address")
        else:
            self._draft.set("source", value.text, value)

    def _certificate(self) -> None:
        checked = self._is_on("tls_certcheck", True)
        if not checked:
            self._draft.set("verify", False)
        trust = self._get("tls_trust_file")
        if trust is not None and trust.text != "system":
            self._draft.path("ca_file", trust, self._folder)
        for name, setting in (("client_cert", "tls_cert_file"), ("client_key", "tls_key_file")):
            if (value := self._get(setting)) is not None:
                self._draft.path(name, value, self._folder)
        if (sni := self._get("tls_host_override")) is not None:
            self._draft.set("sni", sni.text, sni)
        fingerprint = self._get("tls_fingerprint")
        if fingerprint is None:
            return
        size = _COLONS.get(len(fingerprint.text)) if re.fullmatch(r"[0-9A-Fa-f:]*", fingerprint.text) else None
        if size == 32 and checked:
            self._draft.set("fingerprint", fingerprint.text, fingerprint)
        elif size == 32:
            self._findings.of(fingerprint, "tls_certcheck is off, which goes before it")
        elif size is not None:
            kind = "SHA-1" if size == 20 else "MD5"
            self._findings.of(
                fingerprint,
                f"this is {kind} and smtptui takes SHA-256 only; the certificate's issuer and name are checked instead",
            )
        else:
            self._findings.of(fingerprint, "not a fingerprint as msmtp writes them")

    def _login(self, encrypted: bool) -> None:
        user, auth, password = self._get("user"), self._settings.get("auth"), self._get("password")
        if password is not None:
            self._findings.of(password, f"no password is carried over; {keep_it(self._draft.name)}")
        if auth is None or auth.text == "off":
            # msmtp logs in only where it is told to.
            if user is not None:
                self._draft.set("user", user.text, user)
            self._draft.set("auth", "off")
            return
        mechanism = self._mechanism(auth)
        if user is None:
            if mechanism == "EXTERNAL":
                self._draft.set("auth", mechanism, auth)
            else:
                self._findings.of(auth, "the account names no user, so nobody logs in")
            return
        self._draft.set("user", user.text, user)
        self._draft.set("auth", mechanism, auth)
        if not encrypted and self._get("socket") is None:
            self._findings.of(
                auth, "without TLS a login needs your consent; set allow_clear_auth in the profile to give it"
            )
        command = self._get("passwordeval")
        if command is not None and password is None:
            self._command(command, mechanism)
        elif command is None and password is None and mechanism != "EXTERNAL":
            self._findings.of(auth, f"the password is not in this file; {keep_it(self._draft.name)}")

    def _mechanism(self, auth: Value) -> str:
        if auth.text in ("", "on"):
            return "auto"
        if auth.text.upper() in MECHANISM_NAMES:
            return auth.text.upper()
        self._findings.of(auth, "not a mechanism that smtptui has; the best one offered is taken")
        return "auto"

    def _command(self, command: Value, mechanism: str) -> None:
        if _PRINTS_ITSELF.match(command.text):
            self._findings.of(
                command, f"the password stands in it and is not carried over; {keep_it(self._draft.name)}"
            )
        elif mechanism != "EXTERNAL":
            name = "token_command" if mechanism in BEARER_MECHANISMS else "password_command"
            self._draft.set(name, command.text, command)

    def _sender(self) -> None:
        domain, sender, full_name = self._get("domain"), self._get("from"), self._get("from_full_name")
        if domain is not None:
            if "%" in domain.text or not fits_host(domain.text):
                self._findings.of(
                    domain, "not a fixed name; smtptui says this host's own unless ehlo is set in the profile"
                )
            else:
                self._draft.set("ehlo", domain.text, domain)
        if sender is None:
            return
        if re.search(r"[%*?\[]", sender.text):
            self._findings.of(sender, "a pattern that msmtp fills in or matches; a profile has one address")
            return
        mailbox = _mailbox(full_name.text, sender.text) if full_name is not None else sender.text
        try:
            parse_mailbox(mailbox)
        except MailboxError:
            self._findings.of(sender, "not an address")
        else:
            self._draft.set("from", mailbox, sender)


def _mailbox(name: str, address: str) -> str:
    if re.search(r'[()<>\[\]:;@\\,."]', name):
        name = '"' + re.sub(r'(["\\])', r"\\\1", name) + '"'
    return f"{name} <{address}>"


def _c_integer(text: str) -> int | None:
    """A number as C's ``strtol`` with base 0 reads it, which is how msmtp does; None with anything behind it."""
    match = re.fullmatch(r"\s*\+?(?:0[xX]([0-9A-Fa-f]{1,8})|(0[0-7]{0,10})|([1-9][0-9]{0,9}))", text)
    if match is None:
        return None
    hexadecimal, octal, decimal = match.groups()
    return int(hexadecimal, 16) if hexadecimal else int(octal, 8) if octal else int(decimal)
