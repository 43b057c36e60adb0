"""Files of profiles laid out in every way people write YAML, each with a map of which piece is whose.

The pieces are put together here without any YAML library, so a test can say what a change may touch without
asking the code it tests.
"""

from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

# Values of a field as a file may have them, two different ones at least where there are.
VALUES: dict[str, tuple[str, ...]] = {
    "host": ("mail.example.org", "192.0.2.1", "other.example.org"),
    "port": ("25", "587", "2525"),
    "socket": ("/run/lmtp", "~/sockets/a: b"),
    "lmtp": ("yes", "no"),
    "tls": ("none", "starttls", "opportunistic"),
    "verify": ("true", "no", "off"),
    "ca_file": ("~/ca.pem", "/etc/ssl/own ca.pem"),
    "client_cert": ("me.pem", "/etc/me.pem"),
    "client_key": ("me.key", "#key"),
    "sni": ("mx.example.org", "a.example"),
    "tls_min": ("1.3", "1.0"),
    "fingerprint": ("ab" * 32, ":".join(["0C"] * 32)),
    "auth": ("off", "auto", "login"),
    "user": ("ann@example.org", "0123", "it's: #1", "{ann}"),
    "allow_clear_auth": ("on", "off"),
    "secret": ("ask", "keyring"),
    "password_command": ("pass show a", "echo 'x: #y' | head -1", "[ -f x ]"),
    "password_env": ("PW", "no"),
    "token_command": ("token -a me", "*token"),
    "token_env": ("TOKEN", "on"),
    "command_timeout": ("5", "2.5"),
    "from": ("Ann <ann@example.org>", '"Doe, Ann" <ann@example.org>'),
    "ehlo": ("client.example.org", "other.example"),
    "family": ("4", "6"),
    "source": ("192.0.2.7", "::1"),
    "timeout": ("30", "0.5"),
    "resolver": ("192.0.2.53", "[2001:db8::53]:5353"),
    "note": ("one", "yes", "a: b # c", "two words", "ünïcödé → x"),
    "color": ("blue", "pink"),
}
"""Every field but ``limits``, which has fields of its own."""
LIMITS: dict[str, tuple[str, ...]] = {
    "per_minute": ("1", "30"),
    "per_day": ("100", "0200"),
    "connections": ("2", "5"),
    "messages_per_connection": ("7", "10"),
}
_SECRETS = ("secret", "password_command", "password_env", "token_command", "token_env")
NAMES = ("office", "home relay", "Büro", "no", "x: y", "it's", "[list]", "10")
COMMENTS = ("# a comment", "#", "  # indented more than anything", "# port: 99", "# 'quote\" {[", "", "   ")
TRAILING = ("", "  # why", " # 'x: y'", "    ", " #")


@dataclass
class Field:
    """A field as written: ``before`` its value, the value, and what follows up to the next field's line or comma."""

    name: str
    text: str
    before: str = ""
    written: str = ""
    after: str = ""
    lead: str = ""
    """Comment and empty lines above it, or white space in braces."""


@dataclass
class Entry:
    """A profile as written."""

    name: str
    flow: bool
    lead: str = ""
    """Comment and empty lines above it."""
    before: str = ""
    """Up to its first field: its key and colon, a brace."""
    fields: list[Field] = field(default_factory=list)
    after: str = ""


@dataclass
class File:
    """The pieces of a whole file; :meth:`pieces` in order give its text."""

    head: str
    entries: list[Entry]
    tail: str

    @property
    def text(self) -> str:
        return self.head + "".join(self.entry_text(entry) for entry in self.entries) + self.tail

    @staticmethod
    def entry_text(entry: Entry) -> str:
        inner = "".join(each.lead + each.before + each.written + each.after for each in entry.fields)
        return entry.lead + entry.before + inner + entry.after

    def around_value(self, entry: Entry, name: str) -> tuple[str, str]:
        """All of the text before the value of a field, and all after it."""
        return self._around(entry, name, lambda each: (each.lead + each.before, each.written, each.after))

    def around_field(self, entry: Entry, name: str) -> tuple[str, str]:
        """All of the text before a field's own lines, and all after them."""
        return self._around(entry, name, lambda each: (each.lead, each.before + each.written + each.after, ""))

    def _around(self, entry: Entry, name: str, split: Any) -> tuple[str, str]:
        index = self.entries.index(entry)
        before = self.head + "".join(map(self.entry_text, self.entries[:index])) + entry.lead + entry.before
        after = entry.after + "".join(map(self.entry_text, self.entries[index + 1 :])) + self.tail
        position = [each.name for each in entry.fields].index(name)
        for each in entry.fields[:position]:
            before += each.lead + each.before + each.written + each.after
        start, _, end = split(entry.fields[position])
        rest = "".join(each.lead + each.before + each.written + each.after for each in entry.fields[position + 1 :])
        return before + start, end + rest + after


