"""SASL mechanisms as generators without I/O, and the choice between them (RFC 4422, RFC 4954)."""

from smtptui.session.auth.exchange import Answers, Binding, Context, ExchangeError, Mechanism, ServerUnproven
from smtptui.session.auth.selection import (
    MECHANISMS,
    ORDER_CLEAR,
    ORDER_TLS,
    ORDER_TOKEN,
    Choice,
    NoMechanism,
    UnknownMechanism,
    choose,
)
from smtptui.session.auth.simple import oauth_refusal

__all__ = [
    "MECHANISMS",
    "ORDER_CLEAR",
    "ORDER_TLS",
    "ORDER_TOKEN",
    "Answers",
    "Binding",
    "Choice",
    "Context",
    "ExchangeError",
    "Mechanism",
    "NoMechanism",
    "ServerUnproven",
    "UnknownMechanism",
    "choose",
    "oauth_refusal",
]
