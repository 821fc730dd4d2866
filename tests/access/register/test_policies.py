"""The policy of the doors: a draft says whom it changes what for, is applied on what it was compared with, and stays on record."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pytest

from consentry.access.model import AntiPassback, ReaderKind, Span
from consentry.access.register import PolicyDraft
from consentry.access.rules.compare import Stretch
from consentry.access.service import policies
from consentry.ledger.rules.canonical import canonical
from consentry.ledger.work import reading
from consentry.platform.errors import ConsentryError, DeniedError, StaleError
from tests.access.register.house import DOORS, NOBODY, STAFF, WHY, House, policy
from tests.consent.shop import settings_with

if TYPE_CHECKING:
    from consentry.access.model import Policy

WORKDAY = {"id": "workday", "week": [["08:00-18:00"]] * 5 + [[], []], "holidays": {}}
RESIDENTS = {"id": "residents", "group": "residents", "doors": ["front", "garage"], "schedule": None, "deny": False}
CREW = {"id": "crew", "group": "staff", "doors": ["front"], "schedule": "workday", "deny": False}
FIRST = {"id": "front", "first_card": "workday", "first_card_groups": ["staff"], "two_people_ms": 0}


def in_force(house: House) -> Policy:
    with reading(house.site) as work:
        return policies.policy_in_force(work)


def test_before_the_first_policy_nobody_passes_any_door(house: House) -> None:
    policy_now = in_force(house)
    assert (policy_now.version, policy_now.rules) == (0, ())
    front = policy_now.doors[0]
    assert (front.readers[-1], front.to_area, front.delay_s) == (ReaderKind.FACE, "hall", {ReaderKind.CARD: 1.0, ReaderKind.FACE: 2.0})
    version, draft = policies.current_draft(house.site, STAFF)
    assert (version, draft.document["rules"]) == (0, [])


def test_a_draft_tells_who_gains_and_loses_what_before_it_is_applied(any_house: House) -> None:
    resident, worker = any_house.member(), any_house.member("员工", None, "staff")
    any_house.apply([RESIDENTS])
    draft = policy([{**RESIDENTS, "doors": ["front"]}, CREW], schedules=[WORKDAY])
    preview = policies.preview_policy(any_house.site, STAFF, draft)
    by_person = {(one.person, one.door): one for one in preview.changes}
    assert set(by_person) == {(resident.id, "garage"), (worker.id, "front")}
    assert by_person[worker.id, "front"].gained == tuple(Stretch(day, Span(480, 1080)) for day in range(5))
    assert by_person[resident.id, "garage"].lost == tuple(Stretch(day, Span(0, 1440)) for day in range(7))
    assert in_force(any_house).version == 1
    applied = policies.apply_policy(any_house.site, STAFF, draft, preview.version, WHY)
    assert (applied.version, applied.sha256, applied.gains, applied.loses) == (2, preview.sha256, 1, 1)
    assert applied.sha256 == hashlib.sha256(canonical(applied.document)).hexdigest()
    act = any_house.acts("access.policy-applied")[-1]
    assert (act.reason, act.details) == (WHY, {"version": 2, "sha256": applied.sha256, "gains": 1, "loses": 1, "doors": 0, "unlocked_by_first_card": 0})
    assert [one.version for one in policies.policies(any_house.site, STAFF)] == [2, 1]


def test_a_draft_tells_which_doors_a_first_card_unlocks_though_nobody_gains_by_a_rule(house: House) -> None:
    house.member("员工", None, "staff")
    house.apply([CREW], schedules=[WORKDAY])
    pair: dict[str, Any] = {"id": "garage", "first_card": None, "first_card_groups": [], "two_people_ms": 20_000}
    draft = policy([CREW], schedules=[WORKDAY], doors=[FIRST, pair])
    preview = policies.preview_policy(house.site, STAFF, draft)
    assert preview.changes == []
    assert [(one.door, one.after.first_card_groups, one.after.two_people_s) for one in preview.doors] == [("front", ("staff",), 0), ("garage", (), 20)]
    assert preview.doors[0].unlocked == tuple(Stretch(day, Span(480, 1080)) for day in range(5))
    policies.apply_policy(house.site, STAFF, draft, preview.version, WHY)
    details = house.acts("access.policy-applied")[-1].details
    assert [details[name] for name in ("gains", "loses", "doors", "unlocked_by_first_card")] == [0, 0, 2, 1]


def test_what_was_compared_with_another_version_is_not_applied(house: House) -> None:
    house.apply([RESIDENTS])
    with pytest.raises(StaleError) as refused:
        policies.apply_policy(house.site, STAFF, policy([]), 0, WHY)
    assert refused.value.code == "policy.changed"
    assert len(in_force(house).rules) == 1


def test_applying_again_what_is_in_force_makes_no_new_version(house: House) -> None:
    house.apply([RESIDENTS])
    before = house.revision
    version, draft = policies.current_draft(house.site, STAFF)
    assert policies.apply_policy(house.site, STAFF, draft, version, WHY).version == 1
    assert (house.revision, len(house.acts("access.policy-applied"))) == (before, 1)


def test_everything_that_a_draft_says_comes_back_as_it_was_applied(house: House) -> None:
    said: dict[str, Any] = {
        "doors": [FIRST, {"id": "lift", "first_card": None, "first_card_groups": [], "two_people_ms": 20_000}],
        "schedules": [{**WORKDAY, "holidays": {"short": ["10:00-14:00"]}}],
        "holidays": [{"day": "2026-10-01", "kind": "national"}],
        "passback": {"garage": {"mode": "timed", "within_ms": 600_000}},
    }
    house.apply([RESIDENTS, CREW], **said)
    found = in_force(house)
    assert found.passback["garage"].mode is AntiPassback.TIMED
    assert {door.id: (door.first_card, door.two_people_s) for door in found.doors} == {"front": ("workday", 0), "garage": (None, 0), "lift": (None, 20)}
    _, draft = policies.current_draft(house.site, STAFF)
    for name in ("schedules", "holidays", "passback"):
        assert draft.document[name] == said[name]


REFUSED: tuple[tuple[str, PolicyDraft], ...] = (
    ("policy.unknown", policy([{**RESIDENTS, "doors": ["cellar"]}])),
    ("policy.unknown", policy([CREW])),
    ("policy.unknown", policy([], passback={"cellar": {"mode": "hard", "within_ms": None}})),
    ("policy.twice", policy([RESIDENTS, RESIDENTS])),
    ("policy.unknown-key", policy([], readers=[])),
    ("door-group.unknown", policy([{**RESIDENTS, "group": "owners"}])),
    ("door-group.unknown", policy([], schedules=[WORKDAY], doors=[{**FIRST, "first_card_groups": ["owners"]}])),
    ("policy.missing-key", PolicyDraft({})),
)


def test_what_is_no_policy_is_refused_and_changes_nothing(house: House) -> None:
    for code, draft in REFUSED:
        for attempt in (lambda draft: policies.apply_policy(house.site, STAFF, draft, 0, WHY), lambda draft: policies.preview_policy(house.site, STAFF, draft)):
            with pytest.raises(ConsentryError) as refused:
                attempt(draft)
            assert refused.value.code == code
    assert in_force(house).version == 0
    with pytest.raises(DeniedError):
        policies.preview_policy(house.site, NOBODY, policy([]))


def test_a_door_that_the_settings_no_longer_name_stands_in_no_rules_way(house: House) -> None:
    house.apply([RESIDENTS], passback={"garage": {"mode": "hard", "within_ms": None}})
    kept = DOORS[DOORS.index("[[door]]") : DOORS.index('[[door]]\nid = "garage"')]
    house.rewrite(settings_with() + kept)
    found = in_force(house)
    assert [door.id for door in found.doors] == ["front"]
    with reading(house.site) as work:
        told = policies.policy_of_controller(work, "main")
    assert [rule.doors for rule in told.rules] == [("front",)]
    assert dict(told.passback) == {}
