"""Anti-passback: nobody enters an area that they are in already.

A place is where somebody was seen to go: let in, and then the door opened. It counts only while every door around its area has been locked ever since:
through one that stood open, for fire, free access or after a first card, people left unseen, and none of them may be kept out or in for it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from consentry.access.model import AccessEvent, AntiPassback, PassbackMode
from consentry.access.rules.modes import stands_open
from consentry.access.rules.state import Place

if TYPE_CHECKING:
    from datetime import datetime

    from consentry.access.model import Door, Person
    from consentry.access.rules.compiling import Compiled
    from consentry.access.rules.state import State

__all__ = ["entered", "passback", "place_of"]

_OFF = PassbackMode()


def place_of(compiled: Compiled, state: State, person: str, at: datetime) -> Place | None:
    """Return where somebody is, None where that is not known."""
    place = state.places.get(person)
    if place is None or any(_stood_open(compiled, state, door, place.since, at) for door in compiled.around.get(place.area, ())):
        return None
    return place


def passback(compiled: Compiled, state: State, person: Person, door: Door, at: datetime) -> AccessEvent | None:
    """Return ``DENIED_PASSBACK``, ``PASSBACK_DETECTED`` where it is only told, or None."""
    rule = compiled.snapshot.policy.passback.get(door.to_area, _OFF)
    if rule.mode is AntiPassback.OFF or person.passback_exempt:
        return None
    place = place_of(compiled, state, person.id, at)
    if place is None or place.area != door.to_area:
        return None
    return _event(rule, place, at)


def _event(rule: PassbackMode, place: Place, at: datetime) -> AccessEvent | None:
    if rule.mode is AntiPassback.SOFT:
        return AccessEvent.PASSBACK_DETECTED
    if rule.mode is AntiPassback.TIMED and rule.within is not None and at >= place.since + rule.within:
        return None
    return AccessEvent.DENIED_PASSBACK


def entered(state: State, door: Door, people: tuple[str, ...], at: datetime) -> State:
    """Return the state after a door opened for people who had been let in."""
    place = Place(door.to_area, at)
    return replace(state, places={**state.places, **dict.fromkeys(people, place)})


def _stood_open(compiled: Compiled, state: State, door: str, since: datetime, at: datetime) -> bool:
    remembered = state.door(door)
    ended = [end for end in (remembered.released_until, remembered.first_card_until) if end is not None]
    return any(end > since for end in ended) or stands_open(compiled, state, door, at)
