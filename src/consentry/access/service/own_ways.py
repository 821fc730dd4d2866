"""A resident's own ways in: what they hold and how it stands; their PIN, a lost card, the pass on their telephone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import and_, select

from consentry.access.marks import typed_unit
from consentry.access.model import CredentialKind, CredentialState
from consentry.access.records.credentials import CredentialRow
from consentry.access.register import PinDraft, Why
from consentry.access.residence import OwnWay, PhonePassText, ResidentSession
from consentry.access.service.credentials import credential_row, set_state, suspended_by_staff
from consentry.access.service.own_doors import doors_of
from consentry.access.service.people import person_row, unit_of
from consentry.access.service.phones import enter_phone_pass
from consentry.access.service.pins import enter_pin
from consentry.access.service.resident_sessions import current_resident, end_other_sessions
from consentry.access.service.residents import name_of
from consentry.ledger.work import reading, writing
from consentry.platform.actors import Permission, permits
from consentry.platform.errors import ConflictError, NotFoundError

if TYPE_CHECKING:
    from consentry.access.records.residents import ResidentRow
    from consentry.access.register import IssuedPin
    from consentry.ledger.work import UnitOfWork
    from consentry.platform.actors import Actor
    from consentry.platform.site import Site

__all__ = ["own_phone_pass", "own_session", "own_ways", "report_own_lost", "set_own_pin"]

_ORDER: Final = tuple(CredentialKind)
_GONE: Final = (CredentialState.LOST, CredentialState.STOLEN)
_RENEWED: Final = 3
"""A telephone asks for a new pass in the last third of the life of its own."""
_CAN_BE_LOST: Final = frozenset({CredentialKind.CARD, CredentialKind.PHONE})


@permits(Permission.LIVE_HERE)
def own_session(site: Site, actor: Actor) -> ResidentSession:
    """Return who is signed in, and which doors they may pass at some time."""
    with reading(site) as work:
        row = current_resident(work, actor)
        unit = unit_of(work, person_row(work.session, row.person))
        typed = typed_unit(unit) if unit is not None else ""
        return ResidentSession(row.id, row.person, name_of(site.keys, row), unit, typed or None, site.settings.access.pin_digits, doors_of(work, row.person))


@permits(Permission.LIVE_HERE)
def own_ways(site: Site, actor: Actor) -> tuple[OwnWay, ...]:
    """Return what the resident holds that has not ended: cards, then PINs, telephones and the face, the oldest of each first.

    The pass of a telephone that is lost or stolen is left out: another telephone gets a pass of its own, and nothing brings this one back but the office.
    """
    with reading(site) as work:
        held = CredentialRow.person == current_resident(work, actor).person, CredentialRow.state != CredentialState.ENDED
        gone = and_(CredentialRow.kind == CredentialKind.PHONE, CredentialRow.state.in_(_GONE))
        rows = work.session.scalars(select(CredentialRow).where(*held, ~gone).order_by(CredentialRow.id))
        return tuple(sorted((_shown(work, row) for row in rows), key=lambda way: _ORDER.index(way.kind)))


@permits(Permission.LIVE_HERE)
def set_own_pin(site: Site, actor: Actor, pin: str, duress: str | None = None) -> IssuedPin:
    """Choose a PIN, and another one that opens as it does and alarms in silence; both take the place of those before.

    Raises:
        InputError: ``pin.form``, ``pin.digits``, ``pin.unsuitable``, ``pin.duress``, ``access.unit-digits``.
        ConflictError: ``pin.no-number`` where the resident has neither a unit nor a card that opens something, ``access.unit-alike``, ``way.suspended``
            where staff suspended their PIN.
    """
    with writing(site) as work:
        row = current_resident(work, actor)
        _refuse_suspended(work, row.person, CredentialKind.PIN)
        return enter_pin(work, actor.label, row.person, PinDraft(with_card=_card_of(work, row), pin=pin, duress=duress))


@permits(Permission.LIVE_HERE)
def report_own_lost(site: Site, actor: Actor, credential: str) -> None:
    """Report a card or a telephone lost: it opens nothing from now on. Whether it opens again is for the property office to say.

    The resident's other sessions end: one of them may be on what is lost.

    Raises:
        NotFoundError: ``credential.unknown`` for what is not the resident's.
        ConflictError: ``way.not-lost`` for what cannot be lost, such as a PIN; ``way.suspended`` for what staff suspended, which opens nothing anyway.
    """
    with writing(site) as work:
        person = current_resident(work, actor).person
        row = credential_row(work.session, credential)
        if row.person != person:
            raise NotFoundError("credential.unknown", "credential", "there is none of that id", "Look at your ways in.")
        if row.kind not in _CAN_BE_LOST:
            raise ConflictError("way.not-lost", "credential", f"a {row.kind} cannot be lost", "Choose another PIN, or turn your face off.")
        if row.state == CredentialState.SUSPENDED and row.why == Why.STAFF:
            raise _suspended(row.kind)
        set_state(work, actor.label, row, CredentialState.LOST, Why.HOLDER)
        end_other_sessions(work, actor)


@permits(Permission.LIVE_HERE)
def own_phone_pass(site: Site, actor: Actor, holder: bytes) -> PhonePassText:
    """Return a pass for the telephone that keeps the P-256 key ``holder`` (65 bytes, uncompressed point); one for the same key ends.

    Raises:
        InputError: ``pass.holder`` where it is no such key.
        ConflictError: ``pass.holder-barred`` for the key of a telephone that was lost or stolen, ``way.suspended`` where staff suspended one of theirs.
    """
    with writing(site) as work:
        person = current_resident(work, actor).person
        _refuse_suspended(work, person, CredentialKind.PHONE)
        issued = enter_phone_pass(work, actor.label, person, holder)
        return PhonePassText(issued.credential.pass_id or "", issued.text, issued.expires, work.now)


def _refuse_suspended(work: UnitOfWork, person: str, kind: CredentialKind) -> None:
    """Refuse another credential of a kind of which staff suspended one: it would undo what they did."""
    suspended = select(CredentialRow.id).where(CredentialRow.person == person, CredentialRow.kind == kind, suspended_by_staff())
    if work.session.scalar(suspended.limit(1)) is not None:
        raise _suspended(kind)


def _suspended(kind: str) -> ConflictError:
    return ConflictError("way.suspended", kind, "the property office suspended it", "Ask the property office.")


def _card_of(work: UnitOfWork, row: ResidentRow) -> str | None:
    """Return the card that a PIN goes with where there is no unit that can be typed before it."""
    if typed_unit(unit_of(work, person_row(work.session, row.person)) or ""):
        return None
    cards = CredentialRow.person == row.person, CredentialRow.kind == CredentialKind.CARD, CredentialRow.bears
    return work.session.scalar(select(CredentialRow.id).where(*cards).order_by(CredentialRow.id).limit(1))


def _shown(work: UnitOfWork, row: CredentialRow) -> OwnWay:
    return OwnWay(
        id=row.id,
        kind=CredentialKind(row.kind),
        state=CredentialState(row.state),
        over=row.valid_until is not None and work.now >= row.valid_until,
        why=Why(row.why) if row.why else None,
        since=row.added,
        until=row.valid_until,
        with_card=row.with_card is not None,
        pass_id=row.pass_id,
        renew=row.kind == CredentialKind.PHONE and row.bears and _is_due(work, row),
    )


def _is_due(work: UnitOfWork, row: CredentialRow) -> bool:
    """Tell whether a telephone's pass should be signed anew: it ends soon, or the site's key was replaced since."""
    soon = row.valid_until is not None and row.valid_until - work.now < work.site.settings.access.phone_pass_life / _RENEWED
    return soon or row.signed_in != work.keys.epoch
