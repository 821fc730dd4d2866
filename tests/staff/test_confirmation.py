"""Acts that need the password again: the mark of a service function demands it, whoever calls."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, cast

import pytest

from consentry.platform.actors import NEEDS_CONFIRMATION, Actor, ActorKind, Permission, operator, permits, system
from consentry.platform.clock import FixedClock
from consentry.platform.errors import DeniedError
from consentry.platform.site import Site

if TYPE_CHECKING:
    from consentry.platform.database import Database
    from consentry.platform.keys import SiteKeys
    from consentry.platform.settings.store import SettingsStore

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SITE = Site(cast("SettingsStore", None), cast("Database", None), cast("SiteKeys", None), FixedClock(NOW))


def outcome(permission: Permission, actor: Actor) -> str:
    """Return ``done``, or the code with which a function that is marked with ``permission`` refuses ``actor``."""

    @permits(permission)
    def act(site: Site, actor: Actor) -> str:  # noqa: ARG001 - what every service function takes
        return "done"

    try:
        return act(SITE, actor)
    except DeniedError as error:
        return error.code


def in_session(confirmed_until: datetime | None) -> Actor:
    return Actor(ActorKind.STAFF, "1", frozenset(Permission), "session-1", confirmed_until)


@pytest.mark.parametrize("permission", Permission)
def test_a_session_whose_password_was_given_long_ago_may_all_but_the_dangerous(permission: Permission) -> None:
    expected = "access.confirm" if permission in NEEDS_CONFIRMATION else "done"
    assert outcome(permission, in_session(NOW)) == outcome(permission, in_session(None)) == expected
    assert outcome(permission, in_session(NOW + timedelta(seconds=1))) == "done"


@pytest.mark.parametrize("actor", [operator("root"), system("retention")])
def test_who_acts_without_a_session_has_nothing_to_confirm(actor: Actor) -> None:
    assert {outcome(permission, actor) for permission in Permission} == {"done"}


def test_a_confirmation_replaces_no_permission() -> None:
    actor = Actor(ActorKind.STAFF, "1", frozenset(), "session-1", NOW + timedelta(minutes=10))
    assert {outcome(permission, actor) for permission in Permission} == {"access.denied"}


def test_managing_staff_and_keys_and_doors_erasing_signing_deciding_appeals_and_setting_all_doors_are_dangerous() -> None:
    signing = {Permission.SIGN_ASSESSMENT, Permission.SIGN_VERDICTS, Permission.DECIDE_APPEALS, Permission.SET_DOOR_MODE}
    assert {Permission.MANAGE_STAFF, Permission.MANAGE_API_KEYS, Permission.ERASE_ENTRY, Permission.MANAGE_DOORS} | signing == NEEDS_CONFIRMATION
