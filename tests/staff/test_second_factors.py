from __future__ import annotations

import json
from datetime import UTC, datetime

import pyotp
import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import assume, given
from hypothesis import strategies as st

from consentry.platform.actors import Permission
from consentry.platform.errors import ConflictError, ConsentryError, DeniedError, NotFoundError, SignInError
from consentry.platform.keys import SiteKeys
from consentry.platform.site import Site
from consentry.staff import service
from consentry.staff.authenticator import matching_step, new_secret, seal, unseal
from consentry.staff.model import Enrolled, FactorKind, OneTimeCode, RecoveryCode, Role, SecondFactorNeeded, SecurityKeyAnswer
from consentry.staff.security_keys import RegisteredKey, RelyingParty, credential_of, read_answer, read_registration
from consentry.staff.service import sign_in
from tests.staff.people import HOME, OPERATOR, PASSWORD, ROOT, Member, Shop
from tests.staff.software_authenticator import SoftwareAuthenticator, to_base64url

KEYS = SiteKeys(ROOT, "shop-1")
NOW = datetime(2026, 3, 1, 12, 0, 10, tzinfo=UTC)
PARTY = RelyingParty("shop.lan", "Shop one", ("http://shop.lan:8000",))


def enrol(shop: Shop, member: Member, key: SoftwareAuthenticator) -> Enrolled:
    begun = service.begin_security_key(shop.site, shop.actor(member))
    return service.finish_security_key(shop.site, shop.actor(member), begun.ticket, "blue key", key.register(begun.options))


def question(shop: Shop, member: Member) -> tuple[str, str]:
    """Return the ticket and what the security key is asked."""
    first = sign_in(shop.site, member.name, PASSWORD, HOME)
    assert isinstance(first, SecondFactorNeeded)
    assert FactorKind.SECURITY_KEY in first.ways
    return first.ticket, service.security_key_options(shop.site, first.ticket)


def refused(shop: Shop, ticket: str, answer: str) -> bool:
    try:
        service.finish_sign_in(shop.site, ticket, SecurityKeyAnswer(answer), HOME)
    except SignInError as error:
        return error.code == "sign-in.refused"
    return False


def test_an_administrator_without_second_factor_can_only_enrol_one(shop: Shop) -> None:
    signed_in = shop.sign_in(shop.member("root admin", Role.ADMINISTRATOR))
    assert signed_in.must_enrol
    actor = shop.actor_of(signed_in)
    assert actor.permissions == {Permission.MANAGE_OWN_ACCOUNT}
    with pytest.raises(DeniedError):
        service.accounts(shop.site, actor)


def test_enrolling_an_authenticator_opens_the_role_under_a_new_token(shop: Shop) -> None:
    before = shop.sign_in(shop.member("root admin", Role.ADMINISTRATOR))
    begun = service.begin_one_time_codes(shop.site, shop.actor_of(before))
    assert begun.address.startswith(f"otpauth://totp/Shop%20one:root%20admin?secret={begun.secret}")
    done = service.finish_one_time_codes(shop.site, shop.actor_of(before), begun.ticket, "phone", pyotp.TOTP(begun.secret).at(shop.clock.now()))
    assert service.actor_of(shop.site, before.token) is None
    assert not done.signed_in.must_enrol
    assert Permission.MANAGE_STAFF in shop.actor_of(done.signed_in).permissions
    assert len(set(done.recovery_codes)) == 10


def test_the_code_that_enrolled_an_authenticator_does_not_sign_in_again(shop: Shop) -> None:
    member = shop.administrator()
    with pytest.raises(SignInError):
        service.finish_sign_in(shop.site, shop.begin(member), OneTimeCode(shop.code(member)), HOME)


