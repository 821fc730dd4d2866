"""What the pages say of events, steps, flags and rules, and how they read what a browser sends."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from consentry.attribution import model
from consentry.attribution.deals import FraudKind, Ownership, RaisedFlag
from consentry.attribution.model import Grade, Mode, RulebookVersion, StatementKind, VerdictKind
from consentry.attribution.page.deal import ownership_of, ownership_words
from consentry.attribution.page.parts import names_in_words
from consentry.attribution.page.reasoning import saw_words
from consentry.attribution.page.rulebooks import TERMS, changed_terms
from consentry.attribution.page.story import event_words, moments_of, value_words
from consentry.attribution.visiting import EditField
from consentry.console.actors import by, short
from consentry.console.answers import Answers
from consentry.console.reading import end_of_day, instant, one_of, start_of_day
from consentry.platform.errors import InputError

if TYPE_CHECKING:
    from consentry.console.screen import Screen
    from consentry.ledger.model import JSONValue

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
HOUR = timedelta(hours=1)
NAMES = {"a-1": "Blue sky"}
EVENTS: tuple[tuple[model.Event, str, str], ...] = (
    (model.Report("r-1", "a-1", "client", NOON), "Blue sky reported client client", "Blue sky报备客户 client"),
    (model.Refusal("r-1", NOON), "The developer refused report r-1", "开发商拒绝了报备 r-1"),
    (model.Visit("v-1", "p", NOON), "p arrived without an agency", "p 自然到访"),
    (model.Visit("v-1", "p", NOON, "r-1", bound=True), "p arrived on report r-1, bound by code", "p 凭报备 r-1 到访"),
    (model.Visit("v-1", "p", NOON, "r-1"), "p arrived and named report r-1, bound by nothing", "未经确认"),
    (model.Edit("v-1", "at", "x", NOON), "the first stands", "以首次记录为准"),
    (model.Link("p", "q", "spouse", Grade.LOGGED, NOON), "p and q: spouse, grade B", "p 与 q：配偶，B 级"),
    (model.AgencyContract("a-1", NOON, NOON + HOUR), "The agreement of Blue sky begins", "Blue sky的合作合同开始生效"),
    (model.Outage(NOON, NOON + HOUR), "Nothing could be received until 2026-03-02 13:00:00", "停机"),
    (model.Statement("p", StatementKind.EARLIER_VISIT, NOON, credible=True), "found credible", "认定可信"),
)


@pytest.mark.parametrize(("event", "in_english", "in_chinese"), EVENTS, ids=lambda value: type(value).__name__ if not isinstance(value, str) else "")
def test_an_event_is_told_in_one_line_of_either_language(event: model.Event, in_english: str, in_chinese: str, english: Screen, chinese: Screen) -> None:
    assert in_english in event_words(english, event, NAMES)
    assert in_chinese in event_words(chinese, event, NAMES)


def test_the_story_of_a_case_is_in_order_and_ends_with_the_contract(english: Screen) -> None:
    late, early = model.Visit("v-2", "p", NOON), model.Report("r-1", "a-1", "c", NOON - HOUR)
    unknown = model.Link("p", "q", "spouse", Grade.LOGGED)
    told = moments_of(english, model.Case(model.Signing(NOON + HOUR, ("b", "c")), (late, early, unknown)), NAMES)
    assert [moment.at for moment in told] == [NOON - HOUR, NOON, NOON + HOUR]
    assert told[-1].words == "The contract was signed by 2 buyers"


@pytest.mark.parametrize(
    ("field", "value", "shown"),
    [
        (EditField.PARTY_SIZE, 3, "3"),
        (EditField.REPORT, None, "none"),
        (EditField.REPORT, "0199aa00-0000-7000-8000-00000000a001", "…0000a001"),
        (EditField.AT, "2026-03-02T04:00:00+00:00", "2026-03-02 12:00:00"),
    ],
)
def test_a_value_is_written_as_people_read_it(field: EditField, value: object, shown: str, english: Screen) -> None:
    assert value_words(english, field, value) == shown


def test_a_flag_says_what_it_saw_in_plain_values(english: Screen, chinese: Screen) -> None:
    saw: dict[str, JSONValue] = {"too_short": True, "close_visits_that_day": 4, "hour": "2026-03-02T04:00:00+00:00", "events": ["v-1"]}
    flag = RaisedFlag("f", "d", FraudKind.INTERCEPTION, saw, 1, 40, {"zh": "甲", "en": "a"}, NOON)
    assert saw_words(english, flag) == "lead too short: yes, visits right after the lead that day: 4, hour: 2026-03-02 12:00:00, events: v-1"
    assert saw_words(chinese, flag).startswith("提前量不足：是")


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, []),
        ({"lead": timedelta(minutes=45)}, ["lead"]),
        ({"kin": ("child", "parent", "spouse", "self")}, []),
        ({"kin": ("self",), "mode": Mode.REPORT_FIRST}, ["kin", "mode"]),
        ({"start": NOON}, []),
    ],
)
def test_two_versions_of_the_rules_differ_in_what_they_say(changes: dict[str, object], found: list[str]) -> None:
    before = RulebookVersion()
    assert list(changed_terms(before, replace(before, **changes))) == found  # type: ignore[arg-type]


def test_every_term_of_the_rules_is_compared() -> None:
    assert set(TERMS) == set(RulebookVersion.__slots__) - {"start"}


def test_a_reason_names_agencies_and_not_their_ids() -> None:
    assert names_in_words("agency a-1 reported", NAMES) == "agency Blue sky reported"


@pytest.mark.parametrize(
    ("label", "shown"),
    [("staff:0199aa00-0000-7000-8000-00000000a001", "staff …0000a001"), ("system:attribution", "the system"), ("", ""), ("operator:uid-1", "operator uid-1")],
)
def test_who_did_it_is_said_in_words_and_by_the_end_of_a_long_id(label: str, shown: str, english: Screen) -> None:
    assert by(english, label) == shown


def test_short_ids_stay_whole() -> None:
    assert (short("r-1"), short("0199aa00-0000-7000-8000-00000000a001")) == ("r-1", "…0000a001")


def test_a_time_of_the_site_is_read_in_its_zone(english: Screen) -> None:
    assert instant(english, "2026-03-02T12:00") == NOON
    assert instant(english, "2026-03-02T04:00:00+00:00") == NOON
    assert start_of_day(english, "2026-03-02") == NOON - timedelta(hours=12)
    assert end_of_day(english, "2026-03-02") == NOON + timedelta(hours=12) - timedelta(seconds=1)


@pytest.mark.parametrize("given", ["", "yesterday", "2026-13-01", "2026-02-30T10:00", "12:00"])
def test_what_is_no_time_and_no_day_is_refused(given: str, english: Screen) -> None:
    with pytest.raises(InputError, match="not a time"):
        instant(english, given)
    with pytest.raises(InputError, match="not a day"):
        start_of_day(english, given)


def test_what_is_no_choice_is_refused() -> None:
    with pytest.raises(InputError, match="not one of the choices"):
        one_of(VerdictKind, "everybody")


def test_whose_client_it_was_is_read_from_the_form_and_said(english: Screen) -> None:
    sent = {"kind": ["split"], "agency": ["a-1", "a-2"]}
    assert ownership_of(Answers.of({}, sent)) == Ownership(VerdictKind.SPLIT, ("a-1", "a-2"))
    assert ownership_of(Answers.of({}, {**sent, "kind": ["natural"]})) == Ownership(VerdictKind.NATURAL)
    assert ownership_words(english, Ownership(VerdictKind.CHANNEL, ("a-1",)), NAMES) == "agency's client: Blue sky"
    assert ownership_words(english, Ownership(VerdictKind.NATURAL), NAMES) == "came by themselves"
