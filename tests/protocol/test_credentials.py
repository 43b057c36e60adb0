"""A secret is used where it is revealed and nowhere else."""

import copy
import json
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtptui.protocol import Credentials, Secret


@given(st.text(min_size=12))
def test_a_secret_shows_in_no_text(value: str) -> None:
    secret = Secret(value)
    shown = f"{secret} {secret!r} {[secret]} {Credentials('u', secret)} {secret!s}"
    assert value not in shown
    assert secret.reveal() == value


def test_its_length_does_not_show() -> None:
    assert repr(Secret("a")) == repr(Secret("a" * 50))


def test_it_is_not_pickled_nor_serialised() -> None:
    with pytest.raises(TypeError, match="pickled"):
        pickle.dumps(Secret("hunter2"))
    with pytest.raises(TypeError):
        copy.copy(Secret("hunter2"))
    with pytest.raises(TypeError):
        json.dumps(Secret("hunter2"))
    assert not hasattr(Secret("hunter2"), "__dict__")


def test_equality_and_truth() -> None:
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert len({Secret("a"), Secret("a")}) == 1
    assert not Secret("")
    assert hash(Secret("a")) != hash("a")
