"""What is done with a face at a station: enrol, verify, identify. Each takes a ticket, leaves a signed outcome, and nothing of the probe."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from consentry.consent.model import Purpose
from consentry.platform.errors import InputError
from consentry.recognition import rules
from consentry.recognition.calibration import rate_name
from consentry.recognition.model import Band, Decision, Outcome, TicketKind
from consentry.recognition.refusals import RefusalCode, refusal
from consentry.recognition.vault.buffers import wiped

if TYPE_CHECKING:
    from datetime import datetime

    from numpy.typing import NDArray

    from consentry.consent.model import ConsentGrant
    from consentry.recognition.calibration import Calibration
    from consentry.recognition.messages import Enrol, Identify, SignedOutcome, Verify
    from consentry.recognition.model import StationTicket
    from consentry.recognition.rules import Thresholds
    from consentry.recognition.vault.enrolled import Enrolled
    from consentry.recognition.vault.gate import Gate
    from consentry.recognition.vault.notary import Notary
    from consentry.recognition.vault.templates import StoredTemplate
    from consentry.recognition.vault.tickets import TicketOffice
    from consentry.vision.faces.model import FaceEmbedder

    Vector = NDArray[np.float32]

__all__ = ["Captures", "Eye"]

_SOMEBODY = (Decision.ACCEPT, Band.CLEAR)
_NOBODY = (Decision.REJECT, Band.BELOW)
_GREY = 127


class Eye:
    """The embedder, and the side of the square faces (pixels) that it takes."""

    def __init__(self, embedder: FaceEmbedder, side: int, weights_sha256: str) -> None:
        """Take the embedder, which no other thread uses, and the SHA-256 of its weights."""
        self.family = embedder.family
        self.weights_sha256 = weights_sha256
        self.dimension = embedder.dimension
        self._embedder = embedder
        self._side = side
        self._stale = 0

    def vectors(self, body: bytearray, fewest: int, most: int) -> Vector:
        """Return the vectors, float32 [N, D], of the faces in ``body``, which the caller overwrites both.

        Raises:
            ConflictError: ``vault.shots`` where these are not ``fewest`` to ``most`` faces of the right size.
        """
        count, rest = divmod(len(body), self._side * self._side * 3)
        if rest or not fewest <= count <= most:
            raise refusal(RefusalCode.SHOTS)
        self._stale = count
        return self._embedder.embed(np.frombuffer(body, np.uint8).reshape(count, self._side, self._side, 3))

    def forget(self) -> Vector | None:
        """Overwrite what the network remembers of the last faces, by showing it as many grey squares; return the vectors of these, if any."""
        count, self._stale = self._stale, 0
        return self._embedder.embed(np.full((count, self._side, self._side, 3), _GREY, np.uint8)) if count else None


class Captures:
    """Carries out captures, one at a time."""

    def __init__(self, office: TicketOffice, gate: Gate, eye: Eye, enrolled: Enrolled, notary: Notary) -> None:
        """Take what a capture needs; the calibration comes later, and may change."""
        self.calibration: Calibration | None = None
        self._office = office
        self._gate = gate
        self._eye = eye
        self._enrolled = enrolled
        self._notary = notary
        self._tokens: dict[str, tuple[str, str, datetime]] = {}

    def calibrate(self, calibration: Calibration) -> None:
        """Decide by ``calibration`` from now on.

        Raises:
            InputError: ``calibration.family`` or ``calibration.weights`` where it was measured with another model than runs here.
        """
        if calibration.family != self._eye.family:
            mend = "Calibrate the model of [recognition] embedder."
            raise InputError("calibration.family", "the calibration", "it is of another model than the site's", mend)
        if calibration.model_sha256 != self._eye.weights_sha256:
            mend = "Measure again with this version's weights: consentry evaluate recognition."
            raise InputError("calibration.weights", "the calibration", "it was measured with other weights than run here", mend)
        self.calibration = calibration

    @property
    def is_certified_for_doors(self) -> bool:
        """Whether there is a calibration, and it certifies the model for doors."""
        return self.calibration is not None and self.calibration.certified_for(Purpose.DOOR_ACCESS).granted

    def enrol(self, question: Enrol, body: bytearray, now: datetime) -> SignedOutcome:
        """Make a template of three to five shots.

        Raises:
            ConflictError: With the code of the reason why not; nothing is kept then.
        """
        ticket, station = self._office.take(question.ticket, TicketKind.ENROL, now)
        data, grant = self._gate.granted(question.grant, ticket, now)
        calibration = self._calibration(ticket.purpose, question.capture.detector)
        _check(rules.capture_problem(question.capture, ticket, station))
        _check(RefusalCode.UNATTESTED if grant.purpose is Purpose.DOOR_ACCESS and not grant.may_enrol_for_doors else None)
        _check(rules.quality_problem(question.capture.quality))
        _check(RefusalCode.ENROLLED if self._enrolled.find(grant.consent) else None)
        image = self._fused(ticket.purpose, body, _thresholds(calibration, self._gate.policy.target_fpir, 1))
        with wiped(image):
            thresholds = _thresholds(calibration, self._gate.policy.target_fpir, self._enrolled.count(ticket.purpose) + 1)
            duplicates = self._enrolled.alike(ticket.purpose, image, thresholds.accept)
            self._keep(ticket, grant, data, image, now)
        draft = self._draft(ticket, now, thresholds, _SOMEBODY)
        return self._notary.outcome(replace(draft, person=grant.person, consent=grant.consent, duplicates=duplicates))

    def verify(self, question: Verify, body: bytearray, now: datetime) -> SignedOutcome:
        """Compare a face with the one record that the token names or holds.

        Raises:
            ConflictError: With the code of the reason why not.
        """
        ticket, station = self._office.take(question.ticket, TicketKind.VERIFY, now)
        calibration = self._calibration(ticket.purpose, question.capture.detector)
        _check(rules.capture_problem(question.capture, ticket, station))
        stored = self._gate.named(question.token, ticket)
        _check(self._gate.problem(stored, now))
        thresholds = _thresholds(calibration, self._gate.policy.target_fpir, 1)
        template = self._enrolled.vector(stored, question.token)
        if template is None:
            raise refusal(RefusalCode.GRANT_REVOKED)
        with wiped(template):
            probe = self._probe(ticket.purpose, body)
            with wiped(probe):
                decided = rules.decide(thresholds, float(template @ probe), None)
        draft = self._draft(ticket, now, thresholds, decided)
        if decided[0] is Decision.ACCEPT:
            return self._notary.outcome(replace(draft, person=stored.template.person, consent=stored.template.consent))
        return self._notary.outcome(replace(draft, reasons=rules.low_quality(question.capture.quality), consent=stored.template.consent))

    def identify(self, question: Identify, body: bytearray, now: datetime) -> SignedOutcome:
        """Search a face among everyone who agreed to the ticket's purpose.

        Raises:
            ConflictError: With the code of the reason why not.
        """
        ticket, station = self._office.take(question.ticket, TicketKind.IDENTIFY, now)
        calibration = self._calibration(ticket.purpose, question.capture.detector)
        _check(rules.capture_problem(question.capture, ticket, station))
        thresholds = _thresholds(calibration, self._gate.policy.target_fpir, self._enrolled.count(ticket.purpose))
        probe = self._probe(ticket.purpose, body)
        with wiped(probe):
            # A second that would only be unsure is further behind than an accepted first needs.
            found = self._enrolled.best_two(ticket.purpose, probe, thresholds.unsure, now)
        scores = [score for _, score in found]
        decided = rules.decide(thresholds, scores[0], scores[1] if scores[1:] else None) if scores else _NOBODY
        if decided[0] is Decision.ACCEPT:
            return self._notary.outcome(self._recognised(self._draft(ticket, now, thresholds), found[0][0]))
        draft = self._draft(ticket, now, thresholds, decided)
        return self._notary.outcome(replace(draft, reasons=rules.low_quality(question.capture.quality)))

    def token(self, ticket: str, now: datetime) -> str:
        """Return the token that an enrolment with ``ticket`` made, once.

        Raises:
            ConflictError: ``vault.token`` where there is none, or it was not fetched in time.
        """
        token, _, until = self._tokens.pop(ticket, ("", "", now))
        if now >= until:
            raise refusal(RefusalCode.TOKEN)
        return token

    def forget(self, consent: str) -> None:
        """Forget a token of ``consent`` that was not fetched."""
        self._tokens = {ticket: entry for ticket, entry in self._tokens.items() if entry[1] != consent}

    def settle(self, now: datetime) -> None:
        """Overwrite what is left of the last faces, and tokens that nobody fetched in time."""
        self._tokens = {ticket: entry for ticket, entry in self._tokens.items() if now < entry[2]}
        grey = self._eye.forget()
        if grey is not None:
            # Multiplying leaves copies in buffers of its own, which the next product overwrites.
            self._enrolled.space.rotated(next(iter(self._enrolled.space.numbers)), grey[0])

    def _calibration(self, purpose: Purpose, detector: str) -> Calibration:
        """Return the calibration in use. One measured behind another face detector says nothing: its landmarks make other chips."""
        if self.calibration is None or self.calibration.detector != detector:
            raise refusal(RefusalCode.NO_CALIBRATION)
        if not self.calibration.certified_for(purpose).granted:
            raise refusal(RefusalCode.NOT_CERTIFIED)
        return self.calibration

    def _fused(self, purpose: Purpose, body: bytearray, thresholds: Thresholds) -> Vector:
        """Return the mean of the shots' vectors, of unit length and rotated, if all of them show one face."""
        vectors = self._eye.vectors(body, rules.FEWEST_SHOTS, rules.MOST_SHOTS)
        with wiped(vectors):
            scores = [float(vectors[one] @ vectors[two]) for one, two in combinations(range(len(vectors)), 2)]
            _check(None if rules.shots_agree(scores, thresholds) else RefusalCode.SHOTS_DIFFER)
            fused = vectors.mean(axis=0)
        with wiped(fused):
            fused /= np.linalg.norm(fused)
            return self._enrolled.space.rotated(purpose, fused)

    def _probe(self, purpose: Purpose, body: bytearray) -> Vector:
        vectors = self._eye.vectors(body, 1, 1)
        with wiped(vectors):
            return self._enrolled.space.rotated(purpose, vectors[0])

    def _keep(self, ticket: StationTicket, grant: ConsentGrant, data: bytes, image: Vector, now: datetime) -> None:
        if self._gate.policy.in_tokens:
            token = self._enrolled.add_token(grant, data, image)
            self._tokens[ticket.id] = (token, grant.consent, now + rules.TOKEN_WAITS)
        else:
            self._enrolled.add(grant, data, image)

    def _recognised(self, draft: Outcome, stored: StoredTemplate) -> Outcome:
        """Return the outcome of a match: a match without a valid consent is an incident, and nobody's name."""
        template = stored.template
        if self._gate.problem(stored, draft.at):
            return replace(draft, reasons=(rules.GRANT_INVALID,), consent=template.consent)
        decision, band = _SOMEBODY
        return replace(draft, decision=decision, band=band, person=template.person, consent=template.consent)

    def _draft(self, ticket: StationTicket, now: datetime, thresholds: Thresholds, decided: tuple[Decision, Band] = _NOBODY) -> Outcome:
        """Return an outcome that names nobody; the notary numbers it."""
        return Outcome(
            sequence=0,
            at=now,
            ticket=ticket.id,
            station=ticket.station,
            kind=ticket.kind,
            purpose=ticket.purpose,
            decision=decided[0],
            band=decided[1],
            fmr=rate_name(thresholds.fmr),
            model=self._model(),
        )

    def _model(self) -> str:
        version = self.calibration.model_sha256[:12] if self.calibration else ""
        return f"{self._enrolled.space.family}@{version}"


def _thresholds(calibration: Calibration, target_fpir: float, gallery: int) -> Thresholds:
    try:
        return rules.thresholds_for(calibration, target_fpir, gallery)
    except InputError:
        raise refusal(RefusalCode.NOT_CERTIFIED) from None


def _check(problem: RefusalCode | None) -> None:
    if problem is not None:
        raise refusal(problem)
