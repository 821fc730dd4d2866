"""A person's own copy, with what their face did at doors, where it is one of their ways in (PIPL 45, R55)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from consentry.access.records.credentials import CredentialRow
from consentry.access.service.events import events_by
from consentry.consent import service as consents
from consentry.ledger.work import reading
from consentry.recognition import service as recognition

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from consentry.access.happenings import PassEvent
    from consentry.consent.model import Consent
    from consentry.ledger.model import JSONValue
    from consentry.platform.site import Site

__all__ = ["copy_of"]

_AT_ONCE = 500


def copy_of(site: Site, secret: str) -> dict[str, JSONValue]:
    """Return what ``recognition.service.copy_of`` does, and ``doors``: what was done at doors by the face of the person's consents, the newest first.

    A receipt proves whose face it is, and not who holds a card: what somebody did by other ways they read signed in, on their own page. Of a consent
    what happened between its beginning and its end is told, and up to ``movements_until`` (``consent.service.movements_until``). Duress is not told
    here: whoever forced the receipt from somebody may be reading.

    Raises:
        NotFoundError: ``consent.secret``.
    """
    kept, until = recognition.copy_of(site, secret), consents.movements_until(site, secret)
    if until is None:
        return {**kept, "doors": []}
    faces = _faces_of(site, consents.consents_of(site, secret))
    spans = {face: (one.given, min(one.ended or until, until)) for face, one in faces.items()}
    found = ((one, *spans[str(one.credential)]) for one in _passed(site, spans))
    return {**kept, "doors": [_told(one) for one, since, end in found if since <= one.at < end]}


def _faces_of(site: Site, mine: list[Consent]) -> dict[str, Consent]:
    """Return with each face credential, whoever it was linked to, the consent that it rests on or rested on."""
    known = {one.id: one for one in mine}
    with reading(site) as work:
        rows = work.session.execute(select(CredentialRow.id, CredentialRow.consent).where(CredentialRow.consent.in_(known)))
        return {row.id: known[str(row.consent)] for row in rows}


def _passed(site: Site, faces: Collection[str]) -> Iterator[PassEvent]:
    found = events_by(site, faces, limit=_AT_ONCE)
    while found:
        yield from found
        found = events_by(site, faces, before=found[-1].id, limit=_AT_ONCE)


def _told(event: PassEvent) -> JSONValue:
    return {"at": event.at.isoformat(), "door": event.door, "kind": str(event.kind), "reader": event.reader}
