"""However controllers are cut off from the server and from one another, a pass never opens more often than it may in all."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from consentry.access.model import AccessEvent, Attempt, Credential, CredentialKind, Door, Evidence, ReaderKind
from consentry.access.rules.contact import time_passed
from consentry.access.rules.deciding import State, decide
from consentry.access.rules.uses import Promise, may_promise, settled, waiting
from tests.access.rules.house import START, house

if TYPE_CHECKING:
    from datetime import datetime

A_REPORT_HOLDS = 1
LASTS = 15
"""Seconds for which an order is told."""
SECOND_COMES = 30
"""Seconds for which the first of two people waits."""
WAITED_OUT = timedelta(seconds=SECOND_COMES + 1)
BEN = Credential("ben card", "ben", CredentialKind.CARD, "ben card")


@dataclass(frozen=True, slots=True)
class Event:
    """What a gate wrote of the guest: that they were let in, or wait for a second person. ``order``: by which yes; None where the second came, or nobody."""

    granted: bool
    order: str | None


@dataclass
class Gate:
    """A controller: how long its door waits for a second person, the uses that its snapshot leaves it, what it did, how much of it the server holds."""

    uses: int
    two_people_s: float = 0.0
    state: State = field(default_factory=State)
    done: set[str] = field(default_factory=set)
    log: list[Event] = field(default_factory=list)
    acknowledged: int = 0

    def carries_out(self, order: str, at: datetime) -> None:
        """Let the guest in, or wait, by a host's yes, once, as the engine decides."""
        if order in self.done:
            return
        self.done.add(order)
        granted, waits = self._decides(Attempt("door", at, Evidence(ReaderKind.QR, "guest", host_agreed=True)))
        if granted or waits:
            self.log.append(Event(granted, order))

    def second_comes(self, at: datetime) -> None:
        """Let somebody show their card, and with them the guest in who waits."""
        waited = self.state.door("door").waiting
        granted, _ = self._decides(Attempt("door", at, Evidence(ReaderKind.CARD, "ben card")))
        if granted and waited is not None and waited.credential == "guest":
            self.log.append(Event(granted=True, order=None))

    def looks(self, at: datetime) -> None:
        """Notice that nobody came in time."""
        self.state, told = time_passed(house(self.door), self.state, at)
        if any(one.kind is AccessEvent.DENIED_NO_ACCOMPANIMENT and one.credential == "guest" for one in told):
            self.log.append(Event(granted=False, order=None))

    @property
    def door(self) -> Door:
        return Door("door", (ReaderKind.QR, ReaderKind.CARD), two_people_s=self.two_people_s)

    @property
    def granted(self) -> list[str | None]:
        return [one.order for one in self.log if one.granted]

    def _decides(self, attempt: Attempt) -> tuple[bool, bool]:
        guest = Credential("guest", "ann", CredentialKind.GUEST, "guest", uses=self.uses, needs_host=True)
        decision, self.state = decide(house(self.door, credentials=(guest, BEN)), self.state, attempt)
        return decision.granted, decision.waits_for_second


class World:
    """Two controllers, a server, and a network between them that loses what it likes."""

    def __init__(self, limit: int, two_people_s: float = 0.0) -> None:
        self.limit, self.at, self.number = limit, START, 0
        self.gates = {"a": Gate(limit, two_people_s), "b": Gate(limit)}
        self.held: dict[str, int] = {"a": 0, "b": 0}
        self.promises: list[Promise] = []
        self.waited = set[str]()

    def used_at(self, gate: str) -> int:
        return len([one for one in self.gates[gate].log[: self.held[gate]] if one.granted])

    def host_agrees(self, gate: str) -> None:
        if may_promise(self.limit, self.used_at("a") + self.used_at("b"), self.promises, self.gates):
            self.number += 1
            self.promises.append(Promise(str(self.number), gate, self.at + timedelta(seconds=LASTS)))

    def reports(self, gate: str, *, arrives: bool = True, answered: bool = True) -> None:
        here = self.gates[gate]
        told = here.log[here.acknowledged : here.acknowledged + A_REPORT_HOLDS]
        if not arrives:
            return
        self.held[gate] = max(self.held[gate], here.acknowledged + len(told))
        self.notes(gate, told)
        over = settled(self.promises, gate, self.at, told_all=len(told) < A_REPORT_HOLDS)
        self.promises = [one for one in self.promises if one.id not in over]
        orders = [one for one in self.promises if one.device == gate and one.open_until > self.at]
        if answered:
            here.acknowledged, here.uses = self.held[gate], self.limit - sum(self.used_at(name) for name in "ab" if name != gate)
            for order in orders:
                here.carries_out(order.id, self.at)

    def notes(self, gate: str, told: list[Event]) -> None:
        if any(not one.granted and one.order is None for one in told):
            self.promises = [one for one in self.promises if one.device != gate or one.id not in self.waited]
        self.waited |= {one.order for one in told if one.order is not None and not one.granted}
        became = {one.order: one for one in told if one.order is not None}
        left = [one for one in self.promises if one.id not in became or not became[one.id].granted]
        self.promises = [waiting(one, self.at, WAITED_OUT) if one.id in became else one for one in left]

    @property
    def opened(self) -> int:
        return sum(len(gate.granted) for gate in self.gates.values())


