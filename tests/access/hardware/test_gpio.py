from __future__ import annotations

from contextlib import closing
from types import SimpleNamespace
from typing import TYPE_CHECKING

import gpiod
import pytest
from gpiod.line import Bias, Direction, Value

from consentry.access.hardware.gpio import GpioChip, GpiodLines
from consentry.access.hardware.points import DeviceStrike
from consentry.access.hardware.ports import DeviceError
from consentry.access.hardware.simulated_gpio import SimulatedLines
from tests.access.hardware.rigs import until

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def test_lines_are_asked_for_as_the_wiring_needs_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """No machine of the tests has a chip: libgpiod's own settings are looked at where they would go to the kernel."""
    asked: dict[int, gpiod.LineSettings] = {}
    driven: list[tuple[int, Value]] = []

    def request_lines(_chip: str, config: Mapping[int, gpiod.LineSettings], consumer: str) -> SimpleNamespace:
        assert consumer == "consentry"
        asked.update(config)
        return SimpleNamespace(get_values=read, set_value=lambda line, value: driven.append((line, value)))

    def read(lines: Sequence[int]) -> list[Value]:
        return [Value.ACTIVE if line == 5 else Value.INACTIVE for line in lines]

    monkeypatch.setattr(gpiod, "request_lines", request_lines)
    lines = GpiodLines("/dev/gpiochip0", [17], [5, 6])
    assert (asked[17].direction, asked[17].output_value) == (Direction.OUTPUT, Value.INACTIVE)
    assert [(asked[line].direction, asked[line].bias, asked[line].active_low) for line in (5, 6)] == [(Direction.INPUT, Bias.PULL_UP, True)] * 2
    assert lines.levels() == {5: True, 6: False}
    lines.drive(17, on=True)
    lines.drive(17, on=False)
    assert driven == [(17, Value.ACTIVE), (17, Value.INACTIVE)]


def test_a_strike_whose_release_failed_halfway_is_locked_by_the_clock() -> None:
    class Halfway(SimulatedLines):
        def drive(self, line: int, *, on: bool) -> None:
            super().drive(line, on=on)
            if on:
                raise OSError("no answer")

    lines = Halfway({})
    with closing(GpioChip("chip", lines)) as chip:
        with pytest.raises(DeviceError, match="no answer"):
            chip.release(0, 0.1)
        assert until(lambda: not lines.on)


def test_a_strike_that_could_not_be_locked_is_locked_as_soon_as_it_can() -> None:
    class BreaksWhenOn(SimulatedLines):
        def drive(self, line: int, *, on: bool) -> None:
            super().drive(line, on=on)
            self.broken = on

    lines = BreaksWhenOn({})
    with closing(GpioChip("chip", lines)) as chip:
        DeviceStrike(chip, 0).release(0.1)
        assert not until(lambda: not lines.on, 0.6)
        lines.broken = False
        assert until(lambda: not lines.on)


def test_closing_locks_and_frees_the_lines_of_a_chip_that_fails() -> None:
    lines = SimulatedLines({})
    with closing(GpioChip("chip", lines)) as chip:
        chip.release(0, 60)
        lines.broken = True
    assert not lines.on
