"""What MAIL and RCPT will say, in rows that also tell where each address comes from."""

from smtptui.message import NULL_SENDER, Unreadable, left_out
from smtptui.protocol import Stage, visible
from smtptui.session import spoken
from smtptui.transcript import SessionError
from smtptui.tui.message.model import FieldError, Filled
from smtptui.tui.message.outgoing import addressed, heading, wanted
from smtptui.tui.widgets.rows import MARKS, Ink, Row

SET_HERE = "set here"


def spoken_rows(filled: Filled) -> tuple[Row, ...]:
    """MAIL and each RCPT as they will be said, or why they cannot."""
    handling, whole = filled.handling, filled.whole
    try:
        exit_after = handling.exit_after
        until = exit_after.stage if exit_after is not None else Stage.QUIT
        message = whole.message if whole is not None else heading(filled.letter)
        envelope = addressed(filled, message, Stage.CONNECT)
        commands = spoken(envelope, utf8_headers=message.utf8_headers)
    except (FieldError, SessionError, ValueError) as error:
        return (Row(((f"{MARKS[Ink.PERMANENT]} {visible(str(error))}", Ink.PERMANENT),)),)
    null = handling.envelope_from.strip() == NULL_SENDER
    if envelope.sender or null:
        origin = "null sender, set here" if null else SET_HERE if handling.envelope_from.strip() else "from the header"
        rows = [_command(commands.mail, origin, said=until.order >= Stage.MAIL.order)]
    else:
        rows = [_missing("MAIL FROM: nobody yet; fill in From.")]
    origin = SET_HERE if handling.envelope_to.strip() else "To, Cc and Bcc" if whole is None else "from the header"
    said = until.order >= Stage.RCPT.order
    rows += [_command(line, origin, said=said) for line in commands.rcpt]
    rows += [_unreadable(each) for each in left_out(message, wanted(handling), until=until)]
    if not commands.rcpt:
        rows.append(_missing("RCPT TO: nobody yet; fill in To."))
    return tuple(rows)


def _command(line: str, origin: str, *, said: bool) -> Row:
    if said:
        return Row(((visible(line), Ink.PLAIN),), origin)
    return Row(((visible(line), Ink.MUTED),), "not said: the session ends before")


def _unreadable(each: Unreadable) -> Row:
    return Row(((f"{MARKS[Ink.PERMANENT]} {visible(str(each))}", Ink.PERMANENT),))


def _missing(text: str) -> Row:
    return Row(((text, Ink.MUTED),))
