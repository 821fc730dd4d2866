"""From faces found in some frames of a recording to faces covered in all of them. Pure.

A face that turns, blurs or is passed by is missed for some frames. The whole recording has been looked at before anything is painted, so a track
is filled from both of its sides: misses between two sightings by interpolation, and the time before its first and after its last sighting by its
own movement. Places are those on the ground that the camera passes over, so a pan is no movement. A weak sighting counts where a strong one of
the same track supports it, earlier or later. Tracks follow places, not people: nothing about a face but its box is known here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import linear_sum_assignment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from consentry.vision.faces.model import Faces

__all__ = ["Filling", "Look", "Plan", "Track", "planned", "tracked"]

REACH, FIRST_REACH = 1.0, 2.0
"""A face is at most this many of its own sizes away from where it is expected; ``FIRST_REACH`` while it was seen only once, so that its speed is
unknown (who runs passes 20 faces in a second, or 1.6 from one look to the next)."""
LARGEST_CHANGE = 1.8
"""Factor by which its size may change from one look to the next."""
STEADY = 4
"""Sightings over which the speed at an end of a track is measured."""
_IMPOSSIBLE = 1e6


@dataclass(frozen=True, slots=True)
class Filling:
    """``gap``: seconds of misses between two sightings that are filled; ``lead``: seconds before the first and after the last; ``strong``: see module."""

    gap: float = 1.0
    lead: float = 0.4
    strong: float = 0.25


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """The ``faces`` found in one frame (``frame``: its index), and how far the camera had moved by then (float64 [2], pixels, see ``CameraMotion``)."""

    frame: int
    faces: Faces
    moved: NDArray[np.float64]


@dataclass(slots=True)
class Track:
    """Sightings of one face: indices of frames, their times in seconds, boxes on the ground (float64 [4], pixels of the first frame) and scores."""

    frames: list[int] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    boxes: list[NDArray[np.float64]] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)

    def expected(self, time: float) -> NDArray[np.float64]:
        """Return the box at ``time``, after the last sighting, if the face goes on moving as it does; its size stays."""
        return np.asarray(self.boxes[-1] + np.tile(_speed(self.times[-STEADY:], self.boxes[-STEADY:]) * (time - self.times[-1]), 2))


@dataclass(frozen=True, slots=True)
class Plan:
    """What is covered: for each frame float32 [N, 4], pixels; ``tracks`` there are, and ``filled`` boxes that no detector saw in their frame."""

    boxes: tuple[NDArray[np.float32], ...]
    tracks: int
    filled: int


def planned(times: Sequence[float], looks: Sequence[Look], filling: Filling) -> Plan:
    """Return what to cover in a recording whose frames have ``times`` (seconds), from the ``looks`` at some of them, in their order."""
    tracks = [track for track in tracked(times, looks, filling.gap) if max(track.scores) >= filling.strong]
    moved = _moved(np.asarray(times), looks)
    covered: list[list[NDArray[np.float64]]] = [[] for _ in times]
    for track in tracks:
        for frame, box in _everywhere(track, np.asarray(times), filling):
            covered[frame].append(box + np.tile(moved[frame], 2))
    boxes = tuple(np.asarray(boxes, np.float32).reshape(-1, 4) for boxes in covered)
    seen = sum(len(track.frames) for track in tracks)
    return Plan(boxes, len(tracks), sum(map(len, boxes)) - seen)


def tracked(times: Sequence[float], looks: Sequence[Look], gap: float) -> list[Track]:
    """Join sightings to tracks, each look to the one before it at the least total distance; a track unseen for ``gap`` seconds has ended."""
    ended: list[Track] = []
    live: list[Track] = []
    for look in looks:
        time = times[look.frame]
        ended += [track for track in live if time - track.times[-1] > gap]
        live = [track for track in live if time - track.times[-1] <= gap]
        boxes = look.faces.boxes.astype(np.float64) - np.tile(look.moved, 2)
        joined = dict(_pairs(live, boxes, time))
        for index, box in enumerate(boxes):
            track = live[joined[index]] if index in joined else Track()
            if index not in joined:
                live.append(track)
            _append(track, look.frame, time, box, float(look.faces.scores[index]))
    return ended + live


def _moved(times: NDArray[np.float64], looks: Sequence[Look]) -> NDArray[np.float64]:
    """Return how far the camera has moved in every frame, float64 [frames, 2]: evenly from look to look, and on after the last one."""
    if not looks:
        return np.zeros((len(times), 2))
    known, moved = times[[look.frame for look in looks]], np.stack([look.moved for look in looks])
    between = np.stack([np.interp(times, known, moved[:, axis]) for axis in (0, 1)], axis=1)
    speed = (moved[-1] - moved[-2]) / (known[-1] - known[-2]) if len(looks) > 1 else np.zeros(2)
    return np.asarray(between + np.maximum(times - known[-1], 0)[:, None] * speed)


def _append(track: Track, frame: int, time: float, box: NDArray[np.float64], score: float) -> None:
    track.frames.append(frame)
    track.times.append(time)
    track.boxes.append(box)
    track.scores.append(score)


def _pairs(live: Sequence[Track], boxes: NDArray[np.float64], time: float) -> Iterator[tuple[int, int]]:
    """Yield (index of box, index of track) of what belongs together."""
    if not live or not len(boxes):
        return
    reach = np.asarray([REACH if len(track.frames) > 1 else FIRST_REACH for track in live])
    costs = _costs(np.stack([track.expected(time) for track in live]), boxes, reach)
    for track, box in zip(*linear_sum_assignment(costs), strict=True):
        if costs[track, box] < _IMPOSSIBLE:
            yield int(box), int(track)


def _costs(expected: NDArray[np.float64], boxes: NDArray[np.float64], reach: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the distance of centres in sizes of the face, [tracks, boxes]; ``_IMPOSSIBLE`` where they cannot be the same face."""
    sizes_expected, sizes = (np.sqrt(np.prod(sides[:, 2:] - sides[:, :2], axis=1)) for sides in (expected, boxes))
    centres_expected, centres = ((sides[:, :2] + sides[:, 2:]) / 2 for sides in (expected, boxes))
    between = np.linalg.norm(centres_expected[:, None] - centres[None], axis=2)
    distance = between / np.minimum(sizes_expected[:, None], sizes[None])
    change = np.maximum(sizes_expected[:, None] / sizes[None], sizes[None] / sizes_expected[:, None])
    return np.where((distance <= reach[:, None]) & (change <= LARGEST_CHANGE), distance, _IMPOSSIBLE)


def _everywhere(track: Track, times: NDArray[np.float64], filling: Filling) -> Iterator[tuple[int, NDArray[np.float64]]]:
    """Yield (frame, box) for every frame in which the track's face is covered."""
    first, last = track.frames[0], track.frames[-1]
    before = _speed(track.times[:STEADY], track.boxes[:STEADY])
    for frame in range(int(np.searchsorted(times, track.times[0] - filling.lead)), first):
        yield frame, track.boxes[0] + np.tile(before * (times[frame] - track.times[0]), 2)
    for (start, box), (stop, following) in pairwise(zip(track.frames, track.boxes, strict=True)):
        for frame in range(start, stop):
            share = (times[frame] - times[start]) / (times[stop] - times[start])
            yield frame, box + (following - box) * share
    for frame in range(last, int(np.searchsorted(times, track.times[-1] + filling.lead, side="right"))):
        yield frame, track.expected(float(times[frame]))


def _speed(times: Sequence[float], boxes: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Return how fast the centre moves over some sightings, pixels a second across and down."""
    passed = times[-1] - times[0]
    moved = boxes[-1] - boxes[0]
    return np.asarray((moved[:2] + moved[2:]) / 2 / passed if passed > 0 else np.zeros(2))
