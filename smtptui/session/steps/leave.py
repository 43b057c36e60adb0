"""RSET for a transaction that came to nothing, and QUIT."""

from smtptui.protocol import Stage
from smtptui.session.conversation import Conversation
from smtptui.session.gate import LAST_ACTIONS


def reset_wanted(talk: Conversation) -> bool:
    """Whether a MAIL stands that nothing came of."""
    return talk.transaction and talk.wire_up


async def reset(talk: Conversation) -> None:
    """RSET: the transaction is void (RFC 5321 section 4.1.1.5)."""
    reply = await talk.say(Stage.RSET, "RSET", allowed=LAST_ACTIONS)
    if reply is not None and reply.code == 250:
        talk.transaction = False


async def quit_(talk: Conversation) -> None:
    """QUIT. Its answer matters only where it cannot be one: then an earlier reply was not what it was taken for."""
    reply = await talk.say(Stage.QUIT, "QUIT", allowed=LAST_ACTIONS)
    if reply is not None and reply.code != 221 and not talk.edited:
        talk.goodbye = reply
