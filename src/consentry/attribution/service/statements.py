"""What visitors see and say of their own visit, by the secret of their link: who claims them, who brought them, a dispute, a visit that nobody recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from consentry.attribution.model import Grade, IdentityKind
from consentry.attribution.numbers import e164, mask_of
from consentry.attribution.records.agencies import AgencyRow, AgentRow
from consentry.attribution.records.people import PartyRow
from consentry.attribution.records.reports import ReportRow
from consentry.attribution.records.visits import StatementRow, VisitRow
from consentry.attribution.rules.reports import mask_fits, same_mask
from consentry.attribution.service import parties
from consentry.attribution.service.agents import name_of
from consentry.attribution.service.receiving import link_digest, link_mark
from consentry.attribution.service.revealing import note_arrival
from consentry.attribution.visiting import Answer, Binding, Claim, ClaimedReport, ClaimedStatement, StatementView, Voiced
from consentry.attribution.work import ITSELF, PEOPLE, PURPOSE, proof
from consentry.ledger.model import Act
from consentry.ledger.work import reading, writing
from consentry.platform.actors import Permission, permits
from consentry.platform.errors import ConflictError, InputError, NotFoundError
from consentry.platform.ids import new_id
from consentry.platform.keys.sealing import Sealed, opened, sealed
from consentry.staff.rules import stated

if TYPE_CHECKING:
    from consentry.ledger.model import JSONValue, SealedBundle
    from consentry.ledger.work import UnitOfWork
    from consentry.platform.actors import Actor
    from consentry.platform.site import Site

__all__ = ["LONGEST_WORDS", "claim_of", "confirm", "decide_statement", "receipts_of_visit", "row_by_secret", "state", "statements"]

LONGEST_WORDS = 2000
MOST_STATEMENTS = 20
"""What one visitor can state; more than anybody has to say, and too little to fill the records with."""


def claim_of(site: Site, secret: str) -> Claim:
    """Return what the visitor who holds the link may see: everything that says whose client they are.

    Raises:
        NotFoundError: ``visit.secret``, whatever is wrong with it.
    """
    with reading(site) as work:
        row = row_by_secret(work, secret)
        project = site.settings.project(row.project)
        person = work.session.get_one(PartyRow, row.visitor)
        said = work.session.scalars(select(StatementRow).where(StatementRow.visit == row.id).order_by(StatementRow.entry))
        return Claim(
            visit=row.id,
            project=row.project,
            project_name=project.name if project else None,
            at=row.at,
            claimed_at=row.claimed_at,
            party_size=row.party_size,
            report=_claimed(work, row),
            answer=Answer(row.answer) if row.answer else None,
            answered=row.answered,
            number_known=person.phone is not None,
            evidence=_evidence(work, row.visitor),
            statements=tuple(ClaimedStatement(Voiced(one.kind), one.at, one.credible, one.reason) for one in said),
        )


def confirm(site: Site, secret: str, answer: Answer, *, phone: str | None = None) -> SealedBundle:
    """Record who brought the visitor, in their own word, once, and return its signed receipt.

    ``CONFIRMED`` binds the visit to the report that it names: grade A where the code opened the commitment, else grade B, and then it needs a number that fits
    the report's mask. Any other answer to a visit that names a report is shown to staff as a dispute.

    Args:
        site: The site.
        secret: Of the visitor's link.
        answer: What they say.
        phone: Their number, where the desk did not take it; only its hash is kept.

    Raises:
        NotFoundError: ``visit.secret``.
        ConflictError: ``visit.answered``, ``visit.nobody-claims`` where there is nobody to confirm, ``visit.other-number`` where the number is not the
            reported one.
        InputError: ``visit.number-needed`` or ``phone.form``.
    """
    number = e164(phone) if phone else None
    with writing(site) as work:
        row = row_by_secret(work, secret)
        if row.answer is not None:
            raise ConflictError("visit.answered", "visit", "you have answered already", "State what is wrong; both answers stay on record.")
        if answer is Answer.CONFIRMED:
            _bind(work, row, number)
        row.answer, row.answered = answer, work.now
        details: dict[str, JSONValue] = {"project": row.project, "answer": answer.value, "report": row.report}
        row.entry_answered = work.record(Act(ITSELF.label, "attribution.visitor-answered", f"visit:{row.id}", PURPOSE, details=details))
        if answer is not Answer.CONFIRMED and row.report is not None:
            _add(work, row, Voiced.DISPUTE, "")
        entry = row.entry_answered
    return proof(site, entry)


def state(site: Site, secret: str, kind: Voiced, words: str) -> SealedBundle:
    """Record a dispute, or that there was a visit before that nobody recorded, and return its signed receipt. The words are for staff alone.

    Raises:
        NotFoundError: ``visit.secret``.
        InputError: ``statement.words`` where they are none or too many.
        ConflictError: ``statement.enough`` where there are twenty already.
    """
    said = words.strip()
    if not 1 <= len(said) <= LONGEST_WORDS:
        raise InputError("statement.words", "statement", "it is empty or too long", f"Write 1 to {LONGEST_WORDS} characters.")
    with writing(site) as work:
        row = row_by_secret(work, secret)
        many = len(list(work.session.scalars(select(StatementRow.id).where(StatementRow.visit == row.id))))
        if many >= MOST_STATEMENTS:
            raise ConflictError("statement.enough", "statement", f"there are {many} already", "Ask at the desk.")
        entry = _add(work, row, kind, said)
    return proof(site, entry)


def receipts_of_visit(site: Site, secret: str) -> tuple[SealedBundle, ...]:
    """Return the signed receipt of a visit and, where there is one, of the visitor's answer.

    Raises:
        NotFoundError: ``visit.secret``.
    """
    with reading(site) as work:
        row = row_by_secret(work, secret)
        entries = [row.entry, *([row.entry_answered] if row.entry_answered is not None else [])]
    return tuple(proof(site, entry) for entry in entries)


@permits(Permission.VIEW_ATTRIBUTION)
def statements(site: Site, actor: Actor, *, waiting: bool = True, limit: int = 200) -> list[StatementView]:  # noqa: ARG001 - the guard reads the actor
    """Return what visitors stated, oldest first: earlier visits that nobody has judged and disputes that nobody has closed, or with ``waiting`` false all."""
    wanted = select(StatementRow).order_by(StatementRow.entry).limit(limit)
    with reading(site) as work:
        rows = work.session.scalars(wanted.where(StatementRow.decided.is_(None)) if waiting else wanted)
        return [_view(work, row) for row in rows]


@permits(Permission.SIGN_VERDICTS)
def decide_statement(site: Site, actor: Actor, statement: str, *, credible: bool, reason: str) -> StatementView:
    """Put down what a named person found of a statement. A credible one of an earlier visit sends verdicts to people (R8).

    Raises:
        NotFoundError: ``statement.unknown``.
        ConflictError: ``statement.decided``.
        InputError: ``input.text`` without a reason.
    """
    why = stated(reason, longest=300)
    with writing(site) as work:
        row = work.session.get(StatementRow, statement[:36])
        if row is None or row.id != statement:
            raise NotFoundError("statement.unknown", "statement", "there is none of that id", "Look at the list again.")
        if row.decided is not None:
            raise ConflictError("statement.decided", "statement", "somebody decided already", "What was found stays; an appeal can add to it.")
        row.credible, row.decided, row.decided_by, row.reason = credible, work.now, actor.label, why
        details: dict[str, JSONValue] = {"kind": row.kind, "credible": credible, "person": row.person}
        work.record(Act(actor.label, "attribution.statement-decided", f"statement:{row.id}", PURPOSE, why, details))
        return _view(work, row)


def row_by_secret(work: UnitOfWork, secret: str) -> VisitRow:
    """Return the visit whose visitor holds a secret.

    Raises:
        NotFoundError: ``visit.secret``.
    """
    digest = link_digest(secret)
    row = work.session.scalar(select(VisitRow).where(VisitRow.secret.in_(link_mark(work.keys, digest)))) if digest else None
    if row is None:
        raise NotFoundError("visit.secret", "link", "it belongs to no visit", "Open the link as the desk showed it, or ask there.")
    return row


def _bind(work: UnitOfWork, row: VisitRow, number: str | None) -> None:
    """Bind a visit to the report that it names: its visitor and that report's client are one person, both sides say so."""
    report = work.session.get(ReportRow, row.report) if row.report else None
    if report is None:
        raise ConflictError("visit.nobody-claims", "visit", "nobody says that they brought you", "Answer that nobody, or somebody else, brought you.")
    opened_by_code = Binding(row.binding) is Binding.BOUND
    if not opened_by_code:
        _demand_number(work, row, report, number)
    # A mask fits ten thousand numbers: only salt and number that opened the commitment show that agent and visitor mean one person.
    grade = Grade.TWO_SIDED if opened_by_code else Grade.LOGGED
    parties.join(work, parties.Join(report.client, row.visitor, IdentityKind.PHONE, grade, ITSELF.label))
    note_arrival(work, report.id, row.at, bound=True)


