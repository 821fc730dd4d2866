"""Which ways in work at a door, what waits for a PIN there, and what a defect of one door does to the next."""

from __future__ import annotations

import threading
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest

from consentry.access.controller.doorway import FACE_AWAY_S, PAGE_SEEN_S
from consentry.access.controller.loop import DoorLoop
from consentry.access.controller.running import LoopKeeper
from consentry.access.hardware.ports import Answer, CardFormat, DeviceError, Read, ReadKind
from consentry.access.model import CredentialState, ReaderKind
from consentry.access.proving import CardShown, CodeShown, PinShown
from tests.access.controller.playground import snapshot
from tests.access.controller.stand import Stand, stand, with_gate
from tests.access.proofs.house import PIN, UID, UNIT, house

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from consentry.access.model import Snapshot

SERVER, BACK = "https://site.example", "http://127.0.0.1:8080/?door=gate"
UNKNOWN, CARD_PIN = bytes.fromhex("09090909"), "804417"
WAYS = (ReaderKind.CARD, ReaderKind.PIN, ReaderKind.QR, ReaderKind.FACE)


@dataclass
class Beside:
    """A reader beside a door, which reads what it is given once."""

    serves: tuple[ReaderKind, ...]
    id: str = "beside"
    door: str = "gate"
    read: tuple[Read, ...] = ()
    cut: bool = False
    broken: Exception | None = None
    said: Answer | None = None

    def reads(self) -> tuple[Read, ...]:
        if self.cut:
            raise DeviceError("device.away", self.id, "it does not answer", "See to its wires.")
        if self.broken is not None:
            raise self.broken
        read, self.read = self.read, ()
        return read

    def show(self, answer: Answer) -> None:
        self.said = answer

    def card(self, uid: bytes) -> None:
        self.read = (Read(self.door, self.id, ReadKind.CARD, uid, CardFormat.UID),)

    def keys(self, keys: str) -> None:
        self.read = (Read(self.door, self.id, ReadKind.KEYS, keys.encode()),)


class Defect:
    """Fire input, exit button, contact: each fails as no driver should."""

    def active(self) -> bool:
        raise OSError("the bus is gone")

    pressed = state = active


def at_gate(found: Stand, *readers: Beside, tablet: bool = False, **devices: object) -> None:
    """Let other things stand at the gate."""
    gate = found.doorways._doors["gate"]  # noqa: SLF001 - the things at a door do not change while it runs
    gate.devices = replace(found.doorways.devices["gate"], readers=readers, **devices)  # type: ignore[arg-type] # by name
    gate.tablet = tablet
    found.doorways.tablets = frozenset({"gate"} if tablet else ())


def working(found: Stand, door: str = "gate") -> set[ReaderKind]:
    return {kind for kind, works in found.doorways.reports()[door].readers.items() if works}


def page_asks(found: Stand, seconds: float = 1.0) -> None:
    """Let time go by while the page of the gate is on a screen there."""
    for _ in range(int(seconds)):
        found.doorways.standing("gate")
        found.passes(1.0)


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Stand]:
    yield from opened(tmp_path)


def opened(folder: Path, policy: Snapshot | None = None) -> Iterator[Stand]:
    found = stand(folder, policy)
    with closing(found.decider.journal):
        yield found


def test_a_tablet_vouches_for_its_page_only_while_that_is_seen(gate: Stand) -> None:
    at_gate(gate, tablet=True)
    gate.passes(2)
    assert working(gate) == set(), "nobody has seen the page yet"
    page_asks(gate)
    assert working(gate) == {ReaderKind.PIN, ReaderKind.QR, ReaderKind.FACE}
    gate.passes(PAGE_SEEN_S + 1)
    assert working(gate) == set()


def test_a_page_that_went_to_the_server_with_a_face_counts_as_there_until_it_should_be_back(gate: Stand) -> None:
    at_gate(gate, tablet=True)
    gate.doorways.leave_for_face("gate")
    assert working(gate) == set(), "it was never there"
    page_asks(gate)
    gate.doorways.leave_for_face("gate")
    gate.passes(PAGE_SEEN_S + 1)
    assert working(gate) == {ReaderKind.PIN, ReaderKind.QR, ReaderKind.FACE}
    gate.doorways.leave_for_face("gate")
    gate.passes(FACE_AWAY_S - PAGE_SEEN_S)
    assert working(gate) == set(), "going again does not keep it there"
    page_asks(gate)
    gate.passes(PAGE_SEEN_S + 1)
    assert working(gate) == set(), "once it is back, it must be seen as ever"


def test_a_card_reader_that_types_counts_for_a_day_after_its_last_card(gate: Stand) -> None:
    at_gate(gate, tablet=True)
    page_asks(gate)
    gate.doorways.show(CardShown("gate", "uid", UID))
    assert ReaderKind.CARD in working(gate)
    gate.passes(86_401, step=7000)
    page_asks(gate)
    assert working(gate) == {ReaderKind.PIN, ReaderKind.QR, ReaderKind.FACE}


