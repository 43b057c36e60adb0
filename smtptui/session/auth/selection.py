"""Which mechanism to use: the one asked for, or by a published order among those the server offers."""

from collections.abc import Sequence
from dataclasses import dataclass

from smtptui.protocol import Credentials
from smtptui.session.auth import simple
from smtptui.session.auth.exchange import Mechanism
from smtptui.session.auth.scram import scram

MECHANISMS: dict[str, Mechanism] = {
    mechanism.name: mechanism
    for mechanism in (
        Mechanism("PLAIN", "password", simple.plain, "RFC 4616"),
        Mechanism("LOGIN", "password", simple.login, "draft-murchison-sasl-login"),
        Mechanism("CRAM-MD5", "password", simple.cram_md5, "RFC 2195"),
        Mechanism("SCRAM-SHA-1", "password", scram("sha1", plus=False), "RFC 5802", finished_by_server=True),
        Mechanism("SCRAM-SHA-1-PLUS", "password", scram("sha1", plus=True), "RFC 5802", finished_by_server=True),
        Mechanism("SCRAM-SHA-256", "password", scram("sha256", plus=False), "RFC 7677", finished_by_server=True),
        Mechanism("SCRAM-SHA-256-PLUS", "password", scram("sha256", plus=True), "RFC 7677", finished_by_server=True),
        Mechanism("XOAUTH2", "token", simple.xoauth2, "Google, Microsoft"),
        Mechanism("OAUTHBEARER", "token", simple.oauthbearer, "RFC 7628"),
        Mechanism("EXTERNAL", "certificate", simple.external, "RFC 4422 appendix A"),
    )
}

ORDER_TLS: tuple[str, ...] = (
    "SCRAM-SHA-256-PLUS",
    "SCRAM-SHA-256",
    "SCRAM-SHA-1-PLUS",
    "SCRAM-SHA-1",
    "PLAIN",
    "LOGIN",
    "CRAM-MD5",
)
"""With a password inside TLS: mutual proof first; then PLAIN, which TLS protects, before CRAM-MD5, for which a
server must keep the password itself and which many offer without it working."""
ORDER_CLEAR: tuple[str, ...] = ("SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "PLAIN", "LOGIN")
"""With a password in the clear (only by consent): what does not show the password first."""
ORDER_TOKEN: tuple[str, ...] = ("OAUTHBEARER", "XOAUTH2")
"""With an access token: the standard before its forerunner."""


class NoMechanism(Exception):
    """No mechanism fits; the sentence says what the server offers and what that would need."""


class UnknownMechanism(NoMechanism):
    """A mechanism was asked for by a name that means nothing here."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A mechanism and why it was taken, in words for the transcript."""

    mechanism: Mechanism
    why: str


def choose(
    wanted: str, offered: Sequence[str], credentials: Credentials, *, tls: bool, bindable: bool, certificate: bool
) -> Choice:
    """Pick a mechanism; raises :class:`NoMechanism`.

    ``wanted`` is ``auto`` or a name; ``offered`` what EHLO listed; ``bindable`` whether the TLS channel has a
    binding for -PLUS; ``certificate`` whether a client certificate is in use.
    """
    listed = ", ".join(offered) or "none"
    if not offered:
        elsewhere = " Submission is on 587 or 465; or send without a login." if tls else _hint(tls)
        raise NoMechanism(f"The server offers no login (AUTH) here.{elsewhere}")
    if wanted.lower() != "auto":
        mechanism = MECHANISMS.get(wanted.upper())
        if mechanism is None:
            raise UnknownMechanism(f"{wanted} is no mechanism smtptui knows; it knows {', '.join(MECHANISMS)}.")
        if missing := _missing(mechanism, credentials):
            raise NoMechanism(f"{mechanism.name} needs {missing}, and none was given.")
        if mechanism.name not in offered:
            raise NoMechanism(f"The server does not offer {mechanism.name} here (it offers: {listed}).{_hint(tls)}")
        return Choice(mechanism, f"{mechanism.name}: as asked (the server offers: {listed})")
    order, given = _order(credentials, tls=tls, certificate=certificate)
    for name in order:
        if name in offered and (bindable or not name.endswith("-PLUS")):
            return Choice(
                MECHANISMS[name], f"{name}: first of {', '.join(order)} that the server offers (it offers: {listed})"
            )
    raise NoMechanism(f"With {given} there is no mechanism in common (the server offers: {listed}).{_hint(tls)}")


def _order(credentials: Credentials, *, tls: bool, certificate: bool) -> tuple[tuple[str, ...], str]:
    if credentials.token:
        return ORDER_TOKEN, "an access token"
    if credentials.password is not None:
        return (ORDER_TLS if tls else ORDER_CLEAR), "a password"
    if certificate:
        return ("EXTERNAL",), "a client certificate"
    return (), "neither password, token nor client certificate"


def _missing(mechanism: Mechanism, credentials: Credentials) -> str | None:
    if mechanism.wants == "password" and credentials.password is None:
        return "a password"
    if mechanism.wants == "token" and credentials.token is None:
        return "an access token"
    return None


def _hint(tls: bool) -> str:
    return "" if tls else " Many servers offer AUTH only after TLS: use starttls or implicit."
