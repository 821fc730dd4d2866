"""The one way in for recognition: a person confirms that somebody who agreed to it was recognised. Grade C, off unless the purpose is open (R18)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consentry.attribution.model import Grade, IdentityKind
from consentry.attribution.service.parties import Join, join
from consentry.consent import service as consents
from consentry.consent.grants import KEY_PURPOSE, verified
from consentry.consent.model import Purpose
from consentry.ledger.signatures import public_bytes
from consentry.ledger.work import writing
from consentry.platform.actors import ActorKind, Permission, permits
from consentry.platform.errors import ConflictError, DeniedError
from consentry.recognition import service as recognition

if TYPE_CHECKING:
    from consentry.attribution import model
    from consentry.platform.actors import Actor
    from consentry.platform.site import Site

__all__ = ["confirm_face"]


@permits(Permission.SIGN_VERDICTS)
def confirm_face(site: Site, actor: Actor, a: str, b: str, consent: str) -> model.Link | None:
    """Join two appearances because their person, who agreed to ``sale_attribution``, was recognised and ``actor`` confirms it; None where it was known.

    The link has grade C: the judge never decides on it alone without a person's signature, the visitor sees it among the evidence, and can dispute it.

    Raises:
        DeniedError: ``attribution.face-person`` where no person confirms, but a program.
        ConflictError: ``attribution.face-closed`` unless the purpose is open; ``consent.not-valid``, or ``attribution.face-purpose`` for a consent
            to something else.
        NotFoundError: ``consent.unknown`` or ``party.unknown``.
        InputError: ``party.same`` or ``party.project``.
    """
    if actor.kind is not ActorKind.STAFF:
        raise DeniedError("attribution.face-person", actor.label, "only a person can confirm who somebody is", "Sign in and look.")
    state = recognition.purpose_state(site, Purpose.SALE_ATTRIBUTION)
    if state.blockers:
        blocked = ", ".join(found.code for found in state.blockers)
        raise ConflictError("attribution.face-closed", "face", f"the purpose sale_attribution is not open: {blocked}", "Use the visit code or the document.")
    _demand_purpose(site, consent)
    with writing(site) as work:
        made = join(work, Join(a, b, IdentityKind.FACE, Grade.CONSENTED_FACE, actor.label, proof=f"consent:{consent}"))
    return made[0] if made else None


def _demand_purpose(site: Site, consent: str) -> None:
    keys = {epoch: public_bytes(site.keys.signing_key(KEY_PURPOSE, epoch=epoch)) for epoch in site.keys.epochs}
    grant = verified(consents.grant_of(site, consent), keys)
    if grant.purpose is not Purpose.SALE_ATTRIBUTION:
        mend = "A consent holds for one purpose; ask for a separate one."
        raise ConflictError("attribution.face-purpose", f"consent {consent}", f"it was given for {grant.purpose}", mend)
