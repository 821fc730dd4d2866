from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from argon2 import PasswordHasher

from consentry.platform.errors import ConsentryError, DeniedError, InputError, SignInError, TooManyError
from consentry.platform.keys import SiteKeys
from consentry.platform.site import Site
from consentry.staff import passwords, service
from consentry.staff.model import FactorKind, OneTimeCode, RecoveryCode, Role, SecondFactorNeeded, SignedIn
from tests.staff.people import ABROAD, HOME, OPERATOR, PASSWORD, ROOT, Shop, token_of

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from sqlalchemy.orm import Session


def refused(shop: Shop, name: str, password: str = "wrong wrong wrong", address: str = HOME) -> str:  # noqa: S107 - a wrong one
    """Return the code with which signing in is refused."""
    with pytest.raises(ConsentryError) as caught:
        service.sign_in(shop.site, name, password, address)
    return caught.value.code


def fail(shop: Shop, times: int, name: str, address: str = HOME) -> None:
    """Fail that often, waiting as long as is asked each time."""
    done = 0
    while done < times:
        try:
            service.sign_in(shop.site, name, "wrong wrong wrong", address)
        except TooManyError as error:
            shop.pass_by(seconds=error.retry_after)
        except SignInError:
            done += 1


def test_name_and_password_sign_in_and_the_token_stands_for_the_account(shop: Shop) -> None:
    member = shop.member("li.na")
    signed_in = shop.sign_in(member)
    actor = shop.actor_of(signed_in)
    assert (actor.id, actor.session, signed_in.must_enrol) == (member.id, signed_in.session, False)


@pytest.mark.parametrize("name", ["LI.NA", "  li.na ", "\uff4c\uff49.na"])  # the last: full-width letters
def test_names_are_compared_without_case_blanks_or_width(sqlite_shop: Shop, name: str) -> None:
    sqlite_shop.member("li.na")
    assert isinstance(service.sign_in(sqlite_shop.site, name, PASSWORD, HOME), SignedIn)


@pytest.mark.parametrize("password", ["", PASSWORD[:-1], PASSWORD.upper(), PASSWORD + " ", "\0", "\ud800", "x" * 5000])
def test_another_password_is_refused(sqlite_shop: Shop, password: str) -> None:
    sqlite_shop.member("li.na")
    assert refused(sqlite_shop, "li.na", password) == "sign-in.refused"


def test_the_same_password_typed_with_combining_marks_is_the_same(sqlite_shop: Shop) -> None:
    link = service.invite(sqlite_shop.site, OPERATOR, "zoe", Role.FRONT_DESK)
    service.accept_link(sqlite_shop.site, link.path.partition("=")[2], "zoe", "caf\u00e9 in the old town", HOME)
    assert isinstance(service.sign_in(sqlite_shop.site, "zoe", "cafe\u0301 in the old town", HOME), SignedIn)


@pytest.mark.parametrize("name", ["nobody", "", "\0", "\ud800", "x" * 500, "' or 1=1 --"])
def test_an_unknown_name_gets_the_answer_of_a_wrong_password(shop: Shop, name: str) -> None:
    shop.member("li.na")
    assert refused(shop, name) == refused(shop, "li.na") == "sign-in.refused"


