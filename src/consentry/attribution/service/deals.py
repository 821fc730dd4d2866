"""Contracts (签约): who bought, how that was checked, who is kin to whom, and what commission hangs on it."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import select

from consentry.attribution.deals import Buyer, Deal, DealState
from consentry.attribution.model import Grade, IdentityKind
from consentry.attribution.numbers import HASH_BYTES, NumberHash, e164, mask_of
from consentry.attribution.records.deals import BuyerRow, DealRow
from consentry.attribution.records.visits import DocumentCheckRow
from consentry.attribution.rules.extract import floor
from consentry.attribution.rules.notation import show_instant
from consentry.attribution.service import parties, rulebooks
from consentry.attribution.service.agencies import IDENTIFIER
from consentry.attribution.service.commission import COMMISSION, commission_mark
from consentry.attribution.service.parties import Join
from consentry.attribution.service.standing import deal_of, deal_row, standings, state_of, to_fen
from consentry.attribution.visiting import PartyKind
from consentry.attribution.work import PURPOSE
from consentry.ledger.model import Act
from consentry.ledger.work import UnitOfWork, reading, writing
from consentry.platform.actors import Permission, permits
from consentry.platform.errors import ConflictError, InputError, NotFoundError
from consentry.platform.ids import new_id
from consentry.platform.settings.projects import PhoneForm
from consentry.staff.rules import check_text, stated

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from consentry.attribution.deals import BuyerDraft, DealDraft, KinDraft
    from consentry.attribution.identity import IdentityCheck, IdentityReader
    from consentry.ledger.model import JSONValue
    from consentry.platform.actors import Actor
    from consentry.platform.site import Site

__all__ = ["MOST_BUYERS", "OFFICE", "cancel_deal", "check_buyer", "deal", "deals", "record_deal"]

OFFICE = "contract"
"""Where a document was checked that no desk checked: at the signing of a contract."""
MOST_BUYERS = 8
CHECK_LIFE = timedelta(hours=2)
"""How long after a reader checked a document its check can be used for a contract."""
ENTERED_WITHIN = timedelta(days=90)
"""How long after its signing a contract can be entered."""
_MOST_KIN = 16
_LARGEST = Decimal(1_000_000_000)
_IDENTITY = frozenset(IdentityKind)
_KIN = re.compile(r"[a-z][a-z_]{2,23}")


@permits(Permission.RECORD_DEALS)
def check_buyer(site: Site, actor: Actor, project: str, reader: IdentityReader) -> tuple[str, IdentityCheck]:
    """Check the document that lies on a reader, and return the id under which a contract names this check, and what was found.

    Raises:
        NotFoundError: ``project.unknown``, or ``identity.no-document``.
    """
    rulebooks.require_project(site, project)
    found = reader.read()
    with writing(site) as work:
        name = new_id(work.now)
        number = b"".join(found.document_hash.known_as) if found.document_hash else None
        row = DocumentCheckRow(id=name, project=project, desk=OFFICE, passed=found.passed, reader=found.reader_serial, document=number, at=work.now)
        work.session.add(row)
        details: dict[str, JSONValue] = {"passed": found.passed, "reader": found.reader_serial}
        work.record(Act(actor.label, "attribution.document-checked", f"check:{name}", PURPOSE, details=details))
    return name, found


@permits(Permission.RECORD_DEALS)
def record_deal(site: Site, actor: Actor, draft: DealDraft) -> Deal:
    """Record a contract. Its buyers are joined by themselves to whoever reported, came or bought with the same numbers.

    Raises:
        NotFoundError: ``project.unknown``, ``party.unknown`` for kin, ``identity.check-unknown``.
        InputError: ``deal.buyers``, ``deal.buyer-unknown`` for one with neither a number nor a document that passed, ``deal.signed``,
            ``deal.commission``, ``deal.kin``, ``phone.form``, ``input.text``, or ``attribution.no-rulebook`` where no rules were in force when it was signed.
        ConflictError: ``deal.recorded`` where the unit has a contract that was not cancelled.
    """
    unit = check_text(draft.unit, "unit", longest=80)
    _check_draft(draft)
    with writing(site) as work:
        rulebooks.applied(work, draft.project)
        _check_signed(draft.signed, work.now)
        rulebooks.in_force(work, draft.project, draft.signed)
        _refuse_second(work, draft.project, unit)
        buyers = [_buyer(work, draft.project, buyer) for buyer in draft.buyers]
        row = DealRow(id=new_id(work.now), project=draft.project, unit=unit, signed=draft.signed, recorded=work.now, recorded_by=actor.label)
        row.commission, row.entry = to_fen(draft.commission), _enter(work, actor, row, draft, [buyer.party for buyer in buyers])
        work.session.add(row)
        work.session.flush()
        for place, buyer in enumerate(buyers):
            buyer.deal, buyer.place = row.id, place
            work.session.add(buyer)
        for kin in draft.kin:
            parties.join(work, Join(buyers[kin.buyer].party, kin.party, kin.kind, Grade.LOGGED, actor.label, check_text(kin.proof, "proof", shortest=2)))
        work.session.flush()
        return _shown(work, row)


@permits(Permission.RECORD_DEALS)
def cancel_deal(site: Site, actor: Actor, deal: str, reason: str) -> Deal:
    """Put down that a contract was rescinded, or recorded by mistake. What was decided stays readable; no commission is due any more.

    Raises:
        NotFoundError: ``deal.unknown``.
        ConflictError: ``deal.cancelled``.
        InputError: ``input.text`` without a reason.
    """
    why = stated(reason)
    with writing(site) as work:
        row = deal_row(work.session, deal)
        if row.cancelled is not None:
            raise ConflictError("deal.cancelled", f"deal {deal}", "it is cancelled already", "Record a new one.")
        row.cancelled, row.cancelled_by, row.cancelled_why = work.now, actor.label, why
        work.record(Act(actor.label, "attribution.deal-cancelled", f"deal:{deal}", PURPOSE, why))
        return _shown(work, row)


@permits(Permission.VIEW_ATTRIBUTION)
def deals(  # noqa: PLR0913 - a list's filters
    site: Site,
    actor: Actor,  # noqa: ARG001 - the guard reads the actor
    *,
    project: str | None = None,
    states: Collection[DealState] | None = None,
    before: str | None = None,
    limit: int = 50,
) -> list[Deal]:
    """Return contracts, newest first, without their buyers; ``before``: the id of the last one that the caller has.

    Raises:
        InputError: ``paging.cursor-unknown``.
    """
    if before is not None and not IDENTIFIER.fullmatch(before):
        raise InputError("paging.cursor-unknown", "cursor", "it does not come from this list", "Send the `next` of a page unchanged.")
    wanted = select(DealRow).order_by(DealRow.id.desc())
    wanted = wanted.where(DealRow.project == project) if project is not None else wanted
    wanted = wanted.where(DealRow.id < before) if before is not None else wanted
    with reading(site) as work:
        rows = list(work.session.scalars(wanted if states else wanted.limit(limit)))
        found = standings(work.session, [row.id for row in rows])
        listed = [row for row in rows if not states or state_of(row, found[row.id], work.now) in states]
        return [deal_of(row, found[row.id], work.now) for row in listed[:limit]]


@permits(Permission.VIEW_ATTRIBUTION)
def deal(site: Site, actor: Actor, name: str) -> Deal:  # noqa: ARG001 - as above
    """Return a contract with its buyers.

    Raises:
        NotFoundError: ``deal.unknown``.
    """
    with reading(site) as work:
        return _shown(work, deal_row(work.session, name))


def _shown(work: UnitOfWork, row: DealRow) -> Deal:
    rows = work.session.scalars(select(BuyerRow).where(BuyerRow.deal == row.id).order_by(BuyerRow.place))
    buyers = [Buyer(found.party, found.passed, found.reader) for found in rows]
    return deal_of(row, standings(work.session, [row.id])[row.id], work.now, buyers)


def _enter(work: UnitOfWork, actor: Actor, row: DealRow, draft: DealDraft, buyers: list[str]) -> int:
    details: dict[str, JSONValue] = {"project": row.project, "signed": show_instant(floor(draft.signed)), "buyers": [*buyers]}
    details[COMMISSION] = commission_mark(work, row.id, to_fen(draft.commission))
    return work.record(Act(actor.label, "attribution.deal-recorded", f"deal:{row.id}", PURPOSE, details=details))


def _buyer(work: UnitOfWork, project: str, draft: BuyerDraft) -> BuyerRow:
    alias = check_text(draft.alias, "buyer", longest=40)
    check = _take_check(work, project, draft.check) if draft.check is not None else None
    # A document whose bearer did not pass says nothing about who the buyer is.
    number = _number(check.document) if check is not None and check.passed and check.document is not None else None
    if number is None and draft.phone is None:
        mend = "Give a telephone number, or let a reader check the document until it passes."
        raise InputError("deal.buyer-unknown", "buyer", "nothing says who this buyer is", mend)
    mask = mask_of(e164(draft.phone), PhoneForm.FIRST_3_LAST_4) if draft.phone is not None else None
    grade = Grade.TWO_SIDED if number is not None else Grade.LOGGED
    party = parties.add(work, project, PartyKind.BUYER, alias=alias, mask=mask, phone=draft.phone)
    parties.identify(work, party, document=number, grade=grade)
    return BuyerRow(party=party, passed=check.passed if check else None, reader=check.reader if check else None)


def _number(kept: bytes) -> NumberHash:
    newest, *older = (kept[start : start + HASH_BYTES] for start in range(0, len(kept), HASH_BYTES))
    return NumberHash(newest, tuple(older))


def _take_check(work: UnitOfWork, project: str, name: str) -> DocumentCheckRow:
    row = work.session.get(DocumentCheckRow, name) if IDENTIFIER.fullmatch(name) else None
    if row is None or row.project != project or row.desk != OFFICE or row.visit is not None or work.now - row.at > CHECK_LIFE:
        mend = "Let the reader check the document again."
        raise NotFoundError("identity.check-unknown", "identity check", "there is none of that id, it was used, or it is too old", mend)
    row.visit = name
    return row


def _check_draft(draft: DealDraft) -> None:
    if not 1 <= len(draft.buyers) <= MOST_BUYERS:
        raise InputError("deal.buyers", "deal", f"it has {len(draft.buyers)} buyers", f"Name 1 to {MOST_BUYERS}.")
    amount = draft.commission
    if not amount.is_finite() or not 0 <= amount <= _LARGEST or amount != amount.quantize(Decimal("0.01")):
        raise InputError("deal.commission", "commission", "it is no amount of CNY", "Write 0 to 1000000000 with at most two decimals.")
    if len(draft.kin) > _MOST_KIN or any(not _is_kin(kin, len(draft.buyers)) for kin in draft.kin):
        mend = "Name a buyer by their place from 0, a party that came before, and kin such as spouse, parent or child."
        raise InputError("deal.kin", "kin", "it names no buyer, or what is no kin", mend)


def _is_kin(kin: KinDraft, buyers: int) -> bool:
    named = IDENTIFIER.fullmatch(kin.party) and _KIN.fullmatch(kin.kind)
    return 0 <= kin.buyer < buyers and kin.kind not in _IDENTITY and named is not None


def _check_signed(signed: datetime, now: datetime) -> None:
    if not now - ENTERED_WITHIN <= signed <= now:
        mend = f"Give when the buyers signed, at most {ENTERED_WITHIN.days} days ago and not in the future."
        raise InputError("deal.signed", "deal", f"{signed.isoformat()} cannot be when it was signed", mend)


def _refuse_second(work: UnitOfWork, project: str, unit: str) -> None:
    same = select(DealRow.id).where(DealRow.project == project, DealRow.unit == unit, DealRow.cancelled.is_(None))
    if work.session.scalar(same.limit(1)) is not None:
        raise ConflictError("deal.recorded", f"unit {unit}", "it has a contract already", "Cancel that one first, with the reason.")
