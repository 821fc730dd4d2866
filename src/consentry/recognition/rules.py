"""What the vault allows and decides. Pure: instants, counts and scores come with the call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from math import expm1, log1p
from typing import TYPE_CHECKING, Protocol

from consentry.consent.model import Purpose
from consentry.recognition.model import ENROL_TICKET_S, TICKET_S, Band, Decision, StationTicket, TicketKind
from consentry.recognition.refusals import RefusalCode

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from consentry.consent.model import ConsentGrant
    from consentry.recognition.model import Activation, Capture

__all__ = [
    "CLOCK_SKEW",
    "FEWEST_SHOTS",
    "GRANT_INVALID",
    "LOOSEST_FMR",
    "MOST_SHOTS",
    "QUALITY_MINIMUM",
    "TICKETS_A_MINUTE",
    "TOKEN_WAITS",
    "TOMBSTONES_KEPT",
    "GrantTerms",
    "HeldTicket",
    "StationRights",
    "Thresholds",
    "VaultScope",
    "activation_problem",
    "capture_problem",
    "decide",
    "fmr_for",
    "grant_problem",
    "low_quality",
    "quality_problem",
    "shots_agree",
    "thresholds_for",
    "ticket_for",
    "ticket_problem",
]

CLOCK_SKEW = timedelta(seconds=30)
"""How far a station's clock may be from the vault's."""
TICKETS_A_MINUTE = 30
"""Tickets that one station gets in a minute, at most."""
QUALITY_MINIMUM = 30
"""Of each measure of ISO/IEC 29794-5, 0 to 100, to enrol. The station worker asks for more; this floor holds whatever the worker says."""
FEWEST_SHOTS, MOST_SHOTS = 3, 5
"""Shots of one person that make a template."""
LOOSEST_FMR = 1e-3
"""No comparison is decided at a higher false match rate, however small the gallery is."""
GRANT_INVALID = "grant-invalid"
"""Reason of an outcome: a face matched whose consent is not valid any more. An incident."""
TOKEN_WAITS = timedelta(minutes=1)
"""How long a token waits for the web process to fetch it."""
TOMBSTONES_KEPT = timedelta(days=1461)
"""How long the vault knows which consents it erased: a year longer than any backup may live (``docs/vault.md``)."""
_UNSURE_FACTOR = 10
"""Scores that a rate this many times higher would accept are *unsure*."""


@dataclass(frozen=True, slots=True)
class VaultScope:
    """What this vault may do at all: its purposes, and those of them that search among everyone who agreed (1:N)."""

    purposes: frozenset[Purpose]
    identifies: frozenset[Purpose]


@dataclass(frozen=True, slots=True)
class StationRights:
    """What a station may do, and the counter of its last activation (0 before the first)."""

    purposes: frozenset[Purpose]
    may_enrol: bool
    attested: bool
    counter: int = 0


@dataclass(frozen=True, slots=True)
class HeldTicket:
    """A ticket and whether it was used."""

    ticket: StationTicket
    used: bool


@dataclass(frozen=True, slots=True)
class GrantTerms:
    """What a grant must fit: site, purpose and model family of the gallery, and the ticket's consent."""

    site: str
    purpose: Purpose
    family: str
    consent: str


