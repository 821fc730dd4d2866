"""Two people at a door, the first card of a day, and faces that nobody depends on."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from consentry.access.model import AccessEvent, ContactState, Credential, CredentialKind, CredentialState, DoorMode, Person, ReaderKind, Rule
from consentry.access.rules.contact import contact_changed, time_passed
from consentry.access.rules.deciding import State, compile_snapshot
from consentry.access.rules.modes import fire_changed, follow, reader_changed, stands_open
from tests.access.rules.house import DOOR, SECOND, START, house, shows, snapshot

PAIRED = replace(DOOR, two_people_s=10.0)
HOUR = timedelta(hours=1)
FIRST = replace(DOOR, first_card="hours", first_card_groups=("staff",))


def test_one_person_waits_and_the_second_opens_for_both() -> None:
    known = house(PAIRED)
    first, state = shows(known, State(), "ann", START)
    assert (first.granted, first.waits_for_second, first.reason) == (False, True, AccessEvent.VERIFICATION_REQUIRED)
    second, state = shows(known, state, "ben", START + 10 * SECOND)
    assert (second.granted, second.waits_for_second) == (True, False)
    assert {one.person for one in state.door("door").pending} == {"ann", "ben"}
    state, _ = contact_changed(known, state, "door", ContactState.OPEN, START + 11 * SECOND)
    assert set(state.places) == {"ann", "ben"}
    third, _ = shows(known, state, "eve", START + 12 * SECOND)
    assert third.waits_for_second


@pytest.mark.parametrize("way", [ReaderKind.CARD, ReaderKind.PIN])
def test_one_person_with_two_credentials_is_not_two(way: ReaderKind) -> None:
    known = house(PAIRED)
    _, state = shows(known, State(), "ann", START)
    assert shows(known, state, "ann", START + SECOND, way)[0].waits_for_second


HOSTS = (None, "ann", "ben", "eve", "ivy")


@pytest.mark.parametrize("host_of_ben", HOSTS)
@pytest.mark.parametrize("host_of_ann", HOSTS)
def test_somebody_with_their_own_guest_is_not_two(host_of_ann: str | None, host_of_ben: str | None) -> None:
    """Ivy is eve's guest. The oracle knows who is responsible for whom only by walking up from each."""
    hosts = {"ann": host_of_ann, "ben": host_of_ben, "eve": None, "ivy": "eve"}

    def line(name: str | None) -> list[str]:
        return [] if name is None or name == hosts[name] else [name, *line(hosts[name])]

    circle = host_of_ann == "ann" or host_of_ben == "ben" or (host_of_ann, host_of_ben) == ("ben", "ann")
    names = ("ann", "ben", "eve", "ivy")
    known = house(PAIRED, people=tuple(Person(name, ("all",), host=hosts[name]) for name in names))
    _, state = shows(known, State(), "ann", START)
    second, _ = shows(known, state, "ben", START + SECOND)
    assert second.granted is (not circle and not set(line("ann")) & set(line("ben")))


def test_a_second_person_too_late_is_the_first_of_another_pair() -> None:
    known = house(PAIRED)
    _, state = shows(known, State(), "ann", START)
    late, state = shows(known, state, "ben", START + 11 * SECOND)
    assert late.waits_for_second
    assert shows(known, state, "eve", START + 12 * SECOND)[0].granted


@pytest.mark.parametrize("second", ["without rights", "lost", "suspended"])
def test_a_second_person_without_full_rights_opens_nothing(second: str) -> None:
    known = house(PAIRED)
    people = tuple(replace(one, groups=() if second == "without rights" else one.groups, suspended=second == "suspended") for one in known.snapshot.people[1:2])
    credentials = [replace(one, state=CredentialState.LOST) if second == "lost" and one.person == "ben" else one for one in known.snapshot.credentials]
    known = compile_snapshot(replace(known.snapshot, people=(known.snapshot.people[0], *people), credentials=tuple(credentials[:10])))
    _, state = shows(known, State(), "ann", START)
    decision, state = shows(known, state, "ben", START + SECOND)
    assert not decision.granted
    assert not decision.waits_for_second
    waiting = state.door("door").waiting
    assert waiting is not None
    assert waiting.person == "ann"


def test_the_first_must_still_have_rights_when_the_second_comes() -> None:
    known = house(PAIRED)
    _, state = shows(known, State(), "ann", START)
    stolen = replace(known.snapshot, number=2, revoked=("ann card",))
    decision, _ = shows(compile_snapshot(stolen), state, "ben", START + SECOND)
    assert (decision.granted, decision.waits_for_second) == (False, True)


