"""Which events of a report are taken, against a plain model: a list of what the controller ever did, and how far the server has it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from consentry.access.chain import rewound, taken
from consentry.access.controller.sync_text import GENESIS, Chained, Happening, Sync, chained
from consentry.access.model import DoorEvent

AT = datetime(2026, 3, 2, 1, tzinfo=UTC)
LENGTH = 12


def chain(length: int = LENGTH) -> list[Chained]:
    found, before = [], GENESIS
    for seq in range(1, length + 1):
        found.append(chained(before, Happening(seq, AT, DoorEvent.OPENED, "front")))
        before = found[-1].hash
    return found


CHAIN = chain()


def report(events: list[Chained], oldest: int = 1) -> Sync:
    return Sync("main", AT, 1, 0, oldest, tuple(events))


@given(st.lists(st.tuples(st.integers(0, LENGTH), st.integers(0, LENGTH)), max_size=30))
def test_whatever_runs_come_in_whatever_order_each_event_is_taken_once_and_in_order(runs: list[tuple[int, int]]) -> None:
    acknowledged, head, held = 0, GENESIS, list[int]()
    for start, length in runs:
        sent = CHAIN[start : start + length]
        added = taken(acknowledged, head, report(sent))
        reaches = start <= acknowledged < start + len(sent)
        assert added.acknowledged == (start + len(sent) if reaches else acknowledged)
        acknowledged, head = added.acknowledged, added.head
        held += [one.event.seq for one in added.events]
        assert (added.lost, added.broken) == (0, None)
    assert held == list(range(1, acknowledged + 1))
    assert head == (CHAIN[acknowledged - 1].hash if acknowledged else GENESIS)


@given(st.integers(0, LENGTH - 1), st.integers(0, LENGTH - 1))
def test_an_event_that_was_changed_and_what_follows_it_are_not_taken(known: int, changed: int) -> None:
    forged = replace(CHAIN[changed], event=replace(CHAIN[changed].event, door="hall"))
    sent = [*CHAIN[:changed], forged, *CHAIN[changed + 1 :]]
    added = taken(known, CHAIN[known - 1].hash if known else GENESIS, report(sent))
    if changed < known:
        assert added.broken is None
        assert added.acknowledged == LENGTH
    else:
        assert added.broken == changed + 1
        assert added.acknowledged == changed


def test_an_event_with_a_hash_of_its_own_making_does_not_fit_the_chain() -> None:
    rewritten = chained(GENESIS, Happening(2, AT, DoorEvent.CLOSED, "front"))
    added = taken(1, CHAIN[0].hash, report([rewritten]))
    assert (added.events, added.broken) == ((), 2)


@pytest.mark.parametrize(("oldest", "sent", "acknowledged", "lost"), [(6, 5, LENGTH, 3), (5, 5, 2, 0), (6, 6, 2, 0), (2, 1, LENGTH, 0), (3, 2, LENGTH, 0)])
def test_only_what_the_controller_itself_no_longer_has_counts_as_lost(oldest: int, sent: int, acknowledged: int, lost: int) -> None:
    added = taken(2, CHAIN[1].hash, report(CHAIN[sent:], oldest))
    assert (added.acknowledged, added.lost) == (acknowledged, lost)


@given(st.integers(1, LENGTH), st.integers(0, LENGTH), st.integers(1, LENGTH))
def test_what_is_held_and_comes_again_otherwise_stops_everything(known: int, put_back: int, more: int) -> None:
    assume(put_back < known)
    held = {one.event.seq: one.hash for one in CHAIN[:known]}
    sent, before = CHAIN[:put_back], CHAIN[put_back - 1].hash if put_back else GENESIS
    for seq in range(put_back + 1, put_back + more + 1):
        sent.append(chained(before, Happening(seq, AT, DoorEvent.CLOSED, "hall")))
        before = sent[-1].hash
    added = taken(known, CHAIN[known - 1].hash, report(sent), held)
    assert (added.events, added.acknowledged, added.answered) == ((), known, put_back)
    assert added.broken == put_back + 1
    assert f"event {put_back + 1} " in added.fault


def test_what_is_held_and_comes_again_as_it_was_is_passed_over() -> None:
    held = {one.event.seq: one.hash for one in CHAIN[:5]}
    added = taken(5, CHAIN[4].hash, report(CHAIN), held)
    assert (added.acknowledged, added.answered, len(added.events), added.fault) == (LENGTH, LENGTH, LENGTH - 5, "")


def test_of_a_report_whose_counter_came_before_nothing_is_taken() -> None:
    added = rewound(3, CHAIN[2].hash, report(CHAIN))
    assert (added.events, added.answered, "counter 1 " in added.fault) == ((), 3, True)
