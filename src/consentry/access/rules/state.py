"""What a controller remembers between two attempts: who waits, who was let in and has not opened yet, who is where, which tries failed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from consentry.access.model import ContactState

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from consentry.access.model import AccessEvent, DoorEvent, ReaderKind

__all__ = ["DoorState", "Occurrence", "Pending", "Place", "State", "Tries", "Waiting"]


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Something that happened at a door and is no decision about somebody who shows something there now."""

    door: str
    at: datetime
    kind: DoorEvent | AccessEvent
    person: str | None = None
    credential: str | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """The first of two people: what they showed and when, and until when the second may come."""

    person: str
    credential: str
    reader: ReaderKind
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Pending:
    """Somebody who was let in and for whom the door was not opened yet; after ``until`` it is locked again."""

    person: str
    credential: str
    until: datetime


@dataclass(frozen=True, slots=True)
class DoorState:
    """One door. ``first_card_until``: until when a first card keeps it unlocked; ``released_until``: until when it last stood open for everybody.

    ``hand_until``: until when an exit button, a member of staff or a grant that somebody went by has it unlocked. ``opened``: since when it is open,
    None while it is not; ``held``: that it is open too long was told. ``faulty``: readers out of order.
    """

    fire: bool = False
    contact: ContactState = ContactState.UNKNOWN
    faulty: frozenset[ReaderKind] = frozenset()
    waiting: Waiting | None = None
    pending: tuple[Pending, ...] = ()
    first_card_until: datetime | None = None
    released_until: datetime | None = None
    hand_until: datetime | None = None
    opened: datetime | None = None
    held: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """The area that somebody entered last, and when."""

    area: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Tries:
    """Failures in a row at ``door`` with one number, one credential or one reader. ``rounds``: how many lock-outs came of them; ``until``: of the last."""

    door: str
    last: datetime
    failures: int = 0
    rounds: int = 0
    until: datetime | None = None


_UNTOUCHED = DoorState()


@dataclass(frozen=True, slots=True)
class State:
    """All of it: doors by id, places by person, tries by what failed (see :mod:`consentry.access.rules.lockout`), uses by credential."""

    doors: Mapping[str, DoorState] = field(default_factory=dict)
    places: Mapping[str, Place] = field(default_factory=dict)
    tries: Mapping[str, Tries] = field(default_factory=dict)
    uses: Mapping[str, int] = field(default_factory=dict)

    def door(self, door: str) -> DoorState:
        """Return what is remembered of a door."""
        return self.doors.get(door, _UNTOUCHED)

    def with_door(self, door: str, remembered: DoorState) -> State:
        """Return the state in which that is remembered of it."""
        return replace(self, doors={**self.doors, door: remembered})
