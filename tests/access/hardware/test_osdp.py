"""The OSDP driver against libosdp's own device, whose frames go over a pseudo-terminal or a pair of sockets."""

from __future__ import annotations

import os
import secrets
import socket
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING

import osdp
import pytest

from consentry.access.hardware.osdp import OsdpBus, Patience, SerialStream, card_of
from consentry.access.hardware.osdp_keys import INSTALL_KEY
from consentry.access.hardware.points import DeviceReader
from consentry.access.hardware.ports import Answer, CardFormat, DeviceError, Read, ReadKind
from consentry.access.hardware.simulated_osdp import SimulatedOsdpReader
from consentry.access.hardware.wiegand import SpoiledReadError, wiegand_bits
from consentry.access.model import ReaderKind
from consentry.platform.errors import KeyStoreError
from tests.access.hardware.rigs import ADDRESS, SocketStream, serial_pair, until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from consentry.access.hardware.osdp import OsdpDevice

    Pair = tuple[SimulatedOsdpReader, OsdpDevice]

KEY = secrets.token_bytes(16)


class DescriptorStream:
    """The device's end of a pseudo-terminal."""

    def __init__(self, descriptor: int) -> None:
        os.set_blocking(descriptor, False)
        self._descriptor = descriptor

    def read(self, most: int) -> bytes:
        with suppress(BlockingIOError):
            return os.read(self._descriptor, most)
        return b""

    def write(self, data: bytes) -> int:
        return os.write(self._descriptor, data)

    def close(self) -> None:
        os.close(self._descriptor)


@contextmanager
def connected(panel_key: bytes, device_key: bytes) -> Iterator[Pair]:
    panel_end, device_end = socket.socketpair()
    with (
        closing(device_end),
        closing(SimulatedOsdpReader(SocketStream(device_end), ADDRESS, device_key)) as reader,
        closing(OsdpBus("bus", SocketStream(panel_end), {ADDRESS: panel_key}, Patience(2.0, 0.5))) as bus,
    ):
        yield reader, bus.device(ADDRESS)


@pytest.fixture(scope="module")
def shared_pair() -> Iterator[Pair]:
    # A busy machine may be late with a confirmation.
    with pytest.MonkeyPatch.context() as patch, connected(KEY, KEY) as pair:
        patch.setattr("consentry.access.hardware.osdp._CONFIRMED_WITHIN_S", 30)
        yield pair


@pytest.fixture
def pair(shared_pair: Pair) -> Pair:
    assert until(lambda: in_service(shared_pair[1]))
    return shared_pair


def in_service(device: OsdpDevice) -> bool:
    try:
        device.board.check()
    except DeviceError:
        return False
    return True


def one_read(device: OsdpDevice) -> tuple[ReadKind, bytes, CardFormat | None]:
    reader = DeviceReader("in", "lobby", (ReaderKind.CARD,), device, 0)
    found: list[Read] = []

    def look() -> bool:
        found.extend(reader.reads())
        return bool(found)

    assert until(look)
    (read,) = found
    return read.kind, read.data, read.format


def left_aligned(number: bytes) -> tuple[bytes, int]:
    """Return the bits of a card as OSDP carries them."""
    value, length = wiegand_bits(number)
    size = (length + 7) // 8
    return (value << 8 * size - length).to_bytes(size, "big"), length


@pytest.mark.parametrize(
    ("number", "format_"), [(b"\x0a\x1b\x2c", CardFormat.WIEGAND26), (b"\xff\xff\xff", CardFormat.WIEGAND26), (b"\x01\x02\x03\x04", CardFormat.WIEGAND34)]
)
def test_a_card_is_the_same_as_on_a_wiegand_reader(pair: Pair, number: bytes, format_: CardFormat) -> None:
    reader, device = pair
    reader.card(*left_aligned(number))
    assert one_read(device) == (ReadKind.CARD, number, format_)


@pytest.mark.parametrize("size", [4, 7, 10])
def test_an_unformatted_card_of_the_length_of_a_uid_is_one(pair: Pair, size: int) -> None:
    reader, device = pair
    uid = bytes(range(1, size + 1))
    reader.card(uid, 8 * size, wiegand=False)
    assert one_read(device) == (ReadKind.CARD, uid, CardFormat.UID)


