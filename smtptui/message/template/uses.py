"""Where a template puts in columns as they are, so that an empty cell would leave a gap such as “Dear ,”."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from jinja2 import nodes

FILTER = "watched"
"""The filter that tells which places were filled in."""

Gap = frozenset[str]
"""Columns that leave a gap when all of them are empty."""

_SAME = frozenset(
    [
        *("abs", "capitalize", "center", "e", "escape", "first", "forceescape", "format", "indent", "last", "lower"),
        *("replace", "reverse", "safe", "string", "striptags", "sized", "title", "trim", "truncate", "upper"),
        *("urlencode", "urlize", "wordwrap"),
    ]
)
"""Filters that make an empty text of an empty text."""
_METHODS = frozenset(
    [
        *("capitalize", "casefold", "center", "expandtabs", "format", "join", "ljust", "lower", "lstrip"),
        *("removeprefix", "removesuffix", "replace", "rjust", "rstrip", "strip", "swapcase", "title", "upper"),
    ]
)
"""Methods of a text that do the same."""
_DEFAULT = ("default", "d")
_NO_TESTS = ("defined", "undefined")
"""Tests that do not tell whether a cell is empty: each row has each column."""
_ROW = "row"
_BLANK = "\u200b\u200c\u200d\u2060\ufeff\u00ad"
"""Characters that nobody sees and that are not white space to Python."""

Guarded = frozenset[str]


def is_empty(value: object) -> bool:
    """Whether a cell has nothing that anybody would see."""
    return isinstance(value, str) and not value.strip().strip(_BLANK).strip()


@dataclass(frozen=True, slots=True)
class Use:
    """A place where the template puts in columns without asking whether they are empty."""

    place: str
    line: int
    columns: Gap


class Watch:
    """Finds the places, and sees which of them a message passes."""

    def __init__(self, columns: Collection[str]) -> None:
        self.uses: list[Use] = []
        self.columns: set[str] = set()
        """All columns of the places."""
        self._passed: set[int] = set()
        self._known = frozenset(columns)

    def mark(self, tree: nodes.Template, place: str) -> None:
        """Have each of the places of a piece tell when it is passed."""
        _Walk(self, place, self._known).over(tree.body, frozenset(), {})

    def add(self, place: str, line: int, gaps: Iterable[Gap]) -> int:
        """A place; the number that tells it."""
        number = len(self.uses)
        for gap in dict.fromkeys(gaps):
            self.uses.append(Use(place, line, gap))
            self.columns |= gap
        return number

    def begin(self) -> None:
        """Forget which places were passed."""
        self._passed.clear()

    def watched(self, value: Any, first: int, end: int) -> Any:
        """The value, which is being put in at the places from ``first`` to ``end``."""
        self._passed.update(range(first, end))
        return value

    def gaps(self, row: Mapping[str, object]) -> list[Use]:
        """The places that were passed and where the row leaves a gap."""
        return [
            use
            for number, use in enumerate(self.uses)
            if number in self._passed and all(is_empty(row.get(column)) for column in use.columns)
        ]


class _Walk:
    def __init__(self, watch: Watch, place: str, columns: frozenset[str]) -> None:
        self._watch = watch
        self._place = place
        self._columns = columns

    def over(self, body: Iterable[nodes.Node], guarded: Guarded, names: dict[str, tuple[Gap, ...]]) -> None:
        """Statements; ``names`` are the gaps of names that the template has given. They are changed by what is set."""
        for node in body:
            self._statement(node, guarded, names)

    def _statement(self, node: nodes.Node, guarded: Guarded, names: dict[str, tuple[Gap, ...]]) -> None:
        match node:
            case nodes.Output():
                node.nodes = [self._put(each, guarded, names) for each in node.nodes]
            case nodes.If():
                inner = guarded | self._tested(node.test, names)
                self.over(node.body, inner, names)
                self.over(node.elif_, inner, names)
                self.over(node.else_, inner, names)
            case nodes.For():
                inside = dict(names)
                inside.update((name, ()) for name in _named(node.target))
                self.over(node.body, guarded, inside)
                self.over(node.else_, guarded | self._tested(node.iter, names), dict(names))
            case nodes.Assign():
                gaps = tuple(self._gaps(node.node, guarded, names))
                if isinstance(node.target, nodes.Name):
                    names[node.target.name] = gaps
                else:
                    names.update((name, ()) for name in _named(node.target))
            case nodes.With():
                inside = dict(names)
                for target, value in zip(node.targets, node.values, strict=True):
                    if isinstance(target, nodes.Name):
                        inside[target.name] = tuple(self._gaps(value, guarded, names))
                self.over(node.body, guarded, inside)
            case nodes.Macro() | nodes.CallBlock():
                inside = dict(names) | {argument.name: () for argument in node.args}
                self.over(node.body, guarded, inside)
            case (
                nodes.AssignBlock()
                | nodes.FilterBlock()
                | nodes.Block()
                | nodes.Scope()
                | nodes.ScopedEvalContextModifier()
            ):
                self.over(node.body, guarded, names)

    def _put(self, node: nodes.Expr, guarded: Guarded, names: Mapping[str, tuple[Gap, ...]]) -> nodes.Expr:
        if isinstance(node, nodes.TemplateData):
            return node
        gaps = self._gaps(node, guarded, names)
        if not gaps:
            return node
        first = self._watch.add(self._place, node.lineno, gaps)
        numbers = [nodes.Const(first, lineno=node.lineno), nodes.Const(len(self._watch.uses), lineno=node.lineno)]
        watched = nodes.Filter(node, FILTER, cast(Any, numbers), [], None, None, lineno=node.lineno)
        assert node.environment is not None, "the tree is one of a sandbox"
        watched.set_environment(node.environment)
        return watched

    def _gaps(self, node: nodes.Node | None, guarded: Guarded, names: Mapping[str, tuple[Gap, ...]]) -> list[Gap]:
        """The sets of columns that leave a gap in what an expression comes to."""
        both = [self._gaps(each, guarded, names) for each in _both(node)]
        if both:
            return [gap for gaps in both for gap in gaps]
        column = self._column(node, names)
        if column is not None:
            return [] if column in guarded else [frozenset([column])]
        match node:
            case nodes.Name():
                return [] if node.name in guarded else list(names.get(node.name, ()))
            case nodes.Or():
                left, right = (self._gaps(each, guarded, names) for each in (node.left, node.right))
                return [one | other for one in left for other in right]
            case nodes.And():
                return self._gaps(node.right, guarded | self._tested(node.left, names), names)
            case nodes.CondExpr():
                inner = guarded | self._tested(node.test, names)
                return [*self._gaps(node.expr1, inner, names), *self._gaps(node.expr2, inner, names)]
            case nodes.Filter(name=name) if name in _DEFAULT:
                gaps = self._gaps(node.node, guarded, names)
                if not _for_empty(node):
                    return gaps
                other = self._gaps(node.args[0], guarded, names) if node.args else []
                return [one | two for one in gaps for two in other]
        return []

    def _column(self, node: nodes.Node | None, names: Mapping[str, tuple[Gap, ...]]) -> str | None:
        """The column that an expression is, by its name or in the row."""
        match node:
            case nodes.Name(name=str(name)) if name in self._columns and name not in names:
                return name
            case nodes.Getitem(node=nodes.Name(name="row"), arg=nodes.Const(value=str(name))):
                return name if name in self._columns and _ROW not in self._columns else None
            case nodes.Getattr(node=nodes.Name(name="row"), attr=name):
                return name if name in self._columns and _ROW not in self._columns else None
            case nodes.Call(
                node=nodes.Getattr(node=nodes.Name(name="row"), attr="get"), args=[nodes.Const(value=str(name)), *_]
            ):
                return name if name in self._columns and _ROW not in self._columns else None
        return None

    def _tested(self, node: nodes.Node, names: Mapping[str, tuple[Gap, ...]]) -> Guarded:
        """The columns and names that a condition asks about."""
        if isinstance(node, nodes.Test) and node.name in _NO_TESTS:
            return frozenset()
        found = set()
        column = self._column(node, names)
        if column is not None:
            found.add(column)
        elif isinstance(node, nodes.Name):
            found.add(node.name)
            found |= {column for gap in names.get(node.name, ()) for column in gap}
        for child in node.iter_child_nodes():
            found |= self._tested(child, names)
        return frozenset(found)


def _named(target: nodes.Node) -> list[str]:
    """The names that a target gives, one or several."""
    return [target.name] if isinstance(target, nodes.Name) else [each.name for each in target.find_all(nodes.Name)]


def _both(node: nodes.Node | None) -> list[nodes.Node]:
    """The parts of an expression that are all put in, or the one that is put in changed."""
    match node:
        case nodes.Concat() | nodes.Tuple() | nodes.List():
            return list(node.nodes if isinstance(node, nodes.Concat) else node.items)
        case nodes.Add():
            return [node.left, node.right]
        case nodes.Mod():
            return [node.right] if isinstance(node.left, nodes.Const) else []
        case nodes.Filter(name=name) if name in _SAME or name == "join":
            arguments = node.args if name == "format" else []
            return [*([node.node] if node.node is not None else []), *arguments]
        case nodes.Call(node=nodes.Getattr(node=inner, attr=name)) if name in _METHODS:
            return [inner, *(node.args if name in ("format", "join") else [])]
        case nodes.MarkSafe() | nodes.MarkSafeIfAutoescape():
            return [node.expr]
    return []


def _for_empty(node: nodes.Filter) -> bool:
    """Whether a default is also for what is empty, as ``default("friend", true)`` is."""
    given = node.args[1:2] or [pair.value for pair in node.kwargs if pair.key == "boolean"]
    return bool(given) and not (isinstance(given[0], nodes.Const) and not given[0].value)
