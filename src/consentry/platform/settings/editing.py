"""Changes to the text of ``site.toml`` that leave comments, order and everything else as they are.

A path is the one that :mod:`consentry.platform.settings.changes` reports: ``web.port``, ``camera.door.region``,
``camera.door.line.main.from``; cameras, lines and areas by their ids. Values are as in the file. The new text is only that: whoever
writes it validates it first (``SettingsStore.replace``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import tomlkit
from tomlkit.items import AoT, Table

from consentry.platform.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tomlkit.container import Container

    _Tables = Container | Table

__all__ = ["with_members", "with_value", "without"]


def with_value(text: str, path: str, value: object) -> str:
    """Return the text with ``value`` at ``path``; tables on the way are made where they are absent.

    Raises:
        NotFoundError: ``settings.no-such-part`` where the path names a camera, line or area that is not there.
    """
    document = tomlkit.parse(text)
    *tables, key = path.split(".")
    _set(_table_at(document, tables, path), key, value)
    return document.as_string()


def without(text: str, path: str) -> str:
    """Return the text without the key, table, camera, line or area at ``path``.

    Raises:
        NotFoundError: ``settings.no-such-part`` where it is not there.
    """
    document = tomlkit.parse(text)
    *tables, key = path.split(".")
    holder: Any = document
    for place, name in enumerate(tables):
        holder = _member(holder, name, path) if isinstance(holder, AoT) else holder.get(name)
        if holder is None:
            raise _no_such_part(".".join(tables[: place + 1]))
    if isinstance(holder, AoT):
        holder.remove(_member(holder, key, path))
    elif key in holder:
        holder.remove(key)
    else:
        raise _no_such_part(path)
    return document.as_string()


def with_members(text: str, path: str, members: Sequence[Mapping[str, object]]) -> str:
    """Return the text with exactly these cameras (``camera``), lines (``camera.door.line``) or areas at ``path``.

    Those that were there, told by their ids, keep their place, their comments and the keys whose values do not change; new ones follow
    them. A key that is absent or None is taken out.

    Raises:
        NotFoundError: ``settings.no-such-part`` where the path names a camera that is not there.
    """
    document = tomlkit.parse(text)
    *tables, key = path.split(".")
    holder = _table_at(document, tables, path)
    before = holder.get(key)
    if not isinstance(before, AoT):  # absent, or an array of inline tables
        holder[key] = before = tomlkit.aot()
    wanted = {str(member["id"]): member for member in members}
    for table in [table for table in before if str(table.get("id")) not in wanted]:
        before.remove(table)
    for table in before:
        _renew(table, wanted.pop(str(table["id"])))
    for member in wanted.values():
        before.append(_renew(tomlkit.table(), member))
    if not before:
        holder.remove(key)
    return document.as_string()


def _renew(table: Table, member: Mapping[str, object]) -> Table:
    for key in [key for key in table if member.get(key) is None]:
        table.remove(key)
    for key, value in member.items():
        if value is not None:
            _set(table, key, value)
    return table


def _set(holder: _Tables, key: str, value: object) -> None:
    before = holder.get(key)
    if before is not None and before == value:
        return
    item = tomlkit.item(value)
    if before is not None:
        item.trivia.comment, item.trivia.comment_ws = before.trivia.comment, before.trivia.comment_ws
    holder[key] = item


def _table_at(document: _Tables, names: Sequence[str], path: str) -> _Tables:
    holder: Any = document
    for name in names:
        if isinstance(holder, AoT):
            holder = _member(holder, name, path)
            continue
        if name not in holder:
            holder[name] = tomlkit.table()
        holder = holder[name]
    return cast("_Tables", holder)


def _member(tables: AoT, name: str, path: str) -> Table:
    found: Table | None = next((table for table in tables if table.get("id") == name), None)
    if found is None:
        raise _no_such_part(path)
    return found


def _no_such_part(path: str) -> NotFoundError:
    return NotFoundError("settings.no-such-part", path, "the settings have no such part", "Look at the settings again; it may have been removed.")
