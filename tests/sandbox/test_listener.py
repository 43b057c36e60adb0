"""Replies of the sandbox, command by command: codes, enhanced codes, parameters, limits."""

import base64

import pytest

from smtptui.protocol import EnhancedCode
from smtptui.sandbox import Sandbox, channel
from tests.sandbox.conftest import connected, started, trusting


async def test_ehlo_offers_what_is_kept(sandbox: Sandbox) -> None:
    async with connected(sandbox.ports.smtp) as client:
        client.writer.write(b"EHLO me.test\r\n")
        reply = await client.reply()
        assert reply.lines == (
            "sandbox.smtptui.test",
            "PIPELINING",
            "SIZE 52428800",
            "STARTTLS",
            "ENHANCEDSTATUSCODES",
            "8BITMIME",
            "DSN",
            "SMTPUTF8",
        )
        # RFC 2034 section 4: no enhanced code here.
        assert reply.enhanced is None
        assert await client.say("HELO me.test") == "250 sandbox.smtptui.test"


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("NOOP", "250 2.0.0 "),
        ("RSET", "250 2.0.0 "),
        ("HELP", "214 2.0.0 "),
        ("VRFY <b@y.test>", "252 2.0.0 "),
        ("EXPN list", "502 5.5.1 "),
        ("BOGUS", "500 5.5.2 "),
        ("", "500 5.5.2 "),
        ("EHLO", "501 5.5.4 "),
        ("QUIT now", "501 5.5.4 "),
        ("RCPT TO:<b@y.test>", "503 5.5.1 "),
        ("DATA", "503 5.5.1 "),
        ("AUTH PLAIN AGRlbW8Ac2VzYW1l", "503 5.5.1 "),
        ("MAIL", "501 5.5.4 "),
        ("MAIL FROM:a@x.test", "501 5.5.4 "),
        ("MAIL FROM:<a@x.test", "501 5.5.4 "),
        ("MAIL FROM:<a@@x.test>", "501 5.1.7 "),
        ("MAIL FROM:<a b@x.test>", "501 5.1.7 "),
        ("MAIL FROM:<a@x.test>SIZE=1", "501 5.5.4 "),
        ("MAIL FROM:<a@x.test> COLOUR=blue", "555 5.5.4 Unsupported option: COLOUR"),
        ("MAIL FROM:<a@x.test> SIZE=many", "501 5.5.4 Bad value of the parameter SIZE"),
        ("MAIL FROM:<a@x.test> SIZE=1 SIZE=2", "501 5.5.4 "),
        ("MAIL FROM:<a@x.test> SMTPUTF8=yes", "501 5.5.4 "),
        ("MAIL FROM:<a@x.test> SIZE=52428801", "552 5.3.4 "),
        ("MAIL FROM:<a@x.test> BODY=BINARYMIME", "501 5.5.4 "),
        ("MAIL FROM:<ä@x.test>", "553 5.6.7 "),
        (b"MAIL FROM:<\xff@x.test> SMTPUTF8", "501 5.1.7 "),
        ("MAIL FROM:<a@x.test> " + "X" * 5000, "500 5.5.2 "),
        ("X" * 40_000, "500 5.5.2 "),
        ("MAIL FROM:<>", "250 2.1.0 "),
        ("mail from:<a@x.test> size=1 body=8bitmime", "250 2.1.0 "),
        ("MAIL FROM: <a@x.test> RET=FULL ENVID=a+2Bb AUTH=<>", "250 2.1.0 "),
        ("MAIL FROM:<ä@ü.test> SMTPUTF8", "250 2.1.0 "),
        ('MAIL FROM:<"a> b"@x.test> SIZE=1', "250 2.1.0 "),
        ("MAIL FROM:<@hop.test,@hop2.test:a@x.test>", "250 2.1.0 "),
    ],
)
async def test_a_command_after_ehlo(sandbox: Sandbox, line: str | bytes, answer: str) -> None:
    async with connected(sandbox.ports.smtp) as client:
        await client.say("EHLO me.test")
        assert (await client.say(line)).startswith(answer)
        # One reply and no more: the next is that of the next command.
        assert await client.say("NOOP") == "250 2.0.0 OK"


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("RCPT TO:<b@y.test>", "250 2.1.5 "),
        ("RCPT TO:<Postmaster>", "250 2.1.5 "),
        ("RCPT TO:<b@[192.0.2.1]>", "250 2.1.5 "),
        ("RCPT TO:<>", "501 5.1.3 "),
        ("RCPT TO:<b>", "501 5.1.3 "),
        ("RCPT TO:<b@y.test> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;b+2Bc@y.test", "250 2.1.5 "),
        ("RCPT TO:<b@y.test> NOTIFY=NEVER,DELAY", "501 5.5.4 "),
        ("RCPT TO:<b@y.test> ORCPT=b@y.test", "501 5.5.4 "),
        ("RCPT TO:<b@y.test> SIZE=1", "555 5.5.4 "),
        ("RCPT TO:<ä@y.test>", "553 5.6.7 "),
        ("MAIL FROM:<a@x.test>", "503 5.5.1 "),
    ],
)
async def test_a_command_after_mail(sandbox: Sandbox, line: str, answer: str) -> None:
    async with connected(sandbox.ports.smtp) as client:
        await client.say("EHLO me.test")
        await client.say("MAIL FROM:<a@x.test>")
        assert (await client.say(line)).startswith(answer)


