"""The draft of the site: it outlives the page that it was begun on, and nobody writes over what somebody else did meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from consentry.access.register import PolicyDraft
from consentry.access.service import policies, policy_drafts
from consentry.platform.actors import Actor, ActorKind, Permission
from consentry.platform.errors import ConsentryError, DeniedError, StaleError
from tests.access.register.house import NOBODY, STAFF, WHY, House, policy

if TYPE_CHECKING:
    from collections.abc import Callable

HOME = {"id": "home", "group": "residents", "doors": ["front"], "schedule": None, "deny": False}
WORK = {"id": "work", "group": "staff", "doors": ["garage"], "schedule": None, "deny": False}
OTHER = Actor(ActorKind.STAFF, "desk-2", frozenset({Permission.MANAGE_DOORS}))


def rules_of(draft: PolicyDraft) -> list[object]:
    return list(draft.document["rules"])  # type: ignore[arg-type]


def test_a_draft_is_kept_with_who_began_it_and_who_changed_it_last(any_house: House) -> None:
    site = any_house.site
    assert policy_drafts.kept_draft(site, STAFF) is None
    begun = policy_drafts.keep_draft(site, STAFF, policy([HOME]), None)
    any_house.pass_by(hours=20)
    policy_drafts.rename_draft(site, OTHER, begun.edit, "Autumn")
    kept = policy_drafts.kept_draft(site, STAFF)
    assert kept is not None
    assert (kept.name, kept.begun_by, kept.edited_by, kept.begun, kept.edited) == ("Autumn", STAFF.label, OTHER.label, begun.begun, site.clock.now())
    assert rules_of(kept.draft) == [HOME]
    assert policies.current_draft(site, STAFF)[0] == 0, "nothing is in force before it is applied"
    assert [rule.id for rule in policy_drafts.policy_of_draft(site, STAFF, kept.draft).rules] == ["home"]


def test_the_second_of_two_who_edit_is_told_and_writes_nothing_over(any_house: House) -> None:
    site = any_house.site
    seen = policy_drafts.keep_draft(site, STAFF, policy([HOME]), None).edit
    after = policy_drafts.keep_draft(site, OTHER, policy([HOME, WORK]), seen)
    late: tuple[Callable[[], object], ...] = (
        lambda: policy_drafts.keep_draft(site, STAFF, policy([WORK]), seen),
        lambda: policy_drafts.keep_draft(site, STAFF, policy([WORK]), None),
        lambda: policy_drafts.rename_draft(site, STAFF, seen, "mine"),
        lambda: policy_drafts.discard_draft(site, STAFF, seen),
        lambda: policy_drafts.apply_draft(site, STAFF, seen, 0, WHY),
    )
    for act in late:
        with pytest.raises(StaleError) as refused:
            act()
        assert refused.value.code == "policy-draft.changed"
    assert policy_drafts.kept_draft(site, STAFF) == after
    policy_drafts.discard_draft(site, STAFF, after.edit)
    assert policy_drafts.kept_draft(site, STAFF) is None
    again = policy_drafts.keep_draft(site, STAFF, policy([WORK]), None)
    with pytest.raises(StaleError):
        policy_drafts.keep_draft(site, OTHER, policy([HOME]), after.edit)
    assert policy_drafts.kept_draft(site, STAFF) == again


def test_a_draft_is_applied_as_it_was_compared_and_is_gone_then(house: House) -> None:
    site = house.site
    kept = policy_drafts.keep_draft(site, STAFF, policy([HOME]), None)
    house.apply([WORK])
    with pytest.raises(StaleError) as refused:
        policy_drafts.apply_draft(site, STAFF, kept.edit, kept.version, WHY)
    assert refused.value.code == "policy.changed"
    assert policy_drafts.kept_draft(site, STAFF) == kept
    applied = policy_drafts.apply_draft(site, STAFF, kept.edit, 1, WHY)
    assert (applied.version, applied.reason, rules_of(PolicyDraft(applied.document))) == (2, WHY, [HOME])
    assert policy_drafts.kept_draft(site, STAFF) is None


def test_a_draft_that_cannot_be_is_refused_and_the_one_before_stays(house: House) -> None:
    site = house.site
    kept = policy_drafts.keep_draft(site, STAFF, policy([HOME]), None)
    for code, wrong in {"door-group.unknown": {**HOME, "group": "ghosts"}, "policy.unknown": {**HOME, "doors": ["cellar"]}}.items():
        with pytest.raises(ConsentryError) as refused:
            policy_drafts.keep_draft(site, STAFF, policy([wrong]), kept.edit)
        assert refused.value.code == code
    assert policy_drafts.kept_draft(site, STAFF) == kept


def test_only_who_manages_doors_sees_or_keeps_a_draft(house: House) -> None:
    with pytest.raises(DeniedError):
        policy_drafts.kept_draft(house.site, NOBODY)
    with pytest.raises(DeniedError):
        policy_drafts.keep_draft(house.site, NOBODY, policy([]), None)
