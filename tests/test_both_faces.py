"""The command line and the app begin equal sessions, whatever profile they are given."""

import asyncio
import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from smtptui.cli.connection_options import ConnectionChoice, connection_options, read_connection
from smtptui.cli.credentials import credentials_of
from smtptui.profiles import Keyring, LoginKind, Profile, ProfileStore, SecretOrigin
from smtptui.protocol import MECHANISM_NAMES, Connection, Secret, TlsMode
from smtptui.session import login_test_request
from smtptui.tui.connect import ConnectionForm, Server, SessionState
from smtptui.tui.connect.login_flow import Candidate, LoginFlow
from tests.tui.harness import form, scripted

_TYPED = "typed by the user"
_ENVIRON = {"RELAY_PW": "of the variable", "RELAY_TOKEN": "token of the variable", "PATH": "/usr/bin:/bin"}
_SECRETS: tuple[Mapping[str, object], ...] = (
    {"secret": "ask"},
    {"secret": "keyring"},
    {"password_command": "echo printed"},
    {"password_env": "RELAY_PW"},
    {"token_command": "echo token printed"},
    {"token_env": "RELAY_TOKEN"},
)
_PLACES: tuple[Mapping[str, object], ...] = (
    *({"host": "mail.example.org", "port": 2626, "tls": mode.value} for mode in TlsMode),
    {"host": "mail.example.org"},
    {"host": "mail.example.org", "tls": "starttls"},
    {"host": "::1", "port": 465},
    {"socket": "run/smtp"},
    {"socket": "/run/lmtp", "lmtp": True, "tls": "starttls"},
)
_WHO: tuple[Mapping[str, object], ...] = (
    {},
    {"user": "ann"},
    {"client_cert": "me.pem"},
    {"user": "ann", "client_cert": "me.pem"},
)


def _kinds() -> Iterator[dict[str, object]]:
    for who, secret, place, auth, allow, trust in product(
        _WHO, _SECRETS, _PLACES, ("auto", "off", *MECHANISM_NAMES), (False, True), ({}, {"verify": False})
    ):
        if auth not in ("auto", "off", "EXTERNAL") and "user" not in who:
            # The model refuses it.
            continue
        yield {**who, **secret, **place, **trust, "auth": auth, **({"allow_clear_auth": True} if allow else {})}


def _chosen() -> list[dict[str, object]]:
    """Some of every kind, each value of each field among them, and all that a certificate without a user may be."""
    kinds = list(_kinds())
    alone = [
        each
        for each in kinds
        if "user" not in each and "client_cert" in each and each["auth"] == "auto" and each.get("secret") == "ask"
    ]
    # The keyring takes its time to say that there is none.
    quick = [each for each in kinds if each.get("secret") != "keyring"]
    return [*alone, *random.Random(1).sample(quick, 120), *random.Random(2).sample(kinds, 10)]


@pytest.fixture
def profiles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "config" / "profiles.yaml"
    path.parent.mkdir()
    file = {f"p{number}": fields for number, fields in enumerate(_chosen())}
    path.write_text(yaml.safe_dump({"profiles": file}), "utf-8")
    monkeypatch.setenv("SMTPTUI_PROFILES", str(path))
    for name in ("DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR"):
        monkeypatch.delenv(name, raising=False)

    async def ask(_: str) -> str:
        return _TYPED

    monkeypatch.setattr("smtptui.cli.credentials.someone_is_there", lambda: True)
    monkeypatch.setattr("smtptui.cli.credentials.ask_for_profile", ask)
    return path


def _on_the_command_line(name: str) -> ConnectionChoice:
    found: list[ConnectionChoice] = []

    @click.command()
    @connection_options
    @click.pass_context
    def command(ctx: click.Context, /, **_: Any) -> None:
        found.append(read_connection(ctx))

    command.main(["-p", name], standalone_mode=False)
    return found[0]


def _in_the_app(rows: ConnectionForm, profile: Profile, folder: Path) -> Candidate:
    rows.fill(Server(profile, folder=folder))
    return Candidate(rows.profile(), rows.origin, rows.connection(), False)


def _spelled_out(connection: Connection) -> Connection:
    """The rows leave a TLS mode open that the port stands for; it is the same mode."""
    return replace(connection, tls=replace(connection.tls, mode=connection.tls_mode))


async def test_both_faces_build_equal_requests_from_every_kind_of_profile(profiles: Path) -> None:
    store = ProfileStore(profiles)
    by_app = {}
    keyring = Keyring(_ENVIRON)
    async with scripted() as pilot:
        for profile in store.load():
            state = SessionState(store, keyring, _ENVIRON)
            flow = LoginFlow(pilot.app, state)
            candidate = _in_the_app(form(pilot), profile, profiles.parent)
            if profile.secret_origin in (SecretOrigin.ASK, SecretOrigin.KEYRING):
                state.credentials.keep(candidate.profile, Secret(_TYPED))
            plan = flow.plan(candidate)
            credentials = await flow.credentials(candidate.profile, plan)
            request = login_test_request(_spelled_out(plan.connection), credentials)
            by_app[profile.name] = request, plan.needs, plan.kind
    kinds = set()
    for name, (request, needs, kind) in by_app.items():
        choice = _on_the_command_line(name)
        # In a thread, since it runs a loop.
        credentials = await asyncio.to_thread(credentials_of, choice, _ENVIRON)
        found = login_test_request(_spelled_out(choice.connection), credentials)
        assert (found, choice.login.needs, choice.login.kind) == (request, needs, kind), store.profile(name)
        kinds.add(kind)
    assert kinds == set(LoginKind), "all that can be done about a login"
