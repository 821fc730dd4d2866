"""Readers on an OSDP bus (SIA OSDP 2.2, IEC 60839-11-5) through libosdp: always with the secure channel, never in install mode.

A device that does not answer, or whose channel is not secure, is out of service. Strikes are outputs of a device that it switches off by its own clock.
"""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from consentry.access.hardware.board import Board, Heard, no_answer
from consentry.access.hardware.libraries import library
from consentry.access.hardware.osdp_keys import INSTALL_KEY
from consentry.access.hardware.ports import Answer, CardFormat, DeviceError, ReadKind
from consentry.access.hardware.wiegand import SpoiledReadError, read_bits
from consentry.platform.errors import KeyStoreError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["BusChannel", "OsdpBus", "OsdpDevice", "Patience", "SerialStream", "Stream", "card_of"]

_REFRESHES_EVERY_S = 0.01
_CONFIRMED_WITHIN_S = 1.0
_TENTHS = 10
_RELEASE_FOR, _LOCK_NOW = 5, 1
"""Control codes of osdp_OUT: on until the timer ends, off at once. Those that switch on for good are never sent."""
_LED_FOR, _TONE = 2, 2
_SHOWN_TENTHS = 20
_ENTER, _CLEAR = 0x0D, 0x7F
_UID_BITS = {32, 56, 80}
"""How many bits a UID may have (ISO/IEC 14443-3)."""


class Stream(Protocol):
    """The bytes of a bus. Neither call waits; a broken line raises ``OSError``."""

    def read(self, most: int) -> bytes:
        """Return what came, at most so many bytes."""
        ...

    def write(self, data: bytes) -> int:
        """Send and return how many bytes went."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


class SerialStream:
    """An RS-485 adapter."""

    def __init__(self, port: str, baud: int) -> None:
        """Open the port.

        Raises:
            DeviceError: ``device.line`` where it cannot be opened.
            MissingPartError: Where pyserial is not installed.
        """
        serial = library("serial")
        try:
            self._serial = serial.Serial(port, baud, timeout=0, write_timeout=0.2, exclusive=True)
        except OSError as error:
            raise DeviceError("device.line", port, str(error), "Check the port's name, its cable and who may open it.") from error

    def read(self, most: int) -> bytes:
        """Return what came."""
        return bytes(self._serial.read(most))

    def write(self, data: bytes) -> int:
        """Send."""
        return int(self._serial.write(data) or 0)

    def close(self) -> None:
        """Close the port."""
        self._serial.close()


class BusChannel:
    """The bus as libosdp reads and writes it: errors become silence, for an exception here would end the library's turn."""

    id = 0

    def __init__(self, stream: Stream) -> None:
        """Carry the bytes of ``stream``."""
        self._stream = stream
        self.heard = 0.0

    def read(self, most: int) -> bytes:
        """Return what came."""
        try:
            data = self._stream.read(most)
        except OSError:
            return b""
        if data:
            self.heard = time.monotonic()
        return data

    def write(self, data: bytes) -> int:
        """Send."""
        try:
            return self._stream.write(data)
        except OSError:
            return -1

    def flush(self) -> None:
        """Do nothing: what is written goes at once."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds without a byte after which a bus is out of service (libosdp alone waits for eight), and between tries to reach a device that is (alone: 300)."""

    silent_s: float = 2.0
    again_s: float = 4.0


