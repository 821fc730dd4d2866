from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, text

from consentry.platform.actors import Actor, ActorKind, Permission
from consentry.platform.errors import DeniedError, NotFoundError, SignInError
from consentry.platform.keys import SiteKeys
from consentry.platform.site import Site
from consentry.staff import service
from consentry.staff.model import Role
from consentry.staff.records import AttemptRow, LinkRow, SessionRow, TicketRow
from tests.staff.people import OPERATOR, PASSWORD, Shop

if TYPE_CHECKING:
    from consentry.platform.database import Base


def rows(shop: Shop, table: type[Base]) -> int:
    with shop.site.database.reading() as session:
        return len(session.scalars(select(table)).all())


def test_a_session_ends_an_hour_after_its_last_use(shop: Shop) -> None:
    used, idle = shop.sign_in(shop.member("one")), shop.sign_in(shop.member("other"))
    for _ in range(3):
        shop.pass_by(minutes=30)
        assert service.actor_of(shop.site, used.token) is not None
    assert service.actor_of(shop.site, idle.token) is None


def test_a_session_ends_at_its_absolute_end_however_much_it_is_used(shop: Shop) -> None:
    signed_in = shop.sign_in(shop.member("li.na"))
    assert signed_in.expires == shop.clock.now() + timedelta(hours=12)
    while shop.clock.now() < signed_in.expires:
        assert service.actor_of(shop.site, signed_in.token) is not None
        shop.pass_by(minutes=30)
    assert service.actor_of(shop.site, signed_in.token) is None


def test_confirming_does_not_prolong_a_session(shop: Shop) -> None:
    signed_in = shop.sign_in(shop.member("li.na"))
    shop.pass_by(minutes=50)
    assert service.confirm(shop.site, shop.actor_of(signed_in), PASSWORD).expires == signed_in.expires


def test_a_clock_set_back_neither_ends_nor_prolongs_a_session(shop: Shop) -> None:
    signed_in = shop.sign_in(shop.member("li.na"))
    shop.pass_by(hours=-2)
    assert service.actor_of(shop.site, signed_in.token) is not None
    shop.pass_by(hours=3, minutes=1)
    assert service.actor_of(shop.site, signed_in.token) is None


@pytest.mark.parametrize("token", ["", "x", "\0", "\ud800", "x" * 10_000, "' or 1=1 --"])
def test_what_is_no_token_stands_for_nobody(shop: Shop, token: str) -> None:
    shop.sign_in(shop.member("li.na"))
    assert service.actor_of(shop.site, token) is None


def test_the_token_of_another_site_stands_for_nobody(shop: Shop) -> None:
    signed_in = shop.sign_in(shop.member("li.na"))
    for keys in (SiteKeys(bytes(32), "shop-1"), SiteKeys(bytes(range(32)), "shop-2")):
        elsewhere = Site(shop.site.store, shop.site.database, keys, shop.clock)
        assert service.actor_of(elsewhere, signed_in.token) is None


def test_neither_tokens_nor_passwords_nor_secrets_stand_in_the_database(shop: Shop) -> None:
    member = shop.administrator()
    signed_in = shop.sign_in(member)
    ticket = shop.begin(member)
    link = service.invite(shop.site, OPERATOR, "new", Role.FRONT_DESK).path.partition("=")[2]
    expires = shop.clock.now() + timedelta(days=9)
    key = service.create_api_key(shop.site, shop.actor_of(signed_in), "till", {Permission.VIEW_FIGURES}, expires).text
    codes = service.renew_recovery_codes(shop.site, shop.actor_of(signed_in))
    with shop.site.database.reading() as session:
        tables = [name for (name,) in session.execute(text(TABLES[shop.site.database.is_sqlite]))]
        stored = "".join(repr(row) for table in tables for row in session.execute(text(f"SELECT * FROM {table}")))  # noqa: S608 - names of tables
    assert member.name in stored
    for secret in (signed_in.token, ticket, link, key, key.split("_", 2)[2], PASSWORD, member.secret or "", *codes):
        assert secret
        assert secret not in stored


TABLES = {True: "SELECT name FROM sqlite_master WHERE type = 'table'", False: "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"}


def test_disabling_an_account_ends_its_sessions_at_once(shop: Shop) -> None:
    member = shop.member("li.na")
    signed_in = shop.sign_in(member)
    service.disable(shop.site, OPERATOR, member.id, "left the shop")
    assert service.actor_of(shop.site, signed_in.token) is None
    service.enable(shop.site, OPERATOR, member.id)
    assert service.actor_of(shop.site, signed_in.token) is None