def test_a_door_that_stands_open_asks_no_second_person_and_expects_no_entry() -> None:
    known = house(PAIRED, modes={"door": DoorMode.FREE})
    decision, state = shows(known, State(), "ann", START)
    assert decision.granted
    assert time_passed(known, state, START + HOUR)[1] == ()


def test_who_waited_before_a_lockdown_waits_no_more_after_it() -> None:
    known, locked = house(PAIRED), house(PAIRED, modes={"door": DoorMode.LOCKDOWN})
    _, state = shows(known, State(), "ann", START)
    state = follow(locked, known, follow(known, locked, state, START), START)
    assert shows(known, state, "ben", START + SECOND)[0].waits_for_second


def test_a_first_person_left_alone_is_told() -> None:
    known = house(PAIRED)
    _, state = shows(known, State(), "ann", START)
    assert time_passed(known, state, START + 10 * SECOND)[1] == ()
    state, told = time_passed(known, state, START + 11 * SECOND)
    assert [(one.kind, one.person) for one in told] == [(AccessEvent.DENIED_NO_ACCOMPANIMENT, "ann")]
    assert state.door("door").waiting is None


def test_a_clock_that_was_set_back_ends_the_wait() -> None:
    known = house(PAIRED)
    _, state = shows(known, State(), "ann", START)
    assert shows(known, state, "ben", START - HOUR)[0].waits_for_second


def test_uses_of_both_are_counted_once() -> None:
    known = house(PAIRED)
    credentials = tuple(replace(one, uses=1) for one in known.snapshot.credentials)
    known = compile_snapshot(replace(known.snapshot, credentials=credentials))
    _, state = shows(known, State(), "ann", START)
    assert state.uses == {}
    _, state = shows(known, state, "ben", START)
    assert state.uses == {"ann card": 1, "ben card": 1}


def test_whoever_needs_longer_has_it_for_the_pair() -> None:
    known = house(PAIRED)
    people = (replace(known.snapshot.people[0], longer_release=True), *known.snapshot.people[1:])
    known = compile_snapshot(replace(known.snapshot, people=people))
    _, state = shows(known, State(), "ann", START)
    assert shows(known, state, "ben", START)[0].release_s == PAIRED.longer_unlock_s


def test_the_first_card_unlocks_until_the_hours_end() -> None:
    known, at = house(FIRST), START + 2 * HOUR
    _, state = shows(known, State(), "ann", at)
    open_at = [hour for hour in range(48) if stands_open(known, state, "door", START + hour * HOUR)]
    assert [hour for hour in open_at if hour >= 2] == list(range(2, 10)), "08:00 and so many hours; not the next day by itself"


@pytest.mark.parametrize(("who", "hours"), [("ben", 2), ("ann", 0), ("ann", 11)])
def test_no_card_of_another_group_or_out_of_hours_is_a_first_card(who: str, hours: int) -> None:
    known, at = house(FIRST), START + hours * HOUR
    decision, state = shows(known, State(), who, at)
    assert decision.granted
    assert not any(stands_open(known, state, "door", START + hour * HOUR) for hour in range(24))


def test_a_first_card_that_is_refused_unlocks_nothing() -> None:
    policy = house(FIRST).snapshot.policy
    known = house(FIRST, policy=replace(policy, rules=(*policy.rules, Rule("no", "staff", ("door",), deny=True))))
    _, state = shows(known, State(), "ann", START + 2 * HOUR)
    assert not stands_open(known, state, "door", START + 2 * HOUR)


def test_hours_that_were_shortened_since_end_the_first_card_too() -> None:
    known, at = house(FIRST), START + 2 * HOUR
    _, state = shows(known, State(), "ann", at)
    shorter = replace(known.snapshot.policy, schedules=(replace(known.snapshot.policy.schedules[0], week=((),) * 7),))
    assert not stands_open(house(FIRST, policy=shorter), state, "door", at)


def test_after_a_lockdown_a_first_card_is_needed_again() -> None:
    known, at = house(FIRST), START + 2 * HOUR
    _, state = shows(known, State(), "ann", at)
    locked = house(FIRST, modes={"door": DoorMode.LOCKDOWN})
    state = follow(known, locked, state, at + HOUR)
    assert not stands_open(locked, state, "door", at + HOUR)
    state = follow(locked, known, state, at + 2 * HOUR)
    assert not stands_open(known, state, "door", at + 2 * HOUR)