@pytest.mark.parametrize("name", ["li.na", "nobody", "invited", "disabled", ""])
def test_every_refusal_costs_one_hash_and_the_same_transactions(sqlite_shop: Shop, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sqlite_shop.member("li.na")
    service.invite(sqlite_shop.site, OPERATOR, "invited", Role.FRONT_DESK)
    service.disable(sqlite_shop.site, OPERATOR, sqlite_shop.member("disabled").id, "left the shop")
    work: list[str] = []
    begin = sqlite_shop.site.database.transaction

    def begin_counted() -> AbstractContextManager[Session]:
        work.append("transaction")
        return begin()

    monkeypatch.setattr(passwords, "_HASHER", CountedHasher(work))
    monkeypatch.setattr(sqlite_shop.site.database, "transaction", begin_counted)
    assert refused(sqlite_shop, name) == "sign-in.refused"
    assert work == ["transaction", "verify"]


class CountedHasher:
    """A hasher that notes what it is asked for."""

    def __init__(self, work: list[str], passes: int = 1) -> None:
        self._work = work
        self._real = PasswordHasher(time_cost=passes, memory_cost=8, parallelism=1)

    def verify(self, hashed: str, password: bytes) -> bool:
        self._work.append("verify")
        return self._real.verify(hashed, password)

    def hash(self, password: bytes) -> str:
        self._work.append("hash")
        return self._real.hash(password)

    def check_needs_rehash(self, hashed: str) -> bool:
        return self._real.check_needs_rehash(hashed)


def test_a_password_hashed_with_old_parameters_is_hashed_anew_when_it_is_next_given(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    member = shop.member("li.na")
    work: list[str] = []
    monkeypatch.setattr(passwords, "_HASHER", CountedHasher(work, passes=2))
    shop.sign_in(member)
    shop.sign_in(member)
    assert work == ["verify", "hash", "verify"]


def test_the_second_factor_is_asked_for_and_finishes_signing_in(shop: Shop) -> None:
    member = shop.administrator()
    shop.pass_by(minutes=1)
    first = service.sign_in(shop.site, member.name, PASSWORD, HOME)
    assert isinstance(first, SecondFactorNeeded)
    assert first.ways == (FactorKind.ONE_TIME_CODES,)
    assert service.actor_of(shop.site, first.ticket) is None
    signed_in = service.finish_sign_in(shop.site, first.ticket, OneTimeCode(shop.code(member)), HOME)
    assert shop.actor_of(signed_in).id == member.id


def test_a_one_time_code_is_refused_when_it_is_replayed(shop: Shop) -> None:
    member = shop.administrator()
    shop.pass_by(minutes=1)
    code = OneTimeCode(shop.code(member))
    service.finish_sign_in(shop.site, shop.begin(member), code, HOME)
    with pytest.raises(SignInError):
        service.finish_sign_in(shop.site, shop.begin(member), code, HOME)
    shop.pass_by(seconds=30)
    service.finish_sign_in(shop.site, shop.begin(member), OneTimeCode(shop.code(member)), HOME)


def test_of_two_who_send_the_same_code_at_once_one_signs_in(shop: Shop) -> None:
    member = shop.administrator()
    shop.pass_by(minutes=1)
    tickets = [shop.begin(member), shop.begin(member)]
    code = OneTimeCode(shop.code(member))

    def finish(ticket: str) -> bool:
        try:
            service.finish_sign_in(shop.site, ticket, code, HOME)
        except SignInError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(finish, tickets)) == [False, True]


def test_a_ticket_finishes_one_sign_in(shop: Shop) -> None:
    member = shop.administrator()
    shop.pass_by(minutes=1)
    ticket = shop.begin(member)
    service.finish_sign_in(shop.site, ticket, OneTimeCode(shop.code(member)), HOME)
    shop.pass_by(seconds=30)
    with pytest.raises(SignInError, match=r"sign-in: it took too long"):
        service.finish_sign_in(shop.site, ticket, OneTimeCode(shop.code(member)), HOME)


def test_a_ticket_holds_five_minutes(shop: Shop) -> None:
    member = shop.administrator()
    ticket = shop.begin(member)
    shop.pass_by(minutes=5)
    with pytest.raises(SignInError, match=r"took too long"):
        service.finish_sign_in(shop.site, ticket, OneTimeCode(shop.code(member)), HOME)


def test_a_ticket_for_enrolling_does_not_sign_in(shop: Shop) -> None:
    member = shop.member("li.na", second_factor=True)
    begun = service.begin_one_time_codes(shop.site, shop.actor(member))
    shop.pass_by(seconds=30)
    with pytest.raises(SignInError, match=r"took too long"):
        service.finish_sign_in(shop.site, begun.ticket, OneTimeCode(shop.code(member)), HOME)


def test_codes_cannot_be_guessed_faster_than_passwords(shop: Shop) -> None:
    member = shop.administrator()
    shop.pass_by(minutes=1)
    ticket = shop.begin(member)
    for _ in range(4):
        with pytest.raises(SignInError):
            service.finish_sign_in(shop.site, ticket, OneTimeCode("000000"), HOME)
    with pytest.raises(TooManyError):
        service.finish_sign_in(shop.site, ticket, OneTimeCode(shop.code(member)), HOME)


def test_the_right_password_does_not_clear_the_count_of_wrong_codes(shop: Shop) -> None:
    member = shop.administrator()
    for _ in range(2):
        with pytest.raises(SignInError):
            service.finish_sign_in(shop.site, shop.begin(member), OneTimeCode("000000"), HOME)
    shop.begin(member)
    with pytest.raises(TooManyError):
        shop.begin(member)


def test_a_recovery_code_works_once(shop: Shop) -> None:
    member = shop.member("li.na", Role.ADMINISTRATOR, second_factor=True)
    actor = shop.actor(member)
    codes = service.renew_recovery_codes(shop.site, actor)
    shouted = codes[0].upper().replace("-", " ")
    service.finish_sign_in(shop.site, shop.begin(member), RecoveryCode(shouted), HOME)
    with pytest.raises(SignInError):
        service.finish_sign_in(shop.site, shop.begin(member), RecoveryCode(codes[0]), HOME)
    service.finish_sign_in(shop.site, shop.begin(member), RecoveryCode(codes[1]), HOME)


def test_the_recovery_code_of_another_account_is_refused(shop: Shop) -> None:
    one, other = shop.administrator("one"), shop.administrator("other")
    codes = service.renew_recovery_codes(shop.site, shop.actor(one))
    with pytest.raises(SignInError):
        service.finish_sign_in(shop.site, shop.begin(other), RecoveryCode(codes[0]), HOME)


def test_five_failures_are_free_and_the_next_waits(shop: Shop) -> None:
    shop.member("li.na")
    assert [refused(shop, "li.na") for _ in range(6)] == ["sign-in.refused"] * 5 + ["sign-in.wait"]


def test_a_name_that_nobody_has_is_slowed_down_alike(shop: Shop) -> None:
    assert [refused(shop, "nobody") for _ in range(6)] == ["sign-in.refused"] * 5 + ["sign-in.wait"]


def test_while_one_waits_the_right_password_waits_too(shop: Shop) -> None:
    member = shop.member("li.na")
    fail(shop, 5, "li.na")
    with pytest.raises(TooManyError) as caught:
        shop.sign_in(member)
    assert 0 < caught.value.retry_after <= 1
    shop.pass_by(seconds=caught.value.retry_after)
    shop.sign_in(member)


def test_the_delay_grows_to_a_quarter_of_an_hour_and_no_further(shop: Shop) -> None:
    fail(shop, 18, "nobody")
    with pytest.raises(TooManyError) as caught:
        service.sign_in(shop.site, "nobody", "x", HOME)
    assert caught.value.retry_after == timedelta(minutes=15).total_seconds()


def test_signing_in_forgets_the_failures_before(shop: Shop) -> None:
    member = shop.member("li.na")
    fail(shop, 4, "li.na")
    shop.sign_in(member)
    assert [refused(shop, "li.na") for _ in range(6)] == ["sign-in.refused"] * 5 + ["sign-in.wait"]


def test_delays_outlive_a_restart(shop: Shop) -> None:
    fail(shop, 5, "nobody")
    restarted = Shop(Site(shop.site.store, shop.site.database, SiteKeys(ROOT, "shop-1"), shop.clock), shop.clock)
    assert refused(restarted, "nobody") == "sign-in.wait"


def test_one_address_cannot_try_name_after_name(shop: Shop) -> None:
    answers = [refused(shop, f"name-{number}", address=ABROAD) for number in range(21)]
    assert answers == ["sign-in.refused"] * 20 + ["sign-in.wait"]
    assert refused(shop, "name-1", address=HOME) == "sign-in.refused"


def test_an_account_of_ones_own_does_not_reset_the_count_of_ones_address(shop: Shop) -> None:
    member = shop.member("li.na")
    for number in range(20):
        refused(shop, f"name-{number}", address=ABROAD)
        if number % 5 == 0:
            shop.sign_in(member, address=ABROAD)
    assert refused(shop, "one more", address=ABROAD) == "sign-in.wait"


def test_strangers_slow_neither_an_open_session_nor_its_password_check(shop: Shop) -> None:
    member = shop.member("li.na")
    signed_in = shop.sign_in(member)
    for last in range(60):
        with pytest.raises(ConsentryError):
            service.sign_in(shop.site, "li.na", "guess", f"203.0.113.{last}")
    assert refused(shop, "li.na", PASSWORD) == "sign-in.wait"
    actor = shop.actor_of(signed_in)
    assert shop.actor_of(service.confirm(shop.site, actor, PASSWORD)).id == member.id


def test_guesses_sent_at_once_cannot_overtake_the_count(shop: Shop) -> None:
    shop.member("li.na")
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda number: refused(shop, "li.na", f"guess {number}"), range(16)))
    assert answers.count("sign-in.refused") == 5
    assert answers.count("sign-in.wait") == 11


