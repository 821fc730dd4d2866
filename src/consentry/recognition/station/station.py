"""Answers the web process: begins captures, feeds them, hands what is complete to the vault, and ends them in time."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Protocol

from consentry.platform.errors import ConflictError, ConsentryError, InputError
from consentry.recognition.messages import Enrol, Identify, Verify
from consentry.recognition.model import ENROL_TICKET_S, TICKET_S, TicketKind
from consentry.recognition.station.capture import CaptureSession
from consentry.recognition.station.model import Abort, Begin, CapturePhase, CaptureState, Frame, Refusal, parse_question
from consentry.recognition.station.pictures import decoded
from consentry.recognition.station.sight import refused

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy as np
    from numpy.typing import NDArray

    from consentry.ledger.model import JSONValue
    from consentry.platform.clock import Clock
    from consentry.recognition.messages import SignedOutcome, StationQuestion
    from consentry.recognition.model import Capture
    from consentry.recognition.station.sight import Sight

__all__ = ["Station", "Vault"]

_DROPPED = ("capture.several-faces", "capture.outside-zone")


class Vault(Protocol):
    """Where the shots go."""

    def ask(self, question: StationQuestion, chips: NDArray[np.uint8]) -> SignedOutcome:
        """Return the vault's outcome; ``chips``: uint8 [n, S, S, 3], RGB.

        Raises:
            ConflictError: its refusal, or ``station.vault`` where it does not answer.
        """
        ...


class _Open:
    """The capture under way, the question that began it, and the monotonic second at which it ends."""

    def __init__(self, begin: Begin, session: CaptureSession, ends: float) -> None:
        self.begin, self.session, self.ends = begin, session, ends


class Station:
    """One station's captures, one at a time."""

    def __init__(self, name: str, sight: Sight, vault: Vault, clock: Clock, monotonic: Callable[[], float]) -> None:
        """``name``: the station's; ``monotonic``: seconds that only go forward, which nobody can set."""
        self._name, self._sight, self._vault = name, sight, vault
        self._clock, self._monotonic = clock, monotonic
        self._open: _Open | None = None
        self._spent: dict[str, float] = {}
        self._counts: Counter[str] = Counter()

    @property
    def counts(self) -> dict[str, int]:
        """Since the start: captures begun, and how each ended; ``dropped`` are those ended because of a second face or one outside the zone."""
        return {"begun": 0, "done": 0, "dropped": 0, **self._counts}

    def answer(self, header: Mapping[str, JSONValue], body: bytearray) -> CaptureState:
        """Answer one question; ``body``, a JPEG file or nothing, is overwritten."""
        try:
            self.expire()
            return self._answered(parse_question(header), body)
        except ConsentryError as error:
            self._counts[error.code] += 1
            return CaptureState(CapturePhase.REFUSED, refusal=Refusal(error.code, error.problem, error.mend))
        finally:
            body[:] = bytes(len(body))

    def expire(self) -> None:
        """End the capture whose time is over, and forget it; its next question is told why."""
        now = self._monotonic()
        self._spent = {ticket: until for ticket, until in self._spent.items() if until > now}
        if self._open is not None and now >= self._open.ends:
            self._open.session.close()

    def _answered(self, question: Begin | Frame | Abort, body: bytearray) -> CaptureState:
        match question:
            case Begin():
                return self._begin(question)
            case Frame():
                return self._see(self._of(question.ticket), body)
            case Abort():
                self._of(question.ticket)
                self._end()
                return CaptureState(CapturePhase.REFUSED, refusal=Refusal("capture.ended", "it was ended", "Activate the station again"))

    def _begin(self, begin: Begin) -> CaptureState:
        ticket = begin.ticket
        _check(begin, self._name)
        longest = ENROL_TICKET_S if ticket.kind is TicketKind.ENROL else TICKET_S
        left = min((ticket.expires - self._clock.now()).total_seconds(), longest)
        if left <= 0 or ticket.id in self._spent:
            raise refused("capture.timeout", "this ticket is over", "Activate the station again")
        self._end()
        now = self._monotonic()
        self._spent[ticket.id] = now + longest
        self._open = _Open(begin, CaptureSession(self._sight, ticket), now + left)
        self._counts["begun"] += 1
        return self._open.session.state

    def _of(self, ticket: str) -> _Open:
        if self._open is None or self._open.begin.ticket.id != ticket:
            raise ConflictError("capture.unknown", "capture", "none of this ticket is under way", "Activate the station again")
        return self._open

    def _see(self, capture: _Open, body: bytearray) -> CaptureState:
        now = self._monotonic()
        try:
            if now >= capture.ends:
                raise capture.session.timeout()
            self._look(capture.session, now, body)
            if not capture.session.complete:
                return capture.session.state
            state = self._handed_over(capture)
        except ConsentryError as error:
            self._counts["dropped"] += error.code in _DROPPED
            self._end()
            raise
        self._end()
        return state

    def _look(self, session: CaptureSession, now: float, body: bytearray) -> None:
        picture = decoded(body)
        try:
            session.see(now, picture)
        finally:
            picture.fill(0)

    def _handed_over(self, capture: _Open) -> CaptureState:
        told, chips = capture.session.result()
        try:
            signed = self._vault.ask(_question(capture.begin, told), chips)
        finally:
            chips.fill(0)
        self._counts["done"] += 1
        return CaptureState(CapturePhase.DONE, 1.0, outcome=signed.outcome, signature=signed.signature, epoch=signed.epoch)

    def _end(self) -> None:
        if self._open is not None:
            self._open.session.close()
            self._open = None


def _check(begin: Begin, station: str) -> None:
    ticket = begin.ticket
    if ticket.station != station:
        raise InputError("station.ticket", "ticket", "it is for another station", "Send it to the worker of its own station")
    needed = {TicketKind.ENROL: begin.grant, TicketKind.VERIFY: begin.token, TicketKind.IDENTIFY: ""}[ticket.kind]
    if needed is None:
        raise InputError("station.message", "Begin", "a grant is needed to enrol, and a token to verify", "Send what docs/stations.md describes")


def _question(begin: Begin, capture: Capture) -> StationQuestion:
    match begin.ticket.kind:
        case TicketKind.ENROL:
            return Enrol(begin.ticket.id, begin.grant or "", capture)
        case TicketKind.VERIFY:
            return Verify(begin.ticket.id, begin.token or "", capture)
        case TicketKind.IDENTIFY:
            return Identify(begin.ticket.id, capture)
