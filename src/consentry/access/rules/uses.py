"""How often a pass may open in all, where doors of several controllers take it. None of them knows what the others gave while they were cut off.

Such a pass waits for its host each time, and the host's yes comes through the server: each yes is a promise of one use, and the server promises no more than
are left. What became of a promise is known once its device told everything that it wrote down after it could last let the guest in by it: it may be told to it
until then, and where two people must come it may wait for the second. What a device was told that will never report again counts as used.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime, timedelta

__all__ = ["Promise", "may_promise", "settled", "waiting"]


@dataclass(frozen=True, slots=True)
class Promise:
    """A host's yes that was given to a device, by the order ``id``; after ``open_until`` the device lets nobody in by it of whom it did not write."""

    id: str
    device: str
    open_until: datetime


def may_promise(uses: int | None, used: int, open_promises: Collection[Promise], controllers: Collection[str]) -> bool:
    """Tell whether one more use may be promised of a pass that opened ``used`` times, as far as was told. ``controllers``: those of its doors.

    A single controller counts for itself, and is never cut off from itself.
    """
    return uses is None or len(set(controllers)) <= 1 or used + len(open_promises) < uses


def waiting(promise: Promise, now: datetime, longest: timedelta) -> Promise:
    """Return the promise of a guest who was told ``now`` to wait for a second person: open for ``longest``, which is more than anybody waits."""
    return replace(promise, open_until=max(promise.open_until, now + longest))


def settled(promises: Iterable[Promise], device: str, now: datetime, *, told_all: bool) -> frozenset[str]:
    """Return which promises a device will not carry out any more, when its report comes ``now`` and its events have been counted.

    A device reports again only after it did what the answer before asked for, or never got that answer: what was last told to it before this report is
    done, waits, or will never be. ``told_all``: the report holds all that it had written down, and it was taken.
    """
    return frozenset(one.id for one in promises if told_all and one.device == device and one.open_until <= now)
