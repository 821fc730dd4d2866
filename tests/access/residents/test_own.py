"""What residents do for themselves: their PIN, a lost card, the telephone, their face, whom they give something to, and a log of nobody else."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import select

from consentry.access.model import AccessEvent, CredentialKind, CredentialState, ReaderKind
from consentry.access.passes import Place, Verified, phone_code, step_at, verify
from consentry.access.records.residents import GuestRow, ResidentSessionRow
from consentry.access.register import Limits, LoanDraft, PersonName, PinDraft, Why
from consentry.access.residence import LoggedWho
from consentry.access.service import credentials, delegates, expiry, own_face, own_log, own_ways, pins
from consentry.consent import service as consents
from consentry.consent.model import Via
from consentry.ledger.offline import Trust, verify_bundle
from consentry.ledger.service import log_key
from consentry.platform.errors import ConflictError, InputError, NotFoundError, RecordsError
from consentry.platform.keys import SiteKeys
from tests.access.register.house import STAFF, WHY, holder_key, signers
from tests.access.residents.block import HOUR, Block
from tests.consent.shop import ROOT

if TYPE_CHECKING:
    from consentry.access.residence import OwnWay
    from consentry.platform.actors import Actor

PIN, DURESS = "735092", "735094"


def held(block: Block, actor: Actor, kind: CredentialKind) -> OwnWay:
    (way,) = [way for way in own_ways.own_ways(block.site, actor) if way.kind is kind]
    return way


def loan(block: Block, actor: Actor, kind: CredentialKind, *doors: str, name: str = "周阿姨") -> LoanDraft:
    return LoanDraft(held(block, actor, kind).id, PersonName(name), doors or ("front",), block.site.clock.now() + 24 * HOUR)


def test_a_resident_sees_who_they_are_and_the_doors_that_their_rules_open(block: Block) -> None:
    session = own_ways.own_session(block.site, block.resident())
    assert (session.name, session.unit, [door.id for door in session.doors]) == ("wang.an", "3-1201", ["front", "lift"])


def test_a_pin_is_chosen_with_another_for_duress_and_takes_the_place_of_the_one_before(block: Block) -> None:
    actor = block.resident()
    for pin, duress, code in (("12345", None, "pin.form"), ("123456", None, "pin.unsuitable"), (PIN, PIN, "pin.duress")):
        with pytest.raises(InputError) as refused:
            own_ways.set_own_pin(block.site, actor, pin, duress)
        assert refused.value.code == code
    assert own_ways.set_own_pin(block.site, actor, PIN, DURESS).pin is None
    first = held(block, actor, CredentialKind.PIN)
    assert not first.with_card
    own_ways.set_own_pin(block.site, actor, "906173")
    assert held(block, actor, CredentialKind.PIN).id != first.id


@pytest.mark.parametrize("unit", [None, "Lobby"])
def test_without_a_unit_to_type_the_pin_goes_with_the_card_and_without_either_there_is_none(block: Block, unit: str | None) -> None:
    person = block.house.member("林", unit=unit)
    actor = block.account(person)
    with pytest.raises(ConflictError) as refused:
        own_ways.set_own_pin(block.site, actor, PIN)
    assert refused.value.code == "pin.no-number"
    block.house.card(person)
    own_ways.set_own_pin(block.site, actor, PIN)
    assert held(block, actor, CredentialKind.PIN).with_card


def test_a_lost_card_opens_nothing_at_once_and_is_reported_by_its_holder_alone(block: Block) -> None:
    person = block.house.member()
    actor, neighbour = block.account(person), block.resident("li", "3-1202")
    card = block.house.card(person)
    with pytest.raises(NotFoundError):
        own_ways.report_own_lost(block.site, neighbour, card.id)
    own_ways.report_own_lost(block.site, actor, card.id)
    now = block.house.now(card)
    assert (now.state, now.why) == (CredentialState.LOST, Why.HOLDER)
    assert block.house.acts("access.credential-changed")[-1].actor == actor.label
    own_ways.set_own_pin(block.site, actor, PIN)
    with pytest.raises(ConflictError) as refused:
        own_ways.report_own_lost(block.site, actor, held(block, actor, CredentialKind.PIN).id)
    assert refused.value.code == "way.not-lost"


def test_a_telephone_s_pass_opens_with_its_key_alone(block: Block) -> None:
    actor, key = block.resident(), generate_private_key(SECP256R1())
    holder = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    issued = own_ways.own_phone_pass(block.site, actor, holder)
    now = block.site.clock.now()
    place = Place(block.site.keys.site, "front", signers(block.site))
    assert isinstance(verify(phone_code(issued.text, issued.id, key, "front", step_at(now)), place, now), Verified)
    forged = phone_code(issued.text, issued.id, generate_private_key(SECP256R1()), "front", step_at(now))
    assert verify(forged, place, now) is AccessEvent.DENIED_INCORRECT_AUTHENTICATION_FACTOR
    assert held(block, actor, CredentialKind.PHONE).pass_id == issued.id
    with pytest.raises(InputError):
        own_ways.own_phone_pass(block.site, actor, holder[:-1])


def test_after_the_site_s_key_is_replaced_a_telephone_gets_its_pass_anew_and_the_old_key_is_trusted_no_longer_than_a_pass_of_it(block: Block) -> None:
    actor, holder, site = block.resident(), holder_key(), block.site
    own_ways.own_phone_pass(site, actor, holder)
    assert not held(block, actor, CredentialKind.PHONE).renew
    rotated = replace(site, keys=SiteKeys(bytes(range(32, 64)), site.keys.site, 2, {1: ROOT}))
    (way,) = own_ways.own_ways(rotated, actor)
    assert way.renew
    assert [one.kid for one in signers(rotated)] == [1, 2]
    own_ways.own_phone_pass(rotated, actor, holder)
    (anew,) = own_ways.own_ways(rotated, actor)
    assert (anew.renew, anew.id == way.id) == (False, False)
    assert [one.kid for one in signers(rotated)] == [2], "the last pass of the old key was replaced"


@pytest.mark.parametrize(
    ("state", "trusted"), [(CredentialState.SUSPENDED, [1, 2]), (CredentialState.LOST, [2]), (CredentialState.STOLEN, [2]), (CredentialState.ENDED, [2])]
)
def test_a_telephone_that_is_lost_keeps_no_replaced_key_trusted_but_one_that_may_open_again_does(
    block: Block, state: CredentialState, trusted: list[int]
) -> None:
    actor, site = block.resident(), block.site
    own_ways.own_phone_pass(site, actor, holder_key())
    credentials.change_state(site, STAFF, held(block, actor, CredentialKind.PHONE).id, state, WHY)
    rotated = replace(site, keys=SiteKeys(bytes(range(32, 64)), site.keys.site, 2, {1: ROOT}))
    assert [one.kid for one in signers(rotated)] == trusted


def test_a_pass_is_signed_anew_in_the_last_third_of_its_life_and_an_old_key_ends_with_the_last_pass_that_nobody_renews(block: Block) -> None:
    actor, site = block.resident(), block.site
    own_ways.own_phone_pass(site, actor, holder_key())
    rotated = replace(site, keys=SiteKeys(bytes(range(32, 64)), site.keys.site, 2, {1: ROOT}))
    block.house.pass_by(days=59)
    again = block.signed_in("wang.an")
    assert not held(block, again, CredentialKind.PHONE).renew
    block.house.pass_by(days=2)
    assert held(block, block.signed_in("wang.an"), CredentialKind.PHONE).renew
    assert [one.kid for one in signers(rotated)] == [1, 2]
    block.house.pass_by(days=29)
    assert [one.kid for one in signers(rotated)] == [2]


def test_a_telephone_that_was_lost_gets_no_pass_again_and_a_new_one_does(any_block: Block) -> None:
    actor, key = any_block.resident(), holder_key()
    own_ways.own_phone_pass(any_block.site, actor, key)
    lost = held(any_block, actor, CredentialKind.PHONE)
    own_ways.report_own_lost(any_block.site, actor, lost.id)
    refused_key(any_block, actor, key)
    assert own_ways.own_ways(any_block.site, actor) == (), "whoever lost a telephone is not shown it until its pass would have ended"
    own_ways.own_phone_pass(any_block.site, actor, holder_key())
    credentials.change_state(any_block.site, STAFF, lost.id, CredentialState.ENDED, "it never came back")
    refused_key(any_block, actor, key)
    any_block.house.pass_by(days=400)
    expiry.end_expired(any_block.site)
    expiry.forget_over(any_block.site)
    again = any_block.signed_in("wang.an")
    assert [way.kind for way in own_ways.own_ways(any_block.site, again)] == []
    refused_key(any_block, again, key)


@pytest.mark.parametrize("state", [CredentialState.STOLEN, CredentialState.SUSPENDED])
def test_a_telephone_that_staff_stopped_gets_no_pass_again_before_they_let_it(block: Block, state: CredentialState) -> None:
    actor, key = block.resident(), holder_key()
    own_ways.own_phone_pass(block.site, actor, key)
    phone = held(block, actor, CredentialKind.PHONE)
    credentials.change_state(block.site, STAFF, phone.id, state, "seen in other hands")
    again = block.signed_in("wang.an")
    if state is CredentialState.SUSPENDED:
        for attempt in (lambda: own_ways.own_phone_pass(block.site, again, holder_key()), lambda: own_ways.report_own_lost(block.site, again, phone.id)):
            with pytest.raises(ConflictError) as refused:
                attempt()
            assert refused.value.code == "way.suspended"
    refused_key(block, again, key)
    credentials.change_state(block.site, STAFF, phone.id, CredentialState.ACTIVE, "it is found")
    own_ways.own_phone_pass(block.site, again, key)
    assert held(block, again, CredentialKind.PHONE).state is CredentialState.ACTIVE


def test_a_pin_that_staff_suspended_is_not_replaced_also_when_its_time_is_over(block: Block) -> None:
    person = block.house.member()
    actor = block.account(person)
    until = block.site.clock.now() + HOUR
    pin = pins.set_pin(block.site, STAFF, person.id, PinDraft(pin=PIN, limits=Limits(valid_until=until))).credential
    credentials.change_state(block.site, STAFF, pin.id, CredentialState.SUSPENDED, "given to strangers")
    for hours in (0, 2):
        block.house.pass_by(hours=hours)
        expiry.end_expired(block.site)
        with pytest.raises(ConflictError) as refused:
            own_ways.set_own_pin(block.site, actor, "906173")
        assert refused.value.code == "way.suspended"
        assert block.house.now(pin).state is CredentialState.SUSPENDED


def test_a_report_of_loss_ends_every_other_session(block: Block) -> None:
    person = block.house.member()
    card, actor = block.house.card(person), block.account(person)
    neighbour = block.resident("li", "3-1202")
    other = block.signed_in("wang.an")
    own_ways.report_own_lost(block.site, actor, card.id)
    assert {actor.session, neighbour.session} == sessions(block)
    assert [act.object for act in block.house.acts("access.resident-signed-out")] == [f"session:{other.session}"]


def test_staff_who_report_a_telephone_lost_end_every_session_of_its_person(block: Block) -> None:
    actor, neighbour = block.resident(), block.resident("li", "3-1202")
    own_ways.own_phone_pass(block.site, actor, holder_key())
    phone = held(block, actor, CredentialKind.PHONE)
    credentials.change_state(block.site, STAFF, phone.id, CredentialState.LOST, "left on the bus")
    assert {neighbour.session} == sessions(block)


def refused_key(block: Block, actor: Actor, key: bytes) -> None:
    with pytest.raises(ConflictError) as refused:
        own_ways.own_phone_pass(block.site, actor, key)
    assert refused.value.code in {"pass.holder-barred", "way.suspended"}


def sessions(block: Block) -> set[str | None]:
    """Return the sessions that hold."""
    with block.site.database.reading() as session:
        return set(session.scalars(select(ResidentSessionRow.id)))


def test_turning_the_face_off_withdraws_the_consent_at_once_and_leaves_the_rest_as_it_was(any_block: Block) -> None:
    person = any_block.house.member()
    actor = any_block.account(person)
    card = any_block.house.card(person)
    face = any_block.house.face(person)
    ended = own_face.turn_face_off(any_block.site, actor)
    assert any_block.house.now(face).state is CredentialState.ENDED
    assert not consents.is_valid(any_block.site, str(face.consent))
    assert [way.id for way in own_ways.own_ways(any_block.site, actor)] == [card.id]
    (entry,) = verify_bundle(ended.receipt.data, Trust((log_key(any_block.site),))).entries
    assert (entry.act.action, entry.act.actor, entry.act.details["via"]) == ("consent.withdrawn", actor.label, Via.ACCOUNT)
    with pytest.raises(NotFoundError):
        own_face.turn_face_off(any_block.site, actor)


def test_a_face_is_turned_off_whose_link_ended_already(block: Block) -> None:
    person = block.house.member()
    actor = block.account(person)
    block.house.card(person)
    earlier, later = block.house.face(person), block.house.face(person)
    assert block.house.now(earlier).state is CredentialState.ENDED
    assert consents.is_valid(block.site, str(earlier.consent))
    own_face.turn_face_off(block.site, actor)
    assert not any(consents.is_valid(block.site, str(face.consent)) for face in (earlier, later))


def test_the_consent_is_over_also_where_turning_the_face_off_fails_afterwards(block: Block, monkeypatch: pytest.MonkeyPatch) -> None:
    person = block.house.member()
    actor = block.account(person)
    block.house.card(person)
    face = block.house.face(person)

    def away(*_: object) -> None:
        raise RecordsError("vault.away", "vault", "it is away", "Ask again.")

    monkeypatch.setattr("consentry.recognition.service.withdraw_by_holder", away)
    with pytest.raises(RecordsError):
        own_face.turn_face_off(block.site, actor)
    assert not consents.is_valid(block.site, str(face.consent))


def test_a_helper_gets_a_pin_of_their_own_for_doors_of_mine_until_it_is_ended(block: Block) -> None:
    actor = block.resident()
    own_ways.set_own_pin(block.site, actor, PIN)
    with pytest.raises(InputError) as refused:
        delegates.give_to_delegate(block.site, actor, loan(block, actor, CredentialKind.PIN, "garage"))
    assert refused.value.code == "delegate.doors"
    given = delegates.give_to_delegate(block.site, actor, loan(block, actor, CredentialKind.PIN))
    assert given.pin is not None
    assert given.pin != PIN
    (listed,) = delegates.delegates(block.site, actor)
    assert (listed.name, [door.id for door in listed.doors], listed.way, listed.standing) == ("周阿姨", ["front"], CredentialKind.PIN, True)
    with pytest.raises(NotFoundError):
        delegates.end_delegate(block.site, block.resident("li", "3-1202"), listed.person)
    delegates.end_delegate(block.site, actor, listed.person)
    (listed,) = delegates.delegates(block.site, actor)
    assert not listed.standing


def test_a_lent_card_opens_for_its_owner_again_when_they_take_it_back(block: Block) -> None:
    person = block.house.member()
    actor = block.account(person)
    card = block.house.card(person)
    given = delegates.give_to_delegate(block.site, actor, loan(block, actor, CredentialKind.CARD))
    assert (given.pin, block.house.now(card).why) == (None, Why.LENT)
    delegates.end_delegate(block.site, actor, given.person)
    assert block.house.now(card).state is CredentialState.ACTIVE


def test_the_log_holds_what_is_mine_my_guests_and_my_helpers_and_nobody_else_s(any_block: Block) -> None:
    actor, neighbour, controller = any_block.resident(), any_block.resident("li", "3-1202"), any_block.controller()
    own_ways.set_own_pin(any_block.site, actor, PIN)
    guest = any_block.guest(actor)
    helper = delegates.give_to_delegate(any_block.site, actor, loan(any_block, actor, CredentialKind.PIN))
    with any_block.site.database.reading() as session:
        visitor = session.get_one(GuestRow, guest.guest.id).person
    me, other = (own_ways.own_session(any_block.site, one).person for one in (actor, neighbour))
    for person in (me, other, visitor, helper.person):
        controller.grant(person, reader=ReaderKind.QR)
    controller.happen(AccessEvent.GRANTED, "front", reader=ReaderKind.PIN, person=me, credential="c-1", reports=(AccessEvent.DURESS,))
    controller.send()
    lines = own_log.own_log(any_block.site, actor)
    assert [(line.who, line.name) for line in lines] == [
        (LoggedWho.OWN, None),
        (LoggedWho.DELEGATE, "周阿姨"),
        (LoggedWho.GUEST, "陈"),
        (LoggedWho.OWN, None),
    ]
    assert AccessEvent.DURESS not in [line.event for line in lines]
    assert [line.who for line in own_log.own_log(any_block.site, neighbour)] == [LoggedWho.OWN]
    assert [line.id for line in own_log.own_log(any_block.site, actor, before=lines[1].id, limit=1)] == [lines[2].id]
