"""The log: entries a second that are safe on the disk, and the time to prove one, beside pymerkle's tree in SQLite."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, cast

from bench.figures import Spread, spread
from bench.report import Report
from consentry.ledger import service
from consentry.ledger.model import Act, Entry
from consentry.ledger.proofs import prove_inclusion
from consentry.ledger.rules.entries import entry_body
from consentry.platform.actors import operator
from consentry.platform.clock import FixedClock
from consentry.platform.database import Database
from consentry.platform.keys import SiteKeys
from consentry.platform.migrations import tables
from consentry.platform.site import Site

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from bench.material import Material
    from bench.report import Cell
    from consentry.platform.settings.store import SettingsStore

__all__ = ["measure"]

ENTRIES = 100_000
SHORT = 10_000
LARGE = 1_000_000
BATCH = 1000
PROOFS = 200
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
BAR_ENTRIES_PER_SECOND, BAR_PROOF_MS = 2000, 5.0


@dataclass(frozen=True, slots=True)
class Measured:
    """What one side did: entries in the log, entries a second while appending, milliseconds a proof (and a whole receipt)."""

    side: str
    entries: int
    per_second: float
    proof_ms: Spread
    receipt_ms: Spread | None = None


def measure(material: Material) -> Report:
    """Append the same entries to both, in the same batches, each batch on the disk before the next; then prove some at random."""
    count = SHORT if material.short else ENTRIES
    measured = [_ours(material.work, count)]
    notes = [
        f"Batches of {BATCH}, one transaction each, SQLite with synchronous=FULL. Bar: {BAR_ENTRIES_PER_SECOND} entries/s, {BAR_PROOF_MS:g} ms a proof.",
        "Ours also checks each entry for personal data, salts and canonicalises it. A receipt is entry, proof, checkpoint and signature.",
        f"Milliseconds of {PROOFS} random entries, median (least–most), each in a transaction of its own.",
        "pymerkle stores no subtrees: its first proofs hash every leaf, later ones find subtrees in its cache. Both are shown.",
    ]
    if find_spec("pymerkle"):
        measured += _peer(material.work, count)
    else:
        notes.append("pymerkle is not installed here (make dev).")
    if not material.short:
        measured.append(_ours(material.work, LARGE))
    details = {"batch": BATCH, "proofs": PROOFS, "bar": {"entries_per_second": BAR_ENTRIES_PER_SECOND, "proof_ms": BAR_PROOF_MS}}
    return Report("Ledger", ("log", "entries", "entries/s", "ms a proof", "ms a receipt"), tuple(map(_row, measured)), tuple(notes), details)


def _acts(count: int) -> Iterator[list[Act]]:
    for start in range(0, count, BATCH):
        yield [_act(number) for number in range(start, min(start + BATCH, count))]


def _act(number: int) -> Act:
    return Act(f"staff:{number % 7}", "staff.viewed", f"camera:{number % 200}", "people-counting", "daily check", {"number": number, "seconds": number % 60})


def _ours(work: Path, count: int) -> Measured:
    database = Database(f"sqlite:///{work / f'ledger{count}.db'}")
    with database.transaction() as session:
        tables().create_all(session.connection())
    # The log asks its site for database, keys and time alone.
    site = Site(cast("SettingsStore", None), database, SiteKeys(bytes(range(32)), "bench"), FixedClock(NOW))
    started = time.perf_counter()
    for acts in _acts(count):
        with database.transaction() as session:
            service.record_many(session, acts, NOW)
    per_second = count / (time.perf_counter() - started)
    service.checkpoint(site)

    def prove(index: int) -> None:
        with database.reading() as session:
            prove_inclusion(session, index, count)

    proof = spread(_timed(prove, count))
    receipt = spread(_timed(lambda index: service.receipt(site, operator("bench"), index), count))
    database.close()
    return Measured("Consentry", count, per_second, proof, receipt)


def _peer(work: Path, count: int) -> list[Measured]:
    from pymerkle import SqliteTree  # noqa: PLC0415 - a peer that need not be there

    tree: Any = SqliteTree(str(work / "pymerkle.db"))
    bodies = ([entry_body(Entry(0, NOW, act)) for act in acts] for acts in _acts(count))
    seconds = 0.0
    for batch in bodies:
        started = time.perf_counter()
        tree.append_entries(batch)
        seconds += time.perf_counter() - started

    def prove_cold(index: int) -> None:
        tree.cache_clear()
        tree.prove_inclusion(index + 1)

    cold = spread(_timed(prove_cold, count, PROOFS // 20))
    warm = spread(_timed(lambda index: tree.prove_inclusion(index + 1), count))
    tree.close()
    return [Measured("pymerkle, cold", count, count / seconds, cold), Measured("pymerkle, warm", count, count / seconds, warm)]


def _timed(prove: Callable[[int], object], count: int, times: int = PROOFS) -> Iterator[float]:
    """Yield the milliseconds of each of several proofs, of the same entries on every side."""
    chance = random.Random(1)  # noqa: S311 - which entries are proven
    for _ in range(times):
        index = chance.randrange(count)
        started = time.perf_counter()
        prove(index)
        yield 1000 * (time.perf_counter() - started)


def _row(measured: Measured) -> tuple[Cell, ...]:
    receipt = str(measured.receipt_ms) if measured.receipt_ms else None
    return (measured.side, measured.entries, measured.per_second, str(measured.proof_ms), receipt)