@st.composite
def files(draw: st.DrawFn) -> File:
    """A valid file of one to three profiles."""
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    outer, inner = draw(st.sampled_from([2, 1, 4])), draw(st.sampled_from([2, 3, 4]))
    head = draw(st.sampled_from(["", "\ufeff", f"---{newline}", f"%YAML 1.1{newline}---{newline}"]))
    head += draw(_comments(newline)) if not head.startswith("%") else ""
    if draw(st.booleans()):
        head += f"x-mine: [1, 2]{draw(_trailing)}{newline}" + draw(_comments(newline))
    head += "profiles:" + draw(_trailing) + newline
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True))
    entries = [draw(_entry(name, " " * outer, " " * (outer + inner), newline)) for name in names]
    tail = draw(_comments(newline))
    if draw(st.booleans()):
        tail += f"x-more: {{a: b}}{newline}"
    return File(head, entries, tail)


_trailing = st.sampled_from(TRAILING)


def _comments(newline: str) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(COMMENTS), max_size=2).map(lambda lines: "".join(line + newline for line in lines))


@st.composite
def _entry(draw: st.DrawFn, name: str, outer: str, inner: str, newline: str) -> Entry:
    others = draw(st.lists(st.sampled_from(sorted(set(VALUES) - {"host", "socket"})), max_size=7, unique=True))
    names = [draw(st.sampled_from(["host", "host", "socket"])), *others]
    if draw(st.booleans()):
        names = draw(st.permutations(names))
    secret = next((each for each in names if each in _SECRETS), None)
    # What does not go together is not one file; a LOGIN needs a user, LMTP a port.
    wrong = {each for each in _SECRETS if each != secret} | ({"verify"} if "fingerprint" in names else set())
    wrong |= {"client_key"} if "client_cert" not in names else set()
    wrong |= {"lmtp"} if not {"port", "socket"} & set(names) else set()
    fields = [Field(each, draw(st.sampled_from(VALUES[each]))) for each in names if each not in wrong]
    if any(each.name == "auth" and each.text == "login" for each in fields) and "user" not in names:
        fields.append(Field("user", "ann"))
    key = draw(_quoted(name, flow=False, multiline=False, newline=newline, indent=""))
    entry = Entry(name, draw(st.booleans()), fields=fields)
    entry.lead = draw(_comments(newline))
    entry.before = f"{outer}{key}:"
    if entry.flow:
        draw(_in_braces(entry, newline, inner))
    else:
        entry.before += draw(_trailing) + newline
        draw(_in_lines(entry, newline, inner))
    return entry


@st.composite
def _in_lines(draw: st.DrawFn, entry: Entry, newline: str, indent: str) -> None:
    for each in entry.fields:
        each.lead = draw(_comments(newline))
        each.before = f"{indent}{each.name}:" + draw(st.sampled_from([" ", "   "]))
        each.written = draw(_quoted(each.text, flow=False, multiline=True, newline=newline, indent=indent))
        # Behind a block there is no room for a comment.
        each.after = newline if each.written[0] in "|>" else draw(_trailing) + newline


@st.composite
def _in_braces(draw: st.DrawFn, entry: Entry, newline: str, indent: str) -> None:
    spread = draw(st.booleans())
    entry.before += " {" + (draw(_trailing) + newline if spread else "")
    for place, each in enumerate(entry.fields):
        last = place == len(entry.fields) - 1
        each.lead = draw(_comments(newline)) + indent if spread else " " * draw(st.integers(0, 1))
        each.before = f"{each.name}: "
        each.written = draw(_quoted(each.text, flow=True, multiline=False, newline=newline, indent=""))
        comma = "" if last and not (spread and draw(st.booleans())) else ","
        # Without a space the comma would be part of a plain value.
        each.after = comma + (draw(_trailing) + newline if spread else " " if comma else "")
    entry.after = ("  " if spread else "") + "}" + draw(_trailing) + newline


@st.composite
def _quoted(draw: st.DrawFn, text: str, *, flow: bool, multiline: bool, newline: str, indent: str) -> str:
    styles = ["'", '"']
    if _plain(text):
        styles += ["", "", ""]
        if multiline and " " not in text:
            styles += ["|", ">"]
    match draw(st.sampled_from(styles)):
        case "'":
            return "'" + text.replace("'", "''") + "'"
        case '"':
            return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
        case "|" | ">" as style:
            return f"{style}-{draw(_trailing)}{newline}{indent}  {text}"
        case _:
            return text


def _plain(text: str) -> bool:
    # Narrower than YAML is: what nobody could take for anything else.
    return text[0] not in "\"'{[~#:*" and not any(each in text for each in (": ", " #", ",", "<", "'"))
