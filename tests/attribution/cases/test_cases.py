"""Cases are read strictly: what breaks the format is refused with the event's name, and nothing else ever comes of a broken document."""

from __future__ import annotations

import copy
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consentry.attribution.cases import case_document, read_case, read_case_document, read_expectation
from consentry.attribution.model import VerdictKind
from consentry.attribution.rules import judge
from consentry.ledger.rules.canonical import canonical
from consentry.platform.errors import InputError
from tests.attribution.rules.histories import UNHURRIED, history

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Document = dict[str, Any]

WHOLE: Document = {
    "name": "one event of each type",
    "rulebook": {"lead": "PT30M", "kin": ["self", "spouse"], "mode": "visit_first"},
    "events": [
        {"type": "report", "id": "r1", "agency": "A", "client": "z", "at": "2026-03-01T09:00:00+08:00"},
        {"type": "refusal", "report": "r1", "at": "2026-03-01T09:10:00+08:00"},
        {"type": "visit", "id": "v1", "person": "z", "at": "2026-03-01T10:00:00+08:00", "report": "r1", "bound": True, "grade": "A"},
        {"type": "visit", "id": "v2", "person": "z", "at": "2026-03-01T11:00:00+08:00", "report": None, "bound": False, "claimed_at": "2026-03-01T10:30:00Z"},
        {"type": "edit", "of": "v1", "field": "at", "to": "2026-03-01T10:30:00+08:00", "at": "2026-03-01T15:00:00+08:00"},
        {"type": "link", "a": "z", "b": "w", "kind": "spouse", "grade": "B", "at": "2026-03-01T15:00:00+08:00"},
        {"type": "contract", "agency": "A", "from": "2026-01-01T00:00:00+08:00", "until": "2026-12-31T00:00:00+08:00"},
        {"type": "outage", "from": "2026-02-01T00:00:00+08:00", "until": "2026-02-01T00:00:00+08:00"},
        {"type": "statement", "person": "z", "kind": "earlier_visit", "at": "2026-03-01T10:05:00+08:00", "credible": False},
        {"type": "signing", "at": "2026-03-11T00:00:00+08:00", "buyers": ["z"]},
    ],
}
REPORT, REFUSAL, VISIT, WALK_IN, EDIT, LINK, CONTRACT, OUTAGE, STATEMENT, SIGNING = range(10)


def put(index: int, key: str, value: object) -> Callable[[Document], None]:
    return lambda document: document["events"][index].__setitem__(key, value)


def without(index: int, key: str) -> Callable[[Document], None]:
    return lambda document: document["events"][index].__delitem__(key)


def top(key: str, value: object) -> Callable[[Document], None]:
    return lambda document: document.__setitem__(key, value)


def rule(key: str, value: object) -> Callable[[Document], None]:
    return lambda document: document["rulebook"].__setitem__(key, value)


def again(index: int, **changes: object) -> Callable[[Document], None]:
    return lambda document: document["events"].append(document["events"][index] | changes)


