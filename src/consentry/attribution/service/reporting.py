"""Filing reports: what an agent's page needs for its commitments, one report in the log, and what the judge reads of all of them."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, select

from consentry.attribution import model
from consentry.attribution.channel import Announced, Filed, OpenProject, ReplyKind, ReportDraft, ReportTerms
from consentry.attribution.numbers import Hashed, mask_of, number_hash
from consentry.attribution.records.reports import ReplyRow, ReportNonceRow, ReportRow
from consentry.attribution.rules.documents import sha256_of, version_document
from consentry.attribution.rules.reports import (
    NONCE_LIFE,
    Facts,
    begins_at,
    check_alias,
    check_mask,
    check_planned,
    clocks_of,
    ends_at,
    family_of,
    is_live,
    is_outside_window,
    received,
    same_alias,
)
from consentry.attribution.service import parties, rulebooks
from consentry.attribution.service.agent_sessions import current_agent, signed_in_agent
from consentry.attribution.service.agents import may_act
from consentry.attribution.service.contracts import contract_events, contract_in_force
from consentry.attribution.visiting import PartyKind
from consentry.attribution.work import PURPOSE, proof
from consentry.ledger.model import Act
from consentry.ledger.rules.entries import milliseconds
from consentry.ledger.work import reading, writing
from consentry.platform.actors import Permission, permits
from consentry.platform.errors import ConflictError, InputError, TooManyError
from consentry.platform.ids import new_id
from consentry.platform.settings.projects import PhoneForm
from consentry.staff.service import site_address

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from consentry.attribution.model import RulebookVersion
    from consentry.attribution.records.agencies import AgentRow
    from consentry.ledger.model import JSONValue
    from consentry.ledger.work import UnitOfWork
    from consentry.platform.actors import Actor
    from consentry.platform.settings.projects import Project
    from consentry.platform.site import Site

__all__ = ["MOST_NONCES", "Intake", "announce", "begin_report", "facts_of", "file_report", "intake_of", "lookalikes", "open_projects", "report_events"]

MOST_NONCES = 1000
"""Nonces that one agent may hold at once: two of the largest batches."""
_COMMITMENT_BYTES = 32
_NONCE = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Intake:
    """Where reports are taken in: the transaction, who reports, for which project, under which rules."""

    work: UnitOfWork
    member: AgentRow
    project: Project
    version: RulebookVersion


@dataclass(frozen=True, slots=True)
class _Marks:
    """What a client is compared by: within the agency by alias and mask, between agencies by family name and mask."""

    client: tuple[bytes, ...]
    likeness: tuple[bytes, ...]


@permits(Permission.REPORT_VISITORS)
def open_projects(site: Site, actor: Actor) -> tuple[OpenProject, ...]:
    """Return the projects for which the agent may report now."""
    with reading(site) as work:
        member = signed_in_agent(work, actor)
        if not may_act(work.session, member):
            return ()
        found = ((project, contract_in_force(work.session, member.agency, project.id, work.now)) for project in site.settings.projects)
        return tuple(_open(work, member, project, contract.until) for project, contract in found if contract is not None)


@permits(Permission.REPORT_VISITORS)
def begin_report(site: Site, actor: Actor, project: str, count: int = 1) -> ReportTerms:
    """Return what the agent's page needs to commit to the numbers of ``count`` clients.

    Raises:
        NotFoundError: ``project.unknown``.
        ConflictError: ``report.no-contract``.
        TooManyError: ``report.too-many-begun``.
    """
    with writing(site) as work:
        intake = intake_of(work, actor, project)
        _refuse_hoarding(work, intake.member.id, count)
        origin, expires = site_address(site), work.now + NONCE_LIFE
        nonces = tuple(secrets.token_hex(32) for _ in range(count))
        common = {"agent": intake.member.id, "agency": intake.member.agency, "project": project, "origin": origin, "expires": expires}
        work.session.add_all(ReportNonceRow(nonce=nonce, **common) for nonce in nonces)
        version = intake.version
        return ReportTerms(project, origin, intake.member.agency, intake.project.phone_form, version.lead, version.report_valid, nonces, expires)


@permits(Permission.REPORT_VISITORS)
def file_report(site: Site, actor: Actor, draft: ReportDraft) -> Filed:
    """File a report, and return its signed receipt. The same draft filed again is the same report.

    Raises:
        NotFoundError: ``project.unknown``.
        InputError: ``report.nonce``, ``report.alias``, ``report.mask``, ``report.planned`` or ``report.commitment``.
        ConflictError: ``report.no-contract`` or ``report.duplicate``.
        TooManyError: ``report.cap``.
    """
    with writing(site) as work:
        announced = announce(intake_of(work, actor, draft.project), draft)
    return Filed(announced, proof(site, announced.entry))


def intake_of(work: UnitOfWork, actor: Actor, project: str) -> Intake:
    """Return where an agent's reports for a project are taken in now.

    Raises:
        DeniedError: ``access.denied`` for an actor who is no agent.
        NotFoundError: ``project.unknown``.
        ConflictError: ``report.no-contract``.
    """
    member, found = current_agent(work, actor), rulebooks.require_project(work.site, project)
    if contract_in_force(work.session, member.agency, project, work.now) is None:
        raise ConflictError("report.no-contract", "report", "the agency has no contract for this project now", "Ask the sales office.")
    return Intake(work, member, found, rulebooks.in_force(work, project, work.now))


def announce(intake: Intake, draft: ReportDraft) -> Announced:
    """Put a report into the log. Everything is checked before anything is written.

    Raises:
        InputError: ``report.nonce``, ``report.alias``, ``report.mask``, ``report.planned`` or ``report.commitment``.
        ConflictError: ``report.duplicate``.
        TooManyError: ``report.cap``.
    """
    work = intake.work
    alias, mask = check_alias(draft.alias), check_mask(draft.mask, intake.project.phone_form)
    marks = _marks(intake, alias, mask)
    check_planned(draft.planned, work.now)
    nonce = work.session.get(ReportNonceRow, draft.nonce) if _NONCE.fullmatch(draft.nonce) else None
    if nonce is None:
        return _filed_before(intake, draft, marks)
    _check_nonce(intake, nonce, draft)
    _refuse_duplicate(intake, marks)
    _refuse_beyond_cap(intake)
    work.session.delete(nonce)
    client = _client(intake, alias, mask)
    return _announced(work, _enter(intake, draft, client, marks, nonce.origin))


def facts_of(row: ReportRow, reply: ReplyRow | None) -> Facts:
    """Return what is recorded of a report, as the rules take it."""
    replied, kind = (reply.at, ReplyKind(reply.kind)) if reply else (None, None)
    return Facts(row.filed, row.lead_reached, row.reply_due, row.valid_until, replied, kind, row.arrived, row.protected_until)


def lookalikes(work: UnitOfWork, row: ReportRow) -> list[ReportRow]:
    """Return the live reports of other agencies whose client may be the same person, oldest first."""
    if row.likeness is None:
        return []
    same = select(ReportRow, ReplyRow).outerjoin(ReplyRow, ReplyRow.report == ReportRow.id)
    same = same.where(ReportRow.project == row.project, ReportRow.likeness == row.likeness, ReportRow.agency != row.agency).order_by(ReportRow.entry)
    return [other for other, reply in work.session.execute(same) if is_live(facts_of(other, reply), work.now)]


def report_events(session: Session, project: str, clients: Iterable[str] | None) -> list[model.Report | model.Refusal | model.AgencyContract]:
    """Return what was received of reports, as the judge takes it: of these clients (parties), or all; refusals whether they came in time or not."""
    found: list[model.Report | model.Refusal | model.AgencyContract] = [*contract_events(session, project)]
    for condition in [None] if clients is None else [ReportRow.client.in_(some) for some in parties.chunks(clients)]:
        wanted = select(ReportRow.id, ReportRow.agency, ReportRow.client, ReportRow.filed, ReplyRow.at, ReplyRow.entry)
        refused = (ReplyRow.report == ReportRow.id) & (ReplyRow.kind == ReplyKind.REFUSE)
        wanted = wanted.outerjoin(ReplyRow, refused).where(ReportRow.project == project)
        for row in session.execute(wanted if condition is None else wanted.where(condition)):
            found.append(model.Report(row.id, row.agency, row.client, row.filed))
            if row.at is not None:
                found.append(model.Refusal(row.id, row.at, f"reply-{row.id}"))
    return found


def _open(work: UnitOfWork, member: AgentRow, project: Project, until: datetime) -> OpenProject:
    version = rulebooks.in_force(work, project.id, work.now)
    left = max(0, project.daily_cap - _filed_today(work, member.agency, project.id))
    lengths = (version.lead, version.report_valid, version.reply_within)
    return OpenProject(project.id, project.name, project.phone_form, *lengths, until, left)


def _refuse_hoarding(work: UnitOfWork, agent: str, count: int) -> None:
    if not 1 <= count <= MOST_NONCES:
        raise InputError("report.count", "report", f"{count} cannot be begun at once", f"Begin 1 to {MOST_NONCES}.")
    work.session.execute(delete(ReportNonceRow).where(ReportNonceRow.expires <= work.now))
    held = work.session.scalar(select(func.count()).select_from(ReportNonceRow).where(ReportNonceRow.agent == agent)) or 0
    if held + count > MOST_NONCES:
        wait = NONCE_LIFE.total_seconds()
        raise TooManyError("report.too-many-begun", "report", "too many were begun and not filed", "File them, or come back tomorrow.", retry_after=wait)


def _check_nonce(intake: Intake, nonce: ReportNonceRow, draft: ReportDraft) -> None:
    """Refuse a nonce of somebody else or for something else, and a commitment that is none or was used before."""
    theirs = (nonce.agent, nonce.agency, nonce.project) == (intake.member.id, intake.member.agency, intake.project.id)
    if not theirs or nonce.expires <= intake.work.now:
        raise _no_nonce()
    known = select(ReportRow.id).where(ReportRow.commitment == draft.commitment)
    if len(draft.commitment) != _COMMITMENT_BYTES or intake.work.session.scalar(known) is not None:
        mend = "Make it anew, over this report's nonce and a fresh salt."
        raise InputError("report.commitment", "report", "its commitment is no SHA-256, or was used before", mend)


def _filed_before(intake: Intake, draft: ReportDraft, marks: _Marks) -> Announced:
    """Return the report that was filed with this nonce: whoever did not hear the answer files it again."""
    filed = select(ReportRow).where(ReportRow.nonce == draft.nonce)
    row = intake.work.session.scalar(filed) if _NONCE.fullmatch(draft.nonce) else None
    mine = row is not None and (row.agent, row.project, row.commitment) == (intake.member.id, intake.project.id, draft.commitment)
    if row is None or not mine or row.client_mark not in marks.client:
        raise _no_nonce()
    return _announced(intake.work, row)


def _marks(intake: Intake, alias: str, mask: str) -> _Marks:
    keys, project = intake.work.keys, intake.project.id
    client = number_hash(keys, Hashed.CLIENT, project, f"{intake.member.agency}\0{same_alias(alias)}\0{mask}")
    likeness = number_hash(keys, Hashed.LIKENESS, project, f"{family_of(alias)}\0{mask}")
    return _Marks(client.known_as, likeness.known_as)


def _refuse_duplicate(intake: Intake, marks: _Marks) -> None:
    """Refuse a client whom the agency has reported already, while that report lives."""
    work = intake.work
    same = select(ReportRow, ReplyRow).outerjoin(ReplyRow, ReplyRow.report == ReportRow.id)
    same = same.where(ReportRow.agency == intake.member.agency, ReportRow.client_mark.in_(marks.client), ReportRow.project == intake.project.id)
    if any(is_live(facts_of(row, reply), work.now) for row, reply in work.session.execute(same)):
        mend = "Look at your agency's reports; a client is reported again when that one is over."
        raise ConflictError("report.duplicate", "report", "your agency has a live report of this name and number", mend)


def _refuse_beyond_cap(intake: Intake) -> None:
    work, cap = intake.work, intake.project.daily_cap
    if _filed_today(work, intake.member.agency, intake.project.id) >= cap:
        wait = (ends_at(work.now, ZoneInfo(work.site.settings.site.zone)) - work.now).total_seconds()
        problem = f"your agency has reported {cap} visitors today, which is all that the project takes"
        raise TooManyError("report.cap", "report", problem, "Report the others tomorrow.", retry_after=wait)


def _filed_today(work: UnitOfWork, agency: str, project: str) -> int:
    since = begins_at(work.now, ZoneInfo(work.site.settings.site.zone))
    today = select(func.count()).select_from(ReportRow).where(ReportRow.agency == agency, ReportRow.project == project, ReportRow.filed >= since)
    return work.session.scalar(today) or 0


def _client(intake: Intake, alias: str, mask: str) -> str:
    """Put the client down. A whole number is hashed, and shown with its middle hidden like any other."""
    whole = intake.project.phone_form is PhoneForm.FULL
    shown, phone = (mask_of(mask, PhoneForm.FIRST_3_LAST_4), mask) if whole else (mask, None)
    return parties.add(intake.work, intake.project.id, PartyKind.CLIENT, alias=alias, mask=shown, phone=phone)


def _enter(intake: Intake, draft: ReportDraft, client: str, marks: _Marks, origin: str) -> ReportRow:
    """Write a report and its entry. The entry holds everything that a commitment is checked against but salt and number, and names nobody."""
    work, member, facts = intake.work, intake.member, received(milliseconds(intake.work.now), intake.version)
    report = new_id(work.now)
    details: dict[str, JSONValue] = {
        "project": intake.project.id,
        "agency": member.agency,
        "client": client,
        "origin": origin,
        "nonce": draft.nonce,
        "commitment": draft.commitment.hex(),
        "planned": draft.planned.isoformat() if draft.planned else None,
        "rulebook": sha256_of(version_document(intake.version)),
    }
    entry = work.record(Act(f"agent:{member.id}", "attribution.report-filed", f"report:{report}", PURPOSE, details=details))
    row = ReportRow(id=report, project=intake.project.id, agency=member.agency, agent=member.id, client=client, planned=draft.planned, origin=origin)
    row.filed, row.lead_reached, row.reply_due, row.valid_until = facts.filed, facts.lead_reached, facts.reply_due, facts.valid_until
    row.nonce, row.commitment, row.client_mark, row.likeness, row.entry = draft.nonce, draft.commitment, marks.client[0], marks.likeness[0], entry
    work.session.add(row)
    work.session.flush()
    return row


def _announced(work: UnitOfWork, row: ReportRow) -> Announced:
    facts = facts_of(row, work.session.get(ReplyRow, row.id))
    alike = len(lookalikes(work, row))
    return Announced(row.id, row.entry, row.filed, clocks_of(facts), alike, is_outside_window(facts, row.planned))


def _no_nonce() -> InputError:
    return InputError("report.nonce", "report", "its nonce was used for another report, is too old, or is not yours", "Begin the report anew.")
