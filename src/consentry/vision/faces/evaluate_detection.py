"""Scores a face detector against pictures whose faces are annotated: recall by size and precision. Pure but for reading the annotations.

Matching is one to one: the detections of a picture, best first, each take the free annotated box that they overlap most, at an intersection
over union of 0.4 or more. ``precision`` speaks of faces at least 8 pixels wide, as ``recall_8px`` does: a detection that matches an annotated face
narrower than that or lies over one, or that is itself narrower and matches nothing, is neither right nor wrong in it (the convention of COCO for
ranges of size, Lin et al. 2014, arXiv:1405.0312). ``precision_all_sizes`` counts every detection: with a face it is right, without it wrong.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from consentry.platform.errors import DatasetError
from consentry.vision.boxes import containments, overlaps

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from consentry.vision.faces.model import Faces

__all__ = ["EDGES", "SMALLEST", "DetectionScores", "PictureMatch", "SizeRow", "as_document", "interval", "matched", "missed", "read_boxes", "scored"]

LEAST_OVERLAP = 0.4
"""Of a match: annotators of faces of 10 pixels differ by a pixel or two themselves."""
SMALLEST = 8
"""Width in pixels from which a face counts in ``recall_8px`` and in the precision."""
COVERED = 0.5
"""A detection lies over a small annotated face where it shares this much of the smaller of the two boxes."""
EDGES = (0, SMALLEST, 16, 32, 64, float("inf"))
_Z = 1.959964
"""Two-sided 95 % of the normal distribution."""


@dataclass(frozen=True, slots=True, eq=False)
class PictureMatch:
    """One picture. ``widths``: float32 [N], pixels, of its annotated faces; ``found``: bool [N].

    ``wrong``: detections without a face that speak of faces ``SMALLEST`` pixels wide; ``unmatched``: these and the smaller ones.
    ``acquired``: False where the picture could not be decoded.
    """

    widths: NDArray[np.float32]
    found: NDArray[np.bool_]
    wrong: int
    unmatched: int
    acquired: bool = True


@dataclass(frozen=True, slots=True)
class SizeRow:
    """Faces with a width from ``low`` to below ``high`` pixels (None: any): how many are annotated and how many were found."""

    low: int
    high: int | None
    boxes: int
    found: int

    @property
    def recall(self) -> float | None:
        """Share of faces found; None where there are none."""
        return self.found / self.boxes if self.boxes else None


@dataclass(frozen=True, slots=True)
class DetectionScores:
    """All pictures together, ``failed`` of which could not be decoded; ``wrong`` and ``unmatched`` as in ``PictureMatch``."""

    images: int
    failed: int
    by_size: tuple[SizeRow, ...]
    wrong: int
    unmatched: int

    @property
    def all_sizes(self) -> SizeRow:
        """Every annotated face."""
        return _total(self.by_size)

    @property
    def counted_sizes(self) -> SizeRow:
        """The faces at least ``SMALLEST`` pixels wide."""
        return _total(row for row in self.by_size if row.low >= SMALLEST)

    @property
    def detections(self) -> int:
        """Detections that are right or wrong."""
        return self.counted_sizes.found + self.wrong

    @property
    def precision(self) -> float | None:
        """Share of these that are right; None where there are none."""
        return self.counted_sizes.found / self.detections if self.detections else None

    @property
    def precision_all_sizes(self) -> float | None:
        """Share of all detections that have an annotated face of any size; None where there are none."""
        detections = self.all_sizes.found + self.unmatched
        return self.all_sizes.found / detections if detections else None


def read_boxes(path: Path) -> dict[str, NDArray[np.float32]]:
    """Read annotated faces: a JSON object of picture names, each with ``[[x1, y1, x2, y2], ...]`` in pixels; float32 [N, 4] by name.

    Boxes without an area, which some sets use for faces that nobody can see, are left out.

    Raises:
        DatasetError: ``dataset.missing`` or ``dataset.boxes``.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
        with np.errstate(over="ignore"):  # what float32 cannot hold becomes infinite, and is refused as such
            return {str(name): _with_area(np.asarray(boxes, np.float32).reshape(-1, 4)) for name, boxes in document.items()}
    except OSError as error:
        raise DatasetError("dataset.missing", str(path), f"it cannot be read ({(error.strerror or 'unknown cause').lower()})", "Check the path.") from None
    except (ValueError, TypeError, AttributeError, RecursionError):
        mend = 'For example: {"crowd.jpg": [[29, 401, 58, 437]]}'
        raise DatasetError("dataset.boxes", str(path), "it is not a JSON object of pictures with boxes x1 y1 x2 y2", mend) from None