# What is broken, how, the code, and what the message must name.
BROKEN: dict[str, tuple[Callable[[Document], None], str, tuple[str, ...]]] = {
    "a type that nobody knows": (put(REPORT, "type", "repot"), "event-type", ('event "r1" (events[0])', '"type"', "repot", "report, refusal")),
    "no type": (without(LINK, "type"), "missing-key", ("event (events[5])", '"type"')),
    "an event that is no object": (lambda document: document["events"].insert(0, 3), "type", ("event (events[0])", "a number")),
    "an unknown key": (put(VISIT, "colour", "red"), "unknown-key", ('visit "v1"', '"colour"')),
    "a key of another type": (put(REFUSAL, "agency", "A"), "unknown-key", ("refusal (events[1])", '"agency"')),
    "no time": (without(REPORT, "at"), "missing-key", ('report "r1"', '"at"')),
    "no time of a refusal": (without(REFUSAL, "at"), "missing-key", ("refusal (events[1])", '"at"')),
    "no end of a contract": (without(CONTRACT, "until"), "missing-key", ("contract (events[6])", '"until"')),
    "no id of a report": (without(REPORT, "id"), "missing-key", ("report (events[0])", '"id"')),
    "no report of a visit": (without(WALK_IN, "report"), "missing-key", ('visit "v2"', '"report"')),
    "no grade of a link": (without(LINK, "grade"), "missing-key", ("link (events[5])", '"grade"')),
    "a time without offset": (put(REPORT, "at", "2026-03-01T09:00:00"), "time", ('report "r1"', '"at"', "no offset")),
    "a day without time": (put(REPORT, "at", "2026-03-01"), "time", ('report "r1"', '"at"')),
    "a day that is none": (put(VISIT, "at", "2026-02-29T09:00:00+08:00"), "time", ('visit "v1"', "calendar")),
    "a time as a number": (put(VISIT, "at", 1772326800), "time", ('visit "v1"', "a number")),
    "a time that is null": (put(WALK_IN, "claimed_at", None), "time", ('visit "v2"', '"claimed_at"')),
    "a time finer than a microsecond": (put(VISIT, "at", "2026-03-01T10:00:00.0000001Z"), "time", ('visit "v1"',)),
    "a refusal of no report": (put(REFUSAL, "report", "r9"), "unknown-report", ("refusal (events[1])", '"report"', "r9")),
    "a refusal of a visit": (put(REFUSAL, "report", "v1"), "unknown-report", ("refusal (events[1])", "v1")),
    "a refusal before its report": (put(REFUSAL, "at", "2026-03-01T08:59:59+08:00"), "period", ("refusal (events[1])", '"at"')),
    "a visit of no report": (put(VISIT, "report", "r9"), "unknown-report", ('visit "v1"', '"report"', "r9")),
    "an edit of nothing": (put(EDIT, "of", "v9"), "unknown-event", ("edit (events[4])", '"of"', "v9")),
    "an edit of a field that is none": (put(EDIT, "field", "colour"), "field", ("edit (events[4])", '"field"', "colour", "bound")),
    "an edit to a fraction": (put(EDIT, "to", 1.5), "type", ("edit (events[4])", '"to"', "a fraction")),
    "an id twice": (again(REPORT), "repeated-id", ('report "r1"', "events[10]", '"id"')),
    "an id twice among types": (put(SIGNING, "id", "v1"), "repeated-id", ('signing "v1" (events[9])',)),
    "a link of one": (put(LINK, "b", "z"), "link", ("link (events[5])", '"b"')),
    "a grade that is none": (put(LINK, "grade", "D"), "choice", ("link (events[5])", '"grade"', "D", "A, B, C, X")),
    "a visit's grade that is none": (put(VISIT, "grade", "a"), "choice", ('visit "v1"', '"grade"')),
    "bound as text": (put(VISIT, "bound", "true"), "type", ('visit "v1"', '"bound"', "text")),
    "bound as a number": (put(VISIT, "bound", 1), "type", ('visit "v1"', '"bound"', "a number")),
    "an agency as a number": (put(REPORT, "agency", 7), "type", ('report "r1"', '"agency"')),
    "an agency without a name": (put(REPORT, "agency", ""), "text", ('report "r1"', '"agency"')),
    "an id with a line break": (put(REPORT, "id", "r\n1"), "text", ("report (events[0])", '"id"')),
    "half of a surrogate pair": (put(REPORT, "client", "\ud800"), "text", ('report "r1"', '"client"')),
    "a text of thousands": (put(REPORT, "client", "z" * 5000), "text", ('report "r1"', '"client"')),
    "a contract that ends before it begins": (put(CONTRACT, "until", "2025-12-31T23:59:59+08:00"), "period", ("contract (events[6])", '"until"')),
    "an outage that ends before it begins": (put(OUTAGE, "until", "2026-01-31T23:59:59+08:00"), "period", ("outage (events[7])", '"until"')),
    "a statement of something else": (put(STATEMENT, "kind", "later_visit"), "choice", ("statement (events[8])", '"kind"', "later_visit")),
    "credible that is null": (put(STATEMENT, "credible", None), "type", ("statement (events[8])", '"credible"')),
    "no signing": (lambda document: document["events"].pop(), "signing", ("case.json", "signing")),
    "two signings": (again(SIGNING), "signing", ("events[10]", "another signing")),
    "nobody who buys": (put(SIGNING, "buyers", []), "signing", ("signing (events[9])", '"buyers"')),
    "a buyer twice": (put(SIGNING, "buyers", ["z", "z"]), "repeated", ("signing (events[9])", '"buyers"')),
    "one buyer without a list": (put(SIGNING, "buyers", "z"), "type", ("signing (events[9])", '"buyers"')),
    "a buyer that is no text": (put(SIGNING, "buyers", [["z"]]), "type", ("signing (events[9])", '"buyers[0]"')),
    "no events": (lambda document: document.__delitem__("events"), "missing-key", ("case.json", '"events"')),
    "events that are no list": (top("events", {}), "type", ("case.json", '"events"')),
    "an unknown key of the case": (top("rules", {}), "unknown-key", ("case.json", '"rules"')),
    "a name that is a number": (top("name", 4), "text", ("case.json", '"name"')),
    "both rulebook and rulebooks": (top("rulebooks", [{"from": "2026-01-01T00:00:00Z"}]), "rulebook", ("case.json", '"rulebooks"')),
    "an unknown key of the rulebook": (rule("leed", "PT30M"), "unknown-key", ("rulebook", '"leed"')),
    "a rulebook with a date": (rule("from", "2026-01-01T00:00:00Z"), "unknown-key", ("rulebook", '"from"')),
    "a lead in months": (rule("lead", "P1M"), "duration", ("rulebook", '"lead"', "months")),
    "a negative lead": (rule("lead", "-PT30M"), "duration", ("rulebook", '"lead"', "negative")),
    "a lead as a number": (rule("lead", 30), "duration", ("rulebook", '"lead"')),
    "a mode that is none": (rule("mode", "agency_first"), "choice", ("rulebook", '"mode"', "agency_first")),
    "kin that are one person": (rule("kin", ["self", "phone"]), "kin", ("rulebook", '"kin"')),
    "kin that are no list": (rule("kin", "spouse"), "type", ("rulebook", '"kin"')),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_what_breaks_the_format_is_refused_with_the_events_name(name: str) -> None:
    spoil, code, named = BROKEN[name]
    document = copy.deepcopy(WHOLE)
    spoil(document)
    with pytest.raises(InputError) as refused:
        read_case(json.dumps(document).encode(), "case.json")
    assert refused.value.code == f"attribution.{code}"
    assert [part for part in ("case.json", *named) if part not in str(refused.value)] == []
    assert refused.value.mend


def test_how_an_editor_saved_the_file_changes_nothing() -> None:
    text = json.dumps(WHOLE, indent=1)
    saved = [b"\xef\xbb\xbf" + text.encode(), text.replace("\n", "\r\n").encode(), json.dumps(WHOLE, ensure_ascii=False).encode()]
    assert {canonical(case_document(read_case(data, "case.json").case)) for data in saved} == {canonical(case_document(read_case_document(WHOLE, "x").case))}


NO_DOCUMENTS = {
    "nothing": (b"", "json"),
    "no JSON": (b"{", "json"),
    "two documents": (b"{} {}", "json"),
    "no UTF-8": (b"\xff{}", "json"),
    "UTF-16": ("{}".encode("utf-16"), "json"),
    "a byte order mark and nothing": (b"\xef\xbb\xbf", "json"),
    "two byte order marks": (b"\xef\xbb\xbf\xef\xbb\xbf{}", "json"),
    "a list": (b"[]", "type"),
    "null": (b"null", "type"),
    "nested without end": (b"[" * 200_000, "json"),
    "nested objects without end": (b'{"a":' * 200_000, "json"),
    "a key twice": (b'{"events": [], "events": []}', "repeated-key"),
    "a key of an event twice": (b'{"events": [{"type": "report", "id": "r1", "id": "r1"}]}', "repeated-key"),
    "NaN": (b'{"events": [{"type": "edit", "of": "v", "field": "at", "at": "2026-03-01T09:00:00Z", "to": NaN}]}', "type"),
    "a number of a million digits": (b'{"events": [{"type": "edit", "of": "v", "field": "at", "to": ' + b"9" * 1_000_000 + b"}]}", "type"),
}


@pytest.mark.parametrize("name", NO_DOCUMENTS)
def test_what_is_no_case_at_all_is_refused_too(name: str) -> None:
    data, code = NO_DOCUMENTS[name]
    with pytest.raises(InputError, match=r"case\.json") as refused:
        read_case(data, "case.json")
    assert refused.value.code == f"attribution.{code}"


def test_too_many_events_are_refused() -> None:
    with pytest.raises(InputError, match="100001") as refused:
        read_case_document({"events": [{}] * 100_001}, "case.json")
    assert refused.value.code == "attribution.events"


def test_a_report_that_no_version_of_the_rules_covers_is_named() -> None:
    document = WHOLE | {"rulebooks": [{"from": "2026-03-05T00:00:00Z"}]}
    document.pop("rulebook")
    with pytest.raises(InputError, match='report "r1"') as refused:
        read_case_document(document, "case.json")
    assert refused.value.code == "attribution.no-rulebook"


def test_name_and_rulebook_may_be_left_out_and_the_defaults_hold() -> None:
    bare = {"events": [event for event in WHOLE["events"] if event["type"] in {"report", "visit", "signing"}]}
    version = read_case_document(bare, "case.json").case.rulebook.versions[0]
    assert (version.lead, version.report_valid, version.kin) == (timedelta(minutes=30), timedelta(days=2), ("self", "spouse", "parent", "child"))


def test_a_case_that_is_written_reads_the_same_and_the_same_case_is_the_same_bytes() -> None:
    case = read_case_document(WHOLE, "case.json").case
    written = canonical(case_document(case))
    again = read_case(written, "case.json").case
    assert sorted(map(repr, again.events)) == sorted(map(repr, case.events))
    turned = read_case_document(WHOLE | {"events": WHOLE["events"][::-1]}, "case.json").case
    assert canonical(case_document(turned)) == written == canonical(case_document(again))


def test_the_worked_cases_come_to_what_they_expect(shared: Path) -> None:
    paths = sorted((shared / "data" / "attribution").glob("*.json"))
    assert paths
    for path in paths:
        read = read_case(path.read_bytes(), path.name)
        expected, verdict = read_expectation(read.expect, path.name), judge(read.case)
        assert (verdict.kind, verdict.flags) == (expected.verdict, expected.flags), path.name
        assert expected.agencies in {None, verdict.agencies}, path.name


JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(
        ["r0", "v0", "p0", "A", "X", "self", "id", "2026-03-01T09:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "PT0S", "P9999999W"]
    ),
    st.lists(st.text(max_size=3), max_size=2),
    st.dictionaries(st.text(max_size=3), st.none(), max_size=2),
)


def places(value: object) -> list[tuple[Any, Any]]:
    """Return every (container, key) within a document."""
    found: list[tuple[Any, Any]] = []
    pending: list[Any] = [value]
    while pending:
        one = pending.pop()
        keys = one.keys() if isinstance(one, dict) else range(len(one)) if isinstance(one, list) else ()
        found += [(one, key) for key in keys]
        pending += [one[key] for key in keys]
    return found


@settings(UNHURRIED, max_examples=500)
@given(seed=st.integers(0, 10**6), data=st.data())
def test_a_spoilt_document_is_refused_or_judged_and_nothing_else(seed: int, data: st.DataObject) -> None:
    document = history(seed)
    for _ in range(data.draw(st.integers(1, 3))):
        container, key = data.draw(st.sampled_from(places(document)))
        if data.draw(st.booleans()):
            container[key] = data.draw(JUNK)
        else:
            del container[key]
        if not document:
            break
    assert result(document) in {"attribution.", *VerdictKind}


def result(document: Document) -> str:
    """Return the verdict, or the prefix of the code under which the document was refused."""
    try:
        return judge(read_case(json.dumps(document).encode(), "case.json").case).kind
    except InputError as error:
        return error.code[: len("attribution.")] if error.subject.startswith("case.json") else error.subject


@UNHURRIED
@given(st.binary(max_size=200))
def test_bytes_of_any_kind_are_refused(data: bytes) -> None:
    with pytest.raises(InputError, match=r"case\.json"):
        read_case(data, "case.json")
