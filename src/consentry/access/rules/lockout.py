"""Lock-out: five failures, then a wait that doubles, for the number or credential that was tried and, up to five minutes, for the reader.

A reader waits only while another one beside it, that is no face reader, works and does not wait: whoever tries numbers at a door locks nobody out of it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from heapq import nsmallest
from typing import TYPE_CHECKING

from consentry.access.model import AccessEvent
from consentry.access.rules.modes import other_ways
from consentry.access.rules.state import Occurrence, Tries

if TYPE_CHECKING:
    from datetime import datetime

    from consentry.access.model import Attempt, Evidence, ReaderKind
    from consentry.access.rules.compiling import Compiled
    from consentry.access.rules.state import State

__all__ = [
    "FAILURES",
    "FIRST_WAIT",
    "GUESSES",
    "LONGEST_READER_WAIT",
    "LONGEST_WAIT",
    "MOST_TRIES",
    "cleared",
    "failed",
    "forgotten",
    "is_locked",
    "lock_end",
    "reader_waits",
]

FAILURES = 5
FIRST_WAIT = timedelta(seconds=60)
LONGEST_WAIT = timedelta(days=1)
"""Where the doubling ends, and how long after its last failure a number is forgotten."""
LONGEST_READER_WAIT = timedelta(minutes=5)
"""A reader serves everybody: one person's failures there must not keep others from it for long."""
_NO_WAIT = timedelta()
_DOUBLINGS = 11
"""After which a minute is longer than a day."""
MOST_TRIES = 4096
"""Numbers that nobody has remembered at once; beyond, the one that failed longest ago and does not wait goes first. Those that somebody has all stay."""
_NUMBER = "number "
GUESSES = frozenset({AccessEvent.DENIED_UNKNOWN_CREDENTIAL, AccessEvent.DENIED_INCORRECT_AUTHENTICATION_FACTOR, AccessEvent.DENIED_REPLAY})
"""What is counted. Somebody whose own card has ended, or who comes at the wrong hour, guesses nothing."""


def is_locked(state: State, attempt: Attempt) -> bool:
    """Tell whether the number or credential that is tried waits."""
    subject = _subject(attempt.evidence)
    return subject is not None and _waits(state, subject, attempt.at)


def reader_waits(compiled: Compiled, state: State, attempt: Attempt) -> bool:
    """Tell whether the reader at which something is tried waits."""
    reader = attempt.evidence.reader
    return _waits(state, _reader(attempt.door, reader), attempt.at) and _others_go_on(compiled, state, attempt.door, reader, attempt.at)


def lock_end(state: State, attempt: Attempt) -> datetime | None:
    """Return when what is tried and the reader at which it is tried wait no more, None where neither waits."""
    keys = _subject(attempt.evidence), _reader(attempt.door, attempt.evidence.reader)
    ends = [one.until for key in keys if key is not None and (one := state.tries.get(key)) is not None and one.until is not None]
    return max((end for end in ends if attempt.at < end), default=None)


def failed(compiled: Compiled, state: State, attempt: Attempt) -> tuple[State, tuple[AccessEvent, ...]]:
    """Return the state after a failure, and ``LOCKOUT_MAX_ATTEMPTS`` where it was the last of five."""
    guessed, reader = _guessed(attempt.evidence), attempt.evidence.reader
    others = _others_go_on(compiled, state, attempt.door, reader, attempt.at)
    longest = {_reader(attempt.door, reader): LONGEST_READER_WAIT if others else _NO_WAIT}
    if guessed is not None:
        longest[guessed] = LONGEST_WAIT
    counted = {key: _counted(state.tries.get(key), attempt, wait) for key, wait in longest.items()}
    full = any(one.failures == 0 for one in counted.values())
    tries = _bounded(compiled, {**state.tries, **counted}, attempt.at)
    return replace(state, tries=tries), (AccessEvent.LOCKOUT_MAX_ATTEMPTS,) if full else ()


