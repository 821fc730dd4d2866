"""What happens at a gate, from the card to the strike and the contact, and what stands in the journal of it."""

from __future__ import annotations

from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from consentry.access.controller.journal import Bounds
from consentry.access.controller.link import Order
from consentry.access.model import AccessEvent, ContactState, DoorMode, EntryDigits, ReaderKind, Schedule, Span
from consentry.access.proving import CardShown, CodeShown, PinShown
from consentry.platform.errors import NotFoundError
from tests.access.controller.playground import snapshot
from tests.access.controller.stand import CABINET, Stand, in_mode, stand, with_gate
from tests.access.proofs.house import NOW, PIN, UID, UNIT, house

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from consentry.access.model import Snapshot
    from consentry.access.proving import Shown

ALWAYS = Schedule("always", ((Span(0, 1440),),) * 7)
EXPIRED = snapshot(expires=NOW - timedelta(hours=1))


@contextmanager
def at(folder: Path, policy: Snapshot | None = None, bounds: Bounds | None = None) -> Iterator[Stand]:
    """Give a gate, and close its journal at the end."""
    found = stand(folder, policy, bounds)
    with closing(found.decider.journal):
        yield found


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Stand]:
    with at(tmp_path) as found:
        yield found


def test_whoever_shows_their_card_is_let_in_and_their_entry_is_seen(gate: Stand) -> None:
    gate.card()
    assert gate.unlocked()
    gate.contact(opened=True)
    gate.passes(3)
    gate.contact(opened=False)
    gate.passes(60)
    assert gate.kinds() == ["granted", "opened", "closed"]


def test_whoever_is_let_in_and_does_not_go_is_told_of(gate: Stand) -> None:
    gate.card()
    gate.passes(7)
    assert gate.kinds() == ["granted", "no-entry-after-granted"]


def test_where_no_contact_tells_nobody_is_said_to_have_stayed_away(gate: Stand) -> None:
    assert gate.doorways.show(PinShown("lobby", UNIT, PIN)).granted
    gate.passes(10)
    assert gate.kinds() == ["granted"]


def test_how_long_somebody_took_counts_from_their_first_key_and_to_the_release(tmp_path: Path) -> None:
    with at(tmp_path, with_gate(delay_s={ReaderKind.PIN: 1.0, ReaderKind.FACE: 1.0})) as gate:
        gate.decider.show(PinShown("gate", UNIT, PIN), NOW - timedelta(seconds=4))
        (granted,) = gate.decider.journal.pending(10)
        assert granted.event.took_ms == 5000


@pytest.mark.parametrize(
    "shown",
    [
        lambda: PinShown("gate", UNIT, PIN, timedelta(seconds=4)),
        lambda: CodeShown("gate", house().face_shown()),
    ],
    ids=["a tablet's keypad", "a face, as its admission says"],
)
def test_what_a_page_or_a_station_took_before_is_counted_too(gate: Stand, shown: Callable[[], Shown]) -> None:
    assert gate.doorways.show(shown()).granted
    (granted,) = gate.decider.journal.pending(10)
    assert granted.event.took_ms == 4000


def test_as_many_digits_as_the_snapshot_says_open_without_another_key(tmp_path: Path) -> None:
    with at(tmp_path, replace(with_gate(), entry=EntryDigits(len(UNIT), len(PIN)))) as gate:
        assert (gate.doorways.standing().unit_digits, gate.doorways.standing().pin_digits) == (5, 6)
        for key in UNIT + PIN:
            assert not gate.unlocked()
            gate.device.press(key)
            gate.looks()
        assert gate.unlocked()
        gate.device.press("#")
        gate.passes(1)
        assert gate.kinds() == ["granted"]


@pytest.mark.parametrize("first", ["card", "code", "somebody at the tablet", "host"])
def test_digits_that_somebody_left_half_typed_do_not_join_those_of_the_next_person(tmp_path: Path, first: str) -> None:
    with at(tmp_path, replace(with_gate(), entry=EntryDigits(len(UNIT), len(PIN)))) as gate:
        gate.device.press("03")
        gate.looks()
        if first == "card":
            gate.card()
        elif first == "host":
            gate.doorways.carry_out(Order("o1", "gate", "host-agreed", "resident", NOW + timedelta(seconds=15), "guest"))
        else:
            gate.doorways.show(CodeShown("gate", house().phone_shown()) if first == "code" else PinShown("gate", UNIT, PIN))
        assert gate.unlocked()
        gate.locks()
        gate.passes(8)
        gate.device.press(UNIT + PIN)
        gate.looks()
        assert gate.unlocked()
        assert not gate.decider.state.tries


