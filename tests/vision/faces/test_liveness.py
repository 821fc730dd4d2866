"""Liveness on pictures: paper never passes however it is moved, a head that turns does, and what real clips show."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consentry.vision.faces.challenge import Prompt
from consentry.vision.faces.eyes import look_at_eyes
from consentry.vision.faces.frontal import upright_view
from consentry.vision.faces.liveness import ActiveCheck, PassiveCheck, PassiveNetwork, open_passive_network
from consentry.vision.runtime import FakeNetwork
from tests.vision.faces.scenes import NAMES, detector, flat, head, portrait

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

pytestmark = pytest.mark.slow

ALL = tuple(Prompt)


def met(pictures: Iterable[NDArray[np.uint8]], *prompts: Prompt, every: float = 0.1) -> set[Prompt]:
    """Return which of ``prompts`` these pictures meet, each asked for alone."""
    checks = {prompt: ActiveCheck((prompt,)) for prompt in prompts}
    for number, picture in enumerate(pictures):
        faces = detector().detect(picture)
        for check in checks.values():
            if len(faces) == 1:
                check.see(number * every, picture, faces.landmarks[0])
            else:
                check.restart()
    return {prompt for prompt, check in checks.items() if check.challenge.passed}


def paper(name: str, poses: Iterable[tuple[float, ...]]) -> Iterator[NDArray[np.uint8]]:
    return (flat(portrait(name), *pose) for pose in [*[(0.0,)] * 3, *poses])


MOTIONS: dict[str, list[tuple[float, ...]]] = {
    "held still": [(0.0,)] * 10,
    "moved": [(0, 0, 0, 90, 12.0 * step, -6.0 * step) for step in range(10)],
    "rotated": [(0, 0, 4.0 * step) for step in range(10)],
    "turned left": [(5.0 * step,) for step in range(11)],
    "turned right": [(-5.0 * step,) for step in range(11)],
    "tilted": [(0, 4.0 * step) for step in range(11)],
    "nodded": [(0, 35.0 * np.sin(step / 2)) for step in range(14)],
    "zoomed": [(0, 0, 0, 90 + 7.0 * step) for step in range(10)],
    "shaken": [(25.0 * np.sin(step), 15.0 * np.cos(1.3 * step), 15.0 * np.sin(0.7 * step)) for step in range(14)],
}


@pytest.mark.parametrize("motion", MOTIONS)
@pytest.mark.parametrize("name", NAMES)
def test_paper_meets_no_prompt(name: str, motion: str) -> None:
    assert met(paper(name, MOTIONS[motion]), *ALL) == set()


poses = st.tuples(st.floats(-50, 50), st.floats(-35, 35), st.floats(-30, 30), st.floats(60, 130), st.floats(-80, 80), st.floats(-60, 60))


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(NAMES), st.lists(poses, min_size=2, max_size=4))
def test_paper_on_any_way_through_space_meets_no_prompt(name: str, corners: list[tuple[float, ...]]) -> None:
    way = [(0, 0, 0, 90, 0, 0), *corners]
    steps = [tuple(np.add(a, np.subtract(b, a) * share / 4)) for a, b in pairwise(way) for share in range(5)]
    assert met(paper(name, steps), *ALL) == set()


@pytest.mark.parametrize("name", NAMES)
def test_paper_that_is_covered_with_a_hand_does_not_blink(name: str) -> None:
    shown = flat(portrait(name))
    covered = shown.copy()
    eyes = detector().detect(shown).landmarks[0][:2]
    (x1, y1), (x2, y2) = eyes.min(axis=0), eyes.max(axis=0)
    cv2.rectangle(covered, (round(x1) - 45, round(y1) - 30), (round(x2) + 45, round(y2) + 30), (110, 140, 190), -1)
    assert met([shown] * 3 + [covered] * 2 + [shown] * 2, *ALL) == set()


@pytest.mark.parametrize("name", NAMES)
def test_two_pictures_shown_in_turn_are_no_turn_of_the_head(name: str) -> None:
    front, side = head(portrait(name)), head(portrait(name), 30)
    assert met([front] * 4 + [side] * 4, *ALL) == set()


@pytest.mark.parametrize(("prompt", "side"), [(Prompt.TURN_LEFT, 1), (Prompt.TURN_RIGHT, -1)])
@pytest.mark.parametrize("name", NAMES)
def test_a_head_that_turns_meets_the_prompt_of_its_side_alone(name: str, prompt: Prompt, side: int) -> None:
    turning = [head(portrait(name), side * yaw) for yaw in (0, 0, 0, 0, 5, 10, 15, 20, 25, 30, 32, 32)]
    assert met(turning, *ALL) == {prompt}


@pytest.mark.parametrize("name", NAMES)
def test_a_head_whose_eyes_close_blinks(name: str) -> None:
    assert met([head(portrait(name), closed=closed) for closed in (False, False, False, True, True, False)], *ALL) == {Prompt.BLINK}


@pytest.mark.parametrize("name", NAMES)
def test_the_upright_view_of_paper_keeps_its_eyes_as_open_as_they_were(name: str) -> None:
    views = []
    for pose in ((0.0,), (25.0,), (0.0, 25.0), (-15.0, 15.0, 10.0)):
        picture = flat(portrait(name), *pose)
        views.append(look_at_eyes(upright_view(picture, detector().detect(picture).landmarks[0])))
    assert all(max(view.left / views[0].left, view.right / views[0].right) > 0.75 for view in views)


def test_the_passive_check_decides_by_the_mean_of_some_frames() -> None:
    logits = iter([(3.0, 0.0), (3.0, 0.0), (-9.0, 0.0)])
    check = PassiveCheck(PassiveNetwork(FakeNetwork(lambda _: (np.asarray([next(logits)], np.float32),)), 128))
    answers = []
    for _ in range(3):
        check.see(np.zeros((100, 100, 3), np.uint8), np.asarray((10, 10, 60, 60), np.float32))
        answers.append(check.passed)
    assert answers == [None, None, True]


def test_the_passive_network_sees_a_square_half_as_wide_again_mirrored_beyond_the_picture() -> None:
    crops: list[NDArray[np.uint8]] = []

    def remember(crop: NDArray[np.uint8]) -> tuple[NDArray[np.float32]]:
        crops.append(crop.copy())
        return (np.zeros((1, 2), np.float32),)

    picture = np.zeros((60, 60, 3), np.uint8)
    picture[:, :30] = (10, 20, 30)
    assert PassiveNetwork(FakeNetwork(remember), 128).score(picture, np.asarray((0, 0, 40, 40), np.float32)) == pytest.approx(0.5)
    # 60 pixels about (20, 20): from -10 to 50; red first.
    assert crops[0].shape == (128, 128, 3)
    assert crops[0][64, 0].tolist() == [30, 20, 10]
    assert crops[0][64, -1].tolist() == [0, 0, 0]


def clip(path: Path, first: int, last: int) -> Iterator[NDArray[np.uint8]]:
    """Yield every third frame from number ``first`` to ``last``."""
    film = cv2.VideoCapture(str(path))
    for number in range(last):
        there, picture = film.read()
        if there and number >= first and number % 3 == 2:
            yield np.asarray(picture, np.uint8)


def test_a_person_in_a_real_clip_turns(shared: Path) -> None:
    assert Prompt.TURN_LEFT in met(clip(shared / "data" / "liveness" / "tranvanluyt_real.mp4", 30, 96), *ALL)


def test_a_person_in_a_real_clip_who_keeps_still_meets_no_prompt(shared: Path) -> None:
    assert met(clip(shared / "data" / "liveness" / "lestari_real.mp4", 0, 60), *ALL) == set()


def test_the_passive_check_rejects_the_replayed_clips(shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONSENTRY_MODELS", str(shared / "models"))
    network = open_passive_network()
    assert network is not None
    for name, live in (("lestari_real", True), ("lestari_fake", False), ("tranvanluyt_fake", False)):
        check = PassiveCheck(network)
        for picture in clip(shared / "data" / "liveness" / f"{name}.mp4", 0, 24):
            check.see(picture, detector().detect(picture).boxes[0])
        assert check.passed is live, name
