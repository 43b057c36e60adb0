"""Runs the ``smtptui`` command in the test's own process, for tests of many commands."""

import contextlib
import io
import os
from collections.abc import Mapping
from unittest import mock

import pytest

from smtptui.cli.entry import main
from tests.cli.running import Ended


def inside(*arguments: str, env: Mapping[str, str]) -> Ended:
    """Run a command to its end. A bug of ours fails the test."""
    out, err = io.StringIO(), io.StringIO()
    with (
        mock.patch.dict(os.environ, env),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        pytest.raises(SystemExit) as ended,
    ):
        main(list(arguments))
    assert isinstance(ended.value.code, int)
    done = Ended(ended.value.code, out.getvalue(), err.getvalue())
    assert done.code != 70, f"{arguments}: {done.err}"
    assert "Traceback" not in done.err
    return done
