from __future__ import annotations

import pytest

from consentry.platform.actors import Permission
from consentry.platform.errors import ConflictError, ConsentryError, DeniedError, InputError, NotFoundError
from consentry.staff import service
from consentry.staff.model import AccountState, FactorKind, Reason, Role
from tests.staff.people import HOME, OPERATOR, PASSWORD, Shop

WHY = Reason("asked by the holder", "R-7")


def test_the_last_administrator_can_be_neither_disabled_nor_demoted(shop: Shop) -> None:
    last = shop.administrator()
    with pytest.raises(ConflictError, match="nobody else could administer"):
        service.disable(shop.site, OPERATOR, last.id, "left the shop")
    with pytest.raises(ConflictError, match="nobody else could administer"):
        service.change_role(shop.site, OPERATOR, last.id, Role.AUDITOR)
    shop.administrator("second")
    service.disable(shop.site, OPERATOR, last.id, "left the shop")


def test_an_invited_administrator_does_not_count_as_the_one_who_stays(shop: Shop) -> None:
    last = shop.administrator()
    service.invite(shop.site, OPERATOR, "second", Role.ADMINISTRATOR)
    with pytest.raises(ConflictError):
        service.disable(shop.site, OPERATOR, last.id, "left the shop")


def test_nobody_disables_their_own_account(shop: Shop) -> None:
    member = shop.administrator()
    shop.administrator("second")
    with pytest.raises(ConflictError) as caught:
        service.disable(shop.site, shop.actor(member), member.id, "left the shop")
    assert caught.value.code == "staff.yourself"


def test_only_a_disabled_account_is_enabled(shop: Shop) -> None:
    with pytest.raises(ConflictError):
        service.enable(shop.site, OPERATOR, shop.member("li.na").id)


def test_a_disabled_account_signs_in_again_once_it_is_enabled(shop: Shop) -> None:
    member = shop.member("li.na")
    service.disable(shop.site, OPERATOR, member.id, "on leave")
    with pytest.raises(ConsentryError):
        service.sign_in(shop.site, member.name, PASSWORD, HOME)
    service.enable(shop.site, OPERATOR, member.id)
    assert shop.sign_in(member).account == member.id


@pytest.mark.parametrize("account", ["unknown", "", "\0", "\ud800"])
def test_what_is_done_to_no_account_is_told_so(shop: Shop, account: str) -> None:
    for act in (
        lambda: service.disable(shop.site, OPERATOR, account, "left the shop"),
        lambda: service.enable(shop.site, OPERATOR, account),
        lambda: service.change_role(shop.site, OPERATOR, account, Role.AUDITOR),
        lambda: service.recover(shop.site, OPERATOR, account, "lost it"),
        lambda: service.end_sessions(shop.site, OPERATOR, account),
        lambda: service.reset_second_factors(shop.site, OPERATOR, account, "lost it"),
        lambda: service.account_details(shop.site, OPERATOR, account, WHY),
    ):
        with pytest.raises(NotFoundError) as caught:
            act()
        assert caught.value.code == "staff.unknown"


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_only_an_administrator_manages_accounts(shop: Shop, role: Role) -> None:
    actor = shop.actor(shop.member("li.na", role, second_factor=role is Role.DATA_PROTECTION_OFFICER))
    for act in (
        lambda: service.invite(shop.site, actor, "new", Role.AUDITOR),
        lambda: service.disable(shop.site, actor, actor.id, "left the shop"),
        lambda: service.enable(shop.site, actor, actor.id),
        lambda: service.change_role(shop.site, actor, actor.id, Role.ADMINISTRATOR),
        lambda: service.end_sessions(shop.site, actor, actor.id),
        lambda: service.reset_second_factors(shop.site, actor, actor.id, "lost it"),
    ):
        with pytest.raises(DeniedError):
            act()


def test_looking_at_an_account_asks_why_and_leaves_an_entry_first(shop: Shop) -> None:
    inspector = shop.member("inspector", Role.INSPECTOR)
    member = shop.member("li.na", second_factor=True)
    details = service.account_details(shop.site, shop.actor(inspector), member.id, WHY)
    assert (details.account.name, [factor.kind for factor in details.factors], len(details.sessions)) == ("li.na", [FactorKind.ONE_TIME_CODES], 1)
    seen = shop.acts("staff.viewed")
    assert [(act.actor, act.object, act.reason, act.details["ticket"]) for act in seen] == [
        (f"staff:{inspector.id}", f"staff:{member.id}", "asked by the holder", "R-7")
    ]


