"""Which shots are kept, and that the others are overwritten."""

from __future__ import annotations

import numpy as np
import pytest

from consentry.recognition.model import TicketKind
from consentry.recognition.station.shots import Shots
from consentry.vision.faces.quality import Component, Quality


def quality(score: int, sharpness: int = 100) -> Quality:
    return Quality({**dict.fromkeys(Component, score), Component.SHARPNESS: min(score, sharpness)})


def chip(value: int) -> np.ndarray:
    return np.full((4, 4, 3), value, np.uint8)


def test_one_shot_is_kept_where_one_is_wanted_and_it_is_the_best() -> None:
    shots = Shots(TicketKind.VERIFY)
    offered = [chip(1), chip(2), chip(3)]
    for at, (one, score) in enumerate(zip(offered, (60, 90, 70), strict=True)):
        shots.offer(at, one, quality(score))
    assert shots.chips().tolist() == [chip(2).tolist()]
    assert shots.quality()["sharpness"] == 90
    assert [bool(one.any()) for one in offered] == [False, True, False]


def test_an_enrolment_takes_three_to_five_shots_spaced_in_time() -> None:
    shots = Shots(TicketKind.ENROL)
    for number in range(100):
        shots.offer(number / 8, chip(number + 1), quality(80))
        kept = min(5, number // 4 + 1)
        assert len(shots.chips()) == kept
        assert shots.enough(0.0) == (kept >= 3)


@pytest.mark.parametrize("kind", TicketKind)
def test_a_capture_needs_a_shot_from_after_the_last_thing_asked(kind: TicketKind) -> None:
    shots = Shots(kind)
    for at in (0.0, 1.0, 2.0):
        shots.offer(at, chip(1), quality(80))
    assert not shots.enough(2.5)
    assert not shots.enough(None)
    shots.offer(3.0, chip(1), quality(90))
    assert shots.enough(2.5)


@pytest.mark.parametrize("weakest", range(6))
def test_the_weakest_of_six_goes_but_never_the_first_or_the_last(weakest: int) -> None:
    shots = Shots(TicketKind.ENROL)
    for number in range(6):
        shots.offer(float(number), chip(number + 1), quality(50 if number == weakest else 60 + number))
    left = [int(one[0, 0, 0]) - 1 for one in shots.chips()]
    gone = weakest if weakest not in {0, 5} else 1
    assert left == [number for number in range(6) if number != gone]


def test_the_quality_of_several_shots_is_the_lowest_of_each_component() -> None:
    shots = Shots(TicketKind.ENROL)
    shots.offer(0.0, chip(1), quality(80))
    shots.offer(1.0, chip(2), quality(90, sharpness=55))
    assert shots.quality()["sharpness"] == 55
    assert shots.quality()["head-pose-yaw"] == 80
