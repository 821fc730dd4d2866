"""Finds, in the history of a project, everything that a verdict on one contract could rest on: more than it rests on, never less."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from consentry.attribution.model import AgencyContract, Edit, Grade, IdentityKind, Link, Outage, Refusal, Report, Statement, Visit
from consentry.attribution.rules.claims import AFTER_OUTAGE
from consentry.attribution.rules.cluster import SAME_PERSON

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from consentry.attribution.model import Event, Signing

__all__ = ["Ties", "extract", "floor", "index_events", "to_milliseconds"]

E = TypeVar("E")
_MILLISECOND = timedelta(milliseconds=1)


class Ties:
    """Who is tied to whom: as one person, and as kin."""

    def __init__(self, links: Iterable[tuple[str, str, str]]) -> None:
        """``links``: two people and the kind of what ties them; links that are inadmissible are left out by the caller."""
        self._same: dict[str, set[str]] = defaultdict(set)
        self._kin: dict[str, set[str]] = defaultdict(set)
        for a, b, kind in links:
            if kind != IdentityKind.NOT_SAME:
                found = self._same if kind in SAME_PERSON else self._kin
                found[a].add(b)
                found[b].add(a)

    def around(self, buyers: Iterable[str]) -> AbstractSet[str]:
        """Return everyone whose visits may count where ``buyers`` bought: themselves, their kin of any kind by one step, and who is one person with these."""
        own = self._everyone(buyers)
        return self._everyone(own | {kin for person in own for kin in self._kin.get(person, ())})

    def _everyone(self, people: Iterable[str]) -> set[str]:
        found, waiting = set(people), list(people)
        while waiting:
            fresh = self._same.get(waiting.pop(), set()) - found
            found |= fresh
            waiting.extend(fresh)
        return found


@dataclass(frozen=True, slots=True)
class Indexed:
    """Events by what they hang on: a person, a report, a visit, an agency."""

    ties: Ties
    reports: Mapping[str, Report]
    by_client: Mapping[str, Sequence[Report]]
    visits: Mapping[str, Sequence[Visit]]
    links: Mapping[str, Sequence[Link]]
    statements: Mapping[str, Sequence[Statement]]
    refusals: Mapping[str, Sequence[Refusal]]
    edits: Mapping[str, Sequence[Edit]]
    contracts: Mapping[str, Sequence[AgencyContract]]
    outages: Sequence[Outage]


def index_events(events: Collection[Event]) -> Indexed:
    """Return ``events`` so that those of one contract are found without reading them all."""
    links = _of(events, Link)
    reports = _of(events, Report)
    return Indexed(
        ties=Ties((link.a, link.b, link.kind) for link in links if link.grade is not Grade.INADMISSIBLE),
        reports={report.id: report for report in reports},
        by_client=_by(reports, lambda report: report.client),
        visits=_by(_of(events, Visit), lambda visit: visit.person),
        links=_by_end(links),
        statements=_by(_of(events, Statement), lambda statement: statement.person),
        refusals=_by(_of(events, Refusal), lambda refusal: refusal.report),
        edits=_by(_of(events, Edit), lambda edit: edit.of),
        contracts=_by(_of(events, AgencyContract), lambda contract: contract.agency),
        outages=_of(events, Outage),
    )


def extract(history: Indexed, signing: Signing) -> tuple[Event, ...]:
    """Return the events that the verdict on ``signing`` may rest on, received up to then, in order of time.

    What was received later belongs to an appeal; that it is left out keeps a proposal what it is.
    """
    people = history.ties.around(signing.buyers)
    visits = [visit for person in people for visit in history.visits.get(person, ())]
    named = [history.reports[visit.report] for visit in visits if visit.report is not None]
    reports = {report.id: report for report in (*named, *(found for person in people for found in history.by_client.get(person, ())))}
    hanging: list[Event] = [*visits, *reports.values()]
    hanging += [refusal for name in reports for refusal in history.refusals.get(name, ())]
    hanging += dict.fromkeys(contract for report in reports.values() for contract in _contracts_at(history, report))
    hanging += dict.fromkeys(link for person in people for link in history.links.get(person, ()))
    hanging += [statement for person in people for statement in history.statements.get(person, ())]
    hanging += [outage for outage in history.outages if any(_near(report, outage) for report in reports.values())]
    hanging += [edit for event in (signing, *hanging) if event.id is not None for edit in history.edits.get(event.id, ())]
    return tuple(sorted((event for event in hanging if not _is_later(event, signing.at)), key=_order))


def to_milliseconds(event: E) -> E:
    """Return ``event`` with its instants as the ledger holds them: without what is finer than a millisecond."""
    names = ("at", "claimed_at", "start", "until")
    found = {name: instant for name in names if isinstance(instant := getattr(event, name, None), datetime)}
    return replace(event, **{name: floor(instant) for name, instant in found.items()})  # type: ignore[type-var]


def floor(instant: datetime) -> datetime:
    """Return the instant without what is finer than a millisecond."""
    return instant - timedelta(microseconds=instant.microsecond % (_MILLISECOND // timedelta(microseconds=1)))


def _contracts_at(history: Indexed, report: Report) -> Sequence[AgencyContract]:
    """Return the contracts under which a report was made, or, where there was none, all of its agency: these show that it had none then."""
    known = history.contracts.get(report.agency, ())
    return [contract for contract in known if contract.start <= report.at <= contract.until] or known


def _near(report: Report, outage: Outage) -> bool:
    return outage.start <= report.at and report.at - outage.until <= AFTER_OUTAGE


def _is_later(event: Event, signed: datetime) -> bool:
    at = getattr(event, "at", None)
    return at is not None and at > signed


def _order(event: Event) -> tuple[datetime, str, str]:
    instant: datetime | None = getattr(event, "at", None) or getattr(event, "start", None)
    return instant or datetime.min.replace(tzinfo=UTC), type(event).__name__, event.id or ""


def _of(events: Iterable[Event], kind: type[E]) -> list[E]:
    return [event for event in events if isinstance(event, kind)]


def _by_end(links: Iterable[Link]) -> dict[str, list[Link]]:
    found: dict[str, list[Link]] = defaultdict(list)
    for link in links:
        found[link.a].append(link)
        found[link.b].append(link)
    return dict(found)


def _by(events: Iterable[E], key: Callable[[E], str]) -> dict[str, list[E]]:
    found: dict[str, list[E]] = defaultdict(list)
    for event in events:
        found[key(event)].append(event)
    return dict(found)
