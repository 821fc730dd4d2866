"""What every driver must do, run over each with the real thing that carries its bytes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from consentry.access.hardware import http_relay, relay
from consentry.access.hardware.points import DeviceContact, DeviceExit, DeviceReader, DeviceStrike, Wiring
from consentry.access.hardware.ports import LONGEST_RELEASE_S, Answer, DeviceError, Read, ReadKind
from consentry.access.model import ContactState, ReaderKind
from tests.access.hardware.rigs import CARD, RIGS, Rig, until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from consentry.access.hardware.board import Device


@pytest.fixture(scope="module", params=RIGS)
def shared_rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    with pytest.MonkeyPatch.context() as patch:
        # The simulated devices speak twenty times a second, and so may be given up sooner; on a busy machine an order may take its time.
        patch.setattr(relay, "SILENT_AFTER_S", 1.5)
        patch.setattr(relay, "CONFIRMED_WITHIN_S", 30)
        patch.setattr("consentry.access.hardware.osdp._CONFIRMED_WITHIN_S", 30)
        patch.setattr(http_relay, "CONFIRMED_WITHIN_S", 30)
        patch.setattr(http_relay, "ASKS_EVERY_S", 0.05)
        with RIGS[request.param]() as rig:
            yield rig


@pytest.fixture
def rig(shared_rig: Rig) -> Rig:
    shared_rig.silent(on=False)
    assert until(lambda: in_service(shared_rig.device))
    shared_rig.device.lock(0)
    return shared_rig


def in_service(device: Device) -> bool:
    try:
        device.board.check()
    except DeviceError:
        return False
    return True


def reader_of(rig: Rig) -> DeviceReader:
    return DeviceReader("lobby-in", "lobby", (ReaderKind.CARD,), rig.device, 0)


def contact_of(rig: Rig) -> DeviceContact:
    return DeviceContact(Wiring(rig.device.board, 0, closed_at_rest=True))


def test_a_strike_unlocks_and_locks_again_by_itself(rig: Rig) -> None:
    # The first is seen unless the machine is so busy that it is over before anybody looks.
    assert any(unlocks(rig, seconds) for seconds in (0.8, 4, 20))
    assert until(lambda: not rig.unlocked())


def unlocks(rig: Rig, seconds: float) -> bool:
    DeviceStrike(rig.device, 0).release(seconds)
    return rig.unlocked()


def test_a_shorter_release_does_not_end_a_longer_one(rig: Rig) -> None:
    strike = DeviceStrike(rig.device, 0)
    strike.release(60)
    strike.release(0.05)
    time.sleep(0.12)
    assert rig.unlocked()


def test_a_longer_release_moves_the_end(rig: Rig) -> None:
    strike = DeviceStrike(rig.device, 0)
    strike.release(0.05)
    strike.release(60)
    time.sleep(0.12)
    assert rig.unlocked()


def test_a_strike_that_is_locked_stays_locked(rig: Rig) -> None:
    strike = DeviceStrike(rig.device, 0)
    strike.release(60)
    strike.lock()
    assert not rig.unlocked()


def test_a_strike_that_was_locked_early_is_released_again(rig: Rig) -> None:
    strike = DeviceStrike(rig.device, 0)
    strike.release(60)
    strike.lock()
    strike.release(60)
    assert rig.unlocked()


@pytest.mark.parametrize("seconds", [0, -1, LONGEST_RELEASE_S + 1, float("inf"), float("nan")])
def test_no_release_is_without_an_end(rig: Rig, seconds: float) -> None:
    with pytest.raises(ValueError, match="lasts"):
        DeviceStrike(rig.device, 0).release(seconds)
    assert not rig.unlocked()


def test_a_contact_tells_open_and_closed(rig: Rig) -> None:
    for closed, state in ((False, ContactState.OPEN), (True, ContactState.CLOSED)):
        rig.circuit(closed=closed)
        assert until(lambda state=state: contact_of(rig).state() is state)  # type: ignore[misc]


def test_a_button_is_heard_once_while_it_is_not_held(rig: Rig) -> None:
    button = DeviceExit(Wiring(rig.device.board, 0, closed_at_rest=False))
    rig.circuit(closed=False)
    assert until(lambda: contact_of(rig).state() is ContactState.OPEN)
    button.pressed()
    rig.circuit(closed=True)
    assert until(button.pressed)
    rig.circuit(closed=False)
    assert until(lambda: not button.pressed())


def test_a_card_is_read_once(rig: Rig) -> None:
    if rig.card is None:
        assert reader_of(rig).reads() == ()
        return
    reader, heard = reader_of(rig), list[Read]()
    rig.card()

    def look() -> bool:
        heard.extend(reader.reads())
        return bool(heard)

    assert until(look)
    time.sleep(0.05)
    heard += reader.reads()
    assert [(read.door, read.reader, read.kind) for read in heard] == [("lobby", "lobby-in", ReadKind.CARD)]
    assert heard[0].data.endswith(CARD)
    assert CARD.hex() not in repr(heard[0])


@pytest.mark.parametrize("answer", Answer)
def test_a_reader_shows_every_answer(rig: Rig, answer: Answer) -> None:
    reader_of(rig).show(answer)


def test_a_device_that_falls_silent_is_out_of_service_and_locked(rig: Rig) -> None:
    rig.circuit(closed=True)
    assert until(lambda: contact_of(rig).state() is ContactState.CLOSED)
    DeviceStrike(rig.device, 0).release(0.2)
    rig.silent(on=True)
    assert until(lambda: not in_service(rig.device))
    assert contact_of(rig).state() is ContactState.UNKNOWN
    with pytest.raises(DeviceError):
        reader_of(rig).reads()
    with pytest.raises(DeviceError):
        DeviceStrike(rig.device, 0).release(1)
    if rig.own_clock:
        assert until(lambda: not rig.unlocked())
    rig.silent(on=False)
    assert until(lambda: in_service(rig.device))
    assert until(lambda: not rig.unlocked())
    DeviceStrike(rig.device, 0).release(60)
    assert rig.unlocked()
