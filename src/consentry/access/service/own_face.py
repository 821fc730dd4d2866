"""Turning one's own face off: the consent ends at once, the template is erased, and every other way stays as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from consentry.access.model import CredentialKind, CredentialState
from consentry.access.records.credentials import CredentialRow
from consentry.access.register import Why
from consentry.access.service.credentials import set_state
from consentry.access.service.resident_sessions import current_resident
from consentry.ledger.work import writing
from consentry.platform.actors import Permission, permits
from consentry.platform.errors import NotFoundError
from consentry.recognition import service as recognition

if TYPE_CHECKING:
    from consentry.consent.model import Withdrawal
    from consentry.platform.actors import Actor
    from consentry.platform.site import Site

__all__ = ["turn_face_off"]


@permits(Permission.LIVE_HERE)
def turn_face_off(site: Site, actor: Actor) -> Withdrawal:
    """Withdraw the resident's consent to be recognised at doors, with its receipt. No door opens by that face from this moment on.

    Raises:
        NotFoundError: ``face.none`` where none of the resident's credentials is a face.
    """
    with writing(site) as work:
        person = current_resident(work, actor).person
        faces = CredentialRow.person == person, CredentialRow.kind == CredentialKind.FACE, CredentialRow.state != CredentialState.ENDED
        row = work.session.scalar(select(CredentialRow).where(*faces))
        if row is None or row.consent is None:
            raise NotFoundError("face.none", "face", "no door opens by yours", "There is nothing to turn off.")
        consent = row.consent
        # Here and now, not when the event of the withdrawal is delivered: whoever turns it off must not be let in by it on their way out.
        set_state(work, actor.label, row, CredentialState.ENDED, Why.CONSENT_ENDED)
    return recognition.withdraw_by_holder(site, actor.label, consent)
