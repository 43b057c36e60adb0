"""The sandbox as clients see it: its ports, TLS, AUTH, what it keeps, how it ends."""

import asyncio
import smtplib
import socket
import ssl
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store

from smtptui.protocol import Reply, queue_id_of
from smtptui.sandbox import Caught, Sandbox, SandboxError
from tests.sandbox.conftest import NOON, Run, connected, started, trusting

MESSAGE = b"Subject: Hello\r\n\r\nOne line.\r\n"


async def deliver(connect: Callable[[], smtplib.SMTP], use: Callable[[smtplib.SMTP], None]) -> None:
    """Do something with the standard library's client, in a thread."""

    def work() -> None:
        with connect() as client:
            use(client)

    await asyncio.to_thread(work)


def test_the_relay_takes_mail_in_the_clear(run: Run) -> None:
    async def main() -> None:
        seen: list[Caught] = []
        async with started(on_caught=seen.append) as sandbox:

            def use(client: smtplib.SMTP) -> None:
                client.ehlo("me.test")
                assert not client.has_extn("auth")
                client.sendmail("a@x.test", ["b@y.test", "c@z.test"], MESSAGE)

            await deliver(lambda: smtplib.SMTP("127.0.0.1", sandbox.ports.smtp), use)
            (caught,) = sandbox.store
            assert seen == [caught]
            assert (caught.seq, caught.at, caught.listener, caught.helo) == (0, NOON, "smtp", "me.test")
            assert (caught.tls, caught.user) == (False, None)
            assert (caught.sender, caught.recipients) == ("a@x.test", ("b@y.test", "c@z.test"))
            assert caught.content == MESSAGE
            assert caught.peer.startswith("127.0.0.1:")

    run(main())


def test_the_relay_offers_starttls(run: Run) -> None:
    async def main() -> None:
        async with started() as sandbox:

            def use(client: smtplib.SMTP) -> None:
                client.starttls(context=trusting(sandbox))
                client.ehlo()
                assert not client.has_extn("starttls")
                client.sendmail("a@x.test", ["b@y.test"], MESSAGE)

            await deliver(lambda: smtplib.SMTP("localhost", sandbox.ports.smtp), use)
            assert sandbox.store[0].tls

    run(main())


@pytest.mark.parametrize("mechanism", ["auth_plain", "auth_login", "auth_cram_md5"])
def test_the_submission_port_wants_tls_and_then_auth(run: Run, mechanism: str) -> None:
    async def main() -> None:
        async with started() as sandbox:

            def use(client: smtplib.SMTP) -> None:
                client.ehlo()
                assert client.has_extn("starttls")
                assert not client.has_extn("auth")
                assert client.mail("a@x.test") == (530, b"5.7.0 Must issue a STARTTLS command first")
                assert client.docmd("AUTH", "PLAIN AGRlbW8Ac2VzYW1l")[0] == 530
                client.starttls(context=trusting(sandbox))
                client.ehlo()
                assert client.esmtp_features["auth"].split() == ["PLAIN", "LOGIN", "CRAM-MD5"]
                assert client.mail("a@x.test") == (530, b"5.7.0 Authentication required")
                client.user, client.password = "demo", "wrong"
                method = getattr(client, mechanism)
                name = mechanism.removeprefix("auth_").replace("_", "-").upper()
                with pytest.raises(smtplib.SMTPAuthenticationError) as caught:
                    client.auth(name, method)
                assert caught.value.smtp_code == 535
                assert caught.value.smtp_error == b"5.7.8 Authentication credentials invalid"
                client.password = "sesame"
                assert client.auth(name.lower(), method)[0] == 235
                client.sendmail("a@x.test", ["b@y.test"], MESSAGE)

            await deliver(lambda: smtplib.SMTP("localhost", sandbox.ports.submission), use)
            (caught,) = sandbox.store
            assert (caught.listener, caught.tls, caught.user) == ("submission", True, "demo")

    run(main())


def test_the_smtps_port_speaks_tls_at_once(run: Run) -> None:
    async def main() -> None:
        async with started() as sandbox:

            def use(client: smtplib.SMTP) -> None:
                assert client.docmd("MAIL", "FROM:<a@x.test>")[0] == 503
                client.ehlo()
                assert client.mail("a@x.test")[0] == 530
                client.login(sandbox.user, sandbox.password)
                client.sendmail("a@x.test", ["b@y.test"], MESSAGE)

            context = trusting(sandbox)
            for host in ("localhost", "127.0.0.1"):
                await deliver(
                    lambda host=host: smtplib.SMTP_SSL(host, sandbox.ports.smtps, context=context),  # type: ignore[misc]
                    use,
                )
            assert [(caught.listener, caught.tls, caught.user) for caught in sandbox.store] == [
                ("smtps", True, "demo")
            ] * 2

    run(main())


