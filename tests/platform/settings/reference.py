"""The table of every key in ``docs/settings.md``, made from the model: ``python -m tests.platform.settings.reference`` writes it anew."""

from __future__ import annotations

import json
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from consentry.platform.settings.fields import Effect, entries, tables
from consentry.platform.settings.model import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from consentry.platform.settings.fields import FieldEntry

PAGE = Path(__file__).resolve().parents[3] / "docs" / "settings.md"
MARK = "<!-- Everything below is written by `make surface` from the settings' own descriptions. -->\n"
TAKES = {Effect.LIVE: "", Effect.CAMERA_RESTART: " The camera starts anew.", Effect.RESTART: " Takes a restart."}


def reference() -> str:
    """Return a section for every table of the settings, with a row for each of its keys."""
    described = dict(tables(Settings))
    groups = groupby(entries(Settings), key=lambda entry: entry.path.rpartition(".")[0])
    return "\n".join("\n".join(section(table, described[table], list(members))) for table, members in groups) + "\n"


def section(table: str, description: str, keys: list[FieldEntry]) -> Iterator[str]:
    name = table.replace("[]", "")
    yield f"### `{f'[[{name}]]' if table.endswith('[]') else f'[{name}]'}`\n"
    yield f"{description}\n"
    yield "| key | value | meaning |\n|---|---|---|"
    for entry in keys:
        yield f"| `{entry.path.rpartition('.')[2]}` | {value(entry)} | {entry.description}{TAKES[entry.effect]} |"
    yield ""


def value(entry: FieldEntry) -> str:
    kind: dict[str, Any] = dict(entry.kind)
    choices = kind.get("enum") or kind.get("items", {}).get("enum")
    if entry.required:
        return "required"
    if entry.default is not None:
        shown = f"`{json.dumps(entry.default, ensure_ascii=False)}`"
        return f"{shown}; of {listed(choices)}" if choices else shown
    return listed(choices) if choices else "none"


def listed(choices: list[str]) -> str:
    return ", ".join(f"`{choice}`" for choice in choices)


def page_with(text: str) -> str:
    """Return the page with ``text`` as its generated part."""
    return PAGE.read_text(encoding="utf-8").partition(MARK)[0] + MARK + "\n" + text


if __name__ == "__main__":
    PAGE.write_text(page_with(reference()), encoding="utf-8")
