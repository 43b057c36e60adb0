"""The grammar of ``msmtprc``: lines, accounts, and what an account inherits (msmtp(1), CONFIGURATION FILES)."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from smtptui.profiles.importers.imported import Findings, Value, is_text

_MESSAGE = "belongs to a message and not to a profile"
_LOG = "smtptui keeps no log; `smtptui send --save FILE` keeps a transcript"
_TLS = "smtptui has no setting for it"
_PROXY = "smtptui does not connect through a SOCKS proxy"

_LEFT: dict[str, tuple[frozenset[str], str]] = {
    "proxy_host": (frozenset({""}), _PROXY),
    "proxy_port": (frozenset({""}), _PROXY),
    "tls_crl_file": (frozenset({""}), _TLS),
    "tls_priorities": (frozenset({""}), _TLS),
    "tls_min_dh_prime_bits": (frozenset({""}), _TLS),
    "tls_force_sslv3": (frozenset(), _TLS),
    "ntlmdomain": (frozenset({""}), "smtptui does not speak NTLM"),
    "allow_from_override": (frozenset({"on"}), _MESSAGE),
    "auto_from": (frozenset({"off"}), _MESSAGE),
    "maildomain": (frozenset({""}), _MESSAGE),
    "dsn_notify": (frozenset({"off"}), _MESSAGE),
    "dsn_return": (frozenset({"off"}), _MESSAGE),
    "set_from_header": (frozenset({"", "auto"}), _MESSAGE),
    "set_date_header": (frozenset({"", "auto"}), _MESSAGE),
    "set_msgid_header": (frozenset({"", "auto"}), _MESSAGE),
    "set_to_header": (frozenset({"off"}), _MESSAGE),
    "add_missing_from_header": (frozenset({"", "on"}), _MESSAGE),
    "add_missing_date_header": (frozenset({"", "on"}), _MESSAGE),
    "undisclosed_recipients": (frozenset({"off"}), _MESSAGE),
    "remove_bcc_headers": (frozenset({"", "on"}), _MESSAGE),
    "keepbcc": (frozenset({"off"}), _MESSAGE),
    "aliases": (frozenset({""}), _MESSAGE),
    "logfile": (frozenset({""}), _LOG),
    "logfile_time_format": (frozenset({""}), _LOG),
    "syslog": (frozenset({"off"}), _LOG),
}
"""Settings that no profile has: the arguments by which nothing is lost, and why it is left."""
_CARRIED = {
    *("host", "port", "socket", "source_ip", "timeout", "protocol", "domain", "from", "from_full_name"),
    *("auth", "user", "password", "passwordeval", "tls", "tls_starttls", "tls_trust_file", "tls_fingerprint"),
    *("tls_certcheck", "tls_cert_file", "tls_key_file", "tls_host_override"),
}
_OLDER = {
    "connect_timeout": ("timeout", None),
    "tls_nostarttls": ("tls_starttls", "off"),
    "tls_nocertcheck": ("tls_certcheck", "off"),
}
"""Settings of older versions: today's name, and its argument where the older one has none."""
SETTINGS = _CARRIED | _LEFT.keys() | _OLDER.keys() | {"account", "defaults", "eval"}
"""All that a line can begin with."""


@dataclass(slots=True)
class Account:
    """An account: what it sets itself, and what it was given when it began."""

    name: str
    line: int
    given: dict[str, Value] = field(default_factory=dict)
    """What defaults gave when the account began."""
    own: dict[str, Value] = field(default_factory=dict)
    """What the account set, or inherited from one that did; only this is inherited further."""
    bases: tuple[str, ...] = ()

    def settings(self) -> dict[str, Value]:
        """All its settings; its own go before those of ``defaults``."""
        return {**self.given, **self.own}


def _lines(text: str) -> Iterator[tuple[int, str, str]]:
    """Number, command and argument of every line that has one, taken apart as msmtp's ``get_cmd`` does."""
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
        line = line.removesuffix("\r").strip(" \t")
        if line and not line.startswith("#"):
            command = line.replace("\t", " ").partition(" ")[0]
            yield number, command, _trimmed(line[len(command) :])


def _trimmed(text: str) -> str:
    text = text.strip(" \t")
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text


def read_accounts(text: str, findings: Findings) -> dict[str, Account]:
    """The accounts of a file by name, in its order; what belongs to none of them goes to ``findings``."""
    defaults: dict[str, Value] = {}
    accounts: dict[str, Account] = {}
    current: dict[str, Value] | None = None
    for line, command, argument in _lines(text):
        if command not in SETTINGS:
            # What it is is not said: a password on a line of its own would be.
            findings.tell(line, "", "this is no setting that msmtp knows")
        elif command == "eval":
            findings.tell(line, command, "no command is run by an import, so what it prints is missing")
        elif not is_text(argument):
            findings.tell(line, command, "its value has control characters, or octets that are no UTF-8")
        elif command == "defaults":
            current = defaults
        elif command == "account":
            account = _begin(argument, line, accounts, findings)
            account.given = dict(defaults)
            current = account.own
        else:
            if current is None:
                # As in msmtp 1.2: without an account command there is one, named default.
                accounts["default"] = Account("default", line, dict(defaults))
                current = accounts["default"].own
            _set(current, Value(argument, line, command), findings)
    return accounts


def _begin(argument: str, line: int, accounts: dict[str, Account], findings: Findings) -> Account:
    """The account that begins with ``account NAME [: BASE[,BASE…]]``."""
    name, colon, rest = argument.partition(":")
    name = _trimmed(name) if colon else argument
    account = Account(name, line)
    if not name.strip() or "," in name:
        findings.tell(line, "account", "an account needs a name without commas; this one was left out")
        return account
    if name in accounts:
        findings.tell(line, "account", f"{name} is there already; the second one was left out")
        return account
    wanted = [_trimmed(base) for base in rest.split(",")] if colon else []
    for base in wanted:
        if base in accounts:
            account.own |= accounts[base].own
        else:
            findings.tell(
                line, "account", f"{base or 'an account without a name'} is not defined above, so {name} lacks it"
            )
    account.bases = tuple(base for base in wanted if base in accounts)
    accounts[name] = account
    return account


def _set(settings: dict[str, Value], value: Value, findings: Findings) -> None:
    if value.setting in _LEFT:
        neutral, why = _LEFT[value.setting]
        if value.text not in neutral:
            findings.of(value, why)
        return
    name, argument = _OLDER.get(value.setting, (value.setting, None))
    settings[name] = Value(value.text if argument is None else argument, value.line, value.setting)
