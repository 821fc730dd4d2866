from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import IPv6Address
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from consentry.platform.actors import NEEDS_CONFIRMATION, Permission
from consentry.platform.errors import DeniedError, InputError
from consentry.staff.guessable import GUESSABLE
from consentry.staff.model import AccountState, Reason, Role
from consentry.staff.rules import (
    ACCOUNT_LIMIT,
    ADDRESS_LIMIT,
    FORGET_AFTER,
    IDLE_LIFE,
    KEY_SCOPES,
    LONGEST_DELAY,
    PAIR_LIMIT,
    ROLES,
    SECOND_FACTOR_ROLES,
    SESSION_LIMIT,
    Limit,
    Tally,
    address_group,
    check_key_life,
    check_name,
    check_password,
    check_reason,
    check_scopes,
    check_text,
    findings,
    is_alive,
    key_permissions,
    name_key,
    normal_password,
    permissions_of,
    seconds_to_wait,
    tally_failure,
    watermark,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
INSTANTS = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone
LIMITS = st.sampled_from([PAIR_LIMIT, ADDRESS_LIMIT, ACCOUNT_LIMIT, SESSION_LIMIT])
PERMISSIONS = st.frozensets(st.sampled_from(Permission))


def code_of(password: str, name: str = "li.na") -> str | None:
    try:
        check_password(password, name)
    except InputError as error:
        return error.code
    return None


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("elevenchars", "password.short"),
        ("twelve chars", None),
        ("我们家的猫会弹钢琴和小提琴", None),
        ("短的密码", "password.short"),
        ("x1" * 64, "password.guessable"),
        ("all lower case words", None),
        ("a" * 129, "password.long"),
        ("aaaaaaaaaaaaaaaa", "password.guessable"),
        ("abababababababab", "password.guessable"),
        ("abcdefghijklmnopq", "password.guessable"),
        ("zyxwvutsrqponmlk", "password.guessable"),
        ("Password1234", "password.guessable"),
        ("\uff30\uff41\uff53\uff53\uff57\uff4f\uff52\uff441234", "password.guessable"),
        ("li.na li.na li.na", "password.name"),
        ("LI.NA!!LI.NA", "password.name"),
        ("li.na likes tea", None),
    ],
)
def test_a_password_is_judged_by_length_and_guesses_alone(password: str, code: str | None) -> None:
    assert code_of(password) == code


def test_the_list_of_guessable_passwords_holds_only_what_the_length_lets_through() -> None:
    judged = {password for password in GUESSABLE if code_of(password) == "password.guessable"}
    assert {password for password in GUESSABLE if len(password) >= 12} == judged
    assert len(judged) > 150


@given(st.text(max_size=140), st.text(max_size=20))
def test_whatever_is_given_a_password_passes_or_is_refused_with_a_code(password: str, name: str) -> None:
    code = code_of(password, name)
    plain = normal_password(password)
    assert code is None or code.startswith("password.")
    if code is None:
        assert 12 <= len(plain.casefold()) <= 128
        assert plain.casefold() not in GUESSABLE


@given(st.text(alphabet="abcdefgh .,", min_size=12, max_size=60))
def test_adding_words_never_makes_a_good_password_bad(password: str) -> None:
    assume(code_of(password) is None)
    assert code_of(password + " und noch mehr") is None


@given(st.integers(0, 10_000), LIMITS, INSTANTS, INSTANTS)
def test_no_failure_ever_makes_anybody_wait_longer_than_the_longest_delay(failures: int, limit: Limit, last: datetime, now: datetime) -> None:
    wait = seconds_to_wait(Tally(failures, last), limit, now)
    assert 0 <= wait <= LONGEST_DELAY.total_seconds()
    assert failures >= limit.free or wait == 0


@given(st.integers(0, 200), LIMITS, st.floats(0, 1000))
def test_more_failures_never_mean_a_shorter_wait(failures: int, limit: Limit, later: float) -> None:
    now = NOW + timedelta(seconds=later)
    assert seconds_to_wait(Tally(failures, NOW), limit, now) <= seconds_to_wait(Tally(failures + 1, NOW), limit, now)


