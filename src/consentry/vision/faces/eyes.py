"""How far eyes are open, by the darkness of iris and pupil between the lids. Needs no model.

The measure means something only beside another one of the same face: glasses, make-up and light change it from person to person.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from consentry.vision.faces.frontal import INTER_EYE, window

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["EyeView", "look_at_eyes"]

_EYES = (-0.5, 0.5)
_REACH_ACROSS, _REACH_DOWN = 0.12, 0.18
_SKIN_WINDOW = (0.24, 0.18)
_SKIN_PERCENTILE = 80
_BRIDGE = (-0.12, -0.1, 0.12, 0.25)


@dataclass(frozen=True, slots=True)
class EyeView:
    """What is seen of the eyes in one frame.

    ``left``, ``right`` (of the picture): the dark height between the lids in inter-eye distances: about 0.1 for an open eye, half of that and
    less for a closed one. ``bridge``: how bright the bridge of the nose between them is, 0 to 255; it stays as it is while eyes blink.
    """

    left: float
    right: float
    bridge: float


def look_at_eyes(upright: NDArray[np.uint8]) -> EyeView:
    """Look at the eyes in the upright view of a face (uint8 [SIDE, SIDE], ``frontal.upright_view``)."""
    left, right = (_openness(upright, x) for x in _EYES)
    return EyeView(left, right, float(upright[window(*_BRIDGE)].mean()))


def _openness(upright: NDArray[np.uint8], x: float) -> float:
    around = upright[window(x - _SKIN_WINDOW[0], -_SKIN_WINDOW[1], x + _SKIN_WINDOW[0], _SKIN_WINDOW[1])]
    skin = max(float(np.percentile(around, _SKIN_PERCENTILE)), 1.0)
    middle = upright[window(x - _REACH_ACROSS, -_REACH_DOWN, x + _REACH_ACROSS, _REACH_DOWN)]
    darkness = np.clip(1 - middle.mean(axis=1) / skin, 0, 1)
    return float(darkness.sum()) / INTER_EYE