def test_a_card_reader_that_is_cut_is_told_whatever_the_tablet_reads(gate: Stand) -> None:
    reader = Beside((ReaderKind.CARD,))
    at_gate(gate, reader, tablet=True)
    page_asks(gate)
    assert ReaderKind.CARD in working(gate)
    gate.doorways.show(CardShown("gate", "uid", UID))
    reader.cut = True
    page_asks(gate, 3)
    assert ReaderKind.CARD not in working(gate)
    assert gate.kinds().count("reader-fault") == 1


def test_no_face_opens_where_the_only_other_way_is_a_card_reader_that_is_cut(tmp_path: Path) -> None:
    for gate in opened(tmp_path, with_gate(readers=(ReaderKind.CARD, ReaderKind.FACE))):
        reader = Beside((ReaderKind.CARD,))
        at_gate(gate, reader, tablet=True)
        page_asks(gate)
        assert working(gate) == {ReaderKind.CARD, ReaderKind.FACE}
        reader.cut = True
        page_asks(gate, 2)
        assert working(gate) == set()
        assert not gate.doorways.show(CodeShown("gate", house().face_shown())).granted
        assert not gate.unlocked()


def separate() -> tuple[Beside, Beside]:
    return Beside((ReaderKind.CARD,), "card-reader"), Beside((ReaderKind.PIN,), "keypad")


def test_a_card_with_a_pin_waits_for_it_at_the_keypad_beside_its_reader(gate: Stand) -> None:
    cards, keys = separate()
    at_gate(gate, cards, keys)
    cards.card(UID)
    gate.looks()
    assert (cards.said, gate.unlocked()) == (Answer.WAIT, False)
    keys.keys(CARD_PIN + "#")
    gate.looks()
    assert (keys.said, gate.unlocked()) == (Answer.GRANTED, True)


def test_cutting_the_keypad_lets_no_card_in_alone(gate: Stand) -> None:
    cards, keys = separate()
    at_gate(gate, cards, keys)
    keys.cut = True
    gate.looks()
    cards.card(UID)
    gate.looks()
    assert not gate.unlocked()


def test_the_pin_of_a_card_that_the_reader_read_can_be_entered_at_the_tablet(gate: Stand) -> None:
    cards = Beside((ReaderKind.CARD,))
    at_gate(gate, cards, tablet=True)
    cards.card(UID)
    gate.looks()
    assert not gate.unlocked()
    assert [door.asks_pin for door in gate.doorways.standing("gate").doors if door.id == "gate"] == [True]
    assert gate.doorways.show(PinShown("gate", "", CARD_PIN)).granted
    assert gate.unlocked()
    assert [door.asks_pin for door in gate.doorways.standing("gate").doors if door.id == "gate"] == [False]


@pytest.mark.parametrize("by_tablet", [True, False])
@pytest.mark.parametrize(
    ("uid", "state", "written"),
    [
        (UID, CredentialState.ACTIVE, "denied-incorrect-authentication-factor"),
        (UID, CredentialState.LOST, "denied-authentication-factor-lost"),
        (UNKNOWN, CredentialState.ACTIVE, "denied-unknown-credential"),
    ],
)
def test_every_card_that_cannot_open_alone_waits_for_a_pin_and_is_written_down_when_none_comes(
    tmp_path: Path, uid: bytes, state: CredentialState, written: str, *, by_tablet: bool
) -> None:
    found = snapshot()
    credentials = tuple(replace(one, state=state) if one.id == "card" else one for one in found.credentials)
    for gate in opened(tmp_path, replace(found, credentials=credentials)):
        cards, keys = separate()
        at_gate(gate, cards, keys, tablet=by_tablet)
        if by_tablet:
            assert gate.doorways.show(CardShown("gate", "uid", uid)).waits == "pin"
        else:
            cards.card(uid)
        gate.passes(10)
        assert (gate.kinds(), cards.said) == ([], None if by_tablet else Answer.WAIT)
        gate.passes(10)
        assert gate.kinds() == [written]
        assert not gate.unlocked()


def test_a_wrong_pin_of_a_card_is_refused_alike_whether_or_not_anybody_has_it(gate: Stand) -> None:
    at_gate(gate, tablet=True)
    told = []
    for uid in (UID, UNKNOWN):
        shown = CardShown("gate", "uid", uid)
        told.append((gate.doorways.show(shown), gate.doorways.show(PinShown("gate", shown, "000000"))))
    gate.passes(20)
    assert told[0] == told[1]
    assert gate.kinds() == ["denied-incorrect-authentication-factor"] * 2


