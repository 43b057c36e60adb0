"""What to do next after a session has failed: one sentence for each way to fail."""

from smtptui.explain.refusals import asks_for_login, asks_for_tls, is_about_syntax
from smtptui.protocol import FailureKind, Reply, Stage

LOOK_BEFORE_SENDING_AGAIN = "Look into the server's log before you send it again."
"""After an outcome that is not known."""

_AFTER_REFUSAL_AT = {
    Stage.BANNER: "The server takes no mail from here now: its administrator, or its log, knows why.",
    Stage.EHLO: "Check the EHLO name: many servers want one that resolves.",
    Stage.EHLO_TLS: "Check the EHLO name: many servers want one that resolves.",
    Stage.STARTTLS: "The server cannot do TLS now: its log says why.",
    Stage.AUTH: "Check the user name, its form, and the password; some providers want an app password.",
    Stage.MAIL: "Check the sender: may this login or this host use it here?",
    Stage.RCPT: "Check the address, and whether this server takes mail for its domain from you.",
    Stage.DATA: "The server does not take the message now.",
    Stage.BODY: "The message itself was refused: content, size, authentication of the domain or policy.",
    Stage.DOT: "The message itself was refused: content, size, authentication of the domain or policy.",
}
_AFTER_KIND = {
    FailureKind.DEFERRED: "Try again later.",
    FailureKind.AUTH_TEMPORARY: "The server's login service has trouble: try again later.",
    FailureKind.PROTOCOL: "The server is broken, or replies and commands were edited out of step.",
    FailureKind.TOO_LARGE: "Make it smaller, or send a link instead of the attachment.",
}
_AFTER_LOGIN_WITH = {
    "token": "Is the token expired, for another user, or without the scope for SMTP? Get a new one.",
    "certificate": "The server knows no account for this client certificate.",
}
_AFTER_LOOKUP = {
    FailureKind.DNS_UNKNOWN: "Check the spelling.",
    FailureKind.DNS_TEMPORARY: "Try again later, or ask another name server.",
    FailureKind.NULL_MX: "Mail for it cannot be delivered; use another address.",
}
_AFTER_VERIFY_CODE = {
    9: "The clock here or the certificate is wrong.",
    10: "Renew the certificate on the server and reload it.",
    18: "Install a real certificate, trust this one with a CA file, or pin its fingerprint.",
    19: "The chain ends in an unknown authority: give its certificate as CA file.",
    20: "The chain is incomplete or its authority private: mend the chain on the server or give a CA file.",
    21: "The server should send its intermediate certificates as well; or give a CA file.",
    62: "Connect by a name of the certificate, or give that name as SNI name.",
    64: "Connect by a name of the certificate, or give that name as SNI name.",
}


def after_refusal(reply: Reply, stage: Stage, kind: FailureKind, otherwise: str | None = None) -> str:
    """What to do after a reply that is not what was needed; ``otherwise`` in place of what is said for the stage."""
    if asks_for_tls(reply):
        return "Use TLS: starttls, or the implicit-TLS port."
    if asks_for_login(reply) and stage is not Stage.AUTH:
        return "Log in first: give a user, and TLS if the server offers AUTH only inside it."
    if is_about_syntax(reply) and stage in (Stage.MAIL, Stage.RCPT, Stage.DATA):
        return "The server does not understand the command or one of its parameters: see what was said above."
    return _AFTER_KIND.get(kind, otherwise or _AFTER_REFUSAL_AT.get(stage, ""))


def after_refused_login(wants: str, *, must_log_in: bool) -> str | None:
    """What to do after a login that was refused, by what its mechanism wants; None if the stage's advice is right.

    ``must_log_in``: the session ends without a login.
    """
    advice = _AFTER_LOGIN_WITH.get(wants)
    if advice and not must_log_in:
        advice += " If it is for TLS alone, set auth to off."
    return advice


def after_lookup(kind: FailureKind, only_family: str = "") -> str:
    """What to do if a name was not found; ``only_family``: 4 or 6 if only that version of IP may be used."""
    if kind is FailureKind.DNS_UNKNOWN and only_family:
        return f"Only IPv{only_family} is allowed: leave the choice open, or check the spelling."
    return _AFTER_LOOKUP[kind]


def after_verification(code: int) -> str:
    """What to do after a certificate was not accepted, by OpenSSL's verify code."""
    return _AFTER_VERIFY_CODE.get(code, "Check the certificate on the server, or give a CA file.")


def after_silence(port: int) -> str:
    """What to do if nothing answered at a port."""
    if port == 25:
        return "Many networks block port 25 outward: try submission on 587 or 465."
    return "A firewall drops the packets, or the address is wrong."


def after_no_connection(*, refused: bool) -> str:
    """What to do if no connection came about; ``refused``: the host itself refused it."""
    if refused:
        return "Nothing listens there: is it the right port, and is the server running?"
    return "Check address, network and source address."
