"""Explanations that were kept: read strictly, and whatever was done to one is refused or found."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from consentry.attribution.cases import read_case_document
from consentry.attribution.explanations import check_explanation, explanation_document, read_explanation
from consentry.attribution.rules import explain
from consentry.platform.errors import InputError
from tests.attribution.cases.test_cases import JUNK, places
from tests.attribution.rules.histories import UNHURRIED, history

if TYPE_CHECKING:
    from collections.abc import Mapping


def outcome(document: Mapping[str, Any]) -> str:
    """Return what becomes of an explanation: the prefix of the code that it is refused under, or whether it holds."""
    try:
        kept = read_explanation(json.dumps(document).encode(), "kept.json")
        return "differs" if check_explanation(kept) else "holds"
    except InputError as error:
        return error.code[: len("attribution.")] if error.subject.startswith("kept.json") else error.subject


@settings(UNHURRIED, max_examples=300)
@given(seed=st.integers(0, 10**6), data=st.data())
def test_a_spoilt_explanation_is_refused_or_found_and_nothing_else(seed: int, data: st.DataObject) -> None:
    document = json.loads(json.dumps(explanation_document(explain(read_case_document(history(seed), "history").case))))
    container, key = data.draw(st.sampled_from(places(document)))
    container[key] = data.draw(JUNK)
    assert outcome(document) in {"attribution.", "differs", "holds"}


@UNHURRIED
@given(seed=st.integers(0, 10**6), data=st.data())
def test_no_other_verdict_and_no_other_step_passes_for_the_one_that_was_found(seed: int, data: st.DataObject) -> None:
    document = json.loads(json.dumps(explanation_document(explain(read_case_document(history(seed), "history").case))))
    spoilt = copy.deepcopy(document)
    part = data.draw(st.sampled_from(["verdict", "steps"]))
    container, key = data.draw(st.sampled_from(places(spoilt[part])))
    container[key] = data.draw(JUNK)
    expected = {"holds"} if spoilt == document else {"attribution.", "differs"}
    assert outcome(spoilt) in expected
