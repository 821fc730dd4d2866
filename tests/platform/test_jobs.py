"""Jobs: each runs when it is due, one that fails stops no other, and all of them end when they are told to."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentry.platform.clock import FixedClock
from consentry.platform.jobs import Job, Jobs, JobState, measure_jobs
from consentry.platform.metrics import Metrics
from consentry.platform.site import Site

if TYPE_CHECKING:
    from collections.abc import Callable

START = datetime(2026, 5, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


class Time:
    """A clock and a monotonic counter that go together, or apart when the clock is set."""

    def __init__(self) -> None:
        self.clock = FixedClock(START)
        self.beat = 0.0

    def __call__(self) -> float:
        return self.beat

    def advance(self, seconds: float) -> None:
        self.beat += seconds
        self.clock.advance(timedelta(seconds=seconds))


@pytest.fixture
def time() -> Time:
    return Time()


def site_at(time: Time) -> Site:
    """Return a site of which these jobs use the clock alone."""
    nothing: Any = None
    return Site(nothing, nothing, nothing, time.clock)


def noting(done: list[str], name: str) -> Callable[[Site], None]:
    return lambda _: done.append(name)


def failing(_: Site) -> None:
    raise OSError("no network")


def test_every_job_runs_at_start_and_then_as_often_as_it_says(time: Time) -> None:
    done: list[str] = []
    jobs = Jobs(site_at(time), [Job("often", SECOND, noting(done, "often")), Job("seldom", 3 * SECOND, noting(done, "seldom"))], time)
    for _ in range(6):
        jobs.run_due()
        time.advance(1)
    assert done == ["often", "seldom", "often", "often", "often", "seldom", "often", "often"]


def test_it_waits_until_the_next_job_is_due(time: Time) -> None:
    jobs = Jobs(site_at(time), [Job("a", 2 * SECOND, noting([], "a")), Job("b", 5 * SECOND, noting([], "b"))], time)
    assert jobs.run_due() == 2.0
    time.advance(1.5)
    assert jobs.run_due() == 0.5


def test_a_job_that_fails_stops_no_other_and_is_tried_again(time: Time) -> None:
    done: list[str] = []
    jobs = Jobs(site_at(time), [Job("broken", SECOND, failing), Job("sound", SECOND, noting(done, "sound"))], time)
    for _ in range(3):
        jobs.run_due()
        time.advance(1)
    broken, sound = jobs.states()
    assert (broken.failures, broken.error, broken.succeeded, broken.started) == (3, "OSError: no network", None, START + 2 * SECOND)
    assert (sound.failures, sound.error, sound.succeeded) == (0, None, START + 2 * SECOND)
    assert done == ["sound"] * 3


def test_a_success_takes_the_error_away_and_keeps_the_count(time: Time) -> None:
    troubles = [OSError("once")]

    def recovering(_: Site) -> None:
        if troubles:
            raise troubles.pop()

    jobs = Jobs(site_at(time), [Job("recovering", SECOND, recovering)], time)
    jobs.run_due()
    time.advance(1)
    jobs.run_due()
    (state,) = jobs.states()
    assert (state.error, state.failures, state.succeeded) == (None, 1, START + SECOND)


def test_a_clock_that_is_set_back_delays_no_job(time: Time) -> None:
    done: list[str] = []
    jobs = Jobs(site_at(time), [Job("a", SECOND, noting(done, "a"))], time)
    jobs.run_due()
    time.clock.advance(timedelta(days=-1))
    time.beat += 1
    jobs.run_due()
    assert done == ["a", "a"]


@pytest.mark.parametrize(("after_s", "lag"), [(0, 0), (10, 0), (11, 1), (70, 60)])
def test_lag_is_how_much_later_than_planned_the_next_success_is(time: Time, after_s: int, lag: float) -> None:
    jobs = Jobs(site_at(time), [Job("a", 10 * SECOND, noting([], "a")), Job("broken", 10 * SECOND, failing)], time)
    jobs.run_due()
    time.advance(after_s)
    assert jobs.lags_s() == {"a": lag, "broken": lag}


@given(st.integers(-100, 1000), st.integers(1, 100))
def test_lag_is_never_negative(seconds: int, every: int) -> None:
    state = JobState("a", every * SECOND, succeeded=START)
    assert state.lag_s(START + seconds * SECOND, START) == max(0, seconds - every)


def test_two_jobs_of_one_name_are_refused(time: Time) -> None:
    with pytest.raises(ValueError, match="one name"):
        Jobs(site_at(time), [Job("a", SECOND, failing), Job("a", SECOND, failing)], time)


def test_the_thread_runs_jobs_and_ends_when_told(time: Time) -> None:
    ran = threading.Event()
    jobs = Jobs(site_at(time), [Job("a", timedelta(hours=1), lambda _: ran.set())])
    jobs.start()
    assert ran.wait(60)
    assert jobs.stop(60)


def test_a_job_that_does_not_end_is_not_waited_for_without_end(time: Time) -> None:
    entered, leave = threading.Event(), threading.Event()

    def slow(_: Site) -> None:
        entered.set()
        leave.wait(60)

    later: list[str] = []
    jobs = Jobs(site_at(time), [Job("slow", SECOND, slow), Job("later", SECOND, noting(later, "later"))])
    jobs.start()
    assert entered.wait(60)
    assert not jobs.stop(0.01)
    leave.set()
    assert jobs.stop(10)
    assert later == []


def test_metrics_show_each_job_by_its_name_alone(time: Time) -> None:
    metrics = Metrics()
    jobs = Jobs(site_at(time), [Job("sound", SECOND, noting([], "sound")), Job("broken", SECOND, failing)], time)
    measure_jobs(metrics, jobs)
    assert "timestamp_seconds{" not in metrics.text().decode()
    jobs.run_due()
    time.advance(5)
    text = metrics.text().decode()
    assert 'consentry_job_last_success_timestamp_seconds{job="sound"} 1.7776368e+09' in text
    assert 'consentry_job_failures{job="broken"} 1.0' in text
    assert 'consentry_job_lag_seconds{job="sound"} 4.0' in text
    assert "no network" not in text
