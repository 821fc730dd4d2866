"""R2 and R3: the order of visits, and which of them make a claim. Each line is a short history with the verdict and the flags that it must come to."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest

from consentry.attribution.rules import judge
from tests.attribution.rules.stories import (
    A_VISIT,
    B_VISIT,
    NO_LEAD,
    REPORT_FIRST,
    SHORT,
    WALK_IN,
    A,
    B,
    Lines,
    case,
    contract,
    edit,
    link,
    outage,
    refusal,
    report,
    said,
    unbound,
    visit,
)

ORDER: Lines = {
    "a claim comes before a walk-in of the same instant": (
        case(A, A_VISIT, visit("v0", "1 10:00"), report("r2", "A", "3 09:00"), visit("v2", "3 10:00", "r2")),
        "channel A",
    ),
    "two claims without lead at one instant go by id": (
        case(report("r1", "A", "1 10:00"), report("r2", "B", "1 10:00"), visit("va", "1 10:00", "r2"), visit("vb", "1 10:00", "r1"), rules=NO_LEAD),
        "channel B UNDER_PROTECTION",
    ),
}
CLAIMS: Lines = {
    "an hour ahead": (case(A, A_VISIT), "channel A"),
    "exactly the lead": (case(A, visit("v1", "1 09:30", "r1")), "channel A"),
    "a second less than the lead": (case(A, visit("v1", "1 09:29:59", "r1")), "natural LATE"),
    "reported after the arrival": (case(A, visit("v1", "1 08:00", "r1")), "natural LATE"),
    "exactly as long as a report is valid": (case(A, visit("v1", "3 09:00", "r1")), "channel A"),
    "a second longer": (case(A, visit("v1", "3 09:00:01", "r1")), "natural EXPIRED"),
    "not bound": (case(A, unbound(A_VISIT)), "natural MASK_ONLY"),
    "not bound comes before everything else": (
        case(report("r1", "A", "1 09:55", "q"), unbound(A_VISIT), contract("A", "-9 00:00", "-8 00:00")),
        "natural MASK_ONLY",
    ),
    "a contract that ended": (case(A, A_VISIT, contract("A", "-30 00:00", "1 08:59:59")), "natural NO_CONTRACT"),
    "a contract that ends as the report arrives": (case(A, A_VISIT, contract("A", "-30 00:00", "1 09:00")), "channel A"),
    "a contract that begins as the report arrives": (case(A, A_VISIT, contract("A", "1 09:00", "60 00:00")), "channel A"),
    "a contract that begins a second later": (case(A, A_VISIT, contract("A", "1 09:00:01", "60 00:00")), "natural NO_CONTRACT"),
    "a contract that ended between report and visit": (case(A, A_VISIT, contract("A", "-30 00:00", "1 09:30")), "channel A"),
    "one of two contracts": (case(A, A_VISIT, contract("A", "-30 00:00", "-20 00:00"), contract("A", "1 00:00", "60 00:00")), "channel A"),
    "between two contracts": (case(A, A_VISIT, contract("A", "-30 00:00", "-20 00:00"), contract("A", "2 00:00", "60 00:00")), "natural NO_CONTRACT"),
    "another agency's contract says nothing": (case(A, A_VISIT, contract("B", "-30 00:00", "-20 00:00")), "channel A"),
    "the report is about somebody else": (case(report("r1", "A", "1 09:00", "q"), A_VISIT), "natural MISMATCH"),
    "somebody else who is out of scope": (case(report("r1", "A", "1 09:00", "q"), A_VISIT, link("friend", "q", "z")), "natural MISMATCH"),
    "no contract comes before mismatch": (case(report("r1", "A", "1 09:00", "q"), A_VISIT, contract("A", "2 00:00", "3 00:00")), "natural NO_CONTRACT"),
    "refused in time": (case(A, A_VISIT, refusal("r1", "1 09:10")), "natural REFUSED"),
    "refused in the last second": (case(A, A_VISIT, refusal("r1", "1 09:30")), "natural REFUSED"),
    "refused a second too late": (case(A, A_VISIT, refusal("r1", "1 09:30:01")), "channel A"),
    "refused late and in time": (case(A, A_VISIT, refusal("r1", "1 12:00"), refusal("r1", "1 09:05")), "natural REFUSED"),
    "mismatch comes before refused": (case(report("r1", "A", "1 09:00", "q"), A_VISIT, refusal("r1", "1 09:10")), "natural MISMATCH"),
    "refused comes before late": (case(A, visit("v1", "1 09:20", "r1"), refusal("r1", "1 09:10")), "natural REFUSED"),
    "another report of the same agency": (case(A, refusal("r1", "1 09:10"), report("r2", "A", "1 11:00"), visit("v2", "1 12:00", "r2")), "channel A"),
    "late right after an outage": (case(A, visit("v1", "1 09:20", "r1"), outage("1 08:00", "1 09:00")), "manual OUTAGE"),
    "arrived before the report that an outage held up": (case(A, visit("v1", "1 08:50", "r1"), outage("1 08:00", "1 08:59")), "manual OUTAGE"),
    "late five minutes after an outage": (case(A, visit("v1", "1 09:20", "r1"), outage("1 08:00", "1 08:55")), "manual OUTAGE"),
    "late five minutes and a second after one": (case(A, visit("v1", "1 09:20", "r1"), outage("1 08:00", "1 08:54:59")), "natural LATE"),
    "late before the outage ended": (case(A, visit("v1", "1 09:20", "r1"), outage("1 08:00", "1 09:00:01")), "natural LATE"),
    "an outage that began with the report": (case(A, visit("v1", "1 09:20", "r1"), outage("1 09:00", "1 09:00")), "natural LATE"),
    "in time after an outage": (case(A, A_VISIT, outage("1 08:00", "1 09:00")), "channel A"),
    "an outage excuses no missing contract": (
        case(A, visit("v1", "1 09:20", "r1"), outage("1 08:00", "1 09:00"), contract("A", "2 00:00", "3 00:00")),
        "natural NO_CONTRACT",
    ),
    "an outage excuses no expired report": (case(A, visit("v1", "4 09:20", "r1"), outage("1 08:00", "1 09:00")), "natural EXPIRED"),
    "an outage keeps the other flags": (
        case(A, visit("v1", "1 09:20", "r1"), outage("1 08:00", "1 09:00"), edit("v1", "2 00:00"), unbound(visit("v3", "5 00:00", "r1"))),
        "manual MASK_ONLY OUTAGE TIME_EDITED",
    ),
    "a second agency under protection": (case(A, A_VISIT, B, B_VISIT), "channel A UNDER_PROTECTION"),
    "reported before the other's visit": (case(A, report("r2", "B", "1 09:30"), A_VISIT, visit("v2", "2 10:00", "r2")), "channel A"),
    "reported at the other's visit": (case(A, report("r2", "B", "1 10:00"), A_VISIT, visit("v2", "2 10:00", "r2")), "channel A UNDER_PROTECTION"),
    "reported in the last second of protection": (
        case(A, A_VISIT, report("r2", "B", "6 10:00"), visit("v2", "6 11:00", "r2"), rules=SHORT),
        "natural UNDER_PROTECTION",
    ),
    "reported a second after protection": (case(A, A_VISIT, report("r2", "B", "6 10:00:01"), visit("v2", "6 11:00", "r2"), rules=SHORT), "channel B"),
    "the same agency is not under its own protection": (case(A, A_VISIT, report("r2", "A", "4 09:00"), visit("v2", "4 10:00", "r2")), "channel A"),
    "nobody is under protection where reports come first": (case(A, A_VISIT, B, B_VISIT, rules=REPORT_FIRST), "channel A"),
    "the other's protection covers the spouse": (
        case(A, A_VISIT, report("r2", "B", "4 09:00", "w"), visit("v2", "4 10:00", "r2", "w"), link("spouse", "w", "z")),
        "channel A UNDER_PROTECTION",
    ),
    "a failed claim protects nobody": (case(A, unbound(A_VISIT), B, B_VISIT), "natural MASK_ONLY WASHING"),
    "a lost claim protects nobody": (
        case(
            visit("v0", "1 08:00"),
            report("r1", "A", "20 09:00"),
            visit("v1", "20 10:00", "r1"),
            report("r2", "B", "32 09:00"),
            visit("v2", "32 10:00", "r2"),
            signed="35 00:00",
        ),
        "channel B WASHING",
    ),
}


@pytest.mark.parametrize("line", ORDER)
def test_visits_of_one_instant_have_an_order(line: str) -> None:
    judged, expected = ORDER[line]
    assert said(judged) == expected


@pytest.mark.parametrize("line", CLAIMS)
def test_a_visit_makes_a_claim_where_nothing_of_r3_is_against_it(line: str) -> None:
    judged, expected = CLAIMS[line]
    assert said(judged) == expected


def test_the_order_of_the_input_never_matters() -> None:
    judged = case(A, A_VISIT, B, B_VISIT, WALK_IN)
    assert len({judge(replace(judged, events=order)) for order in permutations(judged.events)}) == 1
