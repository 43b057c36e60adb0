"""Where to connect: a given host, a UNIX socket, or the mail exchangers of the recipients' domain."""

from collections.abc import AsyncGenerator, Sequence

from smtptui.dns import DnsError, Resolver
from smtptui.explain import after_lookup
from smtptui.protocol import Connection, FailureKind, Family, Stage
from smtptui.session.conversation import Target
from smtptui.session.recorder import Recorder
from smtptui.transcript import SessionError

MOST_EXCHANGERS = 10
"""Mail exchangers that are tried, and addresses of each: who has more of them hides what is wrong, or wants to hold up
whoever asks. RFC 5321 section 5.1 wants at least two to be tried."""
_KINDS = {
    "unknown": FailureKind.DNS_UNKNOWN,
    "temporary": FailureKind.DNS_TEMPORARY,
    "null-mx": FailureKind.NULL_MX,
}


async def targets(
    connection: Connection, domains: Sequence[str], resolver: Resolver, recorder: Recorder
) -> AsyncGenerator[Target]:
    """The targets in the order to try them, looked up as they are needed; raises :class:`SessionError`."""
    if connection.socket_path is not None:
        yield Target(connection.host, connection.port, ())
        return
    hosts = [connection.host] if connection.host else await _exchangers(set(domains), resolver, recorder)
    for position, host in enumerate(hosts):
        started = recorder.now
        try:
            found = await resolver.addresses(host, connection.family)
        except DnsError as error:
            recorder.note(Stage.CONNECT, f"looked for the address of {host} in vain", took=recorder.now - started)
            if position < len(hosts) - 1:
                recorder.error(Stage.CONNECT, f"{error}: trying the next mail exchanger")
                continue
            raise _failure(error, connection.family) from error
        ips = tuple(address.ip for address in found[:MOST_EXCHANGERS])
        if ips != (host.strip("[]"),):
            said = f"{host} has the address {', '.join(ips)}{_more(len(found), 'addresses')}"
            recorder.note(Stage.CONNECT, said, took=recorder.now - started)
        yield Target(host, connection.port, ips)


async def _exchangers(domains: set[str], resolver: Resolver, recorder: Recorder) -> list[str]:
    if len(domains) > 1:
        raise SessionError(
            Stage.CONNECT,
            FailureKind.INPUT,
            f"The recipients are in several domains ({', '.join(sorted(domains))}), which have different servers. "
            "Name a server, or send to each domain by itself.",
        )
    if not domains:
        raise SessionError(
            Stage.CONNECT,
            FailureKind.INPUT,
            "There is neither a server nor a recipient whose MX could be asked: name one.",
        )
    domain = domains.pop()
    if not domain:
        raise SessionError(Stage.CONNECT, FailureKind.INPUT, "“postmaster” without a domain needs a server: name one.")
    started = recorder.now
    try:
        exchangers = await resolver.mx(domain)
    except DnsError as error:
        recorder.note(Stage.CONNECT, f"looked for the MX of {domain} in vain", took=recorder.now - started)
        raise _failure(error) from error
    if domain.startswith("["):
        # An address literal: nothing was looked up.
        return [exchangers[0].host]
    if exchangers[0].implicit:
        said = f"{domain} has no MX: its own address counts"
    else:
        tried = ", ".join(f"{each.preference} {each.host}" for each in exchangers[:MOST_EXCHANGERS])
        said = f"MX of {domain}: {tried}{_more(len(exchangers), 'mail exchangers')}"
    recorder.note(Stage.CONNECT, said, took=recorder.now - started)
    return [each.host for each in exchangers[:MOST_EXCHANGERS]]


def _more(count: int, what: str) -> str:
    """That there are more than are tried."""
    return (
        f" and {count - MOST_EXCHANGERS:,} more; {MOST_EXCHANGERS} of {count:,} {what} are tried"
        if (count > MOST_EXCHANGERS)
        else ""
    )


def _failure(error: DnsError, family: Family = Family.ANY) -> SessionError:
    text = str(error).rstrip(".")
    kind = _KINDS[error.kind]
    advice = after_lookup(kind, "" if family is Family.ANY else family)
    if not text.startswith(error.name):
        text = text[0].upper() + text[1:]
    return SessionError(Stage.CONNECT, kind, f"{text}. {advice}")
