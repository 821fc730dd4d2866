"""Messages that the web process has not acknowledged yet: numbered, in order, bounded for each camera. Pure.

A message of health replaces the one before it, and the report of an hour the earlier one of the same run and hour. A still is never held
here: it goes once, or is lost.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from consentry.platform.processes.messages import Delivery

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["LONGEST", "Outbox"]

LONGEST = 4096
"""Messages held of one camera: almost three days of minutes. Beyond, the oldest is lost and its minute is missing."""
_IN_FLIGHT = 256


class Outbox:
    """Numbers messages and holds them until they are acknowledged."""

    def __init__(self, longest: int = LONGEST) -> None:
        """Take how many messages of one camera are held."""
        self._longest = longest
        self._numbered = 0
        self._held: OrderedDict[int, Delivery] = OrderedDict()
        self._waiting: OrderedDict[int, Delivery] = OrderedDict()
        self._counts: dict[str | None, int] = {}
        self._newest: dict[tuple[object, ...], int] = {}
        self.lost = 0

    def __len__(self) -> int:
        """Return how many messages are held."""
        return len(self._held)

    def number(self, camera: str | None, message: Mapping[str, Any]) -> Delivery:
        """Give a message the next number without holding it."""
        self._numbered += 1
        return Delivery(self._numbered, camera, message)

    def add(self, camera: str | None, message: Mapping[str, Any]) -> None:
        """Hold a message until it is acknowledged."""
        delivery = self.number(camera, message)
        kind = _kind(delivery)
        if kind is not None:
            self.acknowledge(self._newest.get(kind, 0))
            self._newest[kind] = delivery.seq
        if self._counts.get(camera, 0) >= self._longest:
            self._drop(next(held.seq for held in self._held.values() if held.camera == camera))
            self.lost += 1
        self._held[delivery.seq] = self._waiting[delivery.seq] = delivery
        self._counts[camera] = self._counts.get(camera, 0) + 1

    def acknowledge(self, seq: int) -> None:
        """Let go of a message; a number that is not held means nothing."""
        if seq in self._held:
            self._drop(seq)

    def next(self) -> list[Delivery]:
        """Return what is to be sent now: the oldest that were not sent, as long as few enough are on their way."""
        on_their_way = len(self._held) - len(self._waiting)
        chosen = [self._waiting[seq] for seq in list(self._waiting)[: max(0, _IN_FLIGHT - on_their_way)]]
        for delivery in chosen:
            del self._waiting[delivery.seq]
        return chosen

    def rewind(self) -> None:
        """Begin to send from the oldest: a new web process has heard nothing."""
        self._waiting = self._held.copy()

    def _drop(self, seq: int) -> None:
        delivery = self._held.pop(seq)
        self._waiting.pop(seq, None)
        self._counts[delivery.camera] -= 1
        kind = _kind(delivery)
        if kind is not None and self._newest.get(kind) == seq:
            del self._newest[kind]


def _kind(delivery: Delivery) -> tuple[object, ...] | None:
    """Return what messages have in common of which only the newest matters, or None."""
    message = delivery.message
    match message.get("type"):
        case "health":
            return (delivery.camera, "health")
        case "hour":
            return (delivery.camera, "hour", str(message.get("run")), str(message.get("start")))
        case _:
            return None
