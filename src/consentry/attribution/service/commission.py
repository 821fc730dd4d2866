"""The amount of a commission in the ledger: as a keyed hash, so that the bundles which parties get prove the contract and do not tell the amount."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consentry.attribution.numbers import Hashed, NumberHash, number_hash
from consentry.ledger.lookup import entries_at
from consentry.platform.errors import LedgerError

if TYPE_CHECKING:
    from consentry.attribution.records.deals import DealRow
    from consentry.ledger.work import UnitOfWork

__all__ = ["COMMISSION", "check_commission", "commission_mark"]

COMMISSION = "commission_hash"
"""Under which name the entry of a contract holds it, in hex."""


def commission_mark(work: UnitOfWork, deal: str, fen: int) -> str:
    """Return what the entry of a contract holds of its commission, which is in hundredths of CNY."""
    return _hashes(work, deal, fen).newest.hex()


def check_commission(work: UnitOfWork, row: DealRow) -> None:
    """Pass where the commission in the database is the one that was recorded; an entry that was erased since cannot be compared.

    Raises:
        LedgerError: ``evidence.altered`` or ``ledger.altered``.
    """
    entry = entries_at(work.session, [row.entry]).get(row.entry)
    recorded = entry.act.details.get(COMMISSION) if entry else None
    if recorded is not None and recorded not in {one.hex() for one in _hashes(work, row.id, row.commission).known_as}:
        problem = f"its commission is not the one of entry {row.entry} of the log"
        raise LedgerError("evidence.altered", f"deal {row.id}", problem, "Somebody changed the database; restore a backup.")


def _hashes(work: UnitOfWork, deal: str, fen: int) -> NumberHash:
    return number_hash(work.keys, Hashed.COMMISSION, deal, str(fen))
