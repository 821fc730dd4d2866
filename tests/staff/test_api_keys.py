from __future__ import annotations

from datetime import timedelta

import pytest

from consentry.platform.actors import ActorKind, Permission
from consentry.platform.errors import ConflictError, ConsentryError, DeniedError, NotFoundError, SignInError
from consentry.platform.keys import SiteKeys
from consentry.platform.site import Site
from consentry.staff import service
from consentry.staff.model import NewApiKey, Role
from consentry.staff.rules import KEY_SCOPES
from tests.staff.people import OPERATOR, ROOT, Member, Shop

FIGURES = frozenset({Permission.VIEW_FIGURES, Permission.EXPORT_FIGURES})


def made(shop: Shop, administrator: Member, scopes: frozenset[Permission] = FIGURES) -> NewApiKey:
    return service.create_api_key(shop.site, shop.actor(administrator), "till", scopes, shop.clock.now() + timedelta(days=30))


def test_a_key_acts_within_its_scopes_and_as_itself(shop: Shop) -> None:
    key = made(shop, shop.administrator())
    actor = service.actor_of_key(shop.site, key.text)
    assert actor is not None
    assert (actor.kind, actor.id, actor.permissions, actor.session) == (ActorKind.API_KEY, key.key.id, FIGURES, None)
    assert key.text.startswith(f"consentry_{key.key.prefix}_")


def test_a_key_is_listed_without_its_secret_and_with_its_last_use(shop: Shop) -> None:
    key = made(shop, shop.administrator())
    assert service.api_keys(shop.site, OPERATOR) == (key.key,)
    shop.pass_by(minutes=5)
    service.actor_of_key(shop.site, key.text)
    assert service.api_keys(shop.site, OPERATOR)[0].last_used == shop.clock.now()


@pytest.mark.parametrize(
    "change", [lambda text: text[:-1] + "!", lambda text: text.upper(), lambda text: text.replace("consentry", "other"), lambda text: text + "x"]
)
def test_a_changed_key_opens_nothing(shop: Shop, change: object) -> None:
    assert callable(change)
    assert service.actor_of_key(shop.site, change(made(shop, shop.administrator()).text)) is None


@pytest.mark.parametrize("text", ["", "consentry", "consentry__", "consentry_\0_x", "consentry_\ud800_x", "a_b_c", "x" * 10_000])
def test_what_is_no_key_opens_nothing(shop: Shop, text: str) -> None:
    made(shop, shop.administrator())
    assert service.actor_of_key(shop.site, text) is None


def test_the_key_of_another_site_opens_nothing(shop: Shop) -> None:
    key = made(shop, shop.administrator())
    elsewhere = Site(shop.site.store, shop.site.database, SiteKeys(bytes(32), "shop-1"), shop.clock)
    assert service.actor_of_key(elsewhere, key.text) is None


def test_a_key_outlives_a_rotation_of_the_sites_keys_but_not_the_loss_of_its_epoch(shop: Shop) -> None:
    key = made(shop, shop.administrator())
    for keys, works in ((SiteKeys(bytes(32), "shop-1", 2, {1: ROOT}), True), (SiteKeys(bytes(32), "shop-1", 2), False)):
        rotated = Site(shop.site.store, shop.site.database, keys, shop.clock)
        assert (service.actor_of_key(rotated, key.text) is not None) == works


def test_a_key_ends_when_it_said_it_would(shop: Shop) -> None:
    key = made(shop, shop.administrator())
    shop.pass_by(days=30, seconds=-1)
    assert service.actor_of_key(shop.site, key.text) is not None
    shop.pass_by(seconds=1)
    assert service.actor_of_key(shop.site, key.text) is None


def test_a_revoked_key_opens_nothing_and_is_revoked_once(shop: Shop) -> None:
    administrator = shop.administrator()
    key = made(shop, administrator)
    service.revoke_api_key(shop.site, shop.actor(administrator), key.key.id)
    assert service.actor_of_key(shop.site, key.text) is None
    with pytest.raises(ConflictError):
        service.revoke_api_key(shop.site, shop.actor(administrator), key.key.id)
    assert service.api_keys(shop.site, OPERATOR)[0].revoked is not None
    for unknown in ("unknown", "\0"):
        with pytest.raises(NotFoundError):
            service.revoke_api_key(shop.site, shop.actor(administrator), unknown)


def test_a_key_never_may_more_than_whoever_made_it_may_now(shop: Shop) -> None:
    shop.administrator("other")
    maker = shop.administrator("maker")
    key = made(shop, maker, frozenset({Permission.VIEW_FIGURES, Permission.EDIT_SETTINGS}))
    service.change_role(shop.site, OPERATOR, maker.id, Role.FRONT_DESK)
    demoted = service.actor_of_key(shop.site, key.text)
    assert demoted is not None
    assert demoted.permissions == {Permission.VIEW_FIGURES}
    service.disable(shop.site, OPERATOR, maker.id, "left the shop")
    assert service.actor_of_key(shop.site, key.text) is None


@pytest.mark.parametrize(
    "scopes", [frozenset(), frozenset({Permission.MANAGE_STAFF}), FIGURES | {Permission.MANAGE_API_KEYS}, frozenset({Permission.ERASE_ENTRY})]
)
def test_scopes_that_no_key_may_hold_are_refused(shop: Shop, scopes: frozenset[Permission]) -> None:
    with pytest.raises(ConsentryError) as caught:
        made(shop, shop.administrator(), scopes)
    assert caught.value.code in {"api-key.no-scope", "api-key.scope"}


def test_a_key_can_neither_manage_staff_nor_make_keys_nor_touch_an_account(shop: Shop) -> None:
    actor = service.actor_of_key(shop.site, made(shop, shop.administrator(), KEY_SCOPES).text)
    assert actor is not None
    for act in (
        lambda: service.invite(shop.site, actor, "new", Role.ADMINISTRATOR),
        lambda: service.create_api_key(shop.site, actor, "more", FIGURES, shop.clock.now() + timedelta(days=1)),
        lambda: service.begin_one_time_codes(shop.site, actor),
        lambda: service.sign_out(shop.site, actor),
    ):
        with pytest.raises(DeniedError):
            act()


def test_making_and_revoking_keys_need_the_password_again(shop: Shop) -> None:
    administrator = shop.administrator()
    key, actor = made(shop, administrator), shop.actor(administrator)
    shop.pass_by(minutes=10)
    for act in (lambda: service.revoke_api_key(shop.site, actor, key.key.id), lambda: service.create_api_key(shop.site, actor, "x", FIGURES, key.key.expires)):
        with pytest.raises(DeniedError) as caught:
            act()
        assert caught.value.code == "access.confirm"


def test_a_key_is_made_by_somebody_who_is_signed_in(shop: Shop) -> None:
    with pytest.raises(SignInError):
        service.create_api_key(shop.site, OPERATOR, "till", FIGURES, shop.clock.now() + timedelta(days=1))


def test_no_key_is_ever_shown_by_mistake(shop: Shop) -> None:
    key = made(shop, shop.administrator())
    secret = key.text.partition(f"{key.key.prefix}_")[2]
    assert secret not in repr(key)
    assert not any(secret in str(act) for act in shop.acts())
