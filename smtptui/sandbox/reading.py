"""A caught message as text for people: every line is safe to show, lines are separated by LF."""

from smtptui.protocol import decode, visible, visible_lines
from smtptui.sandbox import content as reader
from smtptui.sandbox.caught import Caught
from smtptui.sandbox.content import Part


def envelope_text(caught: Caught) -> str:
    """MAIL and RCPT as they were said, one a line."""
    lines = [f"MAIL FROM:<{caught.sender}> {caught.mail_parameters}"]
    for index, recipient in enumerate(caught.recipients):
        parameters = caught.rcpt_parameters[index] if index < len(caught.rcpt_parameters) else ""
        lines.append(f"RCPT TO:<{recipient}> {parameters}")
    return "\n".join(visible(line.rstrip()) for line in lines)


def headers_text(caught: Caught) -> str:
    """The headers, one a line: unfolded and decoded."""
    return "\n".join(f"{name}: {value}" for name, value in reader.headers(caught.content))


def body_text(caught: Caught) -> str:
    """The text of the message, decoded; other ways to say the same and attachments are only named."""
    chosen = reader.text_of(caught.content)
    lines: list[str] = []
    others = list(caught.parts)
    if chosen is not None:
        part, text = chosen
        others.remove(part)
        if part.type != "text/plain":
            lines.append(f"[{_described(part)}]")
        lines += [visible(line.removesuffix("\r").expandtabs()) for line in text.split("\n")]
        if lines[-1] == "":
            lines.pop()
    lines += [f"[{_described(part)}]" for part in others]
    return "\n".join(lines)


def raw_text(caught: Caught) -> str:
    """The whole message as it was sent; a line that does not end in CRLF shows how it ends."""
    lines = visible_lines(decode(caught.content))
    return "\n".join(lines[:-1] if caught.content.endswith(b"\r\n") and not lines[-1] else lines)


def parts(caught: Caught) -> tuple[Part, ...]:
    """The MIME parts that are no containers."""
    return caught.parts


def _described(part: Part) -> str:
    name = f" “{part.name}”" if part.name else ""
    return f"{part.type}{name}, {part.size:,} octets"
