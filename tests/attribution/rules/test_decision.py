"""R5 to R9, each line a short history: who comes first, what is for people, desks that were cut off, rules that changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from consentry.attribution.model import Grade, Rulebook
from consentry.attribution.rules import judge
from consentry.platform.errors import InputError
from tests.attribution.rules.stories import (
    A_VISIT,
    REPORT_FIRST,
    RULES,
    SHORT,
    WALK_IN,
    A,
    Lines,
    case,
    edit,
    graded,
    link,
    outage,
    refusal,
    report,
    said,
    since,
    statement,
    visit,
)

OLD, STRICT = since("-300 00:00", RULES), since("2 00:00", replace(RULES, lead=timedelta(hours=2)))
DECISION: Lines = {
    "the earlier visit wins": (case(A, report("r2", "B", "1 08:00"), A_VISIT, visit("v2", "2 07:00", "r2")), "channel A"),
    "the earlier report wins where reports come first": (
        case(A, report("r2", "B", "1 08:00"), A_VISIT, visit("v2", "2 07:00", "r2"), rules=REPORT_FIRST),
        "channel B",
    ),
    "visits at one instant share": (case(A, report("r2", "B", "1 08:00"), A_VISIT, visit("v2", "1 10:00", "r2")), "split A B"),
    "three agencies share": (
        case(A, report("r2", "B", "1 08:00"), report("r3", "C", "1 09:30"), A_VISIT, visit("v2", "1 10:00", "r2"), visit("v3", "1 10:00", "r3")),
        "split A B C",
    ),
    "reports at one instant share where reports come first": (
        case(A, report("r2", "B", "1 09:00"), A_VISIT, visit("v2", "2 07:00", "r2"), rules=REPORT_FIRST),
        "split A B",
    ),
    "reports at one instant do not share where visits come first": (case(A, report("r2", "B", "1 09:00"), A_VISIT, visit("v2", "2 07:00", "r2")), "channel A"),
    "one agency's two claims of one instant are no tie": (case(A, report("r2", "A", "1 08:00"), A_VISIT, visit("v2", "1 10:00", "r2")), "channel A"),
    "signed in the last second of protection": (case(A, A_VISIT, signed="31 10:00"), "channel A"),
    "signed a second after protection": (case(A, A_VISIT, signed="31 10:00:01"), "natural"),
    "the second agency wins where the first's protection ended": (
        case(A, A_VISIT, report("r2", "B", "7 09:00"), visit("v2", "7 10:00", "r2"), rules=SHORT),
        "channel B",
    ),
    "an ended claim does not win by being early": (
        case(A, report("r2", "B", "1 08:00"), A_VISIT, visit("v2", "2 08:00", "r2"), rules=SHORT, signed="6 12:00"),
        "channel B",
    ),
    "a second report of the same agency renews its protection": (
        case(A, A_VISIT, report("r2", "A", "5 09:00"), visit("v2", "5 10:00", "r2"), rules=SHORT, signed="10 10:00"),
        "channel A",
    ),
    "the client coming again alone neither breaks nor renews the claim": (
        case(A, A_VISIT, visit("v3", "4 10:00"), rules=SHORT, signed="6 10:00:01"),
        "natural",
    ),
    "a credible statement is for people": (case(A, A_VISIT, statement("z", "2 00:00")), "manual HIDDEN_VISIT"),
    "a statement at the signing counts": (case(A, A_VISIT, statement("z", "11 00:00")), "manual HIDDEN_VISIT"),
    "a statement that is not credible says nothing": (case(A, A_VISIT, statement("z", "2 00:00", credible=False)), "channel A"),
    "the spouse's statement counts": (case(A, A_VISIT, statement("w", "2 00:00"), link("spouse", "w", "z")), "manual HIDDEN_VISIT"),
    "a stranger's does not": (case(A, A_VISIT, statement("w", "2 00:00")), "channel A"),
    "a statement against nobody": (case(statement("z", "2 00:00")), "manual HIDDEN_VISIT"),
    "a statement keeps the other flags": (case(WALK_IN, A, A_VISIT, statement("z", "2 00:00")), "manual HIDDEN_VISIT WASHING"),
    "a statement and an outage": (
        case(A, visit("v1", "1 09:20", "r1"), outage("1 08:00", "1 09:00"), statement("z", "2 00:00")),
        "manual HIDDEN_VISIT OUTAGE",
    ),
}
CUT_OFF: Lines = {
    "both clocks say the same": (case(A, visit("v1", "1 12:00", "r1", claimed="1 10:00")), "channel A"),
    "late by both clocks": (case(A, visit("v1", "1 09:20", "r1", claimed="1 09:10")), "natural LATE"),
    "in time only by the log's clock": (case(A, visit("v1", "1 09:40", "r1", claimed="1 09:20")), "manual OUTAGE"),
    "valid only by the desk's clock": (case(A, visit("v1", "3 10:00", "r1", claimed="3 08:00")), "manual OUTAGE"),
    "another agency wins by the desk's clock": (
        case(A, report("r2", "B", "1 08:00"), A_VISIT, visit("v2", "2 07:00", "r2", claimed="1 09:40")),
        "manual OUTAGE",
    ),
    "a tie only by the desk's clock": (case(A, report("r2", "B", "1 08:00"), A_VISIT, visit("v2", "2 07:00", "r2", claimed="1 10:00")), "manual OUTAGE"),
    "OUTAGE stands alone": (case(A, visit("v1", "1 09:40", "r1", claimed="1 09:20"), edit("v1", "2 00:00")), "manual OUTAGE"),
    "a walk-in that the desk saw first": (case(A, A_VISIT, visit("v0", "1 11:00", claimed="1 08:00")), "manual OUTAGE"),
    "for people by both clocks": (case(A, visit("v1", "1 09:40", "r1", claimed="1 09:20"), statement("z", "2 00:00")), "manual HIDDEN_VISIT"),
    "a contradiction is one by both clocks": (
        case(A, visit("v1", "1 09:40", "r1", claimed="1 09:20"), link("id", "w", "z"), link("not_same", "w", "z")),
        "manual CONTRADICTION",
    ),
    "received after the signing, whatever the desk's clock says": (case(A, visit("v1", "11 08:00", "r1", claimed="1 10:00")), "natural"),
    "received before the signing, after it by the desk's clock": (case(A, visit("v1", "1 10:00", "r1", claimed="12 10:00")), "manual OUTAGE"),
    "a stranger's visit while the desk was cut off": (case(A, A_VISIT, visit("v9", "1 11:00", person="q", claimed="1 08:00")), "channel A"),
    "of grade X, so its clock is nothing": (case(A, A_VISIT, graded(visit("v0", "1 11:00", claimed="1 08:00"), Grade.INADMISSIBLE)), "channel A"),
}
VERSIONS: Lines = {
    "a report before the change keeps the old lead": (
        case(report("r1", "A", "1 23:59:59"), visit("v1", "2 00:59", "r1"), rules=Rulebook((OLD, STRICT))),
        "channel A",
    ),
    "a report at the change has the new lead": (
        case(report("r1", "A", "2 00:00"), visit("v1", "2 01:00", "r1"), rules=Rulebook((OLD, STRICT))),
        "natural LATE",
    ),
    "the report's version says how long it is valid": (
        case(
            report("r1", "A", "1 23:00"), visit("v1", "3 22:00", "r1"), rules=Rulebook((OLD, since("2 00:00", replace(RULES, report_valid=timedelta(hours=3)))))
        ),
        "channel A",
    ),
    "the report's version protects, not the visit's": (
        case(report("r1", "A", "1 23:00"), visit("v1", "2 10:00", "r1"), rules=Rulebook((OLD, since("2 00:00", SHORT)))),
        "channel A",
    ),
    "the report's version says how long a natural client was protected": (
        case(
            visit("v0", "1 08:00"),
            report("r1", "A", "3 09:00"),
            visit("v1", "3 10:00", "r1"),
            rules=Rulebook((OLD, since("2 00:00", replace(RULES, natural_protection=timedelta(days=1))))),
        ),
        "channel A",
    ),
    "the report's version says how long the developer may refuse": (
        case(
            report("r1", "A", "1 23:50"),
            visit("v1", "2 10:00", "r1"),
            refusal("r1", "2 00:20"),
            rules=Rulebook((OLD, since("2 00:00", replace(RULES, reply_within=timedelta(0))))),
        ),
        "natural REFUSED",
    ),
    "the mode is that of the signing": (
        case(A, report("r2", "B", "1 08:00"), A_VISIT, visit("v2", "2 07:00", "r2"), rules=Rulebook((OLD, since("11 00:00", REPORT_FIRST)))),
        "channel B",
    ),
    "the mode of a later day does not count": (
        case(A, report("r2", "B", "1 08:00"), A_VISIT, visit("v2", "2 07:00", "r2"), rules=Rulebook((OLD, since("11 00:01", REPORT_FIRST)))),
        "channel A",
    ),
}


@pytest.mark.parametrize("line", DECISION)
def test_the_first_live_claim_wins(line: str) -> None:
    judged, expected = DECISION[line]
    assert said(judged) == expected


@pytest.mark.parametrize("line", CUT_OFF)
def test_a_desk_that_was_cut_off_does_not_decide_by_when_it_reconnects(line: str) -> None:
    judged, expected = CUT_OFF[line]
    assert said(judged) == expected


@pytest.mark.parametrize("line", VERSIONS)
def test_each_report_has_the_rules_of_its_time(line: str) -> None:
    judged, expected = VERSIONS[line]
    assert said(judged) == expected


def test_the_agency_is_named_only_where_it_is_one() -> None:
    alone, shared = judge(case(A, A_VISIT)), judge(case(A, report("r2", "B", "1 08:00"), A_VISIT, visit("v2", "1 10:00", "r2")))
    assert (alone.agency, shared.agency, judge(case()).agency) == ("A", None, None)


def test_a_report_before_every_version_of_the_rules_cannot_be_judged() -> None:
    with pytest.raises(InputError, match="no version is in force") as refused:
        judge(case(A, A_VISIT, rules=Rulebook((since("5 00:00", RULES),))))
    assert refused.value.code == "attribution.no-rulebook"
