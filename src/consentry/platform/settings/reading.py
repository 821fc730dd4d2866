"""From the text of ``site.toml`` to settings, or to everything that is wrong with it."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING

from pydantic import ValidationError

from consentry.platform.settings.fields import key_of, part_in
from consentry.platform.settings.model import Settings
from consentry.platform.settings.positions import line_of, positions
from consentry.platform.settings.problems import InvalidSettingsError, Problem, finding_of, shown_path
from consentry.platform.settings.rules import contradictions

if TYPE_CHECKING:
    from pydantic import BaseModel

    from consentry.platform.settings.rules import Finding, KeyPath

__all__ = ["keys_at", "read_settings"]

_AT_LINE = re.compile(r"\(at line (\d+), column \d+\)")


def read_settings(text: str, file: str) -> Settings:
    """Return the settings that ``text`` states; ``file`` names it in errors.

    Raises:
        InvalidSettingsError: With every problem of the text.
    """
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidSettingsError([_no_toml(error, file)]) from error
    try:
        settings = Settings.model_validate(raw)
    except ValidationError as error:
        details = error.errors(include_url=False)
        raise _invalid([finding_of(detail, keys_at(detail["loc"][:-1])) for detail in details], text, file) from None
    findings = contradictions(settings)
    if findings:
        raise _invalid(findings, text, file)
    return settings


def keys_at(path: KeyPath) -> list[str]:
    """Return the keys that the table at ``path`` may have; none where no table stands there."""
    model: type[BaseModel] | None = Settings
    for part in path:
        if isinstance(part, int) or model is None:
            continue
        field = next((field for name, field in model.model_fields.items() if key_of(name, field) == part), None)
        model = None if field is None else part_in(field.annotation)
    return [] if model is None else [key_of(name, field) for name, field in model.model_fields.items()]


def _no_toml(error: tomllib.TOMLDecodeError, file: str) -> Problem:
    line = _AT_LINE.search(str(error))
    problem = _AT_LINE.sub("", str(error)).strip().lower()
    return Problem(file, int(line[1]) if line else None, "", "settings.toml", f"this is not TOML: {problem}", "Mend the line.")


def _invalid(findings: list[Finding], text: str, file: str) -> InvalidSettingsError:
    lines = positions(text)
    found = [Problem(file, line_of(item.path, lines), shown_path(item.path), item.code, item.problem, item.mend) for item in findings]
    return InvalidSettingsError(sorted(found, key=lambda problem: problem.line or 0))