def test_a_wrong_first_code_enrols_nothing(shop: Shop) -> None:
    actor = shop.actor(shop.member("li.na"))
    begun = service.begin_one_time_codes(shop.site, actor)
    wrong = f"{(int(pyotp.TOTP(begun.secret).at(shop.clock.now())) + 1) % 10**6:06d}"
    with pytest.raises(SignInError) as caught:
        service.finish_one_time_codes(shop.site, actor, begun.ticket, "phone", wrong)
    assert caught.value.code == "staff.wrong-code"
    assert service.own_second_factors(shop.site, actor) == ()


def test_nobody_finishes_what_another_account_began(shop: Shop) -> None:
    one, other = shop.actor(shop.member("one")), shop.actor(shop.member("other"))
    begun = service.begin_one_time_codes(shop.site, one)
    with pytest.raises(SignInError, match="another account"):
        service.finish_one_time_codes(shop.site, other, begun.ticket, "phone", pyotp.TOTP(begun.secret).at(shop.clock.now()))


def test_changing_second_factors_needs_the_password_again(shop: Shop) -> None:
    member = shop.member("li.na", second_factor=True)
    actor = shop.actor(member)
    factor = service.own_second_factors(shop.site, actor)[0].id
    shop.pass_by(minutes=10)
    for act in (
        lambda: service.begin_one_time_codes(shop.site, actor),
        lambda: service.begin_security_key(shop.site, actor),
        lambda: service.remove_second_factor(shop.site, actor, factor),
        lambda: service.renew_recovery_codes(shop.site, actor),
    ):
        with pytest.raises(DeniedError) as caught:
            act()
        assert caught.value.code == "access.confirm"


def test_the_last_second_factor_of_an_administrator_stays(shop: Shop) -> None:
    actor = shop.actor(shop.administrator())
    with pytest.raises(ConflictError) as caught:
        service.remove_second_factor(shop.site, actor, service.own_second_factors(shop.site, actor)[0].id)
    assert caught.value.code == "staff.second-factor-needed"


def test_one_of_two_can_be_removed_and_the_last_of_others_takes_the_recovery_codes_along(shop: Shop) -> None:
    member = shop.member("li.na", second_factor=True)
    enrol(shop, member, SoftwareAuthenticator())
    actor = shop.actor(member)
    for factor in service.own_second_factors(shop.site, actor):
        service.remove_second_factor(shop.site, actor, factor.id)
    assert not isinstance(sign_in(shop.site, member.name, PASSWORD, HOME), SecondFactorNeeded)
    with pytest.raises(ConflictError):
        service.renew_recovery_codes(shop.site, actor)


def test_nobody_removes_the_factor_of_another(shop: Shop) -> None:
    factor = service.own_second_factors(shop.site, shop.actor(shop.administrator()))[0].id
    other = shop.actor(shop.member("other"))
    for wanted in (factor, "unknown", "\0"):
        with pytest.raises(NotFoundError):
            service.remove_second_factor(shop.site, other, wanted)


def test_a_security_key_enrols_and_signs_in(shop: Shop) -> None:
    member, key = shop.member("li.na"), SoftwareAuthenticator()
    assert len(enrol(shop, member, key).recovery_codes) == 10
    for _ in range(2):
        ticket, asked = question(shop, member)
        assert service.finish_sign_in(shop.site, ticket, SecurityKeyAnswer(key.answer(asked)), HOME).account == member.id


def test_the_browser_is_asked_for_the_keys_of_the_account_alone(shop: Shop) -> None:
    one, other = SoftwareAuthenticator(), SoftwareAuthenticator()
    member = shop.member("one")
    enrol(shop, member, one)
    enrol(shop, shop.member("other"), other)
    asked = json.loads(question(shop, member)[1])
    assert asked["rpId"] == "shop.lan"
    assert [known["id"] for known in asked["allowCredentials"]] == [to_base64url(one.credential)]


def test_the_key_of_another_account_does_not_sign_in(shop: Shop) -> None:
    mine, theirs = SoftwareAuthenticator(), SoftwareAuthenticator()
    member = shop.member("one")
    enrol(shop, member, mine)
    enrol(shop, shop.member("other"), theirs)
    ticket, asked = question(shop, member)
    assert refused(shop, ticket, theirs.answer(asked))


