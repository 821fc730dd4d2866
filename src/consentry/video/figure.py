"""The body of a rendered person as rounded limbs: pure geometry from a stance, in body heights."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from consentry.video.walk import Garment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from consentry.video.walk import Look, Stance

__all__ = ["Limb", "Material", "Part", "body", "extent"]

THIGH, SHIN, ANKLE, FOOT = 0.245, 0.235, 0.04, 0.085
UPPER_ARM, FOREARM = 0.165, 0.15
SHOULDER, NECK, HEAD = 0.285, 0.335, 0.415
"""Heights above the hip."""
THREE_QUARTERS = 0.85
"""Sine of the angle at which a person walking across is seen: turned a little away, both shoulders visible."""
FAR, NEAR = -1.0, 1.0
"""Sides of the body: away from the viewer and towards the viewer."""
SHADED, LIT = 0.78, 1.0
"""Tones of the two sides."""
HEMS = {Garment.SHIRT: 0.02, Garment.JACKET: 0.06, Garment.COAT: 0.2, Garment.DRESS: 0.21}
"""How far a garment hangs below the hip."""


class Material(StrEnum):
    """What a part is made of; names a colour of ``Look``."""

    SKIN = "skin"
    HAIR = "hair"
    TOP = "top"
    BOTTOM = "bottom"
    SHOES = "shoes"
    BAG = "bag"


@dataclass(frozen=True, slots=True)
class Limb:
    """A cone from (``ax``, ``ay``) with radius ``ar`` to (``bx``, ``by``) with radius ``br``, rounded at both ends unless its second end is ``cut``.

    Body heights; y points up from the ground.
    """

    ax: float
    ay: float
    ar: float
    bx: float
    by: float
    br: float
    cut: bool = False

    def raised(self, rise: float) -> Limb:
        """Return the limb ``rise`` higher."""
        return Limb(self.ax, self.ay + rise, self.ar, self.bx, self.by + rise, self.br, self.cut)


@dataclass(frozen=True, slots=True)
class Part:
    """Limbs of one material whose surfaces flow into each other; ``tone`` scales the light they get."""

    material: Material
    limbs: tuple[Limb, ...]
    tone: float = LIT

    def raised(self, rise: float) -> Part:
        """Return the part ``rise`` higher."""
        return Part(self.material, tuple(limb.raised(rise) for limb in self.limbs), self.tone)


@dataclass(frozen=True, slots=True)
class _Leg:
    """Joints of one leg relative to the middle of the hips."""

    hip: tuple[float, float]
    knee: tuple[float, float]
    ankle: tuple[float, float]
    toe: tuple[float, float]


def body(stance: Stance, look: Look) -> tuple[Part, ...]:
    """Return the parts of a figure one unit tall standing at the origin, from the farthest to the nearest."""
    yaw = THREE_QUARTERS * stance.yaw
    near, far = _leg(stance, yaw, NEAR), _leg(stance, yaw, FAR)
    parts = (
        *_arm(stance, yaw, look, FAR),
        *_leg_parts(far, look, SHADED),
        *_leg_parts(near, look, LIT),
        *_trunk(stance, yaw, look, (near, far)),
        *_head(yaw, look),
        *_arm(stance, yaw, look, NEAR),
    )
    ground = ANKLE - min(near.ankle[1], far.ankle[1])
    return tuple(part.raised(ground) for part in parts)


def extent(parts: tuple[Part, ...]) -> tuple[float, float, float, float]:
    """Return left, bottom, right and top of ``parts``, body heights."""
    limbs = [limb for part in parts for limb in part.limbs]
    return (
        min(min(limb.ax - limb.ar, limb.bx - limb.br) for limb in limbs),
        min(min(limb.ay - limb.ar, limb.by - limb.br) for limb in limbs),
        max(max(limb.ax + limb.ar, limb.bx + limb.br) for limb in limbs),
        max(max(limb.ay + limb.ar, limb.by + limb.br) for limb in limbs),
    )


def _breadth(yaw: float) -> float:
    """Return how much of the body's breadth is seen."""
    return math.sqrt(1.0 - yaw * yaw)


def _turn(stance: Stance, side: float) -> float:
    """Return the angle of the stride at which the leg of ``side`` is; the legs are half a stride apart."""
    return math.tau * (stance.phase + (0.0 if side == NEAR else 0.5))


def _leg(stance: Stance, yaw: float, side: float) -> _Leg:
    turn = _turn(stance, side)
    thigh = stance.swing * (0.42 * math.sin(turn) + 0.05)
    shin = thigh - 0.05 - stance.swing * 0.85 * max(0.0, math.cos(turn)) ** 1.5
    hip = 0.05 * side * _breadth(yaw)
    knee = (hip + THIGH * math.sin(thigh) * yaw, -THIGH * math.cos(thigh))
    ankle = (knee[0] + SHIN * math.sin(shin) * yaw, knee[1] - SHIN * math.cos(shin))
    pitch = min(0.6 * shin, 0.25)
    toe = (ankle[0] + FOOT * math.cos(pitch) * yaw, ankle[1] - 0.012 + FOOT * math.sin(pitch))
    return _Leg((hip, 0.0), knee, ankle, toe)