def test_the_ledger_tells_once_that_guessing_was_slowed_down_and_names_nobody(shop: Shop) -> None:
    member = shop.member("li.na")
    fail(shop, 12, "li.na")
    fail(shop, 7, "nobody")
    acts = shop.acts("staff.sign-in-delayed")
    assert [act.object for act in acts] == [f"staff:{member.id}", "staff:unknown"]
    assert not any("li.na" in str(act) or HOME in str(act) for act in shop.acts())


def test_confirming_rotates_the_token_and_keeps_the_session(shop: Shop) -> None:
    before = shop.sign_in(shop.member("li.na"))
    after = service.confirm(shop.site, shop.actor_of(before), PASSWORD)
    assert (after.session, after.expires) == (before.session, before.expires)
    assert service.actor_of(shop.site, before.token) is None
    assert shop.actor_of(after).session == before.session


def test_a_wrong_password_confirms_nothing(shop: Shop) -> None:
    actor = shop.actor(shop.member("li.na"))
    for expected in ["sign-in.refused"] * 5 + ["sign-in.wait"]:
        with pytest.raises(ConsentryError) as caught:
            service.confirm(shop.site, actor, "wrong wrong wrong")
        assert caught.value.code == expected


def test_dangerous_acts_need_the_password_again_after_ten_minutes(shop: Shop) -> None:
    signed_in = shop.sign_in(shop.administrator())
    shop.pass_by(minutes=9, seconds=59)
    service.invite(shop.site, shop.actor_of(signed_in), "early", Role.FRONT_DESK)
    shop.pass_by(seconds=1)
    with pytest.raises(DeniedError) as caught:
        service.invite(shop.site, shop.actor_of(signed_in), "late", Role.FRONT_DESK)
    assert caught.value.code == "access.confirm"
    confirmed = service.confirm(shop.site, shop.actor_of(signed_in), PASSWORD)
    service.invite(shop.site, shop.actor_of(confirmed), "late", Role.FRONT_DESK)


