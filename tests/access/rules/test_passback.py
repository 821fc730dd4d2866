"""Anti-passback against an oracle that reads the whole history anew each time: every short history, and long ones at random."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentry.access.model import (
    AccessEvent,
    AntiPassback,
    Attempt,
    ContactState,
    Credential,
    CredentialKind,
    Door,
    DoorMode,
    Evidence,
    PassbackMode,
    Person,
    Policy,
    ReaderKind,
    Rule,
    Snapshot,
)
from consentry.access.rules.contact import contact_changed, time_passed
from consentry.access.rules.deciding import Compiled, State, compile_snapshot, decide
from consentry.access.rules.modes import fire_changed, follow, stands_open, unlocked_by_hand
from consentry.access.rules.passback import place_of

START = datetime(2026, 3, 4, 12, tzinfo=UTC)
STEP = timedelta(seconds=1)
UNLOCKED = 5
WITHIN = timedelta(seconds=20)
DOORS = (Door("in", (ReaderKind.CARD,)), Door("out", (ReaderKind.CARD,), "inside", "outside"), Door("gate", (ReaderKind.CARD,), "street", "yard"))


def compiled(mode: AntiPassback, *, modes: dict[str, DoorMode] | None = None, exempt: bool = False) -> Compiled:
    rule = PassbackMode(mode, WITHIN if mode is AntiPassback.TIMED else None)
    names = ("a", "b")
    snapshot = Snapshot(
        number=1,
        site="site",
        controller="main",
        issued=START,
        expires=START + timedelta(days=1),
        policy=Policy(1, "UTC", DOORS, rules=(Rule("r", "all", ("in", "out", "gate")),), passback={"inside": rule}),
        people=tuple(Person(name, ("all",), passback_exempt=exempt) for name in names),
        credentials=tuple(Credential(f"card {name}", name, CredentialKind.CARD, name) for name in names),
        issuers=(),
        modes=modes or {},
    )
    return compile_snapshot(snapshot)


def shows(known: Compiled, state: State, person: str, door: str, at: datetime) -> tuple[AccessEvent, tuple[AccessEvent, ...], State]:
    decision, state = decide(known, state, Attempt(door, at, Evidence(ReaderKind.CARD, f"card {person}")))
    return decision.reason, decision.reports, state


def opens(known: Compiled, state: State, door: str, at: datetime) -> State:
    state, _ = contact_changed(known, state, door, ContactState.OPEN, at)
    return contact_changed(known, state, door, ContactState.CLOSED, at)[0]


# What may happen: somebody shows a card at the way in or out, a door is opened and falls shut, time goes by, a fire begins and ends.
ACTIONS = ("a in", "a out", "b in", "open in", "open out", "wait 4", "wait 30", "fire", "no fire")


@dataclass(frozen=True)
class Happened:
    at: int
    action: str
    granted: bool = False


def naive_place(history: list[Happened], person: str) -> tuple[str, int] | None:
    """Read from the history alone where a person is: only a door that opened soon after a grant moves anybody, and fire makes all places unknown."""
    place = None
    for index, one in enumerate(history):
        if one.action in ("fire", "no fire"):
            place = None if one.action == "fire" or naive_fire(history[:index]) else place
        if one.action.startswith("open ") and not naive_fire(history[:index]):
            way = one.action.removeprefix("open ")
            if naive_waits(history[:index], person, way, one.at):
                place = ("inside" if way == "in" else "outside", one.at)
    return place


def naive_fire(history: list[Happened]) -> bool:
    told = [one.action for one in history if one.action in ("fire", "no fire")]
    return bool(told) and told[-1] == "fire"


def naive_waits(history: list[Happened], person: str, way: str, now: int) -> bool:
    """Tell whether somebody was let in at that door, within the seconds for which it unlocks, and the door was not opened since."""
    for index in range(len(history) - 1, -1, -1):
        one = history[index]
        if one.action == f"open {way}":
            return False
        if one.action == f"{person} {way}" and one.granted and not naive_fire(history[:index]):
            return now - one.at <= UNLOCKED
    return False


def naive_reason(mode: AntiPassback, history: list[Happened], person: str, way: str, now: int) -> tuple[AccessEvent, tuple[AccessEvent, ...]]:
    place = naive_place(history, person)
    again = way == "in" and place is not None and place[0] == "inside" and not naive_fire(history)
    if not again or place is None or mode is AntiPassback.OFF:
        return AccessEvent.GRANTED, ()
    if mode is AntiPassback.SOFT:
        return AccessEvent.GRANTED, (AccessEvent.PASSBACK_DETECTED,)
    over = mode is AntiPassback.TIMED and now - place[1] >= WITHIN.total_seconds()
    return (AccessEvent.GRANTED if over else AccessEvent.DENIED_PASSBACK), ()


def replay(known: Compiled, mode: AntiPassback, actions: tuple[str, ...]) -> None:
    """Let it all happen, a second apart, and compare each answer with the oracle's."""
    state, history, now = State(), list[Happened](), 0
    for action in actions:
        now += int(action.removeprefix("wait ")) if action.startswith("wait") else 1
        at = START + now * STEP
        granted = False
        if action in ("fire", "no fire"):
            for door in ("in", "out"):
                state = fire_changed(state, door, at, fire=action == "fire")
        elif action.startswith("open "):
            state = opens(known, state, action.removeprefix("open "), at)
        elif not action.startswith("wait"):
            person, way = action.split()
            reason, reports, state = shows(known, state, person, way, at)
            assert (reason, reports) == naive_reason(mode, history, person, way, now), (actions, action)
            granted = reason is AccessEvent.GRANTED
        state, _ = time_passed(known, state, at)
        history.append(Happened(now, action, granted))


