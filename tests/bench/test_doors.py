"""The benchmark of doors fills a controller, lets everybody in by every way, and sends away what nobody has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bench.doors
from bench.doors import REFUSED, Size
from bench.material import Material

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_every_way_in_is_timed_and_what_nobody_has_is_sent_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench.doors, "SHORT", Size(people=120, doors=8, rounds=3, pins=2))
    report = bench.doors.measure(Material(tmp_path, tmp_path, short=True))
    times = {row[0]: row[1] for row in report.rows}
    assert times["card"] == times["telephone's code"] == times["guest's code"] == times["face, once recognised"] == 3
    assert times["PIN after a unit"] == times["PIN after a unit that nobody has"] == 2
    told = ("wrong PIN", *(f"card {reason}" for reason in REFUSED))
    assert set(report.details["told"]) == {f"{name}, {what}" for name in told for what in ("check", "decision")}
    assert report.details["snapshot_bytes"] > 10_000
