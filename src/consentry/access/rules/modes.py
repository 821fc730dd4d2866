"""What a door does whatever anybody shows: whether the policy is in force, fire, lockdown, free access, and a first card that keeps it unlocked."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from consentry.access.model import DoorMode, ReaderKind
from consentry.access.rules.schedules import holds

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from consentry.access.rules.compiling import Compiled
    from consentry.access.rules.state import DoorState, State

__all__ = ["CLOCK_TOLERANCE", "faces_may", "fire_changed", "follow", "in_force", "mode_of", "other_ways", "reader_changed", "stands_open", "unlocked_by_hand"]

CLOCK_TOLERANCE = timedelta(minutes=5)
"""How much earlier than its issue a snapshot is believed: further, the clock was set back, and what has ended would hold again."""

_GONE_COUNTED = 10_000
"""Of so many credentials that a snapshot does not hold any more the uses stay counted: of the newest, for ids grow with time."""


def in_force(compiled: Compiled, at: datetime) -> bool:
    """Tell whether the snapshot may be decided by."""
    return compiled.snapshot.issued <= at + CLOCK_TOLERANCE and at < compiled.snapshot.expires


def mode_of(compiled: Compiled, state: State, door: str, at: datetime) -> DoorMode:
    """Return the mode of a door. Fire wins over everything; free access ends with the policy that says so."""
    if state.door(door).fire:
        return DoorMode.FIRE
    mode = compiled.snapshot.modes.get(door, DoorMode.NORMAL)
    return DoorMode.NORMAL if mode is DoorMode.FREE and not in_force(compiled, at) else mode


def stands_open(compiled: Compiled, state: State, door: str, at: datetime) -> bool:
    """Tell whether the door is to be unlocked for everybody now, whatever is decided about whoever shows something."""
    mode = mode_of(compiled, state, door, at)
    return mode in (DoorMode.FIRE, DoorMode.FREE) or (mode is DoorMode.NORMAL and _first_card_holds(compiled, state.door(door), door, at))


def _first_card_holds(compiled: Compiled, remembered: DoorState, door: str, at: datetime) -> bool:
    known = compiled.doors.get(door)
    schedule = compiled.schedules.get(known.first_card or "") if known else None
    if schedule is None or remembered.first_card_until is None or not in_force(compiled, at):
        return False
    # The schedule is asked too: a policy applied since may have shortened it.
    return at < remembered.first_card_until and holds(schedule, compiled.calendar, at)


def other_ways(compiled: Compiled, state: State, door: str) -> Iterator[ReaderKind]:
    """Yield the readers of a door that work and are neither a face reader nor a person."""
    known, faulty = compiled.doors.get(door), state.door(door).faulty
    return (one for one in (known.readers if known else ()) if one not in (ReaderKind.FACE, ReaderKind.CONCIERGE) and one not in faulty)


def faces_may(compiled: Compiled, state: State, door: str) -> bool:
    """Tell whether a door may take faces: only while another way through it works, be it a person who opens (R61)."""
    known, faulty = compiled.doors.get(door), state.door(door).faulty
    attended = known is not None and ReaderKind.CONCIERGE in known.readers and ReaderKind.CONCIERGE not in faulty
    return attended or any(True for _ in other_ways(compiled, state, door))


def fire_changed(state: State, door: str, now: datetime, *, fire: bool) -> State:
    """Return the state after the fire input of a door was told to be on or off."""
    before = state.door(door)
    # From its beginning on: a controller that is cut off from power meanwhile is not there when it ends.
    return state.with_door(door, replace(before, fire=fire, released_until=now if before.fire or fire else before.released_until))


def reader_changed(state: State, door: str, reader: ReaderKind, *, works: bool) -> State:
    """Return the state after a reader was told to work or to be out of order. One in the place of a person is ``concierge``."""
    before = state.door(door)
    return state.with_door(door, replace(before, faulty=before.faulty - {reader} if works else before.faulty | {reader}))


def unlocked_by_hand(state: State, door: str, until: datetime) -> State:
    """Return the state after an exit button, or a member of staff from afar, unlocked a door: opening it before then is no force."""
    return state.with_door(door, replace(state.door(door), hand_until=until))


def follow(old: Compiled, new: Compiled, state: State, now: datetime) -> State:
    """Return the state for a snapshot that takes the place of another: what it no longer knows is forgotten, and modes that ended are remembered."""
    doors = {door: _followed(old, new, state, door, now) for door in state.doors.keys() | _free(old) if door in new.doors}
    return replace(
        state,
        doors=doors,
        places={person: place for person, place in state.places.items() if person in new.people},
        uses=_counted(new, state.uses),
    )


def _counted(new: Compiled, uses: Mapping[str, int]) -> Mapping[str, int]:
    """Return the uses that stay counted. What is gone may come back, and the server leaves it to this controller to take its own uses off."""
    gone = sorted(uses.keys() - new.credentials.keys())
    forgotten = frozenset(gone[:-_GONE_COUNTED])
    return {credential: many for credential, many in uses.items() if credential not in forgotten} if forgotten else uses


def _free(compiled: Compiled) -> set[str]:
    return {door for door, mode in compiled.snapshot.modes.items() if mode is DoorMode.FREE}


def _followed(old: Compiled, new: Compiled, state: State, door: str, now: datetime) -> DoorState:
    """Return what is remembered of a door from now on. After a lockdown a first card is needed again."""
    before = state.door(door)
    locked_down = new.snapshot.modes.get(door) is DoorMode.LOCKDOWN
    stood_open = door in _free(old) or stands_open(old, state, door, now) or (locked_down and before.first_card_until is not None)
    released = stood_open and not stands_open(new, state, door, now)
    return replace(
        before,
        released_until=now if released else before.released_until,
        first_card_until=None if locked_down else before.first_card_until,
        waiting=None if locked_down else before.waiting,
    )
