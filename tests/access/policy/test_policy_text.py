"""A policy as JSON: what is written is read again, and what is wrong is named."""

from __future__ import annotations

import json
from contextlib import suppress
from copy import deepcopy
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentry.access.model import AntiPassback, Door, Holiday, PassbackMode, Policy, ReaderKind, Rule, Schedule, Span
from consentry.access.policy_text import draft_document, policy_document, read_draft, read_policy
from consentry.ledger.rules.canonical import canonical
from consentry.platform.errors import InputError

SETTINGS = (
    Door("front", (ReaderKind.CARD, ReaderKind.FACE), delay_s={ReaderKind.FACE: 0.25}, unlock_s=7.5),
    Door("store", (ReaderKind.PIN,), "inside", "store"),
)
POLICY = Policy(
    version=3,
    zone="Asia/Shanghai",
    doors=(replace(SETTINGS[0], first_card="hours", first_card_groups=("staff",)), replace(SETTINGS[1], two_people_s=12.0)),
    schedules=(Schedule("hours", ((Span(0, 1), Span(540, 1440)), *((Span(600, 720),),) * 6), {"short": (Span(540, 720),), "closed": ()}),),
    holidays=(Holiday(date(2026, 10, 1), "closed"),),
    rules=(Rule("r1", "staff", ("front", "store")), Rule("r2", "guests", ("store",), "hours", deny=True)),
    passback={"inside": PassbackMode(AntiPassback.TIMED, timedelta(minutes=10)), "store": PassbackMode(AntiPassback.HARD)},
)


def test_a_policy_is_read_as_it_was_written_through_canonical_json() -> None:
    assert read_policy(json.loads(canonical(policy_document(POLICY)))) == POLICY


def test_a_draft_takes_the_rest_from_the_settings() -> None:
    draft = json.loads(canonical(draft_document(POLICY)))
    assert "readers" not in json.dumps(draft)
    assert read_draft(draft, version=3, zone="Asia/Shanghai", doors=SETTINGS) == POLICY


def test_a_door_that_a_draft_does_not_name_asks_nothing_more() -> None:
    draft = draft_document(POLICY) | {"doors": []}
    assert read_draft(draft, version=1, zone="UTC", doors=SETTINGS).doors == SETTINGS


ABSENT = object()
# Where, what is put there (or taken away), the code, and what the error must name.
WRONG: list[tuple[tuple[str | int, ...], Any, str, str]] = [
    (("rules",), ABSENT, "policy.missing-key", "rules"),
    (("rules",), {}, "policy.type", "rules"),
    (("rules", 0), 7, "policy.type", "rules[0]"),
    (("more",), 1, "policy.unknown-key", "more"),
    (("rules", 0, "more"), 1, "policy.unknown-key", "rules[0], more"),
    (("rules", 0, "deny"), 1, "policy.type", "rules[0], deny"),
    (("rules", 0, "group"), " staff", "policy.text", "rules[0], group"),
    (("rules", 0, "group"), "", "policy.text", "group"),
    (("rules", 0, "doors"), ["front", "front"], "policy.twice", "doors"),
    (("rules", 0, "doors"), ["cellar"], "policy.unknown", "rule r1"),
    (("rules", 0, "schedule"), "never", "policy.unknown", "rule r1"),
    (("rules", 1, "id"), "r1", "policy.twice", "rules"),
    (("schedules", 0, "week"), [], "policy.span", "week"),
    (("schedules", 0, "week", 2), "09:00", "policy.type", "week[2]"),
    (("schedules", 0, "week", 2), ["9:00-10:00"], "policy.span", "week[2]"),
    (("schedules", 0, "week", 2), ["22:00-06:00"], "policy.span", "week[2]"),
    (("schedules", 0, "week", 2), ["09:00-24:01"], "policy.span", "week[2]"),
    (("schedules", 0, "week", 2), ["09:00-09:00"], "policy.span", "week[2]"),
    (("schedules", 0, "week", 2), ["0\u0669:00-10:00"], "policy.span", "week[2]"),
    (("schedules", 0, "holidays", "short"), [None], "policy.span", "short"),
    (("holidays", 0, "day"), "2026-02-30", "policy.day", "holidays[0], day"),
    (("holidays", 0, "day"), "20261001", "policy.day", "holidays[0], day"),
    (("holidays", 1), {"day": "2026-10-01", "kind": "short"}, "policy.twice", "holidays[1], day"),
    (("doors", 0, "id"), "cellar", "policy.unknown", "doors[0], id"),
    (("doors", 0, "first_card"), "never", "policy.unknown", "door front"),
    (("doors", 0, "first_card"), None, "policy.never", "door front"),
    (("doors", 0, "first_card_groups"), [], "policy.never", "door front"),
    (("doors", 1, "two_people_ms"), -1, "policy.type", "two_people_ms"),
    (("doors", 1, "two_people_ms"), 1.5, "policy.type", "two_people_ms"),
    (("doors", 1, "two_people_ms"), True, "policy.type", "two_people_ms"),
    (("passback", "inside", "mode"), "sometimes", "policy.choice", "inside, mode"),
    (("passback", "store", "within_ms"), 5, "policy.never", "within_ms"),
    (("passback", "inside", "within_ms"), None, "policy.type", "within_ms"),
    (("passback", "roof"), {"mode": "hard", "within_ms": None}, "policy.unknown", "passback"),
]


