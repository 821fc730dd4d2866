"""The commission board: what is due, held and paid, for which reasons."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import select

from consentry.attribution.deals import BoardRow, BoardTotals, CommissionBoard, DealState, PayState
from consentry.attribution.records.deals import DealRow, PaymentRow
from consentry.attribution.service.agencies import agency_names
from consentry.attribution.service.commission import check_commission
from consentry.attribution.service.disputes import disputed
from consentry.attribution.service.standing import Standing, deal_row, standings, state_of, to_yuan
from consentry.attribution.work import PURPOSE
from consentry.ledger.model import Act
from consentry.ledger.work import UnitOfWork, reading, writing
from consentry.platform.actors import Permission, permits
from consentry.platform.errors import ConflictError, NotFoundError
from consentry.staff.rules import check_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sqlalchemy.orm import Session

    from consentry.ledger.model import JSONValue
    from consentry.platform.actors import Actor
    from consentry.platform.site import Site

__all__ = ["board", "board_of", "pay"]

_STATES = {
    DealState.WAITING: "not-signed",
    DealState.SENT_BACK: "sent-back",
    DealState.SIGNED: "appeal-window",
    DealState.APPEALED: "appealed",
}
"""Why commission is held, by where the contract stands."""


@permits(Permission.VIEW_COMMISSION)
def board(site: Site, actor: Actor, *, project: str | None = None) -> CommissionBoard:  # noqa: ARG001 - the guard reads the actor
    """Return the board: one row for each agency's share of each contract, newest first."""
    with reading(site) as work:
        return board_of(work, project)


@permits(Permission.RECORD_DEALS)
def pay(site: Site, actor: Actor, deal: str, agency: str, reference: str) -> BoardRow:
    """Put down that an agency's share was paid; ``reference``: of the transfer, for accounting.

    Raises:
        NotFoundError: ``deal.unknown``, or ``commission.none`` where the agency has no share in it.
        ConflictError: ``commission.held`` with the reasons, or ``commission.paid``.
        InputError: ``input.text``.
        LedgerError: ``evidence.altered`` where the amount is not the one that was recorded.
    """
    note = check_text(reference, "reference", longest=64)
    with writing(site) as work:
        check_commission(work, deal_row(work.session, deal))
        row = _share(work, deal_row(work.session, deal), agency)
        if row.state is PayState.PAID:
            raise ConflictError("commission.paid", f"deal {deal}", "this share is paid already", "Look at the board again.")
        if row.state is not PayState.DUE:
            raise ConflictError("commission.held", f"deal {deal}", f"payment is held: {', '.join(row.reasons)}", "Settle that first.")
        details: dict[str, JSONValue] = {"agency": agency, "amount": str(row.amount)}
        entry = work.record(Act(actor.label, "attribution.commission-paid", f"deal:{deal}", PURPOSE, details=details))
        paid = PaymentRow(deal=deal, agency=agency, amount=int(row.amount * 100), paid=work.now, paid_by=actor.label, reference=note, entry=entry)
        work.session.add(paid)
        work.session.flush()
        return _share(work, deal_row(work.session, deal), agency)


def board_of(work: UnitOfWork, project: str | None) -> CommissionBoard:
    """Return the board within a transaction."""
    wanted = select(DealRow).order_by(DealRow.signed.desc(), DealRow.id)
    deals = list(work.session.scalars(wanted if project is None else wanted.where(DealRow.project == project)))
    rows = tuple(_rows(work, deals))
    return CommissionBoard(rows, BoardTotals(*(_sum(rows, state) for state in (PayState.DUE, PayState.HELD, PayState.PAID))))


def _rows(work: UnitOfWork, deals: list[DealRow]) -> Iterator[BoardRow]:
    found, names = standings(work.session, [deal.id for deal in deals]), agency_names(work.session)
    paid, contested = _payments(work.session), disputed(work.session, [deal.id for deal in deals])
    for deal in deals:
        reasons = _reasons(deal, found[deal.id], state_of(deal, found[deal.id], work.now), contested=deal.id in contested)
        yield from _of_deal(work, deal, found[deal.id], names, paid.get(deal.id, {}), reasons)


def _share(work: UnitOfWork, deal: DealRow, agency: str) -> BoardRow:
    found = next((row for row in _rows(work, [deal]) if row.agency == agency), None)
    if found is None:
        raise NotFoundError("commission.none", f"deal {deal.id}", "that agency has no share in it", "Look at the board.")
    return found


def _of_deal(  # noqa: PLR0913, PLR0917 - what one contract's rows are made of
    work: UnitOfWork, deal: DealRow, standing: Standing, names: Mapping[str, str], paid: Mapping[str, PaymentRow], reasons: tuple[str, ...]
) -> Iterator[BoardRow]:
    verdict, state = standing.verdict, state_of(deal, standing, work.now)
    kind = verdict.ownership.kind if verdict else None
    shares = dict(zip(verdict.ownership.agencies, _shares(deal.commission, len(verdict.ownership.agencies)), strict=True)) if verdict else {}
    owed = PayState.NONE if state is DealState.CANCELLED else PayState.HELD if reasons else PayState.DUE
    head = (deal.id, deal.project, deal.unit, deal.signed, kind)
    for agency in sorted({*shares, *paid}):
        done = paid.get(agency)
        if done is not None:
            yield BoardRow(*head, agency, names.get(agency), to_yuan(done.amount), PayState.PAID, (), done.paid, done.paid_by, done.reference)
        else:
            yield BoardRow(*head, agency, names.get(agency), to_yuan(shares[agency]), owed, reasons)
    if not shares and not paid:
        yield BoardRow(*head, None, None, to_yuan(deal.commission), PayState.HELD if verdict is None and owed is PayState.HELD else PayState.NONE, reasons)


def _reasons(deal: DealRow, standing: Standing, state: DealState, *, contested: bool) -> tuple[str, ...]:
    if state is DealState.CANCELLED:
        return ("cancelled",)
    waiting = (_STATES[state],) if state in _STATES else ()
    unseen = ("not-screened",) if deal.screened is None else ()
    open_dispute = ("disputed",) if contested else ()
    return (*waiting, *open_dispute, *unseen, *(f"flag-{kind}" for kind in standing.flags))


def _shares(fen: int, agencies: int) -> list[int]:
    """Return an amount in equal parts; the fen that are left over go to the first ones."""
    if not agencies:
        return []
    share, rest = divmod(fen, agencies)
    return [share + (place < rest) for place in range(agencies)]


def _payments(session: Session) -> dict[str, dict[str, PaymentRow]]:
    found: dict[str, dict[str, PaymentRow]] = {}
    for row in session.scalars(select(PaymentRow)):
        found.setdefault(row.deal, {})[row.agency] = row
    return found


def _sum(rows: Iterable[BoardRow], state: PayState) -> Decimal:
    return sum((row.amount for row in rows if row.state is state), Decimal("0.00"))
