"""Checks the counts that the log signed of its own entries."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from consentry.ledger.rules.entries import COUNTED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from consentry.ledger.audit.findings import Findings, Seen

__all__ = ["CountCheck"]


class CountCheck:
    """Counts follow one another without a gap, and each is right."""

    def __init__(self, findings: Findings, tombstones: Mapping[int, str]) -> None:
        """Take what the tombstones, which are filled meanwhile, say an erased entry was."""
        self._findings = findings
        self._tombstones = tombstones
        self._actions: list[str | None] = []
        self._claims: list[Seen] = []

    def see(self, seen: Seen) -> None:
        """Note what kind of entry it is."""
        self._actions.append(seen.entry.act.action if seen.entry else None)
        if seen.entry and seen.entry.act.action == COUNTED:
            self._claims.append(seen)

    def finish(self, size: int) -> None:  # noqa: ARG002 - the shape of a check
        """Count again."""
        expected = 0
        for claim in self._claims:
            details = claim.entry.act.details if claim.entry else {}
            start, end = details.get("from"), details.get("to")
            if start != expected or not isinstance(end, int) or not expected < end <= claim.index or details.get("counts") != self._count(expected, end):
                problem = f"the counts in entry {claim.index} are not those of the entries they name"
                self._findings.add_unless_explained(expected, claim.index, "counts.wrong", problem)
            expected = end if isinstance(end, int) else claim.index

    def _count(self, start: int, end: int) -> dict[str, int]:
        found = (self._actions[index] or self._tombstones.get(index) for index in range(start, end))
        return dict(Counter(action for action in found if action))
