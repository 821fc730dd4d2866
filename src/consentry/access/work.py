"""What every act of the register shares: who the ledger names, for what purpose, under which keys, and that a snapshot must be made anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consentry.access.records.policies import RevisionRow
from consentry.platform.actors import system

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from consentry.ledger.work import UnitOfWork

__all__ = ["CREDENTIALS", "ITSELF", "PEOPLE", "PURPOSE", "changed", "credential_label", "person_label", "revision"]

ITSELF = system("doors")
"""Who the ledger names where nobody acts."""
PURPOSE = "door_access"
"""The purpose that the ledger names."""
PEOPLE = "access-people"
"""The site's key under which names are encrypted and units hashed."""
CREDENTIALS = "access-credentials"
"""The site's key under which lies what controllers compare, and under which cards are found."""
_ONLY = 1


def person_label(person: str) -> str:
    """Return how the ledger names somebody."""
    return f"door-person:{person}"


def credential_label(credential: str) -> str:
    """Return how the ledger names a credential."""
    return f"credential:{credential}"


def changed(work: UnitOfWork) -> None:
    """Say that something changed which a snapshot holds."""
    row = work.session.get(RevisionRow, _ONLY)
    if row is None:
        work.session.add(RevisionRow(id=_ONLY, number=1))
    else:
        row.number += 1


def revision(session: Session) -> int:
    """Return how often the register changed."""
    row = session.get(RevisionRow, _ONLY)
    return row.number if row else 0
