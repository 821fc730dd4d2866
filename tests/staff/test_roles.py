"""The table of roles: printed (``pytest -s``), equal to the one in the guide, and least privilege spelled out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from consentry.platform.actors import Permission
from consentry.staff.model import Role
from consentry.staff.rules import ROLES, table_of_roles

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "staff.md"


def test_the_guide_shows_the_table_of_the_code() -> None:
    table = table_of_roles()
    print(table)  # noqa: T201 - the table is this test's product
    found = re.search(r"<!-- roles -->\n(.*?)\n<!-- /roles -->", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    assert found[1] == table


def test_every_role_and_every_permission_stands_in_the_table() -> None:
    assert set(ROLES) == set(Role)
    # Reporting visitors is for people of agencies, and living here for residents, who are no staff.
    assert frozenset().union(*ROLES.values()) == frozenset(Permission) - {Permission.REPORT_VISITORS, Permission.LIVE_HERE}


def test_the_table_says_what_the_roles_hold() -> None:
    head, _, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table_of_roles().splitlines()]
    told = {(row[0], role) for row in rows for role, cell in zip(head[1:], row[1:], strict=True) if cell == "yes"}
    assert told == {(permission.value, role.value) for role, held in ROLES.items() for permission in held}


def test_an_inspector_sees_everything_there_is_to_see_may_copy_figures_and_changes_nothing() -> None:
    looking = {permission for permission in Permission if permission.value.startswith("view-")}
    assert ROLES[Role.INSPECTOR] == looking | {Permission.EXPORT_FIGURES, Permission.MANAGE_OWN_ACCOUNT}


def test_whatever_anybody_may_look_at_an_inspector_may_look_at() -> None:
    seen_by_others = {permission for held in ROLES.values() for permission in held if permission.value.startswith("view-")}
    assert seen_by_others <= ROLES[Role.INSPECTOR]


@pytest.mark.parametrize("permission", [Permission.MANAGE_STAFF, Permission.MANAGE_API_KEYS, Permission.EDIT_SETTINGS, Permission.EDIT_CAMERAS])
def test_administering_is_for_administrators_alone(permission: Permission) -> None:
    assert {role for role, held in ROLES.items() if permission in held} == {Role.ADMINISTRATOR}


def test_erasing_takes_one_of_two_roles_so_that_the_two_actors_it_needs_can_be_of_different_ones() -> None:
    assert {role for role, held in ROLES.items() if Permission.ERASE_ENTRY in held} == {Role.ADMINISTRATOR, Role.DATA_PROTECTION_OFFICER}


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.INSPECTOR])
def test_who_checks_cannot_change_what_is_checked(role: Role) -> None:
    changing = {permission for permission in Permission if permission.value.split("-")[0] not in {"view", "export"}}
    assert ROLES[role] & changing == {Permission.MANAGE_OWN_ACCOUNT}


def test_the_front_desk_sees_figures_and_looks_after_visitors_and_nothing_else() -> None:
    for_visitors = {Permission.ATTEND_STATION, Permission.HANDLE_REQUESTS, Permission.VIEW_CONSENTS, Permission.RECEIVE_VISITORS}
    at_doors = {Permission.VIEW_DOORS, Permission.OPEN_DOORS}
    assert ROLES[Role.FRONT_DESK] == {Permission.VIEW_FIGURES, Permission.MANAGE_OWN_ACCOUNT} | for_visitors | at_doors


@pytest.mark.parametrize("permission", [Permission.PUBLISH_NOTICE, Permission.SIGN_ASSESSMENT])
def test_a_purpose_is_opened_by_an_administrator_or_the_data_protection_officer(permission: Permission) -> None:
    assert {role for role, held in ROLES.items() if permission in held} == {Role.ADMINISTRATOR, Role.DATA_PROTECTION_OFFICER}
