"""The active challenge: turn the head to one side, blink. A state machine over what was seen of one face; pure.

A still picture cannot do it. Turning needs depth: the nose must move against eyes and mouth, in landmarks and in the followed skin alike, over
several frames. Closed eyes cover iris and pupil and nothing else, and they open again. A blink alone proves little (two fingers can cover the
eyes of a photograph), so no policy asks for one without a turn. A replayed film of a person who did the same things in the same order passes;
the order is drawn anew for every capture, and the passive check looks for the screen.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from consentry.vision.faces.eyes import EyeView
from consentry.vision.faces.frontal import INTER_EYE
from consentry.vision.faces.parallax import landmark_parallax

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from consentry.vision.faces.parallax import Relief

__all__ = ["Challenge", "Prompt", "Reference", "Sighting", "advance", "begin", "is_frontal"]

REFERENCE_FRAMES = 3
"""Frontal frames in a row that show how this face looks when nothing is asked of it."""
FRONTAL = 0.1
"""Parallax of the nose up to which a face counts as looking into the camera, and offset of the nose from the middle before a reference exists."""
TURNED = 0.18
"""Parallax of the landmarks that is a turn: about twenty degrees."""
RELIEF = 0.015
"""Parallax of the followed nose that must agree with it. Flat pictures stay below 0.013."""
FLAT = 0.75
"""Share of the followed points on one plane at which a face may not be flat. Flat pictures stay above 0.9."""
TURNED_FRAMES = 2
"""Frames in a row that show a turn."""
CLOSED, OPEN = 0.65, 0.8
"""Openness of both eyes, of the reference's, below which they are closed and above which they are open again. Tilted pictures stay above 0.8."""
LONGEST_BLINK_S = 3.0
BRIDGE = 0.15
"""Share by which the bridge of the nose may change its brightness while the eyes are closed: more is a hand, a pen or a shadow."""


class Prompt(StrEnum):
    """What the person is asked to do. Left and right are the person's own."""

    TURN_LEFT = "turn-left"
    TURN_RIGHT = "turn-right"
    BLINK = "blink"


_TOWARDS = {Prompt.TURN_LEFT: 1.0, Prompt.TURN_RIGHT: -1.0}
"""A camera sees a person's left on the right of the picture; frames are not mirrored."""


@dataclass(frozen=True, slots=True, eq=False)
class Sighting:
    """What was seen of the face in one frame.

    ``at``: seconds of any clock that goes forward. ``landmarks``: float32 [5, 2]. ``relief``: since it last looked into the camera, None where
    that cannot be told.
    """

    at: float
    landmarks: NDArray[np.float32]
    eyes: EyeView
    relief: Relief | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """The face as it looks into the camera: ``landmarks`` (float32 [5, 2]) scaled to ``frontal.INTER_EYE``, and its eyes."""

    landmarks: NDArray[np.float32]
    eyes: EyeView


@dataclass(frozen=True, slots=True, eq=False)
class Challenge:
    """Where a challenge stands. ``done`` of the ``prompts`` are met, in their order.

    ``frontal``: the last frontal frames before there is a reference. ``turned``: how many frames in a row show the turn asked for.
    ``closed_at``: since when the eyes are closed. ``since``: when the present prompt was first shown, None before the reference.
    """

    prompts: tuple[Prompt, ...]
    done: int = 0
    frontal: tuple[Sighting, ...] = ()
    reference: Reference | None = None
    turned: int = 0
    closed_at: float | None = None
    since: float | None = None

    @property
    def prompt(self) -> Prompt | None:
        """What the person is to do now; None before the reference, and when all is done."""
        return self.prompts[self.done] if self.reference is not None and not self.passed else None

    @property
    def passed(self) -> bool:
        """Whether every prompt was met."""
        return self.done == len(self.prompts)

    @property
    def met(self) -> tuple[Prompt, ...]:
        """The prompts that were met."""
        return self.prompts[: self.done]


def begin(prompts: tuple[Prompt, ...]) -> Challenge:
    """Return the challenge before anything was seen."""
    return Challenge(prompts)


def is_frontal(challenge: Challenge, landmarks: NDArray[np.float32], within: float = FRONTAL) -> bool:
    """Return whether a face looks into the camera: as in the reference, or before there is one by the place of its nose."""
    if challenge.reference is not None:
        return abs(landmark_parallax(challenge.reference.landmarks, landmarks)) < within
    eyes = landmarks[1] - landmarks[0]
    return abs(float((landmarks[2] - landmarks[:2].mean(axis=0)) @ eyes) / max(float(eyes @ eyes), 1.0)) < within


def advance(challenge: Challenge, seen: Sighting) -> Challenge:
    """Return the challenge after one more frame."""
    if challenge.passed:
        return challenge
    if challenge.reference is None:
        return _referred(challenge, seen)
    prompt = challenge.prompts[challenge.done]
    after = _blinked(challenge, challenge.reference, seen) if prompt is Prompt.BLINK else _turned(challenge, challenge.reference, seen, _TOWARDS[prompt])
    return replace(after, turned=0, closed_at=None, since=seen.at) if after.done > challenge.done else after


def _referred(challenge: Challenge, seen: Sighting) -> Challenge:
    frontal = (*challenge.frontal, seen) if is_frontal(challenge, seen.landmarks) else ()
    if len(frontal) < REFERENCE_FRAMES:
        return replace(challenge, frontal=frontal)
    return replace(challenge, frontal=(), reference=_reference(frontal), since=seen.at)


def _reference(frontal: tuple[Sighting, ...]) -> Reference:
    landmarks = np.median([_scaled(seen.landmarks) for seen in frontal], axis=0)
    left, right, bridge = np.median([(seen.eyes.left, seen.eyes.right, seen.eyes.bridge) for seen in frontal], axis=0)
    return Reference(landmarks.astype(np.float32), EyeView(float(left), float(right), float(bridge)))


def _scaled(landmarks: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the landmarks around the middle between the eyes, which lie level and ``INTER_EYE`` apart."""
    eyes = landmarks[1] - landmarks[0]
    across = eyes / max(float(eyes @ eyes), 1.0) * INTER_EYE
    places = landmarks - landmarks[:2].mean(axis=0)
    return np.stack([places @ across, places @ np.asarray([-across[1], across[0]])], axis=1).astype(np.float32)


def _turned(challenge: Challenge, reference: Reference, seen: Sighting, towards: float) -> Challenge:
    relief = seen.relief
    shows = (
        relief is not None
        and towards * landmark_parallax(reference.landmarks, seen.landmarks) >= TURNED
        and towards * relief.nose >= RELIEF
        and relief.flat <= FLAT
    )
    turned = challenge.turned + 1 if shows else 0
    return replace(challenge, turned=turned, done=challenge.done + (turned >= TURNED_FRAMES))


def _blinked(challenge: Challenge, reference: Reference, seen: Sighting) -> Challenge:
    if not is_frontal(challenge, seen.landmarks) or abs(seen.eyes.bridge / max(reference.eyes.bridge, 1.0) - 1) > BRIDGE:
        return replace(challenge, closed_at=None)
    shares = (seen.eyes.left / max(reference.eyes.left, 1e-6), seen.eyes.right / max(reference.eyes.right, 1e-6))
    if max(shares) < CLOSED:
        return replace(challenge, closed_at=seen.at if challenge.closed_at is None else challenge.closed_at)
    if challenge.closed_at is None or min(shares) < OPEN:
        return challenge
    blinked = 0 < seen.at - challenge.closed_at <= LONGEST_BLINK_S
    return replace(challenge, closed_at=None, done=challenge.done + blinked)
