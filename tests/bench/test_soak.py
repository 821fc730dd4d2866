"""The soak's arithmetic, and its short form: five minutes of a real worker."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from click.testing import CliRunner

from bench.__main__ import bench
from bench.soak import SHORT_SETTLING_MB, is_flat, trend

if TYPE_CHECKING:
    from pathlib import Path


def memory(slope: float, noise: float, seconds: float = 7200.0) -> tuple[list[float], list[float]]:
    """Return hours and megabytes of a worker that leaks ``slope`` megabytes an hour."""
    hours = np.arange(0, seconds, 2.0) / 3600
    wander = np.random.default_rng(3).normal(0, noise, len(hours))
    return hours.tolist(), (200 + slope * hours + wander).tolist()


@pytest.mark.parametrize(("slope", "noise", "flat"), [(0, 1, True), (-8, 1, True), (1, 0.5, True), (20, 1, False), (20, 5, False), (6, 0.5, False)])
def test_a_leak_is_told_from_noise(slope: float, noise: float, flat: bool) -> None:
    found = trend(*memory(slope, noise))
    assert found.low <= slope <= found.high
    assert is_flat(found) is flat


@pytest.mark.parametrize(("slope", "flat"), [(0, True), (100, True), (400, False), (900, False)])
def test_five_minutes_tell_a_kept_picture_from_steps_of_a_busy_machine(slope: float, flat: bool) -> None:
    hours, megabytes = memory(slope, 2, seconds=210)
    assert is_flat(trend(hours, megabytes), SHORT_SETTLING_MB) is flat


def test_a_step_that_repeats_is_a_leak_and_one_that_happened_once_early_is_told_by_the_highest_value() -> None:
    hours, megabytes = memory(0, 0.5)
    stairs = [value + 10 * int(hour * 6) for hour, value in zip(hours, megabytes, strict=True)]
    assert not is_flat(trend(hours, stairs))
    assert trend(hours, stairs).highest > 300


@pytest.mark.slow
@pytest.mark.realtime
@pytest.mark.timeout(600)
def test_a_worker_holds_its_memory_for_five_minutes(tmp_path: Path) -> None:
    done = CliRunner().invoke(bench, ["soak", "--short", "--json", str(tmp_path)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    rows = json.loads((tmp_path / "soak.json").read_text(encoding="utf-8"))["rows"]
    assert [row["flat and within the bar"] for row in rows] == ["held"], rows