YES_A, YES_B, REPORT_A, REPORT_B, WAITS = ("yes", "a"), ("yes", "b"), ("report", "a", True, True), ("report", "b", True, True), ("wait", LASTS)
SECOND_A = ("second", "a")
WAITING = [YES_A, REPORT_A, REPORT_A, REPORT_A]
YES = st.tuples(st.just("yes"), st.sampled_from("ab"))
REPORT = st.tuples(st.just("report"), st.sampled_from("ab"), st.booleans(), st.booleans())
SECOND = st.tuples(st.just("second"), st.sampled_from("ab"))
LOOK = st.tuples(st.just("look"), st.sampled_from("ab"))
WAIT = st.tuples(st.just("wait"), st.sampled_from((1, LASTS, SECOND_COMES)))
TWO_PEOPLE = st.sampled_from((0.0, float(SECOND_COMES)))


def play(world: World, steps: list[tuple[object, ...]]) -> None:
    for step in steps:
        match step:
            case ("yes", str(gate)):
                world.host_agrees(gate)
            case ("report", str(gate), bool(arrives), bool(answered)):
                world.reports(gate, arrives=arrives, answered=answered)
            case ("second", str(gate)):
                world.gates[gate].second_comes(world.at)
            case ("wait", int(seconds)):
                world.at += timedelta(seconds=seconds)
            case ("look", str(gate)):
                world.gates[gate].looks(world.at)
            case _:
                raise AssertionError(step)


@given(limit=st.integers(1, 3), two_people_s=TWO_PEOPLE, steps=st.lists(YES | REPORT | SECOND | LOOK | WAIT, max_size=40))
@example(limit=1, two_people_s=30.0, steps=[*WAITING, WAITS, REPORT_A, YES_B, REPORT_B, SECOND_A])
def test_a_pass_never_opens_more_often_than_it_may_whatever_is_lost(limit: int, two_people_s: float, steps: list[tuple[object, ...]]) -> None:
    world = World(limit, two_people_s)
    play(world, steps)
    assert world.opened <= limit


@given(limit=st.integers(1, 3), two_people_s=TWO_PEOPLE, steps=st.lists(YES | REPORT | SECOND | LOOK | WAIT, max_size=20))
def test_once_the_network_is_whole_again_every_use_that_is_left_opens(limit: int, two_people_s: float, steps: list[tuple[object, ...]]) -> None:
    world = World(limit, two_people_s)
    play(world, steps)
    for gate in "ab" * (2 * limit + 10):
        world.at += WAITED_OUT
        world.reports("a")
        world.reports("b")
        world.host_agrees(gate)
        world.reports(gate)
        world.gates[gate].second_comes(world.at)
    assert world.opened == limit


CUT_OFF = [
    pytest.param([YES_A, YES_B, REPORT_A, REPORT_B], 1, id="two yeses at once"),
    pytest.param([YES_A, REPORT_A, WAITS, YES_B, REPORT_B], 1, id="cut off since"),
    pytest.param([YES_A, REPORT_A, WAITS, REPORT_B, YES_B, REPORT_B], 1, id="cut off since, while the other reports"),
    pytest.param([YES_A, YES_A, REPORT_A, WAITS, REPORT_A, YES_B, REPORT_B], 2, id="a report that does not hold everything"),
]


@pytest.mark.parametrize(("steps", "limit"), CUT_OFF)
def test_what_may_have_been_used_is_promised_to_no_other_door(steps: list[tuple[object, ...]], limit: int) -> None:
    world = World(limit)
    play(world, steps)
    assert (world.opened, world.gates["b"].granted) == (limit, [])


TWO = [
    pytest.param([*WAITING, YES_B, REPORT_B, SECOND_A], [None], [], id="told that the guest waits"),
    pytest.param([*WAITING, WAITS, REPORT_A, YES_B, REPORT_B, SECOND_A], [None], [], id="the order is over, the wait is not"),
    pytest.param([*WAITING, WAITS, SECOND_A, WAITS, WAITS, YES_B, REPORT_B], [None], [], id="the second came, and nobody told"),
    pytest.param([*WAITING, WAITS, WAITS, WAITS, REPORT_A, YES_B, REPORT_B, SECOND_A], [], ["2"], id="no second came, and the gate told everything"),
    pytest.param([*WAITING, WAITS, WAITS, ("wait", 1), ("look", "a"), REPORT_A, YES_B, REPORT_B, SECOND_A], [], ["2"], id="the gate told that nobody came"),
]


@pytest.mark.parametrize(("steps", "at_a", "at_b"), TWO)
def test_a_guest_who_waits_for_a_second_person_may_still_be_let_in(steps: list[tuple[object, ...]], at_a: list[str | None], at_b: list[str]) -> None:
    world = World(1, SECOND_COMES)
    play(world, steps)
    assert (world.gates["a"].granted, world.gates["b"].granted) == (at_a, at_b)


def test_what_was_never_carried_out_is_promised_again_once_its_controller_told() -> None:
    world = World(1)
    play(world, [("yes", "a"), ("report", "a", True, False), ("wait", LASTS), ("report", "a", True, True), ("yes", "b"), ("report", "b", True, True)])
    assert (world.gates["a"].granted, world.gates["b"].granted) == ([], ["2"])


@pytest.mark.parametrize(("uses", "controllers"), [(None, "ab"), (1, "a")])
def test_a_pass_without_limit_or_of_one_controller_waits_for_no_other(uses: int | None, controllers: str) -> None:
    assert may_promise(uses, 0, [Promise("1", "a", START)] * 5, controllers)
