"""Appeals: words against a verdict, from either side or the buyer, within the window; a second person decides. Nothing is edited, everything is added."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import select

from consentry.attribution.deals import Appeal, AppealDecision, AppealDraft, Side
from consentry.attribution.records.deals import AppealRow
from consentry.attribution.service.agencies import IDENTIFIER
from consentry.attribution.service.judging import propose
from consentry.attribution.service.provenance import check_received
from consentry.attribution.service.signing import Ground, check_ownership, concerned_by, require_person, write_verdict
from consentry.attribution.service.standing import deal_row, standings
from consentry.attribution.service.verdicts import appeal_of, require_buyer, require_concerned
from consentry.attribution.work import ITSELF, PEOPLE, PURPOSE, proof
from consentry.ledger.model import Act
from consentry.ledger.work import UnitOfWork, reading, writing
from consentry.platform.actors import ActorKind, Permission, permits
from consentry.platform.errors import ConflictError, DeniedError, InputError, NotFoundError, StaleError
from consentry.platform.ids import new_id
from consentry.platform.keys.sealing import Sealed, opened, sealed
from consentry.staff.rules import stated

if TYPE_CHECKING:
    from consentry.attribution.deals import Ownership, SignedVerdict
    from consentry.attribution.records.deals import DealRow
    from consentry.ledger.model import JSONValue, SealedBundle
    from consentry.ledger.work import UnitOfWork
    from consentry.platform.actors import Actor
    from consentry.platform.site import Site

__all__ = [
    "LONGEST_WORDS",
    "appeal",
    "appeal_by_agency",
    "appeal_by_buyer",
    "appeal_by_staff",
    "appeals",
    "decide_appeal",
    "open_appeal",
]

LONGEST_WORDS = 4000
_SHORTEST_WORDS = 4
"""Characters of an appeal."""
LONGEST_REASON = 500


@permits(Permission.RECORD_DEALS)
def appeal_by_staff(  # noqa: PLR0913 - an appeal, and whose it is
    site: Site, actor: Actor, deal: str, words: str, side: Side = Side.DEVELOPER, *, agency: str | None = None
) -> tuple[Appeal, SealedBundle]:
    """Open an appeal of the developer, or one that a buyer or agency brought to the office in person; return it with its receipt.

    One that the office took down never keeps those in whose name it is from appealing themselves. ``agency``: which one's it is; it can be left out
    where the verdict concerns one alone.

    Raises:
        NotFoundError: ``deal.unknown`` or ``verdict.none``.
        InputError: ``appeal.words``, or ``appeal.agency`` where an agency's appeal names none that the verdict concerns.
        ConflictError: ``appeal.late`` after the window, ``appeal.open`` while one of the same party is undecided, ``deal.cancelled``.
    """
    return open_appeal(site, AppealDraft(deal, side, actor.label, words, _named(site, deal, agency) if side is Side.AGENCY else None))


@permits(Permission.REPORT_VISITORS)
def appeal_by_agency(site: Site, actor: Actor, deal: str, words: str) -> tuple[Appeal, SealedBundle]:
    """Open an appeal of an agency that reported somebody in the case. Raises what :func:`appeal_by_staff` does."""
    with reading(site) as work:
        agency = require_concerned(work, actor, deal)
    return open_appeal(site, AppealDraft(deal, Side.AGENCY, actor.label, words, agency))


def appeal_by_buyer(site: Site, secret: str, deal: str, words: str) -> tuple[Appeal, SealedBundle]:
    """Open an appeal of a buyer, who shows the secret of a visit's receipt. Raises what :func:`appeal_by_staff` does.

    Raises:
        NotFoundError: ``visit.secret`` where no visit has it, ``verdict.none`` where its visitor did not buy this.
    """
    require_buyer(site, secret, deal)
    return open_appeal(site, AppealDraft(deal, Side.BUYER, ITSELF.label, words))


@permits(Permission.VIEW_ATTRIBUTION)
def appeals(site: Site, actor: Actor, *, waiting: bool = True, deal: str | None = None) -> list[Appeal]:  # noqa: ARG001 - the guard reads the actor
    """Return appeals without their words, the most urgent first; those that nobody decided where ``waiting``."""
    wanted = select(AppealRow).order_by(AppealRow.due)
    wanted = wanted.where(AppealRow.decided.is_(None)) if waiting else wanted
    wanted = wanted.where(AppealRow.deal == deal) if deal is not None else wanted
    with reading(site) as work:
        return [appeal_of(row) for row in work.session.scalars(wanted)]


@permits(Permission.DECIDE_APPEALS)
def appeal(site: Site, actor: Actor, name: str) -> Appeal:  # noqa: ARG001 - as above
    """Return an appeal with its words, for whoever decides it.

    Raises:
        NotFoundError: ``appeal.unknown``.
    """
    with reading(site) as work:
        row = _row(work, name)
        return appeal_of(row, opened(work.keys, PEOPLE, row.id, Sealed(row.wrapped, row.sealed))["words"])


@permits(Permission.DECIDE_APPEALS)
def decide_appeal(  # noqa: PLR0913 - a decision, and what it rests on
    site: Site, actor: Actor, name: str, reason: str, ownership: Ownership | None = None, *, proposal_sha256: str | None = None
) -> Appeal:
    """Decide an appeal: the verdict stands, or, with ``ownership``, a new one takes its place. Both stay readable.

    The new one can be for any agency that reported somebody in the case, and for one that showed by its appeal whom it had reported.

    ``proposal_sha256``: of the proposal that the person saw; None where they were shown none.

    Raises:
        NotFoundError: ``appeal.unknown``.
        DeniedError: ``verdict.signer`` where no named person decides, ``appeal.same-person`` for whoever signed a verdict on the contract or opened the appeal.
        ConflictError: ``appeal.decided``.
        StaleError: ``verdict.changed`` where the proposal is not the one that the person saw.
        InputError: ``input.text`` without a reason, or ``verdict.ownership``.
        LedgerError: ``evidence.altered`` or ``evidence.unproven``.
    """
    require_person(actor)
    why = stated(reason, longest=LONGEST_REASON)
    with reading(site) as work:
        judged = deal_row(work.session, _row(work, name).deal)
        check_received(work, judged.project, judged.signed)
    with writing(site) as work:
        row = _row(work, name)
        if row.decided is not None:
            raise ConflictError("appeal.decided", f"appeal {name}", "it is decided already", "Whoever disagrees appeals against the new verdict.")
        known = standings(work.session, [row.deal])[row.deal].verdicts
        if actor.label in {row.by, *(verdict.signed_by for verdict in known)}:
            problem = "whoever signed a verdict on this contract, or opened the appeal, does not decide it"
            raise DeniedError("appeal.same-person", actor.label, problem, "Ask a second person who may decide appeals.")
        found = propose(work, deal_row(work.session, row.deal))
        if proposal_sha256 not in {None, found.sha256}:
            raise StaleError("verdict.changed", f"deal {row.deal}", "the proposal is not the one that you saw", "Read it again, then decide.")
        _decide(work, actor, row, Ground(found, why), ownership)
        return appeal_of(row)


def _decide(work: UnitOfWork, actor: Actor, row: AppealRow, ground: Ground, ownership: Ownership | None) -> None:
    why = ground.reason
    decision = AppealDecision.UPHELD if ownership is None else AppealDecision.CHANGED
    details: dict[str, JSONValue] = {"deal": row.deal, "decision": decision}
    entry = work.record(Act(actor.label, "attribution.appeal-decided", f"appeal:{row.id}", PURPOSE, why, details))
    row.decided, row.decided_by, row.decision, row.reason, row.entry_decided = work.now, actor.label, decision, why, entry
    work.session.flush()
    if ownership is not None:
        decided: dict[str, JSONValue] = {"id": row.id, "side": row.side, "opened_entry": row.entry, "decided_entry": entry}
        # An agency that showed by its appeal whom it had reported is in no case: what was received after the signing is left to whoever decides.
        concerned = concerned_by(ground.proposal) | standings(work.session, [row.deal])[row.deal].concerned
        owned = check_ownership(row.deal, concerned, ownership)
        write_verdict(work, actor, deal_row(work.session, row.deal), owned, replace(ground, reason=why[:200], appeal=decided))


def open_appeal(site: Site, draft: AppealDraft) -> tuple[Appeal, SealedBundle]:
    """Open an appeal for whoever may appeal; the caller has checked that. Raises what :func:`appeal_by_staff` does."""
    words = _check_words(draft.words)
    with writing(site) as work:
        deal, verdict = deal_row(work.session, draft.deal), standings(work.session, [draft.deal])[draft.deal].verdict
        if verdict is None:
            raise NotFoundError("verdict.none", f"deal {draft.deal}", "it has no verdict yet", "Wait until it is signed.")
        _check_window(work, deal, verdict, draft)
        name, due = new_id(work.now), work.now + (verdict.appeal_until - verdict.signed)
        details: dict[str, JSONValue] = {"deal": draft.deal, "verdict": verdict.number, "side": draft.side, "agency": draft.agency, "report": draft.report}
        entry = work.record(Act(draft.by, "attribution.appeal-opened", f"appeal:{name}", PURPOSE, details=details))
        wrapped, content = sealed(work.keys, PEOPLE, name, {"words": words})
        row = AppealRow(id=name, deal=draft.deal, verdict=verdict.id, side=draft.side, agency=draft.agency, by=draft.by, opened=work.now, due=due, entry=entry)
        row.wrapped, row.sealed = wrapped, content
        work.session.add(row)
        work.session.flush()
        found = appeal_of(row)
    return found, proof(site, entry)


def _check_window(work: UnitOfWork, deal: DealRow, verdict: SignedVerdict, draft: AppealDraft) -> None:
    if deal.cancelled is not None:
        raise ConflictError("deal.cancelled", f"deal {deal.id}", "it is cancelled", "There is nothing left to decide.")
    if work.now > verdict.appeal_until:
        raise ConflictError("appeal.late", f"deal {deal.id}", f"appeals were possible until {verdict.appeal_until.isoformat()}", "A court remains.")
    waiting = work.session.scalars(select(AppealRow).where(AppealRow.verdict == verdict.id, AppealRow.side == draft.side, AppealRow.decided.is_(None)))
    if any((row.agency, _is_own(row.by)) == (draft.agency, _is_own(draft.by)) for row in waiting):
        raise ConflictError("appeal.open", f"deal {deal.id}", "an appeal of this side is open already", "Wait for its decision.")


def _is_own(label: str) -> bool:
    """Return whether a party appealed itself: an agent, or a buyer, who has no account. Of the others the office took it down."""
    return label == ITSELF.label or label.startswith(f"{ActorKind.AGENT}:")


def _named(site: Site, deal: str, agency: str | None) -> str:
    """Return whose appeal it is: the agency that is named, or the only one that the verdict concerns."""
    with reading(site) as work:
        concerned = standings(work.session, [deal_row(work.session, deal).id])[deal].concerned
    named = agency or (next(iter(concerned)) if len(concerned) == 1 else None)
    if named is None or named not in concerned:
        raise InputError("appeal.agency", f"deal {deal}", "it is not said which agency appeals", "Name one that reported somebody in this case.")
    return named


def _check_words(words: str) -> str:
    tidy = words.strip()
    if not _SHORTEST_WORDS <= len(tidy) <= LONGEST_WORDS:
        raise InputError("appeal.words", "appeal", "it says nothing, or too much", f"Write {_SHORTEST_WORDS} to {LONGEST_WORDS} characters.")
    return tidy


def _row(work: UnitOfWork, name: str) -> AppealRow:
    row = work.session.get(AppealRow, name) if IDENTIFIER.fullmatch(name) else None
    if row is None:
        raise NotFoundError("appeal.unknown", "appeal", "there is none of that id", "Look at the list again.")
    return row