def test_a_door_that_opens_by_itself_is_forced_and_one_that_stays_open_is_told_of_once(gate: Stand) -> None:
    gate.contact(opened=True)
    gate.passes(40)
    gate.contact(opened=False)
    assert gate.kinds() == ["forced-open", "open-too-long", "closed", "normal"]


@pytest.mark.parametrize(
    "policy", [None, in_mode(DoorMode.LOCKDOWN), snapshot(expires=NOW - timedelta(hours=1)), replace(snapshot(), policy=replace(snapshot().policy, doors=()))]
)
def test_the_exit_button_always_works_and_leaving_by_it_is_no_force(tmp_path: Path, policy: Snapshot | None) -> None:
    with at(tmp_path, policy) as gate:
        gate.exit(pressed=True)
        assert gate.unlocked()
        gate.passes(3)
        gate.contact(opened=True)
        gate.exit(pressed=False)
        gate.exit(pressed=True)
        kinds = gate.kinds()
        assert kinds.count("egress-open") == 2, "once for each press"
        assert "forced-open" not in kinds


@pytest.mark.parametrize("policy", [None, in_mode(DoorMode.LOCKDOWN), EXPIRED])
def test_in_a_fire_the_door_stands_open_whatever_the_policy_says(tmp_path: Path, policy: Snapshot | None) -> None:
    with at(tmp_path, policy) as gate:
        gate.fire(burns=True)
        for _ in range(5):
            gate.locks()
            gate.passes(1)
            assert gate.unlocked()
        gate.contact(opened=True)
        gate.passes(120)
        gate.fire(burns=False)
        gate.locks()
        gate.passes(5)
        assert not gate.unlocked()
        assert [kind for kind in gate.kinds() if kind in {"fire", "forced-open"}] == ["fire"]


def test_in_fire_and_by_the_exit_people_leave_though_nothing_can_be_written(gate: Stand) -> None:
    gate.decider.journal.close()
    gate.exit(pressed=True)
    assert gate.unlocked()
    gate.locks()
    gate.fire(burns=True)
    assert gate.unlocked()


def test_nobody_is_let_in_where_it_cannot_be_written_down(tmp_path: Path) -> None:
    with at(tmp_path, bounds=Bounds(events=40, spared=3, ballast=4096)) as gate:
        gate.decider.journal.acknowledge(0)
        for _ in range(20):
            gate.card()
            gate.passes(7)
        kinds = gate.kinds()
        gate.locks()
        gate.card()
        assert not gate.unlocked()
        assert "log-nearly-full" in kinds
        assert gate.kinds().count("granted") == kinds.count("granted") < 20


def test_a_lockdown_denies_everybody_and_free_access_lets_everybody_in(gate: Stand) -> None:
    gate.apply(8, modes={"gate": DoorMode.LOCKDOWN})
    gate.card()
    assert not gate.unlocked()
    gate.apply(9, modes={"gate": DoorMode.FREE})
    assert gate.unlocked()
    gate.apply(10)
    gate.locks()
    gate.passes(5)
    assert not gate.unlocked()
    assert gate.kinds() == ["lockdown", "denied-deny-all", "free-access", "normal"]


def test_after_the_first_card_the_door_stands_open_while_its_schedule_holds(tmp_path: Path) -> None:
    policy = with_gate(first_card="always", first_card_groups=("residents",))
    with at(tmp_path, replace(policy, policy=replace(policy.policy, schedules=(ALWAYS,)))) as gate:
        gate.passes(5)
        assert not gate.unlocked()
        gate.card()
        gate.locks()
        gate.passes(20)
        assert gate.unlocked()
        assert gate.kinds()[:2] == ["granted", "unlocked"]


def test_a_grant_with_a_delay_unlocks_after_it_and_not_in_a_lockdown_meanwhile(tmp_path: Path) -> None:
    with at(tmp_path, with_gate(delay_s={ReaderKind.CARD: 3.0, ReaderKind.FACE: 3.0})) as gate:
        gate.card()
        gate.passes(2)
        assert not gate.unlocked()
        gate.passes(2)
        assert gate.unlocked()
        gate.locks()
        gate.card()
        gate.apply(8, modes={"gate": DoorMode.LOCKDOWN})
        gate.passes(5)
        assert not gate.unlocked()


def test_a_device_that_breaks_down_is_told_of_once_and_so_is_its_return(gate: Stand) -> None:
    gate.device.break_down()
    gate.passes(3)
    broken = gate.kinds()
    assert broken.count("reader-fault") == 1
    assert gate.doorways.reports()["gate"].readers[ReaderKind.CARD] is False
    assert gate.doorways.reports()["gate"].contact is ContactState.UNKNOWN
    gate.device.repair()
    gate.passes(3)
    assert gate.doorways.reports()["gate"].readers[ReaderKind.CARD] is True
    assert gate.kinds().count("reader-fault") == 1


