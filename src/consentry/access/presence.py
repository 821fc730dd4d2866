"""Who is in which area, folded from what doors told. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from consentry.access.happenings import Present
from consentry.access.model import OUTSIDE, AccessEvent, DoorEvent

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from consentry.access.happenings import PassEvent

__all__ = ["Presence", "presence"]

_NAMELESS = frozenset({DoorEvent.EGRESS_OPEN, DoorEvent.FORCED_OPEN, DoorEvent.FREE_ACCESS, DoorEvent.FIRE, DoorEvent.UNLOCKED})
"""After these, people may have passed whom no credential names."""


@dataclass(frozen=True, slots=True)
class Presence:
    """Where people are. ``nameless``: by door, how often it was opened without somebody's name."""

    areas: Mapping[str, tuple[Present, ...]]
    nameless: Mapping[str, int]


def presence(events: Iterable[PassEvent], into: Mapping[str, str]) -> Presence:
    """Return who is in which area after ``events``, oldest first; ``into``: the area behind each door.

    Whoever was let in is behind the door, unless the door then said that nobody went through: then they are where they were before. Whoever is outside
    stands in no area.
    """
    here = dict[str, tuple[str, Present]]()
    earlier = dict[str, tuple[str, Present] | None]()
    nameless = dict[str, int]()
    for event in events:
        if event.door is None:
            continue
        if event.kind in _NAMELESS or (event.kind is AccessEvent.GRANTED and event.person is None):
            nameless[event.door] = nameless.get(event.door, 0) + 1
        elif event.person is not None and event.door in into:
            _move(event, event.person, into[event.door], here, earlier)
    return Presence(_by_area(here), nameless)


def _move(event: PassEvent, person: str, area: str, here: dict[str, tuple[str, Present]], earlier: dict[str, tuple[str, Present] | None]) -> None:
    if event.kind is AccessEvent.GRANTED and event.door is not None:
        earlier[person] = here.get(person)
        here[person] = (area, Present(person, None, event.door, event.at, event.reader))
    elif event.kind is AccessEvent.NO_ENTRY_AFTER_GRANTED and person in here and here[person][1].door == event.door:
        before = earlier.pop(person, None)
        if before is None:
            del here[person]
        else:
            here[person] = before


def _by_area(here: Mapping[str, tuple[str, Present]]) -> dict[str, tuple[Present, ...]]:
    found = dict[str, list[Present]]()
    for area, present in here.values():
        if area != OUTSIDE:
            found.setdefault(area, []).append(present)
    return {area: tuple(people) for area, people in sorted(found.items())}
