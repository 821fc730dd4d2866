"""What the link asks the deciding thread: the next report, and to take over what the server answered."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from consentry.access.controller.sync_text import MOST_EVENTS, Sync, signed
from consentry.platform.errors import ConsentryError, RecordsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from consentry.access.controller.doorways import Doorways
    from consentry.access.controller.link import SyncAnswer
    from consentry.access.controller.loop import DoorLoop
    from consentry.access.controller.sync_text import SignedSync

__all__ = ["Counter", "LoopReporter"]

log = logging.getLogger(__name__)

_RESERVED = 100_000
_COUNTER = "counter"
Result = TypeVar("Result")


@dataclass(slots=True)
class Counter:
    """Numbers of reports: each above every one before, over restarts. A block is kept at a time, so that the disk need not take each."""

    keep: Callable[[str, str], None]
    _next: int
    _until: int

    def next(self) -> int:
        """Return the next number."""
        if self._next >= self._until:
            self._until = self._next + _RESERVED
            self.keep(_COUNTER, str(self._until))
        self._next += 1
        return self._next

    @classmethod
    def after(cls, kept: str | None, keep: Callable[[str, str], None]) -> Counter:
        """Return a counter that goes on where the block ended that was kept."""
        start = int(kept or 0)
        return cls(keep, start, start)


@dataclass(slots=True)
class LoopReporter:
    """Hands the link's wishes to the thread that decides; what takes long is done in the link's own."""

    loop: DoorLoop
    doorways: Doorways
    counter: Counter

    def report(self) -> tuple[SignedSync, int]:
        """Return the next report, and how many events it holds."""
        sync = self._called(self._sync)
        return signed(self.doorways.decider.identity.signing, sync), len(sync.events)

    def heard(self, answer: SyncAnswer) -> None:
        """Take what the server answered: what it holds, its time, a newer snapshot, its orders."""
        decider = self.doorways.decider
        self._called(lambda: decider.journal.acknowledge(answer.acknowledged))
        self._called(lambda: decider.heard_time(answer.server_time))
        if answer.snapshot is not None:
            self._apply(answer.snapshot)
        for order in answer.orders:
            self._called(partial(self.doorways.carry_out, order))

    def _apply(self, text: str) -> None:
        """Put a snapshot in force; one that cannot be used changes nothing, and the report says by its number that it is still wanted."""
        decider = self.doorways.decider
        try:
            compiled = decider.policy.read(text)
            self._called(lambda: self.doorways.apply(text, compiled))
        except ConsentryError as error:
            log.error("the server's snapshot is refused: %s [%s]", error, error.code)  # noqa: TRY400 - meant for the operator, without a traceback

    def _sync(self) -> Sync:
        decider = self.doorways.decider
        journal = decider.journal
        return Sync(
            controller=decider.identity.controller,
            at=decider.memory.clock.now(),
            counter=self.counter.next(),
            snapshot=decider.policy.number,
            oldest=journal.oldest,
            events=journal.pending(MOST_EVENTS),
            doors=self.doorways.reports(),
            clock_jumped=decider.memory.doubted,
        )

    def _called(self, work: Callable[[], Result]) -> Result:
        try:
            return self.loop.call(work)
        except TimeoutError:
            raise RecordsError("door.busy", "controller", "it did not come to it", "See its log.") from None
