"""Here the process that composes is what is tested: it is started as users have it."""

import pytest

from smtptui.batch import ComposerProcess

START = ComposerProcess.start


@pytest.fixture(autouse=True)
def started_composers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is forked."""
    monkeypatch.setattr(ComposerProcess, "start", staticmethod(START))