def test_whoever_tries_card_after_card_is_written_down_and_locked_out(gate: Stand) -> None:
    at_gate(gate, tablet=True)
    page_asks(gate)
    for number in range(6):
        gate.doorways.show(CardShown("gate", "uid", UID if number % 2 else UNKNOWN))
        gate.passes(1)
    assert len(gate.kinds()) == 5, "the last one still waits"
    assert any("lockout-max-attempts" in one.event.reports for one in gate.decider.journal.pending(10)), "which card it is does not matter"
    shown = CardShown("gate", "uid", UID)
    for _ in range(5):
        gate.doorways.show(PinShown("gate", shown, "000000"))
    assert gate.doorways.show(PinShown("gate", shown, CARD_PIN)).locked_s > 0


def test_a_card_that_the_register_gets_while_its_pin_is_awaited_does_not_open_by_that(tmp_path: Path) -> None:
    found = snapshot()
    for gate in opened(tmp_path, replace(found, credentials=tuple(one for one in found.credentials if one.id != "card"))):
        at_gate(gate, tablet=True)
        assert gate.doorways.show(CardShown("gate", "uid", UID)).waits == "pin"
        gate.apply(8)
        gate.passes(20)
        assert gate.kinds() == ["denied-incorrect-authentication-factor"]


def test_a_card_that_waits_for_a_pin_does_not_take_the_unit_of_whoever_comes_next(gate: Stand) -> None:
    reader = Beside((ReaderKind.CARD, ReaderKind.PIN))
    at_gate(gate, reader)
    reader.card(bytes(7))
    gate.looks()
    assert reader.said is Answer.WAIT
    assert gate.doorways.show(CodeShown("gate", house().phone_shown())).granted
    gate.locks()
    reader.keys(f"{UNIT}#{PIN}#")
    gate.looks()
    assert gate.unlocked()
    assert sorted(gate.kinds()) == ["denied-unknown-credential", "granted", "granted"]


def test_a_half_entered_number_of_hours_ago_is_no_beginning_of_how_long_somebody_took(gate: Stand) -> None:
    keys = Beside((ReaderKind.PIN,))
    at_gate(gate, keys)
    keys.keys("3")
    gate.looks()
    gate.passes(7200, step=600)
    gate.settle()
    shown = CardShown("gate", "uid", UID)
    gate.doorways._doors["gate"].waits_for_pin(shown, gate.decider.now())  # noqa: SLF001 - a card at this door
    gate.passes(2)
    keys.keys(CARD_PIN + "#")
    gate.looks()
    (granted,) = gate.decider.journal.pending(10)
    assert granted.event.took_ms is not None
    assert 2000 <= granted.event.took_ms < 4000


@pytest.mark.parametrize("part", ["fire", "exit", "contact"])
def test_a_defect_at_one_door_is_told_once_and_keeps_no_other_from_its_exit_button(gate: Stand, part: str) -> None:
    defective = replace(gate.doorways.devices["gate"], door="another", readers=(), exit=None, fire=None, contact=None)
    gate.doorways.devices = {**gate.doorways.devices, "another": replace(defective, **{part: Defect()})}  # type: ignore[arg-type] # by name
    gate.apply(8)
    gate.passes(3)
    gate.exit(pressed=True)
    assert gate.unlocked()
    assert gate.kinds() == ["door-fault", "egress-open"]


def test_a_defect_of_the_fire_input_keeps_nobody_from_the_exit_button_of_the_same_door(gate: Stand) -> None:
    gate.doorways._doors["gate"].devices = replace(gate.doorways.devices["gate"], fire=Defect())  # noqa: SLF001 - a driver's mistake
    gate.exit(pressed=True)
    assert gate.unlocked()
    assert gate.kinds() == ["door-fault", "egress-open"]


def test_a_reader_that_fails_in_an_unforeseen_way_is_out_of_order(gate: Stand) -> None:
    reader = Beside((ReaderKind.CARD,), broken=ValueError("half a frame"))
    at_gate(gate, reader)
    gate.passes(3)
    assert gate.kinds() == ["reader-fault"]
    assert ReaderKind.CARD not in working(gate)
    reader.broken = None
    gate.passes(2)
    assert ReaderKind.CARD in working(gate)


def test_nobody_is_sent_with_their_face_to_a_server_that_fell_silent_a_moment_ago(gate: Stand) -> None:
    gate.doorways.server = SERVER
    there, loop = [True], DoorLoop(gate.doorways.look)
    keeper = LoopKeeper(loop, gate.doorways, lambda server: server == SERVER and there[0])
    deciding = threading.Thread(target=loop.run)
    deciding.start()
    try:
        assert keeper.face_address("gate", BACK) is None, "it was never heard"
        loop.call(gate.doorways.heard_server)
        assert (keeper.face_address("gate", BACK) or "").startswith(f"{SERVER}/door/gate/face?")
        there[0] = False
        assert keeper.face_address("gate", BACK) is None
    finally:
        loop.stop()
        deciding.join()
