"""Tracking quality on sequences in MOTChallenge format, measured by the public library TrackEval.

A sequence is a folder with ``gt.txt`` and ``det.txt`` (or ``gt/gt.txt`` and ``det/det.txt``): comma-separated rows of frame, id, left, top,
width, height, confidence. HOTA: Luiten et al., 2021. CLEAR (MOTA): Bernardin and Stiefelhagen, 2008. IDF1: Ristani et al., 2016.
"""

from __future__ import annotations

import configparser
import contextlib
import io
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from consentry.counting.tracker import Tracker
from consentry.platform.errors import DatasetError, MissingPartError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    Rows = NDArray[np.float64]

__all__ = ["Sequence", "TrackingScores", "find_sequences", "read_sequence", "score", "track"]

_MOT15_RATES = {"PETS09-S2L1": 7.0, "TUD-Campus": 25.0, "TUD-Stadtmitte": 25.0}
"""Frames per second of sequences often passed on without their ``seqinfo.ini`` (MOTChallenge 2015)."""
_USUAL_RATE = 25.0
_COLUMNS = 7
_LAST_FRAME = 1_000_000


@dataclass(frozen=True, slots=True)
class Sequence:
    """One sequence. ``truth`` and ``detections``: float64 [N, 7], frame, id, left, top, width, height, confidence; frames count from 1."""

    name: str
    truth: Rows
    detections: Rows
    frames_per_second: float

    @property
    def length(self) -> int:
        """The number of frames."""
        return int(max(self.truth[:, 0].max(initial=0), self.detections[:, 0].max(initial=0)))


@dataclass(frozen=True, slots=True)
class TrackingScores:
    """Scores of one sequence, 0 to 1 (MOTA may fall below 0), and the number of identity switches."""

    hota: float
    idf1: float
    mota: float
    id_switches: int


def find_sequences(folder: Path) -> list[Path]:
    """Return the sequences in ``folder`` (itself one, or a folder of them), sorted by name.

    Raises:
        DatasetError: ``dataset.missing`` when there is none.
    """
    candidates = [folder, *sorted(path for path in folder.iterdir() if path.is_dir())] if folder.is_dir() else []
    found = [path for path in candidates if _part(path, "gt") and _part(path, "det")]
    if not found:
        problem = "it holds no sequence in MOTChallenge format"
        raise DatasetError("dataset.missing", str(folder), problem, "Give a folder of folders that each hold gt.txt and det.txt.")
    return found


def read_sequence(folder: Path) -> Sequence:
    """Read one sequence. Truth rows marked as not to be evaluated (confidence 0) are left out.

    Raises:
        DatasetError: ``dataset.sequence`` when a file is not in MOTChallenge format.
    """
    folder = folder.absolute()
    truth, detections = _rows(_part(folder, "gt")), _rows(_part(folder, "det"))
    return Sequence(folder.name, truth[truth[:, 6] > 0], detections, _rate(folder))


def track(sequence: Sequence) -> Rows:
    """Run the tracker over a sequence's detections, frame by frame, and return its rows: float64 [N, 6], frame, id, left, top, width, height."""
    tracker = Tracker(sequence.name)
    numbers: dict[Any, int] = {}
    rows: list[tuple[float, ...]] = []
    for frame in range(1, sequence.length + 1):
        found = sequence.detections[sequence.detections[:, 0] == frame]
        update = tracker.update(frame / sequence.frames_per_second, _corners(found).astype(np.float32), found[:, 6].astype(np.float32))
        for track_id, (x1, y1, x2, y2) in zip(update.ids, update.boxes.tolist(), strict=True):
            rows.append((frame, numbers.setdefault(track_id, len(numbers)), x1, y1, x2 - x1, y2 - y1))
    return np.array(rows, np.float64).reshape(-1, 6)


