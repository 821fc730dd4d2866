"""Checks that every body that is gone was erased by two people who left a tombstone, and that none came back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consentry.ledger.rules.entries import ERASED, PERMANENT

if TYPE_CHECKING:
    from consentry.ledger.audit.findings import Findings, Seen

__all__ = ["ErasureCheck"]

_BY = 2


class ErasureCheck:
    """Missing bodies and tombstones belong together one to one."""

    def __init__(self, findings: Findings) -> None:
        """Start without any."""
        self._findings = findings
        self._gone: set[int] = set()
        self.tombstones: dict[int, str] = {}

    def gone(self, index: int) -> None:
        """Note that the body of an entry is gone."""
        self._gone.add(index)

    def see(self, seen: Seen) -> None:
        """Read a tombstone."""
        if seen.entry is None or seen.entry.act.action != ERASED:
            return
        details = seen.entry.act.details
        index, action, by = details.get("index"), details.get("action"), details.get("by")
        two = isinstance(by, list) and len(by) == _BY and by[0] != by[1]
        if not isinstance(index, int) or not isinstance(action, str) or not 0 <= index < seen.index or not two or action in PERMANENT:
            self._findings.add(seen.index, seen.index, "tombstone.invalid", "a tombstone does not name an earlier entry and the two who erased it")
            return
        self.tombstones[index] = action

    def finish(self, size: int) -> None:  # noqa: ARG002 - the shape of a check
        """Compare both."""
        for index in sorted(self._gone - set(self.tombstones)):
            self._findings.add(index, index, "entry.body-missing", f"the body of entry {index} is gone, and no tombstone says why")
        for index in sorted(set(self.tombstones) - self._gone):
            self._findings.add_unless_explained(index, index, "entry.body-returned", f"entry {index} was erased, and its body is back")
