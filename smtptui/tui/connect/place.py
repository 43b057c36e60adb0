"""A server as it is written in one word: a host, and a port after it."""


def host_and_port(text: str) -> tuple[str, str]:
    """Host and port of ``mail.example.org:587`` or ``[::1]:25``, the port empty where there is none; raises
    :class:`ValueError` with a sentence."""
    host, colon, port = text.strip().rpartition(":")
    if not colon or (":" in host and not host.endswith("]")):
        # No port: a name, or an IPv6 address without brackets.
        return _host(text.strip()), ""
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise ValueError(f"{port or 'Nothing'} is no port: a number from 1 to 65535 goes after the colon.")
    return _host(host), str(int(port))


def _host(text: str) -> str:
    host = text.removeprefix("[").removesuffix("]")
    if not host or any(char.isspace() or not char.isprintable() for char in host):
        raise ValueError("A host has no spaces: as in mail.example.org:587.")
    return host
