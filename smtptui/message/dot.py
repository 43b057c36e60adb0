"""Transparency: lines that begin with a dot, made safe for DATA (RFC 5321 section 4.5.2)."""


def dot_stuff(content: bytes) -> bytes:
    """``content`` with a dot before every line that begins with one; lines must end in CRLF.

    The closing line with a single dot is not added. Content without such lines is returned as it is,
    after one search.
    """
    stuffed = content.replace(b"\r\n.", b"\r\n..")
    return b"." + stuffed if stuffed.startswith(b".") else stuffed
