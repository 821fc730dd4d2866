"""Strikes, contacts and buttons on the lines of a GPIO chip of the controller itself.

A GPIO line has no clock: this process locks when the time is over. When it is killed the kernel frees the line, which on most chips falls back to an input;
wire the relay so that it is locked then (docs/hardware.md).
"""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from consentry.access.hardware.board import Board
from consentry.access.hardware.libraries import library
from consentry.access.hardware.ports import DeviceError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gpiod import LineRequest

    from consentry.access.hardware.ports import Answer

__all__ = ["ChipLines", "GpioChip", "GpiodLines"]

_LOOKS_EVERY_S = 0.02


class ChipLines(Protocol):
    """The lines that were asked of a chip; they fail with ``OSError``."""

    def levels(self) -> Mapping[int, bool]:
        """Return whether the circuit of each input line is closed."""
        ...

    def drive(self, line: int, *, on: bool) -> None:
        """Switch an output line."""
        ...

    def close(self) -> None:
        """Free the lines."""
        ...


class GpiodLines:
    """Lines of a chip by the kernel's character device, through libgpiod 2. An input with its circuit closed to ground is closed; its pull-up is on."""

    def __init__(self, chip: str, outputs: Sequence[int], inputs: Sequence[int]) -> None:
        """Ask for the lines; outputs begin off.

        Raises:
            DeviceError: ``device.line`` where there is no such chip or line, or another program holds it.
            MissingPartError: Where gpiod is not installed.
        """
        gpiod = library("gpiod")
        line, setting = gpiod.line, gpiod.LineSettings
        config = {output: setting(direction=line.Direction.OUTPUT, output_value=line.Value.INACTIVE) for output in outputs}
        config |= {number: setting(direction=line.Direction.INPUT, bias=line.Bias.PULL_UP, active_low=True) for number in inputs}
        self._values = {True: line.Value.ACTIVE, False: line.Value.INACTIVE}
        self._inputs = tuple(inputs)
        try:
            self._request: LineRequest = gpiod.request_lines(chip, config, consumer="consentry")
        except (OSError, ValueError) as error:
            raise DeviceError("device.line", chip, str(error), "Check the chip's name, the numbers of its lines and who may open it.") from error

    def levels(self) -> dict[int, bool]:
        """Return whether the circuit of each input line is closed."""
        if not self._inputs:
            return {}
        values = self._request.get_values(self._inputs)
        return {line: value == self._values[True] for line, value in zip(self._inputs, values, strict=True)}

    def drive(self, line: int, *, on: bool) -> None:
        """Switch an output line."""
        self._request.set_value(line, self._values[on])

    def close(self) -> None:
        """Free the lines."""
        self._request.release()


class GpioChip:
    """The line and the device of a chip: strikes and inputs by their line numbers. It has no readers."""

    def __init__(self, name: str, lines: ChipLines) -> None:
        """Drive ``lines``; errors call them ``name``."""
        self.board = Board(name)
        self._name, self._lines = name, lines
        self._guard = threading.Lock()
        self._ends: dict[int, float] = {}
        self._closing = threading.Event()
        self._look()
        self._thread = threading.Thread(target=self._run, name=f"gpio {name}", daemon=True)
        self._thread.start()

    def device(self, _address: int) -> GpioChip:
        """Return itself."""
        return self

    def release(self, number: int, seconds: float) -> None:
        """Unlock for a while; see the port."""
        with self._guard:
            # The end stands before the strike opens: whatever fails after this, the thread locks.
            self._ends[number] = time.monotonic() + seconds
            self._drive(number, on=True)

    def lock(self, number: int) -> None:
        """Lock at once; see the port."""
        with self._guard:
            self._drive(number, on=False)
            self._ends.pop(number, None)

    def show(self, number: int, answer: Answer) -> None:
        """Do nothing: a chip has no readers to show anything at."""

    def close(self) -> None:
        """Lock every strike that is open and free the lines."""
        self._closing.set()
        self._thread.join()
        for number in tuple(self._ends):
            with suppress(DeviceError):
                self.lock(number)
        self._lines.close()

    def _run(self) -> None:
        while not self._closing.wait(_LOOKS_EVERY_S):
            self._look()

    def _look(self) -> None:
        try:
            self._lock_ended()
            levels = self._lines.levels()
        except (OSError, DeviceError) as error:
            self.board.fail(self._fault(error))
        else:
            self.board.recover()
            self.board.set_inputs(levels)

    def _lock_ended(self) -> None:
        now = time.monotonic()
        with self._guard:
            for number in [number for number, end in self._ends.items() if end <= now]:
                self._drive(number, on=False)
                del self._ends[number]

    def _drive(self, number: int, *, on: bool) -> None:
        try:
            self._lines.drive(number, on=on)
        except OSError as error:
            raise self._fault(error) from error

    def _fault(self, error: Exception) -> DeviceError:
        return error if isinstance(error, DeviceError) else DeviceError("device.line", self._name, str(error), "Look at the chip and its driver.")
