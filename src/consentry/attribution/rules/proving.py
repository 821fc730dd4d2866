"""Whether entries of the log say what a case says: each event is compared with the entry that received it, and with the answers to it.

Where that entry was erased since, its tombstone stands for it: it shows what kind of thing was received, and no more. Nothing but the case and the
entries is needed, so that anybody can compare them who holds a bundle.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import singledispatch
from typing import TYPE_CHECKING, cast

from consentry.attribution.model import AgencyContract, Edit, Grade, Link, Outage, Refusal, Report, Signing, Statement, Visit
from consentry.attribution.rules.documents import TYPES
from consentry.attribution.rules.extract import floor
from consentry.attribution.rules.notation import read_instant
from consentry.ledger.rules.entries import ERASED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from consentry.attribution.model import Case, Event
    from consentry.ledger.model import Entry, JSONValue

__all__ = ["Comparison", "compare"]

_BINDING = frozenset({"bound", "bound-unrevealed"})


@dataclass(frozen=True, slots=True)
class Comparison:
    """What came of it. ``problems``: what the log does not say, naming the event. ``unproven``: ids of events whose entries were erased since.

    Whoever relies on a case reads both: of an unproven event nothing shows what it said.
    """

    problems: tuple[str, ...]
    unproven: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Claim:
    """What an event says that its entry must say: ``actions``, one of which it is; ``at``: when it was received, where the event says so."""

    actions: frozenset[str]
    object: str
    at: datetime | None
    details: Mapping[str, JSONValue | datetime] = field(default_factory=dict)


def compare(case: Case, placed: Mapping[str, Sequence[int]], entries: Mapping[int, Entry]) -> Comparison:
    """Compare every event of a case with its entries.

    Args:
        case: The case.
        placed: By the event's id the indexes of its entries: the one that received it, then those that answer it.
        entries: Those that are proven, by index. Of one that was erased its tombstone is among them.
    """
    problems, unproven = [], []
    erased = _erased(entries.values())
    for event in (*case.events, case.signing):
        indexes = placed.get(event.id or "", ())
        if indexes and indexes[0] not in entries and _was_erased(event, erased.get(indexes[0])):
            unproven.append(event.id or "")
            continue
        wrong = _wrong_at(event, indexes, entries, case.signing)
        problems += [f"event {event.id} ({TYPES[type(event)]}): its {key} is not what the log received" for key in wrong]
    return Comparison(tuple(problems), tuple(unproven))


def _erased(entries: Iterable[Entry]) -> dict[int, str]:
    """Return which entries were erased, by their tombstones: the action of each by its index."""
    found: dict[int, str] = {}
    for entry in entries:
        index, action = entry.act.details.get("index"), entry.act.details.get("action")
        if entry.act.action == ERASED and isinstance(index, int) and isinstance(action, str) and 0 <= index < entry.index:
            found[index] = action
    return found


def _was_erased(event: Event, action: str | None) -> bool:
    """Whether an event may rest on a tombstone: it is of such an entry, and not the signing, without which there is no case."""
    return action in _claim(event).actions and not isinstance(event, Signing)


def _wrong_at(event: Event, indexes: Sequence[int], entries: Mapping[int, Entry], signing: Signing) -> list[str]:
    if not indexes or indexes[0] not in entries:
        return ["entry"]
    return _wrong(event, entries[indexes[0]], [entries[index] for index in indexes[1:] if index in entries], signing)


def _wrong(event: Event, first: Entry, later: Sequence[Entry], signing: Signing) -> list[str]:
    """Return what of an event its entries do not say."""
    claim = _claim(event)
    if first.act.action not in claim.actions or first.act.object != claim.object:
        return ["entry"]
    wrong = [key for key, value in claim.details.items() if not _says(first, key, value)]
    if claim.at is not None and floor(claim.at) != first.at and not _is_brought(event, first, later):
        wrong.append("time")
    return wrong + _wrong_since(event, first, [entry for entry in later if entry.act.object == claim.object], signing)


def _wrong_since(event: Event, first: Entry, answers: Sequence[Entry], signing: Signing) -> list[str]:
    """Return what of an event follows from an answer that was never given: that a visitor confirmed it, that somebody found it credible."""
    if isinstance(event, Visit):
        binding = first.act.details.get("binding")
        confirmed = any(_answers(entry, "attribution.visitor-answered", "answer", "confirmed") and entry.at <= signing.at for entry in answers)
        grade = Grade.TWO_SIDED if binding == "bound" and confirmed else Grade.LOGGED
        pairs = {"bound": (event.bound, binding in _BINDING or confirmed), "grade": (event.grade, grade)}
        return [key for key, (said, known) in pairs.items() if said != known]
    if isinstance(event, Statement):
        credible = any(_answers(entry, "attribution.statement-decided", "credible", value=True) for entry in answers)
        return ["credible"] if event.credible and not credible else []
    return []


def _answers(entry: Entry, action: str, key: str, value: JSONValue) -> bool:
    return entry.act.action == action and entry.act.details.get(key) == value


def _is_brought(event: Event, first: Entry, later: Sequence[Entry]) -> bool:
    """Whether a link was entered together with a contract that was signed at the link's time: it counts from then."""
    if not isinstance(event, Link) or event.at is None:
        return False
    contracts = (entry for entry in later if entry.act.action == "attribution.deal-recorded" and entry.at == first.at)
    return any(_says(entry, "signed", event.at) for entry in contracts)


