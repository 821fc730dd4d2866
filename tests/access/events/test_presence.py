"""Who is where, against an oracle that looks for each person's last passage by itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from consentry.access.happenings import PassEvent
from consentry.access.model import OUTSIDE, AccessEvent, DoorEvent, ReaderKind
from consentry.access.presence import presence

if TYPE_CHECKING:
    from consentry.access.controller.sync_text import EventKind

AT = datetime(2026, 3, 2, 1, tzinfo=UTC)
INTO = {"front": "inside", "hall": "hall", "out": OUTSIDE}


def event(number: int, kind: EventKind, door: str, person: str | None = None) -> PassEvent:
    at = AT + timedelta(seconds=number)
    return PassEvent(number, "main", at, kind, door, ReaderKind.CARD, person, None, (), None, at)


def told(*steps: tuple[EventKind, str, str | None]) -> list[PassEvent]:
    return [event(number, *step) for number, step in enumerate(steps, start=1)]


def where(events: list[PassEvent]) -> dict[str, tuple[str, str]]:
    return {one.person: (area, one.door) for area, people in presence(events, INTO).areas.items() for one in people}


def oracle(events: list[PassEvent], person: str) -> str | None:
    """Return the door of somebody's last passage that counted: a refusal to enter takes back the grant right before it."""
    passed = list[str]()
    for one in (one for one in events if one.person == person):
        if one.kind is AccessEvent.GRANTED:
            passed.append(str(one.door))
        elif one.kind is AccessEvent.NO_ENTRY_AFTER_GRANTED and passed and passed[-1] == one.door:
            passed.pop()
    return passed[-1] if passed else None


KINDS = st.sampled_from([AccessEvent.GRANTED, AccessEvent.GRANTED, AccessEvent.DENIED_PASSBACK, DoorEvent.OPENED])
STEPS = st.lists(st.tuples(KINDS, st.sampled_from(sorted(INTO)), st.sampled_from(["li", "wang"]), st.booleans()), max_size=25)


@given(STEPS)
def test_everybody_is_behind_the_last_door_that_they_went_through(steps: list[tuple[EventKind, str, str, bool]]) -> None:
    flat = list[tuple["EventKind", str, str | None]]()
    for kind, door, person, turned_back in steps:
        flat.append((kind, door, person))
        if turned_back and kind is AccessEvent.GRANTED:
            flat.append((AccessEvent.NO_ENTRY_AFTER_GRANTED, door, person))
    events, found = told(*flat), where(told(*flat))
    for person in ("li", "wang"):
        last = oracle(events, person)
        area = INTO[last] if last else OUTSIDE
        assert found.get(person) == (None if area == OUTSIDE else (area, last))


def test_whoever_was_granted_twice_and_turned_back_twice_is_where_they_were() -> None:
    twice = [(AccessEvent.GRANTED, "hall", "li"), (AccessEvent.NO_ENTRY_AFTER_GRANTED, "hall", "li")] * 2
    assert where(told((AccessEvent.GRANTED, "front", "li"), *twice)) == {"li": ("inside", "front")}


def test_what_happens_at_a_door_that_is_none_any_more_places_nobody() -> None:
    assert where(told((AccessEvent.GRANTED, "cellar", "li"))) == {}


def test_a_door_opened_without_a_name_is_counted() -> None:
    events = told(
        (DoorEvent.EGRESS_OPEN, "front", None), (DoorEvent.UNLOCKED, "front", None), (AccessEvent.GRANTED, "hall", None), (DoorEvent.OPENED, "out", None)
    )
    assert presence(events, INTO).nameless == {"front": 2, "hall": 1}
