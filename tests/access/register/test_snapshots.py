"""What a controller is told: signed, numbered, only what its own doors need, and only marks that its own secret makes."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from consentry.access.model import AccessEvent, CredentialKind, CredentialState, DoorMode
from consentry.access.passes import phone_code, step_at
from consentry.access.proving import CardShown, CodeShown, PinShown, prove
from consentry.access.register import GuestPassDraft, LoanDraft, PersonKind, PersonName, PinDraft
from consentry.access.rules.compiling import compile_snapshot
from consentry.access.service import credentials, lending, people, phones, pins, snapshots
from consentry.access.service.issuing import enter_guest_pass
from consentry.ledger.work import writing
from consentry.platform.errors import NotFoundError
from tests.access.register.house import DAY, STAFF, UID, WHY, Doorstep, House

if TYPE_CHECKING:
    from datetime import datetime

    from consentry.access.model import Credential, Evidence, Snapshot
    from consentry.access.proving import Shown
    from consentry.access.register import CredentialView

RAW_UID = bytes.fromhex(UID.replace(":", ""))
ALWAYS = {"id": "residents", "group": "residents", "doors": ["front", "garage", "lift"], "schedule": None, "deny": False}


class NeverBefore:
    """A memory of codes in which none came before."""

    def first_use(self, key: str, until: datetime) -> bool:  # noqa: ARG002 - the port's signature
        return True


@pytest.fixture
def doorstep(house: House) -> Doorstep:
    """Return the controller of the front door, before which residents may always pass."""
    house.apply([ALWAYS])
    return house.paired("main")


@pytest.fixture
def inner(house: House, doorstep: Doorstep) -> Doorstep:  # noqa: ARG001 - the policy is applied with it
    return house.paired("inner")


def shown(doorstep: Doorstep, what: Shown) -> Evidence:
    compiled = compile_snapshot(doorstep.read())
    return prove(compiled, doorstep.secrets, what, doorstep.house.site.clock.now(), NeverBefore())


def only(snapshot: Snapshot, kind: CredentialKind) -> Credential:
    (found,) = (one for one in snapshot.credentials if one.kind is kind)
    return found


def test_what_is_shown_at_a_door_is_proved_by_the_snapshot_alone(house: House, doorstep: Doorstep) -> None:
    """Card, PIN after the unit, PIN with the card, its duress, telephone and guest pass: entered here, proved there."""
    person = house.member()
    card = house.card(person)
    unit_pin = pins.set_pin(house.site, STAFF, person.id, PinDraft(with_duress=True))
    card_pin = pins.set_pin(house.site, STAFF, person.id, PinDraft(with_card=card.id, pin="918273"))
    key = generate_private_key(SECP256R1())
    point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    phone = phones.issue_phone_pass(house.site, STAFF, person.id, point)
    now = house.site.clock.now()
    guest = house.person(PersonKind.GUEST, "访客", host=person.id)
    with writing(house.site) as work:
        visit = enter_guest_pass(work, STAFF.label, guest.id, GuestPassDraft(("front",), now, now + DAY, uses=2))
    read = CardShown("front", "uid", RAW_UID)
    assert unit_pin.pin is not None
    assert unit_pin.duress is not None
    code = phone_code(phone.text, phone.credential.pass_id or "", key, "front", step_at(now))
    cases: dict[Shown, tuple[CredentialView, bool]] = {
        read: (card, False),
        PinShown("front", "31201", unit_pin.pin): (unit_pin.credential, False),
        PinShown("front", "31201", unit_pin.duress): (unit_pin.credential, True),
        PinShown("front", read, "918273"): (card_pin.credential, False),
        CodeShown("front", code): (phone.credential, False),
        CodeShown("front", visit.text): (visit.credential, False),
    }
    for what, (credential, duress) in cases.items():
        evidence = shown(doorstep, what)
        assert (evidence.credential, evidence.fault, evidence.duress) == (credential.id, None, duress), what
    assert shown(doorstep, PinShown("front", "3-1201", "135790")).credential is None
    assert shown(doorstep, PinShown("front", "31202", unit_pin.pin)).credential is None


def test_the_same_secret_of_another_door_opens_nothing(house: House, doorstep: Doorstep, inner: Doorstep) -> None:
    house.card(house.member())
    here, there = (only(one.read(), CredentialKind.CARD) for one in (doorstep, inner))
    assert here.id == there.id
    assert here.mark != there.mark
    assert RAW_UID.hex() not in doorstep.text.casefold()
    assert base64.b64encode(RAW_UID).decode() not in doorstep.text


def test_neither_a_name_nor_a_unit_reaches_a_door(house: House, doorstep: Doorstep) -> None:
    person = house.member("欧阳海棠", "9-8765")
    house.card(person)
    pins.set_pin(house.site, STAFF, person.id, PinDraft(pin="918273"))
    text = doorstep.text
    assert person.id in text
    for secret in ("欧阳", "海棠", "9-8765", "98765", "918273"):
        assert secret not in text, secret


def test_a_controller_knows_only_the_people_and_credentials_of_its_own_doors(house: House, doorstep: Doorstep, inner: Doorstep) -> None:
    rules = [ALWAYS, {"id": "staff", "group": "staff", "doors": ["lift"], "schedule": None, "deny": False}]
    house.apply(rules)
    resident, worker, empty = house.member(), house.member("员工", None, "staff"), house.member("空手", None)
    house.card(resident)
    house.card(worker, "01020304")
    pin = pins.set_pin(house.site, STAFF, resident.id, PinDraft(pin="918273")).credential
    assert {one.id for one in doorstep.read().people} == {resident.id}
    snapshot = inner.read()
    assert {one.id for one in snapshot.people} == {resident.id, worker.id}
    assert empty.id not in inner.text
    assert [door.id for door in snapshot.policy.doors] == ["lift"]
    assert {door for rule in snapshot.policy.rules for door in rule.doors} == {"lift"}
    # Nobody can enter a PIN at the lift.
    assert pin.id not in inner.text
    assert pin.id in doorstep.text


def test_the_number_grows_by_one_when_content_changed_and_only_then(house: House, doorstep: Doorstep) -> None:
    first = doorstep.sealed()
    assert first.number == 1
    assert doorstep.sealed() == first
    house.member("空手", "3-1203")
    assert doorstep.sealed() == first
    card = house.card(house.member())
    second = doorstep.sealed()
    assert second.number == first.number + 1
    assert snapshots.newer_snapshot(house.site, "main", second.number) is None
    assert snapshots.newer_snapshot(house.site, "main", first.number) == second
    credentials.change_state(house.site, STAFF, card.id, CredentialState.LOST, WHY)
    third = doorstep.sealed()
    assert third.number == second.number + 1
    assert only(doorstep.read(), CredentialKind.CARD).state is CredentialState.LOST
    assert shown(doorstep, CardShown("front", "uid", RAW_UID)).credential == card.id


def test_a_snapshot_is_issued_anew_when_half_of_its_time_is_over(house: House, doorstep: Doorstep) -> None:
    first = doorstep.sealed()
    assert first.expires - first.issued == timedelta(days=7)
    house.pass_by(days=3)
    assert doorstep.sealed() == first
    house.pass_by(hours=12)
    again = doorstep.sealed()
    assert (again.number, again.expires - again.issued) == (2, timedelta(days=7))


def test_another_device_gets_another_secret_and_a_higher_number(house: House, doorstep: Doorstep) -> None:
    house.card(house.member())
    before, old = doorstep.sealed(), only(doorstep.read(), CredentialKind.CARD)
    other = house.paired("main")
    assert other.sealed().number == before.number + 1
    assert only(other.read(), CredentialKind.CARD).mark != old.mark
    assert shown(other, CardShown("front", "uid", RAW_UID)).fault is None


def test_a_restored_server_goes_on_above_the_number_that_the_controller_holds(house: House, doorstep: Doorstep) -> None:
    house.device("main", snapshot=57)
    assert doorstep.sealed().number == 58


def test_without_a_device_there_is_no_snapshot(house: House) -> None:
    with pytest.raises(NotFoundError) as refused:
        snapshots.snapshot_for(house.site, "main")
    assert refused.value.code == "controller.unpaired"


def test_modes_that_two_people_set_are_told(house: House, doorstep: Doorstep) -> None:
    before = doorstep.sealed().number
    house.lock_down("front")
    assert doorstep.read().modes == {"front": DoorMode.LOCKDOWN}
    assert doorstep.sealed().number == before + 1


def test_a_face_opens_only_doors_that_something_else_of_its_person_opens_too(house: House, doorstep: Doorstep, inner: Doorstep) -> None:
    person = house.member()
    pin = pins.set_pin(house.site, STAFF, person.id, PinDraft(pin="918273")).credential
    face = house.face(person)
    told = only(doorstep.read(), CredentialKind.FACE)
    assert (told.id, told.doors, told.mark) == (face.id, ("front",), face.consent)
    # At the lift stands no reader for the PIN: who has nothing else asks the concierge there, with or without a face.
    assert inner.read().credentials == ()
    card = house.card(person, doors=("lift",))
    assert only(inner.read(), CredentialKind.FACE).doors == ("lift",)
    credentials.change_state(house.site, STAFF, pin.id, CredentialState.SUSPENDED, WHY)
    assert [one.kind for one in doorstep.read().credentials] == [CredentialKind.PIN]
    assert house.now(face).state is CredentialState.ACTIVE
    credentials.change_state(house.site, STAFF, card.id, CredentialState.LOST, WHY)
    assert [one.kind for one in inner.read().credentials] == [CredentialKind.CARD]


def test_a_pin_that_goes_with_a_card_is_another_way_only_where_both_are_read(house: House) -> None:
    house.rewrite(house.site.store.text.replace('readers = ["card", "pin", "qr", "face"]', 'readers = ["pin", "face"]'))
    house.apply([ALWAYS])
    door = house.paired("main")
    person = house.member()
    card = house.card(person)
    pins.set_pin(house.site, STAFF, person.id, PinDraft(with_card=card.id, pin="918273"))
    house.face(person)
    assert [one.kind for one in door.read().credentials] == [CredentialKind.CARD]
    pins.set_pin(house.site, STAFF, person.id, PinDraft(pin="628194"))
    assert only(door.read(), CredentialKind.FACE).doors == ("front",)


def test_what_waits_for_a_host_is_no_other_way_than_a_face(house: House, inner: Doorstep) -> None:
    person = house.member()
    pins.set_pin(house.site, STAFF, person.id, PinDraft(pin="918273"))
    house.card(person, needs_host=True)
    house.face(person)
    assert [one.kind for one in inner.read().credentials] == [CredentialKind.CARD]


def test_guests_and_delegates_pass_what_their_host_passes_and_no_longer(house: House, doorstep: Doorstep) -> None:
    host = house.member(valid_until=house.site.clock.now() + 2 * DAY)
    card = house.card(host)
    until = house.site.clock.now() + DAY
    loan = lending.lend(house.site, STAFF, host.id, LoanDraft(card.id, PersonName("保姆"), ("front",), until), WHY)
    snapshot = doorstep.read()
    told = {one.id: one for one in snapshot.people}
    assert told[loan.person].groups == ("residents",)
    assert (told[loan.person].host, told[loan.person].valid_until) == (host.id, until)
    assert only(snapshot, CredentialKind.CARD).person == loan.person
    assert only(snapshot, CredentialKind.CARD).doors == ("front",)
    people.set_suspended(house.site, STAFF, host.id, WHY, suspended=True)
    assert {one.id: one.suspended for one in doorstep.read().people}[loan.person]


def test_a_telephones_pass_ends_with_its_signature(house: House, doorstep: Doorstep) -> None:
    key = generate_private_key(SECP256R1())
    phone = phones.issue_phone_pass(house.site, STAFF, house.member().id, key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))
    house.pass_by(days=90)
    code = phone_code(phone.text, phone.credential.pass_id or "", key, "front", step_at(house.site.clock.now()))
    assert shown(doorstep, CodeShown("front", code)).fault is AccessEvent.DENIED_CREDENTIAL_EXPIRED