def _says(entry: Entry, key: str, value: JSONValue | datetime) -> bool:
    found = entry.act.details.get(key, _SILENT)
    if not isinstance(value, datetime):
        return found == value
    try:
        return isinstance(found, str) and floor(read_instant(found)) == floor(value)
    except ValueError:
        return False


_SILENT: JSONValue = {"": "the entry says nothing of it"}


@singledispatch
def _claim(event: object) -> _Claim:
    msg = f"{type(event).__name__} is no event"
    raise TypeError(msg)


def _received(name: str) -> frozenset[str]:
    return frozenset({f"attribution.{name}"})


@_claim.register(Report)
def _(event: Report) -> _Claim:
    return _Claim(_received("report-filed"), f"report:{event.id}", event.at, {"agency": event.agency, "client": event.client})


@_claim.register(Refusal)
def _(event: Refusal) -> _Claim:
    return _Claim(_received("report-replied"), f"report:{event.report}", event.at, {"kind": "refuse"})


@_claim.register(Visit)
def _(event: Visit) -> _Claim:
    said: dict[str, JSONValue | datetime] = {"visitor": event.person, "report": event.report, "claimed_at": event.claimed_at}
    return _Claim(_received("arrived"), f"visit:{event.id}", event.at, said)


@_claim.register(Edit)
def _(event: Edit) -> _Claim:
    return _Claim(_received("visit-edited"), f"visit:{event.of}", event.at, {"edit": event.id, "field": event.field, "after": cast("JSONValue", event.to)})


@_claim.register(Link)
def _(event: Link) -> _Claim:
    return _Claim(_received("linked"), f"party:{event.a}", event.at, {"with": event.b, "kind": str(event.kind), "grade": str(event.grade)})


@_claim.register(Statement)
def _(event: Statement) -> _Claim:
    return _Claim(_received("visitor-stated"), f"statement:{event.id}", event.at, {"kind": str(event.kind), "person": event.person})


@_claim.register(Outage)
def _(event: Outage) -> _Claim:
    return _Claim(_received("outage"), f"outage:{event.id}", None, {"from": event.start, "until": event.until})


@_claim.register(AgencyContract)
def _(event: AgencyContract) -> _Claim:
    said: dict[str, JSONValue | datetime] = {"agency": event.agency, "start": event.start, "until": event.until}
    return _Claim(_received("contract-added") | _received("contract-changed"), f"contract:{event.id}", None, said)


@_claim.register(Signing)
def _(event: Signing) -> _Claim:
    return _Claim(_received("deal-recorded"), f"deal:{event.id}", None, {"signed": event.at, "buyers": list(event.buyers)})
