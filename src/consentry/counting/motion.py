"""How people move between frames: a constant-velocity Kalman filter over many tracks at once.

Each coordinate is filtered on its own (the noise model is the same for all and couples none), so that the filter is a handful of
array operations however many tracks there are. Noise is in heights of the person, as SORT's successors do, and in seconds, so that
one set of constants serves any frame rate. R. E. Kalman, 1960; white-noise acceleration model of Bar-Shalom, 2001, §6.2.2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Indices = NDArray[np.intp]
    Mask = NDArray[np.bool_]

__all__ = ["MotionFilter", "MotionNoise", "boxes_of", "states_of"]

_PLACE = slice(0, 2)
_SIZE = slice(2, 4)


@dataclass(frozen=True, slots=True)
class MotionNoise:
    """Standard deviations, in heights of the person (and seconds)."""

    place: float = 0.05
    """of a measured foot point, for a detection of score 0.3; a surer one is trusted more"""
    size: float = 0.2
    """of a measured width or height"""
    speed: float = 1.0
    """of the unknown speed of a new track, per second"""
    acceleration: float = 0.1
    """of the change of speed, per square root of a second"""
    growth: float = 0.05
    """of the change of size, per square root of a second"""


class MotionFilter:
    """Filtered state of N tracks.

    ``state``: float64 [N, 4], foot x, foot y, width, height, in pixels. ``speed``: float64 [N, 4], the same per second (sizes: always zero).
    """

    def __init__(self, noise: MotionNoise) -> None:
        """Begin with no tracks."""
        self._noise = noise
        self.state: Floats = np.zeros((0, 4))
        self.speed: Floats = np.zeros((0, 4))
        # Per coordinate: variance of the state, covariance with the speed, variance of the speed.
        self._var: Floats = np.zeros((0, 4))
        self._cov: Floats = np.zeros((0, 4))
        self._speed_var: Floats = np.zeros((0, 4))

    def __len__(self) -> int:
        """Return the number of tracks."""
        return len(self.state)

    def predict(self, dt: float) -> None:
        """Move every track on by ``dt`` seconds."""
        height = self.state[:, 3:4]
        accel = np.zeros_like(self.state)
        accel[:, _PLACE] = (self._noise.acceleration * height) ** 2
        self.state[:, _PLACE] += self.speed[:, _PLACE] * dt
        self._var += 2 * dt * self._cov + dt * dt * self._speed_var + accel * dt**3 / 3
        self._var[:, _SIZE] += (self._noise.growth * height) ** 2 * dt
        self._cov += dt * self._speed_var + accel * dt * dt / 2
        self._speed_var += accel * dt

    def correct(self, tracks: Indices, measured: Floats, scores: Floats) -> None:
        """Take a measurement (float64 [M, 4], as ``state``) with its score for each of ``tracks``."""
        height = self.state[tracks, 3:4]
        doubt = 1.3 - scores[:, None]
        noise = np.empty_like(measured)
        noise[:, _PLACE] = (self._noise.place * height * doubt) ** 2
        noise[:, _SIZE] = (self._noise.size * height * doubt) ** 2
        total = self._var[tracks] + noise
        gain, speed_gain = self._var[tracks] / total, self._cov[tracks] / total
        surprise = measured - self.state[tracks]
        self.state[tracks] += gain * surprise
        self.speed[tracks] += speed_gain * surprise
        self._speed_var[tracks] -= speed_gain * self._cov[tracks]
        self._cov[tracks] *= 1 - gain
        self._var[tracks] *= 1 - gain

    def add(self, measured: Floats) -> None:
        """Begin a track for each measurement (float64 [M, 4], as ``state``)."""
        height = measured[:, 3:4]
        var, speed_var = np.zeros_like(measured), np.zeros_like(measured)
        var[:, _PLACE] = (2 * self._noise.place * height) ** 2
        var[:, _SIZE] = (self._noise.size * height) ** 2
        speed_var[:, _PLACE] = (self._noise.speed * height) ** 2
        zeros = np.zeros_like(measured)
        self.state, self.speed = np.vstack([self.state, measured]), np.vstack([self.speed, zeros])
        self._var, self._cov = np.vstack([self._var, var]), np.vstack([self._cov, zeros])
        self._speed_var = np.vstack([self._speed_var, speed_var])

    def keep(self, tracks: Mask) -> None:
        """Forget every track outside the mask."""
        self.state, self.speed = self.state[tracks], self.speed[tracks]
        self._var, self._cov, self._speed_var = self._var[tracks], self._cov[tracks], self._speed_var[tracks]


def states_of(boxes: Floats) -> Floats:
    """Turn boxes (x1 y1 x2 y2) into states (foot x, foot y, width, height); float64 [N, 4] both."""
    x1, y1, x2, y2 = boxes.T
    return np.stack([(x1 + x2) / 2, y2, x2 - x1, y2 - y1], axis=1)


def boxes_of(states: Floats) -> Floats:
    """Turn states (foot x, foot y, width, height) into boxes (x1 y1 x2 y2); float64 [N, 4] both."""
    x, y, width, height = states.T
    return np.stack([x - width / 2, y - height, x + width / 2, y], axis=1)
