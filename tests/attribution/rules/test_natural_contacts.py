"""R4: natural contacts, and what they cost an agency. Each line is a short history with the verdict and the flags that it must come to."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.attribution.rules.stories import A_VISIT, B_VISIT, RULES, SHORT, WALK_IN, A, B, Lines, case, report, said, unbound, visit

NATURAL: Lines = {
    "nobody came": (case(), "natural"),
    "a report that nobody visited on": (case(A), "natural"),
    "a walk-in alone": (case(WALK_IN), "natural"),
    "a walk-in, then reported": (case(WALK_IN, A, A_VISIT), "natural WASHING"),
    "reported, then a walk-in, then brought": (case(A, visit("v0", "1 09:10"), A_VISIT), "channel A"),
    "a walk-in at the instant of the report came not before it": (case(A, visit("v0", "1 09:00"), A_VISIT), "channel A"),
    "a walk-in as long ago as natural clients are protected": (case(visit("v0", "-29 09:00"), A, A_VISIT), "natural WASHING"),
    "a walk-in a second longer ago": (case(visit("v0", "-29 08:59:59"), A, A_VISIT), "channel A"),
    "a walk-in under protection changes nothing": (
        case(A, A_VISIT, visit("v0", "3 10:00"), report("r2", "A", "4 09:00"), visit("v2", "4 10:00", "r2")),
        "channel A",
    ),
    "a walk-in in the last second of protection is none": (
        case(A, A_VISIT, visit("v0", "6 10:00"), report("r2", "B", "7 09:00"), visit("v2", "7 10:00", "r2"), rules=SHORT),
        "channel B",
    ),
    "a walk-in a second after protection is one": (
        case(A, A_VISIT, visit("v0", "6 10:00:01"), report("r2", "B", "7 09:00"), visit("v2", "7 10:00", "r2"), rules=SHORT),
        "natural WASHING",
    ),
    "a late visit is a natural contact": (
        case(A, visit("v1", "1 09:10", "r1"), B, B_VISIT),
        "natural LATE WASHING",
    ),
    "an unbound visit under protection is a natural contact for the time after it": (
        case(A, A_VISIT, B, unbound(B_VISIT), report("r3", "C", "7 09:00"), visit("v3", "7 10:00", "r3"), rules=SHORT),
        "natural MASK_ONLY WASHING",
    ),
    "a visit under another's protection is no natural contact": (
        case(A, A_VISIT, B, B_VISIT, report("r3", "C", "7 09:00"), visit("v3", "7 10:00", "r3"), rules=SHORT),
        "channel C UNDER_PROTECTION",
    ),
    "a lost claim's visit is no natural contact": (
        case(
            visit("v0", "1 08:00"),
            A,
            A_VISIT,
            report("r2", "B", "7 09:00"),
            visit("v2", "7 10:00", "r2"),
            rules=replace(RULES, natural_protection=timedelta(days=3)),
        ),
        "channel B WASHING",
    ),
    "the late agency may try again once natural protection is over": (
        case(A, visit("v1", "1 09:10", "r1"), report("r2", "A", "32 09:00"), visit("v2", "32 10:00", "r2"), signed="40 00:00"),
        "channel A LATE",
    ),
}


@pytest.mark.parametrize("line", NATURAL)
def test_a_natural_contact_costs_later_reports_their_claim(line: str) -> None:
    judged, expected = NATURAL[line]
    assert said(judged) == expected
