"""What one device said last, and the ports that read it. Every driver fills a board; what the controller sees of it is the same whatever the device."""

from __future__ import annotations

import threading
from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from consentry.access.hardware.ports import DeviceError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from consentry.access.hardware.ports import Answer, CardFormat, ReadKind

__all__ = ["READS_HELD", "Board", "Device", "Heard", "Line", "no_answer"]

READS_HELD = 32
"""Reads of one reader that wait for the controller; older ones are dropped, for nobody stands there any more."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A read before it has a door."""

    kind: ReadKind
    data: bytes = field(repr=False)
    format: CardFormat | None = None


class Device(Protocol):
    """A driver's view of one device. ``number`` counts its strikes, readers and inputs from 0. Times in seconds."""

    board: Board

    def release(self, number: int, seconds: float) -> None:
        """Unlock a strike at once, and have the device lock it ``seconds`` from now, whatever was told before.

        Raises:
            DeviceError: Where the device did not confirm it.
        """
        ...

    def lock(self, number: int) -> None:
        """Lock a strike at once.

        Raises:
            DeviceError: Where the device did not confirm it.
        """
        ...

    def show(self, number: int, answer: Answer) -> None:
        """Show an answer at a reader.

        Raises:
            DeviceError: Where the device cannot be reached.
        """
        ...


class Line(Protocol):
    """What devices hang on: a bus, a serial port, a broker, a chip."""

    def device(self, address: int) -> Device:
        """Return the device of an address; lines with one device have it at 0."""
        ...

    def close(self) -> None:
        """Let go of it. What is unlocked locks."""
        ...


class Board:
    """The memory of one device, filled by its driver's thread and read by the controller's. It begins out of service."""

    def __init__(self, name: str) -> None:
        """Begin for the device that errors call ``name``."""
        self.name = name
        self._guard = threading.Lock()
        self._fault: DeviceError | None = no_answer(name)
        self._reads: defaultdict[int, deque[Heard]] = defaultdict(lambda: deque(maxlen=READS_HELD))
        self._inputs: dict[int, bool] = {}
        self._told: defaultdict[int, set[bool]] = defaultdict(set)
        self._tampered = False

    def fail(self, fault: DeviceError) -> None:
        """Take the device out of service: what it said before is no longer believed."""
        with self._guard:
            self._fault = fault
            self._reads.clear()
            self._inputs.clear()
            self._told.clear()

    def recover(self) -> None:
        """Take it back into service."""
        with self._guard:
            self._fault = None

    def hear(self, reader: int, heard: Heard) -> None:
        """Keep what a reader read."""
        with self._guard:
            if self._fault is None:
                self._reads[reader].append(heard)

    def set_inputs(self, circuits: Mapping[int, bool]) -> None:
        """Keep which circuits are closed, by the number of the input."""
        with self._guard:
            self._inputs.update(circuits)
            for number, closed in circuits.items():
                self._told[number].add(closed)

    def set_tampered(self, *, tampered: bool) -> None:
        """Keep whether the device says that it is opened."""
        with self._guard:
            self._tampered = tampered

    def check(self) -> None:
        """Raise the fault of a device that is out of service."""
        with self._guard:
            if self._fault is not None:
                raise self._fault

    def take_reads(self, reader: int) -> tuple[Heard, ...]:
        """Return what a reader read since the last call.

        Raises:
            DeviceError: While it is out of service.
        """
        self.check()
        with self._guard:
            return tuple(self._reads.pop(reader, ()))

    def circuit(self, number: int) -> bool:
        """Return whether the circuit of an input is closed.

        Raises:
            DeviceError: While the device is out of service, and until it told of this input.
        """
        self.check()
        with self._guard:
            if number not in self._inputs:
                raise DeviceError("device.no-input", f"{self.name}, input {number}", "the device told nothing of it", "Check the number and the wiring.")
            return self._inputs[number]

    def take_circuits(self, number: int) -> set[bool]:
        """Return whether the circuit of an input is closed, and what else it was since the last call.

        Raises:
            DeviceError: As :meth:`circuit`.
        """
        now = self.circuit(number)
        with self._guard:
            return {now, *self._told.pop(number, ())}

    def tampered(self) -> bool:
        """Return whether the device says that it is opened.

        Raises:
            DeviceError: While it is out of service.
        """
        self.check()
        with self._guard:
            return self._tampered


def no_answer(name: str) -> DeviceError:
    """Return the fault of a device that is silent."""
    return DeviceError("device.silent", name, "it does not answer", "Check its power, wiring, address and key.")
