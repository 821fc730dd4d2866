"""A code that came once never comes again, over restarts too."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from consentry.access.controller.spent import SpentCodes, spent_codes

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
SOON = NOON + timedelta(seconds=90)


def test_a_code_is_taken_once_and_not_again_after_a_restart() -> None:
    spent = SpentCodes({})
    assert [spent.first_use("a", SOON), spent.first_use("a", SOON), spent.first_use("b", SOON)] == [True, False, True]
    kept = {name: value for name, value in spent.changes.items() if value is not None}
    again = spent_codes(kept)
    assert [again.first_use("a", SOON), again.first_use("c", SOON)] == [False, True]


def test_what_the_journal_kept_is_not_kept_again_and_what_it_did_not_stays_to_be_kept() -> None:
    spent = SpentCodes({})
    spent.first_use("a", SOON)
    kept = dict(spent.changes)
    spent.first_use("b", SOON)
    spent.settle(kept)
    assert len(spent.changes) == 1
    assert not spent.first_use("b", SOON)


def test_a_code_is_remembered_for_a_day_after_it_ended_and_not_for_ever() -> None:
    spent = SpentCodes({})
    spent.first_use("a", SOON)
    spent.drop_ended(SOON + timedelta(hours=23))
    assert not spent.first_use("a", SOON)
    spent.drop_ended(SOON + timedelta(hours=25))
    assert list(spent.changes.values()) == [None]


def test_where_no_more_can_be_remembered_every_code_came_before() -> None:
    spent = SpentCodes({str(number): SOON for number in range(200_000)})
    assert not spent.first_use("new", SOON)


def test_no_part_of_a_code_is_kept() -> None:
    spent = SpentCodes({})
    spent.first_use("pass-17.step-3", SOON)
    assert not any("pass-17" in name for name in spent.changes)
