"""Sources without a camera, for tests of whatever reads sources. They keep the contract of ``FrameSource``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from consentry.platform.errors import SourceError
from consentry.video.address import Address, Kind
from consentry.video.live import LiveSource, Surroundings
from consentry.video.model import Frame, Health, Size, SourceState
from consentry.video.slot import Arrival

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import TracebackType
    from typing import Self

    from consentry.video.order import CaptureOrder

__all__ = ["FakeCamera", "FakeCapture", "FakeClock", "FakeSource"]


class FakeSource:
    """Gives the frames it was given: a recording, or a live source that afterwards stays silent until it is closed."""

    warnings: tuple[str, ...] = ()

    def __init__(self, given: Sequence[Frame | None], *, spec: str = "fake", live: bool = False) -> None:
        """Take frames in order of time; ``None`` among them is a moment without a new frame, which only a live source has."""
        self.spec = spec
        self.live = live
        self._given = tuple(given)
        self._pictures = [frame for frame in given if frame is not None]
        self._health = Health(SourceState.CONNECTING, "not read yet")
        self._closed = False

    @property
    def size(self) -> Size:
        """The size of the first frame; raises ``SourceError`` when there is none."""
        if not self._pictures:
            raise SourceError("source.no-picture-yet", self.spec, "its size is not known before the first picture", "Wait for the first picture.")
        return self._pictures[0].size

    @property
    def duration(self) -> float | None:
        """The time of the last frame of a recording."""
        return None if self.live or not self._pictures else self._pictures[-1].time

    @property
    def health(self) -> Health:
        """The state, and the frames given."""
        return self._health

    def frames(self) -> Iterator[Frame | None]:
        """Yield what was given, then end, or be silent if live."""
        count = 0
        for frame in self._given:
            if self._closed:
                return
            count += frame is not None
            self._health = Health(SourceState.LIVE, "reading", frames=count)
            yield frame
        while self.live and not self._closed:
            self._health = Health(SourceState.STALLED, "no more frames were given", frames=count)
            yield None
        if not self._closed:
            self._health = Health(SourceState.ENDED, "read to its end", frames=count)

    def close(self) -> None:
        """Stop; safe to call twice."""
        self._closed = True

    def __enter__(self) -> Self:
        """Return the source."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close the source."""
        self.close()


class FakeClock:
    """A clock that only goes on when somebody sleeps on it."""

    def __init__(self) -> None:
        """Begin at 1000 seconds, for no clock of a machine begins at 0."""
        self._now = 1000.0

    def now(self) -> float:
        """Return the seconds."""
        return self._now

    def sleep(self, seconds: float) -> None:
        """Let ``seconds`` pass at once."""
        self._now += seconds


class FakeCamera:
    """A camera that gives a picture every ``interval`` seconds of a fake clock; tests silence it, break it and mend it."""

    def __init__(self, *, interval: float = 0.1, size: Size | None = None) -> None:
        """Begin giving pictures."""
        self.clock = FakeClock()
        self.interval = interval
        self.size = size or Size(32, 24)
        self.silent = False
        self.failure: SourceError | None = None
        self.captures: list[FakeCapture] = []

    def start(self, order: CaptureOrder) -> FakeCapture:
        """Connect; only one capture may run at a time."""
        if any(not capture.killed for capture in self.captures):
            message = "the capture before was not killed"
            raise AssertionError(message)
        self.captures.append(FakeCapture(self, order))
        return self.captures[-1]

    def source(self, spec: str = "fake") -> LiveSource:
        """Return a live source that follows this camera, with the life-cycle of a real one."""
        return LiveSource(Address(Kind.RTSP, spec, spec), surroundings=Surroundings(self.clock, self.start, lambda: 0.0))


class FakeCapture:
    """One connection to a ``FakeCamera``."""

    def __init__(self, camera: FakeCamera, order: CaptureOrder) -> None:
        """Connect now."""
        self.killed = False
        self._camera = camera
        self._zero = camera.clock.now() if order.zero is None else order.zero
        self._due = camera.clock.now()
        self._number = 0

    def wait(self, seconds: float) -> None:
        """Let time pass to the next picture, or ``seconds`` when none comes sooner."""
        clock = self._camera.clock
        clock.sleep(seconds if self._camera.silent else min(seconds, max(0.001, self._due - clock.now())))

    def take(self, after: int) -> Arrival | None:
        """Return the newest picture, as many numbers on as were due."""
        now = self._camera.clock.now()
        while not self._camera.silent and self._camera.failure is None and now >= self._due:
            self._number += 1
            self._due += self._camera.interval
        if self._number <= after:
            return None
        size = self._camera.size
        return Arrival(self._number, now, Frame(np.full((size.height, size.width, 3), self._number % 256, np.uint8), now - self._zero, size))

    def ended(self) -> SourceError | None:
        """Return the camera's failure, if any."""
        return self._camera.failure

    def kill(self) -> None:
        """End the connection."""
        self.killed = True
