"""Yes and no, with the same number of steps: giving a consent, refusing one, and the grants that come of a yes."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple
from uuid import uuid4

from sqlalchemy import delete, func, or_, select

from consentry.consent.grants import KEY_PURPOSE, signed
from consentry.consent.marks import Kind, mark, marks, new_secret, normal_secret
from consentry.consent.model import Consent, ConsentGrant, ConsentState, Ending, Given, Purpose, Refusal
from consentry.consent.records import IDENTIFIER, ConsentRow, NoticeRow, RefusalRow, consent_of, live_of_person, newest_notice, notice_of, one_by_id
from consentry.consent.rules.choices import check_choice
from consentry.consent.rules.choices import least_age as age_asked
from consentry.consent.rules.record import consent_record
from consentry.consent.rules.validity import PAUSE_AFTER_REFUSAL, due_at, is_valid, may_ask
from consentry.consent.service import people
from consentry.consent.service.assessments import assessment_for, blockers_now
from consentry.consent.service.endings import Author, end, reckon, record_text, sha256_hex
from consentry.consent.service.finding import row_by_id
from consentry.consent.service.guardians import is_known_child, notice_for_child
from consentry.consent.work import ITSELF, proof, tell
from consentry.ledger.model import Act
from consentry.ledger.work import reading, writing
from consentry.platform.actors import Permission
from consentry.platform.errors import ConflictError, TooManyError
from consentry.platform.events import EventName

if TYPE_CHECKING:
    from consentry.consent.model import Choice, Notice
    from consentry.ledger.model import JSONValue
    from consentry.ledger.work import UnitOfWork
    from consentry.platform.site import Site

__all__ = ["give", "grant_of", "least_age", "may_prompt", "note_enrolled", "note_visit", "refuse"]


WITHOUT_STATION_AN_HOUR = 300
"""Consents that telephones can give in an hour, all together: more than a busy shop sees, and too few for a program to fill the records.

