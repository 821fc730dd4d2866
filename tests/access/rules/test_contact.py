"""What a contact tells: entries, a door forced, a door left open."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from consentry.access.model import AccessEvent, ContactState, DoorEvent, DoorMode
from consentry.access.rules.contact import contact_changed, time_passed
from consentry.access.rules.deciding import State
from consentry.access.rules.modes import fire_changed, follow, unlocked_by_hand
from consentry.access.rules.state import DoorState
from tests.access.rules.house import DOOR, SECOND, START, house, shows

if TYPE_CHECKING:
    from datetime import datetime

KNOWN = house()


def told(state: State, contact: ContactState, at: datetime) -> tuple[State, list[DoorEvent | AccessEvent]]:
    state, occurrences = contact_changed(KNOWN, state, "door", contact, at)
    return state, [one.kind for one in occurrences]


def test_a_door_that_opens_by_itself_is_forced() -> None:
    assert told(State(), ContactState.OPEN, START)[1] == [DoorEvent.FORCED_OPEN]


@pytest.mark.parametrize(("seconds", "kind"), [(5, DoorEvent.OPENED), (6, DoorEvent.FORCED_OPEN)])
def test_after_a_grant_it_may_be_opened_as_long_as_it_is_unlocked(seconds: int, kind: DoorEvent) -> None:
    _, state = shows(KNOWN, State(), "ann", START)
    state, kinds = told(state, ContactState.OPEN, START + seconds * SECOND)
    assert kinds == [kind]
    assert ("ann" in state.places) is (kind is DoorEvent.OPENED)


def test_the_delay_of_a_turnstile_is_no_part_of_the_time_to_go() -> None:
    known = house(replace(DOOR, readers=(*DOOR.readers[:2],), delay_s={DOOR.readers[0]: 3.0}))
    decision, state = shows(known, State(), "ann", START)
    assert decision.delay_s == 3.0
    assert time_passed(known, state, START + 8 * SECOND)[1] == ()
    assert [one.kind for one in time_passed(known, state, START + 9 * SECOND)[1]] == [AccessEvent.NO_ENTRY_AFTER_GRANTED]


@pytest.mark.parametrize(("seconds", "kind"), [(4, DoorEvent.OPENED), (6, DoorEvent.FORCED_OPEN)])
def test_one_opening_is_one_entry(seconds: int, kind: DoorEvent) -> None:
    _, state = shows(KNOWN, State(), "ann", START)
    state, _ = told(state, ContactState.OPEN, START)
    state, _ = told(state, ContactState.CLOSED, START + SECOND)
    again, kinds = told(state, ContactState.OPEN, START + seconds * SECOND)
    assert (kinds, again.places) == ([kind], state.places)


def test_who_shows_a_card_twice_and_turns_back_is_told_once() -> None:
    _, state = shows(KNOWN, State(), "ann", START)
    _, state = shows(KNOWN, state, "ann", START + SECOND)
    assert [one.kind for one in time_passed(KNOWN, state, START + 9 * SECOND)[1]] == [AccessEvent.NO_ENTRY_AFTER_GRANTED]


def test_the_same_told_twice_happened_once() -> None:
    state, _ = told(State(), ContactState.OPEN, START)
    assert told(state, ContactState.OPEN, START + SECOND) == (state, [])


@pytest.mark.parametrize("why", ["hand", "fire", "free"])
def test_a_door_that_may_be_open_is_not_forced(why: str) -> None:
    state, known = State(), KNOWN
    if why == "hand":
        state = unlocked_by_hand(state, "door", START + 5 * SECOND)
    elif why == "fire":
        state = fire_changed(state, "door", START, fire=True)
    else:
        known = house(modes={"door": DoorMode.FREE})
    _, occurrences = contact_changed(known, state, "door", ContactState.OPEN, START + 5 * SECOND)
    assert [one.kind for one in occurrences] == [DoorEvent.OPENED]


def test_an_exit_button_of_long_ago_excuses_nothing() -> None:
    state = unlocked_by_hand(State(), "door", START + 5 * SECOND)
    assert told(state, ContactState.OPEN, START + 6 * SECOND)[1] == [DoorEvent.FORCED_OPEN]


def test_a_door_left_open_is_told_once_and_its_closing_ends_it() -> None:
    _, state = shows(KNOWN, State(), "ann", START)
    state, _ = told(state, ContactState.OPEN, START)
    assert time_passed(KNOWN, state, START + 30 * SECOND)[1] == ()
    state, late = time_passed(KNOWN, state, START + 31 * SECOND)
    assert [one.kind for one in late] == [DoorEvent.OPEN_TOO_LONG]
    assert time_passed(KNOWN, state, START + 99 * SECOND)[1] == ()
    assert told(state, ContactState.CLOSED, START + 100 * SECOND)[1] == [DoorEvent.CLOSED, DoorEvent.NORMAL]


def test_a_door_in_a_fire_is_never_open_too_long() -> None:
    state, _ = told(fire_changed(State(), "door", START, fire=True), ContactState.OPEN, START)
    assert time_passed(KNOWN, state, START + 999 * SECOND)[1] == ()


def test_a_contact_that_says_nothing_is_a_fault() -> None:
    state, _ = told(State(), ContactState.CLOSED, START)
    state, kinds = told(state, ContactState.UNKNOWN, START)
    assert kinds == [DoorEvent.DOOR_FAULT]


def test_another_controllers_door_is_nobodys() -> None:
    assert contact_changed(KNOWN, State(), "elsewhere", ContactState.OPEN, START) == (State(), ())


def test_a_new_snapshot_forgets_what_it_does_not_know_and_keeps_the_rest() -> None:
    _, state = shows(KNOWN, State(), "ann", START)
    state, _ = told(state, ContactState.OPEN, START)
    state = replace(state, uses={"ann card": 1, "gone card": 1}, doors={**state.doors, "gone": DoorState()})
    kept = follow(KNOWN, KNOWN, state, START)
    assert (set(kept.places), dict(kept.uses), set(kept.doors)) == ({"ann"}, {"ann card": 1, "gone card": 1}, {"door"})
    without = house(people=KNOWN.snapshot.people[1:], credentials=KNOWN.snapshot.credentials[5:])
    assert follow(KNOWN, without, state, START).places == {}


def test_of_uses_whose_credential_is_gone_the_newest_ten_thousand_stay_counted() -> None:
    gone = {f"gone {number:05}": 1 for number in range(10_002)}
    kept = follow(KNOWN, KNOWN, State(uses={"ann card": 1, **gone}), START)
    assert gone.keys() - kept.uses.keys() == {"gone 00000", "gone 00001"}
    assert kept.uses["ann card"] == 1
