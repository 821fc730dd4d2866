"""The embedded detector: found people in rendered and real pictures, and what it does when the scene is not fixed."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from consentry.video.entrance import entrance
from consentry.video.render import frames
from consentry.video.scene import boxes
from consentry.vision.boxes import overlaps
from consentry.vision.persons import hog
from consentry.vision.persons.hog import HogDetector

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from consentry.vision.model import Detections

MARGINS = npst.arrays(np.float32, st.integers(1, 20), elements=st.floats(-3, 3, width=32))


def test_an_empty_picture_holds_nobody() -> None:
    found = HogDetector().detect(np.full((120, 160, 3), 90, np.uint8))
    assert found.boxes.shape == (0, 4)
    assert found.scores.shape == (0,)


@pytest.mark.parametrize("size", [(1, 1), (7, 300), (300, 7), (128, 64)])
def test_a_picture_of_any_size_is_searched(size: tuple[int, int]) -> None:
    assert len(HogDetector(longest_side=320).detect(np.zeros((*size, 3), np.uint8))) == 0


@given(MARGINS)
def test_a_score_rises_with_the_margin_and_with_what_moves(margins: NDArray[np.float32]) -> None:
    still, half, moving = (hog._scores(margins, np.full(len(margins), share, np.float32)) for share in (0.0, 0.2, 0.9))  # noqa: SLF001 - a pure rule
    assert np.all((still > 0) & (moving < 1))
    assert np.all((still <= half) & (half <= moving))
    order = np.argsort(margins)
    assert np.all(np.diff(moving[order]) >= 0)


def test_the_margin_that_motion_can_raise_to_the_low_score_is_searched_for() -> None:
    assert hog._scores(np.asarray([hog.FAINTEST], np.float32), np.ones(1, np.float32))[0] == pytest.approx(0.05, abs=0.01)  # noqa: SLF001


@pytest.mark.slow
def test_rendered_people_are_found_standing_on_their_feet() -> None:
    scene, detector = entrance(), HogDetector()
    pairs = [(detector.detect(image), boxes(scene, time)) for time, image in islice(frames(scene), 200, 240)]
    whole = [(found, [[box.x1, box.y1, box.x2, box.y2] for box in present if box.x1 > 5 and box.x2 < 795]) for found, present in pairs]
    matched = [_nearest_foot(found, np.asarray([box], np.float32)) for found, present in whole for box in present]
    assert len(matched) > 50
    assert np.mean([distance is not None for distance in matched]) > 0.85
    assert np.median([distance for distance in matched if distance is not None]) < 0.06


@pytest.mark.slow
def test_a_moving_camera_does_not_blind_it(shared: Path) -> None:
    """The same picture shown on a jumping camera is found as well as on a first look."""
    with av.open(str(shared / "data/counting/pets-s2l1.mp4")) as clip:
        picture = np.asarray(next(clip.decode(video=0)).to_ndarray(format="bgr24"), np.uint8)
    detector = HogDetector()
    jumps = [np.roll(picture, 37 * turn, axis=1) for turn in range(1, 10)]
    for jump in jumps:
        detector.detect(jump)
    first, later = HogDetector().detect(picture), detector.detect(picture)
    sure = first.boxes[first.scores > 0.5]
    assert len(sure) >= 2
    assert np.mean(overlaps(sure, later.boxes).max(axis=1, initial=0) > 0.5) > 0.6


def _nearest_foot(found: Detections, person: NDArray[np.float32]) -> float | None:
    """Return the foot point's error in heights of the person, or None where nobody was found there."""
    table = overlaps(found.boxes, person)[:, 0]
    if table.max(initial=0) < 0.4:
        return None
    box = found.boxes[table.argmax()]
    return float(abs(box[3] - person[0, 3]) / (person[0, 3] - person[0, 1]))
