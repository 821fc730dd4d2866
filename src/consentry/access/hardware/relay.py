"""A device that speaks :mod:`consentry.access.hardware.relay_text`, over whatever carries its messages: a serial port, a broker, a web address."""

from __future__ import annotations

import threading
import time
from itertools import count
from typing import TYPE_CHECKING, Protocol

from consentry.access.hardware.board import Board, no_answer
from consentry.access.hardware.ports import DeviceError
from consentry.access.hardware.relay_text import take_message

if TYPE_CHECKING:
    from consentry.access.hardware.ports import Answer

__all__ = ["CONFIRMED_WITHIN_S", "SILENT_AFTER_S", "RelayDevice", "Wire"]

CONFIRMED_WITHIN_S = 1.0
"""Seconds in which a device says that it did what it was told."""
SILENT_AFTER_S = 3.5
"""Seconds without a word of its state after which a device is out of service; it speaks every second."""


class Wire(Protocol):
    """What carries messages to a device. What it carries back, it hands to :meth:`RelayDevice.heard`."""

    def send(self, message: str) -> None:
        """Send one message.

        Raises:
            DeviceError: Where it cannot be sent now. It is never kept and sent later: a door must not open when nobody stands there any more.
        """
        ...


class RelayDevice:
    """The controller's side of one such device."""

    def __init__(self, name: str, wire: Wire) -> None:
        """Speak to the device that errors call ``name`` over ``wire``."""
        self.board = Board(name)
        self._name, self._wire = name, wire
        self._numbers = count(time.time_ns() // 1_000_000 % 500_000_000)
        self._awaited: int | None = None
        self._done: bool | None = None
        self._answered = threading.Condition()
        self._spoke = time.monotonic()

    def heard(self, message: str) -> None:
        """Take what the device said; any thread may call."""
        answered = take_message(self.board, message)
        if message.startswith("H,"):
            self._spoke = time.monotonic()
        if answered is not None:
            with self._answered:
                if answered.id == self._awaited:
                    self._done = answered.done
                    self._answered.notify_all()

    def check_alive(self) -> None:
        """Take the device out of service where it was silent for too long; its line calls this several times a second."""
        if time.monotonic() - self._spoke > SILENT_AFTER_S:
            self.board.fail(no_answer(self._name))

    def release(self, number: int, seconds: float) -> None:
        """Unlock for a while and wait for the device's word; see the port."""
        self._order("R", f"{number},{max(1, round(seconds * 1000))}")

    def lock(self, number: int) -> None:
        """Lock and wait for the device's word; see the port."""
        self._order("L", str(number))

    def show(self, number: int, answer: Answer) -> None:
        """Show an answer; nobody waits for the device's word."""
        self._wire.send(f"S,{next(self._numbers)},{number},{answer}")

    def _order(self, what: str, said: str) -> None:
        number = next(self._numbers)
        with self._answered:
            self._awaited, self._done = number, None
        self._wire.send(f"{what},{number},{said}")
        with self._answered:
            self._answered.wait_for(lambda: self._done is not None, CONFIRMED_WITHIN_S)
            self._awaited, done = None, self._done
        if done is None:
            raise DeviceError("device.unconfirmed", self._name, "it did not confirm an order", "Look at the device and its line.")
        if not done:
            raise DeviceError("device.refused", self._name, "it refused an order", "Check the numbers of strikes in the device file.")
