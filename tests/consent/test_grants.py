"""Grants: what the site signed is read back, and nothing else is."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from consentry.consent.grants import LONGEST, signed, verified
from consentry.consent.model import ConsentGrant, Purpose
from consentry.ledger.rules.canonical import canonical
from consentry.platform.errors import ProofError

KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(31) + b"\x01")
KEYS = {1: KEY.public_key().public_bytes_raw()}
START = datetime(2026, 3, 1, 12, tzinfo=UTC)
GRANT = ConsentGrant(
    consent="c6a6872e-ced7-4970-bcb6-f2c224c805bf",
    person="f3e28861-1e02-472d-80d9-014c9a4756b4",
    site="shop-1",
    purpose=Purpose.GREETING,
    model_family="mobilefacenet",
    notice_sha256="ab" * 32,
    issued=START,
    expires=START + timedelta(days=365),
    epoch=1,
)


def code(data: bytes) -> str:
    with pytest.raises(ProofError) as refused:
        verified(data, KEYS)
    return refused.value.code


@given(
    purpose=st.sampled_from(Purpose),
    issued=st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis takes bounds without a zone
    doors=st.booleans(),
    epoch=st.integers(1, 50),
)
def test_what_was_signed_is_read_back_to_the_millisecond(purpose: Purpose, issued: datetime, doors: bool, epoch: int) -> None:
    whole = issued.replace(microsecond=issued.microsecond // 1000 * 1000)
    grant = replace(GRANT, purpose=purpose, issued=whole, epoch=epoch, may_enrol_for_doors=doors)
    assert verified(signed(grant, KEY), {epoch: KEYS[1]}) == grant


@given(st.integers(min_value=0), st.integers(1, 255))
def test_no_changed_bit_passes(place: int, change: int) -> None:
    data = bytearray(signed(GRANT, KEY))
    data[place % len(data)] ^= change
    assert code(bytes(data)) in {"grant.malformed", "grant.signature", "grant.epoch"}


@given(st.binary(max_size=600))
def test_no_made_up_bytes_pass(data: bytes) -> None:
    assert code(data).startswith("grant.")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "grant.malformed"),
        (signed(GRANT, KEY) + b" ", "grant.malformed"),
        (signed(GRANT, KEY)[:64], "grant.malformed"),
        (bytes(64) + b"x" * LONGEST, "grant.malformed"),
        (signed(GRANT, OTHER), "grant.signature"),
        (signed(replace(GRANT, epoch=2), KEY), "grant.epoch"),
        (signed(replace(GRANT, site="Shop 1"), KEY), "grant.malformed"),
        (signed(replace(GRANT, consent="1"), KEY), "grant.malformed"),
    ],
)
def test_what_is_no_grant_of_this_site_is_refused(data: bytes, expected: str) -> None:
    assert code(data) == expected


def test_another_message_of_the_same_key_is_no_grant() -> None:
    """The label keeps a signature over the same document, made for something else, from passing."""
    body = signed(GRANT, KEY)[64:]
    assert code(KEY.sign(body) + body) == "grant.signature"


@pytest.mark.parametrize("value", [True, "1", None, -1, 2**53 - 1])
def test_a_time_that_is_none_is_refused(value: object) -> None:
    body = canonical({"consent": GRANT.consent, "epoch": 1, "expires": value, "issued": 0, **rest()})  # type: ignore[dict-item]
    assert code(KEY.sign(b"consentry-grant/1\x00" + body) + body) == "grant.malformed"


def rest() -> dict[str, object]:
    said = {name: getattr(GRANT, name) for name in ("model_family", "notice_sha256", "person", "purpose", "site")}
    return {**said, "may_enrol_for_doors": False}


def test_reading_grants_loads_no_database() -> None:
    """The vault reads grants, and holds no way to the main database."""
    program = "import sys, consentry.consent.grants; print([name for name in sys.modules if 'sqlalchemy' in name])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=180)
    assert done.stdout.strip() == "[]"
