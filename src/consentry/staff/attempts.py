"""Counts tries to sign in. A try is charged as a failure before it is judged, so that guesses sent at once cannot overtake the count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete

from consentry.platform.errors import TooManyError
from consentry.staff.records import AttemptRow
from consentry.staff.rules import (
    ACCOUNT_LIMIT,
    ADDRESS_LIMIT,
    FORGET_AFTER,
    PAIR_LIMIT,
    SESSION_LIMIT,
    Limit,
    Tally,
    address_group,
    name_key,
    seconds_to_wait,
    tally_failure,
)
from consentry.staff.tokens import Kind, digest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from consentry.platform.keys import SiteKeys
    from consentry.staff.work import UnitOfWork

__all__ = ["Counter", "Counters", "charge", "forget_old", "of_session", "of_sign_in", "refund"]


@dataclass(frozen=True, slots=True)
class Counter:
    """One key under which failures are counted, and its limit."""

    digest: bytes
    limit: Limit


@dataclass(frozen=True, slots=True)
class Counters:
    """What a try counts against. A success clears ``own``, and of ``shared`` takes back only what the success itself had charged."""

    own: tuple[Counter, ...]
    shared: tuple[Counter, ...] = ()


def of_sign_in(keys: SiteKeys, name: str, address: str) -> Counters:
    """Return the counters of signing in as ``name``, known or not, from ``address``."""
    who, where = name_key(name), address_group(address)
    pair = Counter(digest(keys, Kind.PAIR, f"{who}\0{where}"), PAIR_LIMIT)
    account = Counter(digest(keys, Kind.NAME, who), ACCOUNT_LIMIT)
    return Counters((pair, account), (Counter(digest(keys, Kind.ADDRESS, where), ADDRESS_LIMIT),))


def of_session(keys: SiteKeys, session: str) -> Counters:
    """Return the counter of giving the password again in a session, which no stranger can charge."""
    return Counters((Counter(digest(keys, Kind.SESSION, session), SESSION_LIMIT),))


def charge(work: UnitOfWork, counters: Counters) -> bool:
    """Count one failure against every counter, and return whether that brought one of them to its limit.

    Raises:
        TooManyError: ``sign-in.wait``, and nothing is counted.
    """
    every = (*counters.own, *counters.shared)
    tallies = [_tally(work.session, counter) for counter in every]
    wait = max(seconds_to_wait(tally, counter.limit, work.now) for tally, counter in zip(tallies, every, strict=True))
    if wait > 0:
        raise TooManyError("sign-in.wait", "sign-in", "there were too many failures", f"Try again in {wait:.0f} seconds.", retry_after=wait)
    charged = [tally_failure(tally, work.now) for tally in tallies]
    _write(work.session, every, charged)
    return any(tally.failures == counter.limit.free for tally, counter in zip(charged, every, strict=True))


def refund(work: UnitOfWork, counters: Counters, tries: int) -> None:
    """Forget the failures of whoever signed in after ``tries`` charges of their own, but not the rest of what their address did."""
    for counter in counters.own:
        work.session.execute(delete(AttemptRow).where(AttemptRow.digest == counter.digest))
    for counter in counters.shared:
        row = work.session.get(AttemptRow, counter.digest)
        if row is not None:
            row.failures = max(row.failures - tries, 0)


def forget_old(work: UnitOfWork) -> None:
    """Delete what no longer counts."""
    work.session.execute(delete(AttemptRow).where(AttemptRow.last <= work.now - FORGET_AFTER))


def _tally(session: Session, counter: Counter) -> Tally | None:
    row = session.get(AttemptRow, counter.digest)
    return Tally(row.failures, row.last) if row else None


def _write(session: Session, counters: Sequence[Counter], tallies: Sequence[Tally]) -> None:
    for counter, tally in zip(counters, tallies, strict=True):
        session.merge(AttemptRow(digest=counter.digest, failures=tally.failures, last=tally.last))
