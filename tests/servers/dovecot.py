"""A Dovecot that does nothing but SASL for Postfix, with a stub that knows which OAuth tokens are good."""

import http.server
import json
import shutil
import threading
import urllib.parse
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.servers.daemon import Daemon, find_program, free_port, listening

MECHANISMS = (
    "PLAIN",
    "LOGIN",
    "CRAM-MD5",
    "DIGEST-MD5",
    "SCRAM-SHA-1",
    "SCRAM-SHA-256",
    "XOAUTH2",
    "OAUTHBEARER",
)
"""All that Dovecot 2.3 has and a client could want; EXTERNAL besides."""
PASSWORDS = {
    "alice": "wonderland",
    "bob": "  two leading, one trailing space ",
    "carol": "pässwörd-ключ-🔑",
    "dave@good.test": "p\\a\"s's%u$x",
}
GOOD_TOKEN = "good-token.for-alice_0123456789"
"""A bearer token for ``alice``; every other is bad."""

_CONFIGURATION = """\
base_dir = {directory}/run
state_dir = {directory}/state
log_path = {directory}/log
auth_verbose = yes
protocols =
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = {mechanisms}
auth_failure_delay = 0
default_internal_user = dovecot
default_login_user = dovenull
passdb {{
  driver = passwd-file
  mechanisms = plain login cram-md5 digest-md5 scram-sha-1 scram-sha-256 external
  args = scheme=PLAIN username_format=%u {directory}/users
}}
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {directory}/oauth2
}}
userdb {{
  driver = static
  args = uid=dovecot gid=dovecot home={directory}
}}
service auth {{
  inet_listener {{
    address = 127.0.0.1
    port = {port}
  }}
}}
# Without it an address that failed a few times waits for up to 15 seconds.
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
"""
_OAUTH2 = """\
introspection_url = http://127.0.0.1:{port}/introspect?token=
introspection_mode = get
username_attribute = email
"""


class _Introspection(http.server.BaseHTTPRequestHandler):
    """Says whether a token is active, in the way of RFC 7662."""

    def do_GET(self) -> None:
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
        good = query.get("token") == [GOOD_TOKEN]
        answer = {"active": True, "email": "alice", "scope": "mail"} if good else {"active": False}
        body = json.dumps(answer).encode()
        self.send_response(200 if good else 401)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing on standard error."""


class Dovecot:
    """The running Dovecot; ``with Dovecot(directory) as dovecot``: its ``port`` speaks the SASL protocol."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self.port = free_port()
        self._daemon: Daemon | None = None
        self._stub = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Introspection)
        self._thread = threading.Thread(target=self._stub.serve_forever, kwargs={"poll_interval": 0.05})

    def __enter__(self) -> Self:
        program = find_program("dovecot")
        assert program is not None
        directory = self._directory
        directory.mkdir(mode=0o755)
        users = "".join(f"{user}:{{PLAIN}}{password}::::::\n" for user, password in PASSWORDS.items())
        mechanisms = " ".join((*MECHANISMS, "EXTERNAL")).lower()
        (directory / "users").write_text(users, "utf-8")
        (directory / "oauth2").write_text(_OAUTH2.format(port=self._stub.server_address[1]))
        configuration = directory / "dovecot.conf"
        configuration.write_text(_CONFIGURATION.format(directory=directory, mechanisms=mechanisms, port=self.port))
        self._thread.start()
        try:
            self._daemon = Daemon([program, "-F", "-c", str(configuration)], output=directory / "output")
            self._daemon.wait_ready(lambda: listening(self.port), directory / "log")
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """End Dovecot and the stub, and remove their directory."""
        if self._daemon is not None:
            self._daemon.stop()
        self._stub.shutdown()
        self._stub.server_close()
        self._thread.join()
        shutil.rmtree(self._directory, ignore_errors=True)
