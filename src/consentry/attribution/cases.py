"""Cases as JSON, in the form of the specification: read strictly, and written so that the same case is always the same bytes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, timezone
from typing import TYPE_CHECKING

from consentry.attribution.model import (
    AgencyContract,
    Case,
    Edit,
    Flag,
    Grade,
    Link,
    Outage,
    Refusal,
    Report,
    Rulebook,
    Signing,
    Statement,
    StatementKind,
    VerdictKind,
    Visit,
)
from consentry.attribution.rulebook import read_version, read_versions, rulebook_document
from consentry.attribution.rules import in_force
from consentry.attribution.rules.documents import event_document, sha256_of
from consentry.attribution.strict import LONGEST_TEXT, Fields, parse_json
from consentry.platform.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime, tzinfo

    from consentry.attribution.model import Event
    from consentry.ledger.model import JSONValue

__all__ = ["MOST_EVENTS", "CaseFile", "Expectation", "case_document", "read_case", "read_case_document", "read_expectation"]

MOST_EVENTS = 100_000


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a worked case says that it comes to; None where it does not say."""

    verdict: VerdictKind
    agencies: tuple[str, ...] | None
    flags: tuple[Flag, ...] | None


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A case, and the ``expect`` of a worked one, which :func:`read_expectation` reads."""

    case: Case
    expect: object = None


def read_case(data: bytes, name: str) -> CaseFile:
    """Return the case of the JSON document ``data``; ``name`` says in errors which document it is.

    Raises:
        InputError: with a code ``attribution.*``; the subject names the event (its id, and its place in the list) and the key.
    """
    return read_case_document(parse_json(data, name), name)


def read_case_document(document: object, name: str) -> CaseFile:
    """Return the case of a JSON value that is read already. Raises what :func:`read_case` raises."""
    fields = Fields(name, document)
    title = fields.words("name") if fields.given("name") else ""
    rulebook = _rulebook(fields)
    read = [_event(fields.place, index, item) for index, item in enumerate(_event_items(fields))]
    expect = fields.take("expect") if fields.given("expect") else None
    fields.finish()
    _check_references(read, rulebook)
    signing, offset = _signing(name, read)
    events = tuple(one.event for one in read if one.event is not signing)
    return CaseFile(Case(signing, events, rulebook, title, offset), expect)


def read_expectation(expect: object, name: str) -> Expectation:
    """Return what a worked case says that it comes to. Raises what :func:`read_case` raises."""
    fields = Fields(f"{name}, expect", expect)
    verdict = fields.choice("verdict", VerdictKind)
    agencies = fields.texts("agencies") if fields.given("agencies") else None
    if fields.has("agency"):
        agencies = (fields.text("agency"),)
    flags = fields.choices("flags", Flag) if fields.given("flags") else None
    fields.finish()
    return Expectation(verdict, tuple(sorted(agencies)) if agencies is not None else None, tuple(sorted(flags)) if flags is not None else None)


def case_document(case: Case) -> dict[str, JSONValue]:
    """Return ``case`` as JSON, every time in UTC and the events in one order whatever order they came in."""
    documents = [event_document(event) for event in (*case.events, case.signing)]
    documents.sort(key=lambda one: (str(one.get("at") or one.get("from") or ""), str(one["type"]), str(one.get("id") or ""), sha256_of(one)))
    named: dict[str, JSONValue] = {"name": case.name} if case.name else {}
    return named | rulebook_document(case.rulebook) | {"events": documents}


@dataclass(frozen=True, slots=True)
class _Read:
    """An event that was read, with what names it in errors. ``offset``: in which its time is written."""

    event: Event
    fields: Fields
    offset: tzinfo


def _rulebook(fields: Fields) -> Rulebook:
    if fields.given("rulebook") and fields.given("rulebooks"):
        raise fields.refusal("attribution.rulebook", "rulebooks", "there is a `rulebook` too", "Keep one of the two.")
    if fields.given("rulebooks"):
        return read_versions(fields, "rulebooks")
    if fields.given("rulebook"):
        return Rulebook((read_version(Fields(f"{fields.place}, rulebook", fields.take("rulebook"))),))
    return Rulebook()


def _event_items(fields: Fields) -> Sequence[object]:
    items = fields.items("events")
    if len(items) > MOST_EVENTS:
        raise fields.refusal("attribution.events", "events", f"there are {len(items)}", f"Give at most {MOST_EVENTS}; a case holds what one contract rests on.")
    return items


def _event(document: str, index: int, item: object) -> _Read:
    fields = Fields(_place(document, index, item), item)
    kind = fields.text("type")
    reader = _READERS.get(kind)
    if reader is None:
        raise fields.refusal("attribution.event-type", "type", f'"{kind}" is no type of event', f"Write one of {', '.join(_READERS)}.")
    offset = timezone(fields.written_instant("at").utcoffset() or UTC.utcoffset(None)) if kind == "signing" else UTC
    event = reader(fields, fields.text("id") if fields.given("id") else None)
    fields.finish()
    return _Read(event, fields, offset)


def _place(document: str, index: int, item: object) -> str:
    """Return what names an event in errors: its type and id where it has them, and its place in the list."""
    named, kind = (item.get("id"), item.get("type")) if isinstance(item, dict) else (None, None)
    known = kind if isinstance(kind, str) and kind in _READERS else "event"
    printable = isinstance(named, str) and 0 < len(named) <= LONGEST_TEXT and named.isprintable()
    return f'{document}, {known} "{named}" (events[{index}])' if printable else f"{document}, {known} (events[{index}])"


def _report(fields: Fields, _id: str | None) -> Report:
    return Report(fields.text("id"), fields.text("agency"), fields.text("client"), fields.instant("at"))


def _refusal(fields: Fields, named: str | None) -> Refusal:
    return Refusal(fields.text("report"), fields.instant("at"), named)


def _visit(fields: Fields, _id: str | None) -> Visit:
    return Visit(
        fields.text("id"),
        fields.text("person"),
        fields.instant("at"),
        None if fields.take("report") is None else fields.text("report"),
        bound=fields.truth("bound"),
        claimed_at=fields.instant("claimed_at") if fields.given("claimed_at") else None,
        grade=fields.choice("grade", Grade) if fields.given("grade") else None,
    )


def _edit(fields: Fields, named: str | None) -> Edit:
    return Edit(fields.text("of"), fields.text("field"), fields.plain("to"), fields.instant("at"), named)


def _link(fields: Fields, named: str | None) -> Link:
    a, b = fields.text("a"), fields.text("b")
    if a == b:
        raise fields.refusal("attribution.link", "b", "it is the same as a", "A link is between two.")
    received = fields.instant("at") if fields.given("at") else None
    return Link(a, b, fields.text("kind"), fields.choice("grade", Grade), received, named)


def _period(fields: Fields) -> tuple[datetime, datetime]:
    start, until = fields.instant("from"), fields.instant("until")
    if until < start:
        raise fields.refusal("attribution.period", "until", "it is before `from`", "Exchange the two, or correct one.")
    return start, until


def _contract(fields: Fields, named: str | None) -> AgencyContract:
    return AgencyContract(fields.text("agency"), *_period(fields), named)


def _outage(fields: Fields, named: str | None) -> Outage:
    return Outage(*_period(fields), named)


def _statement(fields: Fields, named: str | None) -> Statement:
    return Statement(fields.text("person"), fields.choice("kind", StatementKind), fields.instant("at"), fields.truth("credible"), named)


def _signing_event(fields: Fields, named: str | None) -> Signing:
    at, buyers = fields.instant("at"), fields.texts("buyers")
    if not buyers:
        raise fields.refusal("attribution.signing", "buyers", "nobody is named", "Name everyone who signs.")
    return Signing(at, buyers, named)


_READERS: Mapping[str, Callable[[Fields, str | None], Event]] = {
    "report": _report,
    "refusal": _refusal,
    "visit": _visit,
    "edit": _edit,
    "link": _link,
    "contract": _contract,
    "outage": _outage,
    "statement": _statement,
    "signing": _signing_event,
}
_EDITED = {Report: frozenset({"agency", "client", "at"}), Visit: frozenset({"person", "at", "report", "bound", "claimed_at", "grade"})}


def _signing(name: str, read: Sequence[_Read]) -> tuple[Signing, tzinfo]:
    found = [(one.event, one.offset, one.fields) for one in read if isinstance(one.event, Signing)]
    if not found:
        raise InputError("attribution.signing", name, "no event is a signing", "Add one of type `signing`; without it there is nothing to judge.")
    if len(found) > 1:
        raise found[1][2].refusal("attribution.signing", "type", "there is another signing before it", "Judge each contract as a case of its own.")
    return found[0][0], found[0][1]


def _check_references(read: Sequence[_Read], rulebook: Rulebook) -> None:
    """Refuse ids that are given twice, events that speak of one that is absent, and reports that no version of the rules was in force for."""
    named: dict[str, Event] = {}
    for one in read:
        if one.event.id is not None and named.setdefault(one.event.id, one.event) is not one.event:
            raise one.fields.refusal("attribution.repeated-id", "id", "another event has it", "Give each event its own.")
    for one in read:
        _check_event(one, named)
        if isinstance(one.event, Report | Signing):
            _check_version(one.fields, rulebook, one.event.at)


def _check_event(one: _Read, named: Mapping[str, Event]) -> None:
    event = one.event
    if isinstance(event, Visit | Refusal) and event.report is not None:
        report = named.get(event.report)
        if not isinstance(report, Report):
            raise one.fields.refusal("attribution.unknown-report", "report", f'no report is "{event.report}"', "Add the report, or name one that is there.")
        if isinstance(event, Refusal) and event.at < report.at:
            raise one.fields.refusal("attribution.period", "at", "it is before its report was received", "Correct one of the two times.")
    if isinstance(event, Edit):
        edited = named.get(event.of)
        if not isinstance(edited, Report | Visit):
            raise one.fields.refusal("attribution.unknown-event", "of", f'no report or visit is "{event.of}"', "Name one that is there.")
        if event.field not in _EDITED[type(edited)]:
            raise one.fields.refusal(
                "attribution.field", "field", f'the event has no "{event.field}"', f"Write one of {', '.join(sorted(_EDITED[type(edited)]))}."
            )


def _check_version(fields: Fields, rulebook: Rulebook, at: datetime) -> None:
    try:
        in_force(rulebook, at)
    except InputError as error:
        raise fields.refusal(error.code, "at", error.problem, error.mend) from error