def test_a_first_card_ends_with_the_policy() -> None:
    known, at = house(FIRST, expires=START + 3 * HOUR), START + 2 * HOUR
    _, state = shows(known, State(), "ann", at)
    assert stands_open(known, state, "door", at)
    assert not stands_open(known, state, "door", at + HOUR)


@pytest.mark.parametrize(("mode", "fire", "opens"), [(DoorMode.LOCKDOWN, True, True), (DoorMode.LOCKDOWN, False, False), (DoorMode.FREE, False, True)])
def test_fire_wins_over_lockdown_and_outlives_the_policy(mode: DoorMode, fire: bool, opens: bool) -> None:
    known = house(modes={"door": mode})
    state = fire_changed(State(), "door", START, fire=fire)
    assert stands_open(known, state, "door", START) is opens
    assert stands_open(known, state, "door", known.snapshot.expires) is fire


def test_a_face_is_taken_only_while_another_way_works() -> None:
    known, state = house(), State()
    assert shows(known, state, "ann", START, ReaderKind.FACE)[0].granted
    state = reader_changed(state, "door", ReaderKind.CARD, works=False)
    assert shows(known, state, "ann", START, ReaderKind.FACE)[0].granted
    state = reader_changed(state, "door", ReaderKind.PIN, works=False)
    assert shows(known, state, "ann", START, ReaderKind.FACE)[0].reason is AccessEvent.DENIED_AUTHENTICATION_UNAVAILABLE
    state = reader_changed(state, "door", ReaderKind.PIN, works=True)
    assert shows(known, state, "ann", START, ReaderKind.FACE)[0].granted


def test_a_person_at_the_door_is_another_way() -> None:
    known = house(replace(DOOR, readers=(ReaderKind.FACE, ReaderKind.CONCIERGE)))
    assert shows(known, State(), "ann", START, ReaderKind.FACE)[0].granted
    away = reader_changed(State(), "door", ReaderKind.CONCIERGE, works=False)
    assert shows(known, away, "ann", START, ReaderKind.FACE)[0].reason is AccessEvent.DENIED_AUTHENTICATION_UNAVAILABLE


@pytest.mark.parametrize("other", [CredentialState.ACTIVE, CredentialState.LOST])
def test_nobody_is_let_in_by_the_only_thing_they_hold_being_their_face(other: CredentialState) -> None:
    credentials = (Credential("ann face", "ann", CredentialKind.FACE, "f"), Credential("ann card", "ann", CredentialKind.CARD, "c", other))
    known = compile_snapshot(snapshot(people=(Person("ann", ("all",)),), credentials=credentials))
    decision, _ = shows(known, State(), "ann", START, ReaderKind.FACE)
    assert decision.reason is (AccessEvent.GRANTED if other is CredentialState.ACTIVE else AccessEvent.DENIED_AUTHENTICATION_UNAVAILABLE)


FACE = Credential("ann face", "ann", CredentialKind.FACE, "f")
CARD = Credential("ann card", "ann", CredentialKind.CARD, "c")
HOSTED_CARD = replace(CARD, needs_host=True)
PIN_WITH_CARD = Credential("ann pin", "ann", CredentialKind.PIN, "p", number="c")
PIN_OF_UNIT = replace(PIN_WITH_CARD, number="unit ann")
CARD_AND_PIN, PIN_ONLY = (ReaderKind.CARD, ReaderKind.PIN, ReaderKind.FACE), (ReaderKind.PIN, ReaderKind.FACE)


@pytest.mark.parametrize(
    ("readers", "beside", "stands"),
    [
        (CARD_AND_PIN, (HOSTED_CARD,), False),
        (CARD_AND_PIN, (HOSTED_CARD, PIN_WITH_CARD), True),
        (CARD_AND_PIN, (replace(CARD, state=CredentialState.LOST), PIN_WITH_CARD), False),
        (PIN_ONLY, (HOSTED_CARD, PIN_WITH_CARD), False),
        (PIN_ONLY, (HOSTED_CARD, PIN_OF_UNIT), True),
    ],
)
def test_only_what_works_without_a_host_and_with_its_card_counts_beside_a_face(
    readers: tuple[ReaderKind, ...], beside: tuple[Credential, ...], stands: bool
) -> None:
    known = house(replace(DOOR, readers=readers), people=(Person("ann", ("all",)),), credentials=(FACE, *beside))
    decision, _ = shows(known, State(), "ann", START, ReaderKind.FACE)
    assert decision.reason is (AccessEvent.GRANTED if stands else AccessEvent.DENIED_AUTHENTICATION_UNAVAILABLE)
