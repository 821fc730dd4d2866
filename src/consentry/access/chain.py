"""Which events of a report the server takes: those that follow what it has, in their chain. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from consentry.access.controller.sync_text import Chained, event_hash

if TYPE_CHECKING:
    from consentry.access.controller.sync_text import Sync

__all__ = ["Taken", "taken"]


@dataclass(frozen=True, slots=True)
class Taken:
    """What a report adds. ``acknowledged``, ``head``: number and hash of the last event that is here without a gap afterwards.

    ``lost``: how many events the controller no longer had. ``broken``: the number of the first event that does not fit the chain: neither it nor what
    comes after it is taken.
    """

    events: tuple[Chained, ...]
    acknowledged: int
    head: str
    lost: int = 0
    broken: int | None = None


def taken(acknowledged: int, head: str, report: Sync) -> Taken:
    """Return what a report adds to the ``acknowledged`` events, of which the last has the hash ``head``.

    Events that are here already are passed over, so that a report may come again and late. What lies behind a gap is not taken: the controller sends
    again from there. Only where it says itself that what is missing is gone (``oldest``) does the chain begin anew with what it has.
    """
    fresh = [one for one in report.events if one.event.seq > acknowledged]
    lost = 0
    if fresh and fresh[0].event.seq == report.oldest > acknowledged + 1:
        lost = report.oldest - acknowledged - 1
        acknowledged, head = report.oldest - 1, fresh[0].before
    found = list[Chained]()
    for one in fresh:
        if one.event.seq != acknowledged + 1:
            break
        if one.before != head or one.hash != event_hash(one.before, one.event):
            return Taken(tuple(found), acknowledged, head, lost, broken=one.event.seq)
        acknowledged, head = one.event.seq, one.hash
        found.append(one)
    return Taken(tuple(found), acknowledged, head, lost)
