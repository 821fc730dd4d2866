"""From a recognised face to a door: whoever holds the ticket of the capture gets, once and within seconds, an admission to the door of that station."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from consentry.access.happenings import FaceAdmission
from consentry.access.model import ReaderKind
from consentry.access.passes import FACE_LASTS, FACE_TAKES, FacePass, issue_face_pass
from consentry.access.service.issuing import issuer_key
from consentry.access.service.orders import require_door
from consentry.access.service.readiness import door_readiness
from consentry.consent import service as consents
from consentry.platform.errors import ConflictError
from consentry.recognition import service as recognition
from consentry.recognition.model import TicketKind

if TYPE_CHECKING:
    from consentry.platform.settings.doors import DoorSettings
    from consentry.platform.site import Site

__all__ = ["admit_face"]

_NONCE_BYTES = 16


def admit_face(site: Site, door: str, ticket: str) -> FaceAdmission:
    """Return the admission of whoever was recognised with a ticket at the station of a door. The door decides about it as about any other credential.

    The ledger has the capture and its outcome already, and gets what the door decides; an admission that no door sees lets nobody in.

    Raises:
        NotFoundError: ``door.unknown``; ``capture.not-accepted`` where nobody was recognised with it there, it was used already, or it is too late.
        ConflictError: What keeps the face reader of this door from running, such as ``vault.away`` or ``door.face-alone``; ``door.face-one-to-n`` where
            the face was searched for among others and the door does not allow that; ``consent.not-valid``.
    """
    found = require_door(site, door)
    _require_face(site, door)
    acceptance = recognition.accepted_consent(site, ticket, found.station or "")
    _require_kind(found, acceptance.kind)
    if not consents.is_valid(site, acceptance.consent):
        raise ConflictError("consent.not-valid", "consent", "it is over, or rests", "Use another way through this door.")
    now = site.clock.now()
    expires, took = now + FACE_LASTS, min(max(now - acceptance.began, timedelta(0)), FACE_TAKES)
    face = FacePass(site.settings.site.id, door, acceptance.consent, secrets.token_hex(_NONCE_BYTES), took, expires)
    return FaceAdmission(door, issue_face_pass(issuer_key(site.keys), face), expires)


def _require_face(site: Site, door: str) -> None:
    way = next((way for way in door_readiness(site, door).ways if way.reader is ReaderKind.FACE), None)
    if way is None:
        raise ConflictError("door.no-face", f"door {door}", "it has no face reader", "Use another way through this door.")
    if not way.works:
        raise ConflictError(way.code or "door.no-face", f"door {door}", "its face reader is out of service", way.en or "Use another way.")


def _require_kind(door: DoorSettings, kind: TicketKind) -> None:
    if kind is not TicketKind.VERIFY and not door.face_one_to_n:
        mend = "Show the code of your record first, or use another way."
        raise ConflictError("door.face-one-to-n", f"door {door.id}", "it compares a face with one record only", mend)
