"""However controllers are cut off from the server and from one another, a pass never opens more often than it may in all."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentry.access.model import Attempt, Credential, CredentialKind, Door, Evidence, ReaderKind
from consentry.access.rules.deciding import State, decide
from consentry.access.rules.uses import Promise, may_promise, settled
from tests.access.rules.house import START, house

if TYPE_CHECKING:
    from datetime import datetime

A_REPORT_HOLDS = 1
LASTS = 15
"""Seconds for which an order is told."""


@dataclass
class Gate:
    """A controller: the uses that its snapshot leaves it, what it did, and how many of its events it knows the server to hold."""

    uses: int
    state: State = field(default_factory=State)
    done: set[str] = field(default_factory=set)
    log: list[str] = field(default_factory=list)
    acknowledged: int = 0

    def carries_out(self, order: str, at: datetime) -> None:
        """Let the guest in by a host's yes, once, as the engine decides."""
        if order in self.done:
            return
        self.done.add(order)
        guest = Credential("guest", "ann", CredentialKind.GUEST, "guest", uses=self.uses, needs_host=True)
        known = house(Door("door", (ReaderKind.QR,)), credentials=(guest,))
        decision, self.state = decide(known, self.state, Attempt("door", at, Evidence(ReaderKind.QR, "guest", host_agreed=True)))
        if decision.granted:
            self.log.append(order)


class World:
    """Two controllers, a server, and a network between them that loses what it likes."""

    def __init__(self, limit: int) -> None:
        self.limit, self.at, self.number = limit, START, 0
        self.gates = {"a": Gate(limit), "b": Gate(limit)}
        self.held: dict[str, int] = {"a": 0, "b": 0}
        self.promises: list[Promise] = []

    def host_agrees(self, gate: str) -> None:
        if may_promise(self.limit, sum(self.held.values()), self.promises, self.gates):
            self.number += 1
            self.promises.append(Promise(str(self.number), gate, self.at + timedelta(seconds=LASTS)))

    def reports(self, gate: str, *, arrives: bool = True, answered: bool = True) -> None:
        here = self.gates[gate]
        told = here.log[here.acknowledged : here.acknowledged + A_REPORT_HOLDS]
        if not arrives:
            return
        self.held[gate] = max(self.held[gate], here.acknowledged + len(told))
        over = settled(self.promises, gate, self.at, told_all=len(told) < A_REPORT_HOLDS)
        self.promises = [one for one in self.promises if one.id not in over and one.id not in told]
        orders = [one for one in self.promises if one.controller == gate and one.expires > self.at]
        if answered:
            here.acknowledged, here.uses = self.held[gate], self.limit - sum(many for name, many in self.held.items() if name != gate)
            for order in orders:
                here.carries_out(order.id, self.at)

    @property
    def opened(self) -> int:
        return sum(len(gate.log) for gate in self.gates.values())


YES = st.tuples(st.just("yes"), st.sampled_from("ab"))
REPORT = st.tuples(st.just("report"), st.sampled_from("ab"), st.booleans(), st.booleans())
WAIT = st.tuples(st.just("wait"), st.sampled_from((1, LASTS)))


def play(world: World, steps: list[tuple[object, ...]]) -> None:
    for step in steps:
        match step:
            case ("yes", str(gate)):
                world.host_agrees(gate)
            case ("report", str(gate), bool(arrives), bool(answered)):
                world.reports(gate, arrives=arrives, answered=answered)
            case ("wait", int(seconds)):
                world.at += timedelta(seconds=seconds)
            case _:
                raise AssertionError(step)


@given(limit=st.integers(1, 3), steps=st.lists(YES | REPORT | WAIT, max_size=40))
def test_a_pass_never_opens_more_often_than_it_may_whatever_is_lost(limit: int, steps: list[tuple[object, ...]]) -> None:
    world = World(limit)
    play(world, steps)
    assert world.opened <= limit


@given(limit=st.integers(1, 3), steps=st.lists(YES | REPORT | WAIT, max_size=20))
def test_once_the_network_is_whole_again_every_use_that_is_left_opens(limit: int, steps: list[tuple[object, ...]]) -> None:
    world = World(limit)
    play(world, steps)
    for gate in "ab" * (2 * limit + 10):
        world.at += timedelta(seconds=LASTS)
        world.reports("a")
        world.reports("b")
        world.host_agrees(gate)
        world.reports(gate)
    assert world.opened == limit


YES_A, YES_B, REPORT_A, REPORT_B, WAITS = ("yes", "a"), ("yes", "b"), ("report", "a", True, True), ("report", "b", True, True), ("wait", LASTS)
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
    assert (world.opened, world.gates["b"].log) == (limit, [])


def test_what_was_never_carried_out_is_promised_again_once_its_controller_told() -> None:
    world = World(1)
    play(world, [("yes", "a"), ("report", "a", True, False), ("wait", LASTS), ("report", "a", True, True), ("yes", "b"), ("report", "b", True, True)])
    assert (world.gates["a"].log, world.gates["b"].log) == ([], ["2"])


@pytest.mark.parametrize(("uses", "controllers"), [(None, "ab"), (1, "a")])
def test_a_pass_without_limit_or_of_one_controller_waits_for_no_other(uses: int | None, controllers: str) -> None:
    assert may_promise(uses, 0, [Promise("1", "a", START)] * 5, controllers)
