"""The connection options: which server, how to do TLS with it, who logs in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

from smtptui.cli.errors import bad_input, unreadable, usage
from smtptui.cli.options import PATH, Command, Decorator, apply, chosen, environment_variable, typed
from smtptui.cli.sections import SectionedOption
from smtptui.profiles import LoginPlan, plan_login, plan_with
from smtptui.protocol import (
    TLS_VERSIONS,
    Connection,
    Family,
    HostPortError,
    TlsMode,
    TlsSettings,
    check_ip,
    port_for_tls,
    read_user,
    split_host_port,
    split_ip_port,
)

if TYPE_CHECKING:
    from smtptui.profiles import Profile

Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class ConnectionChoice:
    """The connection options: where to connect, and who logs in there."""

    connection: Connection
    user: str | None
    profile: "Profile | None" = None
    """The profile chosen, with what the options say instead; its secret comes from where it says."""

    @property
    def login(self) -> LoginPlan:
        """Who logs in, and with what."""
        return plan_with(self.connection, self.user or "", self.profile)


class _Declared(NamedTuple):
    names: tuple[str, ...]
    attributes: Mapping[str, Any]

    def option(self, instead: Mapping[str, str], *, environment: bool) -> Decorator:
        attributes = {**self.attributes, "section": "Connection"}
        if environment:
            # The environment may set it as well, as in SMTPTUI_SERVER.
            attributes.setdefault("envvar", environment_variable(self.names[0]))
        else:
            attributes.pop("envvar", None)
        if self.names[0] in instead:
            attributes["help"] = instead[self.names[0]]
        return click.option(*self.names, cls=SectionedOption, **attributes)


def _connection(*names: str, **attributes: Any) -> _Declared:
    return _Declared(names, attributes)


_PROFILE = _connection(
    "-p",
    "--profile",
    metavar="PROFILE",
    envvar="SMTPTUI_PROFILE",
    help="Use this profile; see `smtptui profiles list`. What other options say goes before what it says.",
)
_OPTIONS = (
    _connection(
        "--server",
        metavar="HOST[:PORT]",
        help="Server to connect to, [IPv6]:PORT too. Without it the"
        " MX of the recipient's domain. Port: 25, with --tls implicit 465, with --tls starttls 587.",
    ),
    _connection(
        "--tls",
        type=click.Choice([mode.value for mode in TlsMode]),
        help="When to start TLS. Without it the port decides: 465 implicit, 587 starttls, else opportunistic.",
    ),
    _connection(
        "--auth",
        metavar="MECH|auto|off",
        default="auto",
        help="SASL mechanism; auto takes the best one that the server offers. Only with --user, or EXTERNAL.",
    ),
    _connection(
        "--user",
        metavar="USER",
        help="Log in as this user. The password comes from SMTPTUI_PASSWORD, a"
        " bearer token from SMTPTUI_TOKEN; without them you are asked.",
    ),
    _connection("--ca-file", type=PATH, metavar="FILE", help="Trust these authorities (PEM) instead of the system's."),
    _connection("--no-verify", is_flag=True, help="Accept any certificate; the transcript says what is wrong with it."),
    _connection("--fingerprint", metavar="SHA256", help="Accept the certificate with this SHA-256 and no other."),
    _connection("--client-cert", type=PATH, metavar="FILE", help="Client certificate (PEM)."),
    _connection("--client-key", type=PATH, metavar="FILE", help="Its key (PEM), where it is in a file of its own."),
    _connection("--sni", metavar="NAME", help="Name to ask for, and expect, in the TLS handshake instead of the host."),
    _connection(
        "--tls-min",
        type=click.Choice(TLS_VERSIONS),
        default="1.2",
        show_default=True,
        help="Oldest TLS version to accept.",
    ),
    _connection("--ehlo", metavar="NAME", help="Name to say in EHLO; else this host's FQDN or an address literal."),
    _connection(
        "-4", "family", flag_value=Family.IPV4.value, default=None, envvar="SMTPTUI_FAMILY", help="Use IPv4 only."
    ),
    _connection(
        "-6", "family", flag_value=Family.IPV6.value, default=None, envvar="SMTPTUI_FAMILY", help="Use IPv6 only."
    ),
    _connection("--source", metavar="IP", help="Connect from this local address."),
    _connection("--socket", type=PATH, metavar="PATH", help="Connect to this UNIX socket instead of a host."),
    _connection("--lmtp", is_flag=True, help="Speak LMTP (RFC 2033): every recipient gets a reply of its own."),
    _connection("--allow-clear-auth", is_flag=True, help="Consent to send the password without TLS."),
    _connection(
        "--timeout",
        type=float,
        metavar="SECONDS",
        help="Limit for every stage; else limits after RFC 5321 section 4.5.3.2.",
    ),
    _connection("--resolver", metavar="IP[:PORT]", help="Ask this name server instead of the system's."),
)


def connection_options(command: Command) -> Command:
    """Give a command the connection options; :func:`read_connection` reads them."""
    return apply(tuple(each.option({}, environment=True) for each in (_PROFILE, *_OPTIONS)), command)


def server_options(command: Command, instead: Mapping[str, str]) -> Command:
    """Give a command that keeps a server the same options, ``instead`` with other help for some.

    The environment does not set them: what it says is for the moment. :func:`profile_fields` reads them.
    """
    return apply(tuple(each.option(instead, environment=False) for each in _OPTIONS), command)


_FIELDS = (
    *("tls", "fingerprint", "sni", "tls_min", "auth", "user", "allow_clear_auth"),
    *("ehlo", "family", "source", "lmtp", "timeout", "resolver"),
)
_FILES = ("ca_file", "client_cert", "client_key")


def profile_fields(ctx: click.Context) -> dict[str, Any]:
    """The fields of a profile that the options of a running command say; None for those that go with it.

    Raises :class:`CommandError` as :func:`read_connection` does.
    """
    given = ctx.params
    fields: dict[str, Any] = {name: given[name] for name in _FIELDS if chosen(ctx, name)}
    for name in _FILES:
        if chosen(ctx, name):
            _check_readable(given[name], "--" + name.replace("_", "-"))
            # In the file a path is taken from the folder of the file.
            fields[name] = given[name].absolute()
    if given["no_verify"] and given["fingerprint"]:
        raise usage("--no-verify accepts any certificate and --fingerprint only one: give one of them.")
    if chosen(ctx, "no_verify"):
        # SMTPTUI_NO_VERIFY=0 asks for the check that the profile may have turned off.
        fields |= {"verify": False, "fingerprint": None} if given["no_verify"] else {"verify": None}
    elif chosen(ctx, "fingerprint"):
        fields["verify"] = None
    return fields


def read_connection(ctx: click.Context) -> ConnectionChoice:
    """What the connection options of a running command mean together.

    Raises :class:`CommandError`: usage where they contradict each other, no input where a file is missing,
    configuration where the profile is broken.
    """
    name = _chosen_profile(ctx)
    return _read_options(ctx) if name is None else _read_profile(ctx, name)


def _chosen_profile(ctx: click.Context) -> str | None:
    name: str | None = ctx.params["profile"]
    if name is None:
        return None
    if not name:
        raise usage("--profile is empty: name one, or leave the option out.")
    for other in ("server", "socket"):
        if not ctx.params[other]:
            continue
        if typed(ctx, "profile") == typed(ctx, other):
            raise usage(f"--profile and --{other}: give one of them; a profile has its server.")
        if typed(ctx, other):
            # What was typed goes before what the environment says.
            return None
    return name


def _read_profile(ctx: click.Context, name: str) -> ConnectionChoice:
    # Only with a profile: its model takes longer to load than all the rest of this.
    from smtptui.cli.profiles.choosing import chosen_profile

    profile, connection = chosen_profile(name, profile_fields(ctx))
    return ConnectionChoice(connection, profile.user or None, profile)


def _read_options(ctx: click.Context) -> ConnectionChoice:
    given = ctx.params
    server, socket = given["server"], given["socket"]
    for name, value in (("server", server), ("socket", socket)):
        # A script's unset variable must not turn a relay into whatever else there is.
        if typed(ctx, name) and str(value) in ("", "."):
            raise usage(f"--{name} is empty: name one, or leave the option out.")
    if server and socket:
        if typed(ctx, "server") == typed(ctx, "socket"):
            raise usage("--server and --socket: give one of them.")
        # What was typed goes before what the environment says.
        server, socket = (server, None) if typed(ctx, "server") else (None, socket)
    if given["no_verify"] and given["fingerprint"]:
        raise usage("--no-verify accepts any certificate and --fingerprint only one: give one of them.")
    mode = None if given["tls"] is None else TlsMode(given["tls"])
    host, port = split_server(server) if server else ("", None)
    if given["lmtp"] and port is None and socket is None:
        raise usage("--lmtp needs --socket, or --server with a port: LMTP has none of its own (RFC 2033).")
    for name in ("ca_file", "client_cert", "client_key"):
        _check_readable(given[name], "--" + name.replace("_", "-"))
    try:
        connection = Connection(
            host=host,
            port=port_for_tls(mode) if port is None else port,
            tls=TlsSettings(
                mode=mode,
                verify=not given["no_verify"],
                ca_file=given["ca_file"],
                client_cert=given["client_cert"],
                client_key=given["client_key"],
                sni=given["sni"],
                min_version=given["tls_min"],
                fingerprint=given["fingerprint"],
            ),
            auth=_mechanism(ctx),
            ehlo_name=given["ehlo"],
            family=Family(given["family"]) if given["family"] else Family.ANY,
            source=_read(check_ip, given["source"], "--source") if given["source"] else None,
            socket_path=socket,
            lmtp=given["lmtp"],
            allow_clear_auth=given["allow_clear_auth"],
            timeout=given["timeout"],
            resolver=_resolver(given["resolver"]) if given["resolver"] else None,
        )
    except ValueError as error:
        raise usage(f"{str(error).rstrip('.')}.") from error
    user = _user(given["user"])
    return ConnectionChoice(plan_login(connection, user or "").connection, user)


def split_server(text: str) -> tuple[str, int | None]:
    """Host and port of a word of ``--server``; raises a usage :class:`CommandError`."""
    return _read(split_host_port, text.strip(), "--server")


def _resolver(text: str) -> str:
    _read(split_ip_port, text, "--resolver")
    return text


def _read(read: Callable[[str], Read], text: str, option: str) -> Read:
    try:
        return read(text)
    except HostPortError as error:
        raise usage(f"{option} {text!r}: {error}.") from None


def _user(text: str | None) -> str | None:
    if text is None:
        return None
    try:
        return read_user(text)
    except ValueError as error:
        raise bad_input(f"--user: {error}.") from error


def _mechanism(ctx: click.Context) -> str:
    auth: str = ctx.params["auth"]
    user: str | None = ctx.params["user"]
    if auth.lower() in ("auto", "off"):
        return auth.lower()
    if not user and auth.upper() != "EXTERNAL":
        raise usage(f"--auth {auth} needs --user; only EXTERNAL takes the user from the client certificate.")
    return auth.upper()


def _check_readable(path: Path | None, option: str) -> None:
    if path is None:
        return
    try:
        path.open("rb").close()
    except OSError as error:
        raise unreadable(path, option, error) from error
