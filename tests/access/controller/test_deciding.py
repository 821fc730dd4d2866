"""Decisions beside the door: what they cost tells nothing, refusals keep nobody else out, and a clock in doubt lets nobody in who may not pass."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from consentry.access.controller.clock import ClockMemory
from consentry.access.controller.journal import Bounds, Journal
from consentry.access.happenings import PassEvent
from consentry.access.model import AccessEvent, Person, ReaderKind, Schedule, Span
from consentry.access.presence import presence
from consentry.access.proving import CardShown, CodeShown, PinShown
from tests.access.controller.playground import snapshot
from tests.access.controller.refusals import REFUSED, STRANGER, calls, refusing
from tests.access.controller.stand import stand, with_gate
from tests.access.proofs.house import DURESS, NOW, UID, UNIT, house

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from consentry.access.controller.sync_text import Chained, Happening
    from consentry.access.model import Snapshot
    from tests.access.controller.stand import Stand


class Rows:
    """Counts what each decision writes: events, and rows of state."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.counted: list[tuple[int, int]] = []
        write = Journal.write

        def counting(journal: Journal, events: Sequence[Happening], changes: Mapping[str, str | None] | None = None) -> tuple[Chained, ...]:
            changes = changes or {}
            self.counted.append((len(events), len(changes)))
            return write(journal, events, changes)

        monkeypatch.setattr(Journal, "write", counting)


@pytest.fixture
def nobody_may_pass(tmp_path: Path) -> Iterator[Stand]:
    policy = snapshot()
    found = stand(tmp_path, replace(policy, policy=replace(policy.policy, rules=())))
    with closing(found.decider.journal):
        yield found


