"""Turns the timestamps that sources give into seconds that always go forward. Pure: no clock, no I/O.

Times are seconds since the source's first frame. A recording is believed except where its stamps are impossible; a live
source is believed as long as it stays near the clock of this machine.
"""

from __future__ import annotations

__all__ = ["LiveTimeline", "Pace", "RecordedTimeline"]

NUDGE_S = 0.001
LIVE_TOLERANCE_S = 3.0
LONGEST_PAUSE_S = 10.0


class RecordedTimeline:
    """Places the frames of a recording.

    One duplicate or backward stamp is put a millisecond after the frame before it: decoders give a stray old frame after
    damage. A second one in a row means that the stamps began anew, and a missing stamp says nothing: such a frame comes
    one nominal frame later, and the stamps that follow count from there. Forward jumps are kept: a recording may pause.
    """

    def __init__(self, step: float) -> None:
        """Take the nominal duration of a frame in seconds."""
        self._step = step
        self._offset: float | None = None
        self._last: float | None = None
        self._nudged = False
        self.repaired = 0

    def place(self, stamp: float | None) -> float:
        """Return the time of the next frame, whose presentation timestamp in seconds is ``stamp``."""
        if self._last is None:
            return self._anchor(stamp, 0.0)
        if stamp is None or self._offset is None:
            self.repaired += stamp is None
            return self._anchor(stamp, self._last + self._step)
        time = stamp + self._offset
        if time > self._last:
            self._nudged = False
            self._last = time
            return time
        self.repaired += 1
        if self._nudged:
            return self._anchor(stamp, self._last + self._step)
        self._nudged = True
        self._last += NUDGE_S
        return self._last

    def _anchor(self, stamp: float | None, time: float) -> float:
        self._offset = None if stamp is None else time - stamp
        self._nudged = False
        self._last = time
        return time


class LiveTimeline:
    """Places the frames of a live source, over all its connections.

    Stamps give the fine timing and the arrival keeps it honest: a stamp that is missing, goes backward or is more than
    three seconds away from the arrival anchors the stamps anew, so that a gap without frames is a gap in time.
    """

    def __init__(self, zero: float | None = None, after: float | None = None) -> None:
        """Take the instant that is time zero (``None``: the first arrival) and the last time given before."""
        self._zero = zero
        self._last = after
        self._offset: float | None = None
        self._stamp: float | None = None

    def place(self, stamp: float | None, arrived: float) -> float:
        """Return the time of the next frame; ``arrived`` is the instant it was decoded, on a clock that never jumps."""
        if self._zero is None:
            self._zero = arrived
        expected = arrived - self._zero
        time = self._believed(stamp, expected)
        if self._last is not None:
            time = max(time, self._last + NUDGE_S)
        self._last = time
        return time

    def _believed(self, stamp: float | None, expected: float) -> float:
        if stamp is None:
            self._offset = None
            return expected
        backward = self._stamp is not None and stamp <= self._stamp
        self._stamp = stamp
        if self._offset is None or backward or abs(stamp + self._offset - expected) > LIVE_TOLERANCE_S:
            self._offset = expected - stamp
        return stamp + self._offset


class Pace:
    """Says how long to hold a frame of a source that delivers in lumps, such as HLS segments."""

    def __init__(self) -> None:
        """Begin without an anchor."""
        self._anchor: float | None = None

    def pause(self, stamp: float | None, now: float) -> float:
        """Return the seconds to wait before the frame with this stamp is due; 0 when it is due or late."""
        if stamp is None:
            return 0.0
        wait = 0.0 if self._anchor is None else self._anchor + stamp - now
        if self._anchor is None or not -LIVE_TOLERANCE_S <= wait <= LONGEST_PAUSE_S:
            self._anchor = now - stamp
            return 0.0
        return max(0.0, wait)
