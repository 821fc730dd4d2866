"""R0: what may count. Grade X is dropped, and so is everything that the log received after the signing; a first value stands."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from consentry.attribution.model import AgencyContract, Edit, Grade, Link, Outage, Refusal, Report, Statement, Visit
from consentry.platform.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from consentry.attribution.model import Case, Event, Rulebook, RulebookVersion, Signing

T = TypeVar("T")

__all__ = ["Admitted", "admit", "in_force"]


@dataclass(frozen=True, slots=True)
class Admitted:
    """The events that may count, by what they speak of.

    ``reports`` by id, ``refusals`` by report, ``contracts`` by agency, ``edits`` by the event that they wanted to change. ``inadmissible``: visits and
    links of grade X. ``later``: what was received after the signing.
    """

    signing: Signing
    rulebook: Rulebook
    reports: Mapping[str, Report]
    refusals: Mapping[str, Sequence[Refusal]]
    visits: Sequence[Visit]
    links: Sequence[Link]
    contracts: Mapping[str, Sequence[AgencyContract]]
    outages: Sequence[Outage]
    statements: Sequence[Statement]
    edits: Mapping[str, Sequence[Edit]]
    inadmissible: Sequence[Event]
    later: Sequence[Event]


def admit(case: Case) -> Admitted:
    """Return what may count of ``case``."""
    counted: list[Event] = []
    inadmissible: list[Event] = []
    later: list[Event] = []
    for event in case.events:
        if _received_after(event, case.signing.at):
            later.append(event)
        elif isinstance(event, Visit | Link) and event.grade is Grade.INADMISSIBLE:
            inadmissible.append(event)
        else:
            counted.append(event)
    return Admitted(
        case.signing,
        case.rulebook,
        reports={event.id: event for event in counted if isinstance(event, Report)},
        refusals=_by("report", (event for event in counted if isinstance(event, Refusal))),
        visits=[event for event in counted if isinstance(event, Visit)],
        links=[event for event in counted if isinstance(event, Link)],
        contracts=_by("agency", (event for event in counted if isinstance(event, AgencyContract))),
        outages=[event for event in counted if isinstance(event, Outage)],
        statements=[event for event in counted if isinstance(event, Statement)],
        edits=_by("of", (event for event in counted if isinstance(event, Edit))),
        inadmissible=inadmissible,
        later=later,
    )


def in_force(rulebook: Rulebook, at: datetime) -> RulebookVersion:
    """Return the version that is in force at ``at``: the last that began by then.

    Raises:
        InputError: ``attribution.no-rulebook`` where none had begun.
    """
    for version in reversed(rulebook.versions):
        if version.start is None or version.start <= at:
            return version
    raise InputError("attribution.no-rulebook", "rulebooks", f"no version is in force at {at.isoformat()}", "Add the version that was, with its `from`.")


def _received_after(event: Event, signing: datetime) -> bool:
    # Contracts and outages say when they hold, not when they were received.
    at = None if isinstance(event, AgencyContract | Outage) else event.at
    return at is not None and at > signing


def _by(key: str, events: Iterable[T]) -> dict[str, list[T]]:
    found: defaultdict[str, list[T]] = defaultdict(list)
    for event in events:
        found[getattr(event, key)].append(event)
    return found
