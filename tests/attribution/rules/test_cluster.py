"""R1: who belongs together. Each line is a short history with the verdict and the flags that it must come to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from consentry.attribution.model import Rulebook
from tests.attribution.rules.stories import A_VISIT, RULES, A, Lines, case, edit, link, report, said, since, statement, visit

W = visit("v0", "1 08:00", person="w")
CLUSTER: Lines = {
    "same document, other number": (case(W, A, A_VISIT, link("id", "w", "z")), "natural PHONE_CHANGE WASHING"),
    "consented face, other number": (case(W, A, A_VISIT, link("face", "w", "z", "C")), "natural PHONE_CHANGE WASHING"),
    "same number": (case(W, A, A_VISIT, link("phone", "w", "z")), "natural WASHING"),
    "same document and same number": (case(W, A, A_VISIT, link("id", "w", "z"), link("phone", "z", "w")), "natural WASHING"),
    "same document, the same number through a third": (
        case(W, A, A_VISIT, link("id", "w", "z"), link("phone", "z", "q"), link("phone", "q", "w")),
        "natural WASHING",
    ),
    "one person through a chain of documents, numbers and faces": (
        case(W, A, A_VISIT, link("phone", "w", "p"), link("id", "p", "q"), link("face", "q", "z")),
        "natural PHONE_CHANGE WASHING",
    ),
    "a spouse counts": (case(W, A, A_VISIT, link("spouse", "w", "z")), "natural WASHING"),
    "a spouse counts whichever end comes first": (case(W, A, A_VISIT, link("spouse", "z", "w")), "natural WASHING"),
    "a parent counts": (case(W, A, A_VISIT, link("parent", "w", "z")), "natural WASHING"),
    "a child counts": (case(W, A, A_VISIT, link("child", "w", "z")), "natural WASHING"),
    "a sibling is out of scope": (case(W, A, A_VISIT, link("sibling", "w", "z")), "channel A"),
    "a friend is out of scope": (case(W, A, A_VISIT, link("friend", "w", "z")), "channel A"),
    "a sibling counts where the rulebook says so": (case(W, A, A_VISIT, link("sibling", "w", "z"), rules=replace(RULES, kin=("sibling",))), "natural WASHING"),
    "nobody's kin counts where the rulebook names none": (case(W, A, A_VISIT, link("spouse", "w", "z"), rules=replace(RULES, kin=())), "channel A"),
    "a brother does not enter through the father": (case(W, A, A_VISIT, link("parent", "f", "z"), link("child", "w", "f")), "channel A"),
    "a father-in-law does not enter through the spouse": (case(W, A, A_VISIT, link("spouse", "s", "z"), link("parent", "w", "s")), "channel A"),
    "he does where the spouse signs as well": (
        case(W, A, A_VISIT, link("spouse", "s", "z"), link("parent", "w", "s"), buyers=("z", "s")),
        "natural WASHING",
    ),
    "the spouse's other number counts": (case(W, A, A_VISIT, link("spouse", "s", "z"), link("id", "s", "w")), "natural PHONE_CHANGE WASHING"),
    "the spouse of the buyer's other number counts": (case(W, A, A_VISIT, link("phone", "z", "z2"), link("spouse", "z2", "w")), "natural WASHING"),
    "kin of the spouse's other number do not": (
        case(W, A, A_VISIT, link("spouse", "s", "z"), link("id", "s", "s2"), link("child", "s2", "w")),
        "channel A PHONE_CHANGE",
    ),
    "a stranger's walk-in is none of this": (case(W, A, A_VISIT), "channel A"),
    "the agency may have brought the spouse": (
        case(report("r1", "A", "1 09:00", "w"), visit("v1", "1 10:00", "r1", "w"), link("spouse", "w", "z")),
        "channel A",
    ),
    "the agency may have brought one of two buyers": (
        case(report("r1", "A", "1 09:00", "w"), visit("v1", "1 10:00", "r1", "w"), buyers=("z", "w")),
        "channel A",
    ),
    "one person by document, not by another record": (case(A, A_VISIT, link("id", "w", "z"), link("not_same", "z", "w")), "manual CONTRADICTION"),
    "one person through a third": (case(A, A_VISIT, link("id", "w", "q"), link("phone", "q", "z"), link("not_same", "z", "w")), "manual CONTRADICTION"),
    "spouses are not the same": (case(A, A_VISIT, link("spouse", "w", "z"), link("not_same", "z", "w")), "channel A"),
    "contradictions about the spouse": (case(A, A_VISIT, link("spouse", "w", "z"), link("id", "w", "q"), link("not_same", "q", "w")), "manual CONTRADICTION"),
    "contradictions about strangers are none of this": (case(A, A_VISIT, link("id", "w", "q"), link("not_same", "q", "w")), "channel A"),
    "a contradiction stands alone": (
        case(A, visit("v1", "1 09:10", "r1"), edit("v1", "2 09:00"), statement("z", "2 09:00"), link("id", "w", "z"), link("not_same", "z", "w")),
        "manual CONTRADICTION",
    ),
    "the kin of the day of signing are in scope": (
        case(W, A, A_VISIT, link("spouse", "w", "z"), rules=Rulebook((since("-30 00:00", RULES), since("5 00:00", replace(RULES, kin=()))))),
        "channel A",
    ),
}


@pytest.mark.parametrize("line", CLUSTER)
def test_those_belong_together_whom_the_specification_names(line: str) -> None:
    judged, expected = CLUSTER[line]
    assert said(judged) == expected
