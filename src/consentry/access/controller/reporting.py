"""What the link asks the deciding thread: the next report, and to take over what the server answered."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from consentry.access.controller.deciding import highest_snapshot
from consentry.access.controller.policy import SNAPSHOT_NAME, too_old
from consentry.access.controller.sync_text import MOST_EVENTS, Sync, signed
from consentry.access.snapshot_text import read_snapshot
from consentry.platform.durable import write_atomically
from consentry.platform.errors import ConsentryError, RecordsError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from consentry.access.controller.doorways import Doorways
    from consentry.access.controller.identity import Identity
    from consentry.access.controller.journal import Journal
    from consentry.access.controller.link import SyncAnswer
    from consentry.access.controller.loop import DoorLoop
    from consentry.access.controller.sync_text import SignedSync
    from consentry.platform.clock import Clock

__all__ = ["Counter", "FirstSnapshot", "LoopReporter", "report_counter"]

log = logging.getLogger(__name__)

_RESERVED = 100_000
_COUNTER = "counter"
Result = TypeVar("Result")


@dataclass(slots=True)
class Counter:
    """Numbers of reports: each above every one before, over restarts. A block is kept at a time, so that the disk need not take each."""

    journal: Journal
    _next: int
    _until: int

    def next(self) -> int:
        """Return the next number."""
        if self._next >= self._until:
            self._until = self._next + _RESERVED
            self.journal.note([], {_COUNTER: str(self._until)})
        self._next += 1
        return self._next


def report_counter(journal: Journal) -> Counter:
    """Return a counter that goes on where the block ended that the journal kept."""
    start = int(journal.kept(_COUNTER) or 0)
    return Counter(journal, start, start)


@dataclass(slots=True)
class FirstSnapshot:
    """Asks for the snapshot of a controller that has none: nobody is let in before it ``arrived``."""

    identity: Identity
    journal: Journal
    clock: Clock
    data: Path
    arrived: bool = False

    def report(self) -> tuple[SignedSync, int]:
        """Return a report without doors."""
        number = report_counter(self.journal).next()
        sync = Sync(self.identity.controller, self.clock.now(), number, 0, self.journal.oldest)
        return signed(self.identity.signing, sync), 0

    def heard(self, answer: SyncAnswer) -> None:
        """Keep the snapshot that came.

        Raises:
            ProofError: As ``read_snapshot``, where it cannot be used.
            ConflictError: ``door.snapshot-old`` where a newer one was in force before.
        """
        if answer.snapshot is not None:
            own = self.identity
            found = read_snapshot(answer.snapshot, own.snapshot_key, site=own.site, controller=own.controller)
            if found.number < highest_snapshot(self.journal):
                raise too_old(found.number, highest_snapshot(self.journal))
            write_atomically(self.data / SNAPSHOT_NAME, answer.snapshot.encode(), mode=0o600)
            self.arrived = True


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
        self._called(lambda: decider.heard_time(answer.server_time))
        self._called(self.doorways.heard_server)
        # What takes rights away comes before what a full disk may refuse.
        if answer.snapshot is not None:
            self._apply(answer.snapshot)
        self._called(lambda: decider.journal.acknowledge(answer.acknowledged))
        # By the server's own clock: this device's may be off by more than an order lasts.
        for order in [one for one in answer.orders if one.expires > answer.server_time]:
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
