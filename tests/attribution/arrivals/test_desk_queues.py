"""What desks queued while they were cut off: any order, any repetition and any length leave the same records."""

from __future__ import annotations

import random
import shutil
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consentry.attribution.records.visits import DeskEntryRow
from consentry.platform.database import Database
from tests.attribution.arrivals.reception import Device, Reception
from tests.attribution.reports.office import PHONE, office_on

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from consentry.attribution.visiting import EntryOutcome, SignedEntry


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Callable[[], tuple[Reception, list[SignedEntry], Device]]:
    """Return what makes a reception with the same queue each time: walk-ins, codes, one code twice, returning visitors, entries that cannot be."""
    made = iter(range(10_000))

    def make() -> tuple[Reception, list[SignedEntry], Device]:
        folder = tmp_path_factory.mktemp(f"day-{next(made)}")
        shutil.copyfile(sqlite_template, folder / "main.db")
        reception = Reception(office_on(Database(f"sqlite:///{folder / 'main.db'}"), folder))
        agent, device = reception.office.agent(reception.office.agency()), reception.desk()
        reported = [reception.reported(agent, f"+861380000{number}678") for number in range(1, 4)]
        codes = [reception.code(agent, filed, kept) for filed, kept in reported]
        clock = reception.site.clock.now()
        said: list[dict[str, Any]] = [
            {"alias": "王", "phone": PHONE},
            {"code": codes[0]},
            {"code": codes[1]},
            {"phone": PHONE, "party_size": 2},
            {"code": codes[1]},
            {"code": codes[2].rpartition(".")[0], "phone": reported[2][1].phone},
            {"report": reported[0][0].report},
            {"party_size": 1000},
        ]
        queue = [device.entry(at=clock + timedelta(minutes=minute), **one) for minute, one in enumerate(said)]
        reception.office.pass_by(hours=2)
        return reception, queue, device

    return make


def what_is_recorded(reception: Reception) -> object:
    """Return what is on record, without the ids that chance gave."""
    with reception.site.database.reading() as session:
        entries = {(row.counter, row.code) for row in session.query(DeskEntryRow)}
        by_visit = {row.visit: row.counter for row in session.query(DeskEntryRow) if row.visit}
    person = {visit.person: by_visit[visit.id] for visit in reception.visits()}
    visits = {(by_visit[visit.id], visit.bound, visit.claimed_at, visit.report is None) for visit in reception.visits()}
    joined: dict[str, str] = {}

    def root(one: str) -> str:
        while joined.get(one, one) != one:
            one = joined[one]
        return one

    for link in reception.links():
        joined[root(link.a)] = root(link.b)
    together = Counter(root(one) for one in person)
    groups = {frozenset(counter for one, counter in person.items() if root(one) == found) for found in together}
    return entries, visits, groups


@pytest.mark.usefixtures("cheap_hashes")
@given(st.randoms(use_true_random=False), st.lists(st.integers(0, 7), max_size=6))
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_any_order_and_any_repetition_of_a_queue_leaves_the_same_records(
    day: Callable[[], tuple[Reception, list[SignedEntry], Device]], chance: random.Random, again: list[int]
) -> None:
    plain, queue, device = day()
    device.send(*queue)
    shuffled, other, same = day()
    resent = [*other, *(other[place] for place in again)]
    chance.shuffle(resent)
    answers = same.send(*resent)
    same.send(*chance.sample(other, 3))
    assert what_is_recorded(shuffled) == what_is_recorded(plain)
    by_text: dict[str, set[str | None]] = {}
    for entry, outcome in zip(resent, answers.outcomes, strict=True):
        by_text.setdefault(entry.text, set()).add(outcome.visit or outcome.code)
    assert all(len(found) == 1 for found in by_text.values())


@pytest.mark.usefixtures("cheap_hashes")
@given(st.permutations(range(5)), st.integers(1, 5))
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_a_queue_in_parts_leaves_the_same_records_where_no_code_is_shown_twice(
    day: Callable[[], tuple[Reception, list[SignedEntry], Device]], order: list[int], size: int
) -> None:
    plain, queue, device = day()
    device.send(*[queue[place] for place in range(4)], queue[5])
    parted, other, same = day()
    chosen = [other[place if place < 4 else 5] for place in order]
    for start in range(0, len(chosen), size):
        same.send(*chosen[start : start + size])
    assert what_is_recorded(parted) == what_is_recorded(plain)


def test_a_long_queue_is_reconciled_without_loss_or_duplicate(reception: Reception, desk: Device) -> None:
    queue = [desk.entry(party_size=1 + place % 3) for place in range(150)]
    reception.office.pass_by(hours=3)
    random.Random(7).shuffle(queue)  # noqa: S311 - no secret
    answered: list[EntryOutcome] = []
    for start in range(0, len(queue), 50):
        answered += desk.send(*queue[max(0, start - 20) : start + 50]).outcomes
    assert sorted({outcome.counter or 0 for outcome in answered if outcome.visit}) == list(range(1, 151))
    visits = reception.visits()
    assert len(visits) == len({visit.id for visit in visits}) == 150