@pytest.mark.parametrize(("where", "value", "code", "named"), WRONG, ids=str)
def test_what_is_wrong_in_a_draft_is_named(where: tuple[str | int, ...], value: Any, code: str, named: str) -> None:  # noqa: ANN401 - any JSON
    document: Any = deepcopy(draft_document(POLICY))
    place = document
    for step in where[:-1]:
        place = place[step]
    if value is ABSENT:
        del place[where[-1]]
    elif isinstance(place, list) and where[-1] == len(place):
        place.append(value)
    else:
        place[where[-1]] = value
    with pytest.raises(InputError) as caught:
        read_draft(document, version=1, zone="UTC", doors=SETTINGS)
    assert caught.value.code == code
    assert named in caught.value.subject
    assert caught.value.mend


EXIT = Door("exit", (ReaderKind.CARD,), "inside", "outside")
WAY_OUT: list[tuple[dict[str, Any], str | None]] = [
    ({"passback": {"outside": {"mode": "hard", "within_ms": None}}}, "passback, outside"),
    ({"passback": {"outside": {"mode": "timed", "within_ms": 5000}}}, "passback, outside"),
    ({"passback": {"outside": {"mode": "soft", "within_ms": None}}}, None),
    ({"passback": {"outside": {"mode": "off", "within_ms": None}}}, None),
    ({"doors": [{"id": "exit", "first_card": None, "first_card_groups": [], "two_people_ms": 10_000}]}, "door exit"),
    ({"doors": [{"id": "store", "first_card": None, "first_card_groups": [], "two_people_ms": 10_000}]}, None),
]


@pytest.mark.parametrize(("said", "named"), WAY_OUT, ids=str)
def test_no_policy_keeps_anybody_from_leaving(said: dict[str, Any], named: str | None) -> None:
    draft = {**draft_document(Policy(1, "UTC", ())), **said}
    doors = (*SETTINGS, EXIT)
    if named is None:
        assert read_draft(draft, version=1, zone="UTC", doors=doors).doors[-1] == EXIT
        return
    with pytest.raises(InputError) as caught:
        read_draft(draft, version=1, zone="UTC", doors=doors)
    assert (caught.value.code, named in caught.value.subject) == ("policy.locks-in", True)


@pytest.mark.parametrize(("key", "value", "code"), [("zone", "Mars/Olympus", "policy.zone"), ("version", "1", "policy.type"), ("doors", None, "policy.type")])
def test_what_is_wrong_in_a_whole_policy_is_named(key: str, value: object, code: str) -> None:
    with pytest.raises(InputError) as caught:
        read_policy({**policy_document(POLICY), key: value})
    assert caught.value.code == code


def test_a_whole_policy_may_name_doors_of_other_controllers() -> None:
    one_door = replace(POLICY, doors=POLICY.doors[:1])
    assert read_policy(policy_document(one_door)) == one_door


def test_the_draft_in_the_guide_is_one() -> None:
    guide = Path(__file__).parents[3] / "docs" / "doors-policy.md"
    example = guide.read_text(encoding="utf-8").split("```json\n")[1].split("```")[0]
    policy = read_draft(json.loads(example), version=1, zone="UTC", doors=SETTINGS)
    assert draft_document(policy)["rules"] == json.loads(example)["rules"]


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)


@given(document=JUNK, key=st.sampled_from(sorted(policy_document(POLICY))))
def test_junk_is_refused_and_never_breaks_the_reader(document: Any, key: str) -> None:  # noqa: ANN401 - any JSON
    for given_ in (document, {**policy_document(POLICY), key: document}):
        with suppress(InputError):
            assert policy_document(read_policy(given_)) == given_
