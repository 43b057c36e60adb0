"""A login test: connect, EHLO, TLS and login as for a message, and then goodbye. No mail."""

from smtptui.protocol import Connection, Credentials, Envelope, Stage, visible
from smtptui.session.gate import ExitAfter
from smtptui.session.request import Request
from smtptui.transcript import Outcome, describe


def login_test_request(connection: Connection, credentials: Credentials | None) -> Request:
    """The request that tests a login.

    Give it to a :class:`SessionRun`, and its outcome to :func:`describe_login_test`.
    Where nobody logs in, it ends after the last EHLO. The connection names a host or a socket: without a recipient
    there is no mail exchanger to look for.
    """
    return Request(
        connection=connection,
        envelope=Envelope("", ()),
        content=b"",
        credentials=credentials,
        exit_after=ExitAfter(Stage.AUTH),
    )


def describe_login_test(outcome: Outcome) -> str:
    """What a login test came to, in a sentence or two, harmless to show."""
    if outcome.failure is not None:
        return describe(outcome)
    server = outcome.server
    host = f"[{server.host}]" if ":" in server.host else server.host
    where = f"{host}:{server.port}" if server.host else "The socket"
    tls = outcome.tls
    how = f"inside {tls.version} ({tls.verification})" if tls is not None else "in the clear"
    login = f"the login succeeded ({outcome.auth})" if outcome.auth is not None else "nobody logged in"
    return visible(f"{where} answers {how}; {login}. No message was sent.")
