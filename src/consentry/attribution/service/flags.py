"""Flags: contracts are looked at for signs of manipulation; what was seen holds payment until a named person clears it."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from consentry.attribution.deals import FraudKind, RaisedFlag
from consentry.attribution.model import Report, Visit
from consentry.attribution.records.deals import DealRow, FlagRow
from consentry.attribution.records.reports import ReportRow
from consentry.attribution.records.visits import VisitRow
from consentry.attribution.rules import in_force
from consentry.attribution.rules.fraud import Brought, DoorHour, innocent_explanations, signs_of
from consentry.attribution.service.agencies import IDENTIFIER
from consentry.attribution.service.judging import explanations
from consentry.attribution.service.signing import require_person
from consentry.attribution.work import ITSELF, PURPOSE
from consentry.ledger.model import Act
from consentry.ledger.work import UnitOfWork, reading, writing
from consentry.platform.actors import Permission, permits
from consentry.platform.errors import ConflictError, NotFoundError
from consentry.platform.ids import new_id
from consentry.staff.rules import stated
from consentry.statistics import service as statistics
from consentry.statistics.model import LinePlace, Query, Step

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from consentry.attribution.model import Explanation
    from consentry.attribution.rules.fraud import Sign
    from consentry.ledger.model import JSONValue
    from consentry.platform.actors import Actor
    from consentry.platform.settings.projects import Project
    from consentry.platform.site import Site

__all__ = ["clear_flag", "flags", "screen"]

AT_ONCE = 50
"""Contracts that are looked at in one transaction, so that nobody waits long."""
WEEKS = timedelta(weeks=4)
"""How far back the door's hours are compared."""
_HOUR = timedelta(hours=1)


def screen(site: Site) -> int:
    """Look at every contract that was recorded or signed since it was last looked at, and return how many flags that raised. A job."""
    raised = 0
    for project in site.settings.projects:
        with reading(site) as work:
            waiting = select(DealRow).where(DealRow.project == project.id, DealRow.screened.is_(None), DealRow.cancelled.is_(None))
            rows = list(work.session.scalars(waiting.order_by(DealRow.id).limit(AT_ONCE)))
            judged = explanations(work, rows)
        found = {name: _signs(site, project, explanation) for name, explanation in judged.items()}
        if found:
            with writing(site) as work:
                raised += sum(_note(work, name, signs) for name, signs in found.items())
    return raised


@permits(Permission.VIEW_ATTRIBUTION)
def flags(site: Site, actor: Actor, *, deal: str | None = None, waiting: bool = True) -> list[RaisedFlag]:  # noqa: ARG001 - the guard reads the actor
    """Return flags, newest first; those that nobody cleared where ``waiting``."""
    wanted = select(FlagRow).order_by(FlagRow.id.desc())
    wanted = wanted.where(FlagRow.cleared.is_(None)) if waiting else wanted
    wanted = wanted.where(FlagRow.deal == deal) if deal is not None else wanted
    with reading(site) as work:
        return [_flag(row) for row in work.session.scalars(wanted)]


@permits(Permission.SIGN_VERDICTS)
def clear_flag(site: Site, actor: Actor, name: str, reason: str) -> RaisedFlag:
    """Clear a flag in one's own name, and say what it turned out to be; payment is held by it no longer.

    Raises:
        DeniedError: ``verdict.signer`` where no named person clears it.
        NotFoundError: ``flag.unknown``.
        ConflictError: ``flag.cleared``.
        InputError: ``input.text`` without a reason.
    """
    require_person(actor)
    why = stated(reason)
    with writing(site) as work:
        row = work.session.get(FlagRow, name) if IDENTIFIER.fullmatch(name) else None
        if row is None:
            raise NotFoundError("flag.unknown", "flag", "there is none of that id", "Look at the list again.")
        if row.cleared is not None:
            raise ConflictError("flag.cleared", f"flag {name}", "it is cleared already", "Look at the list again.")
        details: dict[str, JSONValue] = {"deal": row.deal, "kind": row.kind}
        row.entry_cleared = work.record(Act(actor.label, "attribution.flag-cleared", f"flag:{name}", PURPOSE, why, details))
        row.cleared, row.cleared_by, row.reason = work.now, actor.label, why
        return _flag(row)


def _signs(site: Site, project: Project, explanation: Explanation) -> list[Sign]:
    reports = [event for event in explanation.case.events if isinstance(event, Report)]
    if not reports:
        return []
    lead = in_force(explanation.case.rulebook, max(report.at for report in reports)).lead
    with reading(site) as work:
        brought = _brought(work.session, project.id, explanation)
    hours = _door_hours(site, project, reports) if project.entrance_lines else []
    return signs_of(explanation, brought, hours, lead)


