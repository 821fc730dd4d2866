"""Five failures, then a wait that doubles: by number, by credential and by reader, against an oracle that knows only the history."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentry.access.model import AccessEvent, Attempt, Credential, CredentialKind, CredentialState, Door, Evidence, Policy, ReaderKind, Rule, Schedule
from consentry.access.rules.contact import time_passed
from consentry.access.rules.deciding import State, decide
from consentry.access.rules.lockout import LONGEST_WAIT, MOST_TRIES
from consentry.access.rules.modes import fire_changed, reader_changed
from consentry.access.rules.state import Tries
from tests.access.rules.house import DOOR, SECOND, START, house, shows

if TYPE_CHECKING:
    from datetime import datetime

    from consentry.access.model import Decision
    from consentry.access.rules.deciding import Compiled

KNOWN = house()
WRONG = AccessEvent.DENIED_INCORRECT_AUTHENTICATION_FACTOR
LOCKED = AccessEvent.DENIED_LOCKOUT
MAX = AccessEvent.LOCKOUT_MAX_ATTEMPTS


def wrong_pin(state: State, number: str, at: datetime, known: Compiled = KNOWN) -> tuple[Decision, State]:
    return decide(known, state, Attempt("door", at, Evidence(ReaderKind.PIN, None, WRONG, number=number)))


def unknown_card(state: State, at: datetime, known: Compiled = KNOWN) -> tuple[Decision, State]:
    return decide(known, state, Attempt("door", at, Evidence(ReaderKind.CARD, None, AccessEvent.DENIED_UNKNOWN_CREDENTIAL)))


def after(state: State, many: int, at: datetime, number: str = "unit ann") -> State:
    for _ in range(many):
        _, state = wrong_pin(state, number, at)
    return state


@pytest.mark.parametrize(("failures", "reason"), [(4, AccessEvent.GRANTED), (5, LOCKED)])
def test_the_fifth_failure_locks_out(failures: int, reason: AccessEvent) -> None:
    state = after(State(), failures, START)
    assert shows(KNOWN, state, "ann", START + SECOND, ReaderKind.PIN, number="unit ann")[0].reason is reason


def test_the_fifth_failure_is_told_and_the_end_of_the_wait_too() -> None:
    state = after(State(), 4, START)
    decision, state = wrong_pin(state, "unit ann", START)
    assert (decision.reason, decision.reports) == (WRONG, (MAX,))
    assert time_passed(KNOWN, state, START + 59 * SECOND)[1] == ()
    state, told = time_passed(KNOWN, state, START + 60 * SECOND)
    assert {one.kind for one in told} == {AccessEvent.LOCKOUT_RELINQUISHED}
    assert time_passed(KNOWN, state, START + 61 * SECOND)[1] == ()


def test_each_wait_is_twice_the_one_before_up_to_a_day() -> None:
    state, at, waits = State(), START, []
    for _ in range(14):
        state = after(state, 5, at)
        until = state.tries["number unit ann"].until
        assert until is not None
        waits.append(until - at)
        at = until
    assert waits == [min(timedelta(seconds=60 * 2**round_), LONGEST_WAIT) for round_ in range(14)]


def test_a_try_while_it_waits_makes_the_wait_no_longer() -> None:
    state = after(State(), 5, START)
    assert wrong_pin(state, "unit ann", START + SECOND)[0].reason is LOCKED
    assert after(state, 9, START + SECOND) == state


def test_success_clears_what_failed_before() -> None:
    state = after(State(), 4, START)
    _, state = shows(KNOWN, state, "ann", START, ReaderKind.PIN, number="unit ann")
    assert state.tries == {}
    assert after(state, 4, START).tries["number unit ann"].until is None


def test_other_numbers_and_other_readers_go_on() -> None:
    state = after(after(State(), 4, START), 1, START, "unit nobody")
    assert shows(KNOWN, state, "ben", START, ReaderKind.PIN, number="unit ben")[0].reason is LOCKED, "the reader waits after five failures at it"
    assert shows(KNOWN, state, "ben", START, ReaderKind.CARD)[0].granted, "the door does not"
    later, _ = shows(KNOWN, after(State(), 5, START), "ben", START + 61 * SECOND, ReaderKind.PIN, number="unit ben")
    assert later.granted


def test_a_number_that_nobody_has_waits_like_any() -> None:
    state = after(State(), 5, START, "unit nobody")
    assert set(state.tries) == {"number unit nobody", "reader door pin"}
    assert wrong_pin(state, "unit nobody", START)[0].reason is LOCKED


def test_a_card_with_a_wrong_proof_waits_at_every_reader() -> None:
    state = State()
    for _ in range(5):
        _, state = shows(KNOWN, state, "ann", START, fault=WRONG)
    assert "credential ann card" in state.tries
    assert shows(KNOWN, state, "ann", START)[0].reason is LOCKED


def test_a_code_that_comes_again_is_counted_at_the_reader_and_never_against_whose_it_is() -> None:
    state = State()
    for _ in range(4):
        _, state = shows(KNOWN, state, "ann", START, fault=AccessEvent.DENIED_REPLAY)
    decision, state = shows(KNOWN, state, "ann", START, fault=AccessEvent.DENIED_REPLAY)
    assert (set(state.tries), decision.reports) == ({"reader door card"}, (MAX,))
    assert shows(KNOWN, state, "ann", START)[0].granted


def test_a_reader_never_waits_longer_than_five_minutes() -> None:
    state, at, waits = State(), START, []
    for _ in range(12):
        for _ in range(5):
            _, state = unknown_card(state, at)
        until = state.tries["reader door card"].until
        assert until is not None
        waits.append((until - at) // SECOND)
        at = until
    assert waits == [60, 120, 240, *[300] * 9]


@pytest.mark.parametrize(
    ("who", "fault", "reason"),
    [
        ("ann", None, AccessEvent.GRANTED),
        ("ann", WRONG, LOCKED),
        ("nobody", None, LOCKED),
        ("lost", None, LOCKED),
    ],
)
def test_a_reader_that_waits_holds_back_only_what_is_no_proved_live_card(who: str, fault: AccessEvent | None, reason: AccessEvent) -> None:
    lost = Credential("lost card", "ann", CredentialKind.CARD, "lost", CredentialState.LOST)
    known, state = house(credentials=(*KNOWN.snapshot.credentials, lost)), State()
    for _ in range(5):
        _, state = unknown_card(state, START)
    assert shows(known, state, who, START + SECOND, fault=fault)[0].reason is reason


@pytest.mark.parametrize("rules", [(), (Rule("night", "all", ("door",), "night"),)], ids=["without rights", "at a wrong hour"])
def test_a_reader_that_waits_refuses_a_card_that_may_not_pass_as_one_that_nobody_has(rules: tuple[Rule, ...]) -> None:
    known, state = house(policy=Policy(1, "UTC", (DOOR,), (Schedule("night", ((),) * 7),), rules=rules)), State()
    for _ in range(5):
        _, state = unknown_card(state, START, known)
    refused = [shows(known, state, "ann", START + SECOND)[0], unknown_card(state, START + SECOND, known)[0]]
    assert {(one.reason, one.locked_until) for one in refused} == {(LOCKED, START + 60 * SECOND)}


def test_whoever_is_let_in_while_a_reader_waits_ends_no_wait() -> None:
    state = State()
    for _ in range(5):
        _, state = unknown_card(state, START)
    _, after_ann = shows(KNOWN, state, "ann", START + SECOND)
    assert unknown_card(after_ann, START + 2 * SECOND)[0].reason is LOCKED
    assert unknown_card(after_ann, START + 60 * SECOND)[0].reason is AccessEvent.DENIED_UNKNOWN_CREDENTIAL


def test_a_right_pin_waits_with_its_reader_for_who_tries_one_at_many_units_would_find_it() -> None:
    state = State()
    for unit in range(5):
        _, state = wrong_pin(state, f"unit {unit}", START)
    assert shows(KNOWN, state, "ben", START + SECOND, ReaderKind.PIN, number="unit ben")[0].reason is LOCKED


@pytest.mark.parametrize("reason", [AccessEvent.DENIED_CREDENTIAL_EXPIRED, AccessEvent.DENIED_AUTHENTICATION_UNAVAILABLE, AccessEvent.DENIED_OTHER])
def test_who_does_not_guess_is_not_counted(reason: AccessEvent) -> None:
    state = State()
    for _ in range(9):
        decision, state = shows(KNOWN, state, "ann", START, fault=reason)
        assert decision.reason is reason
    assert state.tries == {}


ALONE = [
    pytest.param(Door("door", (ReaderKind.CARD,)), id="the only reader"),
    pytest.param(Door("door", (ReaderKind.CARD, ReaderKind.FACE)), id="beside a face reader"),
    pytest.param(Door("door", (ReaderKind.CARD, ReaderKind.CONCIERGE)), id="beside a person"),
]


@pytest.mark.parametrize("door", ALONE)
def test_the_last_way_that_is_no_face_is_never_locked(door: Door) -> None:
    known, state = house(door), State()
    for _ in range(30):
        _, state = unknown_card(state, START, known)
    assert unknown_card(state, START, known)[0].reason is AccessEvent.DENIED_UNKNOWN_CREDENTIAL
    assert shows(known, state, "ann", START)[0].granted


def test_a_reader_that_waits_goes_on_when_the_other_breaks() -> None:
    state = State()
    for _ in range(5):
        _, state = unknown_card(state, START)
    assert unknown_card(state, START)[0].reason is LOCKED
    broken = reader_changed(state, "door", ReaderKind.PIN, works=False)
    assert unknown_card(broken, START)[0].reason is AccessEvent.DENIED_UNKNOWN_CREDENTIAL


def test_failures_at_the_last_reader_left_do_not_lock_it_when_the_other_works_again() -> None:
    state = reader_changed(State(), "door", ReaderKind.PIN, works=False)
    for _ in range(5):
        _, state = unknown_card(state, START)
    repaired = reader_changed(state, "door", ReaderKind.PIN, works=True)
    assert unknown_card(repaired, START)[0].reason is AccessEvent.DENIED_UNKNOWN_CREDENTIAL


@given(tries=st.lists(st.tuples(st.sampled_from(("card", "pin")), st.booleans(), st.integers(0, 40)), max_size=60))
def test_at_any_time_somebody_passes_the_door_one_way_or_another(tries: list[tuple[str, bool, int]]) -> None:
    state, at = State(), START
    for reader, right, seconds in tries:
        at += seconds * SECOND
        if right:
            _, state = shows(KNOWN, state, "ben", at, ReaderKind(reader))
        else:
            _, state = unknown_card(state, at) if reader == "card" else wrong_pin(state, f"unit {seconds}", at)
        ways = [shows(KNOWN, state, "ann", at, way, number="unit ann" if way is ReaderKind.PIN else None)[0] for way in (ReaderKind.CARD, ReaderKind.PIN)]
        assert any(one.granted for one in ways)


@given(tries=st.lists(st.tuples(st.booleans(), st.integers(0, 200)), max_size=60))
def test_a_number_waits_as_its_history_says(tries: list[tuple[bool, int]]) -> None:
    known = house(Door("door", (ReaderKind.PIN,)))
    state, at, row, rounds, until = State(), START, 0, 0, START
    for right, seconds in tries:
        at += seconds * SECOND
        decision, state = shows(known, state, "ann", at, ReaderKind.PIN, number="unit ann") if right else wrong_pin(state, "unit ann", at, known)
        assert (decision.reason is LOCKED) is (at < until)
        if at < until:
            continue
        row, rounds = (0, 0) if right else (row + 1, rounds)
        if row == 5:
            row, rounds, until = 0, rounds + 1, at + timedelta(seconds=60 * 2**rounds)


def crowded(state: State) -> State:
    """Return the state after as many numbers that nobody has failed once as are remembered."""
    return replace(state, tries={**state.tries, **{f"number {index}": Tries("door", START + SECOND, 1) for index in range(MOST_TRIES)}})


def test_numbers_that_nobody_has_are_remembered_up_to_a_bound_and_those_that_wait_stay() -> None:
    known = house(Door("door", (ReaderKind.PIN,)))
    state = crowded(after(State(), 5, START, "unit nobody"))
    for index in range(50):
        _, state = wrong_pin(state, f"unit {index}", START + 2 * SECOND, known)
        assert sum(key.startswith("number") for key in state.tries) <= MOST_TRIES
    assert wrong_pin(state, "unit nobody", START + 3 * SECOND, known)[0].reason is LOCKED


@pytest.mark.parametrize(("failures", "reason"), [(4, LOCKED), (3, AccessEvent.GRANTED)])
def test_no_number_that_nobody_has_takes_the_place_of_a_residents(failures: int, reason: AccessEvent) -> None:
    known = house(Door("door", (ReaderKind.PIN,)))
    state = crowded(after(State(), failures, START))
    for index in range(50):
        _, state = wrong_pin(state, f"unit {index}", START + 2 * SECOND, known)
    _, state = wrong_pin(state, "unit ann", START + 3 * SECOND, known)
    assert shows(known, state, "ann", START + 4 * SECOND, ReaderKind.PIN, number="unit ann")[0].reason is reason


def test_a_wait_of_a_day_is_remembered_for_a_day_after_it() -> None:
    state, at = State(), START
    for _ in range(13):
        state = after(state, 5, at)
        at = state.tries["number unit ann"].until or at
    assert after(state, 5, at + 60 * SECOND).tries["number unit ann"].until == at + 60 * SECOND + LONGEST_WAIT


def test_after_a_day_without_a_failure_all_is_forgotten() -> None:
    state = after(State(), 3, START)
    assert time_passed(KNOWN, state, START + LONGEST_WAIT)[0].tries == state.tries
    assert time_passed(KNOWN, state, START + LONGEST_WAIT + SECOND)[0].tries == {}
    assert after(state, 4, START + LONGEST_WAIT + SECOND).tries["number unit ann"].until is None


def test_in_a_fire_the_right_pin_is_still_not_told_to_who_guesses() -> None:
    state = fire_changed(after(State(), 5, START), "door", START, fire=True)
    right, _ = shows(KNOWN, state, "ann", START, ReaderKind.PIN, number="unit ann")
    assert right.reason is wrong_pin(state, "unit ann", START)[0].reason is LOCKED
