"""A recording played in a loop by the wall clock, as a camera that always shows the same: for demonstrations, soaks and fault tests.

The phase is fixed to the time of day: frame ``t`` of lap ``n`` is due at ``n * length + t`` seconds since 1970. A loop opened anew goes on
where one that was never closed would be, and two that run side by side show the same.
"""

from __future__ import annotations

import gc
import time
from dataclasses import replace
from itertools import pairwise
from math import floor
from statistics import median
from typing import TYPE_CHECKING

from consentry.platform.errors import SourceError
from consentry.video.decoding import Decoding, open_video
from consentry.video.files import FileSource
from consentry.video.model import Frame, Health, SourceState

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType
    from typing import Self

    from consentry.video.address import Address
    from consentry.video.live import Clock
    from consentry.video.model import Size

__all__ = ["LONGEST_LAG", "DayClock", "LoopSource"]

LONGEST_LAG = 20.0
"""Seconds by which frames may come late, one after the other; beyond, everything that is late already is dropped."""

_SILENCE_S = 0.5
_TIDY_EVERY_S = 20.0
_MICROSECONDS = 6


class DayClock:
    """The time of day of this machine; unlike other clocks of this slice it can be set back."""

    def now(self) -> float:
        """Return seconds since 1970."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Sleep."""
        time.sleep(seconds)


DAY_CLOCK = DayClock()


class LoopSource:
    """Plays one file without end; see ``FrameSource``. A frame's ``time`` is when it is due, in seconds since 1970, to the microsecond."""

    live = True
    duration = None
    warnings: tuple[str, ...] = ()

    def __init__(self, address: Address, *, longest_side: int | None = None, decode_threads: int = 1, clock: Clock = DAY_CLOCK) -> None:
        """Open the file once; raise ``SourceError`` when that cannot be done. Tests bring another ``clock``."""
        self.spec = address.shown
        self._path = address.target
        self._longest_side, self._decode_threads = longest_side, decode_threads
        self._clock = clock
        self._closed = False
        self._tidied = clock.now()
        self._given = self._dropped = 0
        self._state, self._reason = SourceState.CONNECTING, "opened, not read yet"
        with self._recording() as recording:
            self.size: Size = recording.size
        self.length = _length(self._path)

    @property
    def health(self) -> Health:
        """The state, and the frames given and dropped."""
        return Health(self._state, self._reason, self._given, self._dropped)

    def frames(self) -> Iterator[Frame | None]:
        """Yield each frame when it is due, or late but in order; ``None`` twice a second while none is due. Ends after ``close``."""
        skipping, begun = True, self._clock.now()
        self._state, self._reason = SourceState.LIVE, "playing"
        for frame in self._laps():
            late = self._clock.now() - frame.time
            skipping = late > 0 if skipping else late > LONGEST_LAG
            if skipping:
                # What was due before the loop began was never asked for.
                self._dropped += frame.time >= begun
                continue
            yield from self._until(frame.time)
            if self._closed:
                return
            self._given += 1
            yield frame

    def close(self) -> None:
        """End the frames; safe to call twice."""
        self._closed = True

    def __enter__(self) -> Self:
        """Return the source."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close the source."""
        self.close()

    def _laps(self) -> Iterator[Frame]:
        """Yield frames with the instants at which they are due, from the lap under way on."""
        lap = floor(self._clock.now() / self.length)
        while not self._closed:
            with self._recording() as recording:
                for frame in recording.frames():
                    if frame.time < self.length:
                        yield replace(frame, time=round(lap * self.length + frame.time, _MICROSECONDS))
            self._tidy()
            # After a standstill of several laps (a laptop that slept) there is no use in decoding them all.
            lap = max(lap + 1, floor((self._clock.now() - LONGEST_LAG) / self.length))

    def _tidy(self) -> None:
        """Free the frames that are tied into a reference cycle, one for each opening of the file, since their display matrix was read.

        A process that makes few objects otherwise would not look for cycles before it held a hundred of them (measured: 0.75 MB each).
        """
        if self._clock.now() - self._tidied >= _TIDY_EVERY_S:
            self._tidied = self._clock.now()
            gc.collect()

    def _until(self, due: float) -> Iterator[None]:
        while not self._closed and (wait := due - self._clock.now()) > 0:
            self._clock.sleep(min(wait, _SILENCE_S))
            if wait > _SILENCE_S:
                yield None

    def _recording(self) -> FileSource:
        return FileSource(self._path, longest_side=self._longest_side, decode_threads=self._decode_threads)


def _length(path: str) -> float:
    """Return the seconds of one lap, from the packets: headers promise more or less than there is."""
    video = open_video(f"file:{path}", path, Decoding(), {"protocol_whitelist": "file"})
    with video.container:
        base = float(video.stream.time_base or 0)
        stamps = sorted(packet.pts * base for packet in video.container.demux(video.stream) if packet.pts is not None)
    if not stamps or not base:
        raise SourceError("source.no-loop", path, "its pictures carry no time, so it has no length", "Convert it to MP4 with H.264.")
    # The last picture lasts as long as most do; what a file says of its rate and its length is an estimate.
    step = median(after - before for before, after in pairwise(stamps)) if len(stamps) > 1 else 1 / video.frames_per_second
    return round(stamps[-1] - stamps[0] + step, _MICROSECONDS)
