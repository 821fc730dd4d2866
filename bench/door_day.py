"""A day at the doors of a residential community: seconds from arriving at the reader to the release, by way, and whether whoever shows no face waits longer.

Every passage goes through the controller's own devices (simulated), doors, decisions and journal; a face's seconds before the station are measured with a
rendered head. What people's hands take is a table (``bench/handling.py``), printed with the report and changed with ``--handling FILE``.
"""

from __future__ import annotations

import heapq
import time
from collections import defaultdict, deque
from contextlib import closing
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from importlib import import_module
from math import ceil
from random import Random
from typing import TYPE_CHECKING, cast

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bench.handling import MEASURED_CAPTURES, read_handling
from bench.report import Report
from bench.residence import CONTROLLER, MORNING, SHARES, SITE, Habit, residence, visits
from bench.walking import MISTAKES, Answered, Reach, Walkers
from consentry.access.controller.clock import ClockMemory
from consentry.access.controller.deciding import Decider
from consentry.access.controller.devices import open_devices
from consentry.access.controller.doorways import Doorways
from consentry.access.controller.identity import Identity
from consentry.access.controller.journal import open_journal
from consentry.access.controller.loop import LOOK_S
from consentry.access.controller.policy import open_policy
from consentry.access.controller.spent import spent_codes
from consentry.access.hardware.ports import Answer
from consentry.access.model import AccessEvent, ReaderKind
from consentry.access.proving import CodeShown
from consentry.access.rules.parity import BOUND_S, SHARE, parity
from consentry.access.rules.state import State
from consentry.access.snapshot_text import write_snapshot
from consentry.platform.errors import DatasetError, ModelError

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from bench.handling import Handling
    from bench.material import Material
    from bench.report import Cell
    from bench.residence import Residence, Visit
    from bench.walking import Showing
    from consentry.access.hardware.simulator import SimulatedDevice
    from consentry.access.rules.parity import Parity

__all__ = ["Size", "measure"]

SEED = 20260302
THROUGH_S = 2.0
"""Until somebody who was let in is out of the next one's way."""
MOST_EVENTS = 1_000_000
READER_OF = {Habit.CARD: ReaderKind.CARD, Habit.PHONE: ReaderKind.QR, Habit.PIN: ReaderKind.PIN, Habit.GUEST: ReaderKind.QR}
FACES = Habit.FACE, Habit.FACE_AND_CODE
"""Each is compared with the ways without a face by itself."""


@dataclass(frozen=True, slots=True)
class Size:
    """How many residents there are, and how many captures of a face are timed."""

    residents: int
    captures: int


FULL, SHORT = Size(2_000, 60), Size(200, 8)


@dataclass(frozen=True, slots=True)
class Passage:
    """Somebody was let in: ``waited`` seconds after they arrived at the reader, ``machine`` seconds after the last thing that they did."""

    habit: Habit
    waited: float
    machine: float


class DayClock:
    """The time of the simulated day: it goes by as this machine works, and is set forward to when somebody does something next."""

    def __init__(self) -> None:
        """Begin at midnight."""
        self._second, self._since = 0.0, time.perf_counter()

    def elapsed(self) -> float:
        """Return the second of the day."""
        return self._second + time.perf_counter() - self._since

    def now(self) -> datetime:
        """Return the instant."""
        return self.moment(self.elapsed())

    @staticmethod
    def moment(second: float) -> datetime:
        """Return the instant of a second of the day."""
        return MORNING + timedelta(seconds=second)

    def go_to(self, second: float) -> None:
        """Let time go by until then, if it has not yet."""
        self._second, self._since = max(second, self.elapsed()), time.perf_counter()


@dataclass(slots=True)
class _AtDoor:
    """Whoever stands at a door, since when, and what they do next."""

    visit: Visit
    arrived: float
    coming: Generator[Showing, Answered, None]
    showing: Showing


