"""How long each way through the doors takes, from what the doors told: nobody who shows no face is to wait longer for it (R62)."""

from __future__ import annotations

from collections import defaultdict
from statistics import median
from typing import TYPE_CHECKING

from sqlalchemy import select

from consentry.access.happenings import WaysReport, WayTime
from consentry.access.model import AccessEvent, ReaderKind
from consentry.access.records.events import EventRow
from consentry.ledger.work import reading
from consentry.platform.actors import Permission, permits
from consentry.platform.errors import InputError

if TYPE_CHECKING:
    from datetime import datetime

    from consentry.platform.actors import Actor
    from consentry.platform.site import Site

__all__ = ["parity_report"]

_LONGER_BY, _LONGER_S = 1.2, 2.0
"""The slowest way that is no face may take a fifth longer than the face, or two seconds."""


@permits(Permission.VIEW_DOORS)
def parity_report(site: Site, actor: Actor, since: datetime, until: datetime) -> WaysReport:  # noqa: ARG001 - the guard reads the actor
    """Return the median seconds between first read and release by way, of everybody who was let in from ``since`` to before ``until``.

    Raises:
        InputError: ``access.span`` where it is empty.
    """
    if since >= until:
        raise InputError("access.span", "span", "it is empty", "Let it end after it begins.")
    took = defaultdict[ReaderKind, list[int]](list)
    told = select(EventRow.reader, EventRow.took_ms).where(EventRow.kind == AccessEvent.GRANTED, EventRow.at >= since, EventRow.at < until)
    with reading(site) as work:
        for reader, milliseconds in work.session.execute(told.where(EventRow.reader.is_not(None), EventRow.took_ms.is_not(None))):
            took[ReaderKind(reader)].append(milliseconds)
    ways = tuple(WayTime(way, len(all_of_it), median(all_of_it) / 1000) for way, all_of_it in sorted(took.items()))
    return _report(since, until, ways)


def _report(since: datetime, until: datetime, ways: tuple[WayTime, ...]) -> WaysReport:
    face = next((way for way in ways if way.way is ReaderKind.FACE), None)
    slowest = max((way for way in ways if way.way is not ReaderKind.FACE), key=lambda way: way.median_s, default=None)
    holds = None
    if face is not None and slowest is not None:
        holds = slowest.median_s <= max(face.median_s * _LONGER_BY, face.median_s + _LONGER_S)
    return WaysReport(since, until, ways, slowest.way if slowest else None, holds)
