"""What a redaction reports."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Sound", "Step", "Summary"]


class Sound(StrEnum):
    """What became of the sound: there was none, or it was dropped or kept."""

    NONE = "none"
    DROPPED = "dropped"
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class Step:
    """How far a redaction is: ``part`` of the work in words, and the ``share`` of it that is done, 0 to 1 (None: unknown)."""

    part: str
    share: float | None


@dataclass(frozen=True, slots=True)
class Summary:
    """What was done.

    ``faces``: areas covered, over all frames; ``filled``: those among them that no detector saw in their frame but a track fills;
    ``tracks``: faces followed through a recording, or found in a picture; ``warnings``: what was wrong with the file.
    """

    frames: int
    faces: int
    filled: int
    tracks: int
    detector: str
    sound: Sound
    warnings: tuple[str, ...] = ()
