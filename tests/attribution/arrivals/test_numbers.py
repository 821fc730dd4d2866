"""Numbers that name a person: how they are written, masked and hashed."""

from __future__ import annotations

import hmac
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentry.attribution.numbers import Hashed, document_hash, e164, mask_of, number_hash, phone_hash
from consentry.attribution.rules.reports import mask_fits
from consentry.platform.errors import InputError
from consentry.platform.keys import SiteKeys
from consentry.platform.settings.projects import PhoneForm

ROOT = bytes(range(32))
KEYS = SiteKeys(ROOT, "hall-1")


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("13812345678", "+8613812345678"),
        ("138 1234 5678", "+8613812345678"),
        ("+86 138-1234-5678", "+8613812345678"),
        ("0086 13812345678", "+8613812345678"),
        ("\uff11\uff13\uff18\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18", "+8613812345678"),
        ("+44 (20) 7183 8750", "+442071838750"),
    ],
)
def test_a_number_is_the_same_however_it_is_typed(typed: str, number: str) -> None:
    assert e164(typed) == number


@pytest.mark.parametrize("typed", ["", "1381234567", "23812345678", "+0123456", "+86", "abc", "+8613812345678901234", "٣٣٣٣٣٣٣٣٣٣٣", "+\uff11" + "a"])
def test_what_is_no_number_is_refused(typed: str) -> None:
    with pytest.raises(InputError) as refused:
        e164(typed)
    assert refused.value.code == "phone.form"


@pytest.mark.parametrize(
    ("phone", "form", "mask"),
    [
        ("+8613812345678", PhoneForm.FIRST_3_LAST_4, "138****5678"),
        ("+8613812345678", PhoneForm.FIRST_4_LAST_3, "1381****678"),
        ("+8613812345678", PhoneForm.FULL, "138****5678"),
        ("+442071838750", PhoneForm.FIRST_3_LAST_4, "+44******8750"),
    ],
)
def test_a_mask_hides_the_middle_and_a_whole_number_is_never_kept(phone: str, form: PhoneForm, mask: str) -> None:
    assert mask_of(phone, form) == mask


@given(st.from_regex(r"\+861[3-9][0-9]{9}", fullmatch=True), st.sampled_from(PhoneForm))
def test_every_mask_fits_its_own_number(phone: str, form: PhoneForm) -> None:
    assert mask_fits(mask_of(phone, form), phone)


def test_a_hash_is_keyed_and_belongs_to_one_site_one_project_and_one_kind() -> None:
    same = phone_hash(KEYS, "garden", "138 1234 5678")
    assert same == phone_hash(KEYS, "garden", "+8613812345678")
    others = [
        phone_hash(KEYS, "lake", "+8613812345678"),
        phone_hash(SiteKeys(ROOT, "hall-2"), "garden", "+8613812345678"),
        phone_hash(SiteKeys(ROOT[::-1], "hall-1"), "garden", "+8613812345678"),
        number_hash(KEYS, Hashed.DOCUMENT, "garden", "+8613812345678"),
        number_hash(KEYS, Hashed.PHONE, "", "garden+8613812345678"),
    ]
    assert len({same.newest, *(one.newest for one in others)}) == 6


def test_the_hash_is_hmac_over_length_prefixed_parts() -> None:
    message = b"\0\0\0\x05phone" + b"\0\0\0\x06garden" + b"\0\0\0\x0e+8613812345678"
    key = KEYS.derive("attribution-marks")
    assert phone_hash(KEYS, "garden", "13812345678").newest == hmac.new(key, message, sha256).digest()


def test_what_was_hashed_before_a_rotation_is_found_afterwards() -> None:
    rotated = SiteKeys(ROOT[::-1], "hall-1", 2, {1: ROOT})
    before, after = document_hash(KEYS, "garden", "11010119900101001X"), document_hash(rotated, "garden", "11010119900101001x")
    assert before.newest != after.newest
    assert after.known_as == (after.newest, before.newest)


@pytest.mark.parametrize("number", ["", "1234", "1" * 33, "身份证号码一二三"])
def test_what_is_no_document_number_is_refused(number: str) -> None:
    with pytest.raises(InputError) as refused:
        document_hash(KEYS, "garden", number)
    assert refused.value.code == "document.form"
