"""Signing a proposed verdict, or sending it back: a named person, who saw exactly this proposal, and says why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from consentry.attribution.deals import Decision, Ownership, SignedVerdict
from consentry.attribution.model import Report, Statement, VerdictKind
from consentry.attribution.records.deals import SentBackRow, VerdictRow
from consentry.attribution.records.visits import StatementRow
from consentry.attribution.rules import in_force
from consentry.attribution.rules.extract import floor
from consentry.attribution.rules.notation import show_instant
from consentry.attribution.service.judging import propose
from consentry.attribution.service.provenance import check_received
from consentry.attribution.service.standing import deal_row, standings
from consentry.attribution.work import PURPOSE
from consentry.ledger.model import Act
from consentry.ledger.rules.bundles import DOCUMENT_SHA256, document_sha256
from consentry.ledger.rules.canonical import canonical
from consentry.ledger.work import UnitOfWork, reading, writing
from consentry.platform.actors import ActorKind, Permission, permits
from consentry.platform.errors import ConflictError, DeniedError, InputError, StaleError
from consentry.platform.ids import new_id
from consentry.staff.rules import stated

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet
    from datetime import timedelta

    from consentry.attribution.deals import Proposal, Ruling
    from consentry.attribution.records.deals import DealRow
    from consentry.ledger.model import JSONValue
    from consentry.platform.actors import Actor
    from consentry.platform.site import Site

__all__ = ["FORMAT", "Ground", "check_ownership", "concerned_by", "require_person", "sign", "write_verdict"]

FORMAT = "consentry-verdict/1"
"""The format of a verdict's document."""
LONGEST_REASON = 200


@dataclass(frozen=True, slots=True)
class Ground:
    """On what a verdict is signed: the proposal that the person saw, why, and the appeal that it decides, where it does."""

    proposal: Proposal
    reason: str
    appeal: Mapping[str, JSONValue] | None = None


@permits(Permission.SIGN_VERDICTS)
def sign(site: Site, actor: Actor, deal: str, ruling: Ruling) -> SignedVerdict | None:
    """Sign the proposal for a contract, or send it back; return the verdict where it was signed.

    A proposal that is ``manual`` is decided by the person who signs: ``ruling.ownership`` says for whom.

    Raises:
        DeniedError: ``verdict.signer`` where no named person would sign.
        NotFoundError: ``deal.unknown``.
        ConflictError: ``deal.cancelled``, ``verdict.signed`` where there is a verdict already, or ``verdict.statement-open`` where somebody in the
            case stated an earlier visit and nobody has decided on that.
        StaleError: ``verdict.changed`` where the proposal is not the one that the person saw.
        InputError: ``input.text`` without a reason, or ``verdict.ownership``.
        LedgerError: ``evidence.altered`` or ``evidence.unproven``.
    """
    require_person(actor)
    why = stated(ruling.reason, longest=LONGEST_REASON)
    with reading(site) as work:
        row = deal_row(work.session, deal)
        check_received(work, row.project, row.signed)
    with writing(site) as work:
        row = deal_row(work.session, deal)
        _refuse_settled(work, row)
        found = propose(work, row)
        if found.sha256 != ruling.proposal_sha256:
            raise StaleError("verdict.changed", f"deal {deal}", "the proposal is not the one that you saw", "Read it again, then decide.")
        if ruling.decision is Decision.SEND_BACK:
            _send_back(work, actor, found, why)
            return None
        _refuse_unheard(work, found)
        return write_verdict(work, actor, row, _ownership(found, ruling), Ground(found, why))


def require_person(actor: Actor) -> None:
    """Refuse everybody but a member of staff with an account of their own.

    Raises:
        DeniedError: ``verdict.signer``.
    """
    if actor.kind is not ActorKind.STAFF:
        raise DeniedError("verdict.signer", actor.label, "a verdict is signed by a named person", "Sign in with an account of your own.")


def check_ownership(deal: str, concerned: AbstractSet[str], ownership: Ownership) -> Ownership:
    """Return what a person decided on a contract; ``concerned``: the agencies for which they can decide.

    Raises:
        InputError: ``verdict.ownership`` where it leaves the question open, or names another agency.
    """
    counts = {VerdictKind.NATURAL: (0, 0), VerdictKind.CHANNEL: (1, 1), VerdictKind.SPLIT: (2, 16)}
    least, most = counts.get(ownership.kind, (1, 0))
    agencies = tuple(sorted(set(ownership.agencies)))
    if not least <= len(agencies) <= most or len(agencies) != len(ownership.agencies) or not set(agencies) <= concerned:
        mend = "Say natural, one agency, or several that share it; each must have reported somebody in this case, or shown a report by its appeal."
        raise InputError("verdict.ownership", f"deal {deal}", "this decides for nobody that it could", mend)
    return Ownership(ownership.kind, agencies)


def concerned_by(proposal: Proposal) -> set[str]:
    """Return the agencies whose reports a case holds."""
    return {event.agency for event in proposal.explanation.case.events if isinstance(event, Report)}


