"""Where contracts stand: the verdict in force, what is open against it, what was sent back; for one contract and for hundreds."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from consentry.attribution.deals import Deal, DealState, Ownership, SignedVerdict
from consentry.attribution.model import VerdictKind
from consentry.attribution.records.deals import AppealRow, DealRow, FlagRow, SentBackRow, VerdictRow
from consentry.attribution.service.agencies import IDENTIFIER
from consentry.attribution.service.parties import chunks
from consentry.platform.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from consentry.attribution.deals import Buyer

__all__ = ["Standing", "deal_of", "deal_row", "standings", "state_of", "to_fen", "to_yuan"]

_FEN = Decimal("0.01")
_HEAD = (
    VerdictRow.id,
    VerdictRow.deal,
    VerdictRow.number,
    VerdictRow.kind,
    VerdictRow.agencies,
    VerdictRow.concerned,
    VerdictRow.flags,
    VerdictRow.signed,
    VerdictRow.signed_by,
    VerdictRow.appeal_until,
    VerdictRow.sha256,
    VerdictRow.entry,
)
"""What lists need of a verdict: not its document, which is large."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What there is to a contract besides its row. ``verdicts``: oldest first; the last is in force. ``flags``: kinds that nobody cleared."""

    verdicts: tuple[SignedVerdict, ...] = ()
    concerned: frozenset[str] = field(default=frozenset())
    appealed: bool = False
    flags: tuple[str, ...] = ()
    sent_back: str | None = None

    @property
    def verdict(self) -> SignedVerdict | None:
        """Return the verdict in force, or None before the first."""
        return self.verdicts[-1] if self.verdicts else None


def standings(session: Session, deals: Iterable[str]) -> dict[str, Standing]:
    """Return where each contract stands, by its id."""
    names = list(deals)
    verdicts: dict[str, list[SignedVerdict]] = defaultdict(list)
    concerned: dict[str, set[str]] = defaultdict(set)
    flags: dict[str, list[str]] = defaultdict(list)
    appealed: set[str] = set()
    sent_back: dict[str, str] = {}
    for some in chunks(names):
        for row in session.execute(select(*_HEAD).where(VerdictRow.deal.in_(some)).order_by(VerdictRow.number)):
            verdicts[row.deal].append(_verdict(row))
            concerned[row.deal] |= {*row.concerned, *row.agencies}
        for deal, agency, decided in session.execute(select(AppealRow.deal, AppealRow.agency, AppealRow.decided).where(AppealRow.deal.in_(some))):
            appealed |= {deal} if decided is None else set()
            concerned[deal] |= {agency} if agency is not None else set()
        raised = select(FlagRow.deal, FlagRow.kind).where(FlagRow.deal.in_(some), FlagRow.cleared.is_(None)).order_by(FlagRow.kind)
        for deal, kind in session.execute(raised):
            flags[deal].append(kind)
        wanted = select(SentBackRow.deal, SentBackRow.reason).where(SentBackRow.deal.in_(some)).order_by(SentBackRow.id)
        sent_back.update(dict(session.execute(wanted).all()))
    return {name: Standing(tuple(verdicts[name]), frozenset(concerned[name]), name in appealed, tuple(flags[name]), sent_back.get(name)) for name in names}


def state_of(row: DealRow, standing: Standing, now: datetime) -> DealState:
    """Return where a contract stands at ``now``."""
    if row.cancelled is not None:
        return DealState.CANCELLED
    if standing.verdict is None:
        return DealState.WAITING if standing.sent_back is None else DealState.SENT_BACK
    if standing.appealed:
        return DealState.APPEALED
    return DealState.SIGNED if now <= standing.verdict.appeal_until else DealState.FINAL


def deal_of(row: DealRow, standing: Standing, now: datetime, buyers: Sequence[Buyer] = ()) -> Deal:
    """Return a contract as others see it."""
    state = state_of(row, standing, now)
    why = standing.sent_back if state is DealState.SENT_BACK else None
    yuan = to_yuan(row.commission)
    return Deal(row.id, row.project, row.unit, row.signed, row.recorded, row.recorded_by, yuan, state, row.entry, tuple(buyers), why)


def deal_row(session: Session, name: str) -> DealRow:
    """Return the row of a contract.

    Raises:
        NotFoundError: ``deal.unknown``.
    """
    row = session.get(DealRow, name) if IDENTIFIER.fullmatch(name) else None
    if row is None:
        raise NotFoundError("deal.unknown", "deal", "there is none of that id", "Look at the list again.")
    return row


def to_fen(yuan: Decimal) -> int:
    """Return an amount in hundredths."""
    return int(yuan / _FEN)


def to_yuan(fen: int) -> Decimal:
    """Return an amount of hundredths with two decimals."""
    return (fen * _FEN).quantize(_FEN)


def _verdict(row: Any) -> SignedVerdict:  # noqa: ANN401 - a row of those columns
    owned = Ownership(VerdictKind(row.kind), tuple(row.agencies))
    return SignedVerdict(row.id, row.deal, row.number, owned, tuple(row.flags), row.signed, row.signed_by, row.appeal_until, row.sha256, row.entry)
