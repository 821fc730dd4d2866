"""Trying a door answers as its controller would, and leaves no trace."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from consentry.access.model import AccessEvent, AntiPassback, CredentialState, DoorMode, PassbackMode, Policy, Rule, Schedule, Span
from consentry.access.page.drafting import with_passback, with_rule, with_schedule
from consentry.access.policy_text import draft_document
from consentry.access.register import PolicyDraft
from consentry.access.service import credentials, modes, policies
from consentry.access.service.simulating import Trial, standing_policy, try_door
from consentry.platform.actors import Actor, ActorKind, Permission
from consentry.platform.errors import DeniedError, NotFoundError
from tests.access.events.lodge import FIRST, SECOND_PERSON
from tests.access.register.house import NOBODY, NOON, STAFF, WHY, House

if TYPE_CHECKING:
    from consentry.access.model import Decision
    from consentry.access.register import CredentialView

HOUR = timedelta(hours=1)
EVENING = Schedule("evening", ((Span(1080, 1200),),) * 7)
"""It ends at 20:00 by the house's own time, which is the noon of the tests."""


def apply(house: House, policy: Policy) -> None:
    version, _ = policies.current_draft(house.site, STAFF)
    policies.apply_policy(house.site, STAFF, PolicyDraft(draft_document(policy)), version, WHY)


def ruled(house: House) -> Policy:
    """Let residents through the front door, and nowhere else."""
    policy = with_rule(standing_policy(house.site, STAFF), Rule("r-1", "residents", ("front",)))
    apply(house, policy)
    return policy


def tried(house: House, held: CredentialView, door: str = "front", **how: object) -> Decision:
    return try_door(house.site, STAFF, replace(Trial(door, held.id, NOON), **how))  # type: ignore[arg-type]


def test_a_resident_opens_the_doors_of_the_rules_and_no_other(house: House) -> None:
    held = house.card(house.member())
    assert tried(house, held).reason is AccessEvent.DENIED_UNKNOWN_CREDENTIAL, "before there is a rule the controller knows nobody"
    ruled(house)
    assert tried(house, held).granted
    assert tried(house, held, "garage").reason is AccessEvent.DENIED_POINT_NO_ACCESS_RIGHTS


def test_the_moment_is_the_trials_own(house: House) -> None:
    held = house.card(house.member())
    policy = with_schedule(ruled(house), EVENING)
    apply(house, with_rule(policy, Rule("r-1", "residents", ("front",), "evening")))
    assert tried(house, held, at=NOON + HOUR).reason is AccessEvent.DENIED_OUT_OF_TIME_RANGE
    assert tried(house, held, at=NOON - 2 * HOUR).granted
    assert tried(house, held, at=NOON + timedelta(days=40, hours=-2)).granted


def test_what_was_reported_lost_is_refused_with_that_reason(house: House) -> None:
    ruled(house)
    held = house.card(house.member())
    credentials.change_state(house.site, STAFF, held.id, CredentialState.LOST, WHY)
    assert tried(house, held).reason is AccessEvent.DENIED_AUTHENTICATION_FACTOR_LOST


def test_whoever_is_inside_already_is_refused_where_that_is_strict(house: House) -> None:
    apply(house, with_passback(ruled(house), "hall", PassbackMode(AntiPassback.HARD)))
    held = house.card(house.member())
    assert tried(house, held).granted
    assert tried(house, held, inside="hall").reason is AccessEvent.DENIED_PASSBACK


def test_a_lockdown_that_stands_holds_in_the_trial_too(house: House) -> None:
    ruled(house)
    held = house.card(house.member())
    proposed = modes.propose_mode(house.site, FIRST, DoorMode.LOCKDOWN, ("front",), WHY)
    assert tried(house, held).granted, "a proposal changes nothing"
    modes.confirm_mode(house.site, SECOND_PERSON, proposed.id)
    assert tried(house, held).reason is AccessEvent.DENIED_DENY_ALL


def test_what_waits_for_the_host_opens_with_a_yes_alone(house: House) -> None:
    ruled(house)
    held = house.card(house.member(), needs_host=True)
    assert tried(house, held).reason is AccessEvent.VERIFICATION_REQUIRED
    assert tried(house, held, host_agreed=True).granted


def test_a_trial_writes_nothing_down(house: House) -> None:
    ruled(house)
    held = house.card(house.member())
    before = house.acts(), house.revision
    tried(house, held)
    assert (house.acts(), house.revision) == before


def test_a_trial_is_for_whoever_manages_doors_and_of_what_there_is(house: House) -> None:
    ruled(house)
    held = house.card(house.member())
    desk = Actor(ActorKind.STAFF, "desk-2", frozenset({Permission.VIEW_DOORS, Permission.MANAGE_CREDENTIALS}))
    for actor in (NOBODY, desk):
        with pytest.raises(DeniedError):
            try_door(house.site, actor, Trial("front", held.id, NOON))
    for trial in (Trial("cellar", held.id, NOON), Trial("front", "0199aa00-0000-7000-8000-00000000ffff", NOON)):
        with pytest.raises(NotFoundError):
            try_door(house.site, STAFF, trial)
