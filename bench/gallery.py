"""One-to-many search: milliseconds of one probe and how often the nearest row is the one that FAISS Flat names, beside FAISS, USearch and hnswlib.

Every side holds the same vectors and gets the same probes, each a mate at a given cosine to a random row, in rounds that alternate.
"""

from __future__ import annotations

import json
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any

from bench.figures import Spread, ratios, spread
from bench.processes import OURS, PEERS, cores, one_core, say, start
from bench.report import Report

if TYPE_CHECKING:
    from collections.abc import Iterator
    from subprocess import Popen

    from bench.material import Material
    from bench.report import Cell

__all__ = ["measure"]

CONSENTRY, FLAT, SQ8, USEARCH, HNSW = "Consentry", "FAISS Flat", "FAISS SQ8", "USearch int8", "hnswlib"
COSINE = 0.4
CURVE = (0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6)
CURVE_PROBES, ROUND, ROUNDS, REMOVED = 1000, 10, 7, 100


@dataclass(frozen=True, slots=True)
class Trial:
    """Galleries of ``rows`` × ``dimension``, held by ``sides`` on ``threads`` cores each; ``probes`` are compared with those of FAISS Flat."""

    rows: int
    dimension: int
    threads: int
    probes: int
    sides: tuple[str, ...] = (CONSENTRY, FLAT, SQ8, USEARCH)
    curve: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Searched:
    """What one side did with probes at ``cosine``; ``flat``: its time over that of FAISS Flat, round by round."""

    trial: Trial
    side: str
    cosine: float
    probes: int
    ms: Spread
    flat: Spread | None
    agreement: float


def trials(*, short: bool) -> list[Trial]:
    """Return what is measured; a graph of hnswlib of the larger sizes takes longer to build than everything else takes together."""
    many = len(cores())
    if short:
        return [Trial(20_000, 512, 1, 500, (CONSENTRY, FLAT, SQ8, USEARCH, HNSW)), Trial(100_000, 512, 1, 200)]
    return [
        Trial(20_000, 512, 1, 2000, (CONSENTRY, FLAT, SQ8, USEARCH, HNSW)),
        Trial(300_000, 512, 1, 5000, curve=CURVE),
        Trial(1_000_000, 512, 1, 2000),
        Trial(1_000_000, 512, many, 500, (CONSENTRY, FLAT)),
        Trial(1_000_000, 128, 1, 2000, (CONSENTRY, FLAT)),
    ]


def measure(material: Material) -> Report:
    """Run every trial."""
    found = [searched for trial in trials(short=material.short) for searched in _trial(trial)]
    columns = ("rows", "numbers", "cores", "side", "cosine", "ms a probe", "times FAISS Flat", "probes", "agreement %")
    notes = (
        f"One probe at a time, a mate at the cosine shown, which is the floor too; {ROUNDS} rounds of {ROUND} probes on each side in turn.",
        "Agreement: the share of probes for which the nearest row is that of FAISS Flat.",
        f"On our side {REMOVED} rows of each gallery were removed one by one, and no search right after named one of them.",
        "Strangers lie in random directions. At 128 numbers and a million rows, some stranger lies nearer than a mate at 0.4.",
    )
    return Report("Search of a gallery", columns, tuple(map(_row, found)), notes)


def _trial(trial: Trial) -> Iterator[Searched]:
    with ExitStack() as stack:
        sides = {side: stack.enter_context(_side(trial, side)) for side in trial.sides}
        times: dict[str, list[float]] = {side: [] for side in sides}
        for number in range(ROUNDS):
            for side, process in sides.items():
                times[side].append(median(_asked(process, COSINE, number * ROUND, (number + 1) * ROUND, timed=True)["ms"]))
        named = {side: _asked(process, COSINE, 0, trial.probes, timed=False)["ids"] for side, process in sides.items()}
        for side in sides:
            flat = None if side == FLAT else ratios(times[side], times[FLAT])
            yield Searched(trial, side, COSINE, trial.probes, spread(times[side]), flat, _agreement(named[side], named[FLAT]))
        yield from (_point(trial, sides, cosine) for cosine in trial.curve)
        _check_removal(sides[CONSENTRY])


def _point(trial: Trial, sides: dict[str, Popen[str]], cosine: float) -> Searched:
    """Search for mates at ``cosine`` with that floor on our side."""
    named = {side: _asked(sides[side], cosine, 0, CURVE_PROBES, timed=side == CONSENTRY) for side in (CONSENTRY, FLAT)}
    return Searched(trial, CONSENTRY, cosine, CURVE_PROBES, spread(named[CONSENTRY]["ms"]), None, _agreement(named[CONSENTRY]["ids"], named[FLAT]["ids"]))


@contextmanager
def _side(trial: Trial, side: str) -> Iterator[Popen[str]]:
    count = max(trial.probes, CURVE_PROBES, ROUND * ROUNDS)
    request = {"side": side, "rows": trial.rows, "dimension": trial.dimension, "threads": trial.threads, "probes": count}
    ours = side == CONSENTRY
    module = "bench.workers.search" if ours else "bench.peers.search"
    with start(OURS if ours else PEERS, module, request, one_core() if trial.threads == 1 else cores()) as process:
        _answer(process)
        yield process
        if process.stdin:
            process.stdin.close()


def _asked(process: Popen[str], cosine: float, first: int, last: int, *, timed: bool) -> dict[str, Any]:
    say(process, {"cosine": cosine, "first": first, "last": last, "timed": timed})
    return _answer(process)


def _answer(process: Popen[str]) -> dict[str, Any]:
    line = process.stdout.readline() if process.stdout else ""
    if not line:
        message = f"{process.args!r} gave no answer"
        raise RuntimeError(message)
    answer: dict[str, Any] = json.loads(line)
    return answer


def _agreement(ids: list[int], true: list[int]) -> float:
    return 100 * sum(one == other for one, other in zip(ids, true, strict=True)) / len(true)


def _check_removal(process: Popen[str]) -> None:
    """Stop where a search named a row that had been removed."""
    say(process, {"remove": REMOVED})
    if still := _answer(process)["still"]:
        message = f"{still} of {REMOVED} removed rows were still named"
        raise RuntimeError(message)


def _row(searched: Searched) -> tuple[Cell, ...]:
    trial = searched.trial
    flat = str(searched.flat) if searched.flat else None
    return (
        *(trial.rows, trial.dimension, trial.threads, searched.side, searched.cosine, str(searched.ms)),
        *(flat, searched.probes, searched.agreement),
    )