@dataclass(slots=True)
class Day:
    """The controller, its clock, and everybody who comes."""

    doorways: Doorways
    device: SimulatedDevice
    clock: DayClock
    walkers: Walkers
    numbers: Mapping[str, int]
    passages: list[Passage] = field(default_factory=list)
    refusals: int = 0

    def run(self, coming: Sequence[Visit]) -> None:
        """Let everybody in, door by door one after another, and all doors at once."""
        queues: dict[str, deque[Visit]] = defaultdict(deque)
        for visit in coming:
            queues[visit.door].append(visit)
        heap: list[tuple[float, str, _AtDoor]] = []
        for queue in queues.values():
            self._next(heap, queue, 0.0)
        while heap:
            _, door, there = heapq.heappop(heap)
            told = self._shown(door, there.showing)
            self.refusals += told.answer is Answer.DENIED
            try:
                there.showing = there.coming.send(told)
            except StopIteration:
                self._let_in(there, told)
                self._next(heap, queues[door], told.second + THROUGH_S)
            else:
                heapq.heappush(heap, (there.showing.second, door, there))

    def close(self) -> None:
        """Let go of the journal."""
        self.doorways.decider.journal.close()

    def _next(self, heap: list[tuple[float, str, _AtDoor]], queue: deque[Visit], free: float) -> None:
        """Let the next one step before a door that is free from a second on."""
        if queue:
            visit = queue.popleft()
            arrived = max(visit.second, free)
            coming = self.walkers.at_door(visit, arrived)
            showing = next(coming)
            heapq.heappush(heap, (showing.second, visit.door, _AtDoor(visit, arrived, coming, showing)))

    def _shown(self, door: str, showing: Showing) -> Answered:
        """Do what somebody does, let the controller look at its next turn, and return what the reader showed."""
        number = self.numbers[door]
        self.device.shown.clear()
        self.device.strikes.lock(number)
        self.clock.go_to(showing.second)
        answer = showing.act(self._reach(door, number))
        if answer is None:
            self.clock.go_to(LOOK_S * ceil(showing.second / LOOK_S))
            self.doorways.look()
            answer = next((said for reader, said in self.device.shown if reader == number), None)
        second = self.clock.elapsed()
        if (answer is Answer.GRANTED) is not self.device.strikes.unlocked(number):
            msg = f"{door} answered {answer} and did otherwise"
            raise RuntimeError(msg)
        return Answered(answer, second)

    def _reach(self, door: str, number: int) -> Reach:
        def admission(text: str) -> Answer:
            return Answer.GRANTED if self.doorways.show(CodeShown(door, text)).granted else Answer.DENIED

        device = self.device
        return Reach(lambda uid: device.card(uid, number), lambda keys: device.press(keys, number), lambda text: device.code(text, number), admission)

    def _let_in(self, there: _AtDoor, told: Answered) -> None:
        if told.answer is not Answer.GRANTED:
            msg = f"{there.visit.habit} at {there.visit.door}: {told.answer}"
            raise RuntimeError(msg)
        self.passages.append(Passage(there.visit.habit, told.second - there.arrived, told.second - there.showing.second))


def measure(material: Material) -> Report:
    """Let a day go by and compare the ways."""
    size, chance = SHORT if material.short else FULL, Random(SEED)  # noqa: S311 - a simulated day
    handling = read_handling(material.handling)
    captures, captured = _captures(handling, size, chance)
    found = residence(size.residents, chance)
    with closing(_day(found, Walkers(found, handling, captures, chance, DayClock.moment), material.work)) as day:
        day.run(visits(found, chance))
        told = _told_ms(day)
    verdicts = {face: parity(_by_reader(day.passages, face)) for face in FACES}
    rows = tuple(_row(habit, [one for one in day.passages if one.habit is habit]) for habit in Habit)
    notes = (
        f"{size.residents} residents, {len(day.passages)} passages at {len(day.numbers)} doors, {day.refusals} refusals on the way; seed {SEED}.",
        *(_verdict(face, verdict) for face, verdict in verdicts.items()),
        _told_line(told),
        captured,
        "Ways: " + ", ".join(f"{habit} {share:.0%}" for habit, share in SHARES.items()) + "; guests besides.",
        "Mistakes: " + ", ".join(f"{name} {share:.0%}" for name, share in MISTAKES.items()) + ".",
        *handling.lines(),
    )
    columns = ("way", "passages", "median s", "p90 s", "machine median ms", "machine p99 ms")
    return Report("A day at the doors", columns, rows, notes, _details(verdicts, handling, captures, told))


def _day(found: Residence, walkers: Walkers, folder: Path) -> Day:
    """Start a controller with a simulated device on whose numbers each door has a strike and a reader."""
    server, clock = Ed25519PrivateKey.generate(), DayClock()
    numbers = {door.id: number for number, door in enumerate(found.snapshot.policy.doors)}
    given, layout = folder / "given.txt", folder / "door.toml"
    given.write_text(write_snapshot(found.snapshot, server), encoding="utf-8")
    layout.write_text(_layout(numbers), encoding="utf-8")
    identity = Identity(CONTROLLER, SITE, server.public_key().public_bytes_raw(), Ed25519PrivateKey.generate(), found.secrets)
    memory = ClockMemory(clock, clock.elapsed, clock.now())
    devices = open_devices(layout)
    decider = Decider(identity, open_policy(given, folder, identity), open_journal(folder / "journal.db"), memory, spent_codes({}), State())
    doorways = Doorways(decider, devices.doors, frozenset(numbers), elapsed=clock.elapsed)
    doorways.start()
    return Day(doorways, cast("SimulatedDevice", devices.lines["sim"].device(0)), clock, walkers, numbers)


