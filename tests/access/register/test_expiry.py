"""What ends by itself, and what is deleted when nobody can ask about it any more."""

from __future__ import annotations

from sqlalchemy import func, select

from consentry.access.model import CredentialState
from consentry.access.records.credentials import CredentialRow
from consentry.access.records.people import DoorPersonRow
from consentry.access.register import LoanDraft, PersonKind, PersonName, PinDraft, Why
from consentry.access.service import credentials, expiry, lending, people, pins
from tests.access.register.house import DAY, STAFF, WHY, House

EVENTS = 90
"""Days for which the settings keep events by default."""


def test_a_card_ends_with_its_time_and_leaves_no_face_alone(any_house: House) -> None:
    person = any_house.member()
    card = any_house.card(person, valid_until=any_house.site.clock.now() + DAY)
    face = any_house.face(person)
    assert expiry.end_expired(any_house.site) == 0
    any_house.pass_by(days=1)
    assert expiry.end_expired(any_house.site) == 1
    assert (any_house.now(card).state, any_house.now(card).why) == (CredentialState.ENDED, Why.EXPIRED)
    assert (any_house.now(face).state, any_house.now(face).why) == (CredentialState.SUSPENDED, Why.LAST_OTHER)
    assert expiry.end_expired(any_house.site) == 0


def test_a_lent_card_is_not_its_owners_again_before_they_say_so(house: House) -> None:
    owner = house.member()
    card = house.card(owner)
    loan = lending.lend(house.site, STAFF, owner.id, LoanDraft(card.id, PersonName("保姆"), ("front",), house.site.clock.now() + DAY), WHY)
    house.pass_by(days=1)
    expiry.end_expired(house.site)
    assert house.now(loan.credential).state is CredentialState.ENDED
    assert people.person(house.site, STAFF, loan.person).left is not None
    assert (house.now(card).state, house.now(card).why) == (CredentialState.SUSPENDED, Why.LENT)
    credentials.change_state(house.site, STAFF, card.id, CredentialState.ACTIVE, "it is back")
    assert house.now(card).state is CredentialState.ACTIVE


def test_a_guest_leaves_in_time_and_is_unnamed_before_the_row_goes(any_house: House) -> None:
    host = any_house.member()
    guest = any_house.person(PersonKind.GUEST, "访客", "3-1201", host=host.id, valid_until=any_house.site.clock.now() + DAY)
    any_house.card(guest)
    any_house.pass_by(days=1)
    expiry.end_expired(any_house.site)
    expiry.forget_over(any_house.site)
    assert not people.person(any_house.site, STAFF, guest.id).erased
    any_house.pass_by(days=7)
    expiry.forget_over(any_house.site)
    assert people.person(any_house.site, STAFF, guest.id).erased
    assert [one.id for one in people.people(any_house.site, STAFF, unit="3-1201")] == [host.id]
    any_house.pass_by(days=EVENTS)
    assert expiry.forget_over(any_house.site) == 2
    assert rows(any_house) == (1, 0)


def test_a_member_who_left_is_unnamed_long_before_their_events_go(house: House) -> None:
    person = house.member()
    people.end_person(house.site, STAFF, person.id, "moved out")
    house.pass_by(days=6)
    expiry.forget_over(house.site)
    assert not people.person(house.site, STAFF, person.id).erased
    house.pass_by(days=1)
    expiry.forget_over(house.site)
    assert people.person(house.site, STAFF, person.id).erased


def test_whoever_is_here_is_kept_and_so_is_what_something_still_rests_on(any_house: House) -> None:
    owner = any_house.member()
    card = any_house.card(owner)
    pin = pins.set_pin(any_house.site, STAFF, owner.id, PinDraft(with_card=card.id, pin="918273")).credential
    any_house.pass_by(days=1)
    credentials.change_state(any_house.site, STAFF, pin.id, CredentialState.ENDED, WHY)
    any_house.pass_by(days=EVENTS)
    assert expiry.forget_over(any_house.site) == 1
    assert rows(any_house) == (1, 1)
    people.end_person(any_house.site, STAFF, owner.id, "moved out")
    assert expiry.forget_over(any_house.site) == 0
    any_house.pass_by(days=EVENTS)
    assert expiry.forget_over(any_house.site) == 2
    assert rows(any_house) == (0, 0)
    assert [act.details["rows"] for act in any_house.acts("access.register-expired")] == [1, 2]


def rows(house: House) -> tuple[int, int]:
    """Return how many people and credentials the database holds."""
    with house.site.database.reading() as session:
        found = [session.scalar(select(func.count()).select_from(table)) or 0 for table in (DoorPersonRow, CredentialRow)]
    return found[0], found[1]
