"""When a process is started, ended and started again. Pure: no clock, no I/O, no randomness.

``advance`` folds one event into the life of a process and says what to do. Instants are seconds on one monotonic clock, and like chance
they come with the call.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

__all__ = ["Action", "Event", "Exited", "Heard", "Life", "Patience", "Renew", "State", "Stop", "Tick", "advance", "begin", "retry_delay"]


class State(StrEnum):
    """Where a process is in its life."""

    WAITING = "waiting"
    RUNNING = "running"
    ENDING = "ending"
    """Asked to end, or killed; it has not yet."""
    STOPPED = "stopped"


class Action(StrEnum):
    """What the supervisor has to do after an event."""

    NONE = "none"
    START = "start"
    TERMINATE = "terminate"
    KILL = "kill"


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for what, in seconds."""

    first_word_s: float = 120.0
    """for the first message: a worker loads libraries and compiles a network"""
    silence_s: float = 30.0
    """between two messages"""
    sustained_s: float = 10.0
    """of messages after which earlier failures are forgotten"""
    ending_s: float = 3.5
    """between asking a process to end and killing it"""
    first_delay_s: float = 0.5
    longest_delay_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Tick:
    """Time passed."""

    now: float


@dataclass(frozen=True, slots=True)
class Heard:
    """The process said something."""

    now: float


@dataclass(frozen=True, slots=True)
class Exited:
    """The process is gone."""

    now: float


@dataclass(frozen=True, slots=True)
class Stop:
    """It is to end for good."""

    now: float


@dataclass(frozen=True, slots=True)
class Renew:
    """It is to end and to be started anew: its order changed, or somebody asked."""

    now: float


Event = Tick | Heard | Exited | Stop | Renew


@dataclass(frozen=True, slots=True)
class Life:
    """Where one process stands. ``until`` is when it is started (waiting), or killed unless it ended by itself (ending).

    ``failures`` counts the ends since messages were last sustained; ``heard_first`` and ``heard`` are when its first and last message came.
    """

    state: State
    until: float = 0.0
    started: float = 0.0
    heard_first: float | None = None
    heard: float | None = None
    failures: int = 0
    wanted: bool = True
    killed: bool = False


def begin(now: float) -> Life:
    """Return the life of a process that is to be started at the next tick."""
    return Life(State.WAITING, until=now)


def advance(life: Life, event: Event, chance: float, patience: Patience) -> tuple[Life, Action]:
    """Return the life after ``event`` and what to do; ``chance`` in [0, 1) spreads the delay before a process is started again."""
    match event:
        case Stop(now):
            return _ended(replace(life, wanted=False), now, patience)
        case Renew(now):
            return _ended(replace(life, failures=0), now, patience)
        case Exited(now):
            return _buried(life, now, chance, patience), Action.NONE
        case Heard(now):
            return _heard(life, now, patience), Action.NONE
        case Tick(now):
            return _watched(life, now, patience)


def retry_delay(failures: int, chance: float, patience: Patience) -> float:
    """Return the seconds before the next start: doubling, bounded, spread over the upper half."""
    ceiling = min(patience.longest_delay_s, patience.first_delay_s * 2.0 ** min(failures - 1, 60))
    return ceiling * (0.5 + chance / 2)


def _ended(life: Life, now: float, patience: Patience) -> tuple[Life, Action]:
    if life.state is State.RUNNING:
        return replace(life, state=State.ENDING, until=now + patience.ending_s), Action.TERMINATE
    if life.state is State.WAITING:
        return replace(life, state=State.WAITING if life.wanted else State.STOPPED, until=now), Action.NONE
    return life, Action.NONE


def _buried(life: Life, now: float, chance: float, patience: Patience) -> Life:
    if not life.wanted:
        return Life(State.STOPPED, wanted=False)
    # One that was asked to end and did has not failed.
    failures = life.failures if life.state is State.ENDING and not life.killed else life.failures + 1
    delay = retry_delay(failures, chance, patience) if failures > life.failures else 0.0
    return Life(State.WAITING, until=now + delay, failures=failures)


def _heard(life: Life, now: float, patience: Patience) -> Life:
    first = now if life.heard_first is None else life.heard_first
    return replace(life, heard_first=first, heard=now, failures=0 if now - first >= patience.sustained_s else life.failures)


def _watched(life: Life, now: float, patience: Patience) -> tuple[Life, Action]:
    if life.state is State.WAITING and now >= life.until:
        return Life(State.RUNNING, started=now, failures=life.failures), Action.START
    if life.state is State.RUNNING and _is_silent(life, now, patience):
        return replace(life, state=State.ENDING, killed=True), Action.KILL
    if life.state is State.ENDING and not life.killed and now >= life.until:
        return replace(life, killed=True), Action.KILL
    return life, Action.NONE


def _is_silent(life: Life, now: float, patience: Patience) -> bool:
    if life.heard is None:
        return now - life.started >= patience.first_word_s
    return now - life.heard >= patience.silence_s
