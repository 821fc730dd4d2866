"""A snapshot's indexes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from consentry.access.model import CredentialKind
from consentry.access.rules.compiling import compile_snapshot
from consentry.platform.errors import InputError
from tests.access.rules.house import PEOPLE, house, snapshot


def test_each_credential_is_found_by_its_mark_and_a_pin_only_by_its_number() -> None:
    known = house()
    for name in PEOPLE:
        for kind in CredentialKind:
            found = known.marked(kind, f"{name} {kind}")
            assert (found.id if found else None) == (None if kind is CredentialKind.PIN else f"{name} {kind}")
        assert [one.id for one in known.numbered(f"unit {name}")] == [f"{name} pin"]
    assert (known.marked(CredentialKind.CARD, "ann face"), known.numbered("unit nobody")) == (None, ())


def test_two_residents_of_a_unit_share_its_number() -> None:
    shared = tuple(replace(one, number="unit 1") for one in snapshot().credentials)
    assert [one.person for one in house(credentials=shared).numbered("unit 1")] == list(PEOPLE)


def test_two_residents_may_have_the_same_pin() -> None:
    same = tuple(replace(one, mark="same") if one.kind is CredentialKind.PIN else one for one in snapshot().credentials)
    assert house(credentials=same).numbered("unit ann")[0].mark == "same"


@pytest.mark.parametrize("what", ["person", "credential", "mark", "door", "schedule"])
def test_what_stands_twice_is_refused(what: str) -> None:
    once = snapshot()
    card = once.credentials[0]
    twice = {
        "person": replace(once, people=(*once.people, once.people[0])),
        "credential": replace(once, credentials=(*once.credentials, replace(card, mark="another"))),
        "mark": replace(once, credentials=(*once.credentials, replace(card, id="another"))),
        "door": replace(once, policy=replace(once.policy, doors=once.policy.doors * 2)),
        "schedule": replace(once, policy=replace(once.policy, schedules=once.policy.schedules * 2)),
    }
    with pytest.raises(InputError) as caught:
        compile_snapshot(twice[what])
    assert caught.value.code == "policy.twice"
    assert "ann" not in str(caught.value)
