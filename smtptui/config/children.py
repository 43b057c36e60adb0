"""The environment of every child process: this program's own, without the variables that hold secrets."""

import functools
import re
from collections.abc import Iterable, Iterator, Mapping

from smtptui.config.file_image import read_file
from smtptui.config.parsing import YamlFault, decoded, parse
from smtptui.config.places import profiles_file
from smtptui.config.tree import MappingNode, Node, ScalarNode, SequenceNode

SECRET_VARIABLES = ("SMTPTUI_PASSWORD", "SMTPTUI_TOKEN")
"""Variables that hold a secret whatever the profiles say."""
_FIELDS = ("password_env", "token_env")
_COMMENT = re.compile(r"^[ \t]*#.*$", re.MULTILINE)
_WRITTEN = re.compile(rf"""(?:{"|".join(_FIELDS)})["']?\s*:\s*(?:[&!]\S*\s+)*["']?([A-Za-z_][A-Za-z0-9_]*)""")
"""How a file that is not valid YAML names a variable."""

# The environment belongs to the whole process, and so does the knowledge of what in it is secret.
_noted: set[str] = set()


def child_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return ``environ`` without the variables that hold a secret: the environment for any child process.

    Secret are :data:`SECRET_VARIABLES`, every ``password_env`` and ``token_env`` of the profiles file, also of a
    profile or a file with faults, and what :func:`note_secret_variables` was told. No child is an exception: one that
    needs a secret gets it on its standard input.
    """
    secret = {*SECRET_VARIABLES, *_noted, *_of_file(environ)}
    return {name: value for name, value in environ.items() if name not in secret}


def note_secret_variables(names: Iterable[str | None]) -> None:
    """Keep variables from every later child, whatever becomes of the profile that names them; None is left out."""
    _noted.update(name for name in names if name)


def _of_file(environ: Mapping[str, str]) -> frozenset[str]:
    try:
        data = read_file(profiles_file(environ)).data
    except OSError:
        return frozenset()
    return _named(data) if data else frozenset()


@functools.lru_cache(maxsize=2)
def _named(data: bytes) -> frozenset[str]:
    try:
        return frozenset(_in_tree(parse(decoded(data))))
    except YamlFault:
        # A slip elsewhere in the file must not hand a secret to the editor that is to mend it.
        return frozenset(_WRITTEN.findall(_COMMENT.sub("", data.decode("utf-8", "replace"))))


def _in_tree(node: Node | None) -> Iterator[str]:
    if isinstance(node, MappingNode):
        # Also what merge keys bring in, and duplicates, of which the user may keep either.
        for pair in {id(pair): pair for pair in (*node.pairs, *node.fields.values())}.values():
            if pair.key.text in _FIELDS and isinstance(pair.value, ScalarNode):
                yield pair.value.text
            yield from _in_tree(pair.value)
    elif isinstance(node, SequenceNode):
        for item in node.items:
            yield from _in_tree(item)
