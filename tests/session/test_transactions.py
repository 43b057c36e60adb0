"""Recipients that one transaction has no room for go into a further one, each once; what was accepted stays so."""

from collections.abc import Callable

import pytest

from smtptui.protocol import Stage
from smtptui.transcript import Verdict
from tests.servers.behaviours import CLOSE, NORMAL
from tests.servers.behaviours import send as says
from tests.servers.certificates import Certificates
from tests.servers.dialogue import FEATURES
from tests.servers.hostile import Hostile
from tests.servers.oracle import Oracle
from tests.session.sending import send, to

MakeOracle = Callable[..., Oracle]
FIVE = tuple(f"user{number}@good{number // 3}.test" for number in range(5))


def sent_to(server: Oracle) -> list[tuple[str, ...]]:
    return [message.addresses for message in server.messages]


@pytest.mark.parametrize(
    "enough",
    [
        b"452 4.5.3 Too many recipients\r\n",
        b"452 Too many recipients\r\n",
        b"552 too many recipients\r\n",
        b"452 no\r\n",
    ],
)
async def test_who_has_no_room_goes_into_a_further_transaction(
    enough: bytes, oracle: MakeOracle, certificates: Certificates
) -> None:
    async with oracle(most=2, enough=enough) as server:
        done = await send(to(certificates, server.port), *FIVE)
    assert done.outcome.ok
    assert sent_to(server) == [FIVE[:2], FIVE[2:4], FIVE[4:]]
    assert done.verdicts == [Verdict.ACCEPTED] * 5
    assert done.notes.count("a further transaction") == 2
    assert server.violations == []


async def test_a_full_mailbox_is_no_reason_for_a_further_transaction(
    oracle: MakeOracle, certificates: Certificates
) -> None:
    refused = {FIVE[1]: "452 4.2.2 Mailbox full", FIVE[3]: "552 5.2.2 Over quota"}
    async with oracle(refused=refused) as server:
        done = await send(to(certificates, server.port), *FIVE)
    assert sent_to(server) == [(FIVE[0], FIVE[2], FIVE[4])]
    assert done.verdicts[1] is Verdict.DEFERRED
    assert done.verdicts[3] is Verdict.REFUSED
    assert done.outcome.left == (FIVE[1],)


@pytest.mark.parametrize(
    ("limits", "transactions"),
    [
        ("LIMITS RCPTMAX=2", [FIVE[:2], FIVE[2:4], FIVE[4:]]),
        ("LIMITS RCPTDOMAINMAX=1", [FIVE[:3], FIVE[3:]]),
        ("limits mailmax=9 rcptmax=3", [FIVE[:3], FIVE[3:]]),
        ("LIMITS RCPTMAX=0 RCPTMAX=x", [FIVE]),
    ],
)
async def test_the_limits_that_a_server_names_are_kept_to(
    limits: str, transactions: list[tuple[str, ...]], oracle: MakeOracle, certificates: Certificates
) -> None:
    async with oracle(features=(*FEATURES, limits)) as server:
        done = await send(to(certificates, server.port), *FIVE)
    assert done.outcome.ok
    assert sent_to(server) == transactions


async def test_a_server_that_takes_few_transactions_leaves_the_rest(
    oracle: MakeOracle, certificates: Certificates
) -> None:
    async with oracle(features=(*FEATURES, "LIMITS RCPTMAX=2 MAILMAX=2")) as server:
        done = await send(to(certificates, server.port), *FIVE)
    assert sent_to(server) == [FIVE[:2], FIVE[2:4]]
    assert done.verdicts == [*[Verdict.ACCEPTED] * 4, Verdict.UNTRIED]
    assert done.outcome.left == FIVE[4:]
    assert "1 recipient was not tried" in done.sentence


async def test_what_a_later_transaction_comes_to_changes_nothing_for_the_earlier(
    oracle: MakeOracle, certificates: Certificates
) -> None:
    async with oracle(features=(*FEATURES, "LIMITS RCPTMAX=2"), refused={FIVE[2]: "550 5.1.1 unknown"}) as server:
        done = await send(to(certificates, server.port), *FIVE)
    assert len(server.messages) == 3
    assert done.verdicts == [Verdict.ACCEPTED] * 2 + [Verdict.REFUSED] + [Verdict.ACCEPTED] * 2


async def test_a_lost_second_transaction_leaves_the_first_accepted(
    hostile: Callable[..., Hostile], certificates: Certificates
) -> None:
    enough = says("enough", b"452 4.5.3 Too many recipients\r\n")
    behaviours = {"rcpt": [NORMAL, enough, NORMAL], "data": [NORMAL, CLOSE]}
    async with hostile(behaviours) as server:
        done = await send(to(certificates, server.port), *FIVE[:2])
    assert done.verdicts == [Verdict.ACCEPTED, Verdict.UNTRIED]
    assert done.outcome.left == (FIVE[1],)
    assert done.outcome.recipients[0].stage is Stage.DOT


async def test_a_refused_dot_of_a_later_transaction_is_that_ones_alone(
    hostile: Callable[..., Hostile], certificates: Certificates
) -> None:
    enough = says("enough", b"452 4.5.3 Too many recipients\r\n")
    refused = says("refused", b"554 5.7.1 no\r\n")
    async with hostile({"rcpt": [NORMAL, enough, NORMAL], "dot": [NORMAL, refused]}) as server:
        done = await send(to(certificates, server.port), *FIVE[:2])
    assert done.verdicts == [Verdict.ACCEPTED, Verdict.REFUSED]
    assert done.outcome.left == ()