class OsdpDevice:
    """One device of a bus."""

    def __init__(self, bus: OsdpBus, index: int, name: str) -> None:
        """Speak for the device that libosdp knows by ``index``."""
        self.board = Board(name)
        self._bus, self._index = bus, index

    def release(self, number: int, seconds: float) -> None:
        """Switch an output on for a while, in tenths of a second rounded up, by the device's own clock."""
        self._bus.switch(self._index, number, _RELEASE_FOR, -int(-seconds * _TENTHS // 1))

    def lock(self, number: int) -> None:
        """Switch an output off."""
        self._bus.switch(self._index, number, _LOCK_NOW, 0)

    def show(self, number: int, answer: Answer) -> None:
        """Light the reader's lamp for two seconds and sound: once for a yes, three times for a no, not at all for a wait."""
        self._bus.show(self._index, number, answer)


class OsdpBus:
    """A control panel for the devices of one bus, run by a thread of its own."""

    def __init__(self, name: str, stream: Stream, keys: Mapping[int, bytes], patience: Patience | None = None) -> None:
        """Begin to poll the devices at the addresses of ``keys`` (SCBK, 16 bytes each, as :func:`read_osdp_keys` returns them).

        Raises:
            KeyStoreError: ``osdp.install-key`` for the key of the install mode.
            MissingPartError: Where libosdp is not installed.
        """
        if INSTALL_KEY in keys.values():
            raise KeyStoreError("osdp.install-key", name, "this is the key of the install mode", "Give every device a random key of its own.")
        self._osdp = library("osdp")
        self._patience = patience or Patience()
        self._stream, self._channel = stream, BusChannel(stream)
        self._devices = {address: OsdpDevice(self, index, f"{name}/{address}") for index, address in enumerate(keys)}
        self._boards = [device.board for device in self._devices.values()]
        self._tried = [time.monotonic()] * len(keys)
        self._guard, self._answered = threading.Lock(), threading.Condition()
        self._awaited: tuple[int, int, int] | None = None
        self._done: bool | None = None
        self._panel = self._started(keys)
        self._closing = threading.Event()
        # The library's own thread would keep a process alive that is meant to end.
        self._thread = threading.Thread(target=self._run, name=f"osdp {name}", daemon=True)
        self._thread.start()

    def device(self, address: int) -> OsdpDevice:
        """Return the device of an address."""
        return self._devices[address]

    def switch(self, index: int, output: int, code: int, tenths: int) -> None:
        """Switch an output and wait for the device's word.

        Raises:
            DeviceError: Where it does not come.
        """
        order = {"command": self._osdp.Command.Output, "output_no": output, "control_code": code, "timer_count": tenths}
        with self._answered:
            self._awaited, self._done = (index, output, code), None
        self._submit(index, order)
        with self._answered:
            self._answered.wait_for(lambda: self._done is not None, _CONFIRMED_WITHIN_S)
            self._awaited, done = None, self._done
        if not done:
            raise DeviceError("device.unconfirmed", self._boards[index].name, "it did not confirm an order", "Look at the device and its line.")

    def show(self, index: int, reader: int, answer: Answer) -> None:
        """Light a reader's lamp and sound, as far as the device can: libosdp takes one that refuses a command off the bus.

        Raises:
            DeviceError: Where the device is out of service.
        """
        colour = self._osdp.CommandLEDColor
        colours = {Answer.GRANTED: colour.Green, Answer.DENIED: colour.Red, Answer.WAIT: colour.Amber}
        sounds = {Answer.GRANTED: 1, Answer.DENIED: 3}
        lamp = {"control_code": _LED_FOR, "on_color": colours[answer], "off_color": 0, "on_count": _SHOWN_TENTHS, "off_count": 0}
        order = {"command": self._osdp.Command.LED, "reader": reader, "led_number": 0, "temporary": True, "timer_count": _SHOWN_TENTHS, **lamp}
        can = self._osdp.Capability
        if self._is_able(index, can.LEDControl):
            self._submit(index, order)
        if answer in sounds and self._is_able(index, can.AudibleControl):
            sound = {"control_code": _TONE, "on_count": 1, "off_count": 1, "rep_count": sounds[answer]}
            self._submit(index, {"command": self._osdp.Command.Buzzer, "reader": reader, **sound})

    def close(self) -> None:
        """Stop polling and let go of the bus. What is unlocked locks by the devices' clocks."""
        self._closing.set()
        self._thread.join()
        self._stream.close()

    def _started(self, keys: Mapping[int, bytes]) -> Any:  # noqa: ANN401 - the library has no types
        flags = [self._osdp.LibFlag.EnforceSecure]
        infos = [self._osdp.PDInfo(address, self._channel, scbk=key, name=f"pd-{address}", flags=flags) for address, key in keys.items()]
        panel = self._osdp.ControlPanel(infos, log_level=self._osdp.LogLevel.Emergency).ctx
        # In place of the library's own handlers, whose queue would keep every card that was ever read.
        panel.set_event_callback(self._take_event)
        panel.set_command_completion_callback(self._take_completion)
        return panel

    def _run(self) -> None:
        while not self._closing.wait(_REFRESHES_EVERY_S):
            with self._guard:
                self._panel.refresh()
                secure = self._panel.sc_status() & self._panel.status()
            if time.monotonic() - self._channel.heard > self._patience.silent_s:
                secure = 0
            for index, board in enumerate(self._boards):
                self._judge(index, board, secure=bool(secure >> index & 1))

    def _judge(self, index: int, board: Board, *, secure: bool) -> None:
        now = time.monotonic()
        if secure:
            self._tried[index] = now
            board.recover()
            return
        board.fail(no_answer(board.name))
        if now - self._tried[index] > self._patience.again_s:
            self._tried[index] = now
            with self._guard:
                self._panel.disable_pd(index)
                self._panel.refresh()
                self._panel.enable_pd(index)

    def _is_able(self, index: int, capability: int) -> bool:
        with self._guard:
            level, _ = self._panel.check_capability(index, capability)
        return bool(level)

    def _submit(self, index: int, order: dict[str, Any]) -> None:
        with self._guard:
            taken = self._panel.submit_command(index, order)
        if not taken:
            raise no_answer(self._boards[index].name)

    def _take_completion(self, index: int, order: dict[str, Any], status: int) -> None:
        with self._answered:
            if (index, order.get("output_no"), order.get("control_code")) == self._awaited:
                self._done = status == self._osdp.CompletionStatus.Ok
                self._answered.notify_all()

    def _take_event(self, index: int, event: dict[str, Any]) -> int:
        board, kinds = self._boards[index], self._osdp.Event
        if event["event"] == kinds.CardRead:
            with suppress(SpoiledReadError):
                board.hear(event["reader_no"], card_of(event, self._osdp.CardFormat))
        elif event["event"] == kinds.KeyPress:
            board.hear(event["reader_no"], Heard(ReadKind.KEYS, _keys(event["data"])))
        elif event["event"] == kinds.Status:
            self._take_status(board, event["type"], event["report"])
        return 0

    def _take_status(self, board: Board, kind: int, report: bytes) -> None:
        if kind == self._osdp.StatusReportType.Input:
            board.set_inputs({number: bool(active) for number, active in enumerate(report)})
        elif kind == self._osdp.StatusReportType.Local:
            # Its housing, and its power: whoever wants to quieten a reader cuts that first.
            board.set_tampered(tampered=any(report))


def card_of(event: Mapping[str, Any], formats: Any) -> Heard:  # noqa: ANN401 - the library has no types
    """Return the card of libosdp's event; ``formats`` are its names for formats.

    Raises:
        SpoiledReadError: For a wrong parity, and for what is no card.
    """
    data, length = bytes(event["data"]), int(event["length"])
    if event["format"] == formats.ASCII:
        return Heard(ReadKind.CARD, data, CardFormat.TEXT)
    if length > 8 * len(data):
        raise SpoiledReadError("fewer bits than were announced")
    if event["format"] == formats.Unspecified and length in _UID_BITS:
        return Heard(ReadKind.CARD, data[: length // 8], CardFormat.UID)
    heard = read_bits(int.from_bytes(data, "big") >> 8 * len(data) - length, length)
    if heard.kind is not ReadKind.CARD:
        raise SpoiledReadError("no card has so few bits")
    return heard


def _keys(data: bytes) -> bytes:
    return bytes({_ENTER: ord("#"), _CLEAR: ord("*")}.get(key, key) for key in data)
