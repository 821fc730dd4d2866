"""Walks over the whole log once, in order, and shows every entry to every check."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from consentry.ledger.audit.daily_counts import CountCheck
from consentry.ledger.audit.erasures import ErasureCheck
from consentry.ledger.audit.findings import Findings, Seen
from consentry.ledger.audit.signed import AttestationCheck, CheckpointCheck, OutsideCheck
from consentry.ledger.audit.tree import HeadCheck, SubtreeCheck
from consentry.ledger.model import AuditReport
from consentry.ledger.records import EntryRow
from consentry.ledger.rules.canonical import parse
from consentry.ledger.rules.entries import read_entry, to_milliseconds
from consentry.ledger.rules.merkle import HASH_BYTES, Frontier, leaf_hash
from consentry.platform.errors import ProofError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Row, Select
    from sqlalchemy.orm import Session

    from consentry.ledger.audit.findings import Check
    from consentry.ledger.model import Checkpoint, Entry

__all__ = ["audit_log"]

_BATCH = 2000
_LONGEST_GAP = 100_000
"""Entries that may be missing in one place before an audit stops there: a made-up number must not keep it busy for ever."""

_NO_LEAF = bytes(HASH_BYTES)


def audit_log(session: Session, site: str, keys: frozenset[bytes], outside: Iterable[Checkpoint] = ()) -> AuditReport:
    """Recompute everything and report what does not fit.

    Args:
        session: Reads one state of the database.
        site: The id under which the log's origins are named.
        keys: The public keys (32 bytes each) that the site has or had.
        outside: Checkpoints kept elsewhere, their signatures verified.
    """
    findings = Findings()
    erasures = ErasureCheck(findings)
    checkpoints = CheckpointCheck(session, site, keys, findings)
    head = HeadCheck(session, findings)
    checks: list[Check] = [
        erasures,
        checkpoints,
        AttestationCheck(session, findings),
        CountCheck(findings, erasures.tombstones),
        OutsideCheck(outside, findings),
        head,
    ]
    size = _Walk(session, findings, erasures, head, checks).run()
    return AuditReport(size, checkpoints.checked, len(erasures.tombstones), findings.sorted())


class _Walk:
    """One pass over the entries, beside the stored subtrees."""

    def __init__(self, session: Session, findings: Findings, erasures: ErasureCheck, head: HeadCheck, checks: list[Check]) -> None:
        self._session = session
        self._findings = findings
        self._erasures = erasures
        self._head = head
        self._checks = checks
        self._tree = Frontier()
        self._subtrees = SubtreeCheck(session, findings)

    def run(self) -> int:
        """Read every entry; return how many places the log has."""
        with self._session.execute(_in_order()) as rows:
            for row in rows:
                if row.number > 2 * self._tree.size + _LONGEST_GAP:
                    self._findings.add(self._tree.size, row.number, "entry.missing", f"the entries {self._tree.size} to {row.number - 1} are gone")
                    break
                self._take(row)
        self._subtrees.finish(self._tree.size)
        for check in self._checks:
            check.finish(self._tree.size)
        return self._tree.size

    def _take(self, row: Row[int, bytes, bytes | None, bytes | None, str | None, int | None]) -> None:
        if row.number < 0:
            self._findings.add(0, 0, "entry.extra", f"an entry has the number {row.number}")
            return
        self._fill_gap(row.number)
        self._show(row.number, row.leaf, self._entry(row))

    def _fill_gap(self, index: int) -> None:
        """Put a leaf that fits nothing where entries are missing, so that those after them keep their places in the tree."""
        start = self._tree.size
        if start < index:
            self._findings.add(start, index - 1, "entry.missing", f"the entries {start} to {index - 1} are gone")
        for missing in range(start, index):
            self._show(missing, _NO_LEAF, None)

    def _show(self, index: int, leaf: bytes, entry: Entry | None) -> None:
        self._head.expect(index)
        self._subtrees.see(index, self._tree.append(leaf))
        seen = Seen(index, leaf, entry, self._tree)
        for check in self._checks:
            check.see(seen)

    def _entry(self, row: Row[int, bytes, bytes | None, bytes | None, str | None, int | None]) -> Entry | None:
        """Return the entry of a row after checking it by itself, or None where it was erased or is damaged."""
        if row.body is None and row.salt is None and row.action is None and row.at is None:
            self._erasures.gone(row.number)
            return None
        if row.body is None or row.salt is None:
            self._findings.add(row.number, row.number, "entry.body-missing", f"a part of entry {row.number} is gone")
            return None
        if leaf_hash(row.body, row.salt) != row.leaf:
            self._findings.add(row.number, row.number, "entry.changed", f"entry {row.number} does not have the hash it had when it was written")
            return None
        return self._parsed(row)

    def _parsed(self, row: Row[int, bytes, bytes | None, bytes | None, str | None, int | None]) -> Entry | None:
        try:
            entry = read_entry(parse(row.body))
        except ProofError as error:
            self._findings.add(row.number, row.number, "entry.damaged", f"entry {row.number} cannot be read: {error.problem}")
            return None
        if (entry.index, entry.act.action, to_milliseconds(entry.at)) != (row.number, row.action, row.at):
            self._findings.add(row.number, row.number, "entry.columns", f"entry {row.number} is filed under another number, action or time")
        return entry


def _in_order() -> Select[int, bytes, bytes | None, bytes | None, str | None, int | None]:
    columns = EntryRow.number, EntryRow.leaf, EntryRow.body, EntryRow.salt, EntryRow.action, EntryRow.at
    return select(*columns).order_by(EntryRow.number).execution_options(yield_per=_BATCH)
