from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from consentry.platform.actors import Permission
from consentry.platform.database import Database
from consentry.platform.errors import ConflictError, ConsentryError, DeniedError, InputError, NotFoundError
from consentry.platform.keys import SiteKeys
from consentry.platform.site import Site
from consentry.staff import service
from consentry.staff.model import AccountState, LinkPurpose, OneTimeCode, Role, SignedIn
from tests.staff.people import HOME, OPERATOR, PASSWORD, Shop, token_of

if TYPE_CHECKING:
    from collections.abc import Iterator

OTHER = "another sentence to remember"


def accept(shop: Shop, path: str, name: str = "wang.wei", password: str = PASSWORD) -> SignedIn:
    return service.accept_link(shop.site, token_of(path), name, password, HOME)


def first_link(shop: Shop) -> str:
    path = service.first_administrator_link(shop.site)
    assert path is not None
    return path


def test_the_first_administrator_chooses_name_and_password_and_must_enrol(shop: Shop) -> None:
    path = first_link(shop)
    offered = service.invitation(shop.site, token_of(path))
    assert (offered.purpose, offered.role, offered.name) == (LinkPurpose.INVITE, Role.ADMINISTRATOR, "administrator")
    signed_in = accept(shop, path)
    assert signed_in.must_enrol
    assert shop.actor_of(signed_in).permissions == {Permission.MANAGE_OWN_ACCOUNT}
    assert [account.name for account in service.accounts(shop.site, OPERATOR)] == ["wang.wei"]


def test_each_start_without_an_administrator_makes_a_new_link_and_voids_the_old_one(shop: Shop) -> None:
    old, new = first_link(shop), first_link(shop)
    with pytest.raises(NotFoundError):
        accept(shop, old)
    accept(shop, new)
    assert len(service.accounts(shop.site, OPERATOR)) == 1


def test_with_an_administrator_there_is_no_first_link(shop: Shop) -> None:
    accept(shop, first_link(shop))
    assert service.first_administrator_link(shop.site) is None


def test_a_disabled_administrator_does_not_open_the_door_to_a_new_first_one(shop: Shop) -> None:
    shop.administrator()
    with shop.site.database.transaction() as session:
        session.execute(text("UPDATE staff_account SET state = 'disabled'"))
    assert service.first_administrator_link(shop.site) is None


def test_a_link_works_once(shop: Shop) -> None:
    path = first_link(shop)
    accept(shop, path)
    for again in (lambda: accept(shop, path, password=OTHER), lambda: service.invitation(shop.site, token_of(path))):
        with pytest.raises(NotFoundError) as caught:
            again()
        assert caught.value.code == "staff.no-link"


def test_a_link_holds_a_day(shop: Shop) -> None:
    kept, late = service.invite(shop.site, OPERATOR, "kept", Role.AUDITOR), service.invite(shop.site, OPERATOR, "late", Role.AUDITOR)
    shop.pass_by(hours=23, minutes=59)
    accept(shop, kept.path, "kept")
    shop.pass_by(minutes=1)
    with pytest.raises(NotFoundError):
        accept(shop, late.path, "late")


def test_a_link_that_ends_while_the_password_is_hashed_is_too_old(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    path = first_link(shop)

    def slowly(_: str) -> str:
        shop.pass_by(days=1)
        return "hashed"

    monkeypatch.setattr("consentry.staff.service.links.hash_password", slowly)
    with pytest.raises(NotFoundError):
        accept(shop, path)


@pytest.fixture
def second_process(shop: Shop) -> Iterator[Shop]:
    """Return the same shop over connections of its own, as another process has them."""
    database = Database(shop.site.database.url)
    yield Shop(Site(shop.site.store, database, shop.site.keys, shop.clock), shop.clock)
    database.close()


def test_of_two_who_follow_a_link_at_once_one_gets_in(shop: Shop, second_process: Shop) -> None:
    path = first_link(shop)

    def follow(where: Shop) -> str:
        try:
            return accept(where, path, name=f"name-{id(where)}").account
        except NotFoundError as error:
            return error.code

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(follow, [shop, second_process, shop, second_process]))
    assert outcomes.count("staff.no-link") == 3
    assert len(shop.acts("staff.accepted")) == 1


@pytest.mark.parametrize("token", ["", "x", "\0", "\ud800", "x" * 10_000])
def test_what_is_no_token_opens_nothing(shop: Shop, token: str) -> None:
    first_link(shop)
    with pytest.raises(NotFoundError):
        service.invitation(shop.site, token)
    with pytest.raises(NotFoundError):
        service.accept_link(shop.site, token, "wang.wei", PASSWORD, HOME)


def test_the_link_of_another_site_opens_nothing(shop: Shop) -> None:
    path = first_link(shop)
    elsewhere = Shop(Site(shop.site.store, shop.site.database, SiteKeys(bytes(32), "shop-1"), shop.clock), shop.clock)
    with pytest.raises(NotFoundError):
        accept(elsewhere, path)


@pytest.mark.parametrize(
    ("name", "password", "code"), [("", PASSWORD, "staff.name"), ("wang.wei", "short", "password.short"), ("taken", PASSWORD, "staff.name-taken")]
)
def test_a_name_or_password_that_is_refused_leaves_the_link_as_it_was(shop: Shop, name: str, password: str, code: str) -> None:
    shop.member("taken")
    path = service.invite(shop.site, OPERATOR, "wang.wei", Role.AUDITOR).path
    with pytest.raises(ConsentryError) as caught:
        accept(shop, path, name, password)
    assert caught.value.code == code
    accept(shop, path)