Whoever uses them up delays telephones by an hour; stations go on.
"""


class _Kept(NamedTuple):
    consent: Consent
    entry: int
    grant: bytes


def give(site: Site, choice: Choice) -> Given:
    """Record a yes to one purpose, and return its grant, its receipt and the secret that withdraws it.

    An earlier consent of the same person for the same purpose ends with it, and its template has to be made anew.

    Raises:
        DeniedError: ``access.denied`` where whoever stood by may not.
        InputError: ``consent.under-14``, ``guardian.unattended``, ``consent.action``, ``consent.language``, ``consent.alias`` or ``consent.phone``.
        ConflictError: ``consent.closed`` (the purpose may not run), ``consent.notice-changed``, ``consent.action-used``,
            ``consent.person-unknown``, or ``consent.guardian-needed`` where the person is known as a child.
        TooManyError: ``consent.too-many`` where no station stands behind it, and too many did so in the last hour.
    """
    if choice.staff is not None:
        choice.staff.require(Permission.ATTEND_STATION)
    secret = new_secret()
    with writing(site) as work:
        kept = _give(work, choice, secret)
    consent = kept.consent
    return Given(consent.id, consent.person, kept.grant, proof(site, kept.entry), secret, consent.expires)


def least_age(site: Site) -> int:
    """Return how old in years one must be to agree here; pages ask for it before anything else, and nobody younger is enrolled."""
    return age_asked(site.settings.recognition.profile)


def refuse(site: Site, choice: Choice) -> Refusal:
    """Record a no, whatever else was said: nothing of the person is kept but, for two days, that nobody asks again."""
    token = normal_secret(choice.refusal_token or "") or normal_secret(new_secret()) or ""
    with writing(site) as work:
        until = work.now + PAUSE_AFTER_REFUSAL
        person = choice.person if choice.person and IDENTIFIER.fullmatch(choice.person) else None
        hashed = mark(work.keys, Kind.REFUSAL, token)
        work.session.merge(RefusalRow(token=hashed, purpose=choice.purpose, person=person, until=until))
        details: dict[str, JSONValue] = {"station": choice.station, "person": person}
        work.record(Act(_label(choice), "consent.refused", f"purpose:{choice.purpose}", choice.purpose, details=details))
    return Refusal(choice.purpose, until, token)


def may_prompt(site: Site, purpose: Purpose, *, person: str | None = None, refusal_token: str | None = None) -> bool:
    """Return whether a page may ask for this purpose by itself: not within two days of a no (R4). Who begins of themselves is always let."""
    token = normal_secret(refusal_token or "") or ""
    with reading(site) as work:
        known = RefusalRow.token.in_(marks(work.keys, Kind.REFUSAL, token))
        mine = or_(known, RefusalRow.person == person) if person and IDENTIFIER.fullmatch(person) else known
        return may_ask(work.session.scalar(select(func.max(RefusalRow.until)).where(RefusalRow.purpose == purpose, mine)), work.now)


def grant_of(site: Site, consent: str) -> bytes:
    """Return a fresh grant of a valid consent.

    Raises:
        NotFoundError: ``consent.unknown``.
        ConflictError: ``consent.not-valid``.
    """
    with reading(site) as work:
        found = consent_of(row_by_id(work, consent))
        if not is_valid(found, work.now):
            raise ConflictError("consent.not-valid", f"consent {consent}", "it is over, or rests", "Ask the person; nothing runs without a valid one.")
        notice = work.session.get_one(NoticeRow, (found.purpose, found.notice_version))
        return _granted(work, found, notice_of(notice))


def note_visit(work: UnitOfWork, consent: str) -> None:
    """Note in an open transaction that a consent was used now: what is not used for its retention ends. Whose face was recognised has one enrolled."""
    row = one_by_id(work.session, consent)
    if row is not None and is_valid(consent_of(row), work.now):
        row.last_visit, row.enrol_by = max(row.last_visit, work.now), None
        reckon(row)


def note_enrolled(work: UnitOfWork, consent: str) -> None:
    """Note in an open transaction that a face was enrolled for a consent: it does not end for the lack of one any more."""
    row = one_by_id(work.session, consent)
    if row is not None and row.ended is None:
        row.enrol_by = None
        reckon(row)


def _give(work: UnitOfWork, choice: Choice, secret: str) -> _Kept:
    notice = notice_for_child(work, choice.purpose) if choice.guardian else _open_notice(work, choice.purpose)
    check_choice(choice, notice)
    if choice.guardian is None and is_known_child(work, choice.person):
        mend = "Ask the guardian; who has come of age agrees without the earlier receipt."
        raise ConflictError("consent.guardian-needed", "consent", "a guardian decides for this person", mend)
    if work.session.scalar(select(ConsentRow.id).where(ConsentRow.action == choice.action_id)):
        raise ConflictError("consent.action-used", "consent", "this act was a yes already", "Ask for each purpose by an act of its own.")
    if choice.station is None:
        _slow_down(work)
    person = people.keep(work, choice.person, choice.alias, choice.phone, choice.guardian.name if choice.guardian else None)
    earlier = live_of_person(work.session, person, choice.purpose)
    consent = _new(work, choice, notice, person)
    entry = _add(work, consent, choice, notice, secret)
    for row in earlier:
        end(work, row, Ending.RENEWED, Author(_label(choice)))
    work.session.execute(delete(RefusalRow).where(RefusalRow.purpose == choice.purpose, RefusalRow.person == person))
    return _Kept(consent, entry, _granted(work, consent, notice))


def _slow_down(work: UnitOfWork) -> None:
    hour = timedelta(hours=1)
    recent = select(func.count()).select_from(ConsentRow).where(ConsentRow.station.is_(None), ConsentRow.given > work.now - hour)
    if (work.session.scalar(recent) or 0) >= WITHOUT_STATION_AN_HOUR:
        mend = "Come again in an hour, or agree at a station."
        raise TooManyError("consent.too-many", "consent", "too many were given by telephone in this hour", mend, retry_after=hour.total_seconds())


def _open_notice(work: UnitOfWork, purpose: Purpose) -> Notice:
    """Return the notice of a purpose that may run."""
    notice = newest_notice(work.session, purpose)
    blocked = blockers_now(work, purpose)
    if notice is None or blocked:
        raise ConflictError("consent.closed", f"purpose {purpose}", "; ".join(one.code for one in blocked), "The other ways are open; see the console.")
    return notice


def _new(work: UnitOfWork, choice: Choice, notice: Notice, person: str) -> Consent:
    renewed = work.session.scalar(select(ConsentRow.id).where(ConsentRow.person == person, ConsentRow.purpose == choice.purpose).limit(1))
    return Consent(
        id=str(uuid4()),
        person=person,
        purpose=choice.purpose,
        state=ConsentState.RENEWED if renewed else ConsentState.GIVEN,
        language=choice.language,
        notice_version=notice.version,
        notice_sha256=choice.notice_sha256,
        station=choice.station,
        given=work.now,
        expires=work.now + notice.terms.validity,
        retention=notice.terms.retention,
        last_visit=work.now,
        enrol_by=work.now + work.site.settings.recognition.enrol_within,
        audience=notice.audience,
    )


def _add(work: UnitOfWork, consent: Consent, choice: Choice, notice: Notice, secret: str) -> int:
    """Put a new consent down, and return the index of its entry."""
    assessment = assessment_for(work, consent.purpose, notice)
    record = record_text(consent_record(consent, choice, notice, assessment.version if assessment else 0, work.site.settings.site.id))
    details: dict[str, JSONValue] = {
        "person": consent.person,
        "notice": notice.version,
        "notice_sha256": consent.notice_sha256,
        "station": consent.station,
        "renewed": consent.state is ConsentState.RENEWED,
        "record_sha256": sha256_hex(record),
    }
    if choice.guardian is not None:
        details["guardian"] = True
    entry = work.record(Act(_label(choice), "consent.given", f"consent:{consent.id}", consent.purpose, details=details))
    marked = mark(work.keys, Kind.WITHDRAW, normal_secret(secret) or "")
    work.session.add(_row(consent, choice.action_id, marked, record, entry))
    work.session.flush()
    tell(work, EventName.CONSENT_GIVEN, consent)
    return entry


def _row(consent: Consent, action: str, secret: bytes, record: str, entry: int) -> ConsentRow:
    said = {name: getattr(consent, name) for name in ("id", "person", "purpose", "state", "language", "notice_version", "notice_sha256", "station", "audience")}
    times = {**{name: getattr(consent, name) for name in ("given", "expires", "last_visit", "enrol_by")}, "due": due_at(consent)}
    return ConsentRow(**said, **times, retention_days=consent.retention.days, action=action, secret=secret, record=record, entry_given=entry)


def _granted(work: UnitOfWork, consent: Consent, notice: Notice) -> bytes:
    grant = ConsentGrant(
        consent=consent.id,
        person=consent.person,
        site=work.site.settings.site.id,
        purpose=consent.purpose,
        model_family=notice.terms.model_family,
        notice_sha256=consent.notice_sha256,
        issued=work.now,
        expires=consent.expires,
        epoch=work.keys.epoch,
        # What a person's own telephone sends cannot be attested.
        may_enrol_for_doors=consent.purpose is Purpose.DOOR_ACCESS and consent.station is not None,
    )
    return signed(grant, work.keys.signing_key(KEY_PURPOSE))


def _label(choice: Choice) -> str:
    return choice.staff.label if choice.staff else ITSELF.label
