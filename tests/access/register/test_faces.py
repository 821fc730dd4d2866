"""Nobody's only credential is a face: the service refuses it, and so does the database, on either engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from consentry.access.model import CredentialState
from consentry.access.register import CardDraft, PinDraft, Why
from consentry.access.service import cards, credentials, faces, phones, pins
from consentry.consent import service as consents
from consentry.consent.model import Purpose, Via
from consentry.platform.errors import ConflictError
from tests.access.register.house import STAFF, UID, WHY, House, holder_key

if TYPE_CHECKING:
    from consentry.access.register import CredentialView, StateChange
    from consentry.consent.model import Given

OTHER_UID = "04A224B15C8001"


def lose(house: House, given: Given) -> None:
    """Report a receipt lost, so that its consent rests."""
    consents.report_lost(house.site, given.consent)
    house.told()


def find(house: House, given: Given) -> None:
    consents.restore_lost(house.site, given.withdraw_secret)
    house.told()


def ended(house: House, credential: CredentialView, state: CredentialState = CredentialState.ENDED) -> StateChange:
    return credentials.change_state(house.site, STAFF, credential.id, state, WHY)


def test_a_face_is_refused_to_whoever_holds_nothing_else(house: House) -> None:
    person = house.member()
    with pytest.raises(ConflictError) as refused:
        house.face(person)
    assert refused.value.code == "credential.face-alone"
    suspended = house.card(person)
    ended(house, suspended, CredentialState.SUSPENDED)
    with pytest.raises(ConflictError) as refused:
        house.face(person)
    assert refused.value.code == "credential.face-alone"


@pytest.mark.parametrize("state", [CredentialState.ENDED, CredentialState.LOST, CredentialState.STOLEN, CredentialState.SUSPENDED])
def test_a_face_rests_with_the_last_other_credential_in_the_same_transaction(house: House, state: CredentialState) -> None:
    person = house.member()
    card, face = house.card(person), house.face(person)
    change = ended(house, card, state)
    assert change.faces_suspended == (face.id,)
    assert (house.now(face).state, house.now(face).why) == (CredentialState.SUSPENDED, Why.LAST_OTHER)
    (act,) = house.acts("access.face-link-suspended")
    assert act.details["person"] == person.id


def test_a_face_goes_on_beside_another_credential_and_opens_again_with_a_new_one(any_house: House) -> None:
    person = any_house.member()
    card, phone = any_house.card(person), phones.issue_phone_pass(any_house.site, STAFF, person.id, holder_key()).credential
    face = any_house.face(person)
    assert ended(any_house, card).faces_suspended == ()
    assert any_house.now(face).state is CredentialState.ACTIVE
    assert ended(any_house, phone).faces_suspended == (face.id,)
    any_house.card(person, OTHER_UID)
    assert any_house.now(face).state is CredentialState.ACTIVE
    assert [act.object for act in any_house.acts("access.face-link-resumed")] == [f"credential:{face.id}"]


def test_a_card_with_its_pin_leaves_a_face_alone_at_once(house: House) -> None:
    """The PIN of a card is no other way in once the card is lost."""
    person = house.member()
    card = house.card(person)
    pin = pins.set_pin(house.site, STAFF, person.id, PinDraft(with_card=card.id, pin="918273")).credential
    face = house.face(person)
    assert ended(house, card, CredentialState.LOST).faces_suspended == (face.id,)
    assert (house.now(pin).state, house.now(pin).why) == (CredentialState.SUSPENDED, Why.CARD_ENDED)
    change = ended(house, card, CredentialState.ACTIVE)
    assert (house.now(pin).state, house.now(face).state) == (CredentialState.ACTIVE, CredentialState.ACTIVE)
    assert change.credential.state is CredentialState.ACTIVE


BY_HAND = (
    "UPDATE access_credential SET state = 'ended', bears = false WHERE id = :card",
    "UPDATE access_credential SET bears = false WHERE id = :card",
    "UPDATE access_credential SET state = 'suspended' WHERE id = :card",
    "UPDATE access_credential SET person = :other WHERE id = :card",
    "DELETE FROM access_credential WHERE id = :card",
    "UPDATE access_credential SET beside = NULL, beside_bears = NULL WHERE id = :face",
    "UPDATE access_credential SET beside_bears = NULL WHERE id = :face",
    "UPDATE access_credential SET beside_bears = false WHERE id = :face",
    "UPDATE access_credential SET beside = :face WHERE id = :face",
    "UPDATE access_credential SET beside = :stranger WHERE id = :face",
    "UPDATE access_credential SET person = :other WHERE id = :face",
    "UPDATE access_credential SET bears = true WHERE id = :face",
    "UPDATE access_credential SET kind = 'card' WHERE id = :face",
    "UPDATE access_credential SET consent = NULL WHERE id = :face",
    "UPDATE access_credential SET state = 'active', bears = false WHERE id = :resting",
)


def test_the_database_itself_refuses_a_face_alone_whoever_writes_to_it(any_house: House) -> None:
    person, other = any_house.member(), any_house.member("李和", "3-1202")
    card, face = any_house.card(person), any_house.face(person)
    stranger = any_house.card(other, OTHER_UID)
    resting = any_house.face(other)
    ended(any_house, stranger)
    names = {"card": card.id, "face": face.id, "other": other.id, "stranger": stranger.id, "resting": resting.id}
    for statement in BY_HAND:
        used = {name: value for name, value in names.items() if f":{name}" in statement}
        with pytest.raises(ConflictError) as refused, any_house.site.database.transaction() as session:
            session.execute(text(statement), used)
        assert refused.value.code == "records.conflict", statement
    assert any_house.now(face).state is CredentialState.ACTIVE


def test_a_face_needs_a_valid_consent_to_doors_that_is_nobody_elses(house: House) -> None:
    person, other = house.member(), house.member("李和", "3-1202")
    house.card(person)
    house.card(other, OTHER_UID)
    site = house.site
    greeting, doors = house.agreed(Purpose.GREETING).consent, house.agreed()
    refusals = {greeting: "credential.face-purpose", "no such consent": "consent.unknown"}
    for consent, code in refusals.items():
        with pytest.raises(Exception, match="consent") as refused:
            faces.link_face(site, STAFF, person.id, consent)
        assert getattr(refused.value, "code", None) == code
    faces.link_face(site, STAFF, person.id, doors.consent)
    with pytest.raises(ConflictError) as known:
        faces.link_face(site, STAFF, other.id, doors.consent)
    assert known.value.code == "credential.face-known"
    consents.withdraw(site, doors.withdraw_secret, Via.RECEIPT)
    with pytest.raises(ConflictError) as over:
        faces.link_face(site, STAFF, person.id, doors.consent)
    assert over.value.code == "consent.not-valid"


def test_a_withdrawn_consent_ends_the_face_and_nothing_else(house: House) -> None:
    person = house.member()
    card, given = house.card(person), house.agreed()
    face = faces.link_face(house.site, STAFF, person.id, given.consent)
    consents.withdraw(house.site, given.withdraw_secret, Via.RECEIPT)
    before = house.revision
    house.told()
    assert (house.now(face).state, house.now(face).why) == (CredentialState.ENDED, Why.CONSENT_ENDED)
    assert house.now(card).state is CredentialState.ACTIVE
    assert house.revision > before


def test_a_face_rests_with_its_consent_and_opens_again_with_it(house: House) -> None:
    person = house.member()
    card, given = house.card(person), house.agreed()
    face = faces.link_face(house.site, STAFF, person.id, given.consent)
    lose(house, given)
    assert (house.now(face).state, house.now(face).why) == (CredentialState.SUSPENDED, Why.CONSENT_RESTS)
    with pytest.raises(ConflictError) as refused:
        ended(house, face, CredentialState.ACTIVE)
    assert refused.value.code == "consent.not-valid"
    find(house, given)
    assert house.now(face).state is CredentialState.ACTIVE
    lose(house, given)
    ended(house, card)
    find(house, given)
    assert (house.now(face).state, house.now(face).why) == (CredentialState.SUSPENDED, Why.LAST_OTHER)
    cards.add_card(house.site, STAFF, person.id, CardDraft(UID))
    assert house.now(face).state is CredentialState.ACTIVE


def test_a_new_card_is_entered_while_the_consent_rests_and_the_face_waits_for_it(house: House) -> None:
    person = house.member()
    card, given = house.card(person), house.agreed()
    face = faces.link_face(house.site, STAFF, person.id, given.consent)
    ended(house, card)
    lose(house, given)
    house.card(person)
    assert house.now(face).state is CredentialState.SUSPENDED
    find(house, given)
    assert house.now(face).state is CredentialState.ACTIVE
