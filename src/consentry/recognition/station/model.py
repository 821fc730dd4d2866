"""What a station worker is told, what it is asked, and what it answers.

The order is one line of JSON on standard input. Questions come over the station's socket (``consentry.recognition.wire``): a header with its
``type``, and for a frame the JPEG file as the body. Every question is answered with a ``CaptureState``.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar

from consentry.consent.model import Purpose
from consentry.platform.errors import InputError
from consentry.recognition.model import StationTicket, TicketKind

if TYPE_CHECKING:
    from collections.abc import Mapping

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
    "ticket_document",
    "ticket_from",
]

LONGEST_TEXT = 16_384
"""Characters of the longest text in a question: a grant or a token in base64."""
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
    grant: str | None = None
    token: str | None = None

    def to_document(self) -> dict[str, Any]:
        """Return the header of the question."""
        return {"type": self.TYPE, "ticket": ticket_document(self.ticket), "grant": self.grant, "token": self.token}


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame of the capture that ``ticket`` (its number) began; the body is a JPEG file."""

    TYPE: ClassVar[str] = "frame"
    ticket: str

    def to_document(self) -> dict[str, Any]:
        """Return the header of the question."""
        return {"type": self.TYPE, "ticket": self.ticket}


@dataclass(frozen=True, slots=True)
class Abort:
    """End the capture that ``ticket`` (its number) began and forget what was seen."""

    TYPE: ClassVar[str] = "abort"
    ticket: str

    def to_document(self) -> dict[str, Any]:
        """Return the header of the question."""
        return {"type": self.TYPE, "ticket": self.ticket}


Question = Begin | Frame | Abort


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
    ``outcome``: the vault's ``Outcome`` as it signed it, canonical JSON; ``signature``: base64. A refused capture has a ``refusal`` and no
    outcome. It is refused for good: what was seen is gone, and another capture needs another ticket.
    """

    TYPE: ClassVar[str] = "capture"
    state: CapturePhase
    progress: float = 0.0
    hint: str | None = None
    outcome: str | None = None
    signature: str | None = None
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


def ticket_document(ticket: StationTicket) -> dict[str, Any]:
    """Return a ticket as JSON; its end is seconds since 1970 in whole milliseconds."""
    return {
        "id": ticket.id,
        "station": ticket.station,
        "kind": str(ticket.kind),
        "purpose": str(ticket.purpose),
        "expires": round(ticket.expires.timestamp() * 1000),
        "notice_sha256": ticket.notice_sha256,
        "consent": ticket.consent,
        "attended": ticket.attended,
    }


def ticket_from(document: Mapping[str, Any]) -> StationTicket:
    """Read what ``ticket_document`` wrote.

    Raises:
        InputError: ``station.message`` where a field is missing, unknown or of another kind.
    """
    _expect_fields(document, {"id", "station", "kind", "purpose", "expires", "notice_sha256", "consent", "attended"})
    expires, attended = document["expires"], document["attended"]
    if not isinstance(attended, bool) or not isinstance(expires, int) or isinstance(expires, bool):
        raise _no_message("expires or attended is of another kind")
    try:
        return StationTicket(
            id=_text(document, "id"),
            station=_text(document, "station"),
            kind=TicketKind(_text(document, "kind")),
            purpose=Purpose(_text(document, "purpose")),
            expires=datetime.fromtimestamp(expires / 1000, UTC),
            notice_sha256=_text(document, "notice_sha256"),
            consent=_text_or_none(document, "consent"),
            attended=attended,
        )
    except (ValueError, OverflowError, OSError) as error:
        raise _no_message("a field of the ticket has no such value") from error


def parse_question(document: Mapping[str, Any]) -> Question:
    """Read the header of a question.

    Raises:
        InputError: ``station.message`` for anything that is not exactly a question.
    """
    match document.get("type"):
        case Begin.TYPE:
            _expect_fields(document, {"type", "ticket", "grant", "token"})
            ticket = document["ticket"]
            if not isinstance(ticket, dict):
                raise _no_message("the ticket is no object")
            return Begin(ticket_from(ticket), _text_or_none(document, "grant"), _text_or_none(document, "token"))
        case Frame.TYPE:
            _expect_fields(document, {"type", "ticket"})
            return Frame(_text(document, "ticket"))
        case Abort.TYPE:
            _expect_fields(document, {"type", "ticket"})
            return Abort(_text(document, "ticket"))
        case _:
            raise _no_message("there is no such question")


def _expect_fields(document: Mapping[str, Any], names: set[str]) -> None:
    if set(document) != names:
        raise _no_message("a field is missing or unknown")


def _text(document: Mapping[str, Any], name: str) -> str:
    value = document[name]
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_TEXT:
        raise _no_message(f"{name} is no text of a fit length")
    return value


def _text_or_none(document: Mapping[str, Any], name: str) -> str | None:
    return None if document[name] is None else _text(document, name)


def _no_message(problem: str) -> InputError:
    return InputError("station.message", "question to the station worker", problem, "Update the web process and the worker together")
