"""Nouns of the video slice: a frame, a picture's size, the state of a source."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Frame", "Health", "Size", "SourceState"]


@dataclass(frozen=True, slots=True)
class Size:
    """Width and height in pixels, after rotation, as a viewer would see the picture."""

    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Frame:
    """One decoded picture.

    ``image``: uint8 [h, w, 3], blue-green-red, possibly smaller than ``size``, same aspect within a pixel.
    ``time``: seconds of presentation time since the first frame of the source; strictly increasing.
    ``size``: the picture's own size; lines and zones are given in these pixels.
    """

    image: NDArray[np.uint8]
    time: float
    size: Size


class SourceState(StrEnum):
    """Life-cycle of a source."""

    CONNECTING = "connecting"
    LIVE = "live"
    STALLED = "stalled"
    WAITING = "waiting"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Health:
    """What a source says of itself: its state, why, and how many frames it delivered and dropped."""

    state: SourceState
    reason: str
    frames: int = 0
    dropped: int = 0
    reconnects: int = 0