def test_an_answer_is_good_for_one_question(shop: Shop) -> None:
    member, key = shop.member("li.na"), SoftwareAuthenticator()
    enrol(shop, member, key)
    ticket, asked = question(shop, member)
    answer = key.answer(asked)
    service.finish_sign_in(shop.site, ticket, SecurityKeyAnswer(answer), HOME)
    again, _ = question(shop, member)
    assert refused(shop, again, answer)


def test_a_question_is_good_for_one_answer(shop: Shop) -> None:
    member, key = shop.member("li.na"), SoftwareAuthenticator()
    enrol(shop, member, key)
    ticket, asked = question(shop, member)
    assert refused(shop, ticket, SoftwareAuthenticator().answer(asked))
    assert refused(shop, ticket, key.answer(asked))


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"origin": "https://shop.lan.evil.example"}, id="a page elsewhere relays it"),
        pytest.param({"origin": "http://shop.lan:9000"}, id="another service on the same machine"),
        pytest.param({"flags": 0}, id="nobody touched the key"),
    ],
)
def test_an_answer_given_elsewhere_is_refused(shop: Shop, changed: dict[str, object]) -> None:
    member, key = shop.member("li.na"), SoftwareAuthenticator()
    enrol(shop, member, key)
    ticket, asked = question(shop, member)
    for name, value in changed.items():
        setattr(key, name, value)
    assert refused(shop, ticket, key.answer(asked))


@pytest.mark.parametrize("changes", [{"challenge": to_base64url(bytes(64))}, {"rpId": "evil.example"}])
def test_an_answer_to_another_question_is_refused(shop: Shop, changes: dict[str, str]) -> None:
    member, key = shop.member("li.na"), SoftwareAuthenticator()
    enrol(shop, member, key)
    ticket, asked = question(shop, member)
    assert refused(shop, ticket, key.answer(asked, **changes))


def test_a_copied_key_is_noticed_by_its_count(shop: Shop) -> None:
    member, key = shop.member("li.na"), SoftwareAuthenticator()
    enrol(shop, member, key)
    copy = SoftwareAuthenticator(key=key.key, credential=key.credential)
    for _ in range(3):
        ticket, asked = question(shop, member)
        service.finish_sign_in(shop.site, ticket, SecurityKeyAnswer(key.answer(asked)), HOME)
    ticket, asked = question(shop, member)
    assert refused(shop, ticket, copy.answer(asked))


def test_a_registration_for_another_challenge_or_site_is_refused_and_uses_the_ticket_up(shop: Shop) -> None:
    actor, key = shop.actor(shop.member("li.na")), SoftwareAuthenticator()
    begun = service.begin_security_key(shop.site, actor)
    with pytest.raises(SignInError) as caught:
        service.finish_security_key(shop.site, actor, begun.ticket, "blue", key.register(begun.options, challenge=to_base64url(bytes(64))))
    assert caught.value.code == "staff.wrong-key"
    with pytest.raises(SignInError) as caught:
        service.finish_security_key(shop.site, actor, begun.ticket, "blue", key.register(begun.options))
    assert caught.value.code == "sign-in.expired"


def test_one_key_cannot_stand_for_two_accounts(shop: Shop) -> None:
    key = SoftwareAuthenticator()
    enrol(shop, shop.member("one"), key)
    with pytest.raises(ConflictError):
        enrol(shop, shop.member("other"), key)


def test_an_account_without_security_keys_is_told_so(shop: Shop) -> None:
    ticket = shop.begin(shop.administrator())
    with pytest.raises(NotFoundError):
        service.security_key_options(shop.site, ticket)


