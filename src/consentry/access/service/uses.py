"""How often credentials opened whose uses are counted: by device, so that each controller is told what is left to it, and none counts its own twice."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select

from consentry.access.model import CredentialKind, CredentialState
from consentry.access.records.credentials import CredentialRow
from consentry.access.records.events import UseRow
from consentry.access.records.residents import GuestRow
from consentry.access.register import Why
from consentry.access.service.credentials import set_state
from consentry.access.work import ITSELF, changed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.orm import Session

    from consentry.ledger.work import UnitOfWork

__all__ = ["count_uses", "forget_uses", "used", "used_elsewhere"]


def count_uses(work: UnitOfWork, device: str, granted: Iterable[tuple[str, str]]) -> None:
    """Count grants that a device told, each a credential and the door that it opened, and end for ever what has no uses left.

    Credentials without a number of uses are not counted, but those of guests, whose host sees how often they came. A door that a credential does not name
    counts nothing: no controller uses up what is none of its own.
    """
    doors: dict[str, list[str]] = {}
    for credential, door in granted:
        doors.setdefault(credential, []).append(door)
    counted = CredentialRow.uses.is_not(None) | (CredentialRow.kind == CredentialKind.GUEST)
    for row in work.session.scalars(select(CredentialRow).where(CredentialRow.id.in_(doors), counted)).all():
        many = sum(count for door, count in Counter(doors[row.id]).items() if row.doors is None or door in row.doors)
        if many:
            _count(work, row, device, many)


def used(session: Session, credential: str) -> int:
    """Return how often a credential whose uses are counted opened in all."""
    return int(session.scalar(select(func.sum(UseRow.uses)).where(UseRow.credential == credential)) or 0)


def used_elsewhere(session: Session, device: str) -> dict[str, int]:
    """Return how often credentials opened at other devices than this one, which counts its own, by credential."""
    others = select(UseRow.credential, func.sum(UseRow.uses)).where(UseRow.device != device).group_by(UseRow.credential)
    return {credential: int(many) for credential, many in session.execute(others)}


def forget_uses(work: UnitOfWork) -> None:
    """Delete the counts of credentials that have ended, once no guest's pass shows them any more."""
    ended = select(CredentialRow.id).where(CredentialRow.state == CredentialState.ENDED)
    work.session.execute(delete(UseRow).where(UseRow.credential.in_(ended), UseRow.credential.not_in(select(GuestRow.credential))))


def _count(work: UnitOfWork, row: CredentialRow, device: str, many: int) -> None:
    before = work.session.get(UseRow, (row.id, device))
    work.session.merge(UseRow(credential=row.id, device=device, uses=many + (before.uses if before else 0)))
    work.session.flush()
    if row.uses is None:
        return
    changed(work)
    if row.state != CredentialState.ENDED and used(work.session, row.id) >= row.uses:
        set_state(work, ITSELF.label, row, CredentialState.ENDED, Why.EXPIRED)