async def test_the_certificate_is_for_its_names_only_and_valid_for_every_verifier(sandbox: Sandbox) -> None:
    context = trusting(sandbox)
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        await asyncio.open_connection("127.0.0.1", sandbox.ports.smtps, ssl=context, server_hostname="x.test")
    with pytest.raises(ssl.SSLCertVerificationError):
        await asyncio.open_connection(
            "127.0.0.1", sandbox.ports.smtps, ssl=ssl.create_default_context(), server_hostname="localhost"
        )
    authority = x509.load_pem_x509_certificate(sandbox.ca_file.read_bytes())
    for name in ("localhost", "sandbox.smtptui.test"):
        _, writer = await asyncio.open_connection("127.0.0.1", sandbox.ports.smtps, ssl=context, server_hostname=name)
        der = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        writer.close()
        verifier = PolicyBuilder().store(Store([authority])).build_server_verifier(x509.DNSName(name))
        assert len(verifier.verify(x509.load_der_x509_certificate(der), [])) == 2


@pytest.mark.parametrize(
    "content",
    [
        b"Subject: dots\r\n\r\n.\r\n..\r\n.a\r\na.\r\n.\r\n",
        b"Subject: long\r\n\r\n" + b"x" * 998 + b"\r\n." + b"y" * 997 + b"\r\n",
        b"Subject: octets\r\n\r\n" + bytes(o for o in range(256) if o not in b"\r\n") + b"\r\n",
        b"Subject: bare\r\n\r\na\nb\rc\n.\nd\r\n",
        b"\r\n",
        b"no header at all\r\n",
        b"Subject: large\r\n\r\n" + b"0123456789abcde\r\n" * 20_000 + b"end\r\n",
    ],
    ids=["dots", "long lines", "every octet", "bare line ends", "empty line", "no header", "large"],
)
async def test_what_is_kept_is_what_was_sent(sandbox: Sandbox, content: bytes) -> None:
    async with connected(sandbox.ports.smtp) as client:
        await client.say("EHLO me.test")
        await client.say("MAIL FROM:<a@x.test> BODY=8BITMIME")
        await client.say("RCPT TO:<b@y.test>")
        assert await client.say("DATA") == "354 End data with <CR><LF>.<CR><LF>"
        stuffed = content.replace(b"\r\n.", b"\r\n..")
        client.writer.write(stuffed)
        reply = await client.say(".")
    assert reply.startswith("250 2.0.0 Ok: queued as ")
    assert sandbox.store[0].content == content


async def test_the_reply_names_the_message_as_the_list_does(sandbox: Sandbox) -> None:
    ids = []
    async with connected(sandbox.ports.smtp) as client:
        await client.say("EHLO me.test")
        for text in ("first", "second"):
            await client.say("MAIL FROM:<a@x.test>")
            await client.say("RCPT TO:<b@y.test>")
            await client.say("DATA")
            reply = await client.say(f"Subject: {text}\r\n\r\n.")
            ids.append(queue_id_of(Reply(250, reply.encode() + b"\r\n", len(reply))))
        assert await client.say("QUIT") == "221 2.0.0 Bye"
    assert len(set(ids)) == 2
    found = [sandbox.store.find(each or "") for each in ids]
    assert [caught and caught.subject for caught in found] == ["first", "second"]


def test_a_pipelined_group_is_answered_in_order(run: Run) -> None:
    async def main() -> None:
        async with started() as sandbox, connected(sandbox.ports.smtp) as client:
            assert "PIPELINING" in await client.say("EHLO me.test")
            group = "MAIL FROM:<{0}@x.test>\r\nRCPT TO:<b@y.test>\r\nRCPT TO:<bad\r\nDATA\r\n"
            client.writer.write(group.format("one").encode())
            assert [(await client.reply()).code for _ in range(4)] == [250, 250, 501, 354]
            # RFC 2920: the dot and the next transaction may travel together.
            client.writer.write(MESSAGE + b".\r\n" + group.format("two").encode())
            assert [(await client.reply()).code for _ in range(5)] == [250, 250, 250, 501, 354]
            client.writer.write(MESSAGE + b".\r\nRSET\r\nQUIT\r\n")
            assert [(await client.reply()).code for _ in range(3)] == [250, 250, 221]
            assert [caught.sender for caught in sandbox.store] == ["one@x.test", "two@x.test"]

    run(main())


def test_what_is_sent_behind_starttls_is_not_obeyed(run: Run) -> None:
    async def main() -> None:
        async with started() as sandbox, connected(sandbox.ports.smtp) as client:
            await client.say("EHLO me.test")
            assert (await client.say("STARTTLS\r\nMAIL FROM:<evil@x.test>")).startswith("220")
            await client.writer.start_tls(trusting(sandbox), server_hostname="localhost")
            # Neither the command nor the name given before counts (RFC 3207 sections 4.2 and 6).
            assert (await client.say("MAIL FROM:<a@x.test>")).startswith("503 5.5.1 ")
            await client.say("EHLO me.test")
            assert await client.say("MAIL FROM:<a@x.test>") == "250 2.1.0 Ok"

    run(main())