def test_a_new_password_replaces_the_old_one_and_ends_other_sessions(shop: Shop) -> None:
    member = shop.member("li.na")
    elsewhere, here = shop.sign_in(member), shop.sign_in(member)
    after = service.change_password(shop.site, shop.actor_of(here), PASSWORD, "a quite different sentence")
    assert service.actor_of(shop.site, elsewhere.token) is None
    assert service.actor_of(shop.site, here.token) is None
    assert shop.actor_of(after).id == member.id
    assert refused(shop, "li.na", PASSWORD) == "sign-in.refused"
    shop.sign_in(member, "a quite different sentence")


@pytest.mark.parametrize("change", ["disabled", "password"])
def test_what_changes_while_a_password_is_hashed_counts(shop: Shop, change: str, monkeypatch: pytest.MonkeyPatch) -> None:
    member = shop.member("li.na")
    verify = passwords.verify_password

    def overtaken(hashed: str | None, password: str) -> bool:
        if change == "disabled":
            service.disable(shop.site, OPERATOR, member.id, "left the shop")
        else:
            link = service.recover(shop.site, OPERATOR, member.id, "password seen by others")
            service.accept_link(shop.site, token_of(link.path), member.name, "another sentence to remember", HOME)
        return verify(hashed, password)

    monkeypatch.setattr("consentry.staff.service.signing_in.verify_password", overtaken)
    assert refused(shop, member.name, PASSWORD) == "sign-in.refused"


def test_a_new_password_must_pass_the_rules(sqlite_shop: Shop) -> None:
    actor = sqlite_shop.actor(sqlite_shop.member("li.na"))
    with pytest.raises(InputError, match="fewer than 12"):
        service.change_password(sqlite_shop.site, actor, PASSWORD, "short")
