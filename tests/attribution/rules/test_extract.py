"""What is extracted of a history for one contract comes to the same verdict as all of it, however much else happened."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from consentry.attribution.cases import read_case_document
from consentry.attribution.model import AgencyContract, Grade, Link, Outage, Report, Signing, Visit
from consentry.attribution.rules import judge
from consentry.attribution.rules.extract import Ties, extract, floor, index_events, to_milliseconds
from tests.attribution.rules.histories import PEOPLE, history

if TYPE_CHECKING:
    from consentry.attribution.model import Case, Event

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def case_of(seed: int) -> Case:
    return read_case_document(history(seed), "history").case


def others(seed: int) -> tuple[Event, ...]:
    """Return a history of other people, whose events have other ids."""
    text = json.dumps(history(seed))
    for number in range(len(PEOPLE)):
        text = text.replace(f'"p{number}"', f'"q{number}"')
    document = json.loads(text)
    for event in document["events"]:
        for key in ("id", "report", "of"):
            if event.get(key):
                event[key] = f"x{event[key]}"
    return read_case_document(document, "others").case.events


@pytest.mark.parametrize("first", range(0, 3000, 500))
def test_the_extract_comes_to_the_same_verdict_as_the_whole_history(first: int) -> None:
    differing = []
    for seed in range(first, first + 500):
        case = case_of(seed)
        whole = replace(case, events=(*case.events, *others(seed + 10**6)))
        drawn = replace(case, events=extract(index_events(whole.events), case.signing))
        if judge(drawn) != judge(whole):
            differing.append(seed)
    assert differing == []


def test_the_extract_leaves_out_who_has_nothing_to_do_with_it() -> None:
    drawn = [extract(index_events((*case.events, *others(seed + 7))), case.signing) for seed in range(200) for case in [case_of(seed)]]
    assert not any(isinstance(event, Visit) and event.person.startswith("q") for events in drawn for event in events)


def test_kin_does_not_chain() -> None:
    ties = Ties([("buyer", "father", "parent"), ("father", "uncle", "sibling"), ("father", "father-again", "phone"), ("uncle", "uncle-again", "id")])
    assert ties.around(["buyer"]) == {"buyer", "father", "father-again"}


def test_a_report_that_a_visit_names_is_in_the_extract_whoever_its_client_is() -> None:
    report, visit = Report("r", "A", "stranger", NOON), Visit("v", "buyer", NOON + HOUR, "r", bound=True)
    assert extract(index_events([report, visit]), Signing(NOON + 2 * HOUR, ("buyer",))) == (report, visit)


def test_what_was_received_after_the_signing_is_left_out() -> None:
    link = Link("buyer", "client", "phone", Grade.LOGGED, NOON + HOUR)
    assert extract(index_events([link]), Signing(NOON, ("buyer",))) == ()
    assert extract(index_events([link]), Signing(NOON + HOUR, ("buyer",))) == (link,)


def test_of_an_agency_s_contracts_that_of_the_report_is_in_the_extract_and_all_only_where_there_was_none() -> None:
    year = timedelta(days=365)
    last, this, other = AgencyContract("A", NOON - year, NOON - HOUR), AgencyContract("A", NOON, NOON + year), AgencyContract("B", NOON - year, NOON + year)
    under, without = Report("r", "A", "buyer", NOON), Report("s", "A", "buyer", NOON - HOUR / 2)
    for report, expected in ((under, {this}), (without, {last, this})):
        drawn = extract(index_events([last, this, other, report]), Signing(NOON + HOUR, ("buyer",)))
        assert {event for event in drawn if isinstance(event, AgencyContract)} == expected


def test_an_outage_is_in_the_extract_only_where_it_may_have_held_up_a_report() -> None:
    near, far = Outage(NOON - HOUR, NOON - timedelta(minutes=5)), Outage(NOON - 3 * HOUR, NOON - 2 * HOUR)
    report = Report("r", "A", "buyer", NOON)
    assert extract(index_events([near, far, report]), Signing(NOON + HOUR, ("buyer",))) == (near, report)


def test_instants_are_those_of_the_ledger() -> None:
    assert floor(NOON + timedelta(microseconds=123_999)) == NOON + timedelta(microseconds=123_000)
    visit = Visit("v", "p", NOON + timedelta(microseconds=1), claimed_at=NOON + timedelta(microseconds=2_001))
    assert to_milliseconds(visit) == Visit("v", "p", NOON, claimed_at=NOON + timedelta(microseconds=2_000))
