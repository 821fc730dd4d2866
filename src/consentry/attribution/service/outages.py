"""When nothing could be received: noticed by the server from its own heartbeat, or logged by staff with a reason. The judge then leaves it to people."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from consentry.attribution import model
from consentry.attribution.records.visits import HeartbeatRow, OutageRow
from consentry.attribution.visiting import OutageCause, OutageSpan
from consentry.attribution.work import ITSELF, PURPOSE
from consentry.ledger.model import Act
from consentry.ledger.work import reading, writing
from consentry.platform.actors import Permission, permits
from consentry.platform.errors import InputError
from consentry.platform.ids import new_id
from consentry.staff.rules import stated

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from consentry.ledger.work import UnitOfWork
    from consentry.platform.actors import Actor
    from consentry.platform.site import Site

__all__ = ["BEAT_EVERY", "LONGEST_OUTAGE", "SILENT_AFTER", "beat", "log_outage", "outage_events", "outages"]

BEAT_EVERY = timedelta(seconds=15)
SILENT_AFTER = timedelta(seconds=60)
"""Without a heartbeat for so long, the server could not receive."""
LONGEST_OUTAGE = timedelta(days=7)
"""Staff log outages of at most a week: whatever lasts longer is no outage of the log but a closed office."""
_BEFORE = timedelta(days=31)
"""How far back staff can log one."""
_ONLY = 1
_NOTICED = "no heartbeat of the server"


def beat(site: Site) -> None:
    """Note that the server can receive; where it could not for longer than ``SILENT_AFTER``, put down that outage. A job of every ``BEAT_EVERY``."""
    if not site.settings.projects:
        return
    with writing(site) as work:
        row = work.session.get(HeartbeatRow, _ONLY)
        if row is None:
            work.session.add(HeartbeatRow(id=_ONLY, at=work.now))
            return
        if work.now - row.at > SILENT_AFTER:
            _add(work, row.at, work.now, OutageCause.PROCESS, _NOTICED, ITSELF.label)
        # A clock that was set back hides no outage that follows.
        row.at = work.now


@permits(Permission.MANAGE_AGENCIES)
def log_outage(site: Site, actor: Actor, start: datetime, until: datetime, reason: str) -> OutageSpan:
    """Log that nothing could be received from ``start`` to ``until``, such as when the office had no power. It stays on record as logged by a person.

    Raises:
        InputError: ``outage.span`` where it is empty, longer than a week, not over yet or over for long; ``input.text`` without a reason.
    """
    why = stated(reason, longest=300)
    with writing(site) as work:
        if not (start < until <= work.now and until - start <= LONGEST_OUTAGE and start >= work.now - _BEFORE):
            mend = "Log it when it is over, within a month, in parts of at most a week."
            raise InputError("outage.span", "outage", "it is empty, too long, too long ago, or not over", mend)
        return _shown(_add(work, start, until, OutageCause.LOGGED, why, actor.label))


@permits(Permission.VIEW_ATTRIBUTION)
def outages(site: Site, actor: Actor, limit: int = 200) -> list[OutageSpan]:  # noqa: ARG001 - the guard reads the actor
    """Return the newest outages, newest first."""
    with reading(site) as work:
        return [_shown(row) for row in work.session.scalars(select(OutageRow).order_by(OutageRow.until.desc(), OutageRow.id).limit(limit))]


def outage_events(session: Session) -> list[model.Outage]:
    """Return the outages for the judge, oldest first."""
    return [model.Outage(row.start, row.until, row.id) for row in session.scalars(select(OutageRow).order_by(OutageRow.start, OutageRow.id))]


def _add(work: UnitOfWork, start: datetime, until: datetime, cause: OutageCause, reason: str, label: str) -> OutageRow:  # noqa: PLR0913, PLR0917 - a row
    name = new_id(work.now)
    details = {"from": start.isoformat(), "until": until.isoformat(), "cause": cause.value}
    entry = work.record(Act(label, "attribution.outage", f"outage:{name}", PURPOSE, reason, details))
    row = OutageRow(id=name, start=start, until=until, cause=cause, reason=reason, by=label, logged=work.now, entry=entry)
    work.session.add(row)
    return row


def _shown(row: OutageRow) -> OutageSpan:
    return OutageSpan(row.id, row.start, row.until, OutageCause(row.cause), row.reason, row.by, row.logged)
