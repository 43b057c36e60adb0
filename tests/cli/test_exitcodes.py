"""The exit codes are those of sysexits.h, and all of them are explained."""

import os

from smtptui.cli.exitcodes import PRECEDENCE, ExitCode


def test_codes_are_those_of_sysexits() -> None:
    assert ExitCode.OK == os.EX_OK
    assert ExitCode.USAGE == os.EX_USAGE
    assert ExitCode.DATA == os.EX_DATAERR
    assert ExitCode.NO_INPUT == os.EX_NOINPUT
    assert ExitCode.NO_HOST == os.EX_NOHOST
    assert ExitCode.UNAVAILABLE == os.EX_UNAVAILABLE
    assert ExitCode.INTERNAL == os.EX_SOFTWARE
    assert ExitCode.CANNOT_CREATE == os.EX_CANTCREAT
    assert ExitCode.IO == os.EX_IOERR
    assert ExitCode.TEMPORARY == os.EX_TEMPFAIL
    assert ExitCode.PROTOCOL == os.EX_PROTOCOL
    assert ExitCode.PERMISSION == os.EX_NOPERM
    assert ExitCode.CONFIGURATION == os.EX_CONFIG


def test_every_code_has_a_meaning_of_its_own() -> None:
    assert len({code.meaning for code in ExitCode}) == len(ExitCode)


def test_precedence_puts_the_login_first_and_success_last() -> None:
    assert [int(code) for code in PRECEDENCE] == [77, 76, 75, 69, 0]
