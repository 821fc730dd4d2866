"""What a reader read becomes evidence: who was proved, why not, and that a number which nobody has costs what any other costs."""

from __future__ import annotations

import hmac
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import argon2.low_level
import pytest
from hypothesis import given
from hypothesis import strategies as some

from consentry.access import marks, proving
from consentry.access.model import AccessEvent, CredentialState, Evidence, ReaderKind
from consentry.access.proving import CardShown, CodeShown, PinShown
from consentry.access.rules.deciding import compile_snapshot
from tests.access.proofs.house import DURESS, NOW, PIN, UID, UNIT, Codes, house

if TYPE_CHECKING:
    from collections.abc import Callable

HOME = house()
CARD = CardShown("gate", "uid", UID)
WRONG = AccessEvent.DENIED_INCORRECT_AUTHENTICATION_FACTOR
UNKNOWN = AccessEvent.DENIED_UNKNOWN_CREDENTIAL
Count = Counter[str]


@pytest.fixture
def costs(monkeypatch: pytest.MonkeyPatch) -> Count:
    """Return how often the expensive and the telling functions were called."""
    count: Count = Counter()

    def counted(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: object, **options: object) -> object:
            count[name] += 1
            return function(*args, **options)

        return call

    monkeypatch.setattr(marks, "hash_secret_raw", counted("argon2id", argon2.low_level.hash_secret_raw))
    monkeypatch.setattr(marks, "mark", counted("mark", marks.mark))
    monkeypatch.setattr(proving, "hmac", type("Hmac", (), {"compare_digest": staticmethod(counted("compare", hmac.compare_digest))}))
    return count


def test_a_card_proves_its_credential() -> None:
    assert HOME.card() == Evidence(ReaderKind.CARD, "card")


def test_an_unknown_card_proves_nothing() -> None:
    assert HOME.card(UID[:-1] + b"\0") == Evidence(ReaderKind.CARD, None, UNKNOWN)


def test_a_pin_proves_its_credential_after_the_unit() -> None:
    assert HOME.pin() == Evidence(ReaderKind.PIN, "pin", number=HOME.secrets.mark(marks.inner_unit(UNIT)))


def test_the_pin_for_duress_proves_the_same_credential_and_says_so() -> None:
    assert HOME.pin(pin=DURESS) == replace(HOME.pin(), duress=True)


@pytest.mark.parametrize(("unit", "pin"), [(UNIT, "804417"), ("3-1202", PIN), (CARD, PIN), (UNIT, "73915"), (UNIT, ""), ("", PIN), ("\ud800", PIN)])
def test_a_pin_after_another_number_or_a_number_that_nobody_has_is_wrong(unit: str | CardShown, pin: str) -> None:
    found = HOME.pin(unit, pin)
    assert (found.credential, found.fault, found.duress) == (None, WRONG, False)


def test_tries_at_a_number_are_told_apart_from_tries_at_another_whether_or_not_anybody_has_it() -> None:
    numbers = [HOME.pin(unit, "000000").number for unit in (UNIT, "9-9", "9-8", "9-9")]
    assert None not in numbers
    assert len(set(numbers)) == 3
    assert numbers[1] == numbers[3]


def test_a_pin_after_a_card_proves_its_credential() -> None:
    found = HOME.pin(CARD, "804417")
    assert (found.credential, found.fault) == ("card-pin", None)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"state": CredentialState.STOLEN}, AccessEvent.DENIED_AUTHENTICATION_FACTOR_STOLEN),
        ({"state": CredentialState.LOST}, AccessEvent.DENIED_AUTHENTICATION_FACTOR_LOST),
        ({"state": CredentialState.SUSPENDED}, AccessEvent.DENIED_CREDENTIAL_MANUAL_DISABLE),
        ({"state": CredentialState.ENDED}, AccessEvent.DENIED_CREDENTIAL_EXPIRED),
        ({"valid_until": NOW}, AccessEvent.DENIED_CREDENTIAL_EXPIRED),
        ({"valid_from": NOW + timedelta(seconds=1)}, AccessEvent.DENIED_CREDENTIAL_NOT_YET_ACTIVE),
        ({"person": "guest"}, WRONG),
        ({"mark": "another"}, WRONG),
    ],
)
def test_a_card_that_holds_no_more_does_not_open_with_its_pin_either(changes: dict[str, object], fault: AccessEvent) -> None:
    assert HOME.with_credential("card", **changes).pin(CARD, "804417").fault is fault


def test_a_revoked_card_does_not_open_with_its_pin_either() -> None:
    revoked = replace(HOME, compiled=compile_snapshot(replace(HOME.compiled.snapshot, revoked=("card",))))
    assert revoked.pin(CARD, "804417").fault is AccessEvent.DENIED_CREDENTIAL_MANUAL_DISABLE


