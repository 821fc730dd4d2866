"""The journal of a controller: a chain without gaps, bounded, durable together with the state, and honest about what it lost."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consentry.access.controller.journal import Bounds, Journal, open_journal
from consentry.access.controller.sync_text import GENESIS, Happening, event_hash
from consentry.access.model import AccessEvent, DoorEvent, ReaderKind
from consentry.platform.errors import RecordsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
SMALL = Bounds(events=20, spared=4, ballast=8192)


def granted(minute: int = 0) -> Happening:
    return Happening(0, NOON + timedelta(minutes=minute), AccessEvent.GRANTED, "gate", ReaderKind.PIN, "p1", "c1", (AccessEvent.DURESS,), 420, "o1")


def forced() -> Happening:
    return Happening(0, NOON, DoorEvent.FORCED_OPEN, "gate")


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Callable[[], Journal]]:
    journals: list[Journal] = []

    def reopen() -> Journal:
        while journals:
            journals.pop().close()
        journals.append(open_journal(tmp_path / "journal.db", SMALL))
        return journals[-1]

    yield reopen
    for journal in journals:
        journal.close()


def test_what_was_written_is_read_back_whole_with_its_state_after_a_restart(opened: Callable[[], Journal]) -> None:
    journal = opened()
    written = journal.write([granted(), forced()], {"uses/c1": "1", "gone": "x"})
    journal.write([granted(1)], {"gone": None})
    again = opened()
    assert again.pending(10)[:2] == written
    assert (again.last, again.kept("uses/c1"), again.kept("gone"), again.kept_under("uses/")) == (3, "1", None, {"uses/c1": "1"})


@settings(max_examples=15)
@given(counts=st.lists(st.integers(1, 4), max_size=6))
def test_events_count_from_one_without_gaps_and_each_follows_the_hash_of_the_one_before(counts: list[int], tmp_path_factory: pytest.TempPathFactory) -> None:
    with closing(open_journal(tmp_path_factory.mktemp("chain") / "journal.db")) as journal:
        for count in counts:
            journal.write([granted(minute) for minute in range(count)])
        before = GENESIS
        for number, one in enumerate(journal.pending(100), start=1):
            assert (one.event.seq, one.before, one.hash) == (number, before, event_hash(before, one.event))
            before = one.hash
        assert journal.last == sum(counts)


def test_acknowledged_events_are_not_sent_again_and_a_server_that_was_restored_gets_them_again(opened: Callable[[], Journal]) -> None:
    journal = opened()
    journal.write([granted(minute) for minute in range(5)])
    journal.acknowledge(3)
    assert [one.event.seq for one in journal.pending(10)] == [4, 5]
    journal.acknowledge(1)
    assert [one.event.seq for one in opened().pending(10)] == [2, 3, 4, 5]


@pytest.mark.parametrize(("said", "believed"), [(99, 5), (-3, 0)])
def test_no_acknowledgement_goes_beyond_what_there_is(opened: Callable[[], Journal], said: int, believed: int) -> None:
    journal = opened()
    journal.write([granted(minute) for minute in range(5)])
    journal.acknowledge(said)
    assert journal.acknowledged == believed


def test_when_it_is_full_the_oldest_acknowledged_events_go_and_no_other(opened: Callable[[], Journal]) -> None:
    journal = opened()
    journal.write([granted(minute) for minute in range(16)])
    journal.acknowledge(2)
    journal.write([granted(), granted()])
    with pytest.raises(RecordsError) as refused:
        journal.write([granted()], {"uses/c1": "9"})
    assert (refused.value.code, journal.kept("uses/c1"), journal.last) == ("door.journal-full", None, 18)
    assert [one.event.seq for one in journal.pending(100)] == list(range(3, 19))


def test_what_happens_without_leave_has_places_of_its_own_and_then_is_counted_as_lost_and_told(opened: Callable[[], Journal]) -> None:
    journal = opened()
    journal.write([granted(minute) for minute in range(16)])
    assert [len(journal.note([forced()])) for _ in range(6)] == [1, 1, 1, 1, 0, 0]
    assert (journal.level, journal.lost) == (1.0, 2)
    journal.acknowledge(20)
    assert [one.event.kind for one in journal.note([forced()])] == [DoorEvent.EVENTS_LOST, DoorEvent.FORCED_OPEN]
    assert journal.lost == 0


def refused(minute: int = 0) -> Happening:
    return Happening(0, NOON + timedelta(minutes=minute), AccessEvent.DENIED_UNKNOWN_CREDENTIAL, "gate", ReaderKind.CARD)


def test_refusals_have_a_fifth_of_the_places_and_take_none_of_anybody_else(opened: Callable[[], Journal]) -> None:
    journal = opened()
    for minute in range(30):
        journal.refuse(refused(minute), {"tries/x": str(minute)})
    assert (journal.last, journal.lost, journal.kept("tries/x")) == (4, 26, "29"), "what a refusal counts for is kept all the same"
    assert [one.event.kind for one in journal.write([granted()])] == [DoorEvent.EVENTS_LOST, AccessEvent.GRANTED]
    journal.acknowledge(journal.last)
    journal.refuse(refused())
    assert (journal.last, journal.lost) == (7, 0)


def test_no_refusal_takes_a_spared_place(opened: Callable[[], Journal]) -> None:
    journal = opened()
    journal.write([granted(minute) for minute in range(16)])
    journal.refuse(refused())
    assert (journal.last, journal.lost) == (16, 1)
    assert [len(journal.note([forced()])) for _ in range(3)] == [2, 1, 1]


def test_what_was_lost_is_told_after_a_restart_too(opened: Callable[[], Journal]) -> None:
    journal = opened()
    for minute in range(6):
        journal.refuse(refused(minute))
    journal.write([granted(minute) for minute in range(8)])
    assert journal.lost == 0
    journal.refuse(refused())
    assert opened().lost == 1
    journal = opened()
    journal.note([forced() for _ in range(6)])
    journal.note([forced()])
    assert (journal.lost, opened().lost) == (1, 1)
    journal = opened()
    journal.acknowledge(journal.last)
    assert [one.event.kind for one in journal.note([forced()])] == [DoorEvent.EVENTS_LOST, DoorEvent.FORCED_OPEN]
    assert opened().lost == 0


def test_old_events_are_forgotten_only_where_the_server_holds_them(opened: Callable[[], Journal]) -> None:
    journal = opened()
    journal.write([granted(minute) for minute in range(6)])
    journal.acknowledge(3)
    journal.forget(NOON + timedelta(minutes=2))
    journal.acknowledge(0)
    assert [one.event.seq for one in journal.pending(100)] == [3, 4, 5, 6]
    journal.forget(NOON + timedelta(days=1))
    assert [one.event.seq for one in journal.pending(100)] == [3, 4, 5, 6]


def test_the_chain_goes_on_where_every_event_was_forgotten_but_the_last(opened: Callable[[], Journal]) -> None:
    journal = opened()
    journal.write([granted(minute) for minute in range(3)])
    journal.acknowledge(3)
    journal.forget(NOON + timedelta(days=1))
    (after,) = opened().write([forced()])
    assert after.event.seq == 4


@pytest.mark.parametrize(
    "harm",
    [
        "UPDATE event SET person = 'p2' WHERE seq = 2",
        "UPDATE event SET hash = replace(hash, substr(hash, 1, 1), 'x') WHERE seq = 3",
        "DELETE FROM event WHERE seq = 2",
        "UPDATE event SET kind = 'no-such-kind' WHERE seq = 2",
    ],
)
def test_a_journal_that_somebody_changed_is_refused(opened: Callable[[], Journal], tmp_path: Path, harm: str) -> None:
    opened().write([granted(minute) for minute in range(4)])
    with closing(sqlite3.connect(tmp_path / "journal.db")) as database, database:
        database.execute(harm)
    with pytest.raises(RecordsError) as refused:
        opened()
    assert refused.value.code == "door.journal-damaged"


def test_a_file_that_is_no_journal_is_refused(tmp_path: Path) -> None:
    (tmp_path / "journal.db").write_bytes(b"no database" * 1000)
    with pytest.raises(RecordsError) as refused:
        open_journal(tmp_path / "journal.db")
    assert refused.value.code == "door.journal"


def test_nobody_else_may_read_the_journal(opened: Callable[[], Journal], tmp_path: Path) -> None:
    opened().write([granted()])
    assert {file.stat().st_mode & 0o077 for file in tmp_path.iterdir()} == {0}
