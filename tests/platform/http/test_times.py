"""Days and instants in addresses."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from consentry.platform.http.times import Day, Instant

DAY: TypeAdapter[object] = TypeAdapter(Day)
INSTANT: TypeAdapter[object] = TypeAdapter(Instant)


@pytest.mark.parametrize("text", ["2026-03-01", "2024-02-29"])
def test_days_are_read(text: str) -> None:
    assert str(DAY.validate_python(text)) == text


@pytest.mark.parametrize("text", ["0", "86400", "20260301", "2026-W09-7", "2026-3-1", "2026-02-30", "2026-03-01T00:00:00Z", ""])
def test_whatever_else_is_no_day(text: str) -> None:
    with pytest.raises(ValidationError):
        DAY.validate_python(text)


@pytest.mark.parametrize("text", ["2026-03-01T09:00:00+08:00", "2026-03-01T01:00:00Z", "2026-03-01T01:00:00.25Z"])
def test_instants_are_read(text: str) -> None:
    INSTANT.validate_python(text)


@pytest.mark.parametrize("text", ["0", "1772326800", "2026-03-01", "2026-03-01T09:00:00", "2026-03-01T25:00:00Z", "now", ""])
def test_whatever_else_is_no_instant(text: str) -> None:
    with pytest.raises(ValidationError):
        INSTANT.validate_python(text)
