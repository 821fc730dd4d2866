"""Line crossing: from foot points over time to :class:`Crossing` events.

A path crosses a line when a step of it crosses the segment between the line's ends. Crossings of the centre are netted, and
the net is decided only when the foot has left a band around the segment: who hovers on the line counts once or not at all, and
who walks around an end never counts. The band is a share of the person's height, because a foot point jitters with the box.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from consentry.counting.geometry import between, crossing_share, distance_to_segment, side
from consentry.counting.model import Crossing, Direction, Foot, Line, Point, TrackId

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["BAND", "LineCounter"]

BAND = 0.05
"""Half the width of the hysteresis band, as a share of the person's height."""


@dataclass(slots=True)
class _Passage:
    """How one track stands to one line: its last foot point, the last one clear of the band, and the undecided crossings since."""

    last: Foot
    clear: Foot
    net: int = 0
    at: Point | None = None
    time: float = 0.0


class LineCounter:
    """Counts the crossings of a set of lines. State is one small record per line and living track."""

    def __init__(self, lines: Sequence[Line], band: float = BAND) -> None:
        """``band``: half-width of the hysteresis band in heights of the person."""
        self._lines = tuple(lines)
        self._band = band
        self._passages: dict[TrackId, list[_Passage]] = {}

    def __len__(self) -> int:
        """Return the number of tracks remembered."""
        return len(self._passages)

    def update(self, foot: Foot) -> list[Crossing]:
        """Take the next foot point of a track (times never fall within a track) and return the crossings it decides."""
        passages = self._passages.get(foot.track)
        if passages is None:
            self._passages[foot.track] = [_Passage(foot, foot) for _ in self._lines]
            return []
        decided = [self._step(line, passage, foot) for line, passage in zip(self._lines, passages, strict=True)]
        return [crossing for crossing in decided if crossing]

    def end(self, tracks: Iterable[TrackId]) -> list[Crossing]:
        """Forget tracks that have ended. A crossing made but still within the band is decided as it stands: the person is gone."""
        ended = [passages for track in tracks if (passages := self._passages.pop(track, None))]
        settled = [self._settle(line, passage) for passages in ended for line, passage in zip(self._lines, passages, strict=True)]
        return [crossing for crossing in settled if crossing]

    def _step(self, line: Line, passage: _Passage, foot: Foot) -> Crossing | None:
        last = passage.last
        crossed = crossing_share(line, last.at, foot.at)
        if crossed:
            sign, share = crossed
            passage.net += sign
            passage.at = between(last.at, foot.at, share)
            passage.time = last.time + share * (foot.time - last.time)
        passage.last = foot
        if distance_to_segment(line, foot.at) <= self._band * foot.height:
            return None
        return self._settle(line, passage)

    @staticmethod
    def _settle(line: Line, passage: _Passage) -> Crossing | None:
        net, at, time, foot = passage.net, passage.at, passage.time, passage.last
        banks = [side(line.start, line.end, place.at) >= 0 for place in (passage.clear, foot)]
        passage.net, passage.at, passage.clear = 0, None, foot
        # Feet that jitter about an end may cross the line one way and its extension the other: the banks must bear out the net.
        if at is None or net * (banks[1] - banks[0]) <= 0:
            return None
        direction = Direction.IN if net > 0 else Direction.OUT
        return Crossing(line.id, direction, time, foot.track, at, foot.height)