def score(sequence: Sequence, tracked: Rows) -> TrackingScores:
    """Score tracked rows (float64 [N, 6] as :func:`track` gives them) against the truth.

    Raises:
        MissingPartError: ``part.trackeval`` when the library is not installed.
    """
    try:
        metrics = import_module("trackeval.metrics")
    except ImportError:
        mend = "Install what requirements/app.txt pins (make does), or trackeval without its dependencies."
        raise MissingPartError("part.trackeval", "evaluate tracking", "the library trackeval is not installed", mend) from None
    data = _as_trackeval(sequence, tracked)
    quiet = {"PRINT_CONFIG": False}
    with contextlib.redirect_stdout(io.StringIO()):
        hota = metrics.HOTA().eval_sequence(data)
        clear = metrics.CLEAR(quiet).eval_sequence(data)
        identity = metrics.Identity(quiet).eval_sequence(data)
    return TrackingScores(float(np.mean(hota["HOTA"])), float(identity["IDF1"]), float(clear["MOTA"]), int(clear["IDSW"]))


def _as_trackeval(sequence: Sequence, tracked: Rows) -> dict[str, Any]:
    true_ids, true_index = np.unique(sequence.truth[:, 1], return_inverse=True)
    own_ids, own_index = np.unique(tracked[:, 1], return_inverse=True)
    frames = range(1, sequence.length + 1)
    true_at = [sequence.truth[:, 0] == frame for frame in frames]
    own_at = [tracked[:, 0] == frame for frame in frames]
    return {
        "num_timesteps": sequence.length,
        "num_gt_ids": len(true_ids),
        "num_tracker_ids": len(own_ids),
        "num_gt_dets": len(sequence.truth),
        "num_tracker_dets": len(tracked),
        "gt_ids": [true_index[at] for at in true_at],
        "tracker_ids": [own_index[at] for at in own_at],
        "similarity_scores": [_overlap(_corners(sequence.truth[t]), _corners(tracked[o])) for t, o in zip(true_at, own_at, strict=True)],
    }


def _overlap(ours: Rows, theirs: Rows) -> Rows:
    low, high = np.maximum(ours[:, None, :2], theirs[None, :, :2]), np.minimum(ours[:, None, 2:], theirs[None, :, 2:])
    common = np.prod(np.maximum(high - low, 0), axis=-1)
    union = np.prod(ours[:, 2:] - ours[:, :2], axis=1)[:, None] + np.prod(theirs[:, 2:] - theirs[:, :2], axis=1)[None] - common
    overlap: Rows = common / np.maximum(union, 1e-9)
    return overlap


def _corners(rows: Rows) -> Rows:
    return np.concatenate([rows[:, 2:4], rows[:, 2:4] + rows[:, 4:6]], axis=1)


def _part(folder: Path, name: str) -> Path | None:
    return next((path for path in (folder / f"{name}.txt", folder / name / f"{name}.txt") if path.is_file()), None)


def _rows(path: Path | None) -> Rows:
    if path is None:
        raise DatasetError("dataset.sequence", "sequence", "gt.txt or det.txt is not there", "Give a folder that holds both.")
    try:
        with path.open(encoding="utf-8") as file:
            rows = [[float(cell) for cell in line.split(",")[:_COLUMNS]] for line in file if line.strip()]
    except (OSError, ValueError) as error:
        raise DatasetError("dataset.sequence", str(path), f"it is not in MOTChallenge format ({error})", "Check the file.") from None
    if not rows or any(len(row) != _COLUMNS for row in rows):
        raise DatasetError("dataset.sequence", str(path), "it is empty or has rows of fewer than seven numbers", "Check the file.")
    table = np.array(rows, np.float64)
    frames = table[:, 0]
    if not np.isfinite(table).all() or (frames != np.rint(frames)).any() or frames.min() < 1 or frames.max() > _LAST_FRAME:
        problem = f"it has a row without finite numbers or whose frame is not a whole number from 1 to {_LAST_FRAME}"
        raise DatasetError("dataset.sequence", str(path), problem, "Check the file.")
    return table


def _rate(folder: Path) -> float:
    path, info = folder / "seqinfo.ini", configparser.ConfigParser(interpolation=None)
    try:
        info.read(path, encoding="utf-8")
        rate = info.getfloat("Sequence", "frameRate", fallback=_MOT15_RATES.get(folder.name, _USUAL_RATE))
    except (configparser.Error, ValueError):
        rate = 0.0
    if not 0 < rate < float("inf"):
        raise DatasetError("dataset.sequence", str(path), "it gives no frame rate", "Write a section [Sequence] with a line such as frameRate=25.")
    return rate
