"""When a live source counts as stalled or dead, and when it is opened again. Pure: no clock, no I/O, no randomness.

``advance`` folds one event into the course of a source and says what to do. The clock's instants and the chance that
spreads the delays come with the call.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from consentry.video.model import SourceState

__all__ = ["Action", "Course", "Ended", "Event", "Patience", "Picture", "Tick", "advance", "begin", "retry_delay"]


class Action(StrEnum):
    """What the owner of the capture process has to do after an event."""

    NONE = "none"
    OPEN = "open"
    KILL = "kill"


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for what, in seconds."""

    stalled_after_s: float = 2.0
    dead_after_s: float = 4.5
    first_picture_s: float = 10.0
    sustained_s: float = 10.0
    first_delay_s: float = 1.0
    longest_delay_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Tick:
    """Time passed."""

    now: float


@dataclass(frozen=True, slots=True)
class Picture:
    """A frame was decoded."""

    now: float


@dataclass(frozen=True, slots=True)
class Ended:
    """The capture process stopped by itself; ``final`` when trying again cannot help."""

    now: float
    reason: str
    final: bool = False


Event = Tick | Picture | Ended


@dataclass(frozen=True, slots=True)
class Course:
    """Where a live source stands.

    ``failures`` counts the connections lost since frames were last sustained; ``run_started_at`` is the instant since
    which frames have come without a stall; ``trouble`` is why the last connection was lost. Instants are seconds on one monotonic clock.
    """

    state: SourceState
    reason: str
    retry_at: float
    trouble: str = ""
    opened_at: float = 0.0
    last_picture_at: float | None = None
    run_started_at: float = 0.0
    failures: int = 0
    opens: int = 0

    @property
    def connected(self) -> bool:
        """Whether a capture process is running."""
        return self.state in {SourceState.CONNECTING, SourceState.LIVE, SourceState.STALLED}


def begin(now: float) -> Course:
    """Return the course of a source that is to be opened at the next tick."""
    return Course(SourceState.WAITING, "not opened yet", retry_at=now)


def advance(course: Course, event: Event, chance: float, patience: Patience) -> tuple[Course, Action]:
    """Return the course after ``event`` and what to do; ``chance`` in [0, 1) spreads the retry delay."""
    if not course.connected:
        return _reopen_when_due(course, event)
    match event:
        case Picture(now):
            return _pictured(course, now, patience), Action.NONE
        case Ended(now, reason, final):
            return _failed(course, reason) if final else _lost(course, now, reason, chance, patience)
        case Tick(now):
            return _watched(course, now, chance, patience)


def retry_delay(failures: int, chance: float, patience: Patience) -> float:
    """Return the seconds before the next try: doubling, bounded, spread over the upper half so that cameras do not come back in step."""
    ceiling = min(patience.longest_delay_s, patience.first_delay_s * 2.0 ** min(failures - 1, 60))
    return ceiling * (0.5 + chance / 2)


def _reopen_when_due(course: Course, event: Event) -> tuple[Course, Action]:
    if course.state is not SourceState.WAITING or not isinstance(event, Tick) or event.now < course.retry_at:
        return course, Action.NONE
    reason = f"opening the source again after: {course.trouble}" if course.trouble else "opening the source"
    opened = replace(course, state=SourceState.CONNECTING, reason=reason, opened_at=event.now, last_picture_at=None, opens=course.opens + 1)
    return opened, Action.OPEN


def _pictured(course: Course, now: float, patience: Patience) -> Course:
    unbroken = course.state is SourceState.LIVE and course.last_picture_at is not None and now - course.last_picture_at < patience.stalled_after_s
    run_started_at = course.run_started_at if unbroken else now
    failures = 0 if now - run_started_at >= patience.sustained_s else course.failures
    return replace(course, state=SourceState.LIVE, reason="pictures arrive", last_picture_at=now, run_started_at=run_started_at, failures=failures)


def _watched(course: Course, now: float, chance: float, patience: Patience) -> tuple[Course, Action]:
    if course.last_picture_at is None:
        return _watched_before_first(course, now, chance, patience)
    silence = now - course.last_picture_at
    if silence >= patience.dead_after_s:
        return _lost(course, now, f"no picture for {silence:.1f} s", chance, patience)
    if silence >= patience.stalled_after_s:
        return _stalled(course, f"no picture for {silence:.1f} s"), Action.NONE
    return course, Action.NONE


def _watched_before_first(course: Course, now: float, chance: float, patience: Patience) -> tuple[Course, Action]:
    silence = now - course.opened_at
    if silence >= patience.first_picture_s:
        return _lost(course, now, f"no first picture within {patience.first_picture_s:.0f} s", chance, patience)
    if silence >= patience.dead_after_s:
        return _stalled(course, f"no first picture after {silence:.1f} s"), Action.NONE
    return course, Action.NONE


def _stalled(course: Course, reason: str) -> Course:
    return replace(course, state=SourceState.STALLED, reason=reason)


def _failed(course: Course, reason: str) -> tuple[Course, Action]:
    return replace(course, state=SourceState.FAILED, reason=reason), Action.KILL


def _lost(course: Course, now: float, reason: str, chance: float, patience: Patience) -> tuple[Course, Action]:
    failures = course.failures + 1
    delay = retry_delay(failures, chance, patience)
    words = f"{reason}; trying again in {delay:.1f} s"
    return replace(course, state=SourceState.WAITING, reason=words, trouble=reason, retry_at=now + delay, failures=failures), Action.KILL
