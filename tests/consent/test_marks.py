"""Secrets and telephone numbers are the same however they are typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentry.consent.marks import SECRET, new_secret, normal_phone, normal_secret


@given(st.text(max_size=80))
def test_whatever_is_typed_is_a_secret_or_none(typed: str) -> None:
    plain = normal_secret(typed)
    assert plain is None or (SECRET.fullmatch(plain) and normal_secret(plain) == plain)


def test_a_secret_may_be_typed_in_small_letters_with_blanks_and_usual_mistakes() -> None:
    secrets = [new_secret() for _ in range(200)]
    assert len(set(secrets)) == 200
    for secret in secrets:
        plain = secret.replace("-", "")
        assert len(plain) == 26
        mistaken = plain.replace("0", "o").replace("1", "l").lower()
        assert normal_secret(f" {mistaken[:7]} {mistaken[7:]} ") == plain
        full_width = "".join(chr(ord(letter) + 0xFEE0) for letter in mistaken)
        assert normal_secret(f"{full_width[:5]}\u2014{full_width[5:]}\u3000") == plain


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("138 0013 8000", "13800138000"),
        ("+86 13800138000", "13800138000"),
        ("0086-138-0013-8000", "13800138000"),
        ("+49 (30) 123456", "+4930123456"),
        ("0049 30.123456", "+4930123456"),
        ("\uff0b\uff18\uff16\u3000\uff11\uff13\uff18\uff0d0013\u20138000", "13800138000"),
        ("\u0661\u0663\u0668\u0660\u0660\u0661\u0663", None),
        ("12345", None),
    ],
)
def test_a_telephone_number_is_the_same_however_it_is_written(typed: str, number: str | None) -> None:
    assert normal_phone(typed) == number
