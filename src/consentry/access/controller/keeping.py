"""The state of the doors as the journal keeps it: one row for each door, place, run of failures and count of uses, so that a decision changes few of them.

What the doors' devices say (contact, fire, exit, readers out of order) is asked anew after a start and not kept.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeVar

from consentry.access.controller.sync_text import instant, milliseconds
from consentry.access.model import ReaderKind
from consentry.access.rules.state import DoorState, Pending, Place, State, Tries, Waiting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from consentry.access.controller.journal import Journal
    from consentry.access.model import Attempt

__all__ = ["changes", "evened", "kept_state", "uncounted"]

_DOOR, _PLACE, _TRIES, _USES = "door/", "place/", "tries/", "uses/"
_UNCOUNTED = "tried/"
_ROW = 256
"""Characters of a refusal's row with its name, more than any needs; JSON allows spaces after it."""
Value = TypeVar("Value")


def changes(before: State, after: State) -> dict[str, str | None]:
    """Return what the journal must keep, by name, so that ``after`` can be read from it where ``before`` could; None takes a name away."""
    return dict(
        [
            *_changed(_DOOR, before.doors, after.doors, _door_text),
            *_changed(_PLACE, before.places, after.places, _place_text),
            *_changed(_TRIES, before.tries, after.tries, _tries_text),
            *_changed(_USES, before.uses, after.uses, str),
        ]
    )


def uncounted(rows: Mapping[str, str | None], attempt: Attempt) -> dict[str, str | None]:
    """Return the rows of a refusal that is no failure and was counted all the same: what was counted under a few names for each reader, which nobody reads."""
    where = f" {attempt.door} {attempt.evidence.reader}"
    renamed = {name: _UNCOUNTED + name.removeprefix(_TRIES).partition(" ")[0] + where for name in rows if name.startswith(_TRIES)}
    return {renamed.get(name, name): text for name, text in rows.items()}


def evened(rows: Mapping[str, str | None]) -> dict[str, str | None]:
    """Return the rows of a refusal, all of one length, so that each takes the place of the one before it whatever it says."""
    return {name: None if text is None else text.ljust(_ROW - len(name)) for name, text in rows.items()}


def kept_state(journal: Journal) -> State:
    """Return the state that the journal kept."""
    return State(
        doors=_kept(journal, _DOOR, _door),
        places=_kept(journal, _PLACE, _place),
        tries=_kept(journal, _TRIES, _tries),
        uses=_kept(journal, _USES, int),
    )


def _changed(prefix: str, before: Mapping[str, Value], after: Mapping[str, Value], text: Callable[[Value], str]) -> Iterator[tuple[str, str | None]]:
    if before is after:
        return
    for key, value in after.items():
        earlier = before.get(key)
        # The same object is the same value; nearly all are, and telling so costs nothing.
        if earlier is not value and (earlier is None or text(earlier) != text(value)):
            yield prefix + key, text(value)
    for key in before.keys() - after.keys():
        yield prefix + key, None


def _kept(journal: Journal, prefix: str, read: Callable[[str], Value]) -> dict[str, Value]:
    return {name.removeprefix(prefix): read(text) for name, text in journal.kept_under(prefix).items()}


def _door_text(door: DoorState) -> str:
    waiting = door.waiting
    return json.dumps(
        {
            "waiting": None if waiting is None else _waiting_list(waiting),
            "pending": [[one.person, one.credential, milliseconds(one.until)] for one in door.pending],
            "first_card_until": _count(door.first_card_until),
            "released_until": _count(door.released_until),
        }
    )


def _waiting_list(waiting: Waiting) -> list[str | int]:
    return [waiting.person, waiting.credential, waiting.reader.value, milliseconds(waiting.since), milliseconds(waiting.until)]


def _door(text: str) -> DoorState:
    told = json.loads(text)
    waiting = told["waiting"]
    return DoorState(
        waiting=None if waiting is None else Waiting(waiting[0], waiting[1], ReaderKind(waiting[2]), instant(waiting[3]), instant(waiting[4])),
        pending=tuple(Pending(person, credential, instant(until)) for person, credential, until in told["pending"]),
        first_card_until=_instant(told["first_card_until"]),
        released_until=_instant(told["released_until"]),
    )


def _place_text(place: Place) -> str:
    return json.dumps([place.area, milliseconds(place.since)])


def _place(text: str) -> Place:
    area, since = json.loads(text)
    return Place(area, instant(since))


def _tries_text(tries: Tries) -> str:
    return json.dumps([tries.door, milliseconds(tries.last), tries.failures, tries.rounds, _count(tries.until)])


def _tries(text: str) -> Tries:
    door, last, failures, rounds, until = json.loads(text)
    return Tries(door, instant(last), failures, rounds, _instant(until))


def _count(at: datetime | None) -> int | None:
    return None if at is None else milliseconds(at)


def _instant(count: int | None) -> datetime | None:
    return None if count is None else instant(count)
