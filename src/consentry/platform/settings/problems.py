"""Everything that is wrong with a settings file, told at once: file, line, table, key, what is wrong and how to mend it."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from consentry.platform.errors import SettingsError
from consentry.platform.settings.rules import Finding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic_core import ErrorDetails

    from consentry.platform.settings.rules import KeyPath

__all__ = ["InvalidSettingsError", "Problem", "finding_of", "shown_path"]

_LISTED = "literal_error", "enum"
_MENDS = {
    "missing": "Add it.",
    "string_type": 'Write it in quotes: "...".',
    "bool_type": "Write true or false, without quotes.",
    "int_type": "Write a whole number, without quotes.",
    "int_parsing": "Write a whole number, without quotes.",
    "int_from_float": "Write a whole number.",
    "float_type": "Write a number, without quotes.",
    "float_parsing": "Write a number, without quotes.",
    "finite_number": "Write a number.",
    "tuple_type": "Write a list: [..., ...].",
    "model_type": "Write a table.",
    "date_from_datetime_parsing": "Write a day as 2026-01-31.",
    "string_pattern_mismatch": "Use lower-case letters, digits and hyphens, at most 40, beginning and ending with a letter or digit.",
}
_BOUNDS = {
    "ge": ("less than", "more"),
    "le": ("more than", "less"),
    "min_length": ("shorter than", "more"),
    "max_length": ("longer than", "less"),
}
_PROBLEMS = {
    "string_type": "it is not text",
    "bool_type": "it is neither true nor false",
    "int_type": "it is not a whole number",
    "int_parsing": "it is not a whole number",
    "int_from_float": "it is not a whole number",
    "float_type": "it is not a number",
    "float_parsing": "it is not a number",
    "finite_number": "it is not a number, or has no end",
    "missing": "it is missing",
    "model_type": "it should be a table",
    "tuple_type": "it should be a list",
    "string_pattern_mismatch": "it is not a name for machines",
    "date_from_datetime_parsing": "it is not a day",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong. ``key`` is the dotted path, ``line`` counts from 1 and is None where the file has no line for it."""

    file: str
    line: int | None
    key: str
    code: str
    problem: str
    mend: str

    @property
    def place(self) -> str:
        """Return file, line and key as one subject."""
        line = "" if self.line is None else f", line {self.line}"
        return f"{self.file}{line}{f', {self.key}' if self.key else ''}"

    def __str__(self) -> str:
        """Return the problem as one line."""
        return f"{self.place}: {self.problem}. {self.mend}"


class InvalidSettingsError(SettingsError):
    """A settings file with one problem or more; ``problems`` holds all of them."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        """Take the problems, at least one; the first gives the code."""
        first = problems[0]
        more = f" ({len(problems) - 1} more: see `consentry config check`)" if problems[1:] else ""
        super().__init__(first.code, first.place, first.problem, f"{first.mend}{more}")
        self.problems = tuple(problems)


def shown_path(path: KeyPath) -> str:
    """Return a path as people write it: ``camera[0].line[1].from``, positions counting from 0."""
    shown = ""
    for part in path:
        shown += f"[{part}]" if isinstance(part, int) else f".{part}" if shown else part
    return shown


def finding_of(error: ErrorDetails, known: Sequence[str]) -> Finding:
    """Return what pydantic found, in plain words. ``known``: the keys that the table around it may have."""
    path: KeyPath = error["loc"]
    context: dict[str, Any] = error.get("ctx", {})
    if "mend" in context:
        return Finding(path, error["type"], context["problem"], context["mend"])
    if error["type"] == "extra_forbidden":
        return _unknown_key(path, known)
    if error["type"] in _LISTED:
        return Finding(path, "settings.choice", f"{error['input']!r} is not one of the choices", f"Write one of: {context['expected']}.")
    bound = next((bound for bound in _BOUNDS if bound in context), None)
    if bound is not None:
        limit = context[bound]
        if (bound, limit) == ("min_length", 1):
            return Finding(path, "settings.out-of-range", "it is empty", "Write something, or take the key out where it may be absent.")
        return Finding(path, "settings.out-of-range", f"it is {_BOUNDS[bound][0]} {limit}", f"Write {limit} or {_BOUNDS[bound][1]}.")
    problem = _PROBLEMS.get(error["type"], error["msg"][:1].lower() + error["msg"][1:])
    code = f"settings.{error['type'].replace('_', '-')}"
    return Finding(path, code, problem, _MENDS.get(error["type"], "Change the value; docs/settings.md describes it."))


def _unknown_key(path: KeyPath, known: Sequence[str]) -> Finding:
    near = get_close_matches(str(path[-1]), known, n=1)
    mend = f"Did you mean {near[0]!r}?" if near else f"Take it out. There are: {', '.join(known)}."
    return Finding(path, "settings.unknown-key", "there is no such key", mend)
