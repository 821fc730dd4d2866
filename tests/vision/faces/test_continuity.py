"""Whether two frames show one face that stayed: heads that move do, two persons never, however alike their light."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from consentry.vision.faces.continuity import LEAST_LIKENESS, LONGEST_GAP_S, Moment, moment, stayed
from consentry.vision.faces.frontal import front_view
from consentry.vision.faces.parallax import share_followed
from tests.vision.faces.scenes import NAMES, detector, flat, head, portrait

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from numpy.typing import NDArray

pytestmark = pytest.mark.slow

HERE = np.asarray((100, 100, 300, 340), np.float32)


def seen(picture: NDArray[np.uint8], at: float = 0.0) -> Moment:
    faces = detector().detect(picture)
    assert len(faces)
    return moment(at, faces.boxes[0], front_view(picture, faces.landmarks[0]))


def goes_on(pictures: Iterable[NDArray[np.uint8]], every: float) -> bool:
    moments = [seen(picture, number * every) for number, picture in enumerate(pictures)]
    return all(stayed(before, after) for before, after in pairwise(moments))


@pytest.mark.parametrize("step", [4, 8, 12])
@pytest.mark.parametrize("name", NAMES)
def test_a_head_that_turns_or_blinks_stays(name: str, step: int) -> None:
    turning = [head(portrait(name), yaw) for yaw in [*range(0, 33, step), *range(32, -1, -step)]]
    blinking = [head(portrait(name), closed=closed) for closed in (False, True, True, False)]
    assert goes_on([*turning, *blinking], 0.1)


def film(path: Path, every: int) -> list[NDArray[np.uint8]]:
    clip = cv2.VideoCapture(str(path))
    pictures = [np.asarray(clip.read()[1], np.uint8) for _ in range(96)]
    return pictures[::every]


@pytest.mark.parametrize("every", [3, 6], ids=["ten frames a second", "five"])
@pytest.mark.parametrize("name", ["tranvanluyt_real", "lestari_real"])
def test_a_person_in_a_real_clip_stays(shared: Path, name: str, every: int) -> None:
    assert goes_on(film(shared / "data" / "liveness" / f"{name}.mp4", every), every / 30)


@pytest.mark.parametrize("yaw", [0, 12, 24])
def test_a_portrait_in_the_place_of_a_face_does_not_continue_it(yaw: int) -> None:
    for one, other in (NAMES, NAMES[::-1]):
        assert not goes_on([head(portrait(one), yaw), flat(portrait(other), yaw)], 0.1)


def test_of_two_persons_whose_light_and_shade_agree_none_continues_the_other(shared: Path) -> None:
    files = sorted((shared / "data" / "faces" / "lfw").rglob("*_0001.jpg"))[::30][:40]
    pictures = [np.asarray(cv2.imread(str(file)), np.uint8) for file in files]
    found = [(picture, detector().detect(picture)) for picture in pictures]
    people = [moment(0.0, HERE, front_view(picture, faces.landmarks[0])) for picture, faces in found if len(faces) == 1]
    alike = [(one, other) for one in people for other in people if one is not other and float(one.light @ other.light) >= LEAST_LIKENESS]
    assert len(alike) > 50
    assert not any(stayed(one, other) for one, other in alike)


@pytest.mark.parametrize(("at", "right", "goes"), [(0.1, 0.0, True), (LONGEST_GAP_S + 0.1, 0.0, False), (-0.1, 0.0, False), (0.1, 180.0, False)])
def test_a_face_that_is_back_late_or_elsewhere_is_another(at: float, right: float, *, goes: bool) -> None:
    assert stayed(seen(flat(portrait("astronaut"))), seen(flat(portrait("astronaut"), right=right), at)) is goes


def test_what_a_moment_shows_can_be_overwritten_and_nothing_is_followed_from_it() -> None:
    one = seen(flat(portrait("astronaut")))
    assert share_followed(one.skin, one.skin) == 1.0
    one.wipe()
    assert not one.skin.any()
    assert not one.light.any()
    assert share_followed(one.skin, one.skin) == 0.0
