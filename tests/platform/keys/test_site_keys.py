"""Derived keys: one for each site, purpose and epoch, the same on every machine, and never shown."""

from __future__ import annotations

import hashlib
import hmac
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentry.platform.errors import KeyStoreError
from consentry.platform.keys import SiteKeys

ROOT = bytes(range(32))
purposes = st.from_regex(r"[a-z0-9]{1,8}(-[a-z0-9]{1,8}){0,2}", fullmatch=True)


def hkdf(root: bytes, site: str, purpose: str, epoch: int) -> bytes:
    """Derive as RFC 5869 says, from HMAC alone: extract with an empty salt, expand to one block."""
    parts = ("consentry/v1", site, purpose, str(epoch))
    info = b"".join(len(part.encode()).to_bytes(2, "big") + part.encode() for part in parts)
    extracted = hmac.digest(bytes(32), root, hashlib.sha256)
    return hmac.digest(extracted, info + b"\x01", hashlib.sha256)


@given(st.binary(min_size=32, max_size=32), st.text(max_size=40), purposes, st.integers(min_value=1, max_value=10**6))
def test_keys_are_derived_by_hkdf(root: bytes, site: str, purpose: str, epoch: int) -> None:
    assert SiteKeys(root, site, epoch).derive(purpose) == hkdf(root, site, purpose, epoch)


@given(st.sets(st.tuples(st.sampled_from(["a", "ab", "b"]), st.sampled_from(["a", "ab", "b", "b-a"]), st.integers(1, 12)), min_size=2))
def test_no_site_purpose_and_epoch_share_a_key(uses: set[tuple[str, str, int]]) -> None:
    assert len({SiteKeys(ROOT, site, epoch).derive(purpose) for site, purpose, epoch in uses}) == len(uses)


def test_a_derived_key_never_changes() -> None:
    assert SiteKeys(ROOT, "shop-1").derive("session-token").hex() == "24d865e8f919322547e970cb37587bf83e4301295f687dfebc47fa262c7fe5cc"


def test_the_signing_key_signs_what_its_public_key_verifies() -> None:
    keys = SiteKeys(ROOT, "shop-1", 2, {1: bytes(32)})
    signature = keys.signing_key("ledger-checkpoint").sign(b"text")
    keys.signing_key("ledger-checkpoint", epoch=2).public_key().verify(signature, b"text")
    publics = {keys.signing_key("ledger-checkpoint", epoch=epoch).public_key().public_bytes_raw() for epoch in keys.epochs}
    assert len(publics) == 2


def test_nothing_shows_or_carries_away_a_key() -> None:
    keys = SiteKeys(ROOT, "shop-1")
    assert repr(keys) == str(keys) == "SiteKeys(site='shop-1', epochs=(1,))"
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(keys)


@pytest.mark.parametrize("purpose", ["", "A", "a b", "a--b", "-a", "a\n", "a/b"])
def test_a_purpose_is_lower_case_words(purpose: str) -> None:
    with pytest.raises(ValueError, match="not the name of a purpose"):
        SiteKeys(ROOT, "shop-1").derive(purpose)


@pytest.mark.parametrize(
    ("root", "epoch", "older", "code"),
    [
        (bytes(31), 1, {}, "keys.length"),
        (bytes(33), 1, {}, "keys.length"),
        (ROOT, 2, {1: bytes(16)}, "keys.length"),
        (ROOT, 1, {2: ROOT}, "keys.epoch"),
        (ROOT, 0, {}, "keys.epoch"),
    ],
)
def test_wrong_roots_are_refused(root: bytes, epoch: int, older: dict[int, bytes], code: str) -> None:
    with pytest.raises(KeyStoreError) as caught:
        SiteKeys(root, "shop-1", epoch, older)
    assert caught.value.code == code


def test_an_epoch_whose_root_is_not_here_is_refused() -> None:
    with pytest.raises(KeyStoreError) as caught:
        SiteKeys(ROOT, "shop-1").derive("api-key", epoch=2)
    assert caught.value.code == "keys.unknown-epoch"
