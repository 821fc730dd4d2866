"""What each rule concluded, step by step, so that anybody can follow and repeat it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consentry.attribution.model import Clock, Finding, Flag, Link, RuleId, Step, Visit
from consentry.attribution.rules.admission import in_force
from consentry.attribution.rules.documents import reference, version_sha256
from consentry.attribution.rules.notation import show_duration, show_instant

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from consentry.attribution.model import Event, Outcome
    from consentry.attribution.rules.claims import Arrival
    from consentry.attribution.rules.decision import Findings, Judgement
    from consentry.ledger.model import JSONValue

__all__ = ["DROPPED", "steps_of"]

DROPPED = frozenset({Finding.INADMISSIBLE, Finding.RECEIVED_LATER})
"""What R0 left aside. It is told, and no part of a verdict."""

_RULES = {
    Finding.INADMISSIBLE: RuleId.R0,
    Finding.RECEIVED_LATER: RuleId.R0,
    Finding.EDIT_IGNORED: RuleId.R0,
    Finding.CLUSTER: RuleId.R1,
    Finding.NUMBER_CHANGED: RuleId.R1,
    Finding.CONTRADICTED: RuleId.R1,
    Finding.VISITS: RuleId.R2,
    Finding.CLAIM: RuleId.R3,
    Finding.NO_CLAIM: RuleId.R3,
    Finding.UNDECIDED: RuleId.R3,
    Finding.NATURAL_CONTACT: RuleId.R4,
    Finding.LOST: RuleId.R4,
    Finding.FIRST: RuleId.R5,
    Finding.ENDED: RuleId.R6,
    Finding.NONE_LIVE: RuleId.R7,
    Finding.STATED: RuleId.R8,
    Finding.CLOCKS_AGREE: RuleId.R9,
    Finding.CLOCKS_DIFFER: RuleId.R9,
}


def steps_of(findings: Findings) -> tuple[tuple[Step, Sequence[Event]], ...]:
    """Return the steps in the order of the rules, each with the events that it names."""
    parts = (_admission(findings), _cluster(findings), *(_judgement(findings, judgement) for judgement in findings.judgements), _clocks(findings))
    return tuple(step for part in parts for step in part)


def _admission(findings: Findings) -> Iterator[tuple[Step, Sequence[Event]]]:
    for finding, dropped in ((Finding.INADMISSIBLE, findings.admitted.inadmissible), (Finding.RECEIVED_LATER, findings.admitted.later)):
        concerning = [event for event in dropped if _concerns(event, findings)]
        if concerning:
            yield _step(finding, sorted(concerning, key=reference))
    if findings.edits:
        yield _step(Finding.EDIT_IGNORED, findings.edits, flag=Flag.TIME_EDITED)


def _cluster(findings: Findings) -> Iterator[tuple[Step, Sequence[Event]]]:
    cluster = findings.cluster
    joining = sorted({*cluster.identity, *cluster.kin}, key=reference)
    members: list[JSONValue] = [*sorted(cluster.members)]
    version = in_force(findings.admitted.rulebook, findings.admitted.signing.at)
    yield _step(Finding.CLUSTER, [findings.admitted.signing, *joining], values={"members": members, "rulebook": version_sha256(version)})
    if cluster.contradicted:
        yield _step(Finding.CONTRADICTED, sorted(cluster.contradicted, key=reference), flag=Flag.CONTRADICTION)
    elif cluster.number_changed:
        yield _step(Finding.NUMBER_CHANGED, sorted(cluster.number_changed, key=reference), flag=Flag.PHONE_CHANGE)


def _judgement(findings: Findings, judgement: Judgement) -> Iterator[tuple[Step, Sequence[Event]]]:
    signing = findings.admitted.signing
    clock = judgement.clock
    visits = [arrival.visit for arrival in judgement.arrivals]
    yield _step(Finding.VISITS, visits, clock=clock, values={"signed": show_instant(signing.at), "mode": str(findings.mode)})
    for arrival in judgement.arrivals:
        yield from _arrival(arrival, clock)
    for arrival in judgement.ended:
        yield _step(Finding.ENDED, [arrival.visit], clock=clock)
    if findings.stated:
        yield _step(Finding.STATED, sorted(findings.stated, key=reference), flag=Flag.HIDDEN_VISIT, clock=clock)
    elif judgement.outcome.agencies:
        agencies: list[JSONValue] = [*judgement.outcome.agencies]
        yield _step(Finding.FIRST, [arrival.visit for arrival in judgement.first], clock=clock, values={"agencies": agencies})
    elif Flag.OUTAGE not in judgement.outcome.flags:
        yield _step(Finding.NONE_LIVE, [signing], clock=clock)


def _arrival(arrival: Arrival, clock: Clock) -> Iterator[tuple[Step, Sequence[Event]]]:
    visit, report = arrival.visit, arrival.report
    named: list[Event] = [report] if report else []
    if arrival.claim:
        protection = show_duration(arrival.claim.protection)
        yield _step(Finding.CLAIM, [visit, *named], clock=clock, values=_terms(arrival) | {"protection": protection})
    elif arrival.flag:
        finding = Finding.UNDECIDED if arrival.flag is Flag.OUTAGE else Finding.NO_CLAIM
        yield _step(finding, [visit, *named, *sorted(arrival.cited, key=reference)], flag=arrival.flag, clock=clock, values=_terms(arrival))
    if arrival.natural:
        yield _step(Finding.NATURAL_CONTACT, [visit], clock=clock)
    if arrival.flag is Flag.WASHING:
        yield _step(Finding.LOST, [visit, *arrival.cited], flag=Flag.WASHING, clock=clock)


def _terms(arrival: Arrival) -> dict[str, JSONValue]:
    terms: dict[str, JSONValue] = {"arrived": show_instant(arrival.arrived)}
    if arrival.report and arrival.version:
        terms |= {"agency": arrival.report.agency, "reported": show_instant(arrival.report.at), "rulebook": version_sha256(arrival.version)}
    return terms


def _clocks(findings: Findings) -> Iterator[tuple[Step, Sequence[Event]]]:
    if len(findings.judgements) < len(Clock):
        return
    received, claimed = (judgement.outcome for judgement in findings.judgements)
    agree = (received.kind, received.agencies) == (claimed.kind, claimed.agencies)
    cut_off = sorted((visit for visit in findings.admitted.visits if visit.claimed_at and visit.person in findings.cluster.members), key=reference)
    finding, flag = (Finding.CLOCKS_AGREE, None) if agree else (Finding.CLOCKS_DIFFER, Flag.OUTAGE)
    yield _step(finding, cut_off, flag=flag, values={"received": _in_short(received), "claimed": _in_short(claimed)})


def _in_short(outcome: Outcome) -> str:
    return " ".join((outcome.kind, *outcome.agencies))


def _concerns(event: Event, findings: Findings) -> bool:
    members = findings.cluster.members
    if isinstance(event, Link):
        return event.a in members or event.b in members
    return isinstance(event, Visit) and event.person in members


def _step(
    finding: Finding, events: Iterable[Event], *, flag: Flag | None = None, clock: Clock = Clock.RECEIVED, values: Mapping[str, JSONValue] | None = None
) -> tuple[Step, Sequence[Event]]:
    named = tuple(events)
    return Step(_RULES[finding], finding, tuple(dict.fromkeys(map(reference, named))), flag, values or {}, clock), named
