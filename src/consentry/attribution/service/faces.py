"""The one way in for recognition: a person confirms that somebody who agreed to it was recognised. Grade C, off unless the purpose is open (R18)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from consentry.attribution.model import Grade, IdentityKind
from consentry.attribution.service.parties import Join, join
from consentry.consent import service as consents
from consentry.consent.grants import KEY_PURPOSE, verified
from consentry.consent.model import Purpose
from consentry.ledger.lookup import entries_of
from consentry.ledger.signatures import public_bytes
from consentry.ledger.work import writing
from consentry.platform.actors import ActorKind, Permission, permits
from consentry.platform.errors import ConflictError, DeniedError
from consentry.recognition import service as recognition
from consentry.recognition.codec import from_text
from consentry.recognition.model import Decision, Outcome, TicketKind

if TYPE_CHECKING:
    from consentry.attribution import model
    from consentry.ledger.model import Entry
    from consentry.ledger.work import UnitOfWork
    from consentry.platform.actors import Actor
    from consentry.platform.site import Site

__all__ = ["confirm_face"]

_LONGEST = timedelta(days=366)
"""No consent to be recognised lasts longer."""
_AT_ONCE = timedelta(days=7)
"""How much of the log is read at a time."""


@permits(Permission.SIGN_VERDICTS)
def confirm_face(site: Site, actor: Actor, a: str, b: str, consent: str) -> model.Link | None:
    """Join two appearances because their person, who agreed to ``sale_attribution``, was recognised and ``actor`` confirms it; None where it was known.

    The link has grade C: the judge never decides on it alone without a person's signature, the visitor sees it among the evidence, and can dispute it.
    It says by which entry of the log the person was recognised, how clearly, by which model, and for which rate of false matches its threshold was set (R58).

    Raises:
        DeniedError: ``attribution.face-person`` where no person confirms, but a program.
        ConflictError: ``attribution.face-closed`` unless the purpose is open; ``consent.not-valid``, ``attribution.face-purpose`` for a consent
            to something else, or ``attribution.face-unseen`` where the log holds no recognition on it since the face was enrolled.
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
        seen = _words(_recognition(work, consent))
        made = join(work, Join(a, b, IdentityKind.FACE, Grade.CONSENTED_FACE, actor.label, proof=seen, reason=seen))
    return made[0] if made else None


def _recognition(work: UnitOfWork, consent: str) -> Entry:
    """Return the newest entry that says that the person of a consent was recognised; that their face was enrolled says nothing of a second time."""
    until = work.now
    while until > work.now - _LONGEST:
        since = until - _AT_ONCE
        found = [entry for entry in entries_of(work.session, ("recognition.decided",), since, until) if _is_recognition(entry, consent)]
        if found:
            return found[-1]
        until = since
    mend = "Let the person be recognised at a station first, or use the visit code or the document."
    raise ConflictError("attribution.face-unseen", f"consent {consent}", "nobody was recognised on it", mend)


def _is_recognition(entry: Entry, consent: str) -> bool:
    said = entry.act.details
    return said.get("consent") == consent and said.get("decision") == Decision.ACCEPT and said.get("kind") != TicketKind.ENROL


def _words(entry: Entry) -> str:
    outcome = from_text(Outcome, str(entry.act.details["outcome"]))
    return f"recognised in entry {entry.index}: {outcome.band}, {outcome.model}, FMR {outcome.fmr}"


def _demand_purpose(site: Site, consent: str) -> None:
    keys = {epoch: public_bytes(site.keys.signing_key(KEY_PURPOSE, epoch=epoch)) for epoch in site.keys.epochs}
    grant = verified(consents.grant_of(site, consent), keys)
    if grant.purpose is not Purpose.SALE_ATTRIBUTION:
        mend = "A consent holds for one purpose; ask for a separate one."
        raise ConflictError("attribution.face-purpose", f"consent {consent}", f"it was given for {grant.purpose}", mend)
