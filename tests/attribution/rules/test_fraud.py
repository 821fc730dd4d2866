"""Signs of manipulation at one contract: what raises them, what does not, and that nobody is scored."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from consentry.attribution.deals import FraudKind
from consentry.attribution.model import Case, Edit, Grade, Link, Report, Signing, Statement, StatementKind, Visit
from consentry.attribution.rules import explain
from consentry.attribution.rules.fraud import Brought, DoorHour, innocent_explanations, signs_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from consentry.attribution.model import Event, Explanation
    from consentry.attribution.rules.fraud import Sign

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
LEAD = 30 * MINUTE
REPORT, VISIT = Report("r", "A", "z", NOON), Visit("v", "z", NOON + HOUR, "r", bound=True)
QUIET = tuple(DoorHour(NOON - hour * HOUR, 10, 8) for hour in range(1, 200))


def explained(*events: Event) -> Explanation:
    return explain(Case(Signing(NOON + timedelta(days=2), ("z",), "deal"), events))


def kinds(signs: Sequence[Sign]) -> list[FraudKind]:
    return [sign.kind for sign in signs]


@pytest.mark.parametrize(
    ("events", "wanted"),
    [
        ((REPORT, VISIT), []),
        ((Visit("first", "z", NOON - HOUR), REPORT, VISIT), [FraudKind.WASHING]),
        ((REPORT, VISIT, Edit("v", "report", None, NOON + 2 * HOUR, "e")), [FraudKind.RELABELLING]),
        ((REPORT, VISIT, Edit("v", "party_size", 3, NOON + 2 * HOUR, "e")), []),
        ((REPORT, Visit("v", "z", NOON + 3 * HOUR, "r", bound=True, claimed_at=NOON + HOUR)), [FraudKind.RELABELLING]),
        ((REPORT, Visit("v", "z", NOON + 3 * HOUR, "r", bound=True, claimed_at=NOON + 2 * HOUR)), []),
        ((REPORT, Visit("v", "z", NOON + 20 * MINUTE, "r", bound=True)), [FraudKind.INTERCEPTION]),
        ((REPORT, VISIT, Statement("z", StatementKind.EARLIER_VISIT, NOON + HOUR, credible=True, id="s")), [FraudKind.CONCEALMENT]),
        ((REPORT, VISIT, Link("z", "y", "id", Grade.TWO_SIDED, NOON, "l")), [FraudKind.CHANGED_NUMBER]),
    ],
)
def test_a_case_shows_what_it_shows(events: tuple[Event, ...], wanted: list[FraudKind]) -> None:
    assert kinds(signs_of(explained(*events), (), (), LEAD)) == wanted


@pytest.mark.parametrize(("minutes", "visits", "wanted"), [(45, 3, [FraudKind.INTERCEPTION]), (46, 3, []), (45, 2, [])])
def test_three_visits_of_an_agency_that_barely_kept_the_lead_are_a_cluster(minutes: int, visits: int, wanted: list[FraudKind]) -> None:
    same_day = [Brought("A", minutes * MINUTE)] * visits + [Brought("B", MINUTE)] * 9
    assert kinds(signs_of(explained(REPORT, VISIT), same_day, (), LEAD)) == wanted


def test_an_hour_before_the_report_in_which_far_more_came_in_than_were_recorded_stands_out() -> None:
    hours = (*QUIET, DoorHour(NOON - HOUR, 30, 4))
    (sign,) = signs_of(explained(REPORT, VISIT), (), hours, LEAD)
    assert (sign.kind, sign.common) == (FraudKind.CONCEALMENT, (1, 200))
    assert sign.saw == {"hour": "2026-03-01T11:00:00+00:00", "entered": 30, "recorded": 4}


@pytest.mark.parametrize(
    "hours",
    [
        (),
        QUIET,
        (*QUIET, DoorHour(NOON - 25 * HOUR, 30, 4)),
        (*QUIET, DoorHour(NOON + HOUR, 30, 4)),
        tuple(DoorHour(NOON - hour * HOUR, 30, 4) for hour in range(1, 200)),
        (*(DoorHour(hour.start, 4, 4) for hour in QUIET), DoorHour(NOON - HOUR, 8, 4)),
    ],
    ids=["no door", "as ever", "long before", "after the report", "always so", "too few"],
)
def test_a_door_that_counts_as_it_always_does_says_nothing(hours: tuple[DoorHour, ...]) -> None:
    assert signs_of(explained(REPORT, VISIT), (), hours, LEAD) == []


@pytest.mark.parametrize("kind", FraudKind)
def test_each_sign_has_innocent_explanations_in_both_languages(kind: FraudKind) -> None:
    said = innocent_explanations(kind)
    assert set(said) == {"zh", "en"}
    assert all(len(text) > 10 for text in said.values())