def _demand_number(work: UnitOfWork, row: VisitRow, report: ReportRow, number: str | None) -> None:
    """Pass where the visitor's number could be the reported one: the agent's mask shows it, whoever they are."""
    visitor, client = work.session.get_one(PartyRow, row.visitor), work.session.get_one(PartyRow, report.client)
    if number is None and visitor.mask is None:
        raise InputError("visit.number-needed", "visit", "your telephone number is not known here", "Type the number that the agent reported you by.")
    project = work.site.settings.project(row.project)
    fits = client.mask is not None and (mask_fits(client.mask, number) if number else same_mask(visitor.mask, client.mask))
    if not fits or Binding(row.binding) is Binding.MISMATCH:
        raise ConflictError(
            "visit.other-number", "visit", "it is not the number that the agent reported", "Answer that somebody else brought you, or ask at the desk."
        )
    if number is not None:
        if visitor.mask is None and project is not None:
            visitor.mask = mask_of(number, project.phone_form)
        parties.identify(work, row.visitor, phone=number)


def _claimed(work: UnitOfWork, row: VisitRow) -> ClaimedReport | None:
    report = work.session.get(ReportRow, row.report) if row.report else None
    if report is None:
        return None
    agency, agent = work.session.get_one(AgencyRow, report.agency), work.session.get(AgentRow, report.agent)
    return ClaimedReport(report.id, agency.name, name_of(work.keys, agent) if agent else None, report.filed, Binding(row.binding))


