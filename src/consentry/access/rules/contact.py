"""What the contact in the frame and the clock tell: who went through, who did not, a door forced or left open."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from consentry.access.model import AccessEvent, ContactState, DoorEvent
from consentry.access.rules.lockout import forgotten
from consentry.access.rules.modes import stands_open
from consentry.access.rules.passback import entered
from consentry.access.rules.state import Occurrence

if TYPE_CHECKING:
    from datetime import datetime

    from consentry.access.rules.compiling import Compiled
    from consentry.access.rules.state import DoorState, State

__all__ = ["contact_changed", "time_passed"]


def contact_changed(compiled: Compiled, state: State, door: str, contact: ContactState, now: datetime) -> tuple[State, tuple[Occurrence, ...]]:
    """Return the state after the contact of a door told something, and what happened. Told the same again, nothing did.

    The first opening after a grant is the entry of everybody who was let in and did not go yet. A door that opens without anybody let in, unlocked by
    hand or standing open, is forced.
    """
    before = state.door(door)
    if contact is before.contact or door not in compiled.doors:
        return state, ()
    if contact is ContactState.OPEN:
        return _opened(compiled, state, door, now)
    after = replace(before, contact=contact, opened=None, held=False)
    if contact is ContactState.UNKNOWN:
        return state.with_door(door, after), (Occurrence(door, now, DoorEvent.DOOR_FAULT),)
    told = (Occurrence(door, now, DoorEvent.CLOSED), *((Occurrence(door, now, DoorEvent.NORMAL),) if before.held else ()))
    return state.with_door(door, after), told


def _opened(compiled: Compiled, state: State, door: str, now: datetime) -> tuple[State, tuple[Occurrence, ...]]:
    before = state.door(door)
    going = tuple(one for one in before.pending if now <= one.until)
    late = tuple(one for one in before.pending if now > one.until)
    by_hand = before.hand_until is not None and now <= before.hand_until
    lawful = bool(going) or by_hand or stands_open(compiled, state, door, now)
    # Whoever pushes it again before it is locked forces nothing, and is not seen to enter.
    by_card = max((one.until for one in going), default=None)
    unlocked = max(filter(None, (by_card, before.hand_until)), default=None)
    state = state.with_door(door, replace(before, contact=ContactState.OPEN, opened=now, held=False, pending=late, hand_until=unlocked))
    if going:
        state = entered(state, compiled.doors[door], tuple(one.person for one in going), now)
    return state, (Occurrence(door, now, DoorEvent.OPENED if lawful else DoorEvent.FORCED_OPEN),)


def time_passed(compiled: Compiled, state: State, now: datetime) -> tuple[State, tuple[Occurrence, ...]]:
    """Return the state at ``now``, and what happened by nothing happening: call it every second.

    Somebody let in did not go (``NO_ENTRY_AFTER_GRANTED``), no second person came (``DENIED_NO_ACCOMPANIMENT``), a door is open too long, a lock-out
    ended.
    """
    state, told = forgotten(state, now)
    for door in state.doors.keys() & compiled.doors.keys():
        state, more = _door_later(compiled, state, door, now)
        told += more
    return state, told


def _door_later(compiled: Compiled, state: State, door: str, now: datetime) -> tuple[State, tuple[Occurrence, ...]]:
    before = state.door(door)
    stayed = tuple(one for one in before.pending if now > one.until)
    told = [Occurrence(door, now, AccessEvent.NO_ENTRY_AFTER_GRANTED, one.person, one.credential) for one in stayed]
    alone = before.waiting if before.waiting is not None and now > before.waiting.until else None
    if alone is not None:
        told.append(Occurrence(door, now, AccessEvent.DENIED_NO_ACCOMPANIMENT, alone.person, alone.credential))
    held = before.held or _open_too_long(compiled, state, door, now)
    if held and not before.held:
        told.append(Occurrence(door, now, DoorEvent.OPEN_TOO_LONG))
    if not told:
        return state, ()
    return state.with_door(door, _later(before, now, held=held)), tuple(told)


def _later(before: DoorState, now: datetime, *, held: bool) -> DoorState:
    waiting = before.waiting if before.waiting is not None and now <= before.waiting.until else None
    return replace(before, pending=tuple(one for one in before.pending if now <= one.until), waiting=waiting, held=held)


def _open_too_long(compiled: Compiled, state: State, door: str, now: datetime) -> bool:
    opened = state.door(door).opened
    if opened is None or stands_open(compiled, state, door, now):
        return False
    return now > opened + timedelta(seconds=compiled.doors[door].held_s)