def _brought(session: Session, project: str, explanation: Explanation) -> list[Brought]:
    """Return what agencies brought to a project on the days (24 hours around) of the case's reported visits."""
    visits = [event.claimed_at or event.at for event in explanation.case.events if isinstance(event, Visit) and event.report is not None]
    if not visits:
        return []
    came = _came().label("at")
    reported = select(ReportRow.agency, ReportRow.filed, came).join(VisitRow, VisitRow.report == ReportRow.id).where(VisitRow.project == project)
    around = reported.where(came.between(min(visits) - timedelta(hours=12), max(visits) + timedelta(hours=12)))
    found = session.execute(around).all()
    return [Brought(row.agency, row.at - row.filed) for row in found if any(abs(row.at - at) <= timedelta(hours=12) for at in visits)]


def _door_hours(site: Site, project: Project, reports: Sequence[Report]) -> list[DoorHour]:
    """Return the hours of the weeks up to the last report in which the door was watched, with the people whom its desks recorded in each."""
    end = max(report.at for report in reports).replace(minute=0, second=0, microsecond=0) + _HOUR
    places = tuple(LinePlace(camera, line) for camera, _, line in (one.partition("/") for one in project.entrance_lines))
    behind = [other.id for other in site.settings.projects if {*other.entrance_lines} & {*project.entrance_lines}]
    series = statistics.footfall(site, ITSELF, Query(end - WEEKS, end, Step.HOUR, places))
    with reading(site) as work:
        recorded = _recorded(work.session, behind, end - WEEKS, end)
    return [DoorHour(bar.start, bar.entered.value, recorded[bar.start]) for bar in series.bars if bar.entered is not None]


def _recorded(session: Session, projects: Sequence[str], start: datetime, end: datetime) -> Counter[datetime]:
    """Return how many people came to ``projects`` in each hour, by the desk's own clock where it was cut off."""
    found: Counter[datetime] = Counter()
    came = _came()
    # What came in that time cannot have been received before it.
    wanted = select(came, VisitRow.party_size).where(VisitRow.project.in_(projects), VisitRow.at >= start, came >= start, came < end)
    for at, size in session.execute(wanted):
        found[at.replace(minute=0, second=0, microsecond=0)] += size
    return found


def _came() -> ColumnElement[datetime]:
    """Return when somebody came: what a door counts then was recorded, though the log may have received it hours later."""
    return func.coalesce(VisitRow.claimed_at, VisitRow.at)


def _note(work: UnitOfWork, deal: str, signs: Sequence[Sign]) -> int:
    """Raise what is new at a contract, and note that it was looked at."""
    row = work.session.get(DealRow, deal)
    if row is None:
        return 0
    known = set(work.session.scalars(select(FlagRow.kind).where(FlagRow.deal == deal)))
    fresh = [sign for sign in signs if sign.kind not in known]
    row.screened = work.now
    work.session.flush()
    for sign in fresh:
        _raise(work, row, sign)
    return len(fresh)


def _raise(work: UnitOfWork, deal: DealRow, sign: Sign) -> None:
    having, among = sign.common or _common(work.session, deal.project, sign.kind)
    name = new_id(work.now)
    details: dict[str, JSONValue] = {"deal": deal.id, "kind": sign.kind, "having": having, "among": among}
    entry = work.record(Act(ITSELF.label, "attribution.flag-raised", f"flag:{name}", PURPOSE, details=details))
    row = FlagRow(id=name, deal=deal.id, kind=sign.kind, saw=dict(sign.saw), having=having, among=among, raised=work.now, entry=entry)
    work.session.add(row)
    work.session.flush()


def _common(session: Session, project: str, kind: FraudKind) -> tuple[int, int]:
    """Return how many of a project's contracts that were looked at show such a sign, this one included."""
    same = select(func.count()).select_from(FlagRow).join(DealRow, DealRow.id == FlagRow.deal).where(DealRow.project == project, FlagRow.kind == kind)
    looked_at = select(func.count()).select_from(DealRow).where(DealRow.project == project, DealRow.screened.is_not(None))
    return (session.scalar(same) or 0) + 1, session.scalar(looked_at) or 1


def _flag(row: FlagRow) -> RaisedFlag:
    kind = FraudKind(row.kind)
    seen = (row.saw, row.having, row.among, innocent_explanations(kind))
    return RaisedFlag(row.id, row.deal, kind, *seen, row.raised, row.cleared, row.cleared_by, row.reason)
