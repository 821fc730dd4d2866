"""Kill -9 storm: any process of a running site, at any time; ``make faults KILLS=200`` for a long one.

Afterwards the ledger audits clean, and every minute that was fully covered, at least ten seconds from a gap, holds what a run counts that
nobody disturbed.
"""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import cv2
import pytest

from tests.faults.playground import undisturbed, write_lap
from tests.faults.storm import CAMERAS, Storm, found, recorded

if TYPE_CHECKING:
    from pathlib import Path

    from tests.faults.storm import Minute

KILLS = int(os.environ.get("KILLS", "20"))
SEED = int(os.environ.get("SEED", "7"))
DETECTOR = os.environ.get("DETECTOR", "hog")
FROM_A_GAP_S = 10.0
NOON = 1_800_000_000 - 1_800_000_000 % 60


def minute_of_a_run(clip: Path, begun_before_s: float) -> Minute:
    """Return what one minute holds of a run that began so many seconds before it."""
    row = undisturbed(clip, NOON - begun_before_s, NOON + 65, DETECTOR)[1]
    line, area = row.lines[0], row.zones[0]
    return (line.entered, line.left, line.groups_in, line.groups_out), (area.visits, area.max_occupancy)


@pytest.mark.slow
@pytest.mark.faults
@pytest.mark.realtime
@pytest.mark.timeout(240 + 30 * KILLS)
def test_after_a_storm_of_kills_the_records_are_whole_and_right(tmp_path: Path) -> None:
    site = tmp_path / "site"
    site.mkdir()
    file = found(site, DETECTOR)
    clip = write_lap(site / "lap.mp4")
    storm = Storm(file, tmp_path / "serve.log", SEED)
    storm.rage(KILLS)
    assert len(storm.kills) == KILLS
    program = "import sys; from consentry.cli.main import main; sys.exit(main(sys.argv[1:]))"
    audit = subprocess.run([sys.executable, "-c", program, "ledger", "audit", "--config", str(file)], capture_output=True, text=True, check=False)
    assert audit.returncode == 0, audit.stdout + audit.stderr
    # Every minute of an undisturbed run is the same, for a lap lasts half of it.
    expected = minute_of_a_run(clip, 59.0)
    assert expected[0][:2] == (4, 6), "six people walked out and four in; the undisturbed run saw them all"
    calm = {camera: recorded(site / "data" / "main.db", camera).calm(FROM_A_GAP_S) for camera in CAMERAS}
    assert all(calm.values()), "there were whole minutes far from every gap"
    wrong = {(camera, start): figures for camera, minutes in calm.items() for start, figures in minutes.items() if figures != expected}
    assert wrong == {}, storm.kills


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("later", [10.0, 13.0, 16.0])
def test_a_run_begun_ten_seconds_before_a_minute_counts_it_right(tmp_path: Path, later: float) -> None:
    assert minute_of_a_run(write_lap(tmp_path / "lap.mp4"), later) == ((4, 6, 4, 6), (10, 1))


def test_opencv_is_the_one_with_the_detector_that_these_tests_count_with() -> None:
    assert hasattr(cv2, "HOGDescriptor")
