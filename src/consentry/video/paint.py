"""Drawing of figures onto a picture: limbs shaded as round bodies, edges anti-aliased by distance."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from consentry.video.figure import extent

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from consentry.video.figure import Limb, Part
    from consentry.video.walk import Colour, Look, Position

    Plane = NDArray[np.floating[Any]]

__all__ = ["draw_figure", "draw_shadow"]

LIGHT = (-0.55, -0.6, 0.58)
"""Towards the lamp: left, up, out of the picture; unit length."""
AMBIENT, DIFFUSE = 0.5, 0.62
SHADOW_DEPTH = 0.42
BLEND = 0.008
"""Difference of depth over which the surfaces of one part flow into each other, body heights."""


@dataclass(frozen=True, slots=True)
class _Window:
    """A rectangle of a picture: ``patch`` float32 [h, w, 3] (a view), its columns ``x`` [1, w] and rows ``y`` [h, 1]."""

    patch: NDArray[np.float32]
    x: NDArray[np.float32]
    y: NDArray[np.float32]


def draw_shadow(picture: NDArray[np.float32], place: Position) -> None:
    """Darken the floor of ``picture`` (float32 [h, w, 3], changed in place) below a figure, softly and away from the light."""
    long, flat = 0.3 * place.height, 0.045 * place.height
    window = _window(picture, place.x - 2 * long, place.y - 3 * flat, place.x + 2.5 * long, place.y + 3 * flat)
    if window is None:
        return
    contact = np.exp(-(((window.x - place.x) / (0.5 * long)) ** 2) - ((window.y - place.y) / flat) ** 2)
    cast = np.exp(-(((window.x - place.x - 0.5 * long) / long) ** 2) - ((window.y - place.y + 0.4 * flat) / flat) ** 2)
    window.patch[:] *= (1.0 - SHADOW_DEPTH * np.maximum(contact, 0.6 * cast))[..., None]


def draw_figure(picture: NDArray[np.float32], parts: tuple[Part, ...], look: Look, place: Position) -> None:
    """Draw ``parts`` (body heights) standing at ``place`` onto ``picture`` (float32 [h, w, 3], changed in place)."""
    for part in parts:
        colour: Colour = getattr(look, part.material.value)
        _draw_part(picture, part, np.array(colour, np.float32) * part.tone, place)


def _draw_part(picture: NDArray[np.float32], part: Part, colour: NDArray[np.float32], place: Position) -> None:
    left, bottom, right, top = (place.height * bound for bound in extent((part,)))
    window = _window(picture, place.x + left - 1, place.y - top - 1, place.x + right + 2, place.y - bottom + 2)
    if window is None:
        return
    shape = window.patch.shape[:2]
    cover, light, weight = np.zeros(shape, np.float32), np.zeros(shape, np.float32), np.full(shape, 1e-9, np.float32)
    for limb in part.limbs:
        limb_cover, limb_light, depth = _surface(limb, window, place)
        share = np.exp(depth / (BLEND * place.height)) * limb_cover
        light += share * limb_light
        weight += share
        np.maximum(cover, limb_cover, out=cover)
    window.patch[:] += cover[..., None] * ((light / weight)[..., None] * colour - window.patch)


def _surface(limb: Limb, window: _Window, place: Position) -> tuple[Plane, Plane, Plane]:
    """Return how far each pixel is covered (0 to 1), the light it gets, and how far it stands out towards the viewer (pixels)."""
    size = place.height
    ax, ay, ar = place.x + size * limb.ax, place.y - size * limb.ay, size * limb.ar
    bx, by, br = place.x + size * limb.bx, place.y - size * limb.by, size * limb.br
    length = max(math.hypot(bx - ax, by - ay), 1e-3)
    dx, dy = (bx - ax) / length, (by - ay) / length
    along = (window.x - ax) * dx + (window.y - ay) * dy
    held = np.clip(along, 0.0, length)
    radius = ar + held * ((br - ar) / length)
    nx, ny = (window.x - ax - held * dx) / radius, (window.y - ay - held * dy) / radius
    square = nx * nx + ny * ny
    cover = np.clip(radius * (1.0 - np.sqrt(square)) + 0.5, 0.0, 1.0)
    if limb.cut:
        cover = np.minimum(cover, np.clip(length - along + 0.5, 0.0, 1.0))
    nz = np.sqrt(np.maximum(0.0, 1.0 - square))
    light = AMBIENT + DIFFUSE * np.maximum(0.0, LIGHT[0] * nx + LIGHT[1] * ny + LIGHT[2] * nz)
    return cover, light, radius * nz


def _window(picture: NDArray[np.float32], left: float, top: float, right: float, bottom: float) -> _Window | None:
    """Return the part of ``picture`` inside the bounds, or None where it is empty."""
    x0, x1 = max(0, math.floor(left)), min(picture.shape[1], math.ceil(right))
    y0, y1 = max(0, math.floor(top)), min(picture.shape[0], math.ceil(bottom))
    if x0 >= x1 or y0 >= y1:
        return None
    return _Window(picture[y0:y1, x0:x1], np.arange(x0, x1, dtype=np.float32)[None, :], np.arange(y0, y1, dtype=np.float32)[:, None])
