"""The empty entrance behind the people: street and shop floor in perspective, wall, door frame, mat at the line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from consentry.video.model import Size
    from consentry.video.scene import Line
    from consentry.video.walk import Colour

__all__ = ["backdrop"]

FLOOR_TOP = 0.41
"""Where wall meets floor, parts of the picture's height."""
VANISHING = -0.22
"""Row in which lines into the depth meet, parts of the picture's height; their column is the middle."""
BLUR = 0.0016
"""Standard deviation by which everything behind the line is out of focus, parts of the picture's width."""
FINER = 8
"""Fractional bits of OpenCV's sub-pixel coordinates."""

STREET, JOINT = (178, 180, 178), (166, 168, 166)
WOOD, SEAM = (158, 178, 196), (146, 167, 186)
PLASTER, PANEL = (206, 212, 214), (196, 203, 207)
GLASS, SKY = (196, 190, 176), (222, 214, 200)
POST, POST_EDGE, SKIRTING = (186, 191, 194), (168, 174, 178), (150, 156, 160)
MAT, MAT_EDGE = (118, 112, 106), (132, 126, 120)
GOODS = ((176, 182, 190), (168, 184, 186), (186, 180, 172), (176, 176, 190), (166, 180, 174))


@dataclass(frozen=True, slots=True)
class _Stage:
    """A picture being painted; positions are parts of its width and height."""

    picture: NDArray[np.uint8]

    def fill(self, corners: Sequence[tuple[float, float]], colour: Colour) -> None:
        """Fill a convex polygon, anti-aliased."""
        height, width = self.picture.shape[:2]
        points = np.array([(x * width, y * height) for x, y in corners])
        cv2.fillConvexPoly(self.picture, np.round(points * (1 << FINER)).astype(np.int32), colour, cv2.LINE_AA, FINER)

    def block(self, left: float, top: float, right: float, bottom: float, colour: Colour) -> None:
        """Fill an upright rectangle."""
        self.fill(((left, top), (right, top), (right, bottom), (left, bottom)), colour)


def backdrop(size: Size, line: Line) -> NDArray[np.uint8]:
    """Return the empty scene, uint8 [h, w, 3], blue-green-red, with a mat along ``line`` (pixels)."""
    stage = _Stage(np.full((size.height, size.width, 3), PLASTER, np.uint8))
    _wall(stage)
    _floor(stage)
    softened = _Stage(np.asarray(cv2.GaussianBlur(stage.picture, (0, 0), BLUR * size.width), np.uint8))
    _mat(softened, size, line)
    _door(softened)
    return _lit(softened.picture)


def _wall(stage: _Stage) -> None:
    """Paint the window to the street on the left and shelves on the right, both out of focus."""
    stage.block(0.0, 0.04, 0.42, 0.36, GLASS)
    stage.fill(((0.0, 0.04), (0.3, 0.04), (0.16, 0.36), (0.0, 0.36)), SKY)
    for mullion in (0.0, 0.205, 0.41):
        stage.block(mullion, 0.03, mullion + 0.012, 0.37, PANEL)
    for row in range(3):
        top = 0.06 + 0.115 * row
        for column in range(8):
            left = 0.6 + 0.047 * column
            stage.block(left, top + 0.012 * ((row + 2 * column) % 3), left + 0.034, top + 0.085, GOODS[(column + 2 * row) % len(GOODS)])
        stage.block(0.585, top + 0.085, 0.99, top + 0.096, PANEL)
    stage.block(0.0, FLOOR_TOP - 0.02, 1.0, FLOOR_TOP, SKIRTING)


def _floor(stage: _Stage) -> None:
    """Paint paving on the street's side and boards on the shop's."""
    stage.block(0.0, FLOOR_TOP, 0.5, 1.0, STREET)
    stage.block(0.5, FLOOR_TOP, 1.0, 1.0, WOOD)
    for step in range(-14, 15):
        _seam(stage, 0.13 * step, JOINT if step < 0 else SEAM)
    row, depth = FLOOR_TOP + 0.012, 0.034
    while row < 1.0:
        stage.block(0.0, row, 0.5, row + 0.004, JOINT)
        row += depth
        depth *= 1.22


def _seam(stage: _Stage, offset: float, colour: Colour) -> None:
    """Paint a line into the depth that meets the bottom of the picture ``offset`` from its middle."""
    narrow = (FLOOR_TOP - VANISHING) / (1.0 - VANISHING)
    near, far, wide = 0.5 + offset, 0.5 + offset * narrow, 0.0018
    stage.fill(((far - wide * narrow, FLOOR_TOP), (far + wide * narrow, FLOOR_TOP), (near + wide, 1.0), (near - wide, 1.0)), colour)


def _mat(stage: _Stage, size: Size, line: Line) -> None:
    """Lay a mat along the line, wider where nearer."""
    stage.fill(_strip(size, line, 0.075), MAT_EDGE)
    stage.fill(_strip(size, line, 0.068), MAT)


def _strip(size: Size, line: Line, breadth: float) -> list[tuple[float, float]]:
    """Return the corners of a strip along ``line`` whose half breadth is ``breadth`` of the width at the bottom of the picture."""
    ends = [(x / size.width, max(y / size.height, FLOOR_TOP)) for x, y in (line.start, line.end)]
    across = np.array([line.end[1] - line.start[1], line.start[0] - line.end[0]])
    across = across / np.hypot(*across) * (breadth, breadth * size.width / size.height)
    corners = []
    for sign, (x, y) in ((1, ends[0]), (1, ends[1]), (-1, ends[1]), (-1, ends[0])):
        near = sign * (y - VANISHING) / (1.0 - VANISHING)
        corners.append((x + near * float(across[0]), y + near * float(across[1])))
    return corners


def _door(stage: _Stage) -> None:
    """Paint the post and lamp of the doorway where the floor changes."""
    stage.block(0.482, 0.0, 0.518, FLOOR_TOP + 0.012, POST)
    stage.block(0.482, 0.0, 0.486, FLOOR_TOP + 0.012, POST_EDGE)


def _lit(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Let the light fall off towards the corners, from a lamp at the upper left."""
    height, width = picture.shape[:2]
    across = np.linspace(-0.8, 1.2, width, dtype=np.float32)[None, :]
    down = np.linspace(-0.8, 1.2, height, dtype=np.float32)[:, None]
    light = 1.06 - 0.1 * (across * across + down * down)
    return np.clip(picture * light[..., None], 0, 255).astype(np.uint8)
