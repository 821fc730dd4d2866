"""The controller's process: what it opens, in which order, and what runs in which thread."""

from __future__ import annotations

import logging
import signal
import time
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from consentry.access.controller.clock import ClockMemory, read_counts
from consentry.access.controller.deciding import CLOCK, Decider, highest_snapshot
from consentry.access.controller.devices import Devices, open_devices
from consentry.access.controller.doorways import Doorways
from consentry.access.controller.identity import load_identity
from consentry.access.controller.journal import open_journal
from consentry.access.controller.keeping import kept_state
from consentry.access.controller.link import SYNC_S, Link, is_there, open_client
from consentry.access.controller.loop import DoorLoop
from consentry.access.controller.policy import open_policy, snapshot_text
from consentry.access.controller.reporting import FirstSnapshot, LoopReporter, report_counter
from consentry.access.controller.serving import DoorServer, door_app
from consentry.access.controller.spent import SPENT, spent_codes
from consentry.access.controller.way_back import face_address
from consentry.platform.errors import ConflictError, ConsentryError, NotFoundError
from consentry.platform.processes.control import only_server
from consentry.platform.processes.notify import notify

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator

    from consentry.access.controller.identity import Identity
    from consentry.access.controller.journal import Journal
    from consentry.access.controller.policy import PolicyFile
    from consentry.access.controller.serving import Standing, Told
    from consentry.access.proving import Shown
    from consentry.platform.clock import Clock

__all__ = ["DoorPlan", "run_doors"]

log = logging.getLogger(__name__)

_BOOT = Path("/proc/sys/kernel/random/boot_id")
"""Says which start of the machine this is."""


@dataclass(frozen=True, slots=True)
class DoorPlan:
    """With what a controller runs; see ``consentry door --help``. ``listener``: a bound socket for the pages, None for none.

    ``names``: host names by which the pages are called, besides this machine's.
    """

    data: Path
    policy: Path | None = None
    server: str | None = None
    authority: Path | None = None
    hardware: Path | None = None
    listener: socket.socket | None = None
    certificate: tuple[Path, Path] | None = None
    tablets: frozenset[str] = frozenset()
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LoopKeeper:
    """Hands what the pages ask to the thread that decides. ``is_there``: whether the server of this address answers now."""

    loop: DoorLoop
    doorways: Doorways
    is_there: Callable[[str], bool]

    def show(self, shown: Shown) -> Told:
        """Decide about what was shown."""
        return self.loop.call(lambda: self.doorways.show(shown))

    def standing(self, page: str | None = None) -> Standing:
        """Return how the doors stand; ``page``: the door whose page asks."""
        return self.loop.call(lambda: self.doorways.standing(page))

    def face_address(self, door: str, back: str) -> str | None:
        """Return where the server recognises a face for a door, None while it is away."""
        standing = self.loop.call(lambda: self.doorways.leave_for_face(door))
        # Whoever is sent to a server that fell silent a moment ago would stand before an error of the browser's, from which no door opens.
        if standing.server is None or not standing.online or not self.is_there(standing.server):
            return None
        return face_address(standing.server, self.doorways.decider.identity.signing, door, back)


def run_doors(plan: DoorPlan, clock: Clock) -> None:
    """Decide at the doors until the process is told to stop.

    Raises:
        ConsentryError: What keeps it from starting.
    """
    identity = load_identity(plan.data)
    with ExitStack() as stack:
        stack.enter_context(only_server(plan.data))
        journal = stack.enter_context(closing(open_journal(plan.data / "journal.db")))
        decider = _decider(identity, journal, _policy(plan, identity, journal, clock), _memory(clock, plan.server))
        devices = stack.enter_context(Devices({}) if plan.hardware is None else open_devices(plan.hardware))
        doorways = Doorways(decider, devices.doors, plan.tablets, plan.server)
        loop = DoorLoop(doorways.look)
        _listen_to_signals(loop, doorways, plan.policy)
        doorways.start()
        stack.enter_context(_pages(plan, loop, doorways))
        stack.enter_context(_link(plan, loop, doorways))
        log.info("controller %s decides by snapshot %d", identity.controller, decider.policy.number)
        notify("READY=1")
        loop.run()
        notify("STOPPING=1")


def _decider(identity: Identity, journal: Journal, policy: PolicyFile, memory: ClockMemory) -> Decider:
    kept = journal.kept(CLOCK)
    if kept is not None:
        memory.resume(read_counts(kept))
    # A snapshot was not issued after now, whatever the clock says.
    memory.reach(policy.compiled.snapshot.issued)
    return Decider(identity, policy, journal, memory, spent_codes(journal.kept_under(SPENT)), kept_state(journal))


def _memory(clock: Clock, server: str | None) -> ClockMemory:
    """Return a memory of the time that knows nothing yet; without a server, the clock is all that there is at the very first start."""
    start = datetime.fromtimestamp(0, UTC)
    return ClockMemory(clock, _elapsed, start, None if server is None else start, _BOOT.read_text(encoding="ascii").strip())


def _elapsed() -> float:
    """Return seconds that also count while the machine sleeps."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def _policy(plan: DoorPlan, identity: Identity, journal: Journal, clock: Clock) -> PolicyFile:
    """Return the snapshot to begin with; a controller that has none yet waits for its server."""
    least = highest_snapshot(journal)
    try:
        return open_policy(plan.policy, plan.data, identity, least)
    except (NotFoundError, ConflictError):
        if plan.server is None:
            raise
    first = FirstSnapshot(identity, journal, clock, plan.data)
    link = Link(open_client(plan.server, plan.authority), identity.controller, first)
    with closing(link.client):
        link.sync()
        while not first.arrived:
            time.sleep(SYNC_S)
            link.sync()
    return open_policy(plan.policy, plan.data, identity, least)


def _listen_to_signals(loop: DoorLoop, doorways: Doorways, given: Path | None) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: loop.stop())
    signal.signal(signal.SIGHUP, lambda *_: loop.hand(lambda: _read_anew(doorways, given)))
    signal.signal(signal.SIGUSR1, lambda *_: loop.hand(doorways.decider.clock_is_right))


def _read_anew(doorways: Doorways, given: Path | None) -> None:
    """Put the snapshot of the given file in force, where it is newer."""
    if given is None:
        return
    try:
        text = snapshot_text(given)
        doorways.apply(text, doorways.decider.policy.read(text))
    except ConsentryError as error:
        log.error("the snapshot of %s is refused: %s [%s]", given, error, error.code)  # noqa: TRY400 - meant for the operator, without a traceback


@contextmanager
def _pages(plan: DoorPlan, loop: DoorLoop, doorways: Doorways) -> Iterator[None]:
    if plan.listener is None:
        yield
        return
    keeper = LoopKeeper(loop, doorways, lambda server: is_there(server, plan.authority))
    server = DoorServer(door_app(keeper, plan.names), plan.listener, plan.certificate)
    server.start()
    log.info("the page of the doors is served at port %d", plan.listener.getsockname()[1])
    try:
        yield
    finally:
        server.stop()


@contextmanager
def _link(plan: DoorPlan, loop: DoorLoop, doorways: Doorways) -> Iterator[None]:
    if plan.server is None:
        yield
        return
    decider = doorways.decider
    reporter = LoopReporter(loop, doorways, report_counter(decider.journal))
    link = Link(open_client(plan.server, plan.authority), decider.identity.controller, reporter)
    link.start()
    try:
        yield
    finally:
        link.stop()
