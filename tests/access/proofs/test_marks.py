"""Marks: what a card, a unit's number and a PIN become, checked against their formulas written out anew, and against each other."""

from __future__ import annotations

import base64
import hashlib
import hmac

import pytest
from argon2 import PasswordHasher
from hypothesis import given
from hypothesis import strategies as some

from consentry.access.marks import Secrets, controller_secret, inner_card, inner_pin, inner_unit, is_pin, mark, number_salt, salt_bytes
from consentry.platform.errors import InputError

SALT = bytes(range(16))


def test_the_inner_value_of_a_card_is_the_hash_of_label_kind_and_uid() -> None:
    written = b"consentry/card/v1" + b"\x00\x03uid" + b"\x00\x04\x01\x02\x03\x04"
    assert inner_card("uid", bytes([1, 2, 3, 4])) == hashlib.sha256(written).digest()


def test_a_mark_is_the_keyed_hash_of_label_controller_and_inner_value() -> None:
    inner = bytes(32)
    written = b"mark/v1" + b"\x00\x04main" + b"\x00\x20" + inner
    expected = base64.urlsafe_b64encode(hmac.new(b"k" * 32, written, "sha256").digest()).decode().rstrip("=")
    assert mark(b"k" * 32, "main", inner) == expected == Secrets("main", b"k" * 32).mark(inner)


def test_the_inner_value_of_a_pin_is_argon2id_of_19_mib_and_two_passes() -> None:
    raw = base64.b64encode(inner_pin("739152", SALT)).decode().rstrip("=")
    encoded = f"$argon2id$v=19$m=19456,t=2,p=1${base64.b64encode(SALT).decode().rstrip('=')}${raw}"
    assert PasswordHasher().verify(encoded, "739152")


@given(
    some.text("abc", min_size=1, max_size=9), some.binary(min_size=1, max_size=9), some.text("abc", min_size=1, max_size=9), some.binary(min_size=1, max_size=9)
)
def test_two_cards_share_an_inner_value_only_where_kind_and_uid_are_the_same(kind: str, uid: bytes, other_kind: str, other_uid: bytes) -> None:
    assert (inner_card(kind, uid) == inner_card(other_kind, other_uid)) == ((kind, uid) == (other_kind, other_uid))


def test_a_mark_of_one_controller_is_none_of_another() -> None:
    inner, key = inner_card("uid", b"1234"), bytes(32)
    secrets = {controller_secret(key, name) for name in ("north", "south")}
    assert len(secrets) == 2
    assert len({mark(secret, name, inner) for secret in secrets for name in ("north", "south")}) == 4


@pytest.mark.parametrize("written", ["3-1201A", " 3-1201a ", "3 - 1201 a", "３－１２０１Ａ", "3-1201\ta"])  # noqa: RUF001 - full width
def test_a_unit_is_the_same_however_it_is_spaced_and_written(written: str) -> None:
    assert inner_unit(written) == inner_unit("3-1201A")


@pytest.mark.parametrize("unit", ["", " \t", "1" * 41, "\0", "1\x1b2", "\u202e12", "1" * 10**6])
def test_what_is_no_unit_is_refused(unit: str) -> None:
    with pytest.raises(InputError) as refused:
        inner_unit(unit)
    assert refused.value.code == "access.unit"


@pytest.mark.parametrize(("kind", "uid"), [("", b"1"), ("UID", b"1"), ("uid", b""), ("uid", bytes(65)), ("uid\n", b"1")])
def test_what_is_no_card_is_refused(kind: str, uid: bytes) -> None:
    with pytest.raises(InputError) as refused:
        inner_card(kind, uid)
    assert refused.value.code == "access.card"


@pytest.mark.parametrize("pin", ["", "12345", "1234567890123", "12345a", "１２３４５６", "٣٣٣٣٣٣", "123456\n", "-12345", "12 456"])  # noqa: RUF001 - digits of other scripts
def test_a_pin_is_6_to_12_digits_of_ascii_and_nothing_else(pin: str) -> None:
    assert not is_pin(pin)
    with pytest.raises(InputError) as refused:
        inner_pin(pin, SALT)
    assert refused.value.code == "access.pin"


def test_every_number_has_a_salt_of_its_own_and_keeps_it() -> None:
    salts = [number_salt(bytes(32), inner_unit(unit)) for unit in ("1", "2", "1")]
    assert salts[0] == salts[2] != salts[1]
    assert len(salt_bytes(salts[0])) == 16


@pytest.mark.parametrize("salt", ["", "A" * 21, "A" * 23, "A" * 21 + "B", "A" * 21 + "=", "é" * 22, "A" * 24])
def test_what_is_no_salt_is_refused(salt: str) -> None:
    with pytest.raises(InputError) as refused:
        salt_bytes(salt)
    assert refused.value.code == "access.salt"


def test_secrets_are_not_shown() -> None:
    assert "kkkk" not in repr(Secrets("main", b"k" * 32))
