"""Envelope encryption: only the right key, for the right person and purpose, opens anything; whatever was altered opens nothing."""

from __future__ import annotations

import pickle

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from consentry.platform.errors import KeyStoreError
from consentry.platform.keys import SiteKeys
from consentry.platform.keys.envelope import DataKey, epoch_of, rewrap, unwrap, wrap

KEYS = SiteKeys(bytes(range(32)), "shop-1")
names = st.lists(st.text(max_size=12), max_size=4)


@given(st.binary(max_size=300), names)
def test_what_was_encrypted_comes_back(content: bytes, belongs_to: list[str]) -> None:
    key = DataKey.new()
    sealed = key.encrypt(content, belongs_to)
    assert key.decrypt(sealed, belongs_to) == content
    assert len(sealed) == 12 + len(content) + 16


@given(st.binary(max_size=60), names, st.data())
def test_an_altered_bit_opens_nothing(content: bytes, belongs_to: list[str], data: st.DataObject) -> None:
    key = DataKey.new()
    sealed = bytearray(key.encrypt(content, belongs_to))
    bit = data.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(KeyStoreError) as caught:
        key.decrypt(bytes(sealed), belongs_to)
    assert caught.value.code == "keys.sealed"


@given(names, names)
def test_data_cannot_be_moved_to_somebody_else(one: list[str], other: list[str]) -> None:
    key = DataKey.new()
    sealed = key.encrypt(b"x", one)
    if one == other:
        assert key.decrypt(sealed, other) == b"x"
    else:
        with pytest.raises(KeyStoreError):
            key.decrypt(sealed, other)


@pytest.mark.parametrize("length", [0, 1, 11, 12, 27])
def test_what_is_too_short_opens_nothing(length: int) -> None:
    with pytest.raises(KeyStoreError) as caught:
        DataKey.new().decrypt(bytes(length), ["p"])
    assert caught.value.code == "keys.sealed"


@given(names)
def test_a_wrapped_key_opens_what_it_encrypted(belongs_to: list[str]) -> None:
    key = DataKey.new()
    sealed = key.encrypt(b"template", ["person"])
    wrapped = wrap(KEYS, "person-keys", key, belongs_to)
    assert unwrap(KEYS, "person-keys", wrapped, belongs_to).decrypt(sealed, ["person"]) == b"template"
    assert (len(wrapped), epoch_of(wrapped)) == (1 + 4 + 12 + 32 + 16, 1)


def test_wrapping_is_what_the_format_says() -> None:
    key = DataKey(bytes(range(32, 64)))
    wrapped = wrap(KEYS, "person-keys", key, ["p1"])
    associated = b"\x01\x00\x00\x00\x01" + b"\x00\x00\x00\x02p1"
    assert AESGCM(KEYS.derive("person-keys")).decrypt(wrapped[5:17], wrapped[17:], associated) == bytes(range(32, 64))


@given(st.integers(0, 65 * 8 - 1))
def test_an_altered_wrapped_key_is_refused(bit: int) -> None:
    wrapped = bytearray(wrap(KEYS, "person-keys", DataKey.new(), ["p1"]))
    wrapped[bit // 8] ^= 1 << bit % 8
    with pytest.raises(KeyStoreError) as caught:
        unwrap(KEYS, "person-keys", bytes(wrapped), ["p1"])
    assert caught.value.code in {"keys.sealed", "keys.unknown-epoch"}


@pytest.mark.parametrize(
    ("keys", "purpose", "belongs_to"),
    [
        (SiteKeys(bytes(32), "shop-1"), "person-keys", ["p1"]),
        (SiteKeys(bytes(range(32)), "shop-2"), "person-keys", ["p1"]),
        (KEYS, "other", ["p1"]),
        (KEYS, "person-keys", ["p2"]),
    ],
)
def test_another_root_site_purpose_or_person_unwraps_nothing(keys: SiteKeys, purpose: str, belongs_to: list[str]) -> None:
    wrapped = wrap(KEYS, "person-keys", DataKey.new(), ["p1"])
    with pytest.raises(KeyStoreError):
        unwrap(keys, purpose, wrapped, belongs_to)


def test_a_wrapped_key_follows_a_new_epoch_and_its_data_stays() -> None:
    renewed = SiteKeys(bytes(32), "shop-1", 2, {1: bytes(range(32))})
    key = DataKey.new()
    sealed = key.encrypt(b"template", ["person"])
    old = wrap(KEYS, "person-keys", key, ["p1"])
    new = rewrap(renewed, "person-keys", old, ["p1"])
    assert (epoch_of(old), epoch_of(new)) == (1, 2)
    for wrapped in (old, new):
        assert unwrap(renewed, "person-keys", wrapped, ["p1"]).decrypt(sealed, ["person"]) == b"template"
    with pytest.raises(KeyStoreError):
        unwrap(KEYS, "person-keys", new, ["p1"])


def test_no_two_encryptions_are_alike() -> None:
    key = DataKey.new()
    assert len({key.encrypt(b"same", []) for _ in range(100)}) == 100


def test_a_data_key_has_32_bytes_and_is_neither_shown_nor_carried_away() -> None:
    key = DataKey(b"\x41" * 32)
    assert repr(key) == "DataKey(…)"
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(key)
    with pytest.raises(ValueError, match="32 bytes"):
        DataKey(b"")
