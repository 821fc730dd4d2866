"""On which line of a TOML text each table and key stands, for error messages. The text is one that a TOML reader has accepted."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from consentry.platform.settings.rules import KeyPath

__all__ = ["line_of", "positions"]

_PART = r"""(?:[A-Za-z0-9_-]+|"(?:\\.|[^"\\])*"|'[^']*')"""
_NAME = rf"(?P<name>{_PART}(?:\s*\.\s*{_PART})*)"
_KEY = re.compile(rf"\s*{_NAME}\s*=")
_HEADER = re.compile(rf"\s*(?P<open>\[\[?)\s*{_NAME}\s*\]")
# A string, a comment, a bracket: whatever else stands between them cannot end a value.
_TOKEN = re.compile(r'"""|\'\'\'|"(?:\\.|[^"\\])*"|\'[^\']*\'|#.*|[\[\]{}]')


class _Value:
    """Follows a value over its lines until it ends."""

    def __init__(self) -> None:
        self.depth = 0
        self.quote = ""

    @property
    def open(self) -> bool:
        return bool(self.depth or self.quote)

    def read(self, line: str) -> None:
        at = 0
        while at < len(line):
            at = self._in_text(line, at) if self.quote else self._outside(line, at)

    def _in_text(self, line: str, at: int) -> int:
        escape = r"(?:\\.|[^\\])*?" if self.quote == '"""' else ".*?"
        end = re.compile(f"{escape}{self.quote}", re.DOTALL).match(line, at)
        if end is None:
            return len(line)
        self.quote = ""
        return end.end()

    def _outside(self, line: str, at: int) -> int:
        token = _TOKEN.search(line, at)
        if token is None:
            return len(line)
        if token[0] in {'"""', "'''"}:
            self.quote = token[0]
        elif token[0] in "[{":
            self.depth += 1
        elif token[0] in "]}":
            self.depth -= 1
        return token.end()


def positions(text: str) -> dict[KeyPath, int]:
    """Return the line, counted from 1, of every table and key of ``text``; keys inside an inline value have none of their own."""
    found: dict[KeyPath, int] = {}
    table: KeyPath = ()
    counts: dict[KeyPath, int] = {}
    for number, path, header in _statements(text):
        if header:
            table = _entered(path, counts, many=header == "[[")
            found.setdefault(table, number)
        else:
            found[(*table, *path)] = number
    return found


def _statements(text: str) -> Iterator[tuple[int, tuple[str, ...], str]]:
    value = _Value()
    for number, line in enumerate(text.split("\n"), 1):
        if value.open:
            value.read(line)
            continue
        key = _KEY.match(line)
        header = _HEADER.match(line)
        if key:
            value.read(line[key.end() :])
            yield number, _names(key["name"]), ""
        elif header:
            yield number, _names(header["name"]), header["open"]


def _names(key: str) -> tuple[str, ...]:
    """Return the parts of a dotted key, read by the TOML reader itself."""
    names: list[str] = []
    item: object = tomllib.loads(f"{key} = 0")
    while isinstance(item, dict):
        ((name, item),) = item.items()
        names.append(name)
    return tuple(names)


def _entered(names: tuple[str, ...], counts: dict[KeyPath, int], *, many: bool) -> KeyPath:
    """Return the path that a header opens: below an array of tables it lies in the array's last one."""
    path: KeyPath = ()
    for name in names[:-1]:
        path = (*path, name)
        if path in counts:
            path = (*path, counts[path])
    path = (*path, names[-1])
    if many:
        counts[path] = counts.get(path, -1) + 1
        path = (*path, counts[path])
    return path


def line_of(path: KeyPath, found: dict[KeyPath, int]) -> int | None:
    """Return the line of the value at ``path``, or of the nearest table or key around it."""
    return next((found[path[:length]] for length in range(len(path), 0, -1) if path[:length] in found), None)