def test_tampering_is_told_of_once(gate: Stand) -> None:
    gate.device.tear_off()
    gate.passes(3)
    assert gate.kinds() == ["tamper"]


def test_an_opened_cabinet_is_tampering(gate: Stand) -> None:
    gate.device.close_circuit(CABINET, closed=False)
    gate.passes(3)
    gate.device.close_circuit(CABINET, closed=True)
    gate.passes(3)
    assert gate.kinds() == ["tamper", "normal"]


def test_a_card_that_goes_with_a_pin_waits_for_it_where_the_door_takes_pins(gate: Stand) -> None:
    shown = CardShown("lobby", "uid", UID)
    assert gate.doorways.show(shown).waits == "pin"
    assert gate.kinds() == []
    assert gate.doorways.show(PinShown("lobby", shown, "804417")).granted
    gate.passes(20)
    assert gate.kinds() == ["granted"]
    gate.card()
    assert gate.unlocked(), "nothing at the gate has keys"


def test_the_tablet_reads_units_with_pins_and_codes(gate: Stand) -> None:
    assert gate.doorways.show(PinShown("lobby", UNIT, PIN)).granted
    assert not gate.doorways.show(PinShown("lobby", UNIT, "000000")).granted
    assert gate.doorways.show(CodeShown("lobby", house().phone_shown("lobby"))).granted
    with pytest.raises(NotFoundError):
        gate.doorways.show(CodeShown("cellar", "x"))


def test_a_guest_who_waits_for_the_host_is_let_in_by_the_hosts_word_once(tmp_path: Path) -> None:
    found = snapshot()
    waiting = replace(found, credentials=tuple(replace(one, needs_host=True, uses=None) if one.id == "guest" else one for one in found.credentials))
    with at(tmp_path, waiting) as gate:
        order = Order("o1", "gate", "host-agreed", "resident", NOW + timedelta(seconds=15), "guest")
        gate.doorways.carry_out(order)
        assert gate.unlocked()
        gate.locks()
        gate.doorways.carry_out(order)
        assert not gate.unlocked()
        (granted,) = [one.event for one in gate.decider.journal.pending(10)]
        assert (granted.kind, granted.took_ms) == (AccessEvent.GRANTED, None), "how long the host took is no time of a reader"


@pytest.mark.parametrize(("mode", "opens", "kind"), [(DoorMode.NORMAL, True, "unlocked"), (DoorMode.LOCKDOWN, False, "denied-deny-all")])
def test_staff_open_from_afar_but_not_in_a_lockdown(tmp_path: Path, mode: DoorMode, opens: bool, kind: str) -> None:
    with at(tmp_path, in_mode(mode)) as gate:
        gate.settle()
        gate.doorways.carry_out(Order("o1", "gate", "release", "guard", NOW + timedelta(seconds=15)))
        assert (gate.unlocked(), gate.kinds()) == (opens, [kind])


def test_what_happened_before_a_restart_counts_after_it(tmp_path: Path) -> None:
    with at(tmp_path) as gate:
        for _ in range(3):
            gate.device.code(house().guest_shown())
            gate.looks()
        gate.device.code(house().phone_shown())
        gate.looks()
        assert gate.kinds() == ["granted"] * 4
    with at(tmp_path) as gate:
        gate.device.code(house().guest_shown())
        gate.device.code(house().phone_shown())
        gate.looks()
        assert gate.kinds() == ["denied-credential-max-uses", "denied-replay"]


def test_a_door_that_a_new_snapshot_does_not_know_lets_nobody_in(gate: Stand) -> None:
    gate.apply(8, policy=replace(snapshot().policy, doors=tuple(door for door in snapshot().policy.doors if door.id != "gate")))
    gate.card()
    assert not gate.unlocked()
    assert set(gate.doorways.reports()) == {"lobby"}


def test_a_snapshot_that_the_disk_does_not_take_holds_all_the_same_and_is_kept_later(gate: Stand, tmp_path: Path) -> None:
    kept = tmp_path / "snapshot.txt"
    kept.mkdir()
    gate.apply(8, revoked=("card",))
    gate.card()
    assert not gate.unlocked()
    kept.rmdir()
    gate.passes(61, step=10)
    assert kept.read_text(encoding="utf-8").count('"number":8') == 1


def test_a_journal_that_is_full_still_lets_people_out_and_counts_what_it_could_not_tell(tmp_path: Path) -> None:
    with at(tmp_path, bounds=Bounds(events=12, spared=4, ballast=4096)) as gate:
        for _ in range(30):
            gate.exit(pressed=True)
            assert gate.unlocked()
            gate.locks()
            gate.exit(pressed=False)
        assert gate.decider.journal.lost > 10
        gate.settle()
        gate.card()
        assert gate.kinds() == ["events-lost", "granted"]
