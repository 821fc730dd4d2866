"""What a station worker is told, what it is asked, and what it answers.

The order is one line of JSON on standard input. Questions come over the station's socket (``consentry.recognition.wire``): a header with its
``type``, and for a frame the JPEG file as the body. Every question is answered with a ``CaptureState``.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from consentry.platform.errors import InputError
from consentry.recognition.codec import Longest, from_document, to_document
from consentry.recognition.model import StationTicket  # noqa: TC001  - the codec reads the annotations when the program runs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from consentry.ledger.model import JSONValue

__all__ = [
    "Abort",
    "Begin",
    "CapturePhase",
    "CaptureState",
    "Frame",
    "Question",
    "Refusal",
    "StationOrder",
    "parse_question",
]

Document = Annotated[str, Longest(8_192)]
"""A grant or a token in base64."""
_PERCENT = 100


class CapturePhase(StrEnum):
    """What the person in front of the station is to do now."""

    LOOKING = "looking"
    TURN_LEFT = "turn-left"
    TURN_RIGHT = "turn-right"
    BLINK = "blink"
    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class StationOrder:
    """Watch for captures of ``station``.

    ``socket``: where to listen for the web process; ``askers``: the users who may ask there. ``vault_socket``: where the vault listens for
    stations. ``zone``: x1 y1 x2 y2, fractions of the picture, where the one face must be. ``detector``: its name, or ``auto``. ``family``: the
    embedder whose layout the chips have. ``attested``: the camera is the station's own. ``models``: the folder of weights, None for the usual
    places.
    """

    station: str
    socket: str
    vault_socket: str
    askers: tuple[int, ...]
    zone: tuple[float, float, float, float]
    detector: str
    family: str
    attested: bool
    models: str | None = None

    def to_line(self) -> str:
        """Return the order as one line of JSON."""
        return json.dumps(asdict(self)) + "\n"

    @classmethod
    def from_line(cls, line: str) -> StationOrder:
        """Return the order written by ``to_line``."""
        fields = json.loads(line)
        x1, y1, x2, y2 = fields["zone"]
        return cls(**{**fields, "askers": tuple(fields["askers"]), "zone": (x1, y1, x2, y2)})


@dataclass(frozen=True, slots=True)
class Begin:
    """Begin the capture that ``ticket`` allows; one that is under way ends. ``grant`` (base64): to enrol. ``token``: to verify."""

    TYPE: ClassVar[str] = "begin"
    ticket: StationTicket
    grant: Document | None = None
    token: Document | None = None

    def to_document(self) -> dict[str, JSONValue]:
        """Return the header of the question."""
        return {"type": self.TYPE, **to_document(self)}


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame of the capture that ``ticket`` (its number) began; the body is a JPEG file."""

    TYPE: ClassVar[str] = "frame"
    ticket: str

    def to_document(self) -> dict[str, JSONValue]:
        """Return the header of the question."""
        return {"type": self.TYPE, **to_document(self)}


@dataclass(frozen=True, slots=True)
class Abort:
    """End the capture that ``ticket`` (its number) began and forget what was seen."""

    TYPE: ClassVar[str] = "abort"
    ticket: str

    def to_document(self) -> dict[str, JSONValue]:
        """Return the header of the question."""
        return {"type": self.TYPE, **to_document(self)}


Question = Begin | Frame | Abort

_QUESTIONS: dict[str, type[Question]] = {kind.TYPE: kind for kind in (Begin, Frame, Abort)}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a capture or a question came to nothing: a stable ``code``, the problem, and how to mend it."""

    code: str
    problem: str
    mend: str


@dataclass(frozen=True, slots=True)
class CaptureState:
    """The answer to every question.

    ``progress``: 0 to 1. ``hint``: the code of what keeps the picture from being good enough (``consentry.recognition.station.words``).
    ``outcome``: the vault's ``Outcome`` as it signed it, canonical JSON; ``signature``: base64, ``epoch``: of the
    key that signed (``consentry.recognition.seals``). A refused capture has a ``refusal`` and no
    outcome. It is refused for good: what was seen is gone, and another capture needs another ticket.
    """

    TYPE: ClassVar[str] = "capture"
    state: CapturePhase
    progress: float = 0.0
    hint: str | None = None
    outcome: str | None = None
    signature: str | None = None
    epoch: int | None = None
    refusal: Refusal | None = None

    def to_document(self) -> dict[str, Any]:
        """Return the header of the answer. Progress travels in whole hundredths: canonical JSON has no fractions."""
        return {**asdict(self), "type": self.TYPE, "state": str(self.state), "progress": round(self.progress * _PERCENT)}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> CaptureState:
        """Read what ``to_document`` wrote.

        Raises:
            KeyError, TypeError, ValueError: it is no answer of a station worker.
        """
        fields = {key: value for key, value in document.items() if key != "type"}
        refusal = Refusal(**fields["refusal"]) if fields["refusal"] is not None else None
        return cls(**{**fields, "state": CapturePhase(fields["state"]), "progress": fields["progress"] / _PERCENT, "refusal": refusal})


def parse_question(header: Mapping[str, JSONValue]) -> Question:
    """Read the header of a question.

    Raises:
        InputError: ``station.message`` for anything that is not exactly a question.
    """
    kind = _QUESTIONS.get(str(header.get("type")))
    document = {name: value for name, value in header.items() if name != "type"}
    try:
        if kind is not None:
            return from_document(kind, document)
    except InputError as error:
        raise _no_question(error.subject, error.problem) from error
    raise _no_question("question", "there is none of this type")


def _no_question(subject: str, problem: str) -> InputError:
    return InputError("station.message", subject, problem, "Send what docs/stations.md describes, as this version of Consentry writes it")
