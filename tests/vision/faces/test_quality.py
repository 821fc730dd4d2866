"""Quality by component: a good portrait passes all of them, and each fault is found by the component that is named for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from consentry.vision.faces.geometry import chosen, joined
from consentry.vision.faces.pose import head_pose
from consentry.vision.faces.quality import MINIMUM, Component, measure
from tests.vision.faces.scenes import NAMES, detector, flat, head, portrait
from tests.vision.faces.test_challenge import HEAD, seen_from

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Spoil = Callable[[NDArray[np.uint8], NDArray[np.float32]], NDArray[np.uint8]]


def half_dark(picture: NDArray[np.uint8], landmarks: NDArray[np.float32]) -> NDArray[np.uint8]:
    shade = np.where(np.arange(picture.shape[1]) < landmarks[2, 0], 0.3, 1.0)
    return np.asarray(picture * shade[None, :, None], np.uint8)


def masked(picture: NDArray[np.uint8], landmarks: NDArray[np.float32]) -> NDArray[np.uint8]:
    nose, left, right = landmarks[2:]
    places = np.stack([nose, nose, right, left])
    corners = np.add(places, ((-70, 10), (70, 10), (30, 60), (-30, 60))).astype(np.int32)
    return np.asarray(cv2.fillConvexPoly(picture.copy(), corners, (230, 180, 120)), np.uint8)


def glasses(picture: NDArray[np.uint8], landmarks: NDArray[np.float32]) -> NDArray[np.uint8]:
    worn = picture.copy()
    for eye in landmarks[:2]:
        cv2.ellipse(worn, (round(float(eye[0])), round(float(eye[1]))), (34, 24), 0, 0, 360, (15, 15, 15), -1)
    return worn


def patch(picture: NDArray[np.uint8], landmarks: NDArray[np.float32]) -> NDArray[np.uint8]:
    x, y = (round(float(value)) for value in landmarks[0])
    return np.asarray(cv2.circle(picture.copy(), (x, y), 35, (120, 150, 200), -1), np.uint8)


FAULTS: dict[str, tuple[Component, Spoil]] = {
    "dark": (Component.LUMINANCE, lambda picture, _: np.asarray(picture * 0.2, np.uint8)),
    "overexposed": (Component.LUMINANCE, lambda picture, _: np.asarray(np.clip(picture * 1.5 + 80.0, 0, 255), np.uint8)),
    "grey": (Component.DYNAMIC_RANGE, lambda picture, _: np.asarray(120 + (picture - 120.0) * 0.12, np.uint8)),
    "lit from one side": (Component.UNIFORMITY, half_dark),
    "blurred": (Component.SHARPNESS, lambda picture, _: np.asarray(cv2.GaussianBlur(picture, (0, 0), 6), np.uint8)),
    "masked": (Component.MOUTH_VISIBLE, masked),
    "dark glasses": (Component.EYES_VISIBLE, glasses),
    "an eye patch": (Component.EYES_VISIBLE, patch),
}


@pytest.mark.parametrize("name", NAMES)
def test_a_good_portrait_passes_every_component(name: str) -> None:
    picture = flat(portrait(name))
    quality = measure(picture, detector().detect(picture))
    assert quality.failing == ()
    assert quality.scores.keys() == set(Component)
    assert MINIMUM <= quality.weakest <= 100


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", NAMES)
def test_each_fault_is_found_by_its_component(name: str, fault: str) -> None:
    component, spoil = FAULTS[fault]
    picture = flat(portrait(name))
    faces = detector().detect(picture)
    assert component in measure(spoil(picture, faces.landmarks[0]), faces).failing


@pytest.mark.parametrize("name", NAMES)
def test_a_blur_only_ever_lowers_the_sharpness(name: str) -> None:
    picture = flat(portrait(name))
    faces = detector().detect(picture)
    scores = [measure(np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.uint8), faces).scores[Component.SHARPNESS] for sigma in (0.5, 2, 4, 8)]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > scores[-1]


def test_a_face_far_away_is_asked_to_come_closer() -> None:
    picture = flat(portrait("astronaut"), inter_eye=30)
    assert measure(picture, detector().detect(picture)).failing[0] is Component.INTER_EYE_DISTANCE


@pytest.mark.parametrize(("yaw", "roll", "component"), [(30, 0, Component.YAW), (0, 30, Component.ROLL)])
def test_a_head_turned_or_tilted_far_fails_its_pose(yaw: float, roll: float, component: Component) -> None:
    picture = head(portrait("astronaut"), yaw) if yaw else flat(portrait("astronaut"), 0, 0, roll)
    assert component in measure(picture, detector().detect(picture)).failing


def test_a_second_face_fails_whatever_the_first_is_like() -> None:
    picture = flat(portrait("astronaut"))
    faces = detector().detect(picture)
    assert measure(picture, joined([faces, chosen(faces, np.asarray([True]))])).failing == (Component.SINGLE_FACE,)


@pytest.mark.parametrize("pose", [(0, 0, 0), (25, 0, 0), (-25, 0, 0), (0, 20, 0), (0, -20, 0), (0, 0, 30), (0, 0, -170), (20, 10, -15), (-30, -12, 40)])
def test_the_pose_of_a_head_is_read_from_its_five_landmarks(pose: tuple[float, float, float]) -> None:
    found = head_pose(seen_from(HEAD, *pose, far=200))
    assert (found.yaw, found.pitch, found.roll) == pytest.approx(pose, abs=3)
