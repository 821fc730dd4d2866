"""What the developer says to a report: one reply, which counts within the window of the rules; silence until its end accepts."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from consentry.attribution.channel import RefusalGround, Replied, Reply, ReplyDraft, ReplyKind
from consentry.attribution.records.people import PartyRow
from consentry.attribution.records.reports import ReplyRow, ReportRow
from consentry.attribution.rules.reports import check_reply, same_mask
from consentry.attribution.service.revealing import report_row
from consentry.attribution.work import ITSELF, PURPOSE, proof
from consentry.ledger import service as ledger
from consentry.ledger.model import Act
from consentry.ledger.work import reading, writing
from consentry.platform.actors import Permission, permits
from consentry.platform.errors import ConflictError, InputError, NotFoundError
from consentry.platform.jobs import Job
from consentry.staff.rules import check_text, stated

if TYPE_CHECKING:
    from consentry.ledger.model import JSONValue
    from consentry.platform.actors import Actor
    from consentry.platform.site import Site

__all__ = ["JOBS", "accept_silently", "reply_shown", "reply_to_report"]

_AT_ONCE = 500
_SHOW_CLIENTS = frozenset({"attribution.report-filed", "attribution.arrived", "attribution.deal-recorded"})
"""The acts that show that somebody was a client already."""


@permits(Permission.MANAGE_AGENCIES)
def reply_to_report(site: Site, actor: Actor, report: str, draft: ReplyDraft) -> Replied:
    """Record the one reply to a report, and return its signed receipt. One that comes too late is kept, says so, and changes nothing.

    Raises:
        NotFoundError: ``report.unknown``.
        InputError: ``report.ground``, ``report.cite``, or ``input.text`` where an unusable report is refused without a reason.
        ConflictError: ``report.replied``.
    """
    reason = stated(draft.reason) if draft.ground is RefusalGround.UNUSABLE else check_text(draft.reason, "reason", shortest=0)
    with reading(site) as work:
        row = report_row(work.session, report)
    check_reply(draft, row.entry)
    if draft.cites is not None:
        _check_cited(site, draft.cites, row)
    with writing(site) as work:
        row = report_row(work.session, report)
        if work.session.get(ReplyRow, report) is not None:
            raise ConflictError("report.replied", "report", "it was replied to already", "Whoever sees it otherwise appeals after the verdict.")
        kept = ReplyRow(report=report, kind=draft.kind, ground=draft.ground, cites=draft.cites, reason=reason, at=work.now, by=actor.label)
        in_time = work.now <= row.reply_due
        details: dict[str, JSONValue] = {"project": row.project, "kind": draft.kind, "ground": draft.ground, "cites": draft.cites, "in_time": in_time}
        kept.entry = work.record(Act(actor.label, "attribution.report-replied", f"report:{report}", PURPOSE, reason, details))
        row.reply_open = row.reply_open and not in_time
        work.session.add(kept)
    return Replied(reply_shown(row, kept), proof(site, kept.entry))


def accept_silently(site: Site) -> int:
    """Enter of every report that nobody replied to in time that it is accepted, and return how many; a job."""
    done = 0
    while count := _accept_some(site):
        done += count
    return done


def reply_shown(row: ReportRow, reply: ReplyRow) -> Reply:
    """Return a reply as others see it."""
    ground = RefusalGround(reply.ground) if reply.ground else None
    return Reply(ReplyKind(reply.kind), reply.at, reply.by, reply.entry, ground, reply.cites, reply.reason, reply.at <= row.reply_due)


JOBS: Final = (Job("attribution-silent-acceptance", timedelta(minutes=1), accept_silently),)
"""What is to run by itself while the site does."""


def _accept_some(site: Site) -> int:
    with reading(site) as work:
        if work.session.scalar(select(ReportRow.id).where(ReportRow.reply_open, ReportRow.reply_due < work.now).limit(1)) is None:
            return 0
    with writing(site) as work:
        due = select(ReportRow).where(ReportRow.reply_open, ReportRow.reply_due < work.now).order_by(ReportRow.reply_due, ReportRow.id).limit(_AT_ONCE)
        rows = list(work.session.scalars(due))
        acts = [Act(ITSELF.label, "attribution.report-accepted-silently", f"report:{row.id}", PURPOSE) for row in rows]
        for row, entry in zip(rows, ledger.record_many(work.session, acts, work.now), strict=True):
            row.reply_open, row.accepted_silently = False, entry
        return len(rows)


def _check_cited(site: Site, cites: int, row: ReportRow) -> None:
    """Refuse an entry that is gone, of another project, does not show a client, or shows one who by the mask of their number is somebody else."""
    try:
        cited = ledger.entry(site, ITSELF, cites).entry
    except NotFoundError:
        cited = None
    if cited is None or cited.act.action not in _SHOW_CLIENTS or cited.act.details.get("project") != row.project:
        mend = "Cite the entry of an earlier report, visit or contract of the same project."
        raise InputError("report.cite", "reply", f"entry {cites} does not show a client of this project", mend)
    with reading(site) as work:
        reported = work.session.get_one(PartyRow, row.client).mask
        shown = [found.mask for name in _shown_by(cited.act) if (found := work.session.get(PartyRow, name)) is not None]
    if not any(same_mask(reported, mask) for mask in shown):
        mend = "Cite an entry of a client whose number can be the reported one."
        raise InputError("report.cite", "reply", f"entry {cites} shows somebody else, or nobody knows any more whom", mend)


def _shown_by(act: Act) -> list[str]:
    """Return the pseudonyms of whom an entry shows as a client."""
    buyers = act.details.get("buyers", [])
    one = [act.details.get(name) for name in ("client", "visitor")]
    return [name for name in (*one, *(buyers if isinstance(buyers, list | tuple) else ())) if isinstance(name, str)]
