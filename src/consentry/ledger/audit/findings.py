"""What an audit collects, and what its checks are shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from consentry.ledger.model import Finding

if TYPE_CHECKING:
    from consentry.ledger.model import Entry
    from consentry.ledger.rules.merkle import Frontier

__all__ = ["Check", "Findings", "Seen"]


@dataclass(frozen=True, slots=True)
class Seen:
    """A row of the log in its turn: its leaf, its entry (None where the body is gone or damaged), the tree up to and with it."""

    index: int
    leaf: bytes
    entry: Entry | None
    tree: Frontier


class Check(Protocol):
    """One thing that an audit looks at. It is shown every entry in order, then told where the log ends."""

    def see(self, seen: Seen) -> None:
        """Look at one entry."""
        ...

    def finish(self, size: int) -> None:
        """Look at what can only be told at the end, after ``size`` entries."""
        ...


class Findings:
    """The findings so far."""

    def __init__(self) -> None:
        """Start without any."""
        self.found: list[Finding] = []

    def add(self, first: int, last: int, code: str, problem: str) -> None:
        """Report something wrong about the entries from ``first`` to ``last``, both included."""
        self.found.append(Finding(first, max(first, last), code, problem))

    def add_unless_explained(self, first: int, last: int, code: str, problem: str) -> None:
        """Report a hash that does not fit, unless something wrong inside its range was reported already: that changes every hash above it."""
        if not any(first <= finding.first <= last or first <= finding.last <= last for finding in self.found):
            self.add(first, last, code, problem)

    def sorted(self) -> tuple[Finding, ...]:
        """Return the findings by first index."""
        return tuple(sorted(self.found, key=lambda finding: (finding.first, finding.last, finding.code)))
