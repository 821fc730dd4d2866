"""R5 to R9: which live claim comes first, what only people can decide, and whether a desk's reconnecting would decide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from consentry.attribution.model import Clock, Flag, Mode, Outcome, VerdictKind
from consentry.attribution.rules.admission import admit, in_force
from consentry.attribution.rules.claims import assess
from consentry.attribution.rules.cluster import find_cluster
from consentry.attribution.rules.edits import edits_within

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from consentry.attribution.model import Case, Edit, Statement, Visit
    from consentry.attribution.rules.admission import Admitted
    from consentry.attribution.rules.claims import Arrival
    from consentry.attribution.rules.cluster import Cluster

__all__ = ["Findings", "Judgement", "find", "verdicts_differ"]

_FOR_PEOPLE = frozenset({Flag.OUTAGE, Flag.HIDDEN_VISIT})


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the visits come to by one clock. ``ended``: claims whose protection did not last until the signing. ``first``: the winning ones."""

    clock: Clock
    arrivals: Sequence[Arrival]
    ended: Sequence[Arrival]
    first: Sequence[Arrival]
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Findings:
    """All that the rules found of a case.

    ``stated``: credible statements. ``judgements``: by the log's clock, and by the desk's where one was cut off; none where links contradict each
    other. ``outcome``: what the verdict says.
    """

    admitted: Admitted
    cluster: Cluster
    edits: Sequence[Edit]
    stated: Sequence[Statement]
    mode: Mode
    judgements: Sequence[Judgement]
    outcome: Outcome


def find(case: Case) -> Findings:
    """Return what the rules find of ``case``.

    Raises:
        InputError: ``attribution.no-rulebook`` where no version was in force; ``attribution.unknown-report`` where a visit names one that is absent.
    """
    admitted = admit(case)
    cluster = find_cluster(admitted)
    edits = edits_within(admitted, cluster)
    stated = [statement for statement in admitted.statements if statement.credible and statement.person in cluster.members]
    mode = in_force(admitted.rulebook, admitted.signing.at).mode
    if cluster.contradicted:
        outcome = Outcome(VerdictKind.MANUAL, (), (Flag.CONTRADICTION,))
        return Findings(admitted, cluster, edits, stated, mode, (), outcome)
    flags = {flag for flag, why in ((Flag.PHONE_CHANGE, cluster.number_changed), (Flag.TIME_EDITED, edits), (Flag.HIDDEN_VISIT, stated)) if why}
    cut_off = any(visit.claimed_at for visit in admitted.visits if visit.person in cluster.members)
    clocks = tuple(Clock) if cut_off else (Clock.RECEIVED,)
    judgements = [_judged(admitted, cluster, clock, mode, flags) for clock in clocks]
    return Findings(admitted, cluster, edits, stated, mode, judgements, _outcome_of_all(judgements))


def verdicts_differ(outcomes: Sequence[Outcome]) -> bool:
    """Whether two clocks give the client to different ones; flags alone are no other verdict."""
    return len({(outcome.kind, outcome.agencies) for outcome in outcomes}) > 1


def _outcome_of_all(judgements: Sequence[Judgement]) -> Outcome:
    outcomes = [judgement.outcome for judgement in judgements]
    return Outcome(VerdictKind.MANUAL, (), (Flag.OUTAGE,)) if verdicts_differ(outcomes) else outcomes[0]


def _judged(admitted: Admitted, cluster: Cluster, clock: Clock, mode: Mode, shared: set[Flag]) -> Judgement:
    arrivals = assess(admitted, cluster.members, _claimed if clock is Clock.CLAIMED else _received)
    standing = [(arrival, arrival.standing) for arrival in arrivals if arrival.standing]
    ended = [arrival for arrival, claim in standing if not claim.protects(admitted.signing.at)]
    live = [(claim.report.at if mode is Mode.REPORT_FIRST else claim.arrived, arrival) for arrival, claim in standing if claim.protects(admitted.signing.at)]
    earliest = min((at for at, _ in live), default=None)
    first = [arrival for at, arrival in live if at == earliest]
    flags = shared | {arrival.flag for arrival in arrivals if arrival.flag}
    return Judgement(clock, arrivals, ended, first, _outcome(first, flags))


def _outcome(first: Sequence[Arrival], flags: set[Flag]) -> Outcome:
    raised = tuple(sorted(flags))
    if flags & _FOR_PEOPLE:
        return Outcome(VerdictKind.MANUAL, (), raised)
    agencies = tuple(sorted({arrival.report.agency for arrival in first if arrival.report}))
    kinds = (VerdictKind.NATURAL, VerdictKind.CHANNEL, VerdictKind.SPLIT)
    return Outcome(kinds[min(len(agencies), 2)], agencies, raised)


def _received(visit: Visit) -> datetime:
    return visit.at


def _claimed(visit: Visit) -> datetime:
    return visit.claimed_at or visit.at