@given(st.integers(0, 200), LIMITS)
def test_after_the_stated_wait_the_next_try_is_free(failures: int, limit: Limit) -> None:
    tally = Tally(failures, NOW)
    wait = seconds_to_wait(tally, limit, NOW)
    assert seconds_to_wait(tally, limit, NOW + timedelta(seconds=wait)) == 0


@given(st.integers(0, 10_000), LIMITS, INSTANTS)
def test_a_day_without_failures_forgets_them(failures: int, limit: Limit, last: datetime) -> None:
    later = last + FORGET_AFTER
    assert seconds_to_wait(Tally(failures, last), limit, later) == 0
    assert tally_failure(Tally(failures, last), later) == Tally(1, later)


def test_an_attacker_who_never_rests_gets_a_bounded_number_of_guesses_a_day() -> None:
    """Played out in full: one address guessing one name, each guess as early as it may be."""
    now, tally, guesses = NOW, None, 0
    while now < NOW + timedelta(days=1):
        tally = tally_failure(tally, now)
        guesses += 1
        now += timedelta(seconds=seconds_to_wait(tally, PAIR_LIMIT, now))
    assert guesses < 115


@pytest.mark.parametrize(
    ("address", "group"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_what_one_subscriber_commands_counts_as_one_address(address: str, group: str) -> None:
    assert address_group(address) == group


@given(st.ip_addresses(v=6), st.integers(0, 2**64 - 1))
def test_every_address_of_a_network_counts_as_the_same(address: IPv6Address, host: int) -> None:
    neighbour = IPv6Address(int(address) >> 64 << 64 | host)
    assume(neighbour.ipv4_mapped is None and address.ipv4_mapped is None)
    assert address_group(str(address)) == address_group(str(neighbour))


@given(st.sampled_from(Role), st.sampled_from(AccountState), st.integers(0, 3))
def test_an_account_never_may_more_than_its_role(role: Role, state: AccountState, factors: int) -> None:
    held = permissions_of(role, state, factors)
    assert held <= ROLES[role]
    assert state is AccountState.ACTIVE or not held
    if role in SECOND_FACTOR_ROLES and factors == 0:
        assert held <= {Permission.MANAGE_OWN_ACCOUNT}


def test_a_second_factor_is_demanded_of_administrators_and_data_protection_officers() -> None:
    assert {Role.ADMINISTRATOR, Role.DATA_PROTECTION_OFFICER} == SECOND_FACTOR_ROLES
    assert permissions_of(Role.STORE_MANAGER, AccountState.ACTIVE, 0) == ROLES[Role.STORE_MANAGER]
    assert permissions_of(Role.ADMINISTRATOR, AccountState.ACTIVE, 1) == ROLES[Role.ADMINISTRATOR]


@given(PERMISSIONS, PERMISSIONS)
def test_a_key_never_may_more_than_its_scopes_its_maker_and_any_key(scopes: frozenset[Permission], maker: frozenset[Permission]) -> None:
    held = key_permissions(scopes, maker)
    assert held <= scopes
    assert held <= maker
    assert not held & (NEEDS_CONFIRMATION | {Permission.MANAGE_OWN_ACCOUNT})


@given(PERMISSIONS, PERMISSIONS)
def test_scopes_that_pass_are_what_the_key_may(scopes: frozenset[Permission], maker: frozenset[Permission]) -> None:
    try:
        check_scopes(scopes, maker)
    except (InputError, DeniedError):
        assert not scopes or not scopes <= maker & KEY_SCOPES
    else:
        assert key_permissions(scopes, maker) == scopes != frozenset()


def test_everything_that_needs_confirmation_is_out_of_a_keys_reach() -> None:
    assert not KEY_SCOPES & NEEDS_CONFIRMATION


def test_no_key_lets_anybody_through_a_door() -> None:
    through = {Permission.OPEN_DOORS, Permission.MANAGE_CREDENTIALS, Permission.MANAGE_DOORS, Permission.SET_DOOR_MODE}
    assert not KEY_SCOPES & through


@pytest.mark.parametrize("days", [1, 366])
def test_a_key_that_ends_within_a_year_is_fine(days: int) -> None:
    check_key_life(NOW, NOW + timedelta(days=days))


@pytest.mark.parametrize("days", [-1, 0, 367])
def test_a_key_without_a_proper_end_is_refused(days: int) -> None:
    with pytest.raises(InputError) as caught:
        check_key_life(NOW, NOW + timedelta(days=days))
    assert caught.value.code == "api-key.expiry"


@given(st.text())
def test_the_compared_form_of_a_name_is_its_own_compared_form_or_nobodys(name: str) -> None:
    key = name_key(name)
    assert len(key) <= 64
    assert key.isprintable()
    key.encode()


@given(st.text(max_size=80))
def test_a_name_that_is_accepted_is_found_again_by_what_was_typed(name: str) -> None:
    assume(name_key(name))
    assert name_key(check_name(name)) == name_key(name)


@pytest.mark.parametrize("name", ["", "  ", "x" * 65, "two\nlines", "nul\0", "\ud800"])
def test_what_cannot_be_a_name_is_nobodys_and_refused(name: str) -> None:
    assert name_key(name) == ""
    with pytest.raises(InputError) as caught:
        check_name(name)
    assert caught.value.code == "staff.name"


@pytest.mark.parametrize("text", ["", "   ", "x" * 201, "two\nlines", "nul\0", "\ud800", "a\ttab"])
def test_texts_that_could_break_a_log_line_or_a_table_are_refused(text: str) -> None:
    with pytest.raises(InputError) as caught:
        check_text(text, "label")
    assert caught.value.code == "input.text"


def test_a_reason_needs_words_and_a_ticket() -> None:
    assert check_reason(Reason("  asked by the holder ", " R-7 ")) == Reason("asked by the holder", "R-7")
    for reason in [Reason("", "R-7"), Reason("ok", "R-7"), Reason("asked by the holder", " ")]:
        with pytest.raises(InputError):
            check_reason(reason)


@given(INSTANTS, st.timedeltas(timedelta(0), timedelta(days=3)), st.timedeltas(timedelta(0), timedelta(days=3)))
def test_a_session_lives_while_it_is_used_and_before_its_end(begun: datetime, used: timedelta, later: timedelta) -> None:
    expires, seen = begun + timedelta(days=1), begun + used
    now = seen + later
    assert is_alive(now, seen, expires) == (now < expires and later < IDLE_LIFE)


def test_a_watermark_tells_who_and_when_in_the_sites_time() -> None:
    assert watermark("li.na", NOW, ZoneInfo("Asia/Shanghai")) == "li.na · 2026-03-01 20:00 CST"


@pytest.mark.parametrize(
    ("role", "state", "factors", "days", "found"),
    [
        (Role.ADMINISTRATOR, AccountState.ACTIVE, 1, 1, ()),
        (Role.ADMINISTRATOR, AccountState.ACTIVE, 0, 1, ("no-second-factor",)),
        (Role.FRONT_DESK, AccountState.ACTIVE, 0, 1, ()),
        (Role.FRONT_DESK, AccountState.ACTIVE, 0, 90, ("unused",)),
        (Role.AUDITOR, AccountState.ACTIVE, 0, None, ("unused",)),
        (Role.AUDITOR, AccountState.INVITED, 0, None, ("not-accepted",)),
        (Role.ADMINISTRATOR, AccountState.DISABLED, 0, 400, ()),
    ],
)
def test_a_review_says_what_to_look_at(role: Role, state: AccountState, factors: int, days: int | None, found: tuple[str, ...]) -> None:
    last = None if days is None else NOW - timedelta(days=days)
    assert findings(role, state, factors, last, NOW) == found
