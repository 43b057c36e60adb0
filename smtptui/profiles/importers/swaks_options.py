"""The options of swaks 20240103: their names, whether they take an argument, and how they are read (Getopt::Long)."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from smtptui.profiles.importers.imported import Findings


class Takes(Enum):
    """Whether an option has an argument."""

    NOTHING = "nothing"
    MAYBE = "maybe"
    """Also required ones that swaks would ask for."""
    ONE = "one"


@dataclass(frozen=True, slots=True)
class Option:
    """An option; ``why`` is the reason for which no profile has it, empty for those that become part of one."""

    names: tuple[str, ...]
    takes: Takes
    why: str = ""

    @property
    def shown(self) -> str:
        """Its longest usual name with its dashes."""
        return f"--{self.names[0]}"


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a command line or a configuration file."""

    text: str
    line: int
    expands: bool = False
    """Whether the shell would put something else in place of a part of it."""


@dataclass(frozen=True, slots=True)
class Given:
    """An option that was given, with its argument; None where it had none."""

    option: Option
    line: int
    text: str | None = None
    expands: bool = False


_MESSAGE = "belongs to a message and not to a profile"
_STOP = "belongs to a run: `smtptui send` has --quit-after and --drop-after"
_SHOWN = "changes only what swaks shows"
_RUN = "belongs to a run and not to a profile"
_TLS = "smtptui has no setting for it"
_XCLIENT = "smtptui does not say XCLIENT"
_PROXY = "smtptui does not speak the PROXY protocol"
_AUTH = "no mechanism of smtptui needs it"


def _options(takes: Takes, why: str, *names: str) -> Iterator[Option]:
    """Options of a kind; the names of one are parted by ``|``, as Getopt::Long has them."""
    for one in names:
        yield Option(tuple(one.split("|")), takes, why)


OPTIONS: tuple[Option, ...] = (
    *_options(Takes.MAYBE, "", "server|s", "port|p", "socket", "local-interface|li", "timeout", "from|f"),
    *_options(Takes.MAYBE, "", "helo|ehlo|lhlo|h", "auth|a", "auth-optional|ao", "auth-optional-strict|aos"),
    *_options(Takes.MAYBE, "", "auth-user|au", "auth-password|ap"),
    *_options(Takes.ONE, "", "protocol", "tls-cert", "tls-key", "tls-protocol|tlsp", "tls-sni", "tls-verify-target"),
    *_options(Takes.ONE, "", "tls-ca-path"),
    *_options(
        Takes.NOTHING, "", "4", "6", "tls", "tls-optional|tlso", "tls-optional-strict|tlsos", "tls-on-connect|tlsc"
    ),
    *_options(Takes.NOTHING, "", "tls-verify", "tls-verify-ca", "tls-verify-host"),
    *_options(Takes.MAYBE, "the options in that file were not read; import it as well", "config"),
    *_options(Takes.MAYBE, "smtptui speaks to servers, not to programs", "pipe"),
    *_options(Takes.MAYBE, "a profile names its server", "copy-routing"),
    *_options(Takes.MAYBE, "the operating system chooses the port here", "local-port|lport|lp"),
    *_options(Takes.MAYBE, _MESSAGE, "to|t", "cc", "bcc", "data|d", "body", "attach", "attach-name", "attach-type"),
    *_options(Takes.MAYBE, _MESSAGE, "attach-body", "add-header|ah", "header"),
    *_options(Takes.NOTHING, _MESSAGE, "no-strip-from|nsf", "no-data-fixup|ndf", "force-getpwuid"),
    *_options(Takes.ONE, _STOP, "quit-after|quit|q", "drop-after|drop|da", "drop-after-send|das"),
    *_options(Takes.NOTHING, _RUN, "pipeline", "prdr", "support", "version", "help"),
    *_options(
        Takes.MAYBE, _SHOWN, "silent|S", "show-time-lapse|stl", "auth-hide-password|ahp", "dump", "dump-as-body|dab"
    ),
    *_options(Takes.NOTHING, _SHOWN, "suppress-data|n", "auth-plaintext|apt", "dump-as-body-shows-password|dabsp"),
    *_options(Takes.NOTHING, _SHOWN, "no-hints|nth", "no-send-hints|nsh", "no-receive-hints|nrh", "no-info-hints|nih"),
    *_options(Takes.NOTHING, _SHOWN, "hide-receive|hr", "hide-send|hs", "hide-informational|hi", "hide-all|ha"),
    *_options(Takes.NOTHING, _SHOWN, "protect-prompt|pp", "show-raw-text|raw", "dump-mail"),
    *_options(Takes.ONE, _SHOWN, "output|output-file", "output-file-stdout", "output-file-stderr"),
    *_options(Takes.ONE, _TLS, "tls-chain", "tls-cipher"),
    *_options(Takes.MAYBE, _SHOWN, "tls-get-peer-cert", "tls-get-peer-chain"),
    *_options(Takes.ONE, _AUTH, "auth-map|am", "auth-extra|ae"),
    *_options(Takes.MAYBE, _XCLIENT, "xclient", "xclient-name", "xclient-addr", "xclient-port", "xclient-proto"),
    *_options(Takes.MAYBE, _XCLIENT, "xclient-destaddr", "xclient-destport", "xclient-helo", "xclient-login"),
    *_options(Takes.MAYBE, _XCLIENT, "xclient-reverse-name"),
    *_options(Takes.NOTHING, _XCLIENT, "xclient-delim", "xclient-optional", "xclient-optional-strict"),
    *_options(Takes.NOTHING, _XCLIENT, "xclient-before-starttls", "xclient-no-verify"),
    *_options(Takes.MAYBE, _PROXY, "proxy", "proxy-version", "proxy-family", "proxy-command", "proxy-protocol"),
    *_options(Takes.MAYBE, _PROXY, "proxy-source", "proxy-source-port", "proxy-dest", "proxy-dest-port"),
)
BY_NAME: dict[str, Option] = {name: option for option in OPTIONS for name in option.names}
_HEADER = BY_NAME["header"]
_UNSET = "no-"


