"""Checks the stored subtrees and the head against the leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from consentry.ledger.records import HeadRow, NodeRow
from consentry.ledger.rules.entries import OPENED, RESTORED
from consentry.ledger.rules.merkle import HASH_BYTES, Span, complete_subtrees

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from consentry.ledger.audit.findings import Findings, Seen
    from consentry.ledger.rules.merkle import Node

__all__ = ["HeadCheck", "SubtreeCheck"]

_BATCH = 2000


class SubtreeCheck:
    """Every complete subtree is stored once, with its hash, and nothing else is."""

    def __init__(self, session: Session, findings: Findings) -> None:
        """Read the stored subtrees in the order in which they were completed, beside the entries."""
        self._findings = findings
        self._rows = session.execute(_in_order())
        self._stored: Iterator[tuple[int, bytes]] = ((row.number, row.hash) for row in self._rows)
        self._next = next(self._stored, None)

    def see(self, index: int, completed: list[Node]) -> None:
        """Compare the subtrees that entry ``index`` completed."""
        for node in completed:
            self._compare(index, node)

    def finish(self, size: int) -> None:
        """Find subtrees that no entry completes."""
        if self._next is not None:
            self._findings.add(size, size, "node.extra", f"a stored subtree, number {self._next[0]}, belongs to no entries")
        self._rows.close()

    def _compare(self, index: int, node: Node) -> None:
        number, found = node.span.number, self._next
        while found is not None and found[0] < number:
            self._findings.add(index, index, "node.extra", f"a stored subtree, number {found[0]}, belongs to no entries")
            found = self._next = next(self._stored, None)
        first, last = _covered(node.span)
        if found is None or found[0] != number:
            self._findings.add_unless_explained(first, last, "node.missing", f"the stored subtree over the entries {first} to {last} is gone")
            return
        if found[1] != node.hash:
            self._findings.add_unless_explained(first, last, "node.hash", f"the stored subtree over the entries {first} to {last} does not have their hash")
        self._next = next(self._stored, None)


class HeadCheck:
    """The head says how long the log is, what its right edge is, and where the present origin began."""

    def __init__(self, session: Session, findings: Findings) -> None:
        """Read the head."""
        self._findings = findings
        self._rows = session.execute(select(HeadRow.size, HeadRow.frontier, HeadRow.genesis)).all()
        self._genesis = 0
        self._last: Seen | None = None

    def see(self, seen: Seen) -> None:
        """Note where an origin begins, and what the tree is now."""
        self._last = seen
        if seen.entry and seen.entry.act.action in (OPENED, RESTORED):
            self._genesis = seen.index

    def finish(self, size: int) -> None:
        """Compare the head with what was read."""
        if not self._rows:
            if size:
                self._findings.add(0, size - 1, "head.missing", "the head is gone, so nothing says how long the log is")
            return
        head = self._rows[0]
        if head.size > size:
            self._findings.add(size, head.size - 1, "entry.missing", f"the head counts {head.size} entries, and there are {size}")
        elif head.size == size:
            self._compare_edge(head.frontier, size)
        if head.genesis != self._genesis:
            blamed = max(head.genesis, self._genesis)
            problem = f"the head says that entry {head.genesis} opened the log, and it was {self._genesis}"
            self._findings.add_unless_explained(blamed, blamed, "head.genesis", problem)

    def expect(self, index: int) -> None:
        """Find the first entry that the head does not count; asked before its place in the tree is looked at, which cannot be right."""
        if self._rows and index == max(self._rows[0].size, 0):
            self._findings.add(index, index, "entry.extra", f"the head counts {self._rows[0].size} entries, and there are more")

    def _compare_edge(self, stored: bytes, size: int) -> None:
        hashes = self._last.tree.hashes if self._last else []
        pieces = [stored[start : start + HASH_BYTES] for start in range(0, len(stored), HASH_BYTES)]
        if len(pieces) != len(hashes):
            self._findings.add_unless_explained(0, size - 1, "head.frontier", "the head does not have the right edge of the tree")
            return
        for span, true, found in zip(complete_subtrees(0, size), hashes, pieces, strict=True):
            if true != found:
                first, last = _covered(span)
                self._findings.add_unless_explained(first, last, "head.frontier", f"the head does not have the hash over the entries {first} to {last}")


def _covered(span: Span) -> tuple[int, int]:
    """Return the first and the last entry under a subtree."""
    return span.position << span.level, ((span.position + 1) << span.level) - 1


def _in_order() -> Select[int, bytes]:
    return select(NodeRow.number, NodeRow.hash).order_by(NodeRow.number).execution_options(yield_per=_BATCH)