def cleared(state: State, attempt: Attempt) -> State:
    """Return the state after somebody proved what they showed: the failures before it count no more. A reader that waits goes on waiting."""
    reader = _reader(attempt.door, attempt.evidence.reader)
    gone = {_subject(attempt.evidence), None if _waits(state, reader, attempt.at) else reader}
    return replace(state, tries={key: one for key, one in state.tries.items() if key not in gone}) if gone & state.tries.keys() else state


def forgotten(state: State, now: datetime) -> tuple[State, tuple[Occurrence, ...]]:
    """Return the state without waits that ended and failures of long ago, and ``LOCKOUT_RELINQUISHED`` for each wait that ended."""
    ended = {key for key, one in state.tries.items() if one.until is not None and one.until <= now}
    old = {key for key, one in state.tries.items() if _is_old(one, now)}
    if not ended | old:
        return state, ()
    told = tuple(Occurrence(state.tries[key].door, now, AccessEvent.LOCKOUT_RELINQUISHED) for key in sorted(ended))
    kept = {key: replace(one, until=None) if key in ended else one for key, one in state.tries.items() if key not in old}
    return replace(state, tries=kept), told


def _guessed(evidence: Evidence) -> str | None:
    """Return the key of what was guessed at: a number, or a credential whose proof was wrong.

    A code that came before was right once: whoever copied it guesses nothing, and must lock nobody out.
    """
    wrong = evidence.fault in GUESSES - {AccessEvent.DENIED_REPLAY}
    return _subject(evidence) if wrong or evidence.number is not None else None


def _subject(evidence: Evidence) -> str | None:
    """Return the key of what was tried. A PIN goes by its number: nobody knows whose it was meant to be."""
    if evidence.number is not None:
        return _NUMBER + evidence.number
    return f"credential {evidence.credential}" if evidence.credential is not None else None


def _reader(door: str, reader: ReaderKind) -> str:
    return f"reader {door} {reader}"


def _waits(state: State, key: str, at: datetime) -> bool:
    tries = state.tries.get(key)
    return tries is not None and tries.until is not None and at < tries.until


def _others_go_on(compiled: Compiled, state: State, door: str, reader: ReaderKind, at: datetime) -> bool:
    return any(other is not reader and not _waits(state, _reader(door, other), at) for other in other_ways(compiled, state, door))


def _counted(before: Tries | None, attempt: Attempt, longest: timedelta) -> Tries:
    """Return the failures with this one; ``longest``: how long a wait may be that comes of them, nothing where there must be none."""
    tries = before if before is not None and not _is_old(before, attempt.at) else Tries(attempt.door, attempt.at)
    if tries.failures + 1 < FAILURES:
        return replace(tries, door=attempt.door, last=attempt.at, failures=tries.failures + 1)
    if not longest:
        return replace(tries, door=attempt.door, last=attempt.at, failures=0)
    wait = min(FIRST_WAIT * 2 ** min(tries.rounds, _DOUBLINGS), longest)
    return Tries(attempt.door, attempt.at, rounds=tries.rounds + 1, until=attempt.at + wait)


def _is_old(tries: Tries, now: datetime) -> bool:
    return now - max(tries.last, tries.until or tries.last) > LONGEST_WAIT


def _bounded(compiled: Compiled, tries: dict[str, Tries], now: datetime) -> dict[str, Tries]:
    """Return the failures without surplus numbers that nobody has: only those can be made up without end."""

    def last(key: str) -> tuple[bool, datetime]:
        until = tries[key].until
        return until is not None and now < until, tries[key].last

    if len(tries) <= MOST_TRIES:
        return tries
    nobodys = [key for key in tries if key.startswith(_NUMBER) and not compiled.numbered(key.removeprefix(_NUMBER))]
    gone = set(nsmallest(max(0, len(nobodys) - MOST_TRIES), nobodys, key=last))
    return {key: one for key, one in tries.items() if key not in gone}
