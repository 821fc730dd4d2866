"""R2 to R4: the cluster's visits in order, which of them make a claim, and which are natural contacts."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING

from consentry.attribution.model import Flag, Mode
from consentry.attribution.rules.admission import in_force

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from collections.abc import Set as AbstractSet
    from datetime import datetime

    from consentry.attribution.model import Event, Outage, Report, RulebookVersion, Visit
    from consentry.attribution.rules.admission import Admitted

__all__ = ["AFTER_OUTAGE", "Arrival", "Claim", "assess"]

AFTER_OUTAGE = timedelta(minutes=5)
"""How long after an outage a report may have been held up by it."""
_NO_TIME = timedelta(0)


@dataclass(frozen=True, slots=True)
class Claim:
    """What a bound visit on a valid report gives its agency, until the protection ends."""

    report: Report
    arrived: datetime
    protection: timedelta

    def protects(self, at: datetime) -> bool:
        """Whether the protection is alive at ``at``, both ends included."""
        return _NO_TIME <= at - self.arrived <= self.protection


@dataclass(frozen=True, slots=True)
class Arrival:
    """What one visit came to: a claim, perhaps lost, or none.

    ``arrived``: by the clock that is judged by. ``version``: of the rules, by which the report is judged. ``flag``: why there is no claim, or
    WASHING for a lost one. ``cited``: the events that say so, such as a refusal, or the contact that came first. ``natural``: whether it is a
    natural contact.
    """

    visit: Visit
    arrived: datetime
    report: Report | None = None
    version: RulebookVersion | None = None
    claim: Claim | None = None
    flag: Flag | None = None
    cited: Sequence[Event] = ()
    natural: bool = False

    @property
    def standing(self) -> Claim | None:
        """The claim, unless it is lost."""
        return None if self.flag else self.claim


def assess(admitted: Admitted, members: AbstractSet[str], arrived: Callable[[Visit], datetime]) -> list[Arrival]:
    """Return what each visit of ``members`` up to the signing came to, in the order of R2, by the clock that ``arrived`` reads."""
    times = [(arrived(visit), visit) for visit in admitted.visits if visit.person in members]
    times = [(at, visit) for at, visit in times if at <= admitted.signing.at]
    times.sort(key=lambda one: (one[0], one[1].report is None, one[1].id))
    assessment = _Assessment(admitted, members)
    for at, visit in times:
        assessment.take(visit, at)
    return assessment.arrivals


class _Assessment:
    """Goes through the visits in order; what a visit comes to rests on those before it."""

    def __init__(self, admitted: Admitted, members: AbstractSet[str]) -> None:
        self._admitted = admitted
        self._members = members
        self._mode = in_force(admitted.rulebook, admitted.signing.at).mode
        # Arrivals are in order, so none before the first that is older than this is alive.
        self._longest = max(version.visit_protection for version in admitted.rulebook.versions)
        self.arrivals: list[Arrival] = []
        self._standing: defaultdict[str, list[Arrival]] = defaultdict(list)
        self._contacts: list[Arrival] = []

    def take(self, visit: Visit, at: datetime) -> None:
        """Add what ``visit`` came to."""
        arrival = self._arrival(visit, at)
        self.arrivals.append(arrival)
        if arrival.standing:
            self._standing[arrival.standing.report.agency].append(arrival)
        if arrival.natural:
            self._contacts.append(arrival)

    def _arrival(self, visit: Visit, at: datetime) -> Arrival:
        if visit.report is None:
            return Arrival(visit, at, natural=next(self._protecting(at), None) is None)
        report = self._admitted.reports.get(visit.report)
        if report is None:
            # The log received the report after the signing, so all it says is dropped; that it came too late is certain.
            return Arrival(visit, at, flag=Flag.LATE if visit.bound else Flag.MASK_ONLY, natural=True)
        version = in_force(self._admitted.rulebook, report.at)
        flag, cited = self._failure(visit, at, report, version)
        if flag:
            return Arrival(visit, at, report, version, flag=flag, cited=cited, natural=flag is not Flag.UNDER_PROTECTION)
        claim = Claim(report, at, version.visit_protection)
        contact = self._contact_before(report, version)
        return Arrival(visit, at, report, version, claim, Flag.WASHING if contact else None, [contact.visit] if contact else ())

    def _failure(self, visit: Visit, at: datetime, report: Report, version: RulebookVersion) -> tuple[Flag | None, Sequence[Event]]:
        """Return the first reason of R3 why there is no claim, or None, and the events that say so."""
        for reason in (_unbound(visit), self._without_contract(report), self._of_a_stranger(report), self._refused(report, version)):
            if reason is not None:
                return reason
        waited = at - report.at
        if waited < version.lead:
            outages = [outage for outage in self._admitted.outages if held_up(report, outage)]
            return (Flag.OUTAGE, outages) if outages else (Flag.LATE, ())
        if waited > version.report_valid:
            return Flag.EXPIRED, ()
        protected = self._protected_by_another(report)
        return (Flag.UNDER_PROTECTION, protected) if protected else (None, ())

    def _without_contract(self, report: Report) -> tuple[Flag, Sequence[Event]] | None:
        contracts = self._admitted.contracts.get(report.agency, ())
        lasting = any(contract.start <= report.at <= contract.until for contract in contracts)
        return None if lasting or not contracts else (Flag.NO_CONTRACT, contracts)

    def _of_a_stranger(self, report: Report) -> tuple[Flag, Sequence[Event]] | None:
        return None if report.client in self._members else (Flag.MISMATCH, ())

    def _refused(self, report: Report, version: RulebookVersion) -> tuple[Flag, Sequence[Event]] | None:
        replies = self._admitted.refusals.get(report.id, ())
        in_time = [refusal for refusal in replies if _NO_TIME <= refusal.at - report.at <= version.reply_within]
        return (Flag.REFUSED, in_time) if in_time else None

    def _protected_by_another(self, report: Report) -> Sequence[Event]:
        if self._mode is not Mode.VISIT_FIRST:
            return ()
        return tuple(earlier.visit for earlier in islice(self._protecting(report.at, report.agency), 1))

    def _protecting(self, at: datetime, but: str | None = None) -> Iterator[Arrival]:
        """Yield the arrivals whose claims are alive at ``at``, each agency's last first; those of the agency ``but`` are left out."""
        for agency, standing in self._standing.items():
            if agency == but:
                continue
            for earlier in reversed(standing):
                if at - earlier.arrived > self._longest:
                    break
                if earlier.standing and earlier.standing.protects(at):
                    yield earlier

    def _contact_before(self, report: Report, version: RulebookVersion) -> Arrival | None:
        """Return the last natural contact before the report, where it is within the protection of natural clients."""
        before = next((contact for contact in reversed(self._contacts) if contact.arrived < report.at), None)
        return before if before and report.at - before.arrived <= version.natural_protection else None


def held_up(report: Report, outage: Outage) -> bool:
    """Whether ``outage`` began before ``report`` reached the log and ended no more than five minutes before that."""
    return outage.start < report.at and _NO_TIME <= report.at - outage.until <= AFTER_OUTAGE


def _unbound(visit: Visit) -> tuple[Flag, Sequence[Event]] | None:
    return None if visit.bound else (Flag.MASK_ONLY, ())
