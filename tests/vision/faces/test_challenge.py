"""The active challenge on made-up sightings: what a head that turns and blinks shows, and what a sheet of paper can show."""

from __future__ import annotations

from math import cos, radians, sin

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentry.vision.faces.challenge import Challenge, Prompt, Sighting, advance, begin, is_frontal
from consentry.vision.faces.eyes import EyeView
from consentry.vision.faces.parallax import Relief, landmark_parallax

HEAD = np.asarray([(-0.5, 0, 0), (0.5, 0, 0), (0, 0.57, -0.45), (-0.41, 1.15, -0.05), (0.41, 1.15, -0.05)])
PAPER = HEAD * (1, 1, 0)
OPEN, CLOSED = EyeView(0.1, 0.12, 150), EyeView(0.05, 0.06, 150)
DEEP = Relief(0.08, 0.5)


def seen_from(  # noqa: PLR0917  - a pose and a camera
    points: np.ndarray, yaw: float, pitch: float = 0.0, roll: float = 0.0, size: float = 80.0, far: float = 8.0
) -> np.ndarray:
    """Return the landmarks (float32 [5, 2]) of ``points`` turned by these degrees, through a pinhole ``far`` inter-eye distances away."""
    y, p, r = radians(yaw), radians(pitch), radians(roll)
    about_y = np.asarray([[cos(y), 0, -sin(y)], [0, 1, 0], [sin(y), 0, cos(y)]])
    about_x = np.asarray([[1, 0, 0], [0, cos(p), -sin(p)], [0, sin(p), cos(p)]])
    in_picture = np.asarray([[cos(r), -sin(r), 0], [sin(r), cos(r), 0], [0, 0, 1]])
    turned = (points - points.mean(axis=0)) @ (in_picture @ about_x @ about_y).T
    return np.asarray(turned[:, :2] / (1 + turned[:, 2:] / far) * size + 240, np.float32)


def after(prompts: tuple[Prompt, ...], *frames: tuple[np.ndarray, EyeView, Relief | None], every: float = 0.1) -> Challenge:
    challenge = begin(prompts)
    for number, (landmarks, eyes, relief) in enumerate(frames):
        challenge = advance(challenge, Sighting(number * every, landmarks, eyes, relief))
    return challenge


FRONT = (seen_from(HEAD, 0), OPEN, None)
LEFT, RIGHT = (seen_from(HEAD, 28), OPEN, DEEP), (seen_from(HEAD, -28), OPEN, Relief(-0.08, 0.5))
SHUT = (seen_from(HEAD, 0), CLOSED, None)


def test_a_turn_to_the_side_asked_for_passes() -> None:
    assert after((Prompt.TURN_LEFT,), FRONT, FRONT, FRONT, LEFT, LEFT).passed
    assert after((Prompt.TURN_RIGHT,), FRONT, FRONT, FRONT, RIGHT, RIGHT).passed


@pytest.mark.parametrize(
    "frames",
    [
        (FRONT, FRONT, FRONT, RIGHT, RIGHT),
        (FRONT, FRONT, FRONT, LEFT, FRONT, LEFT),
        (FRONT, FRONT, LEFT, LEFT),
        (FRONT, FRONT, FRONT, (LEFT[0], OPEN, None), (LEFT[0], OPEN, None)),
        (FRONT, FRONT, FRONT, (LEFT[0], OPEN, Relief(0.005, 0.5)), (LEFT[0], OPEN, Relief(0.005, 0.5))),
        (FRONT, FRONT, FRONT, (LEFT[0], OPEN, Relief(0.08, 0.95)), (LEFT[0], OPEN, Relief(0.08, 0.95))),
        (FRONT, FRONT, FRONT, (FRONT[0], OPEN, DEEP), (FRONT[0], OPEN, DEEP)),
    ],
    ids=["other side", "one frame at a time", "no reference before", "skin not followed", "nose stays", "all on one plane", "landmarks stay"],
)
def test_what_is_no_turn_to_the_left_does_not_pass(frames: tuple[tuple[np.ndarray, EyeView, Relief | None], ...]) -> None:
    assert after((Prompt.TURN_LEFT,), *frames).met == ()


def test_eyes_that_close_and_open_again_are_a_blink() -> None:
    assert after((Prompt.BLINK,), FRONT, FRONT, FRONT, SHUT, FRONT).passed


@pytest.mark.parametrize(
    "shut",
    [
        EyeView(0.05, 0.12, 150),
        EyeView(0.05, 0.06, 100),
        EyeView(0.08, 0.10, 150),
    ],
    ids=["one eye", "a hand over both", "half closed"],
)
def test_what_is_no_blink_does_not_pass(shut: EyeView) -> None:
    assert not after((Prompt.BLINK,), FRONT, FRONT, FRONT, (FRONT[0], shut, None), FRONT).passed


def test_eyes_that_never_open_again_or_only_late_do_not_pass() -> None:
    assert not after((Prompt.BLINK,), FRONT, FRONT, FRONT, SHUT, SHUT).passed
    assert not after((Prompt.BLINK,), FRONT, FRONT, FRONT, SHUT, FRONT, every=4.0).passed


def test_prompts_are_met_in_their_order_only() -> None:
    prompts = (Prompt.BLINK, Prompt.TURN_LEFT)
    assert after(prompts, FRONT, FRONT, FRONT, LEFT, LEFT, FRONT, SHUT, FRONT).met == (Prompt.BLINK,)
    assert after(prompts, FRONT, FRONT, FRONT, SHUT, FRONT, LEFT, LEFT).met == prompts


def test_nothing_is_asked_before_the_face_was_seen_from_the_front() -> None:
    assert after((Prompt.BLINK,), FRONT, FRONT).prompt is None
    assert after((Prompt.BLINK,), FRONT, FRONT, FRONT).prompt is Prompt.BLINK
    assert is_frontal(begin(()), FRONT[0])
    assert not is_frontal(begin(()), LEFT[0])


angles = st.floats(-50, 50)


@given(angles, st.floats(-40, 40), angles, st.floats(30, 200), st.floats(3, 50))
def test_paper_has_no_parallax_however_it_is_held(yaw: float, pitch: float, roll: float, size: float, far: float) -> None:
    assert abs(landmark_parallax(seen_from(PAPER, 0), seen_from(PAPER, yaw, pitch, roll, size, far))) < 0.01


@given(st.floats(22, 40), st.sampled_from([-1, 1]), st.floats(-12, 12), st.floats(-15, 15), st.floats(6, 30))
def test_a_head_that_turns_has_parallax_to_its_side(yaw: float, side: int, pitch: float, roll: float, far: float) -> None:
    front = seen_from(HEAD, 0, pitch, roll, far=far)
    assert side * landmark_parallax(front, seen_from(HEAD, side * yaw, pitch, roll, far=far)) > 0.12


@given(st.lists(st.tuples(angles, st.floats(-30, 30), angles, st.floats(50, 120)), max_size=30), st.permutations(list(Prompt)))
def test_paper_with_open_eyes_meets_no_prompt(moves: list[tuple[float, float, float, float]], prompts: list[Prompt]) -> None:
    frames = [(seen_from(PAPER, *move), OPEN, DEEP) for move in [(0, 0, 0, 80)] * 3 + moves]
    assert after(tuple(prompts), *frames).met == ()