def test_a_name_is_given_once(shop: Shop) -> None:
    shop.member("Li.Na")
    with pytest.raises(ConflictError) as caught:
        service.invite(shop.site, OPERATOR, "li.na ", Role.AUDITOR)
    assert caught.value.code == "staff.name-taken"


def test_inviting_and_recovering_need_the_permission(shop: Shop) -> None:
    actor = shop.actor(shop.member("li.na"))
    with pytest.raises(DeniedError):
        service.invite(shop.site, actor, "new", Role.AUDITOR)
    with pytest.raises(DeniedError):
        service.recover(shop.site, actor, actor.id, "lost it")


def test_a_lost_administrator_comes_back(shop: Shop) -> None:
    """The rehearsal of docs/staff.md: password and telephone are gone, nobody else is there, the operator of the machine helps."""
    member = shop.administrator()
    before = shop.sign_in(member)
    link = service.recover(shop.site, OPERATOR, member.id, "telephone lost")
    assert service.actor_of(shop.site, before.token) is not None  # until the link is followed nothing changes
    after = accept(shop, link.path, member.name, OTHER)
    assert service.actor_of(shop.site, before.token) is None
    assert after.must_enrol
    assert service.own_second_factors(shop.site, shop.actor_of(after)) == ()
    with pytest.raises(ConsentryError):
        service.sign_in(shop.site, member.name, PASSWORD, HOME)
    assert isinstance(service.sign_in(shop.site, member.name, OTHER, HOME), SignedIn)
    offered, recovered = shop.acts("staff.recovery-offered"), shop.acts("staff.recovered")
    assert [(act.actor, act.object, act.reason) for act in offered] == [("operator:uid-1000", f"staff:{member.id}", "telephone lost")]
    assert [act.actor for act in recovered] == [f"staff:{member.id}"]


def test_keys_made_before_a_recovery_open_nothing_after_it(shop: Shop) -> None:
    member = shop.administrator()
    expires = shop.clock.now() + timedelta(days=30)
    key = service.create_api_key(shop.site, shop.actor(member), "till", frozenset({Permission.VIEW_FIGURES}), expires)
    assert service.actor_of_key(shop.site, key.text) is not None
    accept(shop, service.recover(shop.site, OPERATOR, member.id, "taken over").path, member.name, OTHER)
    assert service.actor_of_key(shop.site, key.text) is None
    assert [found.revoked is not None for found in service.api_keys(shop.site, OPERATOR)] == [True]


def test_the_old_second_factor_finishes_nothing_after_a_recovery(shop: Shop) -> None:
    member = shop.administrator()
    ticket = shop.begin(member)
    accept(shop, service.recover(shop.site, OPERATOR, member.id, "telephone lost").path, member.name, OTHER)
    shop.pass_by(seconds=30)
    with pytest.raises(ConsentryError, match="took too long"):
        service.finish_sign_in(shop.site, ticket, OneTimeCode(shop.code(member)), HOME)


def test_a_newer_link_voids_the_older_one(shop: Shop) -> None:
    member = shop.administrator()
    old, new = (service.recover(shop.site, OPERATOR, member.id, "telephone lost") for _ in range(2))
    with pytest.raises(NotFoundError):
        accept(shop, old.path, member.name, OTHER)
    accept(shop, new.path, member.name, OTHER)


def test_recovering_an_account_does_not_rename_it(shop: Shop) -> None:
    member = shop.administrator()
    link = service.recover(shop.site, OPERATOR, member.id, "telephone lost")
    with pytest.raises(ConflictError, match="does not rename"):
        accept(shop, link.path, "somebody else", OTHER)


def test_who_never_accepted_gets_a_new_invitation(shop: Shop) -> None:
    invited = service.invite(shop.site, OPERATOR, "wang.wei", Role.AUDITOR)
    shop.pass_by(days=2)
    link = service.recover(shop.site, OPERATOR, invited.account, "link too old")
    assert link.purpose is LinkPurpose.INVITE
    assert link.expires == shop.clock.now() + timedelta(days=1)
    accept(shop, link.path)


def test_a_disabled_account_is_not_recovered_and_its_open_link_is_void(shop: Shop) -> None:
    member = shop.member("li.na")
    link = service.recover(shop.site, OPERATOR, member.id, "forgot it")
    service.disable(shop.site, OPERATOR, member.id, "left the shop")
    with pytest.raises(ConflictError, match="disabled"):
        service.recover(shop.site, OPERATOR, member.id, "forgot it")
    with pytest.raises(NotFoundError):
        accept(shop, link.path, member.name, OTHER)


def test_an_invitation_withdrawn_before_it_was_accepted_can_be_given_again(shop: Shop) -> None:
    invited = service.invite(shop.site, OPERATOR, "wang.wei", Role.AUDITOR)
    service.disable(shop.site, OPERATOR, invited.account, "sent to the wrong person")
    with pytest.raises(NotFoundError):
        accept(shop, invited.path)
    service.enable(shop.site, OPERATOR, invited.account)
    assert service.accounts(shop.site, OPERATOR)[0].state is AccountState.INVITED
    accept(shop, service.recover(shop.site, OPERATOR, invited.account, "sent again").path)


def test_recovering_needs_a_reason(shop: Shop) -> None:
    member = shop.administrator()
    with pytest.raises(InputError):
        service.recover(shop.site, OPERATOR, member.id, "  ")


def test_an_address_for_links_is_the_one_that_security_keys_are_bound_to(sqlite_shop: Shop) -> None:
    assert service.site_address(sqlite_shop.site) == "http://shop.lan:8000"
