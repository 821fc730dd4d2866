"""Nobody's only credential is a face: the service refuses it, and so does the database, on either engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from consentry.access.model import CredentialState
from consentry.access.register import CardDraft, PinDraft, Why
from consentry.access.service import cards, credentials, faces, people, phones, pins
from consentry.consent import service as consents
from consentry.consent.model import ConsentState, Purpose, Via
from consentry.platform.errors import ConflictError, ConsentryError
from consentry.platform.events import deliver
from consentry.recognition import service as recognition
from consentry.recognition.service.erasure import ENDING
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


@pytest.mark.parametrize("rests", [False, True])
def test_a_face_that_staff_end_ends_its_consent_and_an_away_vault_only_delays_the_erasure(any_house: House, rests: bool) -> None:
    person = any_house.member()
    any_house.card(person)
    given = any_house.agreed()
    face = faces.link_face(any_house.site, STAFF, person.id, given.consent)
    if rests:
        lose(any_house, given)
    ended(any_house, face)
    assert consents.state_of(any_house.site, given.consent) is ConsentState.WITHDRAWN
    (act,) = any_house.acts("consent.withdrawn")
    assert (act.actor, act.reason, act.details["via"]) == (STAFF.label, WHY, Via.STAFF)
    deliver(any_house.site, ENDING)
    with pytest.raises(ConsentryError) as away:
        recognition.erase_pending(any_house.site)
    assert away.value.code == "vault.away"


def test_whoever_leaves_withdraws_every_consent_that_let_them_in_by_their_face(any_house: House) -> None:
    person, other = any_house.member(), any_house.member("李和", "3-1202")
    any_house.card(person)
    any_house.card(other, OTHER_UID)
    earlier, later, kept = any_house.face(person), any_house.face(person), any_house.face(other)
    people.end_person(any_house.site, STAFF, person.id, "moved out")
    assert [consents.is_valid(any_house.site, str(face.consent)) for face in (earlier, later, kept)] == [False, False, True]


def test_a_consent_that_lets_somebody_else_in_now_outlives_whom_it_was_linked_to_before(house: House) -> None:
    person, other = house.member(), house.member("李和", "3-1202")
    house.card(person)
    house.card(other, OTHER_UID)
    wrong = house.face(person)
    house.face(person)
    faces.link_face(house.site, STAFF, other.id, str(wrong.consent))
    people.end_person(house.site, STAFF, person.id, "moved out")
    assert consents.is_valid(house.site, str(wrong.consent))


def test_what_waits_for_a_host_is_not_what_stands_beside_a_face(house: House) -> None:
    person = house.member()
    house.card(person, needs_host=True)
    with pytest.raises(ConflictError) as refused:
        house.face(person)
    assert refused.value.code == "credential.face-alone"
    alone = house.card(person, OTHER_UID)
    face = house.face(person)
    assert ended(house, alone).faces_suspended == (face.id,)
    house.card(person, "04A224B15C8002", needs_host=True)
    assert house.now(face).state is CredentialState.SUSPENDED


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