class ThresholdTable(Protocol):
    """Gives thresholds; ``recognition.calibration.Calibration`` is one."""

    def threshold(self, fmr: float) -> float:
        """Return the score from which on a comparison matches at a false match rate of ``fmr``; raise ``InputError`` beyond the data."""
        ...


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Scores (cosine) from which on the vault accepts, or is at least unsure; ``fmr``: what ``accept`` was set for."""

    accept: float
    unsure: float
    fmr: float

    @property
    def margin(self) -> float:
        """How far the second best must be behind the best: as far as one power of ten in the false match rate."""
        return self.accept - self.unsure


def activation_problem(activation: Activation, station: StationRights, scope: VaultScope, minted: Sequence[datetime], now: datetime) -> RefusalCode | None:
    """Return why an activation (its signature is checked already) gets no ticket.

    ``minted``: when the station got tickets before.
    """
    return _first(
        (
            (abs(activation.at - now) > CLOCK_SKEW, RefusalCode.CLOCK),
            (activation.counter <= station.counter, RefusalCode.COUNTER),
            (activation.purpose not in scope.purposes, RefusalCode.OFF),
            (activation.purpose not in station.purposes, RefusalCode.TICKET_PURPOSE),
            (not _is_kind_allowed(activation, station, scope), RefusalCode.TICKET_KIND),
            (sum(now - at < timedelta(minutes=1) for at in minted) >= TICKETS_A_MINUTE, RefusalCode.RATE),
        )
    )


def _is_kind_allowed(activation: Activation, station: StationRights, scope: VaultScope) -> bool:
    match activation.kind:
        case TicketKind.ENROL:
            return station.may_enrol and activation.consent is not None
        case TicketKind.VERIFY:
            return activation.consent is not None
        case TicketKind.IDENTIFY:
            return activation.purpose in scope.identifies and activation.consent is None


def ticket_for(activation: Activation, number: str, now: datetime, attended_by: str | None) -> StationTicket:
    """Return the ticket that an activation gets: attended where the station asked for it and somebody (``attended_by``) stands by."""
    lasts = ENROL_TICKET_S if activation.kind is TicketKind.ENROL else TICKET_S
    return StationTicket(
        id=number,
        station=activation.station,
        kind=activation.kind,
        purpose=activation.purpose,
        expires=now + timedelta(seconds=lasts),
        notice_sha256=activation.notice_sha256,
        consent=activation.consent,
        attended=activation.attended and attended_by is not None,
    )


def ticket_problem(held: HeldTicket | None, kind: TicketKind, station: StationRights | None, now: datetime) -> RefusalCode | None:
    """Return why a ticket cannot be used for ``kind`` now; ``station``: the rights of its station, None where that is not known any more."""
    if held is None:
        return RefusalCode.TICKET_UNKNOWN
    return _first(
        (
            (held.used, RefusalCode.TICKET_USED),
            (now >= held.ticket.expires, RefusalCode.TICKET_EXPIRED),
            (station is None, RefusalCode.TICKET_STATION),
            (station is not None and held.ticket.purpose not in station.purposes, RefusalCode.TICKET_PURPOSE),
            (held.ticket.kind is not kind, RefusalCode.TICKET_KIND),
            (station is not None and kind is TicketKind.ENROL and not station.may_enrol, RefusalCode.TICKET_KIND),
        )
    )


def grant_problem(grant: ConsentGrant, terms: GrantTerms, revoked: Collection[str], now: datetime) -> RefusalCode | None:
    """Return why a grant (its signature is checked already) gives no leave now; ``revoked``: consents that were withdrawn."""
    return _first(
        (
            (grant.site != terms.site, RefusalCode.GRANT_SITE),
            (grant.purpose is not terms.purpose, RefusalCode.GRANT_PURPOSE),
            (grant.model_family != terms.family, RefusalCode.GRANT_MODEL),
            (grant.consent != terms.consent, RefusalCode.GRANT),
            (grant.consent in revoked, RefusalCode.GRANT_REVOKED),
            (not grant.issued - CLOCK_SKEW <= now < grant.expires, RefusalCode.GRANT_EXPIRED),
        )
    )


def capture_problem(capture: Capture, ticket: StationTicket, station: StationRights) -> RefusalCode | None:
    """Return why what the station worker saw is no living person at a place that this may be done.

    A member of staff who stands by replaces liveness to enrol, and otherwise everywhere but at doors.
    """
    at_door = ticket.purpose is Purpose.DOOR_ACCESS
    if at_door and not (capture.attested and station.attested):
        return RefusalCode.UNATTESTED
    staff_suffices = ticket.attended and (ticket.kind is TicketKind.ENROL or not at_door)
    if not _is_live(capture.liveness) and not staff_suffices:
        return RefusalCode.LIVENESS
    return None


def _is_live(liveness: Mapping[str, bool]) -> bool:
    return bool(liveness) and all(liveness.values())


def low_quality(quality: Mapping[str, int]) -> tuple[str, ...]:
    """Return the measures that are below the minimum, in the order of their names."""
    return tuple(sorted(name for name, score in quality.items() if score < QUALITY_MINIMUM))


def quality_problem(quality: Mapping[str, int]) -> RefusalCode | None:
    """Return why shots of this quality make no template: a measure is too low, or nothing was measured."""
    return RefusalCode.QUALITY if not quality or low_quality(quality) else None


def fmr_for(target_fpir: float, gallery: int) -> float:
    """Return the false match rate that keeps ``target_fpir`` in a search among ``gallery`` templates: 1 - (1 - FPIR)^(1/N), at most ``LOOSEST_FMR``."""
    return min(LOOSEST_FMR, -expm1(log1p(-target_fpir) / max(1, gallery)))


def thresholds_for(table: ThresholdTable, target_fpir: float, gallery: int) -> Thresholds:
    """Return the thresholds among ``gallery`` templates.

    Raises:
        InputError: Where the calibration's data do not reach as far as the rate needed; nothing is extrapolated.
    """
    fmr = fmr_for(target_fpir, gallery)
    return Thresholds(table.threshold(fmr), table.threshold(_UNSURE_FACTOR * fmr), fmr)


def decide(thresholds: Thresholds, best: float, second: float | None) -> tuple[Decision, Band]:
    """Return decision and band for the best score and the second best; None where there is none."""
    if not best >= thresholds.unsure:
        return Decision.REJECT, Band.BELOW
    clear = second is None or best - second >= thresholds.margin
    if best >= thresholds.accept and clear:
        return Decision.ACCEPT, Band.CLEAR
    return Decision.UNSURE, Band.NEAR


def shots_agree(scores: Iterable[float], thresholds: Thresholds) -> bool:
    """Return whether shots show one face; ``scores``: of every pair of them."""
    return all(score >= thresholds.unsure for score in scores)


def _first(checks: Iterable[tuple[bool, RefusalCode]]) -> RefusalCode | None:
    """Return the code of the first check that holds."""
    return next((code for holds, code in checks if holds), None)
