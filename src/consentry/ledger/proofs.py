"""Puts proofs together from stored subtrees: O(log n) rows for one of a million entries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consentry.ledger.records import read_nodes
from consentry.ledger.rules.merkle import complete_subtrees, consistency_ranges, fold, inclusion_ranges
from consentry.platform.errors import LedgerError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

__all__ = ["prove_consistency", "prove_inclusion", "root_at"]


def root_at(session: Session, size: int) -> bytes:
    """Return the root over the first ``size`` entries."""
    return _roots(session, [(0, size)])[0]


def prove_inclusion(session: Session, index: int, size: int) -> tuple[bytes, ...]:
    """Return the path from entry ``index`` to the root over the first ``size`` entries."""
    return _roots(session, inclusion_ranges(index, size))


def prove_consistency(session: Session, earlier: int, later: int) -> tuple[bytes, ...]:
    """Return the proof that the first ``later`` entries begin with the first ``earlier``."""
    return _roots(session, consistency_ranges(earlier, later))


def _roots(session: Session, ranges: list[tuple[int, int]]) -> tuple[bytes, ...]:
    spans = [complete_subtrees(start, end) for start, end in ranges]
    wanted = {span for group in spans for span in group}
    found = read_nodes(session, wanted)
    if len(found) != len(wanted):
        raise LedgerError("ledger.incomplete", "log", "subtrees are missing from its tables", "Run `consentry ledger audit`.")
    return tuple(fold([found[span] for span in group]) for group in spans)
