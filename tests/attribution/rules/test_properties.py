"""What must hold of every history: what may never change a verdict, and that its explanation reproduces it."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from hypothesis import assume, given
from hypothesis import strategies as st

from consentry.attribution.cases import read_case_document
from consentry.attribution.explanations import check_explanation, explanation_document, read_explanation
from consentry.attribution.model import Edit, Flag, Grade, Link, Refusal, Report, Statement, StatementKind, VerdictKind, Visit
from consentry.attribution.rules import explain, judge, replay
from consentry.ledger.rules.canonical import canonical
from tests.attribution.rules.histories import AGENCIES, KINDS, PEOPLE, STEP, UNHURRIED, history

if TYPE_CHECKING:
    from consentry.attribution.model import Case, Event, Verdict

SEEDS = st.integers(0, 10**9)
CASES = SEEDS.map(lambda seed: read_case_document(history(seed), "history").case)
STEPS = st.integers(0, 60).map(lambda steps: timedelta(seconds=steps * STEP))
SHIFTS = st.integers(-(10**12), 10**12).map(lambda microseconds: timedelta(microseconds=microseconds))


def shifted(event: Event, by: timedelta) -> Event:
    """Return the event with each of its times moved."""
    moments = {one.name: value + by for one in fields(event) if isinstance(value := getattr(event, one.name), datetime)}
    return replace(event, **moments)  # type: ignore[arg-type]


def decided(verdict: Verdict) -> tuple[VerdictKind, tuple[str, ...]]:
    return verdict.kind, verdict.agencies


@UNHURRIED
@given(case=CASES, data=st.data())
def test_the_order_of_the_input_never_matters(case: Case, data: st.DataObject) -> None:
    assert judge(replace(case, events=tuple(data.draw(st.permutations(case.events))))) == judge(case)


@UNHURRIED
@given(case=CASES, ahead=STEPS, people=st.permutations(PEOPLE), kind=st.sampled_from(KINDS), bound=st.booleans())
def test_an_inadmissible_event_never_changes_a_verdict(case: Case, ahead: timedelta, people: list[str], kind: str, *, bound: bool) -> None:
    person, other = people[:2]
    at = case.signing.at - ahead
    report = next((event.id for event in case.events if isinstance(event, Report)), None)
    visit = Visit("x", person, at, report, bound=bound, claimed_at=at - ahead, grade=Grade.INADMISSIBLE)
    link = Link(person, other, kind, Grade.INADMISSIBLE)
    assert judge(replace(case, events=(*case.events, visit, link))) == judge(case)


@UNHURRIED
@given(case=CASES, by=SHIFTS)
def test_moving_all_times_alike_changes_nothing_but_the_dates(case: Case, by: timedelta) -> None:
    versions = tuple(replace(version, start=version.start + by if version.start else None) for version in case.rulebook.versions)
    signing = replace(case.signing, at=case.signing.at + by)
    moved = replace(case, signing=signing, events=tuple(shifted(event, by) for event in case.events), rulebook=replace(case.rulebook, versions=versions))
    before, after = judge(case), judge(moved)
    assert (after.outcome, after.rules) == (before.outcome, before.rules)
    assert [(one.id, one.type) for one in after.evidence if one.id] == [(one.id, one.type) for one in before.evidence if one.id]


@UNHURRIED
@given(case=CASES, behind=STEPS, people=st.permutations(PEOPLE), agency=st.sampled_from(AGENCIES), kind=st.sampled_from(KINDS))
def test_nothing_received_after_the_signing_changes_anything(case: Case, behind: timedelta, people: list[str], agency: str, kind: str) -> None:
    person, other = people[:2]
    at = case.signing.at + behind + timedelta(microseconds=1)
    earlier = case.signing.at - behind
    report = next((event for event in case.events if isinstance(event, Report)), None)
    later: list[Event] = [
        Report("late", agency, person, at),
        Visit("late-visit", person, at, "late", bound=True, claimed_at=earlier),
        Visit("late-walk-in", person, at, claimed_at=earlier),
        Statement(person, StatementKind.EARLIER_VISIT, at, credible=True),
        Edit(report.id if report else "late", "at", "2026-01-01T00:00:00Z", at),
        Link(person, other, kind, Grade.TWO_SIDED, at),
    ]
    later += [Refusal(report.id, at)] if report else []
    assert judge(replace(case, events=(*case.events, *later))) == judge(case)


@UNHURRIED
@given(case=CASES, delay=STEPS)
def test_when_a_desk_reconnects_never_decides(case: Case, delay: timedelta) -> None:
    """At once or later, it is the verdict of the desk's own clock, or it is for people."""
    cut_off = [event for event in case.events if isinstance(event, Visit) and event.claimed_at]
    assume(cut_off)
    others = [event for event in case.events if event not in cut_off]

    def received(after: timedelta) -> Case:
        visits = [replace(visit, at=min(visit.claimed_at + after, case.signing.at)) for visit in cut_off if visit.claimed_at]
        return replace(case, events=(*others, *visits))

    at_once, later = judge(received(timedelta(0))), judge(received(delay))
    assert decided(later) == decided(at_once) or (later.kind, later.flags) == (VerdictKind.MANUAL, (Flag.OUTAGE,))


@UNHURRIED
@given(case=CASES, data=st.data())
def test_a_later_edit_never_helps_its_author(case: Case, data: st.DataObject) -> None:
    edited = [event for event in case.events if isinstance(event, Report | Visit)]
    assume(edited)
    of = data.draw(st.sampled_from(edited))
    field, to = data.draw(st.sampled_from([("at", "2026-01-01T00:00:00Z"), ("person", "p0"), ("bound", True), ("agency", "A"), ("grade", "A")]))
    before = judge(case)
    after = judge(replace(case, events=(*case.events, Edit(of.id, field, to, of.at))))
    assert decided(after) == decided(before)
    assert set(after.flags) - set(before.flags) <= {Flag.TIME_EDITED}


@UNHURRIED
@given(case=CASES)
def test_the_steps_of_every_explanation_lead_to_its_verdict_and_so_does_its_copy(case: Case) -> None:
    explanation = explain(case)
    assert replay(explanation.steps) == explanation.verdict.outcome
    kept = read_explanation(canonical(explanation_document(explanation)), "kept")
    assert check_explanation(kept) == []
    assert kept.verdict == explanation.verdict


@UNHURRIED
@given(case=CASES)
def test_a_verdict_rests_on_events_of_the_case_alone(case: Case) -> None:
    verdict = judge(case)
    known = {event.id for event in (*case.events, case.signing)}
    assert {one.id for one in verdict.evidence} <= known
    assert len({one.sha256 for one in verdict.evidence}) == len(verdict.evidence)
    assert list(verdict.flags) == sorted(set(verdict.flags))
