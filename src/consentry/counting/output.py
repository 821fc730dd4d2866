"""Writes a count into a folder: figures as CSV and JSON, grids as arrays and pictures."""

from __future__ import annotations

import io
import json
import os
from typing import TYPE_CHECKING

import cv2
import numpy as np

from consentry.counting.folds import line_totals
from consentry.counting.pictures import flow_picture, heat_picture
from consentry.counting.report import as_csv, as_document
from consentry.platform.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from consentry.counting.counter import Counter
    from consentry.counting.report import CountReport
    from consentry.video.model import Size

__all__ = ["prepare_folder", "write_count"]


def prepare_folder(folder: Path) -> None:
    """Make ``folder``, before an hour of counting rather than after it.

    Raises:
        InputError: ``count.out`` when it cannot be made or written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(folder, error) from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise InputError("count.out", str(folder), "this folder is not writable", "Choose another --out.")


def write_count(folder: Path, report: CountReport, counter: Counter, size: Size) -> None:
    """Write ``counts.csv``, ``counts.json``, ``heat.npy`` (float64 [rows, columns], seconds), ``heat.png`` and ``flow.png``.

    Raises:
        InputError: ``count.out`` when a file cannot be written.
    """
    grid = io.BytesIO()
    np.save(grid, counter.heat.seconds)
    files = {
        "counts.csv": _utf8(as_csv(report)),
        "counts.json": _utf8(json.dumps(as_document(report), ensure_ascii=False, indent=1)),
        "heat.npy": grid.getvalue(),
        "heat.png": _png(heat_picture(counter.heat, counter.plan, size)),
        "flow.png": _png(flow_picture(counter.heat, counter.plan, size, line_totals(report.log))),
    }
    for name, content in files.items():
        try:
            # Renamed when whole, so that nobody reads half a file.
            part = folder / f".{name}.part"
            part.write_bytes(content)
            part.replace(folder / name)
        except OSError as error:
            raise _unwritable(folder / name, error) from None


def _utf8(text: str) -> bytes:
    # The name of a source is bytes, and some are not UTF-8: they appear as JSON escapes.
    return text.encode(errors="backslashreplace")


def _png(picture: NDArray[np.uint8]) -> bytes:
    return cv2.imencode(".png", picture)[1].tobytes()


def _unwritable(path: Path, error: OSError) -> InputError:
    return InputError("count.out", str(path), f"it cannot be written ({(error.strerror or 'unknown cause').lower()})", "Choose another --out.")