def test_an_account_disabled_behind_our_back_is_nobody_though_its_session_row_stands(shop: Shop) -> None:
    member = shop.member("li.na")
    signed_in = shop.sign_in(member)
    with shop.site.database.transaction() as session:
        session.execute(text("UPDATE staff_account SET state = 'disabled'"))
    assert service.actor_of(shop.site, signed_in.token) is None


def test_another_role_ends_the_sessions_of_the_old_one(shop: Shop) -> None:
    member = shop.member("li.na")
    signed_in = shop.sign_in(member)
    service.change_role(shop.site, OPERATOR, member.id, Role.FRONT_DESK)
    assert service.actor_of(shop.site, signed_in.token) is None
    assert Permission.EXPORT_FIGURES not in shop.actor(member).permissions


def test_a_token_chosen_by_somebody_else_never_becomes_a_session(shop: Shop) -> None:
    """Fixation: whatever token a browser brought before, signing in makes a new one."""
    member = shop.administrator()
    first, second = shop.sign_in(member), shop.sign_in(member)
    assert len({first.token, second.token, first.session, second.session}) == 4


def test_signing_out_ends_this_session_and_no_other(shop: Shop) -> None:
    member = shop.member("li.na")
    here, elsewhere = shop.sign_in(member), shop.sign_in(member)
    actor = shop.actor_of(here)
    service.sign_out(shop.site, actor)
    service.sign_out(shop.site, actor)
    assert service.actor_of(shop.site, here.token) is None
    assert service.actor_of(shop.site, elsewhere.token) is not None
    assert len(shop.acts("staff.signed-out")) == 1


def test_one_sees_and_ends_ones_own_sessions(shop: Shop) -> None:
    member = shop.member("li.na")
    shop.pass_by(seconds=1)
    elsewhere = shop.sign_in(member)
    shop.pass_by(seconds=1)
    here = shop.sign_in(member)
    actor = shop.actor_of(here)
    assert [here.session, elsewhere.session] == [one.id for one in service.own_sessions(shop.site, actor)[:2]]
    service.end_own_session(shop.site, actor, elsewhere.session)
    assert service.actor_of(shop.site, elsewhere.token) is None


def test_nobody_ends_the_session_of_another_by_its_id(shop: Shop) -> None:
    theirs, mine = shop.sign_in(shop.member("one")), shop.actor(shop.member("other"))
    for wanted in (theirs.session, "unknown", "\0"):
        with pytest.raises(NotFoundError):
            service.end_own_session(shop.site, mine, wanted)
    assert service.actor_of(shop.site, theirs.token) is not None


def test_an_administrator_ends_every_session_of_an_account(shop: Shop) -> None:
    member, administrator = shop.member("li.na"), shop.actor(shop.administrator())
    signed_in = shop.sign_in(member)
    assert service.end_sessions(shop.site, administrator, member.id) == 2  # the one of the invitation, and this one
    assert service.actor_of(shop.site, signed_in.token) is None


def test_an_ended_session_cannot_confirm(shop: Shop) -> None:
    actor = shop.actor(shop.member("li.na"))
    service.sign_out(shop.site, actor)
    with pytest.raises(SignInError):
        service.confirm(shop.site, actor, PASSWORD)


def test_who_acts_without_a_session_has_none_to_confirm(shop: Shop) -> None:
    with pytest.raises(SignInError):
        service.confirm(shop.site, OPERATOR, PASSWORD)
    with pytest.raises(DeniedError):
        service.confirm(shop.site, Actor(ActorKind.API_KEY, "key"), PASSWORD)


def test_what_holds_no_longer_is_forgotten_and_what_holds_stays(shop: Shop) -> None:
    member = shop.administrator()
    shop.begin(member)
    service.invite(shop.site, OPERATOR, "new", Role.FRONT_DESK)
    with pytest.raises(SignInError):
        service.sign_in(shop.site, "nobody", "wrong", "192.0.2.1")
    service.forget_expired(shop.site)
    assert [rows(shop, table) > 0 for table in (SessionRow, TicketRow, LinkRow, AttemptRow)] == [True] * 4
    shop.pass_by(days=1)
    service.forget_expired(shop.site)
    assert [rows(shop, table) for table in (SessionRow, TicketRow, LinkRow, AttemptRow)] == [0] * 4