@given(
    st.one_of(
        st.text(max_size=60),
        st.recursive(st.none() | st.text(max_size=9), lambda part: st.dictionaries(st.sampled_from(["id", "rawId", "response", "type"]), part)).map(json.dumps),
    )
)
def test_whatever_a_client_sends_as_an_answer_is_refused_without_an_error(answer: str) -> None:
    assert credential_of(answer) is None
    assert read_registration(PARTY, bytes(64), answer) is None
    assert read_answer(PARTY, bytes(64), answer, RegisteredKey(b"id", b"key", 0)) is None


@given(st.integers(0, 10_000), st.binary(min_size=1, max_size=4))
def test_a_damaged_answer_is_refused_without_an_error(place: int, noise: bytes) -> None:
    key = SoftwareAuthenticator()
    options = json.dumps({"challenge": to_base64url(bytes(64)), "rpId": PARTY.id, "rp": {"id": PARTY.id}})
    registered = read_registration(PARTY, bytes(64), key.register(options))
    assert registered is not None
    for honest in (key.register(options), key.answer(options)):
        text = bytearray(honest.encode())
        at = place % len(text)
        text[at : at + len(noise)] = noise
        damaged = text.decode("utf-8", "replace")
        # Without attestation another public key is as good as the first; what must not happen is an error of the library's own.
        read_registration(PARTY, bytes(64), damaged)
        assert read_answer(PARTY, bytes(64), damaged, registered) in {None, 1}


def test_a_code_counts_within_a_step_of_now_and_once() -> None:
    secret = new_secret()
    generator = pyotp.TOTP(secret)
    here = generator.timecode(NOW)
    for step in (-1, 0, 1):
        assert matching_step(secret, generator.at(NOW, counter_offset=step), NOW, after=0) == here + step
    assert matching_step(secret, generator.at(NOW), NOW, after=here) is None


@given(st.text(max_size=10))
def test_what_is_no_code_matches_nothing(code: str) -> None:
    assume(not code.strip().isdecimal())
    assert matching_step("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", code, NOW, after=0) is None


@given(st.text(alphabet="ABCDEFGH234567", min_size=1))
def test_a_sealed_secret_opens_for_its_account_and_site_alone(secret: str) -> None:
    sealed = seal(KEYS, "account-1", secret)
    assert secret.encode() not in sealed or len(secret) < 4
    assert unseal(KEYS, "account-1", sealed) == secret
    with pytest.raises(InvalidTag):
        unseal(KEYS, "account-2", sealed)
    with pytest.raises(InvalidTag):
        unseal(SiteKeys(ROOT, "shop-2"), "account-1", sealed)


def test_rotated_keys_still_open_what_older_ones_sealed_and_recovery_codes_still_hold(shop: Shop) -> None:
    member = shop.administrator()
    codes = service.renew_recovery_codes(shop.site, shop.actor(member))
    rotated = Shop(Site(shop.site.store, shop.site.database, SiteKeys(bytes(32), "shop-1", 2, {1: ROOT}), shop.clock), shop.clock)
    rotated.pass_by(minutes=1)
    assert rotated.sign_in(member).account == member.id
    service.finish_sign_in(rotated.site, rotated.begin(member), RecoveryCode(codes[0]), HOME)


def test_an_administrator_takes_a_lost_second_factor_of_another_away(shop: Shop) -> None:
    member = shop.member("li.na", second_factor=True)
    open_session = shop.sign_in(member)
    service.reset_second_factors(shop.site, OPERATOR, member.id, "telephone lost")
    assert service.actor_of(shop.site, open_session.token) is None
    assert not isinstance(sign_in(shop.site, member.name, PASSWORD, HOME), SecondFactorNeeded)


def test_ten_second_factors_are_enough(shop: Shop) -> None:
    member = shop.member("li.na")
    actor = shop.actor(member)
    for number in range(11):
        begun = service.begin_security_key(shop.site, actor)
        answer = SoftwareAuthenticator().register(begun.options)
        if number < 10:
            service.finish_security_key(shop.site, actor, begun.ticket, f"key {number}", answer)
        else:
            with pytest.raises(ConsentryError, match="has 10"):
                service.finish_security_key(shop.site, actor, begun.ticket, "one more", answer)
