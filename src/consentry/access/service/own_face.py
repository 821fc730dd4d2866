"""Turning one's own face off: the consent ends at once, the template is erased, and every other way stays as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consentry.access.model import CredentialKind, CredentialState
from consentry.access.register import Why
from consentry.access.service.credentials import face_consents, live_of, set_state
from consentry.access.service.resident_sessions import current_resident
from consentry.consent import service as consents
from consentry.consent.model import Via
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

    A consent that stands although its link ended is withdrawn as well; of several the receipt is that of the newest.

    Raises:
        NotFoundError: ``face.none`` where none of the resident's consents to their face stands.
    """
    with writing(site) as work:
        person = current_resident(work, actor).person
        standing = consents.standing(work, face_consents(work.session, person))
        if not standing:
            raise NotFoundError("face.none", "face", "no door opens by yours", "There is nothing to turn off.")
        # Here and now, not when the event of the withdrawal is delivered: whoever turns it off must not be let in by it on their way out.
        for row in live_of(work.session, person):
            if row.kind == CredentialKind.FACE:
                set_state(work, actor.label, row, CredentialState.ENDED, Why.CONSENT_ENDED)
        for consent in standing:
            consents.withdraw_within(work, actor.label, consent, Via.ACCOUNT)
    ended = [recognition.withdraw_by_holder(site, actor.label, consent) for consent in standing]
    return ended[-1]
