"""Counting error against true counts: reads a manifest of clips and lines, counts each clip, compares per line and direction."""

from __future__ import annotations

import json
from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING, Any

from consentry.counting.counter import Plan
from consentry.counting.folds import line_totals
from consentry.counting.model import Line, Point
from consentry.platform.errors import DatasetError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from consentry.counting.folds import EventLog

__all__ = ["ClipResult", "Evaluation", "LineResult", "TrueClip", "compare", "error_interval", "read_manifest", "summarise"]

_FORM = 'Give {"clips": [{"file": NAME, "lines": [{"id", "from": [x, y], "to": [x, y], "truth": {"in", "out"}}]}]}.'
_Z95 = 1.959964


@dataclass(frozen=True, slots=True)
class TrueClip:
    """A clip (a video file or a folder of pictures), its lines, and the true counts of each: line id to (in, out)."""

    path: Path
    plan: Plan
    truth: dict[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class LineResult:
    """One line's true and counted crossings, each (in, out)."""

    id: str
    truth: tuple[int, int]
    counted: tuple[int, int]

    @property
    def error(self) -> int:
        """The sum of the absolute differences of both directions: misses and false counts do not cancel."""
        return sum(abs(true - found) for true, found in zip(self.truth, self.counted, strict=True))


@dataclass(frozen=True, slots=True)
class ClipResult:
    """One clip's lines."""

    file: str
    lines: tuple[LineResult, ...]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Everything measured. ``error_rate`` is ``absolute_error`` over ``total`` true crossings; ``interval`` its 95 % interval."""

    clips: tuple[ClipResult, ...]
    absolute_error: int
    total: int
    error_rate: float
    interval: tuple[float, float]


def read_manifest(path: Path, folder: Path | None = None) -> list[TrueClip]:
    """Read a manifest of true counts; clips are looked for in ``folder``, or beside the manifest.

    Raises:
        DatasetError: ``dataset.missing``, ``dataset.manifest`` or ``dataset.clip``.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
        clips = [_clip(entry, folder or path.parent) for entry in document["clips"]]
    except OSError as error:
        raise DatasetError("dataset.missing", str(path), f"it cannot be read ({(error.strerror or 'unknown cause').lower()})", _FORM) from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise DatasetError("dataset.manifest", str(path), f"it is no manifest of true counts ({_cause(error)})", _FORM) from None
    if not clips:
        raise DatasetError("dataset.manifest", str(path), "it names no clip", _FORM)
    if not any(sum(pair) for clip in clips for pair in clip.truth.values()):
        raise DatasetError("dataset.manifest", str(path), "nobody crosses in it, so there is no error rate", "Add a clip in which people cross a line.")
    missing = next((clip.path for clip in clips if not clip.path.exists()), None)
    if missing:
        raise DatasetError("dataset.clip", str(missing), "this clip of the manifest is not there", "Say where the clips are: --clips DIR.")
    return clips


def _clip(entry: dict[str, Any], folder: Path) -> TrueClip:
    lines = tuple(Line(str(line["id"]), _point(line["from"]), _point(line["to"])) for line in entry["lines"])
    truth = {str(line["id"]): (_true_count(line["truth"]["in"]), _true_count(line["truth"]["out"])) for line in entry["lines"]}
    if len(truth) != len(lines) or not lines:
        message = "each clip needs lines of different ids"
        raise ValueError(message)
    return TrueClip(folder / entry["file"], Plan(lines), truth)


def _true_count(count: object) -> int:
    if type(count) is not int or count < 0:
        message = f"{count!r} is no number of people"
        raise ValueError(message)
    return count


def _point(pair: Sequence[float]) -> Point:
    x, y = pair
    return Point(float(x), float(y))


def _cause(error: Exception) -> str:
    return f"{error.args[0]!r} is missing" if isinstance(error, KeyError) else str(error)


def compare(clip: TrueClip, log: EventLog) -> ClipResult:
    """Set a clip's counts beside the truth."""
    return ClipResult(clip.path.name, tuple(LineResult(line.id, clip.truth[line.id], (line.entered, line.left)) for line in line_totals(log)))


def summarise(clips: Sequence[ClipResult]) -> Evaluation:
    """Sum the errors of all clips."""
    error = sum(line.error for clip in clips for line in clip.lines)
    total = sum(sum(line.truth) for clip in clips for line in clip.lines)
    return Evaluation(tuple(clips), error, total, error / total if total else 0.0, error_interval(error, total))


def error_interval(error: int, total: int) -> tuple[float, float]:
    """Return the 95 % Wilson score interval of ``error`` wrong ones among ``total`` crossings (E. B. Wilson, 1927).

    Crossings are taken as independent trials; lines over one scene share people, so the true interval is wider.
    """
    if total == 0:
        return (0.0, 1.0)
    rate = min(1.0, error / total)
    centre = rate + _Z95**2 / (2 * total)
    spread = _Z95 * sqrt(rate * (1 - rate) / total + _Z95**2 / (4 * total**2))
    scale = 1 + _Z95**2 / total
    # More errors than crossings are no proportion any more; the interval still holds the rate.
    return (max(0.0, (centre - spread) / scale), max(error / total, min(1.0, (centre + spread) / scale)))
