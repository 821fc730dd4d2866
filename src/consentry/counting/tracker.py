"""Tracks from person boxes: motion only, timestamps, bounded state.

Two-stage association by overlap, after ByteTrack (Zhang et al., 2022): sure detections first, then the doubtful ones for tracks that
still lack one. Boxes are widened before they are compared, after C-BIoU (Yang et al., 2023), so that a person who moves more than
their own width between frames still matches. No appearance is looked at: a track cannot outlive ``keep`` seconds out of sight, and
nothing about it says who it was (see ``docs/decisions``).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from consentry.counting.assignment import assigned
from consentry.counting.model import Foot, Point, TrackId
from consentry.counting.motion import MotionFilter, MotionNoise, boxes_of, states_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from consentry.counting.motion import Floats, Indices, Mask

__all__ = ["EPOCH_SECONDS", "TrackUpdate", "Tracker", "TrackerRule"]

EPOCH_SECONDS = 600.0
"""Numbering starts again this often, so that no number can serve to follow anyone through a day."""

_TENTATIVE_KEEP = 0.5
_TINY = 1e-6


@dataclass(frozen=True, slots=True)
class TrackerRule:
    """What it takes to match, begin, confirm and end a track. Scores and overlaps are 0 to 1, times are seconds."""

    sure: float = 0.55
    """score of a detection of the first stage"""
    doubtful: float = 0.1
    """lowest score of the second stage"""
    birth: float = 0.6
    """score that begins a track"""
    overlap: float = 0.2
    """least similarity in the first stage: overlap of the widened boxes, lowered where heights differ"""
    doubtful_overlap: float = 0.4
    """least overlap in the second stage"""
    widening: float = 0.25
    """share of its width and height by which a box is widened on each side"""
    height_weight: float = 0.6
    """how far the ratio of heights lowers the similarity"""
    duplicate: float = 0.4
    """overlap with a matched track above which a detection begins no track"""
    confirm: int = 3
    """detections that make a track count"""
    doubtful_keep: float = 0.6
    """time since the last detection during which a doubtful one is taken"""
    keep: float = 3.0
    """time out of sight after which a track ends"""
    noise: MotionNoise = field(default_factory=MotionNoise)


@dataclass(frozen=True, slots=True)
class TrackUpdate:
    """What one frame told: foot points of confirmed tracks that were seen, and tracks that ended.

    The update that confirms a track also gives the foot points it had before.
    ``ids`` and ``boxes`` (float64 [N, 4], x1 y1 x2 y2) are the confirmed tracks seen in this frame.
    """

    feet: list[Foot]
    ended: list[TrackId]
    ids: list[TrackId]
    boxes: Floats


class Tracker:
    """Follows people through one camera's frames."""

    def __init__(self, camera: str = "camera", rule: TrackerRule | None = None) -> None:
        """``camera`` names the tracks; every camera has a tracker of its own and they share nothing."""
        self._camera = camera
        self._rule = rule or TrackerRule()
        self._motion = MotionFilter(self._rule.noise)
        self._time: float | None = None
        self._epoch, self._numbered = 0, 0
        self._seen: Floats = np.zeros(0)
        self._hits: NDArray[np.int64] = np.zeros(0, np.int64)
        self._ids: list[TrackId | None] = []
        self._waiting: list[list[tuple[float, Point, float]]] = []

    def __len__(self) -> int:
        """Return the number of tracks held, confirmed or not."""
        return len(self._ids)

    def update(self, time: float, boxes: NDArray[np.float32], scores: NDArray[np.float32]) -> TrackUpdate:
        """Take the detections of the frame at ``time`` seconds (boxes [N, 4] x1 y1 x2 y2 in pixels, scores [N])."""
        before = time if self._time is None else self._time
        self._time = time
        # Before anybody is matched: a pause of all frames is time out of sight too.
        ended = self._end(time, before)
        self._motion.predict(max(0.0, time - before))
        usable = (scores >= self._rule.doubtful) & np.isfinite(boxes).all(axis=1) & (boxes[:, :2] < boxes[:, 2:]).all(axis=1)
        found, sureness = boxes[usable].astype(np.float64), scores[usable].astype(np.float64)
        tracks, detections = self._associate(time, found, sureness)
        self._motion.correct(tracks, states_of(found[detections]), sureness[detections])
        self._seen[tracks] = time
        self._hits[tracks] += 1
        self._begin(time, found, sureness, detections)
        feet = self._feet(time)
        seen = self._confirmed(time)
        ids = [track for track, visible in zip(self._ids, seen, strict=True) if visible and track]
        return TrackUpdate(feet, ended, ids, boxes_of(self._motion.state[seen]))

    def finish(self) -> list[TrackId]:
        """End every track and return the confirmed ones."""
        ended = [track for track in self._ids if track]
        self._drop(np.zeros(len(self), bool))
        return ended

    def _associate(self, time: float, found: Floats, scores: Floats) -> tuple[Indices, Indices]:
        rule, predicted = self._rule, boxes_of(self._motion.state)
        sure, doubtful = np.flatnonzero(scores >= rule.sure), np.flatnonzero(scores < rule.sure)
        similarity = _overlap(_widened(predicted, rule.widening), _widened(found[sure], rule.widening)) * self._height_agreement(found[sure])
        tracks, chosen = _assign(similarity, rule.overlap)
        rest = _others(len(self), tracks)
        rest = rest[time - self._seen[rest] < rule.doubtful_keep]
        more, chosen_doubtful = _assign(_overlap(predicted[rest], found[doubtful]), rule.doubtful_overlap)
        return np.concatenate([tracks, rest[more]]), np.concatenate([sure[chosen], doubtful[chosen_doubtful]])

    def _height_agreement(self, found: Floats) -> Floats:
        ours, theirs = self._motion.state[:, 3][:, None], (found[:, 3] - found[:, 1])[None]
        ratio: Floats = np.minimum(ours, theirs) / np.maximum(np.maximum(ours, theirs), _TINY)
        return 1 - self._rule.height_weight * (1 - ratio)

    def _begin(self, time: float, found: Floats, scores: Floats, taken: Indices) -> None:
        free = _others(len(found), taken)
        free = free[scores[free] >= self._rule.birth]
        matched = boxes_of(self._motion.state[self._seen == time])
        if len(matched) and len(free):
            free = free[_overlap(matched, found[free]).max(axis=0) < self._rule.duplicate]
        if not len(free):
            return
        self._motion.add(states_of(found[free]))
        self._seen = np.concatenate([self._seen, np.full(len(free), time)])
        self._hits = np.concatenate([self._hits, np.ones(len(free), np.int64)])
        self._ids.extend([None] * len(free))
        self._waiting.extend([] for _ in free)

    def _feet(self, time: float) -> list[Foot]:
        feet: list[Foot] = []
        for index in np.flatnonzero(self._seen == time):
            x, y, _, height = self._motion.state[index].tolist()
            track = self._ids[index]
            if track:
                feet.append(Foot(track, time, Point(x, y), height))
                continue
            waiting = self._waiting[index]
            waiting.append((time, Point(x, y), height))
            if self._hits[index] >= self._rule.confirm:
                track = self._ids[index] = self._next_id(time)
                feet.extend(Foot(track, *sample) for sample in waiting)
                waiting.clear()
        return feet

    def _next_id(self, time: float) -> TrackId:
        epoch = int(time // EPOCH_SECONDS)
        if epoch != self._epoch:
            self._epoch, self._numbered = epoch, 0
        self._numbered += 1
        return TrackId(self._camera, self._epoch, self._numbered)

    def _end(self, time: float, before: float) -> list[TrackId]:
        confirmed = np.array([track is not None for track in self._ids], bool)
        # Frames may be further apart than a tentative track is kept: whoever was seen in the frame ``before`` has missed none.
        patience = np.where(confirmed | (self._seen == before), self._rule.keep, _TENTATIVE_KEEP)
        alive = time - self._seen <= patience
        if alive.all():
            return []
        ended = [track for track, lives in zip(self._ids, alive, strict=True) if track and not lives]
        self._drop(alive)
        return ended

    def _drop(self, alive: Mask) -> None:
        self._motion.keep(alive)
        self._seen, self._hits = self._seen[alive], self._hits[alive]
        self._ids = [track for track, lives in zip(self._ids, alive, strict=True) if lives]
        self._waiting = [samples for samples, lives in zip(self._waiting, alive, strict=True) if lives]

    def _confirmed(self, time: float) -> Mask:
        confirmed = np.array([track is not None for track in self._ids], bool)
        seen: Mask = confirmed & (self._seen == time)
        return seen


def _overlap(ours: Floats, theirs: Floats) -> Floats:
    """Return the intersection over union of each pair of boxes, [N, M]."""
    low, high = np.maximum(ours[:, None, :2], theirs[None, :, :2]), np.minimum(ours[:, None, 2:], theirs[None, :, 2:])
    sides = np.maximum(high - low, 0)
    common = sides[..., 0] * sides[..., 1]
    union = _areas(ours)[:, None] + _areas(theirs)[None] - common
    overlap: Floats = common / np.maximum(union, _TINY)
    return overlap


def _areas(boxes: Floats) -> Floats:
    areas: Floats = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    return areas


def _widened(boxes: Floats, share: float) -> Floats:
    margin = (boxes[:, 2:] - boxes[:, :2]) * share
    return np.concatenate([boxes[:, :2] - margin, boxes[:, 2:] + margin], axis=1)


def _others(count: int, taken: Indices) -> Indices:
    """Return the indices below ``count`` that are not taken."""
    free = np.ones(count, bool)
    free[taken] = False
    return np.flatnonzero(free)


def _assign(similarity: Floats, least: float) -> tuple[Indices, Indices]:
    """Return rows and columns of the one-to-one assignment of greatest total similarity, without pairs below ``least``."""
    rows, columns = assigned(similarity)
    kept = similarity[rows, columns] > least
    return rows[kept], columns[kept]