def matched(boxes: NDArray[np.float32], faces: Faces) -> PictureMatch:
    """Match the ``faces`` found in a picture (best first) to its annotated ``boxes`` (float32 [N, 4], pixels)."""
    widths = boxes[:, 2] - boxes[:, 0]
    partners = _partners(overlaps(faces.boxes, boxes))
    unmatched = faces.boxes[partners < 0]
    over_small = np.any(containments(unmatched, boxes[widths < SMALLEST]) >= COVERED, axis=1)
    wide = unmatched[:, 2] - unmatched[:, 0] >= SMALLEST
    found = np.isin(np.arange(len(boxes)), partners)
    return PictureMatch(widths, found, int(np.sum(wide & ~over_small)), len(unmatched))


def missed(boxes: NDArray[np.float32]) -> PictureMatch:
    """Return the match of a picture that could not be decoded: none of its annotated ``boxes`` is found."""
    return PictureMatch(boxes[:, 2] - boxes[:, 0], np.zeros(len(boxes), np.bool_), 0, 0, acquired=False)


def scored(pictures: Iterable[PictureMatch]) -> DetectionScores:
    """Add up the matches of all pictures."""
    every = list(pictures)
    widths = np.concatenate([np.zeros(0, np.float32), *(picture.widths for picture in every)])
    found = np.concatenate([np.zeros(0, bool), *(picture.found for picture in every)])
    rows = tuple(_row(widths, found, low, high) for low, high in pairwise(EDGES))
    failed = sum(not picture.acquired for picture in every)
    return DetectionScores(len(every), failed, rows, sum(picture.wrong for picture in every), sum(picture.unmatched for picture in every))


def interval(hits: int, total: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval of the share ``hits`` of ``total`` (E. B. Wilson 1927, JASA 22:209); 0 to 1 without any."""
    if total == 0:
        return 0.0, 1.0
    share, weight = hits / total, _Z**2 / total
    middle = (share + weight / 2) / (1 + weight)
    reach = sqrt(share * (1 - share) * weight + weight**2 / 4) / (1 + weight)
    return max(middle - reach, 0.0), min(middle + reach, 1.0)


def as_document(scores: DetectionScores) -> Mapping[str, Any]:
    """Return what ``consentry evaluate detection --json`` prints."""
    counted = scores.counted_sizes
    return {
        "images": scores.images,
        "failed_to_acquire": scores.failed,
        "boxes": scores.all_sizes.boxes,
        "recall": _rounded(scores.all_sizes.recall),
        "recall_8px": _rounded(counted.recall),
        "precision": _rounded(scores.precision),
        "precision_all_sizes": _rounded(scores.precision_all_sizes),
        "by_size": [{"from": row.low, "to": row.high, "boxes": row.boxes, "found": row.found, "recall": _rounded(row.recall)} for row in scores.by_size],
        "intervals": {
            "recall_8px": [round(bound, 6) for bound in interval(counted.found, counted.boxes)],
            "precision": [round(bound, 6) for bound in interval(counted.found, scores.detections)],
        },
    }


def _partners(table: NDArray[np.float32]) -> NDArray[np.intp]:
    """Return for each detection (a row of the overlaps, best first) the box that it takes, or -1."""
    free = np.ones(table.shape[1], bool)
    partners = np.full(len(table), -1, np.intp)
    for index, row in enumerate(table):
        left = np.where(free, row, 0)
        best = int(left.argmax()) if left.size else 0
        if left.size and left[best] >= LEAST_OVERLAP:
            partners[index] = best
            free[best] = False
    return partners


def _row(widths: NDArray[np.float32], found: NDArray[np.bool_], low: float, high: float) -> SizeRow:
    within = (widths >= low) & (widths < high)
    return SizeRow(int(low), None if high == float("inf") else int(high), int(within.sum()), int(found[within].sum()))


def _total(rows: Iterable[SizeRow]) -> SizeRow:
    every = list(rows)
    return SizeRow(every[0].low, every[-1].high, sum(row.boxes for row in every), sum(row.found for row in every))


def _with_area(boxes: NDArray[np.float32]) -> NDArray[np.float32]:
    if not np.all(np.isfinite(boxes)):
        raise ValueError
    return boxes[np.all(boxes[:, 2:] > boxes[:, :2], axis=1)]


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 6)