@pytest.mark.parametrize(
    "reason", [Reason("", "R-7"), Reason("asked by the holder", ""), Reason("call +86 138 0013 8000", "R-7"), Reason("mail li@shop.example", "R-7")]
)
def test_without_a_reason_that_the_ledger_can_keep_nothing_is_shown(shop: Shop, reason: Reason) -> None:
    member = shop.member("li.na")
    with pytest.raises(InputError):
        service.account_details(shop.site, OPERATOR, member.id, reason)
    assert shop.acts("staff.viewed") == []


def test_viewing_anything_else_is_noted_with_the_unit_of_who_looks(shop: Shop) -> None:
    link = service.invite(shop.site, OPERATOR, "inspector", Role.INSPECTOR, "district bureau")
    actor = shop.actor_of(service.accept_link(shop.site, link.path.partition("=")[2], "inspector", PASSWORD, HOME))
    service.note_viewing(shop.site, actor, "camera:door", "check of the sign", "case 12")
    (act,) = shop.acts("staff.viewed")
    assert (act.object, act.details) == ("camera:door", {"ticket": "case 12", "unit": "district bureau"})
    with pytest.raises(InputError):
        service.note_viewing(shop.site, actor, "camera:door", " ", "case 12")


def test_an_access_review_shows_every_account_and_what_to_look_at(shop: Shop) -> None:
    administrator = shop.administrator()
    shop.member("bare", Role.ADMINISTRATOR)
    shop.member("old", Role.FRONT_DESK)
    shop.pass_by(days=90)
    shop.sign_in(administrator)
    service.invite(shop.site, OPERATOR, "new", Role.INSPECTOR)
    reviewed = {row.account.name: row for row in service.access_review(shop.site, OPERATOR)}
    assert {name: row.findings for name, row in reviewed.items()} == {
        "root admin": (),
        "bare": ("no-second-factor", "unused"),
        "old": ("unused",),
        "new": ("not-accepted",),
    }
    assert reviewed["root admin"].factors == (FactorKind.ONE_TIME_CODES,)
    assert reviewed["bare"].permissions == {Permission.MANAGE_OWN_ACCOUNT}
    assert reviewed["new"].permissions == frozenset()
    (act,) = shop.acts("staff.access-reviewed")
    assert act.details == {"accounts": 4, "findings": 4}


def test_who_may_not_see_staff_can_still_see_themselves(shop: Shop) -> None:
    member = shop.member("li.na", Role.FRONT_DESK)
    actor = shop.actor(member)
    assert service.own_account(shop.site, actor).state is AccountState.ACTIVE
    for act in (lambda: service.accounts(shop.site, actor), lambda: service.access_review(shop.site, actor), lambda: service.api_keys(shop.site, actor)):
        with pytest.raises(DeniedError):
            act()


def test_the_inspector_is_told_what_the_administrator_is_told(shop: Shop) -> None:
    shop.member("li.na", second_factor=True)
    inspector, administrator = shop.actor(shop.member("inspector", Role.INSPECTOR)), shop.actor(shop.administrator())
    for look in (service.accounts, service.api_keys, service.access_review):
        assert look(shop.site, inspector) == look(shop.site, administrator)


def test_every_act_is_in_the_ledger_by_ids_and_without_names_or_addresses(shop: Shop) -> None:
    member = shop.administrator("li.na")
    shop.sign_in(member)
    shop.administrator("second")
    service.disable(shop.site, OPERATOR, member.id, "on leave")
    service.enable(shop.site, OPERATOR, member.id)
    service.change_role(shop.site, OPERATOR, member.id, Role.AUDITOR)
    service.end_sessions(shop.site, OPERATOR, member.id)
    service.reset_second_factors(shop.site, OPERATOR, member.id, "telephone lost")
    about = [act.action for act in shop.acts() if member.id in act.actor or member.id in act.object]
    assert about == [
        "staff.invited",
        "staff.accepted",
        "staff.signed-in",
        "staff.second-factor-added",
        "staff.signed-in",
        "staff.disabled",
        "staff.enabled",
        "staff.role-changed",
        "staff.sessions-ended",
        "staff.second-factors-reset",
    ]
    written = " ".join(str(act) for act in shop.acts())
    assert "li.na" not in written
    assert HOME not in written
    first, second = (act.details["address"] for act in shop.acts("staff.signed-in")[:2])
    assert first == second
