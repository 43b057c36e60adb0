"""From the octets of a YAML file to its tree; whatever they are, it ends in a tree or in a fault with its line.

The tree is built here from PyYAML's events, not by its composer: that one recurses as deep as the file wants.
"""

import bisect
import codecs
import re
from collections.abc import Iterator
from dataclasses import replace

import yaml

from smtptui.config.faults import Fault
from smtptui.config.tree import MappingNode, Node, Pair, ScalarNode, SequenceNode

SIZE_LIMIT = 512 * 1024
"""Octets of a file. Far above what anybody writes by hand, and read in seconds."""
DEPTH_LIMIT = 20
VALUE_LIMIT = 50_000
"""Values of a file with its aliases resolved; a few lines of aliases to aliases would make millions."""

_LINE_BREAK = re.compile(r"\r\n|\r|\n")
# What PyYAML's reader refuses, which knows no line.
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MERGE = "<<"


class YamlFault(Exception):
    """The text is no YAML that can be read here; ``fault`` says where and why."""

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(line, problem)
        self.fault = Fault(line, problem)


class Text:
    """The text of a file, and the lines of its positions."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._starts = [0, *(match.end() for match in _LINE_BREAK.finditer(text))]

    def line(self, index: int) -> int:
        """The line of a position, counted from 1 as editors do."""
        return bisect.bisect_right(self._starts, index)

    def content(self, line: int) -> str:
        """What stands in a line, with its line break."""
        return self.text[self._starts[line - 1] : self._starts[line] if line < len(self._starts) else None]


def decoded(data: bytes) -> str:
    """The text of a file; a byte order mark stays part of it.

    Raises :class:`YamlFault` for what is no UTF-8, or too large.
    """
    if len(data) > SIZE_LIMIT:
        raise YamlFault(1, f"the file is larger than {SIZE_LIMIT // 1024} KiB, which is more than is read")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise YamlFault(1, "the file is in UTF-16; save it as UTF-8")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        octet = data[error.start]
        raise YamlFault(Text(before).line(len(before)), f"octet 0x{octet:02x} is no UTF-8; save it as UTF-8") from error


def parse(text: str) -> Node | None:
    """The tree of a YAML text, None for one that says nothing; raises :class:`YamlFault`."""
    lines = Text(text)
    if match := _UNPRINTABLE.search(text):
        what = f"character U+{ord(match[0]):04X} is not allowed; it may be in double quotes, as an escape"
        raise YamlFault(lines.line(match.start()), what)
    loader = yaml.SafeLoader(text)
    try:
        return _Composer(loader, lines).document()
    except yaml.MarkedYAMLError as error:
        raise _broken(error, lines) from error
    except (yaml.YAMLError, ValueError, OverflowError, LookupError) as error:
        # PyYAML takes "\U00110000" and a version of 5000 digits for what Python can do.
        raise YamlFault(lines.line(loader.index), "this is no YAML") from error
    finally:
        loader.dispose()


class _Composer:
    def __init__(self, loader: yaml.SafeLoader, lines: Text) -> None:
        self._loader = loader
        self._lines = lines
        self._anchors: dict[str, Node] = {}
        self._depth = 0

    def document(self) -> Node | None:
        node: Node | None = None
        documents = 0
        while not isinstance(event := self._next(), yaml.StreamEndEvent):
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise self._fault(event, "a second document begins here (---); a file has one")
                node = self._node(self._next())
        return None if isinstance(node, ScalarNode) and node.absent and not node.anchor else node

    def _next(self) -> yaml.Event:
        event = self._loader.get_event()
        assert isinstance(event, yaml.Event)
        return event

    def _fault(self, event: yaml.Event, problem: str) -> YamlFault:
        return YamlFault(self._lines.line(_start(event)), problem)

    def _node(self, event: yaml.Event) -> Node:
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        anchor, tag = getattr(event, "anchor", None), getattr(event, "tag", None)
        if tag is not None:
            # What a tag is called is not repeated: a password may begin with “!”.
            raise self._fault(event, "a tag (!) has no meaning here; put text that begins with ! in quotes")
        if anchor is not None and anchor in self._anchors:
            raise self._fault(event, "this anchor (&) is given a second time; name it otherwise")
        self._depth += 1
        if self._depth > DEPTH_LIMIT:
            raise self._fault(event, f"the file is nested deeper than {DEPTH_LIMIT} levels")
        node = self._composed(event)
        self._depth -= 1
        if node.weight > VALUE_LIMIT:
            raise self._fault(event, f"more than {VALUE_LIMIT} values are in here, aliases (*) resolved")
        if anchor is not None:
            node = replace(node, anchor=True)
            # Only now that it is complete: nothing can contain itself.
            self._anchors[anchor] = node
        return node

    def _composed(self, event: yaml.Event) -> Node:
        start = _start(event)
        line = self._lines.line(start)
        if isinstance(event, yaml.ScalarEvent):
            if any("\ud800" <= char <= "\udfff" for char in event.value):
                raise self._fault(
                    event, "an escape makes half of a character (a surrogate); write the character itself"
                )
            end = _end(event)
            return ScalarNode(start=start, end=end, line=line, text=event.value, style=event.style or "")
        if isinstance(event, yaml.SequenceStartEvent):
            items = []
            while not isinstance(last := self._next(), yaml.SequenceEndEvent):
                items.append(self._node(last))
            return SequenceNode(
                start=start,
                end=_end(last) if event.flow_style or not items else items[-1].end,
                line=line,
                items=tuple(items),
                flow=bool(event.flow_style),
                weight=1 + sum(item.weight for item in items),
            )
        assert isinstance(event, yaml.MappingStartEvent)
        return self._mapping(event, start, line)

    def _mapping(self, event: yaml.MappingStartEvent, start: int, line: int) -> MappingNode:
        pairs = []
        while not isinstance(last := self._next(), yaml.MappingEndEvent):
            key = self._node(last)
            if not isinstance(key, ScalarNode):
                raise self._fault(last, "the name of a field is a text, no list and no mapping")
            pairs.append(Pair(key, self._node(self._next())))
        fields: dict[str, Pair] = {}
        repeated = []
        for pair in pairs:
            if _merges(pair):
                continue
            first = fields.setdefault(pair.key.text, pair)
            if first is not pair:
                repeated.append((pair, first))
        for merged in [source for pair in pairs if _merges(pair) for source in self._sources(pair)]:
            for name, pair in merged.fields.items():
                fields.setdefault(name, pair)
        return MappingNode(
            start=start,
            # PyYAML lets a block last until the next one begins, comments included.
            end=_end(last) if event.flow_style or not pairs else pairs[-1].value.end,
            line=line,
            pairs=tuple(pairs),
            flow=bool(event.flow_style),
            fields=fields,
            repeated=tuple(repeated),
            weight=1 + sum(pair.value.weight for pair in pairs),
        )

    def _sources(self, merge: Pair) -> Iterator[MappingNode]:
        sources = merge.value.items if isinstance(merge.value, SequenceNode) else (merge.value,)
        for source in sources:
            if not isinstance(source, MappingNode):
                raise YamlFault(merge.key.line, "<< takes over fields of mappings: it wants an alias (*) of one")
            yield source

    def _alias(self, event: yaml.AliasEvent) -> Node:
        target = self._anchors.get(event.anchor or "")
        if target is None:
            raise self._fault(
                event, "this alias (*) has no anchor (&) before it; put text that begins with * in quotes"
            )
        start = _start(event)
        line = self._lines.line(start)
        return replace(target, start=start, end=_end(event), line=line, alias=True, anchor=False)


def _start(event: yaml.Event) -> int:
    assert event.start_mark is not None
    return event.start_mark.index


def _end(event: yaml.Event) -> int:
    assert event.end_mark is not None
    return event.end_mark.index


def _merges(pair: Pair) -> bool:
    return pair.key.text == _MERGE and not pair.key.style


_TAB = "a tab; YAML is indented with spaces"
_WORDS = (
    (r"character '\\\\t' that cannot start", _TAB),
    (r"character .* that cannot start", "text that begins with this character must be in quotes"),
    (r"mapping values are not allowed", "a “:” where none can be: look at the indentation, or put the text in quotes"),
    (r"could not find expected ':'", "a “:” is missing after the name of a field"),
    (r"expected <block end>", "this does not fit what is above: look at indentation and quotes"),
    (
        r"expected ',' or|expected the node content, but found '<stream end>'",
        "the closing bracket is missing, or a comma",
    ),
    (r"expected the node content", "this bracket closes nothing that was opened"),
    (
        r"unknown escape character|expected escape sequence",
        "this escape (\\) does not exist; single quotes keep a \\ as it is",
    ),
    (r"found unexpected end of stream|unexpected document separator", "the quote that was opened is not closed"),
    (r"expected chomping or indentation|expected a comment or a line break", "nothing may follow | or > in its line"),
    (r"expected '<document start>'", "this does not belong to what is above: look at the indentation"),
    (r"sequence entries are not allowed", "a “-” where none can be; put the text in quotes"),
    (r"mapping keys are not allowed", "a “?” where none can be; put the text in quotes"),
    (
        r"expected alphabetic or numeric character",
        "after & and * comes a name; put the text in quotes if there is none",
    ),
    (r"expected '>'|tag", "a tag (!) has no meaning here; put text that begins with ! in quotes"),
)


def _broken(error: yaml.MarkedYAMLError, lines: Text) -> YamlFault:
    problem = error.problem or ""
    words = next((words for pattern, words in _WORDS if re.search(pattern, problem)), "this is no YAML")
    begin = lines.line(error.context_mark.index) if error.context_mark is not None else None
    line = lines.line(error.problem_mark.index) if error.problem_mark is not None else begin or 1
    if begin is not None and "could not find expected" in problem:
        # PyYAML looks on until it is sure.
        return YamlFault(begin, words)
    if re.match(r"[ ]*\t", lines.content(line)):
        return YamlFault(line, _TAB)
    return YamlFault(line, f"{words} (see line {begin})" if begin is not None and begin != line else words)
