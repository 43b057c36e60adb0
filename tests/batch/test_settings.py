"""The settings of a batch, kept as JSON."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtptui.batch.settings import (
    BatchSettings,
    LimitSettings,
    ListSettings,
    MessageSettings,
    Relay,
    SettingsError,
    Shard,
    Signing,
    SourceFile,
)
from smtptui.protocol import Connection, Family, Notify, Ret, TlsMode, TlsSettings
from smtptui.session import Pipelining

FILE = SourceFile(path=Path("/home/ann/letter.txt"), sha256="0" * 64)
TEXT = st.text(max_size=20)
CONNECTIONS = st.builds(
    Connection,
    host=st.sampled_from(["", "mx.example.org", "::1"]),
    port=st.integers(1, 65535),
    tls=st.builds(
        TlsSettings,
        mode=st.none() | st.sampled_from(TlsMode),
        verify=st.booleans(),
        ca_file=st.none() | st.just(Path("/etc/ca.pem")),
        fingerprint=st.none() | st.just("AB:" * 31 + "AB"),
    ),
    auth=st.sampled_from(["auto", "off", "PLAIN"]),
    family=st.sampled_from(Family),
    socket_path=st.none() | st.just(Path("/run/lmtp")),
    timeout=st.none() | st.floats(0.1, 1000),
)
SETTINGS = st.builds(
    BatchSettings,
    list=st.builds(ListSettings, file=st.none() | st.just(FILE), columns=st.tuples(TEXT), address_column=TEXT),
    message=st.builds(
        MessageSettings,
        template=st.just(FILE),
        sender=TEXT,
        envelope_sender=st.none() | TEXT,
        signing=st.none() | st.just(Signing(key=Path("/k.pem"), selector="s", domain="example.org")),
        notify=st.sampled_from([(), (Notify.FAILURE, Notify.DELAY)]),
        ret=st.none() | st.sampled_from(Ret),
    ),
    relay=st.builds(
        Relay,
        connection=CONNECTIONS,
        profile=st.none() | TEXT,
        options=st.dictionaries(TEXT, st.none() | st.booleans() | st.integers(0, 9) | TEXT, max_size=3),
    ),
    limits=st.builds(LimitSettings, per_minute=st.none() | st.floats(0.1, 1e6), canary=st.none() | st.integers(0, 99)),
    pipelining=st.sampled_from(Pipelining),
    shard=st.none() | st.just(Shard(number=2, of=3)),
)


@given(SETTINGS)
def test_what_is_kept_comes_back(settings: BatchSettings) -> None:
    assert BatchSettings.from_json(settings.to_json()) == settings


@pytest.mark.parametrize("text", ["", "{", "[]", '{"relay": {}}', '{"wings": 2}'])
def test_what_cannot_be_read_is_a_sentence(text: str) -> None:
    with pytest.raises(SettingsError, match="cannot read"):
        BatchSettings.from_json(text)
