"""Days and instants in addresses: as RFC 3339 writes them, and not as the numbers that pydantic would take for seconds since 1970."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated

from pydantic import AwareDatetime, BeforeValidator

__all__ = ["Day", "Instant"]

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d.*")


def _day(value: object) -> object:
    if isinstance(value, str) and not _DAY.fullmatch(value):
        msg = "a day is written as 2026-03-01"
        raise ValueError(msg)
    return value


def _instant(value: object) -> object:
    if isinstance(value, str) and not _INSTANT.fullmatch(value):
        msg = "an instant is written as 2026-03-01T09:00:00+08:00"
        raise ValueError(msg)
    return value


Day = Annotated[date, BeforeValidator(_day)]
"""A day, such as ``2026-03-01``."""

Instant = Annotated[AwareDatetime, BeforeValidator(_instant)]
"""An instant with its zone, such as ``2026-03-01T09:00:00+08:00``."""