async def test_after_helo_there_are_no_parameters(sandbox: Sandbox) -> None:
    async with connected(sandbox.ports.smtp) as client:
        assert (await client.say("MAIL FROM:<a@x.test>")).startswith("503 5.5.1 ")
        await client.say("HELO me.test")
        assert (await client.say("MAIL FROM:<a@x.test> SIZE=1")).startswith("555 5.5.4 ")
        assert (await client.say("MAIL FROM:<a@x.test>")).startswith("250 2.1.0 ")


async def test_parameters_are_kept_as_they_were_sent(sandbox: Sandbox) -> None:
    async with connected(sandbox.ports.smtp) as client:
        await client.say("EHLO me.test")
        await client.say("MAIL FROM:<ä@x.test> SMTPUTF8 RET=hdrs ENVID=Ab+2B")
        await client.say("RCPT TO:<b@y.test> NOTIFY=success ORCPT=rfc822;Bob@Y.test")
        await client.say("RCPT TO:<ö@y.test>")
        await client.say("DATA")
        await client.say(".")
    (caught,) = sandbox.store
    assert (caught.sender, caught.recipients) == ("ä@x.test", ("b@y.test", "ö@y.test"))
    assert caught.mail_parameters == "SMTPUTF8 RET=hdrs ENVID=Ab+2B"
    assert caught.rcpt_parameters == ("NOTIFY=success ORCPT=rfc822;Bob@Y.test", "")
    assert caught.content == b""


async def test_rset_and_ehlo_forget_the_transaction(sandbox: Sandbox) -> None:
    async with connected(sandbox.ports.smtp) as client:
        for forget in ("RSET", "EHLO me.test", "HELO me.test"):
            await client.say("EHLO me.test")
            await client.say("MAIL FROM:<a@x.test>")
            await client.say("RCPT TO:<b@y.test>")
            assert (await client.say(forget)).startswith("250")
            assert (await client.say("DATA")).startswith("503 5.5.1 ")


async def test_too_large_a_message_is_refused_after_the_dot_and_the_session_goes_on() -> None:
    async with started(size_limit=1000) as sandbox, connected(sandbox.ports.smtp) as client:
        await client.say("EHLO me.test")
        for lines, answer in ((60, "552 5.3.4 "), (1, "250 2.0.0 ")):
            await client.say("MAIL FROM:<a@x.test>")
            await client.say("RCPT TO:<b@y.test>")
            await client.say("DATA")
            client.writer.write(b"0123456789abcdefgh\r\n" * lines)
            assert (await client.say(".")).startswith(answer)
        assert len(sandbox.store) == 1


