"""Which events of a report the server takes: those that follow what it has, in their chain. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from consentry.access.controller.sync_text import Chained, event_hash

if TYPE_CHECKING:
    from collections.abc import Mapping

    from consentry.access.controller.sync_text import Sync

__all__ = ["Taken", "rewound", "taken"]

_NONE_HELD: Final[Mapping[int, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Taken:
    """What a report adds. ``acknowledged``, ``head``: number and hash of the last event that is here without a gap afterwards.

    ``lost``: how many events the controller no longer had. ``broken``: the number of the first event that does not fit the chain: neither it nor what
    comes after it is taken. ``fault``: what is wrong with the controller's log, in words; empty where nothing is.
    """

    events: tuple[Chained, ...]
    acknowledged: int
    head: str
    lost: int = 0
    broken: int | None = None
    fault: str = ""

    @property
    def answered(self) -> int:
        """Return up to which event the controller is told that it is held: not beyond one that contradicts what is here."""
        return self.acknowledged if self.broken is None else min(self.acknowledged, self.broken - 1)


def taken(acknowledged: int, head: str, report: Sync, held: Mapping[int, str] = _NONE_HELD) -> Taken:
    """Return what a report adds to the ``acknowledged`` events, of which the last has the hash ``head``.

    Events that are here already are passed over, so that a report may come again and late. What lies behind a gap is not taken: the controller sends
    again from there. Only where it says itself that what is missing is gone (``oldest``) does the chain begin anew with what it has.

    ``held``: the hashes, by number, of events that are here. One that comes again with another content shows that the device was put back to an earlier
    state and went on from there: then nothing of the report is taken.
    """
    other = next((one.event.seq for one in report.events if _is_other(one, held)), None)
    if other is not None:
        return Taken((), acknowledged, head, broken=other, fault=f"event {other} came before with another content: pair the device anew")
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
            return Taken(tuple(found), acknowledged, head, lost, one.event.seq, f"event {one.event.seq} does not fit the one before")
        acknowledged, head = one.event.seq, one.hash
        found.append(one)
    return Taken(tuple(found), acknowledged, head, lost)


def rewound(acknowledged: int, head: str, report: Sync) -> Taken:
    """Return what is taken, nothing, of a report whose counter came before and that was made later all the same: the device was put back."""
    return Taken((), acknowledged, head, fault=f"counter {report.counter} came before: pair the device anew")


def _is_other(one: Chained, held: Mapping[int, str]) -> bool:
    known = held.get(one.event.seq)
    return known is not None and (one.hash != known or event_hash(one.before, one.event) != known)
