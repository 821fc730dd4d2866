"""A controller in this process, at a gate whose devices are simulated and whose time goes by when it is told to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, cast

from consentry.access.controller.clock import ClockMemory
from consentry.access.controller.deciding import Decider
from consentry.access.controller.devices import open_devices
from consentry.access.controller.doorways import Doorways
from consentry.access.controller.identity import Identity
from consentry.access.controller.journal import open_journal
from consentry.access.controller.keeping import kept_state
from consentry.access.controller.policy import SNAPSHOT_NAME, PolicyFile
from consentry.access.controller.spent import SPENT, spent_codes
from consentry.access.rules.deciding import compile_snapshot
from consentry.platform.clock import FixedClock
from tests.access.controller.playground import DEVICES, SIGNING_KEY, SNAPSHOT_KEY, signed_snapshot, snapshot
from tests.access.proofs.house import NOW, SITE, UID, house

if TYPE_CHECKING:
    from pathlib import Path

    from consentry.access.controller.journal import Bounds
    from consentry.access.hardware.simulator import SimulatedDevice
    from consentry.access.model import DoorMode, Snapshot

CONTACT, FIRE, EXIT, CABINET = 0, 1, 2, 3


@dataclass
class Stand:
    """Whoever stands at the gate: what they do, and what the journal says of it."""

    doorways: Doorways
    decider: Decider
    device: SimulatedDevice
    clock: FixedClock
    seconds: float = 0.0

    def passes(self, seconds: float, step: float = 0.5) -> None:
        """Let time go by and look at the doors meanwhile."""
        while seconds > 0:
            part = min(step, seconds)
            self.clock.advance(timedelta(seconds=part))
            self.seconds += part
            self.doorways.look()
            seconds -= part

    def looks(self) -> None:
        self.doorways.look()

    def card(self) -> None:
        self.device.card(UID)
        self.looks()

    def contact(self, *, opened: bool) -> None:
        self.device.close_circuit(CONTACT, closed=not opened)
        self.looks()

    def fire(self, *, burns: bool) -> None:
        self.device.close_circuit(FIRE, closed=not burns)
        self.looks()

    def exit(self, *, pressed: bool) -> None:
        self.device.close_circuit(EXIT, closed=pressed)
        self.looks()

    def locks(self) -> None:
        """Let the strike lock before its time."""
        self.doorways.devices["gate"].strike.lock()

    def unlocked(self) -> bool:
        return self.device.strikes.unlocked(0)

    def kinds(self) -> list[str]:
        """Return what was written since the gate came to rest."""
        return [one.event.kind.value for one in self.decider.journal.pending(1000)]

    def settle(self) -> None:
        """Have everything written so far forgotten."""
        self.decider.journal.acknowledge(self.decider.journal.last)

    def apply(self, number: int, **changes: object) -> None:
        text = signed_snapshot(snapshot(number, **changes))
        self.doorways.apply(text, self.decider.policy.read(text))
        self.looks()


def with_gate(**changes: object) -> Snapshot:
    """Return the house's snapshot whose gate is otherwise."""
    found = snapshot()
    doors = tuple(replace(door, **changes) if door.id == "gate" else door for door in found.policy.doors)  # type: ignore[arg-type] # by name
    return replace(found, policy=replace(found.policy, doors=doors))


def in_mode(mode: DoorMode) -> Snapshot:
    return replace(snapshot(), modes={"gate": mode})


def stand(folder: Path, policy: Snapshot | None = None, bounds: Bounds | None = None) -> Stand:
    """Return a gate at rest: shut, locked, nobody there."""
    policy = policy or snapshot()
    clock = FixedClock(NOW)
    identity = Identity("main", SITE, SNAPSHOT_KEY.public_key().public_bytes_raw(), SIGNING_KEY, house().secrets)
    journal = open_journal(folder / "journal.db", bounds)
    (folder / "door.toml").write_text(DEVICES, encoding="utf-8")
    devices = open_devices(folder / "door.toml")
    file = PolicyFile(folder / SNAPSHOT_NAME, identity, compile_snapshot(policy))
    here: list[Stand] = []
    memory = ClockMemory(clock, lambda: here[0].seconds if here else 0.0, NOW)
    decider = Decider(identity, file, journal, memory, spent_codes(journal.kept_under(SPENT)), kept_state(journal))
    doorways = Doorways(decider, devices.doors, frozenset({"lobby"}), elapsed=lambda: here[0].seconds if here else 0.0)
    here.append(Stand(doorways, decider, cast("SimulatedDevice", devices.lines["sim"].device(0)), clock))
    found = here[0]
    doorways.start()
    for number, closed in [(CONTACT, True), (FIRE, True), (EXIT, False), (CABINET, True)]:
        found.device.close_circuit(number, closed=closed)
    found.looks()
    found.settle()
    return found