@pytest.mark.parametrize("mode", [AntiPassback.HARD, AntiPassback.TIMED])
def test_every_short_history_is_judged_as_the_oracle_does(mode: AntiPassback) -> None:
    known = compiled(mode)
    for actions in product(ACTIONS[:8], repeat=3):
        replay(known, mode, ("a in", *actions, "a in"))


@pytest.mark.parametrize("mode", list(AntiPassback))
@given(actions=st.lists(st.sampled_from(ACTIONS), max_size=30))
def test_any_history_is_judged_as_the_oracle_does(mode: AntiPassback, actions: list[str]) -> None:
    replay(compiled(mode), mode, tuple(actions))


def test_nobody_who_turned_back_at_the_door_is_inside() -> None:
    known = compiled(AntiPassback.HARD)
    _, _, state = shows(known, State(), "a", "in", START)
    state, told = time_passed(known, state, START + 6 * STEP)
    assert [(one.kind, one.person, one.door) for one in told] == [(AccessEvent.NO_ENTRY_AFTER_GRANTED, "a", "in")]
    assert place_of(known, state, "a", START + 6 * STEP) is None
    assert shows(known, state, "a", "in", START + 7 * STEP)[0] is AccessEvent.GRANTED


def test_who_went_through_is_not_told_to_have_turned_back() -> None:
    known = compiled(AntiPassback.HARD)
    _, _, state = shows(known, State(), "a", "in", START)
    state = opens(known, state, "in", START + 2 * STEP)
    state, told = time_passed(known, state, START + 10 * STEP)
    assert told == ()
    assert place_of(known, state, "a", START + 10 * STEP) is not None


@pytest.mark.parametrize(("burnt", "reason"), [(True, AccessEvent.GRANTED), (False, AccessEvent.DENIED_PASSBACK)])
def test_whoever_left_in_a_fire_whose_end_no_controller_saw_comes_in_again(burnt: bool, reason: AccessEvent) -> None:
    known = compiled(AntiPassback.HARD)
    _, _, state = shows(known, State(), "a", "in", START)
    state = fire_changed(opens(known, state, "in", START + STEP), "in", START + 10 * STEP, fire=burnt)
    # The power fails and comes back: what the fire input says is asked anew.
    started = replace(state, doors={name: replace(door, fire=False) for name, door in state.doors.items()})
    started = fire_changed(started, "in", START + 60 * STEP, fire=False)
    assert shows(known, started, "a", "in", START + 70 * STEP)[0] is reason


def test_a_door_opened_from_inside_moves_nobody() -> None:
    known = compiled(AntiPassback.HARD)
    state = opens(known, unlocked_by_hand(State(), "in", START + 5 * STEP), "in", START + STEP)
    assert state.places == {}