def test_a_card_without_rights_and_one_that_nobody_has_are_refused_with_as_many_writes(nobody_may_pass: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    rows, decider = Rows(monkeypatch), nobody_may_pass.decider
    reasons = [decider.show(CardShown("gate", "uid", uid)).reason for uid in (UID, STRANGER, UID, STRANGER)]
    assert reasons == [AccessEvent.DENIED_POINT_NO_ACCESS_RIGHTS, AccessEvent.DENIED_UNKNOWN_CREDENTIAL] * 2
    assert len(rows.counted) == 4
    assert set(rows.counted) == {(1, 2)}, "the event, the clock, and one row about the reader"


@pytest.mark.parametrize("reason", REFUSED)
@pytest.mark.parametrize("failures", [0, 5], ids=["at once", "while the reader waits"])
def test_a_card_that_is_refused_costs_as_much_work_as_one_that_nobody_has(tmp_path: Path, reason: AccessEvent, failures: int) -> None:
    found = stand(tmp_path, refusing(reason))
    with closing(found.decider.journal):
        *_, last = [found.decider.show(CardShown("gate", "uid", uid)).reason for uid in (UID, *[STRANGER] * (failures or 1), UID)]
        assert last is (AccessEvent.DENIED_LOCKOUT if failures else reason)
        known = calls(lambda: found.decider.show(CardShown("gate", "uid", UID)))
        unknown = calls(lambda: found.decider.show(CardShown("gate", "uid", STRANGER)))
    # Its event has two names more, it may wait itself, and it is found: nothing else may differ.
    assert known.total() > 300
    assert (known - unknown).total() <= 9, known - unknown
    assert (unknown - known).total() <= 2, unknown - known


@pytest.mark.parametrize("reason", REFUSED)
def test_a_card_that_is_refused_leaves_rows_as_long_as_one_that_nobody_has(tmp_path: Path, reason: AccessEvent) -> None:
    found = stand(tmp_path, refusing(reason))
    with closing(found.decider.journal):
        for uid in (UID, STRANGER) * 5:
            found.decider.show(CardShown("gate", "uid", uid))
    with closing(sqlite3.connect(tmp_path / "journal.db")) as database:
        texts = "kind || coalesce(person, '') || coalesce(credential, '') || reports"
        events = database.execute(f"SELECT DISTINCT length({texts}) FROM event WHERE kind LIKE 'denied-%'").fetchall()  # noqa: S608 - as it stands here
        rows = database.execute("SELECT length(name || value) FROM kept WHERE name LIKE 'tri%'").fetchall()
    assert len(events) == 1
    assert len(rows) == 2
    assert len(set(rows)) == 1


def test_a_row_about_refusals_is_as_long_whatever_it_says_of_them(nobody_may_pass: Stand, tmp_path: Path) -> None:
    said, lengths = set[str](), set[int]()
    for uid in (UID, STRANGER) * 7:
        nobody_may_pass.decider.show(CardShown("gate", "uid", uid))
        with closing(sqlite3.connect(tmp_path / "journal.db")) as database:
            rows = dict(database.execute("SELECT name, value FROM kept WHERE name LIKE 'tri%'").fetchall())
        said |= {text.rstrip() for text in rows.values()}
        lengths |= {len(name + text) for name, text in rows.items()}
    assert len({len(text) for text in said}) > 1, "some tell of a wait, and some of none"
    assert len(lengths) == 1


def test_what_is_refused_without_a_failure_counts_for_no_lock_out(nobody_may_pass: Stand) -> None:
    decider = nobody_may_pass.decider
    for _ in range(6):
        assert decider.show(CardShown("gate", "uid", UID)).reason is AccessEvent.DENIED_POINT_NO_ACCESS_RIGHTS
    assert not decider.state.tries


def at_hours(*spans: Span) -> Snapshot:
    """Return the house's snapshot whose residents may pass at some hours (UTC) only."""
    found = snapshot()
    policy = replace(
        found.policy, zone="UTC", schedules=(Schedule("hours", (spans,) * 7),), rules=tuple(replace(one, schedule="hours") for one in found.policy.rules)
    )
    return replace(found, policy=policy)


@pytest.mark.parametrize("opens", [NOW.hour, NOW.hour + 8])
def test_after_a_jump_forward_nobody_passes_whose_hours_are_only_of_one_of_the_times(tmp_path: Path, opens: int) -> None:
    found = stand(tmp_path, at_hours(Span(60 * opens, 60 * opens + 60)))
    with closing(found.decider.journal):
        found.clock.advance(timedelta(hours=8))
        assert found.decider.show(CardShown("gate", "uid", UID)).reason is AccessEvent.DENIED_OUT_OF_TIME_RANGE
        found.decider.heard_time(NOW)
        assert found.decider.show(CardShown("gate", "uid", UID)).granted is (opens == NOW.hour)


@pytest.mark.parametrize("opens", [NOW.hour, NOW.hour + 8])
def test_without_a_server_a_person_says_which_time_it_is(tmp_path: Path, opens: int) -> None:
    found = stand(tmp_path, at_hours(Span(60 * opens, 60 * opens + 60)))
    with closing(found.decider.journal):
        found.clock.advance(timedelta(hours=8))
        assert found.decider.show(CardShown("gate", "uid", UID)).reason is AccessEvent.DENIED_OUT_OF_TIME_RANGE
        found.decider.clock_is_right()
        assert found.decider.show(CardShown("gate", "uid", UID)).granted is (opens == NOW.hour + 8)
        assert found.kinds().count("clock-jump") == 2


def off_for(found: Stand, off: timedelta) -> None:
    """Let the machine be off while its battery keeps the clock, and begin anew."""
    found.decider.now()
    kept = found.decider.memory.counts()
    found.clock.advance(off)
    found.decider.memory = ClockMemory(found.clock, lambda: found.seconds, datetime.fromtimestamp(0, UTC), boot="after")
    found.decider.memory.resume(kept)
    found.settle()
    found.doorways.start()


@pytest.mark.parametrize(("off", "told"), [(timedelta(hours=6), ["started", "clock-jump"]), (timedelta(seconds=50), ["started"])])
def test_a_start_whose_time_is_in_doubt_is_written_down_and_shown_until_a_person_says_that_the_clock_is_right(
    tmp_path: Path, off: timedelta, told: list[str]
) -> None:
    opens = NOW + off
    found = stand(tmp_path, at_hours(Span(60 * opens.hour, 60 * opens.hour + 60)))
    with closing(found.decider.journal):
        assert not found.doorways.standing().clock_in_doubt
        off_for(found, off)
        in_doubt = "clock-jump" in told
        assert found.kinds() == told
        assert found.doorways.standing().clock_in_doubt is in_doubt
        assert found.decider.show(CardShown("gate", "uid", UID)).granted is not in_doubt
        found.decider.clock_is_right()
        assert not found.doorways.standing().clock_in_doubt
        assert found.decider.show(CardShown("gate", "uid", UID)).granted


def test_a_clock_that_was_set_while_the_controller_was_off_is_told_once(tmp_path: Path) -> None:
    found = stand(tmp_path)
    with closing(found.decider.journal):
        off_for(found, -timedelta(hours=6))
        found.passes(5)
        assert found.kinds() == ["started", "clock-jump"]


def test_a_clock_before_what_the_server_signed_is_not_right_whoever_says_so(tmp_path: Path) -> None:
    found = stand(tmp_path)
    with closing(found.decider.journal):
        found.clock.advance(-timedelta(days=40))
        found.decider.clock_is_right()
        assert found.decider.now() == found.decider.compiled.snapshot.issued


def test_after_a_jump_forward_whoever_may_always_pass_still_does(tmp_path: Path) -> None:
    found = stand(tmp_path)
    with closing(found.decider.journal):
        found.clock.advance(timedelta(hours=1))
        assert found.decider.show(CardShown("gate", "uid", UID)).granted
        assert found.kinds() == ["clock-jump", "granted"]


def test_whoever_tries_on_and_on_keeps_nobody_out_and_hides_no_forced_door(tmp_path: Path) -> None:
    found = stand(tmp_path, with_gate(readers=(ReaderKind.CARD,)), bounds=Bounds(events=100, spared=10, ballast=4096))
    with closing(found.decider.journal):
        for _ in range(130):
            found.decider.show(CardShown("gate", "uid", STRANGER))
        assert found.decider.journal.lost == 110
        found.contact(opened=True)
        found.contact(opened=False)
        found.card()
        assert found.unlocked()
        assert found.kinds()[20:] == ["events-lost", "forced-open", "closed", "granted"]


def test_a_refused_alarm_of_duress_is_written_however_many_refusals_there_were(tmp_path: Path) -> None:
    closed = with_gate(readers=(ReaderKind.CARD, ReaderKind.PIN))
    found = stand(tmp_path, replace(closed, policy=replace(closed.policy, rules=())), Bounds(events=20, spared=10, ballast=4096))
    with closing(found.decider.journal) as journal:
        for _ in range(8):
            found.decider.show(CardShown("gate", "uid", UID))
        found.decider.show(PinShown("gate", UNIT, DURESS))
        (*_, last) = journal.pending(20)
    assert (last.event.kind, last.event.reports) == (AccessEvent.DENIED_POINT_NO_ACCESS_RIGHTS, (AccessEvent.DURESS,))


def test_a_lock_out_is_written_down_once_however_often_somebody_tries(tmp_path: Path) -> None:
    found = stand(tmp_path, with_gate(readers=(ReaderKind.CARD, ReaderKind.QR)))
    with closing(found.decider.journal):
        answers = [found.decider.show(CardShown("gate", "uid", STRANGER)).reason for _ in range(20)]
        assert answers[5:] == [AccessEvent.DENIED_LOCKOUT] * 15
        assert found.kinds() == ["denied-unknown-credential"] * 5 + ["denied-lockout"]
        assert found.decider.journal.lost == 0


def test_of_two_people_who_are_let_in_together_both_are_in_the_journal_and_on_the_roll(tmp_path: Path) -> None:
    strangers = replace(with_gate(two_people_s=20.0), people=(Person("resident", ("residents",)), Person("guest", ("guests",))))
    found = stand(tmp_path, strangers)
    with closing(found.decider.journal) as journal:
        found.decider.show(CardShown("gate", "uid", UID))
        found.passes(2)
        assert found.decider.show(CodeShown("gate", house().guest_shown())).granted
        told = [one.event for one in journal.pending(10)]
    entries = [(one.reader, one.credential) for one in told if one.kind is AccessEvent.GRANTED]
    assert entries == [(ReaderKind.CARD, "card"), (ReaderKind.QR, "guest")]
    events = [PassEvent(one.seq, "main", one.at, one.kind, one.door, one.reader, one.person, one.credential, (), one.took_ms, one.at) for one in told]
    roll = presence(events, {"gate": "inside"}).areas["inside"]
    assert len({one.person for one in roll}) == 2
