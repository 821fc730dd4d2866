"""Whether whoever gives no face waits longer."""

from __future__ import annotations

import pytest

from consentry.access.model import ReaderKind
from consentry.access.rules.parity import WayFigure, parity

CARD, PIN, FACE = ReaderKind.CARD, ReaderKind.PIN, ReaderKind.FACE


@pytest.mark.parametrize(
    ("face", "slowest", "holds"),
    [
        pytest.param(1.0, 3.0, True, id="two seconds longer than a fast face"),
        pytest.param(1.0, 3.001, False, id="more than two seconds longer"),
        pytest.param(20.0, 24.0, True, id="a fifth longer than a slow face"),
        pytest.param(20.0, 24.01, False, id="more than a fifth longer"),
        pytest.param(5.0, 1.0, True, id="faster than the face"),
    ],
)
def test_the_slowest_way_is_within_a_fifth_or_two_seconds_of_the_face(face: float, slowest: float, holds: bool) -> None:
    found = parity({FACE: [face], PIN: [slowest], CARD: [0.1]})
    assert found.holds is holds
    assert found.slowest == WayFigure(PIN, 1, slowest) if slowest > 0.1 else found.slowest


def test_ways_are_told_by_their_medians_fastest_first() -> None:
    found = parity({FACE: [2.0, 4.0], CARD: [9.0, 0.5, 1.0], PIN: []})
    assert found.ways == (WayFigure(CARD, 3, 1.0), WayFigure(FACE, 2, 3.0))


@pytest.mark.parametrize("seconds", [{}, {FACE: [1.0]}, {CARD: [1.0]}, {CARD: [1.0], FACE: []}])
def test_nothing_is_claimed_without_a_face_and_another_way(seconds: dict[ReaderKind, list[float]]) -> None:
    assert parity(seconds).holds is None
