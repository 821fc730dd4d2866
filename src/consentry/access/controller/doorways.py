"""All doors of one controller, as the loop, the link and the pages know them."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from consentry.access.controller.doorway import Doorway
from consentry.access.controller.serving import DoorPage, Standing, Told
from consentry.access.controller.sync_text import DoorReport
from consentry.access.model import AccessEvent, ReaderKind
from consentry.access.proving import CardShown
from consentry.access.rules.contact import time_passed
from consentry.access.rules.modes import faces_may, in_force
from consentry.platform.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from consentry.access.controller.deciding import Decider
    from consentry.access.controller.devices import DoorDevices
    from consentry.access.controller.link import Order
    from consentry.access.model import Decision
    from consentry.access.proving import Shown
    from consentry.access.rules.compiling import Compiled
    from consentry.access.rules.state import Occurrence

__all__ = ["ONLINE_FOR", "Doorways"]

ONLINE_FOR = timedelta(seconds=15)
"""How long after its last answer the server counts as there."""
_SECOND = timedelta(seconds=1)
_RELEASE, _HOST_AGREED = "release", "host-agreed"


@dataclass(slots=True)
class Doorways:
    """The doors of the snapshot in force, with what the device file names. Every call comes from the thread that decides."""

    decider: Decider
    devices: Mapping[str, DoorDevices]
    tablets: frozenset[str]
    server: str | None = None
    elapsed: Callable[[], float] = time.monotonic
    _doors: dict[str, Doorway] = field(default_factory=dict)
    _passed: datetime | None = None
    _answered: datetime | None = None

    def start(self) -> None:
        """Set up the doors and tell that the controller decides."""
        self._set_up()
        self.decider.begin()

    def look(self) -> None:
        """Look at every door once: at all of them to safety first."""
        at = self.decider.now()
        for door in self._doors.values():
            door.look_to_safety(at)
        for door in self._doors.values():
            door.look(at)
        # The time may have gone back, where the server agreed on an earlier one.
        if self._passed is None or not timedelta(0) <= at - self._passed < _SECOND:
            self._passed = at
            self._second(at)

    def show(self, shown: Shown) -> Told:
        """Decide about what was shown at a tablet's page.

        Raises:
            NotFoundError: ``door.unknown``.
        """
        door = self._doors.get(shown.door)
        if door is None:
            raise NotFoundError("door.unknown", shown.door, "this controller has no such door", "Check the address of the page.")
        if isinstance(shown, CardShown):
            door.see_typed_card()
        if isinstance(shown, CardShown) and door.waits_for_pin(shown, self.decider.now()):
            return Told(granted=False, reason=AccessEvent.VERIFICATION_REQUIRED, waits="pin")
        return _told(door.show(shown))

    def apply(self, text: str, compiled: Compiled) -> None:
        """Put a snapshot in force; doors come and go with it.

        Raises:
            ConsentryError: As :meth:`Decider.apply`.
        """
        self.decider.apply(text, compiled)
        self._set_up()

    def carry_out(self, order: Order) -> None:
        """Do what the server asks, once."""
        door = self._doors.get(order.door)
        if door is None or not self.decider.first_time(order.id):
            return
        if order.what == _RELEASE:
            seconds = door.door.unlock_s if door.door is not None else 0.0
            if self.decider.unlock_by_hand(order.door, order.id, seconds):
                door.release(seconds)
        elif order.what == _HOST_AGREED and order.credential is not None:
            door.act_on(self.decider.host_agreed(order.door, order.credential, order.id))

    def heard_server(self) -> None:
        """Note that the server has just answered."""
        self._answered = self.decider.memory.latest

    def reports(self) -> dict[str, DoorReport]:
        """Return how every door of the policy stands."""
        at = self.decider.now()
        return {
            door.id: DoorReport(door.contact(), door.mode(at), {kind: self._works(door, kind) for kind in door.door.readers})
            for door in self._doors.values()
            if door.door is not None
        }

    def standing(self, page: str | None = None) -> Standing:
        """Return how the controller stands, for its pages; ``page``: the door whose page asks, which is seen by that."""
        decider, at = self.decider, self.decider.now()
        if page in self.tablets and page in self._doors:
            self._doors[page].see_page()
        doors = tuple(self._page(name, report) for name, report in self.reports().items())
        expired, entry = not in_force(decider.compiled, at), decider.compiled.snapshot.entry
        return Standing(
            decider.identity.controller,
            decider.policy.number,
            expired,
            self._online(at),
            self.server,
            doors,
            entry.unit,
            entry.pin,
            decider.clock_in_doubt,
        )

    def leave_for_face(self, page: str) -> Standing:
        """Return how the controller stands for the page of a door that goes to the server with somebody's face; the ways of that page stay in order."""
        if page in self._doors:
            self._doors[page].lend_page()
        return self.standing()

    def _page(self, name: str, report: DoorReport) -> DoorPage:
        readers = {kind.value: self._state(name, kind) for kind in report.readers}
        return DoorPage(name, report.contact.value, report.mode.value, readers, name in self.tablets, self._doors[name].asks_pin)

    def _set_up(self) -> None:
        wanted = self.decider.compiled.doors.keys() | self.devices.keys()
        self._doors = {name: self._doors.get(name) or self._doorway(name) for name in sorted(wanted)}
        for door in self._doors.values():
            door.follow_readers()

    def _doorway(self, name: str) -> Doorway:
        return Doorway(name, self.decider, self.devices.get(name), name in self.tablets, self.elapsed)

    def _second(self, at: datetime) -> None:
        state, told = time_passed(self.decider.compiled, self.decider.state, at)
        if told or state is not self.decider.state:
            self.decider.occurred(at, [one for one in told if self._can_tell(one)], state)
        for door in self._doors.values():
            door.follow_readers()
        self.decider.tick(at)

    def _can_tell(self, occurrence: Occurrence) -> bool:
        """Return whether it is known here: without a contact nobody sees that somebody who was let in did not go."""
        devices = self.devices.get(occurrence.door)
        return occurrence.kind is not AccessEvent.NO_ENTRY_AFTER_GRANTED or (devices is not None and devices.contact is not None)

    def _works(self, door: Doorway, kind: ReaderKind) -> bool:
        return door.works(kind) and (kind is not ReaderKind.FACE or faces_may(self.decider.compiled, self.decider.state, door.id))

    def _state(self, door: str, kind: ReaderKind) -> str:
        """Return what the page says of a way in. A face is recognised at the server, which may be away."""
        if not self._works(self._doors[door], kind):
            return "fault"
        away = kind is ReaderKind.FACE and not self._online(self.decider.memory.latest)
        return "unavailable" if away else "ok"

    def _online(self, at: datetime) -> bool:
        return self._answered is not None and timedelta(0) <= at - self._answered <= ONLINE_FOR


def _told(decision: Decision) -> Told:
    waits = None
    if decision.reason is AccessEvent.VERIFICATION_REQUIRED:
        waits = "second" if decision.waits_for_second else "host"
    left = (decision.locked_until - decision.at).total_seconds() if decision.locked_until is not None else 0.0
    return Told(decision.granted, decision.reason, decision.release_s, decision.delay_s, waits, left)