def _evidence(work: UnitOfWork, visitor: str) -> tuple[str, ...]:
    """Return on what it rests who the visitor is; a face that was used always shows (R18)."""
    return tuple(sorted({f"{link.kind}:{link.grade}" for link in parties.links_of(work.session, [visitor])}))


def _add(work: UnitOfWork, row: VisitRow, kind: Voiced, words: str) -> int:
    name = new_id(work.now)
    details: dict[str, JSONValue] = {"visit": row.id, "person": row.visitor, "kind": kind.value}
    entry = work.record(Act(ITSELF.label, "attribution.visitor-stated", f"statement:{name}", PURPOSE, details=details))
    kept = StatementRow(id=name, project=row.project, person=row.visitor, visit=row.id, kind=kind, at=work.now, entry=entry)
    kept.wrapped, kept.sealed = sealed(work.keys, PEOPLE, name, {"words": words})
    work.session.add(kept)
    return entry


def _view(work: UnitOfWork, row: StatementRow) -> StatementView:
    words = opened(work.keys, PEOPLE, row.id, Sealed(row.wrapped, row.sealed))["words"] if row.wrapped and row.sealed else ""
    return StatementView(row.id, row.project, row.visit, row.person, Voiced(row.kind), row.at, row.credible, row.decided, row.decided_by, words)
