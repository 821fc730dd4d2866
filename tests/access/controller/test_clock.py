"""The time that a door believes: what has expired stays so, whatever somebody does to the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentry.access.controller.clock import JUMP, ClockMemory, read_counts
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


def test_a_clock_that_was_set_forward_is_not_followed_but_what_it_makes_expire_is_asked_for_too() -> None:
    machine = Machine()
    machine.memory.now()
    machine.clock.advance(HOUR)
    assert machine.memory.now() == (NOON, True)
    machine.goes_on(timedelta(minutes=2))
    assert machine.memory.now() == (NOON + timedelta(minutes=2), False)
    assert machine.memory.others == (NOON + HOUR + timedelta(minutes=2),)


def test_the_server_wins_over_a_clock_that_differs_and_time_goes_on_from_its_word() -> None:
    machine = Machine()
    machine.clock.advance(8 * HOUR)
    machine.memory.now()
    machine.seconds += 2
    assert machine.memory.agree(NOON + timedelta(seconds=2))
    machine.goes_on(timedelta(minutes=5))
    assert machine.memory.now() == (NOON + timedelta(minutes=5, seconds=2), False)
    assert (machine.memory.others, machine.memory.doubted) == ((), True)
    assert not machine.memory.agree(NOON + timedelta(minutes=5, seconds=4)), "it is told of once"
    machine.clock.advance(-8 * HOUR)
    machine.memory.now()
    machine.memory.agree(NOON + timedelta(minutes=5))
    assert not machine.memory.doubted


def restarted(machine: Machine, boot: str) -> ClockMemory:
    kept = read_counts(machine.memory.counts().text())
    memory = ClockMemory(machine.clock, lambda: machine.seconds, NOON - HOUR, NOON - HOUR, boot)
    memory.resume(kept)
    return memory


def test_a_jump_while_the_controller_was_off_is_seen_by_what_the_machine_counted_meanwhile() -> None:
    machine = Machine()
    machine.memory.boot = "first"
    machine.memory.now()
    machine.goes_on(timedelta(minutes=10))
    assert restarted(machine, "first").now() == (NOON + timedelta(minutes=10), False)
    machine.clock.advance(HOUR)
    memory = restarted(machine, "first")
    assert memory.now() == (NOON + timedelta(minutes=10), True)
    assert memory.others == (NOON + HOUR + timedelta(minutes=10),)


def test_after_the_machine_was_off_the_time_kept_last_is_asked_for_too_until_the_server_spoke() -> None:
    machine = Machine()
    machine.memory.boot = "first"
    machine.memory.now()
    machine.clock.advance(HOUR)
    machine.seconds = 5
    memory = restarted(machine, "second")
    assert memory.now() == (NOON + HOUR, False)
    assert memory.others == (NOON,)
    assert not memory.agree(NOON + HOUR)
    assert (memory.others, memory.doubted) == ((), False)


def test_what_was_kept_by_an_earlier_release_is_the_latest_time() -> None:
    assert read_counts("1782907200000").latest == NOON


def test_at_the_very_first_start_without_a_server_the_clock_is_believed() -> None:
    memory = Machine(latest=NOON - 30 * HOUR).memory
    assert (memory.now(), memory.others) == ((NOON, False), ())


def alone_after(off: timedelta, boot: str = "second") -> ClockMemory:
    """Return the memory of a controller without a server whose machine was off, and whose clock then says that so much time went by."""
    machine = Machine()
    machine.memory.now()
    machine.clock.advance(off)
    memory = ClockMemory(machine.clock, lambda: machine.seconds, datetime.fromtimestamp(0, UTC), boot=boot)
    memory.resume(read_counts(machine.memory.counts().text()))
    return memory


@pytest.mark.parametrize("off", [8 * HOUR, 400 * 24 * HOUR])
def test_without_a_server_a_clock_that_went_on_while_it_was_off_must_agree_with_the_time_kept_last(off: timedelta) -> None:
    memory = alone_after(off)
    assert memory.now() == (NOON + off, False)
    assert memory.others == (NOON,)


def test_without_a_server_a_clock_that_was_set_back_while_it_was_off_is_not_followed() -> None:
    memory = alone_after(-8 * HOUR)
    assert memory.now() == (NOON, True)
    assert memory.doubted


def test_the_doubt_outlives_further_starts_and_ends_where_the_snapshot_was_signed() -> None:
    memory = alone_after(8 * HOUR)
    memory.now()
    again = ClockMemory(memory.clock, lambda: 0.0, datetime.fromtimestamp(0, UTC), boot="third")
    again.resume(read_counts(memory.counts().text()))
    again.now()
    assert again.others == (NOON,)
    again.reach(NOON + 8 * HOUR)
    again.now()
    assert again.others == ()


def test_what_the_server_signed_was_not_signed_later_than_now() -> None:
    machine = Machine()
    machine.memory.now()
    machine.memory.reach(NOON + HOUR)
    assert (machine.memory.now()[0], machine.memory.others) == (NOON + HOUR, ())


def test_a_step_back_of_seconds_is_no_jump_and_time_does_not_go_back() -> None:
    machine = Machine()
    machine.memory.now()
    machine.clock.advance(timedelta(seconds=-20))
    assert machine.memory.now() == (NOON, False)


@pytest.mark.parametrize(("server_off", "told"), [(timedelta(0), True), (-2 * JUMP, True), (HOUR, False)])
def test_after_a_jump_the_server_says_which_time_it_is(server_off: timedelta, told: bool) -> None:
    machine = Machine()
    machine.memory.now()
    machine.clock.advance(HOUR)
    machine.memory.now()
    assert machine.memory.agree(NOON + server_off) is True
    assert machine.memory.now() == (NOON + server_off, False)
    assert (machine.memory.others, machine.memory.doubted) == ((), told)


@given(steps=st.lists(st.tuples(st.integers(-(10**6), 10**6), st.integers(0, 10**5)), max_size=20))
def test_time_goes_neither_back_nor_faster_than_counted_and_no_claim_is_forgotten(steps: list[tuple[int, int]]) -> None:
    machine = Machine()
    before, _ = machine.memory.now()
    for set_by, passed in steps:
        machine.clock.advance(timedelta(seconds=set_by))
        machine.goes_on(timedelta(seconds=passed))
        now, _ = machine.memory.now()
        assert before <= now <= before + timedelta(seconds=passed) + JUMP
        assert max((now, *machine.memory.others)) >= machine.clock.now() - JUMP
        before = now
