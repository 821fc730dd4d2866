"""A camera as a source: newest frame only, decoded in a process that is killed when it stops giving frames and then started again."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from consentry.platform.errors import SourceError
from consentry.video.model import Frame, Health, Size
from consentry.video.order import CaptureOrder
from consentry.video.process import CaptureProcess
from consentry.video.rules import Action, Ended, Event, Patience, Picture, Tick, advance, begin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType
    from typing import Self

    from consentry.video.address import Address
    from consentry.video.slot import Arrival

__all__ = ["Capture", "Clock", "LiveSource", "MonotonicClock", "Surroundings"]

TICK_S = 0.25
SILENCE_S = 0.5
# Trying again cannot change these; everything else may be a camera that starts or a network that comes back.
FINAL_CODES = frozenset({"source.no-video", "source.not-live", "source.unsupported"})


class Clock(Protocol):
    """The clock that a live source lives by."""

    def now(self) -> float:
        """Return seconds that never go backward."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let ``seconds`` pass."""
        ...


class Capture(Protocol):
    """A running capture of one connection; numbers of frames start at 1."""

    def wait(self, seconds: float) -> None:
        """Return when a frame arrived, the capture ended or ``seconds`` passed."""
        ...

    def take(self, after: int) -> Arrival | None:
        """Return the newest frame if its number is above ``after``, without waiting."""
        ...

    def ended(self) -> SourceError | None:
        """Return why the capture ended by itself, or ``None``."""
        ...

    def kill(self) -> None:
        """End it at once."""
        ...


class MonotonicClock:
    """The clock of this machine."""

    def now(self) -> float:
        """Return seconds that never go backward."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Sleep."""
        time.sleep(seconds)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a live source needs from outside: a clock, a way to start a capture, and chance in [0, 1) to spread delays."""

    clock: Clock
    start: Callable[[CaptureOrder], Capture]
    chance: Callable[[], float]


PATIENCE = Patience()
SURROUNDINGS = Surroundings(MonotonicClock(), CaptureProcess, random.random)


class LiveSource:
    """Follows a camera over all its connections; see ``FrameSource``. Nothing is opened before ``frames`` is read."""

    live = True
    duration = None
    warnings: tuple[str, ...] = ()

    def __init__(self, address: Address, *, longest_side: int | None = None, patience: Patience = PATIENCE, surroundings: Surroundings = SURROUNDINGS) -> None:
        """Take the address; tests bring other ``surroundings``."""
        self.spec = address.shown
        self._address = address
        self._longest_side = longest_side
        self._patience = patience
        self._clock = surroundings.clock
        self._start = surroundings.start
        self._chance = surroundings.chance
        self._course = begin(self._clock.now())
        self._capture: Capture | None = None
        self._failure: SourceError | None = None
        self._number = 0
        self._size: Size | None = None
        self._zero: float | None = None
        self._last_time: float | None = None
        self._given = 0
        self._dropped = 0
        self._closed = False

    @property
    def size(self) -> Size:
        """The picture's size; raises ``SourceError`` before the first frame."""
        if self._size is None:
            raise SourceError("source.no-picture-yet", self.spec, "its size is not known before the first picture", "Wait for the first picture.")
        return self._size

    @property
    def health(self) -> Health:
        """The state now, why, and the frames given and dropped over all connections."""
        course = self._course
        return Health(course.state, course.reason, self._given, self._dropped, max(0, course.opens - 1))

    def frames(self) -> Iterator[Frame | None]:
        """Yield the newest frame, or ``None`` twice a second while there is none; raise ``SourceError`` when trying again cannot help."""
        yielded_at = self._clock.now()
        while not self._closed:
            frame = self._step()
            if self._failure is not None:
                raise self._failure
            if frame is not None or self._clock.now() - yielded_at >= SILENCE_S:
                yield frame
                yielded_at = self._clock.now()

    def close(self) -> None:
        """Kill the capture; safe to call twice."""
        self._closed = True
        self._kill()

    def __enter__(self) -> Self:
        """Return the source."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close the source."""
        self.close()

    def _step(self) -> Frame | None:
        """Wait a moment, fold what happened into the course, and return a new frame if there is one."""
        if self._capture is None:
            self._advance(Tick(self._clock.now()))
            if self._capture is None:
                self._clock.sleep(TICK_S)
            return None
        arrival = self._capture.take(self._number)
        if arrival is None:
            self._capture.wait(TICK_S)
            arrival = self._capture.take(self._number)
        if arrival is not None:
            return self._delivered(arrival)
        self._hear(self._capture)
        return None

    def _hear(self, capture: Capture) -> None:
        error = capture.ended()
        if error is None:
            self._advance(Tick(self._clock.now()))
            return
        final = error.code in FINAL_CODES
        self._failure = error if final else None
        self._advance(Ended(self._clock.now(), error.problem, final=final))

    def _delivered(self, arrival: Arrival) -> Frame:
        frame = arrival.frame
        self._dropped += arrival.number - self._number - 1
        self._number = arrival.number
        self._given += 1
        self._size = self._size or frame.size
        self._zero = arrival.arrived - frame.time if self._zero is None else self._zero
        self._last_time = frame.time
        self._advance(Picture(self._clock.now()))
        return frame

    def _advance(self, event: Event) -> None:
        self._course, action = advance(self._course, event, self._chance(), self._patience)
        if action is Action.KILL:
            self._kill()
        elif action is Action.OPEN:
            self._number = 0
            self._capture = self._start(self._order())

    def _order(self) -> CaptureOrder:
        return CaptureOrder(self._address, self._longest_side, self._size, self._zero, self._last_time)

    def _kill(self) -> None:
        if self._capture is not None:
            self._capture.kill()
            self._capture = None
