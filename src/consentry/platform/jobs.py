"""What a site does by itself, again and again: named jobs, one after the other in one thread of their own.

A job that fails is logged, counted and tried again when it is due next; it never stops the others. All jobs are short: one that waits for a
network has a time limit of its own.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from consentry.platform.metrics import Measure, Reading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime, timedelta

    from consentry.platform.metrics import Metrics
    from consentry.platform.site import Site

__all__ = ["Job", "JobState", "Jobs", "measure_jobs"]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """A thing to do: at start, and then ``every`` so often, counted from the beginning of each run."""

    name: str
    every: timedelta
    run: Callable[[Site], object] = field(repr=False)


@dataclass(frozen=True, slots=True)
class JobState:
    """How a job fares. ``error`` is what the last run failed with, None where it did not; ``failures`` counts since start."""

    name: str
    every: timedelta
    started: datetime | None = None
    succeeded: datetime | None = None
    error: str | None = None
    failures: int = 0

    def lag_s(self, now: datetime, since: datetime) -> float:
        """Return how many seconds later than planned the next success is, at least 0; ``since`` is when the jobs began."""
        return max(0.0, (now - (self.succeeded or since) - self.every).total_seconds())


class Jobs:
    """Runs jobs on a site until it is told to stop.

    ``beat`` tells seconds that never run backwards: a clock that was set back delays no job.
    """

    def __init__(self, site: Site, jobs: Sequence[Job], beat: Callable[[], float] = time.monotonic) -> None:
        """Take the jobs; their names differ."""
        self._site = site
        self._beat = beat
        self._jobs = {job.name: job for job in jobs}
        if len(self._jobs) != len(jobs):
            msg = f"two jobs of one name: {sorted(job.name for job in jobs)}"
            raise ValueError(msg)
        self._due = dict.fromkeys(self._jobs, beat())
        self._states = {job.name: JobState(job.name, job.every) for job in jobs}
        self._since = site.clock.now()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="jobs", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self, patience_s: float) -> bool:
        """Start no more jobs, wait for the running one, and return whether it ended in time."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(patience_s)
        return not self._thread.is_alive()

    def states(self) -> list[JobState]:
        """Return how every job fares, in the order given."""
        return list(self._states.values())

    def lags_s(self) -> dict[str, float]:
        """Return how many seconds each job is late."""
        now = self._site.clock.now()
        return {state.name: state.lag_s(now, self._since) for state in self.states()}

    def run_due(self) -> float:
        """Run every job that is due now, and return the seconds until the next one is."""
        for name, job in self._jobs.items():
            now = self._beat()
            if self._due[name] <= now and not self._stopping.is_set():
                self._due[name] = now + job.every.total_seconds()
                self._run_one(job)
        return max(0.0, min(self._due.values(), default=0.0) - self._beat())

    def _run(self) -> None:
        while not self._stopping.wait(self.run_due()):
            pass

    def _run_one(self, job: Job) -> None:
        state = replace(self._states[job.name], started=self._site.clock.now())
        try:
            job.run(self._site)
        except Exception as error:
            log.exception("job %s failed", job.name)
            self._states[job.name] = replace(state, error=f"{type(error).__name__}: {error}", failures=state.failures + 1)
        else:
            self._states[job.name] = replace(state, succeeded=self._site.clock.now(), error=None)


def measure_jobs(metrics: Metrics, jobs: Jobs) -> None:
    """Show in ``metrics`` when each job last succeeded, how often it failed and how late it is."""

    def each(value: Callable[[JobState], float | None]) -> Callable[[], Iterator[Reading]]:
        return lambda: (Reading((state.name,), found) for state in jobs.states() if (found := value(state)) is not None)

    def lags() -> Iterable[Reading]:
        return [Reading((name,), lag) for name, lag in jobs.lags_s().items()]

    label = ("job",)
    succeeded = each(lambda state: state.succeeded.timestamp() if state.succeeded else None)
    metrics.add(Measure("consentry_job_last_success_timestamp_seconds", "When the job last succeeded.", label, succeeded))
    metrics.add(Measure("consentry_job_failures", "Runs of the job that failed since start.", label, each(lambda state: state.failures)))
    metrics.add(Measure("consentry_job_lag_seconds", "How much later than planned the job's next success is.", label, lags))
