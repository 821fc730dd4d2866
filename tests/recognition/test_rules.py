"""The vault's rules against oracles that know them in other words."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from types import MappingProxyType
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentry.consent.model import ConsentGrant, Purpose
from consentry.platform.errors import InputError
from consentry.recognition import rules
from consentry.recognition.model import Act, Activation, Band, Capture, Decision, StationTicket, TicketKind
from consentry.recognition.refusals import RefusalCode, refusal
from consentry.recognition.rules import GrantTerms, HeldTicket, StationRights, Thresholds, VaultScope

if TYPE_CHECKING:
    from collections.abc import Mapping

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
GREETING, DOOR, SALE = Purpose.GREETING, Purpose.DOOR_ACCESS, Purpose.SALE_ATTRIBUTION
STATION = StationRights(frozenset({GREETING, DOOR}), may_enrol=True, attested=True, counter=7)
SCOPE = VaultScope(frozenset({GREETING, DOOR}), frozenset({GREETING}))
ACTIVATION = Activation("s", TicketKind.VERIFY, GREETING, Act.BUTTON, 8, NOW, "00", "ab", "c")
TICKET = StationTicket("t", "s", TicketKind.VERIFY, GREETING, NOW + timedelta(seconds=10), "ab", "c")
GRANT = ConsentGrant("c", "p", "shop", GREETING, "dlib", "ab", NOW - timedelta(days=1), NOW + timedelta(days=1), 1)
TERMS = GrantTerms("shop", GREETING, "dlib", "c")

ACTIVATIONS: list[tuple[RefusalCode | None, Activation]] = [
    (None, ACTIVATION),
    (None, replace(ACTIVATION, at=NOW + timedelta(seconds=30))),
    (None, replace(ACTIVATION, at=NOW - timedelta(seconds=30))),
    (RefusalCode.CLOCK, replace(ACTIVATION, at=NOW + timedelta(seconds=30.001))),
    (RefusalCode.CLOCK, replace(ACTIVATION, at=NOW - timedelta(seconds=30.001))),
    (RefusalCode.COUNTER, replace(ACTIVATION, counter=7)),
    (RefusalCode.COUNTER, replace(ACTIVATION, counter=-1)),
    (RefusalCode.OFF, replace(ACTIVATION, purpose=SALE)),
    (RefusalCode.TICKET_KIND, replace(ACTIVATION, consent=None)),
    (None, replace(ACTIVATION, kind=TicketKind.IDENTIFY, consent=None)),
    (RefusalCode.TICKET_KIND, replace(ACTIVATION, kind=TicketKind.IDENTIFY)),
    (RefusalCode.TICKET_KIND, replace(ACTIVATION, kind=TicketKind.IDENTIFY, consent=None, purpose=DOOR)),
    (None, replace(ACTIVATION, kind=TicketKind.ENROL)),
    (RefusalCode.TICKET_KIND, replace(ACTIVATION, kind=TicketKind.ENROL, consent=None)),
]


@pytest.mark.parametrize(("code", "activation"), ACTIVATIONS)
def test_an_activation_gets_a_ticket_or_the_reason_why_not(code: RefusalCode | None, activation: Activation) -> None:
    assert rules.activation_problem(activation, STATION, SCOPE, (), NOW) is code


def test_a_station_asks_only_for_what_it_may() -> None:
    enrol = replace(ACTIVATION, kind=TicketKind.ENROL)
    assert rules.activation_problem(enrol, replace(STATION, may_enrol=False), SCOPE, (), NOW) is RefusalCode.TICKET_KIND
    assert rules.activation_problem(ACTIVATION, replace(STATION, purposes=frozenset({DOOR})), SCOPE, (), NOW) is RefusalCode.TICKET_PURPOSE


@given(ages=st.lists(st.integers(0, 120), max_size=80))
def test_a_station_gets_thirty_tickets_within_any_minute(ages: list[int]) -> None:
    minted = [NOW - timedelta(seconds=age) for age in ages]
    found = rules.activation_problem(ACTIVATION, STATION, SCOPE, minted, NOW)
    assert found is (RefusalCode.RATE if len([age for age in ages if age < 60]) >= 30 else None)


class TicketOracle:
    """Knows the life of a ticket as states and events: nothing of instants but whether its time is over."""

    def __init__(self, kind: TicketKind) -> None:
        """Begin with a fresh ticket."""
        self.state = "fresh"
        self.kind = kind

    def present(self, kind: TicketKind, *, late: bool) -> str:
        """Return what happens when it is shown."""
        if self.state == "used":
            return "vault.ticket-used"
        if late:
            return "vault.ticket-expired"
        if kind is not self.kind:
            return "vault.ticket-kind"
        self.state = "used"
        return "taken"


@given(
    kind=st.sampled_from(TicketKind),
    shown=st.lists(st.tuples(st.sampled_from(TicketKind), st.floats(0, 40)), max_size=8),
)
def test_a_ticket_lives_as_the_oracle_says(kind: TicketKind, shown: list[tuple[TicketKind, float]]) -> None:
    ticket = rules.ticket_for(replace(ACTIVATION, kind=kind), "t", NOW, None)
    oracle, used, now = TicketOracle(kind), False, NOW
    lasts = 60 if kind is TicketKind.ENROL else 10
    for presented, later in shown:
        now += timedelta(seconds=later)
        found = rules.ticket_problem(HeldTicket(ticket, used), presented, STATION, now)
        assert (found or "taken") == oracle.present(presented, late=(now - NOW) >= timedelta(seconds=lasts))
        used = used or found is None


def test_a_ticket_is_worth_nothing_without_its_station() -> None:
    held = HeldTicket(TICKET, used=False)
    enrol = HeldTicket(replace(TICKET, kind=TicketKind.ENROL), used=False)
    assert rules.ticket_problem(None, TicketKind.VERIFY, STATION, NOW) is RefusalCode.TICKET_UNKNOWN
    assert rules.ticket_problem(held, TicketKind.VERIFY, None, NOW) is RefusalCode.TICKET_STATION
    assert rules.ticket_problem(held, TicketKind.VERIFY, replace(STATION, purposes=frozenset({DOOR})), NOW) is RefusalCode.TICKET_PURPOSE
    assert rules.ticket_problem(enrol, TicketKind.ENROL, replace(STATION, may_enrol=False), NOW) is RefusalCode.TICKET_KIND


GRANTS: list[tuple[RefusalCode | None, ConsentGrant]] = [
    (None, GRANT),
    (None, replace(GRANT, issued=NOW + timedelta(seconds=30))),
    (RefusalCode.GRANT_SITE, replace(GRANT, site="other")),
    (RefusalCode.GRANT_PURPOSE, replace(GRANT, purpose=DOOR)),
    (RefusalCode.GRANT_MODEL, replace(GRANT, model_family="sface")),
    (RefusalCode.GRANT, replace(GRANT, consent="d")),
    (RefusalCode.GRANT_EXPIRED, replace(GRANT, expires=NOW)),
    (RefusalCode.GRANT_EXPIRED, replace(GRANT, issued=NOW + timedelta(seconds=31))),
]


@pytest.mark.parametrize(("code", "grant"), GRANTS)
def test_a_grant_gives_leave_only_where_everything_fits(code: RefusalCode | None, grant: ConsentGrant) -> None:
    assert rules.grant_problem(grant, TERMS, {"e"}, NOW) is code


def test_a_revoked_grant_gives_no_leave() -> None:
    assert rules.grant_problem(GRANT, TERMS, {"c"}, NOW) is RefusalCode.GRANT_REVOKED


LIVENESS: list[Mapping[str, bool]] = [{}, {"passive": True}, {"active": True, "passive": True}, {"active": True, "passive": False}, {"active": False}]


@pytest.mark.parametrize(
    ("kind", "purpose", "attended", "attested", "liveness"), list(product(TicketKind, (GREETING, DOOR), (False, True), (False, True), LIVENESS))
)
def test_a_capture_is_of_a_living_person_at_a_place_that_may(
    kind: TicketKind, purpose: Purpose, attended: bool, attested: bool, liveness: Mapping[str, bool]
) -> None:
    capture = Capture("yunet", {"sharpness": 90}, MappingProxyType(liveness), attested=attested)
    found = rules.capture_problem(capture, replace(TICKET, kind=kind, purpose=purpose, attended=attended), STATION)
    live = liveness in ({"passive": True}, {"active": True, "passive": True})
    if purpose is DOOR and not attested:
        assert found is RefusalCode.UNATTESTED
    elif live or (attended and (kind is TicketKind.ENROL or purpose is GREETING)):
        assert found is None
    else:
        assert found is RefusalCode.LIVENESS


def test_a_camera_is_attested_only_where_the_station_is_too() -> None:
    capture = Capture("yunet", {}, {"active": True}, attested=True)
    assert rules.capture_problem(capture, replace(TICKET, purpose=DOOR), replace(STATION, attested=False)) is RefusalCode.UNATTESTED


@given(quality=st.dictionaries(st.text(max_size=5), st.integers(-10, 110), max_size=6))
def test_every_measure_must_reach_the_minimum(quality: dict[str, int]) -> None:
    enough = len(quality) > 0 and min(quality.values()) >= 30
    assert (rules.quality_problem(quality) is None) is enough
    assert set(rules.low_quality(quality)) == {name for name in quality if quality[name] < 30}


@given(fpir=st.floats(1e-6, 0.05), gallery=st.integers(0, 1_000_000))
def test_the_rate_of_one_comparison_keeps_that_of_the_search(fpir: float, gallery: int) -> None:
    fmr = rules.fmr_for(fpir, gallery)
    assert 0 < fmr <= 1e-3
    in_a_search = -math.expm1(max(1, gallery) * math.log1p(-fmr))
    assert in_a_search <= fpir * (1 + 1e-9)
    if fmr < 1e-3:
        assert in_a_search == pytest.approx(fpir)


class Line:
    """A calibration whose threshold grows by 0.1 with each power of ten, measured down to 1e-6."""

    def threshold(self, fmr: float) -> float:
        """Return the threshold."""
        if fmr < 1e-6:
            raise InputError("calibration.beyond-data", "rate", "too low", "measure more")
        return -math.log10(fmr) / 10


def test_thresholds_are_those_of_the_rate_and_of_ten_times_the_rate_and_end_with_the_data() -> None:
    found = rules.thresholds_for(Line(), 0.01, 1000)
    assert found.accept == pytest.approx(-math.log10(0.01 / 1000) / 10, abs=1e-3)
    assert found.margin == pytest.approx(0.1)
    with pytest.raises(InputError):
        rules.thresholds_for(Line(), 0.01, 1_000_000)


THRESHOLDS = Thresholds(accept=0.6, unsure=0.5, fmr=1e-4)
DECISIONS = [
    (0.9, None, Decision.ACCEPT, Band.CLEAR),
    (0.6, None, Decision.ACCEPT, Band.CLEAR),
    (0.6, 0.4, Decision.ACCEPT, Band.CLEAR),
    (0.9, 0.85, Decision.UNSURE, Band.NEAR),
    (0.59, None, Decision.UNSURE, Band.NEAR),
    (0.5, 0.5, Decision.UNSURE, Band.NEAR),
    (0.49, None, Decision.REJECT, Band.BELOW),
    (-1.0, -1.0, Decision.REJECT, Band.BELOW),
    (math.nan, None, Decision.REJECT, Band.BELOW),
]


@pytest.mark.parametrize(("best", "second", "decision", "band"), DECISIONS)
def test_decisions(best: float, second: float | None, decision: Decision, band: Band) -> None:
    assert rules.decide(THRESHOLDS, best, second) == (decision, band)


@given(best=st.floats(-1, 1), behind=st.floats(0, 2), accept=st.floats(0.2, 1), width=st.floats(0, 0.3))
def test_nobody_is_accepted_below_the_threshold_or_beside_a_rival(best: float, behind: float, accept: float, width: float) -> None:
    thresholds = Thresholds(accept, accept - width, 1e-4)
    decision, band = rules.decide(thresholds, best, best - behind)
    if best < thresholds.unsure:
        assert decision is Decision.REJECT
    elif best < accept or best - (best - behind) < thresholds.margin:
        assert decision is Decision.UNSURE
    else:
        assert decision is Decision.ACCEPT
    assert band is {Decision.ACCEPT: Band.CLEAR, Decision.UNSURE: Band.NEAR, Decision.REJECT: Band.BELOW}[decision], "the band tells no more"


@given(scores=st.lists(st.floats(-1, 1), min_size=3, max_size=10))
def test_shots_agree_when_every_pair_does(scores: list[float]) -> None:
    assert rules.shots_agree(scores, THRESHOLDS) is (min(scores) >= 0.5)


@pytest.mark.parametrize("code", RefusalCode)
def test_every_refusal_has_its_words(code: RefusalCode) -> None:
    error = refusal(code)
    assert error.code == code
    assert error.problem
    assert error.mend
