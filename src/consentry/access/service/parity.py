"""How long each way through the doors takes, from what the doors told: nobody who shows no face is to wait longer for it (R62)."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from sqlalchemy import select

from consentry.access.happenings import WaysReport, WayTime
from consentry.access.model import AccessEvent, ReaderKind
from consentry.access.records.events import EventRow
from consentry.access.rules.parity import parity
from consentry.ledger.work import reading
from consentry.platform.actors import Permission, permits
from consentry.platform.errors import InputError

if TYPE_CHECKING:
    from datetime import datetime

    from consentry.platform.actors import Actor
    from consentry.platform.site import Site

__all__ = ["parity_report"]


@permits(Permission.VIEW_DOORS)
def parity_report(site: Site, actor: Actor, since: datetime, until: datetime) -> WaysReport:  # noqa: ARG001 - the guard reads the actor
    """Return the median seconds between first read and release by way, of everybody who was let in from ``since`` to before ``until``.

    Raises:
        InputError: ``access.span`` where it is empty.
    """
    if since >= until:
        raise InputError("access.span", "span", "it is empty", "Let it end after it begins.")
    told = select(EventRow.reader, EventRow.took_ms).where(EventRow.kind == AccessEvent.GRANTED, EventRow.at >= since, EventRow.at < until)
    took = defaultdict[ReaderKind, list[float]](list)
    with reading(site) as work:
        for reader, milliseconds in work.session.execute(told):
            if reader is not None and milliseconds is not None:
                took[ReaderKind(reader)].append(milliseconds / 1000)
    found = parity(took)
    ways = tuple(WayTime(one.reader, one.passages, one.median_s) for one in found.ways)
    return WaysReport(since, until, ways, found.slowest.reader if found.slowest else None, found.holds)
