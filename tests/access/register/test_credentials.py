"""Cards and how credentials stand: entering, finding, replacing, losing, lending, and what follows for others."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from consentry.access.hardware.ports import CardFormat
from consentry.access.model import CredentialState
from consentry.access.records.credentials import CredentialRow
from consentry.access.register import CardDraft, CardForm, LoanDraft, PersonKind, PersonName, PinDraft, Why
from consentry.access.service import cards, credentials, lending, people, phones, pins
from consentry.platform.errors import ConflictError, ConsentryError, InputError, NotFoundError
from tests.access.register.house import DAY, STAFF, UID, WHY, House, holder_key

SPELLED = ("04A224B15C8000", "04 a2 24 b1 5c 80 00", "04-A2-24-B1-5C-80-00")
NO_CARDS = ("", "04A2", "04A224B15C80", "04A224B15C800", "04A224B15C80zz", "\u0660\u0664A224B15C8000", "04A224B15C8000" * 3)


def test_a_card_is_found_however_its_number_is_written_and_is_nobody_elses(any_house: House) -> None:
    person, other = any_house.member(), any_house.member("李", None)
    card = any_house.card(person)
    for uid in SPELLED:
        assert cards.find_card(any_house.site, STAFF, uid).id == card.id
    with pytest.raises(ConflictError) as refused:
        any_house.card(other, SPELLED[1])
    assert refused.value.code == "card.known"
    with pytest.raises(NotFoundError):
        cards.find_card(any_house.site, STAFF, UID, CardForm.DIVERSIFIED)
    assert len(any_house.acts("access.card-looked-up")) == len(SPELLED)


def test_what_is_no_card_is_refused(house: House) -> None:
    person = house.member()
    for uid in NO_CARDS:
        with pytest.raises(InputError) as refused:
            house.card(person, uid)
        assert refused.value.code == "card.uid", uid


def test_every_form_of_card_is_one_that_readers_report() -> None:
    """Otherwise what is entered here has another inner value than what a reader reads."""
    assert {form.value for form in CardForm} <= {form.value for form in CardFormat}


def test_the_number_of_a_card_is_nowhere_in_the_database(house: House) -> None:
    house.card(house.member())
    with house.site.database.reading() as session:
        row = session.scalars(select(CredentialRow)).one()
        stored = b"".join(value for value in (row.mark, row.wrapped, row.sealed) if value)
    raw = bytes.fromhex(SPELLED[0])
    assert raw not in stored
    assert SPELLED[0].encode() not in stored.upper()
    assert not any(SPELLED[0].casefold() in str(act).casefold() for act in house.acts())


def test_an_ended_card_is_free_for_somebody_else_and_never_active_again(house: House) -> None:
    card = house.card(house.member())
    credentials.change_state(house.site, STAFF, card.id, CredentialState.ENDED, WHY)
    with pytest.raises(ConflictError) as refused:
        credentials.change_state(house.site, STAFF, card.id, CredentialState.ACTIVE, WHY)
    assert refused.value.code == "credential.ended"
    assert house.card(house.member("李", None)).id != card.id
    with house.site.database.reading() as session:
        row = session.get_one(CredentialRow, card.id)
        assert (row.mark, row.wrapped, row.sealed) == (None, None, None)


def test_a_lost_card_stays_known_when_it_is_replaced(house: House) -> None:
    person = house.member()
    card, face = house.card(person), house.face(person)
    credentials.change_state(house.site, STAFF, card.id, CredentialState.LOST, WHY)
    made = cards.replace_card(house.site, STAFF, card.id, CardDraft("01020304"), WHY)
    assert (made.person, made.state) == (person.id, CredentialState.ACTIVE)
    assert house.now(card).state is CredentialState.LOST
    assert house.now(face).state is CredentialState.ACTIVE
    assert cards.find_card(house.site, STAFF, UID).state is CredentialState.LOST


def test_replacing_a_card_leaves_no_face_alone_in_between(house: House) -> None:
    person = house.member()
    card = house.card(person)
    house.face(person)
    cards.replace_card(house.site, STAFF, card.id, CardDraft("01020304"), WHY)
    assert house.now(card).why is Why.REPLACED
    assert house.acts("access.face-link-suspended") == []


def test_what_staff_suspend_while_it_rests_anyway_stays_so_when_it_would_rest_no_more(house: House) -> None:
    person = house.member()
    card, face = house.card(person), house.face(person)
    pin = pins.set_pin(house.site, STAFF, person.id, PinDraft(with_card=card.id, pin="918273")).credential
    credentials.change_state(house.site, STAFF, card.id, CredentialState.LOST, WHY)
    assert [house.now(one).why for one in (pin, face)] == [Why.CARD_ENDED, Why.LAST_OTHER]
    for one in (pin, face, face):
        credentials.change_state(house.site, STAFF, one.id, CredentialState.SUSPENDED, WHY)
    credentials.change_state(house.site, STAFF, card.id, CredentialState.ACTIVE, "it was found")
    assert [(now.state, now.why) for now in map(house.now, (pin, face))] == 2 * [(CredentialState.SUSPENDED, Why.STAFF)]


def test_a_credential_names_no_door_that_its_person_may_not_pass(house: House) -> None:
    person = house.member("李", None, doors=("front",))
    now = house.site.clock.now()
    cases: dict[str, dict[str, Any]] = {
        "credential.doors": {"doors": ("front", "garage")},
        "door.unknown": {"doors": ("cellar",)},
        "credential.validity": {"valid_from": now, "valid_until": now - DAY},
        "credential.uses": {"uses": 0},
    }
    for code, limits in cases.items():
        with pytest.raises(ConsentryError) as refused:
            house.card(person, **limits)
        assert refused.value.code == code


def test_a_telephone_gets_its_pass_anew_in_the_place_of_the_last(house: House) -> None:
    person, key = house.member(), holder_key()
    first = phones.issue_phone_pass(house.site, STAFF, person.id, key)
    second = phones.issue_phone_pass(house.site, STAFF, person.id, key)
    other = phones.issue_phone_pass(house.site, STAFF, person.id, holder_key())
    assert (first.replaced, second.replaced, other.replaced) == (None, first.credential.id, None)
    states = [house.now(one.credential).state for one in (first, second, other)]
    assert states == [CredentialState.ENDED, CredentialState.ACTIVE, CredentialState.ACTIVE]
    for wrong in (b"", key[:-1], b"\x04" + bytes(64)):
        with pytest.raises(InputError) as refused:
            phones.issue_phone_pass(house.site, STAFF, person.id, wrong)
        assert refused.value.code == "pass.holder"


def draft(house: House, credential: str, *doors: str) -> LoanDraft:
    return LoanDraft(credential, PersonName("保姆"), doors or ("front",), house.site.clock.now() + DAY)


def test_a_lent_card_is_its_borrowers_until_the_owner_has_it_back(any_house: House) -> None:
    owner = any_house.member()
    card, face = any_house.card(owner), any_house.face(owner)
    loan = lending.lend(any_house.site, STAFF, owner.id, draft(any_house, card.id), WHY)
    borrower = people.person(any_house.site, STAFF, loan.person)
    assert (borrower.kind, borrower.terms.host, borrower.terms.doors) == (PersonKind.DELEGATE, owner.id, ("front",))
    assert (any_house.now(card).state, any_house.now(card).why) == (CredentialState.SUSPENDED, Why.LENT)
    assert loan.faces_suspended == (face.id,)
    assert any_house.now(loan.credential).limits.doors == ("front",)
    credentials.change_state(any_house.site, STAFF, card.id, CredentialState.ACTIVE, "it is back")
    assert (any_house.now(loan.credential).state, any_house.now(loan.credential).why) == (CredentialState.ENDED, Why.RETURNED)
    assert any_house.now(face).state is CredentialState.ACTIVE


def test_a_borrowed_card_that_is_lost_is_the_owners_lost_card(house: House) -> None:
    owner = house.member()
    card = house.card(owner)
    loan = lending.lend(house.site, STAFF, owner.id, draft(house, card.id), WHY)
    credentials.change_state(house.site, STAFF, loan.credential.id, CredentialState.STOLEN, WHY)
    assert house.now(card).state is CredentialState.STOLEN
    assert house.now(loan.credential).state is CredentialState.ENDED


def test_in_the_place_of_a_pin_the_borrower_gets_another(house: House) -> None:
    owner = house.member()
    pin = pins.set_pin(house.site, STAFF, owner.id, PinDraft(pin="918273")).credential
    loan = lending.lend(house.site, STAFF, owner.id, draft(house, pin.id), WHY)
    assert loan.pin not in {None, "918273"}
    assert house.now(pin).state is CredentialState.ACTIVE
    assert loan.credential.limits.valid_until == house.site.clock.now() + DAY


def test_what_cannot_be_lent_is_refused(house: House) -> None:
    owner, other = house.member(), house.member("李", "3-1202")
    card = house.card(owner)
    confined = house.card(owner, "01020304", doors=("garage",))
    face = house.face(owner)
    loan = lending.lend(house.site, STAFF, owner.id, draft(house, card.id), WHY)
    cases = {
        "credential.unknown": (other.id, draft(house, card.id)),
        "loan.kind": (owner.id, draft(house, face.id)),
        "loan.again": (loan.person, draft(house, loan.credential.id)),
        "loan.rests": (owner.id, draft(house, card.id)),
        "loan.doors": (owner.id, draft(house, confined.id)),
    }
    for code, (person, said) in cases.items():
        with pytest.raises(ConsentryError) as refused:
            lending.lend(house.site, STAFF, person, said, WHY)
        assert refused.value.code == code