@lru_cache(maxsize=1024)
def find(name: str) -> tuple[Option, bool] | None:
    """The option of a name or of the beginning of one, and whether ``no-`` before it unsets it.

    As in Getopt::Long a whole name goes before any beginning, and a beginning has to fit one option only.
    """
    if re.match(r"no-h(eader)?-", name):
        return _HEADER, True
    if re.match(r"h(eader)?-.", name):
        return _HEADER, False
    if name in BY_NAME:
        return BY_NAME[name], False
    if name.startswith(_UNSET) and name[len(_UNSET) :] in BY_NAME:
        return BY_NAME[name[len(_UNSET) :]], True
    if not name:
        return None
    found = {(option.names, False): option for one, option in BY_NAME.items() if one.startswith(name)}
    found |= {(option.names, True): option for one, option in BY_NAME.items() if (_UNSET + one).startswith(name)}
    if len(found) != 1:
        return None
    (_, unset), option = next(iter(found.items()))
    return option, unset


def read_options(words: Iterable[Word], findings: Findings) -> dict[str, Given]:
    """The options among ``words`` by their first name; the last one of several counts.

    What belongs to no option is told, but never repeated: it may be a password that follows a typing error.
    """
    given: dict[str, Given] = {}
    queue = list(words)[::-1]
    while queue:
        word = queue.pop()
        match = re.fullmatch(r"(?:--|-|\+)([^=]+)(?:=(.*))?", word.text, re.DOTALL)
        found = find(match[1]) if match else None
        if match is None or found is None:
            findings.tell(word.line, "", "no option that swaks knows" if match else "a word that belongs to no option")
            continue
        if match[2] is not None:
            # swaks makes two words of --option=argument before it looks at any option.
            queue.append(Word(match[2], word.line, word.expands))
        option, unset = found
        if unset:
            given.pop(option.names[0], None)
        else:
            argument = _argument(option, queue)
            given[option.names[0]] = (
                Given(option, word.line)
                if argument is None
                else Given(option, argument.line, argument.text, argument.expands)
            )
    return given


def _argument(option: Option, queue: list[Word]) -> Word | None:
    """Take the argument of an option from the words that follow it; one that may be missing is no other option."""
    if not queue or option.takes is Takes.NOTHING:
        return None
    if option.takes is Takes.MAYBE and option is not _HEADER and re.match(r"(--|-|\+).", queue[-1].text):
        return None
    return queue.pop()
