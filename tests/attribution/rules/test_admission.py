"""R0: what is dropped, and what an edit is worth. Each line is a short history with the verdict and the flags that it must come to."""

from __future__ import annotations

import pytest

from consentry.attribution.model import Grade
from tests.attribution.rules.stories import (
    A_VISIT,
    NO_LEAD,
    WALK_IN,
    A,
    B,
    Lines,
    case,
    edit,
    graded,
    link,
    refusal,
    report,
    said,
    statement,
    unbound,
    visit,
)

WALK_IN_OF_Y = visit("v0", "1 08:00", person="y")
ADMISSION: Lines = {
    "a link of grade X joins nobody": (case(WALK_IN_OF_Y, A, A_VISIT, link("id", "y", "z", "X")), "channel A"),
    "a not_same link of grade X contradicts nothing": (
        case(A, A_VISIT, link("id", "y", "z"), link("phone", "y", "z"), link("not_same", "y", "z", "X")),
        "channel A",
    ),
    "a visit of grade X is no natural contact": (case(graded(WALK_IN, Grade.INADMISSIBLE), A, A_VISIT), "channel A"),
    "a visit of grade X makes no claim and raises no flag": (case(A, graded(unbound(A_VISIT), Grade.INADMISSIBLE)), "natural"),
    "a visit of grade C counts": (case(graded(WALK_IN, Grade.CONSENTED_FACE), A, A_VISIT), "natural WASHING"),
    "a visit received at the signing counts": (case(A, A_VISIT, signed="1 10:00"), "channel A"),
    "a visit received a second after the signing does not": (case(A, A_VISIT, signed="1 09:59:59"), "natural"),
    "a link received after the signing joins nobody": (case(WALK_IN_OF_Y, A, A_VISIT, link("id", "y", "z", when="11 00:01")), "channel A"),
    "a link received at the signing joins": (case(WALK_IN_OF_Y, A, A_VISIT, link("id", "y", "z", when="11 00:00")), "natural PHONE_CHANGE WASHING"),
    "a link without a time joins": (case(WALK_IN_OF_Y, A, A_VISIT, link("id", "y", "z")), "natural PHONE_CHANGE WASHING"),
    "a refusal after the signing is none": (
        case(A, visit("v1", "1 09:05", "r1"), refusal("r1", "1 09:20"), rules=NO_LEAD, signed="1 09:15"),
        "channel A",
    ),
    "a statement after the signing is for the appeal": (case(A, A_VISIT, statement("z", "11 00:01")), "channel A"),
    "an edit of the arrival is ignored and flagged": (case(A, visit("v1", "1 09:20", "r1"), edit("v1", "2 09:00")), "natural LATE TIME_EDITED"),
    "an edit that would hurt is ignored and flagged too": (case(A, A_VISIT, edit("v1", "2 09:00")), "channel A TIME_EDITED"),
    "an edit of the report is flagged": (case(A, A_VISIT, edit("r1", "2 09:00")), "channel A TIME_EDITED"),
    "an edit of a report that no visit names is flagged": (case(A, A_VISIT, B, edit("r2", "5 09:00")), "channel A TIME_EDITED"),
    "an edit of what is no time is flagged": (case(A, unbound(A_VISIT), edit("v1", "2 09:00", "bound", to=True)), "natural MASK_ONLY TIME_EDITED"),
    "an edit after the signing is for the appeal": (case(A, A_VISIT, edit("v1", "11 00:01")), "channel A"),
    "an edit of another client's visit is none of this": (case(A, A_VISIT, visit("v9", "2 09:00", person="q"), edit("v9", "3 09:00")), "channel A"),
    "an edit of a dropped visit is none": (case(A, A_VISIT, graded(WALK_IN, Grade.INADMISSIBLE), edit("v0", "3 09:00")), "channel A"),
    "a report that the log received after the signing supports nothing": (case(report("r1", "A", "12 09:00"), A_VISIT), "natural LATE"),
    "not even where the visit is not bound": (case(report("r1", "A", "12 09:00"), unbound(A_VISIT)), "natural MASK_ONLY"),
}


@pytest.mark.parametrize("line", ADMISSION)
def test_what_is_dropped_changes_nothing_and_a_first_value_stands(line: str) -> None:
    judged, expected = ADMISSION[line]
    assert said(judged) == expected
