"""The time that a door believes: what has expired stays so, whatever somebody does to the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentry.access.controller.clock import JUMP, ClockMemory
from consentry.platform.clock import FixedClock

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Machine:
    """A machine whose clock and whose counted seconds are set apart."""

    def __init__(self, latest: datetime = NOON) -> None:
        self.clock = FixedClock(NOON)
        self.seconds = 0.0
        self.memory = ClockMemory(self.clock, lambda: self.seconds, latest)

    def goes_on(self, by: timedelta) -> None:
        self.clock.advance(by)
        self.seconds += by.total_seconds()


def test_a_clock_that_goes_right_is_believed() -> None:
    machine = Machine()
    for _ in range(3):
        machine.goes_on(timedelta(seconds=30))
        assert machine.memory.now() == (machine.clock.now(), False)


def test_a_clock_that_was_set_back_is_not_followed_and_told_of_once() -> None:
    machine = Machine()
    machine.memory.now()
    machine.clock.advance(-HOUR)
    machine.goes_on(timedelta(minutes=2))
    assert machine.memory.now() == (NOON + timedelta(minutes=2), True)
    machine.goes_on(timedelta(minutes=3))
    assert machine.memory.now() == (NOON + timedelta(minutes=5), False)
    assert machine.memory.doubted


def test_a_clock_that_was_set_back_while_the_controller_was_off_is_not_followed() -> None:
    machine = Machine(latest=NOON + HOUR)
    assert machine.memory.now() == (NOON + HOUR, True)
    machine.goes_on(timedelta(minutes=1))
    assert machine.memory.now() == (NOON + HOUR + timedelta(minutes=1), False)


def test_a_clock_that_was_set_forward_is_followed_and_told_of() -> None:
    machine = Machine()
    machine.memory.now()
    machine.clock.advance(HOUR)
    assert machine.memory.now() == (NOON + HOUR, True)
    assert machine.memory.now() == (NOON + HOUR, False)


def test_time_that_passed_while_it_was_off_is_no_jump() -> None:
    assert Machine(latest=NOON - 30 * HOUR).memory.now() == (NOON, False)


def test_a_step_back_of_seconds_is_no_jump_and_time_does_not_go_back() -> None:
    machine = Machine()
    machine.memory.now()
    machine.clock.advance(timedelta(seconds=-20))
    assert machine.memory.now() == (NOON, False)


@pytest.mark.parametrize(("wrong_by", "server_off", "back"), [(HOUR, timedelta(0), True), (HOUR, -JUMP * 2, False), (timedelta(0), timedelta(0), False)])
def test_the_memory_gives_way_only_where_server_and_clock_agree(wrong_by: timedelta, server_off: timedelta, back: bool) -> None:
    machine = Machine()
    machine.memory.now()
    machine.clock.advance(wrong_by)
    machine.memory.now()
    machine.clock.advance(-wrong_by)
    assert machine.memory.agree(NOON + server_off) is back
    assert machine.memory.now()[0] == (NOON if back else NOON + wrong_by)
    assert machine.memory.doubted is (server_off != timedelta(0))


@given(steps=st.lists(st.tuples(st.integers(-(10**6), 10**6), st.integers(0, 10**5)), max_size=20))
def test_time_never_goes_back_and_never_stands_behind_the_clock(steps: list[tuple[int, int]]) -> None:
    machine = Machine()
    before, _ = machine.memory.now()
    for set_by, passed in steps:
        machine.clock.advance(timedelta(seconds=set_by))
        machine.goes_on(timedelta(seconds=passed))
        now, _ = machine.memory.now()
        assert now >= before
        assert now >= machine.clock.now()
        before = now