def _leg_parts(leg: _Leg, look: Look, tone: float) -> Iterator[Part]:
    cloth = Material.SKIN if look.garment is Garment.DRESS else Material.BOTTOM
    heel = (leg.ankle[0], leg.ankle[1] - 0.012)
    yield Part(Material.SHOES, (Limb(*heel, 0.028, *leg.toe, 0.019),), tone)
    yield Part(cloth, (Limb(*leg.hip, 0.072, *leg.knee, 0.048), Limb(*leg.knee, 0.048, *leg.ankle, 0.03)), tone)


def _trunk(stance: Stance, yaw: float, look: Look, legs: tuple[_Leg, _Leg]) -> Iterator[Part]:
    lean = 0.02 * stance.swing * yaw
    breadth = 0.035 + 0.05 * _breadth(yaw)
    throat, waist = (lean, SHOULDER + 0.015), (0.0, 0.06)
    if look.bag is not None:
        yield Part(Material.BAG, (Limb(lean - 0.085 * yaw, 0.24, 0.065, lean - 0.1 * yaw, 0.1, 0.07),))
    yield Part(Material.BOTTOM, (Limb(-0.3 * breadth, 0.01, 0.078, 0.3 * breadth, 0.01, 0.078),))
    yield Part(
        Material.TOP,
        (
            Limb(*throat, 0.045, lean - breadth, SHOULDER - 0.012, 0.044),
            Limb(*throat, 0.045, lean + breadth, SHOULDER - 0.012, 0.044),
            Limb(lean, 0.23, 0.078 + 0.25 * breadth, *waist, 0.08),
            _hem(waist, legs, HEMS[look.garment]),
        ),
    )


def _hem(waist: tuple[float, float], legs: tuple[_Leg, _Leg], drop: float) -> Limb:
    """Return what hangs below the waist: it follows the knees and is as wide as they are apart."""
    part = drop / THIGH
    apart = abs(legs[0].knee[0] - legs[1].knee[0]) / 2
    middle = (legs[0].knee[0] + legs[1].knee[0]) / 2
    return Limb(*waist, 0.08, part * middle, -drop, 0.082 + part * 0.7 * apart, cut=True)


def _head(yaw: float, look: Look) -> Iterator[Part]:
    forward = 0.03 * yaw
    neck = Limb(0.01 * yaw, SHOULDER + 0.02, 0.034, forward, NECK + 0.04, 0.032)
    skull = Limb(forward + 0.012 * yaw, HEAD - 0.022, 0.046, forward + 0.008 * yaw, HEAD + 0.015, 0.056)
    crown = Limb(forward - 0.022 * yaw, HEAD - 0.005, 0.05, forward - 0.008 * yaw, HEAD + 0.026, 0.058)
    fall = Limb(forward - 0.03 * yaw, HEAD, 0.05, forward - 0.045 * yaw, SHOULDER - 0.03, 0.045)
    yield Part(Material.SKIN, (neck, skull), 0.95)
    yield Part(Material.HAIR, (crown, fall) if look.long_hair else (crown,))


def _arm(stance: Stance, yaw: float, look: Look, side: float) -> Iterator[Part]:
    """Yield one arm; it swings against the leg of its side."""
    upper = -0.42 * stance.swing * math.sin(_turn(stance, side))
    fore = upper + 0.12 + stance.swing * 0.22
    breadth = (0.04 + 0.058 * _breadth(yaw)) * side
    shoulder = (breadth + 0.02 * stance.swing * yaw, SHOULDER - 0.015)
    elbow = (shoulder[0] + UPPER_ARM * math.sin(upper) * yaw + 0.014 * side * _breadth(yaw), shoulder[1] - UPPER_ARM * math.cos(upper))
    wrist = (elbow[0] + FOREARM * math.sin(fore) * yaw, elbow[1] - FOREARM * math.cos(fore))
    tips = (wrist[0] + 0.02 * math.sin(fore) * yaw, wrist[1] - 0.035)
    tone = LIT if side == NEAR else SHADED
    sleeve, bare = Limb(*shoulder, 0.044, *elbow, 0.034), Limb(*elbow, 0.031, *wrist, 0.024)
    hand = Limb(*wrist, 0.022, *tips, 0.018)
    if look.garment in {Garment.SHIRT, Garment.DRESS}:
        yield Part(Material.SKIN, (bare, hand), tone)
        yield Part(Material.TOP, (sleeve,), tone)
    else:
        yield Part(Material.SKIN, (hand,), tone)
        yield Part(Material.TOP, (sleeve, bare), tone)
