"""Nouns of the video slice: a frame, a picture's size, the state of a source."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType
    from typing import Self

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Frame", "FrameSource", "Health", "Size", "SourceState"]


@dataclass(frozen=True, slots=True)
class Size:
    """Width and height in pixels, after rotation, as a viewer would see the picture."""

    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Frame:
    """One decoded picture.

    ``image``: uint8 [h, w, 3], blue-green-red, possibly smaller than ``size``, same aspect within a pixel.
    ``time``: seconds of presentation time since the first frame of the source (since 1970 for a loop, see ``consentry.video.loop``);
    strictly increasing.
    ``size``: the picture's own size; lines and zones are given in these pixels.
    """

    image: NDArray[np.uint8]
    time: float
    size: Size


class SourceState(StrEnum):
    """Life-cycle of a source; only a file or a folder reaches ``ENDED``."""

    CONNECTING = "connecting"
    LIVE = "live"
    STALLED = "stalled"
    WAITING = "waiting"
    FAILED = "failed"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Health:
    """What a source says of itself: its state, why, and how many frames it delivered and dropped."""

    state: SourceState
    reason: str
    frames: int = 0
    dropped: int = 0
    reconnects: int = 0


class FrameSource(Protocol):
    """Gives the frames of a file, a folder or a camera; a context manager that closes itself.

    ``spec`` is the address as it may be shown: never with a password. ``live`` tells a camera from a recording.
    """

    @property
    def spec(self) -> str:
        """The source as it may be shown and logged."""
        ...

    @property
    def live(self) -> bool:
        """Whether frames arrive in real time; then ``frames`` drops old ones and may yield ``None``."""
        ...

    @property
    def size(self) -> Size:
        """The picture's own size; a live source raises ``SourceError`` before its first frame."""
        ...

    @property
    def duration(self) -> float | None:
        """Seconds of presentation time, an estimate for progress bars; ``None`` when unknown."""
        ...

    @property
    def health(self) -> Health:
        """The state now, with its reason in words."""
        ...

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was wrong without stopping the source: a cut-off end, damaged parts, repaired timestamps."""
        ...

    def frames(self) -> Iterator[Frame | None]:
        """Yield frames in order of presentation, once.

        A file or folder yields every frame and never ``None``. A live source yields the newest frame, or ``None``
        at least once a second while there is none, and ends only after ``close``. Raises ``SourceError``.
        """
        ...

    def close(self) -> None:
        """Release everything; safe to call twice."""
        ...

    def __enter__(self) -> Self:
        """Return the source."""
        ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close the source."""
        ...
