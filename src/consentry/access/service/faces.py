"""Faces as credentials: the link from somebody to their consent to be recognised at doors. It holds no longer than the consent, and never alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from consentry.access.model import CredentialKind, CredentialState
from consentry.access.records.credentials import CredentialRow
from consentry.access.register import Limits, Why
from consentry.access.service.credentials import add, face_alone, live_of, new_row, other_bearing, set_state, view
from consentry.access.work import ITSELF
from consentry.consent import service as consents
from consentry.consent.grants import KEY_PURPOSE, verified
from consentry.consent.model import Purpose
from consentry.ledger.signatures import public_bytes
from consentry.ledger.work import writing
from consentry.platform.actors import Permission, permits
from consentry.platform.errors import ConflictError
from consentry.platform.events import EventName

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from consentry.access.register import CredentialView
    from consentry.ledger.work import UnitOfWork
    from consentry.platform.actors import Actor
    from consentry.platform.events import Delivery, Handler
    from consentry.platform.site import Site

__all__ = ["HANDLERS", "enter_face", "expiry_of", "link_face"]


@permits(Permission.MANAGE_CREDENTIALS)
def link_face(site: Site, actor: Actor, person: str, consent: str) -> CredentialView:
    """Let somebody who consented to ``door_access`` pass by their face, besides what they hold already. An earlier link of theirs ends.

    Raises:
        NotFoundError: ``consent.unknown``, ``door-person.unknown``.
        ConflictError: ``consent.not-valid``; ``credential.face-purpose`` for a consent to something else; ``credential.face-alone`` where they hold
            nothing else that opens a door; ``credential.face-known`` where the consent is somebody else's; ``door-person.left``.
    """
    until = expiry_of(site, consent)
    with writing(site) as work:
        return enter_face(work, actor.label, person, consent, until)


def expiry_of(site: Site, consent: str) -> datetime:
    """Return until when a valid consent to ``door_access`` holds; for use outside a transaction.

    Raises:
        NotFoundError: ``consent.unknown``.
        ConflictError: ``consent.not-valid``, or ``credential.face-purpose`` for a consent to something else.
    """
    keys = {epoch: public_bytes(site.keys.signing_key(KEY_PURPOSE, epoch=epoch)) for epoch in site.keys.epochs}
    grant = verified(consents.grant_of(site, consent), keys)
    if grant.purpose is not Purpose.DOOR_ACCESS:
        mend = "A consent holds for one purpose; ask for a separate one."
        raise ConflictError("credential.face-purpose", f"consent {consent}", f"it was given for {grant.purpose}", mend)
    return grant.expires


def enter_face(work: UnitOfWork, label: str, person: str, consent: str, until: datetime) -> CredentialView:
    """Enter a face in an open transaction; see :func:`link_face`. ``until``: from :func:`expiry_of`."""
    if not consents.is_valid(work.site, consent):
        raise ConflictError("consent.not-valid", f"consent {consent}", "it is over, or rests", "Ask the person; nothing runs without a valid one.")
    row = new_row(work, person, CredentialKind.FACE, Limits(valid_until=until))
    _refuse_second(work, person, consent)
    beside = other_bearing(work.session, person)
    if beside is None:
        raise face_alone()
    for old in live_of(work.session, person):
        if old.kind == CredentialKind.FACE:
            set_state(work, label, old, CredentialState.ENDED, Why.REPLACED)
    row.consent, row.beside, row.beside_bears = consent, beside.id, True
    add(work, label, row)
    return view(row)


def _refuse_second(work: UnitOfWork, person: str, consent: str) -> None:
    wanted = select(CredentialRow.person).where(CredentialRow.consent == consent, CredentialRow.state != CredentialState.ENDED, CredentialRow.person != person)
    if work.session.scalar(wanted.limit(1)) is not None:
        raise ConflictError("credential.face-known", f"consent {consent}", "it belongs to somebody else in the register", "Look at whose it is.")


def _on_end(site: Site, delivery: Delivery) -> None:
    """End the link of a consent that is over; when the event comes again there is nothing to end."""
    with writing(site) as work:
        for row in _linked(work, delivery):
            set_state(work, ITSELF.label, row, CredentialState.ENDED, Why.CONSENT_ENDED)


def _on_rest(site: Site, delivery: Delivery) -> None:
    with writing(site) as work:
        for row in _linked(work, delivery):
            if row.state == CredentialState.ACTIVE:
                set_state(work, ITSELF.label, row, CredentialState.SUSPENDED, Why.CONSENT_RESTS)


def _on_restored(site: Site, delivery: Delivery) -> None:
    """Let a face open doors again that rested with its consent; without anything beside it, it rests on."""
    with writing(site) as work:
        for row in _linked(work, delivery):
            if row.why not in {Why.CONSENT_RESTS, Why.LAST_OTHER} or not consents.is_valid(site, str(row.consent)):
                continue
            if other_bearing(work.session, row.person) is None:
                row.why = Why.LAST_OTHER
            else:
                set_state(work, ITSELF.label, row, CredentialState.ACTIVE, Why.STAFF)


def _linked(work: UnitOfWork, delivery: Delivery) -> Sequence[CredentialRow]:
    consent = str(delivery.event.payload["consent"])
    wanted = select(CredentialRow).where(CredentialRow.consent == consent, CredentialRow.state != CredentialState.ENDED)
    return work.session.scalars(wanted).all()


HANDLERS: Final[Mapping[EventName, Sequence[Handler]]] = {
    **dict.fromkeys((EventName.CONSENT_WITHDRAWN, EventName.CONSENT_INVALIDATED, EventName.CONSENT_EXPIRED), (_on_end,)),
    EventName.CONSENT_SUSPENDED: (_on_rest,),
    EventName.CONSENT_RESTORED: (_on_restored,),
}
"""What is done when a consent ends, rests, or holds again."""