def test_of_two_with_one_pin_the_one_who_still_lives_there_is_proved() -> None:
    snapshot = HOME.compiled.snapshot
    pin = HOME.compiled.credentials["pin"]
    moved_out = replace(pin, id="old", state=CredentialState.ENDED)
    for both in ((moved_out, pin), (pin, moved_out)):
        others = tuple(one for one in snapshot.credentials if one.id != "pin")
        assert replace(HOME, compiled=compile_snapshot(replace(snapshot, credentials=(*both, *others)))).pin().credential == "pin"


@pytest.mark.parametrize("salt", [None, "", "short", "é" * 22])
def test_a_salt_that_cannot_be_read_lets_nobody_in(salt: str | None) -> None:
    found = HOME.with_credential("pin", salt=salt).pin()
    assert (found.credential, found.fault) == (None, WRONG)


@pytest.mark.parametrize("pin", [PIN, DURESS, "000000"])
@pytest.mark.parametrize("unit", [UNIT, "9-9", CARD, CardShown("gate", "uid", b"none")])
def test_valid_and_invalid_numbers_and_pins_cost_the_same(costs: Count, unit: str | CardShown, pin: str) -> None:
    HOME.pin(unit, pin)
    assert costs == {"argon2id": 1, "mark": 2, "compare": 2 * proving.PINS_COMPARED}


@pytest.mark.parametrize("uid", [UID, b"none", bytes(64)])
def test_valid_and_invalid_cards_cost_the_same(costs: Count, uid: bytes) -> None:
    HOME.card(uid)
    assert costs == {"mark": 1, "compare": 1}


@given(some.text(max_size=50), some.text(max_size=20), some.text(max_size=12), some.binary(max_size=80), some.text(max_size=300))
def test_whatever_is_shown_gives_evidence_and_never_an_error(unit: str, pin: str, kind: str, uid: bytes, code: str) -> None:
    for shown in (
        PinShown("gate", unit, pin if not marks.is_pin(pin) else ""),
        CardShown("gate", kind, uid),
        CodeShown("gate", code),
        CodeShown(code, HOME.guest_shown()),
    ):
        assert HOME.evidence(shown).fault is not None


def test_what_was_shown_is_not_printed() -> None:
    printed = repr((PinShown("gate", UNIT, PIN), CARD, CodeShown("gate", HOME.guest_shown()), HOME.pin()))
    assert not any(secret in printed for secret in (UNIT, PIN, repr(UID), "CG1", HOME.pin().number or ""))


def test_a_code_of_a_telephone_is_taken_once_and_again_in_the_next_step() -> None:
    codes, step = Codes(), 30
    first, later = HOME.phone_shown(), NOW + timedelta(seconds=step)
    assert HOME.code(first, codes=codes).granted
    assert HOME.code(first, codes=codes).reason is AccessEvent.DENIED_REPLAY
    assert HOME.code(HOME.phone_shown(), codes=codes).reason is AccessEvent.DENIED_REPLAY
    assert HOME.code(HOME.phone_shown("lobby"), "lobby", codes=codes).granted
    assert HOME.code(HOME.phone_shown(step=int(later.timestamp()) // step), at=later, codes=codes).granted


def test_a_code_is_remembered_for_as_long_as_its_step_is_taken() -> None:
    codes = Codes()
    HOME.code(HOME.phone_shown(), codes=codes)
    (until,) = codes.seen.values()
    at = until - timedelta(seconds=1)
    assert HOME.code(HOME.phone_shown(), at=at).granted
    assert not HOME.code(HOME.phone_shown(), at=until).granted


@pytest.mark.parametrize("text", ["CP1.forged", "CG1.x.y", "nothing"])
def test_what_is_forged_takes_no_place_among_the_codes_that_came(text: str) -> None:
    codes = Codes()
    HOME.evidence(CodeShown("gate", text), codes=codes)
    HOME.evidence(CodeShown("lobby", HOME.phone_shown()), codes=codes)
    unknown = HOME.with_credential("phone", mark="another")
    unknown.evidence(CodeShown("gate", HOME.phone_shown()), codes=codes)
    assert not codes.seen


def test_a_face_is_admitted_once_within_ten_seconds_and_at_its_door() -> None:
    codes = Codes()
    assert HOME.evidence(CodeShown("gate", HOME.face_shown()), codes=codes) == Evidence(ReaderKind.FACE, "face", took=timedelta(seconds=4))
    assert HOME.evidence(CodeShown("gate", HOME.face_shown()), codes=codes).fault is AccessEvent.DENIED_REPLAY
    assert HOME.evidence(CodeShown("lobby", HOME.face_shown("n2"))).fault is AccessEvent.DENIED_POINT_NO_ACCESS_RIGHTS
    assert HOME.evidence(CodeShown("gate", HOME.face_shown("n3", NOW))) == Evidence(ReaderKind.FACE, None, AccessEvent.DENIED_CREDENTIAL_EXPIRED)


@pytest.mark.parametrize("changes", [{"uses": 4}, {"uses": None}, {"needs_host": True}])
def test_a_guest_pass_holds_only_as_the_register_has_it(changes: dict[str, object]) -> None:
    assert HOME.with_credential("guest", **changes).evidence(CodeShown("gate", HOME.guest_shown())).fault is AccessEvent.DENIED_OTHER
