"""How long a face takes before a station: the real station, a rendered head that does what it is asked, and a clock on which people take their time.

The passive check runs and costs what it costs, but its word is replaced: it must take a rendered head for no person, and somebody whom it takes for one
is what is to be timed. Decoding, detection, quality, the active challenge and the embedder are the product's own.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

from consentry.consent.model import Purpose
from consentry.platform.clock import SystemClock
from consentry.platform.errors import DatasetError
from consentry.recognition.messages import SignedOutcome
from consentry.recognition.model import StationTicket, TicketKind
from consentry.recognition.station.model import Begin, CapturePhase, Frame, StationOrder
from consentry.recognition.station.sight import open_sight
from consentry.recognition.station.station import Station
from consentry.vision.faces.embedders import open_embedder
from consentry.vision.faces.liveness import PassiveNetwork
from tests.vision.faces.scenes import encoded, head, portrait

if TYPE_CHECKING:
    from random import Random

    import numpy as np
    from numpy.typing import NDArray

    from bench.handling import Handling
    from consentry.recognition.messages import StationQuestion
    from consentry.recognition.station.model import CaptureState
    from consentry.recognition.station.sight import Sight

__all__ = ["captures"]

STATION, FAMILY, DETECTOR = "bench", "mobilefacenet", "centerface"
PAUSE_S = 0.12
"""Between an answer and the next frame: ``PAUSE_MS`` of the kiosk's capture.js."""
SENDING_S = 0.02
"""A frame made into a JPEG file and sent to a server nearby; assumed."""
FAR_DEG, STEP_DEG = 32, 2
_GOALS = {CapturePhase.TURN_LEFT: FAR_DEG, CapturePhase.TURN_RIGHT: -FAR_DEG}
_ENDED = {CapturePhase.DONE, CapturePhase.REFUSED}


class _Convinced(PassiveNetwork):
    """Asks the network, and believes the head whatever it says."""

    def __init__(self, network: PassiveNetwork) -> None:
        self._asked = network

    def score(self, picture: NDArray[np.uint8], box: NDArray[np.float32]) -> float:
        self._asked.score(picture, box)
        return 1.0


class _Vault:
    """Embeds, as the vault does first; a search among a house's people adds microseconds."""

    def __init__(self) -> None:
        self._embedder = open_embedder(FAMILY, threads=2)

    def ask(self, question: StationQuestion, chips: NDArray[np.uint8]) -> SignedOutcome:  # noqa: ARG002 - the port's signature
        self._embedder.embed(chips)
        return SignedOutcome("{}", "", 1)


@dataclass(slots=True)
class _Person:
    """Whoever stands there: reacts to each prompt after ``react_s`` and turns by ``speed`` degrees a second."""

    react_s: float
    speed: float
    yaw: float = 0.0
    _goal: float = 0.0
    _prompt: CapturePhase = CapturePhase.LOOKING
    _since: float = 0.0
    _last: float = 0.0

    def at(self, second: float, prompt: CapturePhase) -> float:
        """Return how far the head is turned."""
        if prompt is not self._prompt:
            self._prompt, self._since = prompt, self._last
        if second - self._since >= self.react_s:
            self._goal = _GOALS.get(self._prompt, 0)
        reach = self.speed * (second - self._last)
        self.yaw += max(-reach, min(reach, self._goal - self.yaw))
        self._last = second
        return self.yaw


def captures(handling: Handling, chance: Random, times: int) -> list[float]:
    """Return the seconds from the first frame to the vault's word of each capture that ended well.

    Raises:
        ModelError: weights are missing.
        DatasetError: ``bench.capture`` where fewer than half ended well.
    """
    sight, vault = _sight(), _Vault()
    found = [_captured(sight, vault, _person(handling, chance)) for _ in range(times)]
    well = [seconds for seconds in found if seconds is not None]
    if 2 * len(well) < times:
        raise DatasetError("bench.capture", f"{times - len(well)} of {times} captures", "they were refused", "Give face-turn and face-react other values.")
    return well


def _person(handling: Handling, chance: Random) -> _Person:
    return _Person(handling.draw("face-react", chance), 30 / max(handling.draw("face-turn", chance), 0.01))


def _sight() -> Sight:
    sight = open_sight(StationOrder(STATION, "", "", (), (0.0, 0.0, 1.0, 1.0), DETECTOR, FAMILY, attested=True))
    return sight if sight.passive is None else replace(sight, passive=_Convinced(sight.passive))


def _captured(sight: Sight, vault: _Vault, person: _Person) -> float | None:
    """Return the seconds that one capture took, None where it was refused; the station's clock is the person's, plus what the station computes."""
    second = 0.0
    station = Station(STATION, sight, vault, SystemClock(), lambda: second)
    expires = datetime.now(UTC) + timedelta(minutes=1)
    ticket = StationTicket(secrets.token_hex(16), STATION, TicketKind.IDENTIFY, Purpose.DOOR_ACCESS, expires, "", None, attended=False)
    state = station.answer(Begin(ticket).to_document(), bytearray())
    while True:
        second += SENDING_S
        body = bytearray(_seen(STEP_DEG * round(person.at(second, state.state) / STEP_DEG)))
        state, took = _timed(station, ticket.id, body)
        second += took
        if state.state in _ENDED:
            return second if state.state is CapturePhase.DONE else None
        second += PAUSE_S


def _timed(station: Station, ticket: str, body: bytearray) -> tuple[CaptureState, float]:
    started = time.perf_counter()
    state = station.answer(Frame(ticket).to_document(), body)
    return state, time.perf_counter() - started


@cache
def _seen(yaw: int) -> bytes:
    return encoded(head(portrait("officer"), yaw))