def test_a_card_that_a_reader_formats_keeps_its_characters() -> None:
    # libosdp's own device sends this no more, its panel still takes it from older readers.
    heard = card_of({"format": osdp.CardFormat.ASCII, "data": b"12345678", "length": 8}, osdp.CardFormat)
    assert (heard.kind, heard.data, heard.format) == (ReadKind.CARD, b"12345678", CardFormat.TEXT)


@pytest.mark.parametrize("length", [4, 8, 33])
def test_what_is_too_short_or_longer_than_its_bytes_is_no_card(length: int) -> None:
    with pytest.raises(SpoiledReadError):
        card_of({"format": osdp.CardFormat.Wiegand, "data": bytes(4), "length": length}, osdp.CardFormat)


def test_a_card_with_a_wrong_parity_is_no_card(pair: Pair) -> None:
    reader, device = pair
    data, length = left_aligned(b"\x0a\x1b\x2c")
    reader.card(bytes([data[0] ^ 0x80, *data[1:]]), length)
    reader.press(b"5")
    assert one_read(device) == (ReadKind.KEYS, b"5", None)


def test_star_and_hash_of_a_keypad_are_told_as_such(pair: Pair) -> None:
    reader, device = pair
    reader.press(b"12\x7f3\x0d")
    assert one_read(device) == (ReadKind.KEYS, b"12*3#", None)


@pytest.mark.parametrize(("tampered", "power"), [(True, False), (False, True)])
def test_an_opened_housing_and_a_cut_supply_are_tampering(pair: Pair, tampered: bool, power: bool) -> None:
    reader, device = pair
    reader.trouble(tampered=tampered, power=power)
    assert until(device.board.tampered)
    reader.trouble(tampered=False, power=False)
    assert until(lambda: not device.board.tampered())


@pytest.mark.parametrize(("answer", "colour", "sounds"), [(Answer.GRANTED, osdp.CommandLEDColor.Green, [1]), (Answer.DENIED, osdp.CommandLEDColor.Red, [3])])
def test_a_yes_is_green_with_one_tone_and_a_no_red_with_three(pair: Pair, answer: Answer, colour: int, sounds: list[int]) -> None:
    reader, device = pair
    reader.sounds.clear()
    device.show(0, answer)
    assert until(lambda: bool(reader.sounds))
    assert reader.lamps[-1]["on_color"] == colour
    assert reader.lamps[-1]["temporary"]
    assert [sound["rep_count"] for sound in reader.sounds] == sounds


def test_no_command_ever_switches_an_output_on_for_good(pair: Pair) -> None:
    reader, device = pair

    def unlocks(seconds: float) -> bool:
        device.release(0, seconds)
        return reader.strikes.unlocked(0)

    # The first is seen unless the machine is so busy that it is over before anybody looks.
    assert any(map(unlocks, (0.8, 4, 20)))
    assert until(lambda: not reader.strikes.unlocked(0))
    device.lock(0)


@pytest.mark.parametrize(("panel_key", "device_key"), [(KEY, secrets.token_bytes(16)), (KEY, INSTALL_KEY)], ids=["another", "of-install-mode"])
def test_a_device_with_another_key_never_comes_into_service(panel_key: bytes, device_key: bytes) -> None:
    with connected(panel_key, device_key) as (reader, device):
        assert not until(lambda: in_service(device), 0.3)
        reader.card(b"\x01\x02\x03\x04", 32, wiegand=False)
        with pytest.raises(DeviceError):
            device.board.take_reads(0)
        with pytest.raises(DeviceError):
            device.release(0, 1)
        assert not reader.strikes.unlocked(0)


def test_the_key_of_the_install_mode_is_refused_by_the_bus_too() -> None:
    with closing(socket.socket()) as never_used, pytest.raises(KeyStoreError, match="install"):
        OsdpBus("bus", SocketStream(never_used), {ADDRESS: INSTALL_KEY})


def test_a_bus_on_a_serial_port_comes_into_service() -> None:
    with (
        serial_pair() as (device_end, port),
        closing(SimulatedOsdpReader(DescriptorStream(device_end), ADDRESS, KEY)) as reader,
        closing(OsdpBus("bus", SerialStream(port, 9600), {ADDRESS: KEY})) as bus,
    ):
        assert until(lambda: in_service(bus.device(ADDRESS)))
        bus.device(ADDRESS).release(0, 1)
        assert reader.strikes.unlocked(0)
