"""Editing ``site.toml`` by forms: which keys a form shows, and the text with what it gave. Pure."""

from __future__ import annotations

import tomllib
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from consentry.platform.settings.editing import with_value, without
from consentry.platform.settings.fields import FieldEntry, entries
from consentry.platform.settings.model import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["BILINGUAL", "edited", "form_entries", "is_bilingual", "shown_value", "shown_values", "value_at"]

BILINGUAL: Final = ("zh", "en")


@cache
def form_entries() -> dict[str, list[FieldEntry]]:
    """Return the keys that forms edit, by the table that they begin with. Lists of tables, such as cameras, are edited as text."""
    parts: dict[str, list[FieldEntry]] = {}
    for entry in entries(Settings):
        if "[]" not in entry.path:
            parts.setdefault(entry.path.partition(".")[0], []).append(entry)
    return parts


def is_bilingual(entry: FieldEntry) -> bool:
    """Tell whether the key holds words in both languages."""
    properties = entry.kind.get("properties")
    return isinstance(properties, dict) and "zh" in properties


def value_at(document: Mapping[str, Any], path: str) -> object:
    """Return what stands at a dotted path, or None."""
    found: Any = document
    for key in path.split("."):
        found = found.get(key) if isinstance(found, dict) else None
    return found


def shown_values(document: Mapping[str, Any], entry: FieldEntry) -> dict[str, str]:
    """Return what stands in the file for a key as a form shows it, by the names of the form's fields; nothing for a key that is absent."""
    value = value_at(document, entry.path)
    if value is None:
        return {}
    if not is_bilingual(entry):
        return {entry.path: shown_value(value)}
    words = value if isinstance(value, dict) else dict.fromkeys(BILINGUAL, value)
    return {f"{entry.path}.{language}": shown_value(words.get(language)) for language in BILINGUAL}


def shown_value(value: object) -> str:
    """Return a value as a form shows it: a list one line each, yes as ``true``, no and nothing as an empty text."""
    if isinstance(value, list | tuple):
        return "\n".join(str(item) for item in value)
    if value is None or isinstance(value, bool):
        return "true" if value else ""
    return str(value)


def edited(text: str, part: str, given: Mapping[str, str]) -> str:
    """Return ``text`` with the keys of one table as a form gave them; an empty value takes the key out.

    ``given`` maps dotted paths to what stands in the form, words in two languages as ``path.zh`` and ``path.en``; keys that it does not name
    stay. A value that cannot be read as what its key takes stays text, so that the check of the settings says what is wrong with it.
    """
    for entry in form_entries()[part]:
        now = value_at(tomllib.loads(text), entry.path)
        value = _words(now, entry.path, given) if is_bilingual(entry) else _value(now, entry, given)
        if value is None and now is not None:
            text = without(text, entry.path)
        elif value != now:
            text = with_value(text, entry.path, value)
    return text


def _words(now: object, path: str, given: Mapping[str, str]) -> object:
    known = now if isinstance(now, dict) else dict.fromkeys(BILINGUAL, now or "")
    words = {**known, **{language: given[f"{path}.{language}"].strip() for language in BILINGUAL if f"{path}.{language}" in given}}
    return now if words == known else words


def _value(now: object, entry: FieldEntry, given: Mapping[str, str]) -> object:
    text = given.get(entry.path, shown_value(now)).strip()
    if text == shown_value(now):
        return now
    kind = entry.kind.get("type")
    if kind == "boolean":
        return bool(text)
    if not text:
        return None
    if kind == "array":
        return [line.strip() for line in text.splitlines() if line.strip()]
    return _number(text) if kind in {"integer", "number"} else text


def _number(text: str) -> object:
    for read in (int, float):
        try:
            return read(text)
        except ValueError:
            continue
    return text
