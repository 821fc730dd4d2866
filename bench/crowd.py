"""A rendered 1080p scene in which people always move: what a busy entrance asks of a camera's worker."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from consentry.video.entrance import entrance
from consentry.video.model import Size
from consentry.video.scene import Scene
from consentry.video.walk import Walker, Waypoint

if TYPE_CHECKING:
    from consentry.video.scene import Line

__all__ = ["always_moving"]

SIZE = Size(1920, 1080)
FRAMES_PER_SECOND = 10.0
LANES = ((620.0, 330.0), (740.0, 375.0), (860.0, 420.0), (980.0, 465.0))
"""Row of the foot points and height of an average person there, pixels."""
PACE = 0.9
"""Body heights a second."""
HEADWAY = 6.0
"""Seconds between two people of one lane."""
OUTSIDE = 160.0
"""Pixels beside the picture at which people appear and vanish."""


def always_moving(seconds: float, seed: int = 5) -> Scene:
    """Return a scene of ``seconds`` in which somebody walks across each lane all the time, without a stop; lanes alternate in direction."""
    random = np.random.default_rng(seed)
    stage = entrance(seed)
    walkers = [
        _walker(lane, start + float(random.uniform(-1.0, 1.0)), stage.walkers[int(random.integers(len(stage.walkers)))])
        for lane in range(len(LANES))
        for start in np.arange(-_crossing_time(lane), seconds, HEADWAY)
    ]
    return Scene(SIZE, FRAMES_PER_SECOND, seconds, _stretched(stage.line, stage.size), tuple(walkers), seed=seed)


def _walker(lane: int, start: float, model: Walker) -> Walker:
    row, height = LANES[lane]
    left, right = -OUTSIDE, SIZE.width + OUTSIDE
    begin, end = (left, right) if lane % 2 == 0 else (right, left)
    return replace(model, path=(Waypoint(start, begin, row, height), Waypoint(start + _crossing_time(lane), end, row, height)))


def _crossing_time(lane: int) -> float:
    return (SIZE.width + 2 * OUTSIDE) / (PACE * LANES[lane][1])


def _stretched(line: Line, size: Size) -> Line:
    x, y = SIZE.width / size.width, SIZE.height / size.height
    return replace(line, start=(line.start[0] * x, line.start[1] * y), end=(line.end[0] * x, line.end[1] * y))
