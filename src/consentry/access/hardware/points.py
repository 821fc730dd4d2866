"""The ports of a controller over any device's board."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from consentry.access.hardware.ports import LONGEST_RELEASE_S, DeviceError, Read
from consentry.access.model import ContactState

if TYPE_CHECKING:
    from consentry.access.hardware.board import Board, Device
    from consentry.access.hardware.ports import Answer
    from consentry.access.model import ReaderKind

__all__ = ["DeviceContact", "DeviceExit", "DeviceFire", "DeviceReader", "DeviceStrike", "DeviceTamper", "InputTamper", "Wiring"]


@dataclass(frozen=True, slots=True)
class DeviceReader:
    """A reader of a device."""

    id: str
    door: str
    serves: tuple[ReaderKind, ...]
    device: Device
    number: int

    def reads(self) -> tuple[Read, ...]:
        """Return what was read since the last call; see the port."""
        return tuple(Read(self.door, self.id, heard.kind, heard.data, heard.format) for heard in self.device.board.take_reads(self.number))

    def show(self, answer: Answer) -> None:
        """Show an answer; see the port."""
        self.device.board.check()
        self.device.show(self.number, answer)


class DeviceStrike:
    """A strike of a device, which is told to lock again where it cannot be known whether it unlocked."""

    def __init__(self, device: Device, number: int) -> None:
        """Drive the strike ``number`` of ``device``."""
        self._device, self._number = device, number
        self._until = 0.0

    def release(self, seconds: float) -> None:
        """Unlock for a while; see the port."""
        if not 0 < seconds <= LONGEST_RELEASE_S:
            message = f"a release lasts more than 0 and at most {LONGEST_RELEASE_S} seconds"
            raise ValueError(message)
        until = time.monotonic() + seconds
        if until <= self._until:
            return
        self._device.board.check()
        try:
            self._device.release(self._number, seconds)
        except DeviceError:
            with suppress(DeviceError):
                self.lock()
            raise
        self._until = until

    def lock(self) -> None:
        """Lock at once; see the port."""
        self._until = 0.0
        self._device.lock(self._number)


@dataclass(frozen=True, slots=True)
class Wiring:
    """An input: its circuit is closed at rest, or open."""

    board: Board
    number: int
    closed_at_rest: bool

    def active(self) -> bool:
        """Return whether it is not at rest.

        Raises:
            DeviceError: While that cannot be told.
        """
        return self.board.circuit(self.number) != self.closed_at_rest


@dataclass(frozen=True, slots=True)
class DeviceContact:
    """A door's contact, at rest while the door is closed."""

    wiring: Wiring

    def state(self) -> ContactState:
        """Return whether the door stands open; see the port."""
        try:
            return ContactState.OPEN if self.wiring.active() else ContactState.CLOSED
        except DeviceError:
            return ContactState.UNKNOWN


@dataclass(frozen=True, slots=True)
class DeviceFire:
    """The fire panel's contact, at rest while there is no fire."""

    wiring: Wiring

    def active(self) -> bool:
        """Return whether there is fire; see the port."""
        return self.wiring.active()


@dataclass(frozen=True, slots=True)
class DeviceExit:
    """An exit button. One that is pressed and let go between two questions is not missed."""

    wiring: Wiring

    def pressed(self) -> bool:
        """Return whether it was pressed; see the port."""
        return (not self.wiring.closed_at_rest) in self.wiring.board.take_circuits(self.wiring.number)


@dataclass(frozen=True, slots=True)
class InputTamper:
    """A tamper contact on an input, at rest while nobody tampers."""

    wiring: Wiring

    def tampered(self) -> bool:
        """Return whether somebody tampers; see the port."""
        return self.wiring.active()


@dataclass(frozen=True, slots=True)
class DeviceTamper:
    """What a device says of its own housing."""

    board: Board

    def tampered(self) -> bool:
        """Return whether somebody tampers; see the port."""
        return self.board.tampered()
