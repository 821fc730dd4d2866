"""Feeds a station's own code with JPEG files and answers as a vault with a full gallery would.

Request: ``frames`` (files), ``captures``, ``rows``, ``floor``, ``family``, ``detector``, ``threads``. Answer: ``prompted`` and ``deciding``,
milliseconds from a JPEG file to the station's answer: of frames of a capture that asks for a turn, and of the frames that complete a capture,
embedding and search in the gallery included; ``embed_and_search``: that part of the latter.
"""

from __future__ import annotations

import json
import secrets
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.vectors import galleries
from consentry.consent.model import Purpose
from consentry.platform.clock import SystemClock
from consentry.recognition.gallery import Gallery
from consentry.recognition.messages import SignedOutcome
from consentry.recognition.model import StationTicket, TicketKind
from consentry.recognition.station.model import Begin, CapturePhase, CaptureState, Frame, StationOrder
from consentry.recognition.station.sight import open_sight
from consentry.recognition.station.station import Station
from consentry.recognition.transform import KEY_BYTES, KeyedTransform
from consentry.vision.faces.embedders import open_embedder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from consentry.recognition.messages import StationQuestion

STATION = "bench"


class FullVault:
    """Embeds, transforms and searches as the vault does; the gallery holds strangers."""

    def __init__(self, family: str, rows: int, floor: float, threads: int) -> None:
        """Fill the gallery; ``floor``: the cosine from which on the vault could be unsure, below which it asks for nobody."""
        self._floor = floor
        self._embedder = open_embedder(family, threads=threads)
        self._transform = KeyedTransform(bytes(KEY_BYTES), self._embedder.dimension)
        self._gallery = Gallery(self._embedder.dimension, rows, threads=threads)
        for vectors in galleries(rows, self._embedder.dimension):
            self._gallery.add_many(range(len(self._gallery), len(self._gallery) + len(vectors)), vectors)
        self.times: list[float] = []

    def ask(self, question: StationQuestion, chips: NDArray[np.uint8]) -> SignedOutcome:
        """Search the face and name the nearest row, if any reaches the floor."""
        started = time.perf_counter()
        probe = self._transform.apply(self._embedder.embed(chips))[0]
        nearest = self._gallery.best_two(probe, floor=self._floor)
        self.times.append(1000 * (time.perf_counter() - started))
        return SignedOutcome(json.dumps({"ticket": question.ticket, "row": nearest[0][0] if nearest else None}), "", 1)


def main() -> None:
    """Serve one request."""
    request = json.loads(sys.stdin.readline())
    print(json.dumps(_watched(request)))


def _watched(request: dict[str, Any]) -> dict[str, Any]:
    files = [Path(file).read_bytes() for file in request["frames"]]
    vault = FullVault(request["family"], request["rows"], request["floor"], request["threads"])
    order = StationOrder(STATION, "", "", (), (0.0, 0.0, 1.0, 1.0), request["detector"], request["family"], attested=True)
    station = Station(STATION, open_sight(order), vault, SystemClock(), time.monotonic)
    _captured(station, files, attended=True)
    vault.times.clear()
    attended = [_captured(station, files, attended=True) for _ in range(request["captures"])]
    deciding = [times[-1] for times, state in attended if state.state is CapturePhase.DONE]
    prompted = [ms for _ in range(request["captures"] // 10) for ms in _captured(station, files, attended=False)[0]]
    return {"prompted": prompted, "deciding": deciding, "embed_and_search": vault.times}


def _captured(station: Station, files: list[bytes], *, attended: bool) -> tuple[list[float], CaptureState]:
    """Run one capture to its end, or until the files are used up; return the milliseconds of each frame, and the last answer."""
    expires = datetime.now(UTC) + timedelta(seconds=10)
    ticket = StationTicket(secrets.token_hex(16), STATION, TicketKind.IDENTIFY, Purpose.GREETING, expires, "", None, attended)
    state, times = station.answer(Begin(ticket).to_document(), bytearray()), []
    for file in files:
        body = bytearray(file)
        started = time.perf_counter()
        state = station.answer(Frame(ticket.id).to_document(), body)
        times.append(1000 * (time.perf_counter() - started))
        if state.state in {CapturePhase.DONE, CapturePhase.REFUSED}:
            break
    return times, state


if __name__ == "__main__":
    main()
