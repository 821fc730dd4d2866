"""How often a pass opened: counted over all devices, never twice, and at an end for ever when none is left."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, select

from consentry.access.model import AccessEvent, Attempt, CredentialState, DoorEvent, Evidence, ReaderKind
from consentry.access.records.controllers import OrderRow
from consentry.access.records.events import EventRow
from consentry.access.register import GuestPassDraft, PersonKind
from consentry.access.rules.compiling import compile_snapshot
from consentry.access.rules.deciding import decide
from consentry.access.rules.modes import follow
from consentry.access.rules.state import State
from consentry.access.service import orders, syncing
from consentry.access.service.controllers import revoke_controller
from consentry.access.service.issuing import enter_guest_pass
from consentry.access.service.uses import forget_uses, used
from consentry.access.snapshot_text import read_snapshot
from consentry.ledger.work import writing
from consentry.platform.errors import ConflictError
from tests.access.events.lodge import FIRST, Controller
from tests.access.register.house import DAY, STAFF, House, house_on

if TYPE_CHECKING:
    from pathlib import Path

    from consentry.access.model import Snapshot
    from consentry.access.register import CredentialView
    from consentry.platform.database import Database

HOST = "resident:host-1"
RULE = {"id": "residents", "group": "residents", "doors": ["front", "lift"], "schedule": None, "deny": False}


@pytest.fixture
def house(sqlite_database: Database, tmp_path: Path) -> House:
    return ruled(sqlite_database, tmp_path)


@pytest.fixture
def any_house(database: Database, tmp_path: Path) -> House:
    return ruled(database, tmp_path)


def ruled(database: Database, folder: Path) -> House:
    """Return a house whose residents may pass the front door and the lift."""
    found = house_on(database, folder)
    found.apply([RULE])
    return found


def visit(house: House, uses: int | None, *doors: str, needs_host: bool = False) -> CredentialView:
    """Return the pass of a guest of a member."""
    guest = house.person(PersonKind.GUEST, "访客", host=house.member().id)
    now = house.site.clock.now()
    with writing(house.site) as work:
        draft = GuestPassDraft(doors or ("front",), now, now + DAY, uses=uses, needs_host=needs_host)
        return enter_guest_pass(work, STAFF.label, guest.id, draft).credential


class Device(Controller):
    """A controller that reports, and what its snapshot says."""

    def opens(self, visit: CredentialView, door: str = "front") -> None:
        self.happen(AccessEvent.GRANTED, door, reader=ReaderKind.QR, person=visit.person, credential=visit.id)
        self.send()

    def told(self, visit: CredentialView) -> int | None:
        """Return the uses that the newest snapshot leaves, None where it has none of that pass."""
        found = [one for one in self.newest().credentials if one.id == visit.id]
        return found[0].uses if found else None

    def newest(self) -> Snapshot:
        self.snapshot = 0
        text = self.send().snapshot
        assert text is not None
        return read_snapshot(text, self.trusted, site=self.site.keys.site, controller=self.id)

    @property
    def trusted(self) -> bytes:
        return self.site.keys.signing_key("access-snapshots").public_key().public_bytes_raw()


def device(house: House, name: str = "main") -> Device:
    found = Device(house.site, name)
    found.pair()
    return found


def test_a_pass_that_was_used_up_ends_and_another_device_does_not_open_it_again(house: House) -> None:
    main, guest = device(house), visit(house, 2)
    main.opens(guest)
    assert house.now(guest).state is CredentialState.ACTIVE
    main.opens(guest)
    assert house.now(guest).state is CredentialState.ENDED
    assert main.told(guest) is None
    assert device(house).told(guest) is None


def test_a_new_device_is_told_what_the_old_one_left_and_its_own_uses_are_not_taken_off_twice(house: House) -> None:
    old, guest = device(house), visit(house, 5)
    old.opens(guest)
    old.opens(guest)
    assert old.told(guest) == 5
    new = device(house)
    assert new.told(guest) == 3
    new.opens(guest)
    assert new.told(guest) == 3


def test_what_one_controller_told_another_hears(any_house: House) -> None:
    main, inner, guest = device(any_house), device(any_house, "inner"), visit(any_house, 3, "front", "lift", needs_host=True)
    main.opens(guest)
    assert (main.told(guest), inner.told(guest)) == (3, 2)
    inner.opens(guest, "lift")
    inner.opens(guest, "lift")
    assert (main.told(guest), inner.told(guest)) == (None, None)
    assert any_house.now(guest).state is CredentialState.ENDED


def test_counts_outlive_the_events_and_go_with_the_credential(house: House) -> None:
    old, guest = device(house), visit(house, 2)
    old.opens(guest)
    with house.site.database.transaction() as session:
        session.execute(delete(EventRow))
    assert device(house).told(guest) == 1
    new = device(house)
    new.opens(guest)
    with writing(house.site) as work:
        assert used(work.session, guest.id) == 2
        forget_uses(work)
        assert used(work.session, guest.id) == 0


def test_a_controller_uses_up_nothing_at_doors_that_the_pass_does_not_name(house: House) -> None:
    inner, guest = device(house, "inner"), visit(house, 1)
    inner.opens(guest, "lift")
    inner.opens(guest, "front")
    assert house.now(guest).state is CredentialState.ACTIVE


def test_a_pass_that_was_away_for_a_while_has_no_more_uses_than_before(house: House) -> None:
    main, guest = device(house), visit(house, 1)
    known = compile_snapshot(main.newest())
    attempt = Attempt("front", house.site.clock.now(), Evidence(ReaderKind.QR, guest.id))
    decision, state = decide(known, State(), attempt)
    assert decision.granted
    house.apply([{**RULE, "doors": ["lift"]}])
    without = compile_snapshot(main.newest())
    assert guest.id not in without.credentials
    house.apply([RULE])
    again = compile_snapshot(main.newest())
    state = follow(without, again, follow(known, without, state, attempt.at), attempt.at)
    assert decide(again, state, attempt)[0].reason is AccessEvent.DENIED_CREDENTIAL_MAX_USES


def yes(house: House, guest: CredentialView, at: Device, door: str) -> None:
    """Let a guest stand at a door and their host agree."""
    at.happen(AccessEvent.VERIFICATION_REQUIRED, door, reader=ReaderKind.QR, person=guest.person, credential=guest.id)
    at.send()
    orders.agree_for_host(house.site, HOST, door, guest.id)


def test_the_last_use_is_given_to_one_controller_alone_until_it_told_what_became_of_it(any_house: House) -> None:
    main, inner, guest = device(any_house), device(any_house, "inner"), visit(any_house, 1, "front", "lift", needs_host=True)
    yes(any_house, guest, main, "front")
    assert len(main.send().orders) == 1
    with pytest.raises(ConflictError, match="has not told yet"):
        yes(any_house, guest, inner, "lift")
    any_house.pass_by(seconds=15)
    orders.forget_orders(any_house.site)
    with pytest.raises(ConflictError, match="has not told yet"):
        yes(any_house, guest, inner, "lift")
    main.send()
    yes(any_house, guest, inner, "lift")
    (order,) = inner.send().orders
    inner.happen(AccessEvent.GRANTED, "lift", reader=ReaderKind.QR, person=guest.person, credential=guest.id, order=order.id)
    inner.send()
    assert any_house.now(guest).state is CredentialState.ENDED
    any_house.pass_by(seconds=15)
    orders.forget_orders(any_house.site)
    with any_house.site.database.reading() as session:
        assert session.scalars(select(OrderRow)).all() == []


def test_a_report_that_does_not_hold_everything_settles_no_yes(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(syncing, "MOST_EVENTS", 1)
    main, inner, guest = device(house), device(house, "inner"), visit(house, 1, "front", "lift", needs_host=True)
    yes(house, guest, main, "front")
    house.pass_by(seconds=15)
    main.happen(DoorEvent.OPENED, "front")
    main.send(events=(main.log[-1],))
    with pytest.raises(ConflictError, match="has not told yet"):
        yes(house, guest, inner, "lift")


def waits_for_second(guest: CredentialView, at: Device, door: str) -> None:
    """Let a device carry out the yes to a guest at a door that asks for two people."""
    (order,) = at.send().orders
    at.happen(AccessEvent.VERIFICATION_REQUIRED, door, reader=ReaderKind.QR, person=guest.person, credential=guest.id, order=order.id)
    assert at.send().orders == ()


def test_a_yes_by_which_a_guest_waits_for_a_second_person_stays_open_until_nobody_can_come_any_more(any_house: House) -> None:
    main, inner, guest = device(any_house), device(any_house, "inner"), visit(any_house, 1, "front", "lift", needs_host=True)
    yes(any_house, guest, main, "front")
    waits_for_second(guest, main, "front")
    assert orders.host_questions(any_house.site, [guest.id]) == ()
    for seconds in (0, 60, 59):
        any_house.pass_by(seconds=seconds)
        orders.forget_orders(any_house.site)
        main.send()
        with pytest.raises(ConflictError, match="has not told yet"):
            yes(any_house, guest, inner, "lift")
    any_house.pass_by(seconds=1)
    with pytest.raises(ConflictError, match="has not told yet"):
        yes(any_house, guest, inner, "lift")
    main.send()
    yes(any_house, guest, inner, "lift")


def test_once_a_door_told_that_no_second_person_came_the_use_is_left_for_another_door(any_house: House) -> None:
    main, inner, guest = device(any_house), device(any_house, "inner"), visit(any_house, 1, "front", "lift", needs_host=True)
    alone = {"person": guest.person, "credential": guest.id}
    main.happen(AccessEvent.DENIED_NO_ACCOMPANIMENT, "front", **alone)
    yes(any_house, guest, main, "front")
    waits_for_second(guest, main, "front")
    for other in ({**alone, "credential": "another"}, {"person": guest.person}):
        main.happen(AccessEvent.DENIED_NO_ACCOMPANIMENT, "front", **other)
        main.send()
    inner.happen(AccessEvent.DENIED_NO_ACCOMPANIMENT, "lift", **alone)
    inner.send()
    with pytest.raises(ConflictError, match="has not told yet"):
        yes(any_house, guest, inner, "lift")
    main.happen(AccessEvent.DENIED_NO_ACCOMPANIMENT, "front", **alone)
    main.send()
    yes(any_house, guest, inner, "lift")


def test_an_order_that_nobody_waits_by_stays_though_an_earlier_guest_waited_in_vain(house: House) -> None:
    main, inner, guest = device(house), device(house, "inner"), visit(house, 1, "front", "lift", needs_host=True)
    yes(house, guest, main, "front")
    main.happen(AccessEvent.DENIED_NO_ACCOMPANIMENT, "front", person=guest.person, credential=guest.id)
    assert len(main.send().orders) == 1
    with pytest.raises(ConflictError, match="has not told yet"):
        yes(house, guest, inner, "lift")


def test_where_the_rules_let_people_wait_longer_the_yes_stays_open_longer(house: House) -> None:
    house.apply([RULE], doors=[{"id": "front", "first_card": None, "first_card_groups": [], "two_people_ms": 300_000}])
    main, inner, guest = device(house), device(house, "inner"), visit(house, 1, "front", "lift", needs_host=True)
    yes(house, guest, main, "front")
    waits_for_second(guest, main, "front")
    house.pass_by(seconds=300)
    main.send()
    with pytest.raises(ConflictError, match="has not told yet"):
        yes(house, guest, inner, "lift")


def test_whoever_is_let_in_with_the_second_person_has_used_their_pass(house: House) -> None:
    main, guest = device(house), visit(house, 1, "front", "lift", needs_host=True)
    yes(house, guest, main, "front")
    waits_for_second(guest, main, "front")
    main.opens(guest)
    assert house.now(guest).state is CredentialState.ENDED


@pytest.mark.parametrize("waits", [False, True])
@pytest.mark.parametrize("ends", ["replaced", "revoked"])
def test_a_yes_that_a_device_heard_which_tells_nothing_any_more_counts_as_used(any_house: House, ends: str, waits: bool) -> None:
    main, guest = device(any_house), visit(any_house, 1, "front", "lift", needs_host=True)
    device(any_house, "inner")
    yes(any_house, guest, main, "front")
    if waits:
        waits_for_second(guest, main, "front")
    if ends == "replaced":
        device(any_house)
    else:
        revoke_controller(any_house.site, FIRST, "main", "stolen")
    assert any_house.now(guest).state is CredentialState.ENDED
    with any_house.site.database.reading() as session:
        assert used(session, guest.id) == 1
        assert session.scalars(select(OrderRow)).all() == []


def test_an_order_that_a_device_carried_out_or_that_nobody_counts_uses_up_nothing_when_the_device_is_replaced(house: House) -> None:
    main, counted, free = device(house), visit(house, 2, "front", needs_host=True), visit(house, None, "front", needs_host=True)
    yes(house, counted, main, "front")
    (order,) = main.send().orders
    main.happen(AccessEvent.GRANTED, "front", reader=ReaderKind.QR, person=counted.person, credential=counted.id, order=order.id)
    yes(house, free, main, "front")
    device(house)
    with house.site.database.reading() as session:
        assert (used(session, counted.id), used(session, free.id)) == (1, 0)


def test_a_new_device_is_told_no_order_of_the_old_one(house: House) -> None:
    main, guest = device(house), visit(house, 5, "front", needs_host=True)
    yes(house, guest, main, "front")
    assert device(house).send().orders == ()


def test_one_controller_counts_for_itself_and_waits_for_no_other(house: House) -> None:
    main, guest = device(house), visit(house, 1, "front", needs_host=True)
    yes(house, guest, main, "front")
    yes(house, guest, main, "front")
