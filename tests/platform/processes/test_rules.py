"""The life of a process: when it is started, ended, killed and started again."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentry.platform.processes.rules import Action, Event, Exited, Heard, Life, Patience, Renew, State, Stop, Tick, advance, begin, retry_delay

PATIENCE = Patience(first_word_s=20.0, silence_s=10.0, sustained_s=5.0, ending_s=3.0, first_delay_s=1.0, longest_delay_s=60.0)


def after(*events: Event, life: Life | None = None) -> tuple[Life, list[Action]]:
    """Return the life after ``events``, at the highest delays, and what was to be done."""
    life, done = life or begin(0.0), []
    for event in events:
        life, action = advance(life, event, 1.0, PATIENCE)
        done.append(action)
    return life, done


START, TERMINATE, KILL, NONE = Action.START, Action.TERMINATE, Action.KILL, Action.NONE

CASES = [
    ("is started at once", [Tick(0)], [START], State.RUNNING),
    ("is left alone while it speaks", [Tick(0), Heard(9), Tick(18)], [START, NONE, NONE], State.RUNNING),
    ("is killed when it never speaks", [Tick(0), Tick(19), Tick(20)], [START, NONE, KILL], State.ENDING),
    ("is killed when it falls silent", [Tick(0), Heard(5), Tick(15)], [START, NONE, KILL], State.ENDING),
    ("is killed once", [Tick(0), Tick(20), Tick(50)], [START, KILL, NONE], State.ENDING),
    ("is not started before its delay is over", [Tick(0), Exited(1), Tick(1.9), Tick(2)], [START, NONE, NONE, START], State.RUNNING),
    ("waits longer after each end", [Tick(0), Exited(1), Tick(2), Exited(2), Tick(3.9)], [START, NONE, START, NONE, NONE], State.WAITING),
    ("is asked to end", [Tick(0), Stop(1)], [START, TERMINATE], State.ENDING),
    ("is killed when asking was no use", [Tick(0), Stop(1), Tick(3.9), Tick(4)], [START, TERMINATE, NONE, KILL], State.ENDING),
    ("stays ended", [Tick(0), Stop(1), Exited(2), Tick(100)], [START, TERMINATE, NONE, NONE], State.STOPPED),
    ("never starts when stopped before", [Stop(0), Tick(1)], [NONE, NONE], State.STOPPED),
    ("is renewed at once", [Tick(0), Renew(1), Exited(2), Tick(2)], [START, TERMINATE, NONE, START], State.RUNNING),
    ("is renewed without waiting out its delay", [Tick(0), Exited(1), Renew(1.1), Tick(1.1)], [START, NONE, NONE, START], State.RUNNING),
    ("is stopped while it is being renewed", [Tick(0), Renew(1), Stop(1.5), Exited(2), Tick(9)], [START, TERMINATE, NONE, NONE, NONE], State.STOPPED),
]


@pytest.mark.parametrize(("events", "done", "state"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_process(events: list[Event], done: list[Action], state: State) -> None:
    life, actions = after(*events)
    assert (actions, life.state) == (done, state)


def test_failures_are_forgotten_only_after_sustained_messages() -> None:
    life, _ = after(Tick(0), Exited(1), Tick(2), Exited(3), Tick(5))
    assert life.failures == 2
    brief, _ = after(Heard(6), Heard(10.9), life=life)
    assert brief.failures == 2
    sustained, _ = after(Heard(6), Heard(11), life=life)
    assert sustained.failures == 0


def test_one_message_and_then_silence_is_no_health() -> None:
    life, _ = after(Tick(0), Exited(1), Tick(2), Heard(3), Tick(13), Exited(13))
    assert life.failures == 2


def test_ending_when_asked_is_no_failure_but_being_killed_is() -> None:
    assert after(Tick(0), Renew(1), Exited(2))[0].failures == 0
    assert after(Tick(0), Renew(1), Tick(4), Exited(4))[0].failures == 1


@given(st.floats(0, 1, exclude_max=True))
def test_delays_double_up_to_a_bound_and_spread_over_the_upper_half(chance: float) -> None:
    delays = [retry_delay(failures, chance, PATIENCE) for failures in range(1, 100)]
    assert all(low <= high for low, high in pairwise(delays))
    assert 0.5 <= delays[0] <= 1.0
    assert 30.0 <= delays[-1] <= 60.0


@given(st.lists(st.sampled_from([Tick, Heard, Exited, Stop, Renew]), max_size=40), st.lists(st.floats(0, 30), min_size=40, max_size=40))
def test_whatever_happens_there_is_never_a_second_process_and_a_stopped_one_stays_stopped(kinds: list[type], steps: list[float]) -> None:
    life, now, alive, stopped = begin(0.0), 0.0, False, False
    for kind, step in zip(kinds, steps, strict=False):
        if kind in {Exited, Heard} and not alive:
            continue
        now += step
        life, action = advance(life, kind(now), 0.5, PATIENCE)
        alive = alive and kind is not Exited
        stopped = stopped or kind is Stop
        assert not (action is Action.START and (alive or stopped))
        assert not (action in {Action.TERMINATE, Action.KILL} and not alive)
        alive = alive or action is Action.START
        assert alive == (life.state in {State.RUNNING, State.ENDING})
