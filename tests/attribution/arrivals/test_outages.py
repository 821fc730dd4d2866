"""Outages: what the server notices of itself, and what staff log."""

from __future__ import annotations

from datetime import timedelta

import pytest

from consentry.attribution.model import Outage
from consentry.attribution.service import outages
from consentry.attribution.visiting import OutageCause
from consentry.platform.errors import DeniedError, InputError
from tests.attribution.arrivals.reception import FRONT, Reception
from tests.attribution.reports.office import MANAGER, NINE

MINUTE = timedelta(minutes=1)


def spans(reception: Reception) -> list[tuple[float, float]]:
    """Return the outages that the judge reads, in seconds after nine."""
    found = [event for event in reception.events() if isinstance(event, Outage)]
    return [((one.start - NINE).total_seconds(), (one.until - NINE).total_seconds()) for one in found]


def test_a_heartbeat_that_stopped_is_an_outage_until_the_next_one(any_reception: Reception) -> None:
    for seconds in (0, 15, 15, 61, 15, 60):
        any_reception.office.pass_by(seconds=seconds)
        outages.beat(any_reception.site)
    assert spans(any_reception) == [(30.0, 91.0)]
    (act,) = any_reception.office.acts("attribution.outage")
    assert act.details["cause"] == "process"


def test_a_clock_that_was_set_back_hides_no_outage_that_follows(reception: Reception) -> None:
    outages.beat(reception.site)
    reception.office.pass_by(hours=-1)
    outages.beat(reception.site)
    reception.office.pass_by(minutes=10)
    outages.beat(reception.site)
    assert spans(reception) == [(-3600.0, -3000.0)]


def test_staff_log_an_outage_with_a_reason(reception: Reception) -> None:
    reception.office.pass_by(hours=3)
    logged = outages.log_outage(reception.site, MANAGER, NINE, NINE + timedelta(hours=1), "no power in the office")
    assert (logged.cause, logged.by) == (OutageCause.LOGGED, MANAGER.label)
    assert outages.outages(reception.site, MANAGER) == [logged]
    assert spans(reception) == [(0.0, 3600.0)]


@pytest.mark.parametrize(
    ("start", "until"),
    [
        (timedelta(0), timedelta(0)),
        (MINUTE, timedelta(0)),
        (timedelta(0), timedelta(hours=4)),
        (-timedelta(days=8), timedelta(0)),
        (-timedelta(days=40), -timedelta(days=39)),
    ],
    ids=["empty", "backwards", "not-over", "longer-than-a-week", "long-ago"],
)
def test_what_is_no_outage_is_refused(reception: Reception, start: timedelta, until: timedelta) -> None:
    reception.office.pass_by(hours=3)
    with pytest.raises(InputError) as refused:
        outages.log_outage(reception.site, MANAGER, NINE + start, NINE + until, "no power in the office")
    assert refused.value.code == "outage.span"
    assert spans(reception) == []


def test_the_front_desk_logs_no_outage(reception: Reception) -> None:
    with pytest.raises(DeniedError):
        outages.log_outage(reception.site, FRONT, NINE - MINUTE, NINE, "I was late")