@pytest.mark.parametrize(("length", "answer"), [(998, "250 2.0.0 "), (999, "500 5.5.2 "), (100_000, "500 5.5.2 ")])
async def test_too_long_a_line_is_refused_after_the_dot(sandbox: Sandbox, length: int, answer: str) -> None:
    async with connected(sandbox.ports.smtp) as client:
        await client.say("EHLO me.test")
        await client.say("MAIL FROM:<a@x.test>")
        await client.say("RCPT TO:<b@y.test>")
        await client.say("DATA")
        client.writer.write(b"x" * length + b"\r\n")
        assert (await client.say(".")).startswith(answer)
        assert (await client.say("NOOP")).startswith("250 ")


async def test_there_is_a_limit_of_recipients(sandbox: Sandbox) -> None:
    async with connected(sandbox.ports.smtp) as client:
        await client.say("EHLO me.test")
        await client.say("MAIL FROM:<a@x.test>")
        client.writer.write(b"RCPT TO:<b@y.test>\r\n" * 1001)
        replies = [await client.reply() for _ in range(1001)]
        assert {reply.code for reply in replies[:-1]} == {250}
        assert (replies[-1].code, replies[-1].enhanced) == (452, EnhancedCode(4, 5, 3))


@pytest.mark.parametrize(
    ("lines", "answer"),
    [
        (("AUTH",), "501 5.5.4 "),
        (("AUTH GSSAPI",), "504 5.5.4 "),
        (("AUTH PLAIN !!!",), "501 5.5.2 "),
        (("AUTH PLAIN AAAA=",), "501 5.5.2 "),
        (("AUTH PLAIN", "*"), "501 5.7.0 "),
        (("AUTH LOGIN", "ZGVtbw==", "*"), "501 5.7.0 "),
        (("AUTH CRAM-MD5", "*"), "501 5.7.0 "),
        (("AUTH CRAM-MD5", "bm9ib2R5"), "535 5.7.8 "),
        (("AUTH PLAIN AHdyb25nAHNlc2FtZQ==",), "535 5.7.8 "),
        (("AUTH PLAIN AGRlbW8Ac2VzYW1l",), "235 2.7.0 "),
        (("auth plain", "AGRlbW8Ac2VzYW1l"), "235 2.7.0 "),
        (("AUTH LOGIN ZGVtbw==", "c2VzYW1l"), "235 2.7.0 "),
        (("AUTH PLAIN", "A" * 40_000), "500 5.5.6 "),
    ],
)
async def test_auth_on_the_smtps_port(sandbox: Sandbox, lines: tuple[str, ...], answer: str) -> None:
    async with connected(sandbox.ports.smtps, trusting(sandbox)) as client:
        assert (await client.say(lines[0])).startswith("503 5.5.1 ")
        await client.say("EHLO me.test")
        for line in lines[:-1]:
            assert (await client.say(line)).startswith("334")
        assert (await client.say(lines[-1])).startswith(answer)
        mail = await client.say("MAIL FROM:<a@x.test>")
        assert mail.startswith("250 " if answer.startswith("235") else "530 5.7.0 ")


async def test_one_login_and_not_within_a_transaction(sandbox: Sandbox) -> None:
    plain = "AUTH PLAIN " + base64.b64encode(b"\0demo\0sesame").decode()
    async with connected(sandbox.ports.submission) as client:
        await client.say("EHLO me.test")
        assert (await client.say("VRFY b")).startswith("530 5.7.0 ")
        await client.secure(sandbox)
        await client.say("EHLO me.test")
        assert (await client.say(plain)).startswith("235 ")
        assert (await client.say(plain)).startswith("503 5.5.1 ")
        assert (await client.say("STARTTLS")).startswith("503 5.5.1 ")
        await client.say("MAIL FROM:<a@x.test>")
        assert (await client.say(plain)).startswith("503 5.5.1 ")


@pytest.mark.parametrize("port", ["smtp", "smtps"])
async def test_an_idle_client_is_told_before_it_is_closed(port: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with started() as sandbox:
        monkeypatch.setattr(channel, "_IDLE", 0.2)
        context = trusting(sandbox) if port == "smtps" else None
        async with connected(getattr(sandbox.ports, port), context) as client:
            assert str(await client.reply()) == "421 4.4.2 Idle for too long"
            with pytest.raises(EOFError):
                await client.reply()