def write_verdict(work: UnitOfWork, actor: Actor, row: DealRow, owned: Ownership, ground: Ground) -> SignedVerdict:
    """Write a verdict that is in force from now on; the one before, if any, stays as it is."""
    before = standings(work.session, [row.id])[row.id].verdicts
    document = _document(work, actor, owned, ground, before[-1] if before else None)
    sha256, number = document_sha256(document), len(before) + 1
    verdict = ground.proposal.explanation.verdict
    details: dict[str, JSONValue] = {DOCUMENT_SHA256: sha256, "number": number, "verdict": owned.kind, "agencies": [*owned.agencies]}
    row.screened = None
    entry = work.record(Act(actor.label, "attribution.verdict-signed", f"deal:{row.id}", PURPOSE, ground.reason, details))
    signed = SignedVerdict(
        id=new_id(work.now),
        deal=row.id,
        number=number,
        ownership=owned,
        flags=tuple(verdict.flags),
        signed=work.now,
        signed_by=actor.label,
        appeal_until=work.now + _appeal_within(ground.proposal),
        sha256=sha256,
        entry=entry,
    )
    work.session.add(_row(signed, document, ground.proposal))
    work.session.flush()
    return signed


def _row(signed: SignedVerdict, document: Mapping[str, JSONValue], proposal: Proposal) -> VerdictRow:
    row = VerdictRow(id=signed.id, deal=signed.deal, number=signed.number, document=canonical(document).decode(), sha256=signed.sha256)
    row.kind, row.agencies, row.concerned = signed.ownership.kind, [*signed.ownership.agencies], sorted(concerned_by(proposal))
    row.flags, row.signed, row.signed_by = [*signed.flags], signed.signed, signed.signed_by
    row.appeal_until, row.entry = signed.appeal_until, signed.entry
    return row


def _document(work: UnitOfWork, actor: Actor, owned: Ownership, ground: Ground, before: SignedVerdict | None) -> dict[str, JSONValue]:
    return {
        "format": FORMAT,
        "number": before.number + 1 if before else 1,
        "follows": before.sha256 if before else None,
        "proposal": ground.proposal.document,
        "ownership": {"verdict": owned.kind, "agencies": [*owned.agencies]},
        "signature": {
            "by": actor.label,
            "at": show_instant(floor(work.now)),
            "proposal_sha256": ground.proposal.sha256,
            "reason": ground.reason,
        },
        "appeal": ground.appeal,
    }


def _ownership(proposal: Proposal, ruling: Ruling) -> Ownership:
    verdict = proposal.explanation.verdict
    if verdict.kind is VerdictKind.MANUAL and ruling.ownership is not None:
        return check_ownership(proposal.deal, concerned_by(proposal), ruling.ownership)
    if verdict.kind is VerdictKind.MANUAL or ruling.ownership is not None:
        problem = "the rules leave it to you" if ruling.ownership is None else "the rules have decided it"
        mend = "Say whose client it was." if ruling.ownership is None else "Sign it as it is, or send it back."
        raise InputError("verdict.ownership", f"deal {proposal.deal}", problem, mend)
    return Ownership(verdict.kind, verdict.agencies)


def _send_back(work: UnitOfWork, actor: Actor, found: Proposal, why: str) -> None:
    entry = work.record(Act(actor.label, "attribution.verdict-sent-back", f"deal:{found.deal}", PURPOSE, why, {"proposal_sha256": found.sha256}))
    row = SentBackRow(id=new_id(work.now), deal=found.deal, proposal_sha256=found.sha256, at=work.now, by=actor.label, reason=why, entry=entry)
    work.session.add(row)


def _refuse_settled(work: UnitOfWork, row: DealRow) -> None:
    if row.cancelled is not None:
        raise ConflictError("deal.cancelled", f"deal {row.id}", "it is cancelled", "Record a new one.")
    if standings(work.session, [row.id])[row.id].verdict is not None:
        raise ConflictError("verdict.signed", f"deal {row.id}", "it has a signed verdict", "A verdict never changes; who disagrees appeals.")


def _refuse_unheard(work: UnitOfWork, found: Proposal) -> None:
    case = found.explanation.case
    stated = {event.id for event in case.events if isinstance(event, Statement) and event.id is not None and event.at <= case.signing.at}
    open_ones = select(StatementRow.id).where(StatementRow.id.in_(sorted(stated)), StatementRow.decided.is_(None))
    if work.session.scalar(open_ones.limit(1)) is not None:
        problem = "somebody in the case stated an earlier visit, and nobody has decided whether that is credible"
        raise ConflictError("verdict.statement-open", f"deal {found.deal}", problem, "Decide on the statement, then read the proposal again.")


def _appeal_within(proposal: Proposal) -> timedelta:
    case = proposal.explanation.case
    return in_force(case.rulebook, case.signing.at).appeal_within
