"""Dwell histograms and heat grids by the hour: written as each run reports them, read as sums over runs and hours."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import select

from consentry.statistics.places import CameraPlaces, run_number
from consentry.statistics.records import DwellHour, HeatHour
from consentry.statistics.rules import MINUTE
from consentry.statistics.upserts import put

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from sqlalchemy.orm import Session

    from consentry.counting.messages import HourReport
    from consentry.statistics.model import Span

__all__ = ["dwell_counts", "heat_seconds", "put_hour"]

_STORED = np.dtype("<i4")


def put_hour(session: Session, camera: str, report: HourReport) -> None:
    """Keep what a run has seen of an hour, in the place of what it reported of that hour before."""
    hour = report.start // MINUTE
    places = CameraPlaces(session, camera, hour)
    run = run_number(session, places.camera, report.run)
    for area in report.areas:
        counts = np.array(area.dwell, _STORED).tobytes()
        put(session, DwellHour, {"hour": hour, "area": places.area(area.id), "run": run, "counts": counts})
    if any(report.seconds):
        seconds = zlib.compress(np.array(report.seconds, _STORED).tobytes())
        grid = {"height": report.rows, "width": report.columns, "seconds": seconds}
        put(session, HeatHour, {"hour": hour, "camera": places.camera, "run": run, **grid})


def dwell_counts(session: Session, area: int, span: Span) -> Sequence[int]:
    """Return how many visits that ended in a span lasted how long, one count a bucket; empty where none was reported."""
    rows = session.scalars(select(DwellHour.counts).where(DwellHour.hour >= span.start, DwellHour.hour < span.end, DwellHour.area == area))
    runs = [np.frombuffer(row, _STORED).tolist() for row in rows]
    return [sum(bucket) for bucket in zip(*runs, strict=True)]


def heat_seconds(session: Session, camera: int, span: Span) -> tuple[int, NDArray[np.int64] | None]:
    """Return (hours, seconds of presence per cell: int64 [rows, columns]) of a span; None where nobody was.

    A camera whose picture changed its shape has grids of several shapes; those of the newest shape count.
    """
    where = (HeatHour.hour >= span.start, HeatHour.hour < span.end, HeatHour.camera == camera)
    total: NDArray[np.int64] | None = None
    hours: set[int] = set()
    for row in session.scalars(select(HeatHour).where(*where).order_by(HeatHour.hour).execution_options(yield_per=256)):
        grid = np.frombuffer(zlib.decompress(row.seconds), _STORED).reshape(row.height, row.width).astype(np.int64)
        if total is None or total.shape != grid.shape:
            total, hours = np.zeros_like(grid), set()
        total += grid
        hours.add(row.hour)
    return len(hours), total