def _layout(numbers: Mapping[str, int]) -> str:
    line = '[[line]]\ndriver = "simulator"\nid = "sim"\n'
    door = """
[[door]]
id = "{0}"
strike = {{line = "sim", number = {1}}}
reader = [{{id = "{0}-reader", line = "sim", number = {1}, serves = ["card", "pin", "qr"]}}]
"""
    return line + "".join(door.format(name, number) for name, number in numbers.items())


def _captures(handling: Handling, size: Size, chance: Random) -> tuple[Sequence[float], str]:
    """Return the seconds that faces take before a station, and where they are from."""
    try:
        found = import_module("bench.face_capture").captures(handling, chance, size.captures)
    except (DatasetError, ModelError, ModuleNotFoundError) as error:
        return MEASURED_CAPTURES, f"Captures of faces were not measured here ({error}); the seconds of an earlier measurement were taken."
    return found, f"Captures of faces, measured: median {np.median(found):.2f} s of {len(found)} that ended well of {size.captures}."


def _by_reader(passages: Sequence[Passage], face: Habit) -> dict[ReaderKind, list[float]]:
    """Return the seconds of all ways without a face, and of one with it."""
    by = defaultdict[ReaderKind, list[float]](list)
    for one in passages:
        if one.habit not in FACES or one.habit is face:
            by[READER_OF.get(one.habit, ReaderKind.FACE)].append(one.waited)
    return by


def _told_ms(day: Day) -> dict[ReaderKind, list[int]]:
    """Return what the controller's own events say that each way took (``took_ms``)."""
    by = defaultdict[ReaderKind, list[int]](list)
    for one in day.doorways.decider.journal.pending(MOST_EVENTS):
        event = one.event
        if event.kind is AccessEvent.GRANTED and event.reader is not None and event.took_ms is not None:
            by[event.reader].append(event.took_ms)
    return by


def _row(habit: Habit, passages: Sequence[Passage]) -> tuple[Cell, ...]:
    waited, machine = [one.waited for one in passages], [1000 * one.machine for one in passages]
    return (str(habit), len(passages), *_late(waited, 90), *_late(machine, 99))


def _late(values: Sequence[float], late: int) -> tuple[float | None, float | None]:
    """Return the median and a late percentile, none of nothing."""
    return (float(np.median(values)), float(np.percentile(values, late))) if values else (None, None)


def _verdict(habit: Habit, found: Parity) -> str:
    """Say what the rule says of one way with a face, and by how much."""
    face = next((one.median_s for one in found.ways if one.reader is ReaderKind.FACE), None)
    if face is None or found.slowest is None:
        return f"Nothing can be compared with {habit}: nobody came by it, or nobody by another way."
    slowest, may = found.slowest, face + max(SHARE * face, BOUND_S)
    return (
        f"Parity with {habit} {'holds' if found.holds else 'does not hold'}: the slowest way without a face, {slowest.reader}, has a median of "
        f"{slowest.median_s:.2f} s and may have {may:.2f} s ({face:.2f} s, and {SHARE:.0%} or {BOUND_S:g} s more)."
    )


def _told_line(told: Mapping[ReaderKind, Sequence[int]]) -> str:
    medians = ", ".join(f"{reader} {np.median(told[reader]):.0f} ms" for reader in sorted(told))
    return f"The controller's own events (took_ms: from the first key, the showing, or the touch that asks for a face): medians {medians}."


def _details(verdicts: Mapping[Habit, Parity], handling: Handling, captures: Sequence[float], told: Mapping[ReaderKind, Sequence[int]]) -> dict[str, object]:
    return {
        "parity": {
            str(face): {"holds": found.holds, "slowest": found.slowest and found.slowest.reader, "median_s": {one.reader: one.median_s for one in found.ways}}
            for face, found in verdicts.items()
        },
        "took_ms": {reader: float(np.median(each)) for reader, each in told.items()},
        "captures_s": list(captures),
        "handling": {name: asdict(step) for name, step in handling.steps.items()},
        "shares": dict(SHARES),
        "mistakes": dict(MISTAKES),
    }
