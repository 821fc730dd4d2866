"""A person's own copy, with what they did at doors, where their face is one of their ways in (PIPL 45, R55)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from consentry.access.records.credentials import CredentialRow
from consentry.access.service.credentials import face_consents
from consentry.access.service.events import events_of
from consentry.consent import service as consents
from consentry.ledger.work import reading
from consentry.recognition import service as recognition

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from sqlalchemy.orm import Session

    from consentry.access.happenings import PassEvent
    from consentry.ledger.model import JSONValue
    from consentry.platform.site import Site

__all__ = ["copy_of"]

_AT_ONCE = 500


def copy_of(site: Site, secret: str) -> dict[str, JSONValue]:
    """Return what ``recognition.service.copy_of`` does, and ``doors``: what is kept of the person's passing through doors, the newest first.

    Duress is not told here: whoever forced the receipt from somebody may be reading.

    Raises:
        NotFoundError: ``consent.secret``.
    """
    kept = recognition.copy_of(site, secret)
    names = [one.id for one in consents.consents_of(site, secret)]
    with reading(site) as work:
        people = _people_of(work.session, names)
    return {**kept, "doors": [_told(one) for one in _passed(site, people)]}


def _people_of(session: Session, names: Collection[str]) -> list[str]:
    """Return who the doors know by these consents; nobody by one that lets somebody else in as well, because it is not known whose it is."""
    linked = session.scalars(select(CredentialRow.person).where(CredentialRow.consent.in_(names)).distinct())
    return [person for person in linked if not set(names).isdisjoint(face_consents(session, person))]


def _passed(site: Site, people: Collection[str]) -> Iterator[PassEvent]:
    found = events_of(site, people, limit=_AT_ONCE)
    while found:
        yield from found
        found = events_of(site, people, before=found[-1].id, limit=_AT_ONCE)


def _told(event: PassEvent) -> JSONValue:
    return {"at": event.at.isoformat(), "door": event.door, "kind": str(event.kind), "reader": event.reader}
