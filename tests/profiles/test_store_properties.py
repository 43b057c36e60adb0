"""Any valid profile survives save and load; any file, however broken, is a sentence and is never spoilt."""

import contextlib
import string
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from smtptui.profiles import EditByHand, NameTaken, Profile, ProfilesError, ProfileStore, UnknownProfile
from tests.profiles.laid_out import File, files
from tests.profiles.test_store import NEW, change

SIMPLE = string.ascii_letters + string.digits + "._-"
TEXT = st.text(max_size=40)
NAME = st.text(min_size=1, max_size=60).filter(lambda name: _valid(name=name, host="x"))
USER = st.text(
    alphabet=st.sampled_from(SIMPLE + " @#:'\"{}~&*!|>%,[]?äß字") | st.characters(categories=("L", "N")), max_size=40
).filter(lambda user: _valid(name="x", host="x", user=user))
HOST = st.text(alphabet=SIMPLE, min_size=1, max_size=20)
COUNT = st.none() | st.integers(1, 10**9)


def _valid(**fields: object) -> bool:
    try:
        Profile.model_validate(fields)
    except ValueError:
        return False
    return True


@st.composite
def profiles(draw: st.DrawFn) -> Profile:
    """Any profile that is valid."""
    fields: dict[str, object] = {
        "name": draw(NAME),
        "host": draw(HOST),
        "port": draw(st.none() | st.integers(1, 65535)),
        "tls": draw(st.sampled_from([None, "none", "opportunistic", "starttls", "implicit"])),
        "verify": draw(st.booleans()),
        "ca_file": draw(st.none() | st.text(min_size=1, max_size=20)),
        "client_cert": draw(st.none() | st.just("cert: x.pem")),
        "tls_min": draw(st.sampled_from(["1.0", "1.1", "1.2", "1.3"])),
        "auth": draw(st.sampled_from(["auto", "off", "EXTERNAL"])),
        "user": draw(USER),
        "allow_clear_auth": draw(st.booleans()),
        "command_timeout": draw(st.floats(0.001, 300)),
        "from": draw(st.sampled_from(["", "a@example.org", '"A, B" <a@example.org>', "ü <ü@example.org>"])),
        "ehlo": draw(st.none() | HOST),
        "family": draw(st.sampled_from(["any", "4", "6"])),
        "source": draw(st.none() | st.ip_addresses().map(str)),
        "timeout": draw(st.none() | st.floats(1e-300, 86400)),
        "resolver": draw(st.none() | st.ip_addresses(v=4).map(lambda ip: f"{ip}:53")),
        "limits": {name: draw(COUNT) for name in ("per_minute", "per_day", "connections", "messages_per_connection")},
        "note": draw(st.text(max_size=80) | st.text(alphabet="ab \n\t#:", max_size=30)),
        "color": draw(st.sampled_from(["none", "blue", "cyan", "pink", "white", "grey"])),
    }
    secret = draw(st.sampled_from(["secret", "password_command", "password_env", "token_command", "token_env"]))
    value = {"secret": st.sampled_from(["keyring", "ask"])}.get(secret, st.just("_V1") if "env" in secret else TEXT)
    fields[secret] = draw(st.none() | value)
    return Profile.model_validate(fields)


ANY = settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))


@given(profile=profiles(), file=files())
@example(profile=Profile(name="~", host="x", user="~", note="a\x85\n", password_command="'"), file=File("", [], ""))
@ANY
def test_any_valid_profile_survives_save_and_load(profile: Profile, file: File, tmp_path_factory: Any) -> None:
    store = ProfileStore(tmp_path_factory.mktemp("any") / "profiles.yaml")
    store.path.write_bytes(file.text.encode())
    others = store.load()
    if profile.name in store.names:
        profile = Profile.model_validate({**dict(profile), "name": "quite another"})
    store.add(profile)
    assert ProfileStore(store.path).load() == (*others, profile)
    if others:
        # And as a change to another one.
        store.replace(others[0].name, Profile.model_validate({**dict(profile), "name": others[0].name}))
        assert ProfileStore(store.path).load()[0] == profile.model_copy(update={"name": others[0].name})


@st.composite
def broken(draw: st.DrawFn) -> str:
    """A file that was fine, with some pieces torn out, doubled or put in."""
    text = draw(files()).text
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(len(text), start + 12)))
        piece = draw(
            st.sampled_from(
                ["", text[start:end] * 2, "'", '"', ":", "{", "]", "\t", "\n", "&a ", "*a", "!", "\r", "<<: "]
            )
        )
        text = text[:start] + piece + text[end:]
    return text


@given(text=st.one_of(st.text(), broken()))
@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_the_file_it_is_loaded_or_a_sentence_and_never_spoilt(text: str, tmp_path_factory: Any) -> None:
    store = ProfileStore(tmp_path_factory.mktemp("broken") / "profiles.yaml")
    data = text.encode("utf-8", "surrogatepass")
    store.path.write_bytes(data)
    try:
        store.load()
    except ProfilesError as error:
        faults = error.faults
        said = error.sentences
    else:
        faults, said = (), ()
    assert all(fault.line for fault in faults)
    assert all(sentence.count("\n") == 0 for sentence in said)
    good = store.readable
    acts: list[Callable[[], object]] = [lambda: store.add(NEW)]
    if good:
        acts.append(lambda: store.remove(good[-1].name))
        acts.append(lambda: change(store, good[0].name, port=4711, note="", user="u"))
    for act in acts:
        before = store.path.read_bytes()
        known = [profile for profile in store.readable if profile.name not in ("new", good[0].name if good else "")]
        try:
            act()
        except (ProfilesError, EditByHand, UnknownProfile, NameTaken):
            assert store.path.read_bytes() == before
        else:
            again = ProfileStore(store.path)
            # The others' faults are still theirs.
            with contextlib.suppress(ProfilesError):
                again.load()
            left = {profile.name for profile in again.readable}
            assert {p.name for p in known} - {good[-1].name if good else ""} <= left