def test_exempt_people_may_enter_again() -> None:
    known = compiled(AntiPassback.HARD, exempt=True)
    _, _, state = shows(known, State(), "a", "in", START)
    state = opens(known, state, "in", START + STEP)
    assert shows(known, state, "a", "in", START + 9 * STEP)[0] is AccessEvent.GRANTED


@pytest.mark.parametrize("free", ["in", "out"])
@pytest.mark.parametrize("how", ["fire", "free"])
def test_a_door_that_stood_open_keeps_nobody_out_afterwards(free: str, how: str) -> None:
    known, freed = compiled(AntiPassback.HARD), compiled(AntiPassback.HARD, modes={free: DoorMode.FREE})
    _, _, state = shows(known, State(), "a", "in", START)
    state = opens(known, state, "in", START + STEP)
    assert shows(known, state, "a", "in", START + 9 * STEP)[0] is AccessEvent.DENIED_PASSBACK
    if how == "fire":
        state = fire_changed(fire_changed(state, free, START + 10 * STEP, fire=True), free, START + 20 * STEP, fire=False)
    else:
        state = follow(freed, known, follow(known, freed, state, START + 10 * STEP), START + 20 * STEP)
    assert not stands_open(known, state, free, START + 21 * STEP)
    assert shows(known, state, "a", "in", START + 21 * STEP)[0] is AccessEvent.GRANTED


def test_a_fire_at_a_door_elsewhere_forgets_nobody() -> None:
    known = compiled(AntiPassback.HARD)
    _, _, state = shows(known, State(), "a", "in", START)
    state = opens(known, state, "in", START + STEP)
    state = fire_changed(state, "gate", START + 10 * STEP, fire=True)
    assert shows(known, state, "a", "in", START + 21 * STEP)[0] is AccessEvent.DENIED_PASSBACK


@pytest.mark.parametrize("mode", list(AntiPassback))
@given(actions=st.lists(st.sampled_from(ACTIONS), max_size=12))
def test_nobody_is_ever_trapped(mode: AntiPassback, actions: list[str]) -> None:
    """No rule stands for the outside here: the way out opens whatever came before."""
    known, state, at = compiled(mode), State(), START
    for action in actions:
        at += STEP
        if action in ("fire", "no fire"):
            state = fire_changed(state, "in", at, fire=action == "fire")
        elif action.startswith("open "):
            state = opens(known, state, action.removeprefix("open "), at)
        elif not action.startswith("wait"):
            state = shows(known, state, *(action.split()[0], action.split()[1]), at)[2]
    assert shows(known, state, "a", "out", at + STEP)[0] is AccessEvent.GRANTED


def inside(known: Compiled) -> State:
    """Return the state in which a went in at the start."""
    return opens(known, shows(known, State(), "a", "in", START)[2], "in", START)


def test_while_the_other_door_of_an_area_burns_nobody_is_kept_out_of_it() -> None:
    known = compiled(AntiPassback.HARD)
    burning = fire_changed(inside(known), "out", START + STEP, fire=True)
    assert shows(known, burning, "a", "in", START + 2 * STEP)[0] is AccessEvent.GRANTED


def test_who_was_last_seen_in_another_area_may_enter() -> None:
    known = compiled(AntiPassback.HARD)
    elsewhere = opens(known, shows(known, inside(known), "a", "gate", START + STEP)[2], "gate", START + 2 * STEP)
    assert shows(known, elsewhere, "a", "in", START + 3 * STEP)[0] is AccessEvent.GRANTED


@pytest.mark.parametrize(("early", "reason"), [(STEP, AccessEvent.DENIED_PASSBACK), (0 * STEP, AccessEvent.GRANTED)])
def test_timed_passback_ends_with_its_time(early: timedelta, reason: AccessEvent) -> None:
    known = compiled(AntiPassback.TIMED)
    assert shows(known, inside(known), "a", "in", START + WITHIN - early)[0] is reason


def test_timed_passback_without_a_time_denies() -> None:
    known = compiled(AntiPassback.TIMED)
    endless = replace(known.snapshot.policy, passback={"inside": PassbackMode(AntiPassback.TIMED)})
    known = compile_snapshot(replace(known.snapshot, policy=endless))
    _, _, state = shows(known, State(), "a", "in", START)
    state = opens(known, state, "in", START + STEP)
    assert shows(known, state, "a", "in", START + timedelta(hours=9))[0] is AccessEvent.DENIED_PASSBACK