def test_stop_ends_every_connection_whatever_it_is_doing(run: Run) -> None:
    async def main() -> None:
        async with started() as sandbox:
            context = trusting(sandbox)
            silent = await asyncio.open_connection("127.0.0.1", sandbox.ports.smtps)
            half = await asyncio.open_connection("127.0.0.1", sandbox.ports.smtps)
            half[1].write(b"\x16\x03\x01")
            async with (
                connected(sandbox.ports.smtp) as idle,
                connected(sandbox.ports.smtps, context) as secure,
                connected(sandbox.ports.smtp) as sending,
                connected(sandbox.ports.submission) as shaking,
            ):
                await sending.say("EHLO me.test")
                await sending.say("MAIL FROM:<a@x.test>")
                await sending.say("RCPT TO:<b@x.test>")
                await sending.say("DATA")
                sending.writer.write(b"half a mess")
                await shaking.say("EHLO me.test")
                await shaking.say("STARTTLS")
                await asyncio.sleep(0.05)
                await asyncio.wait_for(sandbox.stop(), 5)
                for client in (idle, secure, sending):
                    assert str(await client.reply()) == "421 4.3.2 The sandbox is closing"
                for _, writer in (silent, half):
                    writer.close()
            assert len(sandbox.store) == 0

    run(main())


def test_clients_that_vanish_leave_nothing_behind(run: Run) -> None:
    async def main() -> None:
        async with started() as sandbox:
            for port in (sandbox.ports.smtp, sandbox.ports.submission, sandbox.ports.smtps):
                for words in (b"", b"EHLO me.test\r\nSTARTTLS\r\n", b"EHLO me.test\r\nMAIL FR", b"\x16\x03\x01\x00"):
                    reader, writer = await asyncio.open_connection("127.0.0.1", port)
                    writer.write(words)
                    await asyncio.sleep(0.005)
                    writer.close()
                    del reader
            async with connected(sandbox.ports.smtps, trusting(sandbox)) as client:
                assert (await client.say("NOOP")).startswith("250")

    run(main())


async def test_it_can_be_started_again_and_keeps_what_it_caught() -> None:
    sandbox = started()
    for count in (1, 2):
        async with sandbox:
            async with connected(sandbox.ports.smtp) as client:
                await client.say("EHLO me.test")
                await client.say("MAIL FROM:<>")
                await client.say("RCPT TO:<b@y.test>")
                await client.say("DATA")
                await client.say(".")
            directory = sandbox.ca_file.parent
            assert stat.S_IMODE(directory.stat().st_mode) == 0o700
            assert [path.name for path in directory.iterdir()] == ["ca.pem"]
            with pytest.raises(RuntimeError):
                await sandbox.start()
        assert not directory.exists()
        assert len(sandbox.store) == count
    assert sandbox.store[0].sender == ""
    with pytest.raises(RuntimeError, match="not been started"):
        assert sandbox.ports


async def test_a_port_in_use_is_named_and_nothing_is_left(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SandboxError, match=rf"port {port} on 127\.0\.0\.1 is in use.*choose another"):
            await started(smtps_port=port).start()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"smtp_port": 70000}, "port 70000"),
        ({"smtps_port": -1}, "port -1"),
        ({"host": "0.0.0.0"}, "loopback only"),
        ({"host": "example.test"}, "loopback only"),
    ],
)
def test_nonsense_is_refused_at_once(options: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        started(**options)


def test_each_sandbox_has_a_password_of_its_own() -> None:
    first, second = Sandbox(clock=lambda: NOON), Sandbox(clock=lambda: NOON)
    assert len(first.password) >= 12
    assert first.password != second.password


def test_looking_at_the_room_imports_nothing_heavy() -> None:
    program = (
        "import sys, datetime\n"
        "from smtptui.sandbox import Sandbox\n"
        "Sandbox(clock=datetime.datetime.now)\n"
        "print(sorted({'aiosmtpd', 'cryptography', 'textual', 'rich', 'click'} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=20, check=True)
    assert done.stdout == "[]\n"


async def test_a_failing_on_caught_loses_no_mail_and_is_reported() -> None:
    def fail(caught: Caught) -> None:
        raise ZeroDivisionError(caught.seq)

    complaints: list[BaseException] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context["exception"]))
    async with started(on_caught=fail) as sandbox, connected(sandbox.ports.smtp) as client:
        await client.say("EHLO me.test")
        await client.say("MAIL FROM:<a@x.test>")
        await client.say("RCPT TO:<b@y.test>")
        await client.say("DATA")
        assert (await client.say(".")).startswith("250 ")
        assert len(sandbox.store) == 1
    assert [type(complaint) for complaint in complaints] == [ZeroDivisionError]
