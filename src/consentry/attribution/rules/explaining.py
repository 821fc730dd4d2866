"""From what the rules found to a verdict (R10), to its explanation, and back from the explanation to the verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consentry.attribution.model import Clock, Explanation, Finding, Flag, Mode, Outcome, RuleId, Verdict, VerdictKind
from consentry.attribution.rules.decision import find, verdicts_differ
from consentry.attribution.rules.documents import evidence_of
from consentry.attribution.rules.notation import read_instant
from consentry.attribution.rules.steps import DROPPED, steps_of
from consentry.attribution.rules.wording import reason_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from consentry.attribution.model import Case, Event, Evidence, Step

__all__ = ["explain", "judge", "replay"]

_ORDER = tuple(RuleId)
_FOR_PEOPLE = frozenset({Finding.UNDECIDED, Finding.STATED})


def judge(case: Case) -> Verdict:
    """Return the verdict that the rules propose.

    Raises:
        InputError: ``attribution.no-rulebook`` where no version of the rules was in force at a report or at the signing.
    """
    return explain(case).verdict


def explain(case: Case) -> Explanation:
    """Return the verdict with the step that each rule took. Raises what :func:`judge` raises."""
    findings = find(case)
    steps = steps_of(findings)
    counted = [(step, events) for step, events in steps if step.finding not in DROPPED]
    rules = tuple(sorted({step.rule for step, _ in counted}, key=_ORDER.index))
    evidence = _evidence(event for _, events in counted for event in events)
    outcome = findings.outcome
    verdict = Verdict(outcome.kind, outcome.agencies, outcome.flags, rules, evidence, reason_of(findings, case))
    return Explanation(case, tuple(step for step, _ in steps), verdict)


def replay(steps: Sequence[Step]) -> Outcome:
    """Return what ``steps`` come to, from what they concluded alone: neither the events nor the code that found them is looked at."""
    if any(step.finding is Finding.CONTRADICTED for step in steps):
        return Outcome(VerdictKind.MANUAL, (), (Flag.CONTRADICTION,))
    clocks = [clock for clock in Clock if any(step.finding is Finding.VISITS and step.clock is clock for step in steps)]
    outcomes = [_replayed([step for step in steps if step.clock is clock or step.rule in {RuleId.R0, RuleId.R1}]) for clock in clocks]
    return Outcome(VerdictKind.MANUAL, (), (Flag.OUTAGE,)) if verdicts_differ(outcomes) else outcomes[0]


def _replayed(steps: Sequence[Step]) -> Outcome:
    """Return the outcome by one clock."""
    flags = tuple(sorted({step.flag for step in steps if step.flag and step.rule is not RuleId.R9}))
    if any(step.finding in _FOR_PEOPLE for step in steps):
        return Outcome(VerdictKind.MANUAL, (), flags)
    mode = next(step.values["mode"] for step in steps if step.finding is Finding.VISITS)
    over = {step.events[0] for step in steps if step.finding in {Finding.LOST, Finding.ENDED}}
    live = [step for step in steps if step.finding is Finding.CLAIM and step.events[0] not in over]
    begun = _begun("reported" if mode == Mode.REPORT_FIRST else "arrived")
    earliest = min(map(begun, live), default=None)
    agencies = tuple(sorted({str(step.values["agency"]) for step in live if begun(step) == earliest}))
    kinds = (VerdictKind.NATURAL, VerdictKind.CHANNEL, VerdictKind.SPLIT)
    return Outcome(kinds[min(len(agencies), 2)], agencies, flags)


def _begun(key: str) -> Callable[[Step], datetime]:
    return lambda step: read_instant(str(step.values[key]))


def _evidence(events: Iterable[Event]) -> tuple[Evidence, ...]:
    """Return each event once, oldest first."""
    found = {id(event): event for event in events}.values()
    named = {(_since(event), evidence.type, evidence.id or "", evidence.sha256): evidence for event in found for evidence in [evidence_of(event)]}
    return tuple(named[key] for key in sorted(named))


def _since(event: Event) -> str:
    moment = getattr(event, "at", None) or getattr(event, "start", None)
    return moment.isoformat() if moment else ""
