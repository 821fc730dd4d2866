"""Guardians who decide for children, at a station and with staff present; and children whom nobody should have enrolled (PIPL 31; R67 to R70)."""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from sqlalchemy import select

from consentry.consent.model import Audience, Ending, Guardian, GuardianQuestion, Purpose, Relation, Verification, Withdrawal
from consentry.consent.records import IDENTIFIER, ConsentRow, consent_of, live_of_person, newest_notice
from consentry.consent.rules.choices import refuse_child
from consentry.consent.rules.guardians import CHILD_PURPOSES, QUESTION_LASTS, check_guardian
from consentry.consent.service.assessments import blockers_for_children
from consentry.consent.service.endings import Author, end
from consentry.consent.service.finding import row_by_id
from consentry.consent.work import proof
from consentry.ledger.work import reading, writing
from consentry.platform.actors import Actor, ActorKind, Permission, permits
from consentry.platform.errors import ConflictError, DeniedError, InputError, KeyStoreError
from consentry.platform.keys.sealing import Sealed, opened, sealed
from consentry.staff.rules import stated

if TYPE_CHECKING:
    from consentry.consent.model import Notice
    from consentry.ledger.work import UnitOfWork
    from consentry.platform.site import Site

__all__ = ["ask_guardian", "end_under_age", "guardian_question", "guardians_may_decide", "is_known_child", "notice_for_child"]

KEY_PURPOSE: Final = "guardian-questions"
"""The site's key under which a question travels from the member of staff who opened it to the guardian's answer. It is stored nowhere."""
LONGEST_QUESTION: Final = 4096
_ASK_STAFF: Final = "Ask a member of staff to open it anew."


def guardians_may_decide(site: Site, purpose: Purpose) -> bool:
    """Return whether a guardian can agree to a purpose for a child here now. Anybody may know."""
    if not _lets_guardians(site, purpose):
        return False
    with reading(site) as work:
        return not blockers_for_children(work, purpose)


@permits(Permission.ATTEND_STATION)
def ask_guardian(site: Site, actor: Actor, purpose: Purpose, station: str, guardian: Guardian, *, present: bool) -> str:  # noqa: PLR0913 - the question's parts
    """Open the question for a guardian whom the actor has verified, and return it as an encrypted text; only :func:`guardian_question` reads it.

    Raises:
        DeniedError: ``guardian.staff`` where no named member of staff asks.
        InputError: ``consent.under-14`` where the site lets no guardian decide on this; ``guardian.name`` or ``guardian.present``.
        ConflictError: ``guardian.station`` where the station does not enrol for it, ``consent.closed`` where a notice or an assessment is missing.
    """
    if actor.kind is not ActorKind.STAFF:
        raise DeniedError("guardian.staff", actor.label, "a named person must stand by", "Sign in with an account of your own.")
    check_guardian(guardian, present=present)
    set_up = site.settings.station(station)
    if set_up is None or not set_up.enrols or purpose not in map(Purpose, set_up.purposes):
        raise ConflictError("guardian.station", f"station {station}", "nobody enrols for this purpose there", "Use a station that does.")
    with reading(site) as work:
        notice_for_child(work, purpose)
        action, until = str(uuid4()), work.now + QUESTION_LASTS
        told = {"name": guardian.name.strip(), "relation": guardian.relation, "verification": guardian.verification}
        place = {"purpose": purpose, "station": station, "staff": actor.id, "expires": until.isoformat()}
        return ".".join((action, *(urlsafe_b64encode(part).decode() for part in sealed(work.keys, KEY_PURPOSE, action, {**told, **place}))))


def guardian_question(site: Site, text: str) -> GuardianQuestion:
    """Return the question that a member of staff opened.

    Raises:
        InputError: ``guardian.question`` where it is none, ``guardian.late`` where its time is over.
    """
    with reading(site) as work:
        found = _read(work, text)
        if found.expires <= work.now:
            raise InputError("guardian.late", "guardian's question", "its time is over", _ASK_STAFF)
        return found


def notice_for_child(work: UnitOfWork, purpose: Purpose) -> Notice:
    """Return the notice for children of a purpose to which a guardian may agree.

    Raises:
        InputError: ``consent.under-14`` where the site lets no guardian decide on it.
        ConflictError: ``consent.closed``.
    """
    if not _lets_guardians(work.site, purpose):
        refuse_child(work.site.settings.recognition.profile)
    notice = newest_notice(work.session, purpose, Audience.CHILDREN)
    blocked = blockers_for_children(work, purpose)
    if notice is None or blocked:
        raise ConflictError("consent.closed", f"purpose {purpose}", "; ".join(one.code for one in blocked), "The other ways are open; see the console.")
    return notice


def is_known_child(work: UnitOfWork, person: str | None) -> bool:
    """Return whether a guardian decided for the person of this pseudonym."""
    if person is None or not IDENTIFIER.fullmatch(person):
        return False
    given = ConsentRow.person == person, ConsentRow.audience == Audience.CHILDREN
    return work.session.scalar(select(ConsentRow.id).where(*given).limit(1)) is not None


@permits(Permission.HANDLE_REQUESTS)
def end_under_age(site: Site, actor: Actor, consent: str, reason: str) -> Withdrawal:
    """End at once every consent of a person who is a child and for whom no guardian agreed; what they left is erased with it (R70).

    Returns the end of ``consent``; one that was over before keeps the end that it had.

    Raises:
        NotFoundError: ``consent.unknown``.
        InputError: ``input.text`` without a reason: how it was learnt, and no name. Never from a face.
    """
    why = stated(reason)
    with writing(site) as work:
        row = row_by_id(work, consent)
        for one in live_of_person(work.session, row.person):
            end(work, one, Ending.UNDER_AGE, Author(actor.label, reason=why))
        found, entry = consent_of(row), row.entry_ended
    if found.ended is None or found.ending is None or entry is None:
        raise ConflictError("consent.not-over", f"consent {consent}", "it is not over", "Repeat it.")
    return Withdrawal(found.id, found.person, found.purpose, found.state, found.ending, found.ended, proof(site, entry))


def _lets_guardians(site: Site, purpose: Purpose) -> bool:
    return site.settings.recognition.guardians and purpose in CHILD_PURPOSES


def _read(work: UnitOfWork, text: str) -> GuardianQuestion:
    action, _, rest = text[:LONGEST_QUESTION].partition(".")
    wrapped, _, content = rest.partition(".")
    try:
        said = opened(work.keys, KEY_PURPOSE, action, Sealed(urlsafe_b64decode(wrapped.encode()), urlsafe_b64decode(content.encode())))
    except (KeyStoreError, binascii.Error, UnicodeEncodeError):
        raise InputError("guardian.question", "guardian's question", "this site did not open it", _ASK_STAFF) from None
    return GuardianQuestion(
        purpose=Purpose(said["purpose"]),
        station=said["station"],
        guardian=Guardian(said["name"], Relation(said["relation"]), Verification(said["verification"])),
        # Who opened it was allowed to stand by, and stands by for these minutes.
        staff=Actor(ActorKind.STAFF, said["staff"], frozenset({Permission.ATTEND_STATION})),
        action=action,
        expires=datetime.fromisoformat(said["expires"]),
    )
