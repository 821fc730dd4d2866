"""What both sides of the comparison of searches do: fill themselves, then answer rounds of probes until there are no more.

First line of the request: ``side``, ``rows``, ``dimension``, ``threads`` and ``probes``, how many there are. Every further line is a
round: ``cosine``, ``first``, ``last`` and ``timed``; its answer is ``ids``, the nearest row to each probe, and ``ms``, of each one or, where
the round is not ``timed``, of all together. A line ``{"remove": n}`` is answered with how many of n removed rows the next search still named.
"""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from bench.vectors import Mates

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

__all__ = ["Side", "serve"]

CLOSE = 0.9
"""Cosine of the probes that look for removed rows."""


class Side(Protocol):
    """A gallery of some kind, filled."""

    def nearest(self, probes: NDArray[np.float32], cosine: float) -> NDArray[np.int64]:
        """Return the nearest row to each probe, int64 [N]; mates lie at ``cosine``."""
        ...

    def remove(self, row: int) -> None:
        """Remove a row."""
        ...


def serve(fill: Callable[[dict[str, Any]], Side]) -> None:
    """Answer one request with the side that ``fill`` makes of it."""
    request = json.loads(sys.stdin.readline())
    mates = Mates(request["rows"], request["dimension"], request["probes"])
    started = time.perf_counter()
    side = fill(request)
    print(json.dumps({"filled_s": time.perf_counter() - started}), flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        answer = _removed(side, mates, asked["remove"]) if "remove" in asked else _round(side, mates, asked)
        print(json.dumps(answer), flush=True)


def _round(side: Side, mates: Mates, asked: dict[str, Any]) -> dict[str, Any]:
    chosen = mates.at(asked["cosine"], slice(asked["first"], asked["last"]))
    ids, times = [], []
    for part in np.array_split(chosen, len(chosen) if asked["timed"] else 1):
        started = time.perf_counter()
        ids += side.nearest(part, asked["cosine"]).tolist()
        times.append(1000 * (time.perf_counter() - started))
    return {"ids": ids, "ms": times}


def _removed(side: Side, mates: Mates, count: int) -> dict[str, Any]:
    still = 0
    for row, place in list(zip(*(part.tolist() for part in np.unique(mates.ids, return_index=True)), strict=True))[:count]:
        side.remove(row)
        still += int(side.nearest(mates.at(CLOSE, slice(place, place + 1)), CLOSE)[0] == row)
    return {"still": still}
