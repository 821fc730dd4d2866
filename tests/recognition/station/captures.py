"""Tickets, a sight that sees what it is told, a person who does what is asked, and a vault that remembers, for the tests of stations."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from consentry.consent.model import Purpose
from consentry.platform.errors import ConflictError
from consentry.recognition.messages import SignedOutcome
from consentry.recognition.model import StationTicket, TicketKind
from consentry.recognition.station.model import CapturePhase
from consentry.recognition.station.sight import Sight
from consentry.vision.faces.align import CHIP_LAYOUTS
from consentry.vision.faces.geometry import no_faces
from consentry.vision.faces.model import Faces
from tests.vision.faces.scenes import head, portrait

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from consentry.recognition.messages import StationQuestion
    from consentry.vision.faces.liveness import PassiveNetwork
    from consentry.vision.faces.model import FaceDetector

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TICKET = StationTicket("11" * 16, "door", TicketKind.IDENTIFY, Purpose.GREETING, NOW + timedelta(seconds=10), "ab" * 32)
ENROL = replace(TICKET, id="22" * 16, kind=TicketKind.ENROL, expires=NOW + timedelta(seconds=60), consent="c")
ATTENDED = replace(ENROL, id="33" * 16, attended=True)
WHOLE = (0.0, 0.0, 1.0, 1.0)
FAMILY = "mobilefacenet"
SIDES = {CapturePhase.TURN_LEFT: 32, CapturePhase.TURN_RIGHT: -32}


@dataclass
class ScriptedDetector:
    """Finds what stands in ``found``: boxes of faces, each with landmarks inside it."""

    found: list[tuple[float, float, float, float]] = field(default_factory=list)
    name: str = "scripted"

    def detect(self, picture: NDArray[np.uint8]) -> Faces:  # noqa: ARG002  - the detector's signature
        if not self.found:
            return no_faces()
        boxes = np.asarray(self.found, np.float32)
        places = np.asarray(((0.3, 0.4), (0.7, 0.4), (0.5, 0.6), (0.35, 0.8), (0.65, 0.8)), np.float32)
        landmarks = boxes[:, None, :2] + places * (boxes[:, None, 2:] - boxes[:, None, :2])
        return Faces(boxes, np.full(len(boxes), 0.9, np.float32), landmarks.astype(np.float32))


@dataclass
class RememberingVault:
    """Accepts everything, or refuses with ``code``; keeps the questions and copies of the chips."""

    code: str | None = None
    questions: list[StationQuestion] = field(default_factory=list)
    chips: list[NDArray[np.uint8]] = field(default_factory=list)
    handed: list[NDArray[np.uint8]] = field(default_factory=list)

    def ask(self, question: StationQuestion, chips: NDArray[np.uint8]) -> SignedOutcome:
        self.questions.append(question)
        self.chips.append(chips.copy())
        self.handed.append(chips)
        if self.code is not None:
            raise ConflictError(self.code, "the vault", "it refused", "Ask the test")
        return SignedOutcome("{}", "c2lnbmF0dXJl", 1)


def sight(detector: FaceDetector, passive: PassiveNetwork | None = None, zone: tuple[float, float, float, float] = WHOLE) -> Sight:
    return Sight(detector, passive, CHIP_LAYOUTS[FAMILY], zone, attested=True)


@cache
def seen(name: str, yaw: int, closed: bool) -> NDArray[np.uint8]:
    return head(portrait(name), yaw, closed=closed)


class Obedient:
    """A head that does what it is asked to, four degrees a frame."""

    def __init__(self, name: str = "astronaut") -> None:
        self.name, self.yaw, self.frame = name, 0, 0

    def __call__(self, phase: CapturePhase) -> NDArray[np.uint8]:
        goal = SIDES.get(phase, 0)
        self.yaw += max(-4, min(4, goal - self.yaw))
        self.frame += 1
        return seen(self.name, self.yaw, phase is CapturePhase.BLINK and self.yaw == 0 and self.frame % 6 < 2)
