"""Canonical JSON, beside the independent package rfc8785."""

from __future__ import annotations

import json

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from consentry.ledger.rules.canonical import LARGEST_INTEGER, canonical, parse
from consentry.platform.errors import InputError, ProofError

texts = st.text(st.characters(exclude_categories=["Cs"]))
values = st.recursive(
    st.none() | st.booleans() | st.integers(-LARGEST_INTEGER, LARGEST_INTEGER) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


@given(values)
def test_canonical_bytes_equal_those_of_the_package_rfc8785(value: object) -> None:
    assert canonical(value) == rfc8785.dumps(value)  # type: ignore[arg-type]


@given(values)
def test_what_was_written_is_read_back(value: object) -> None:
    assert parse(canonical(value)) == value  # type: ignore[arg-type]


def test_names_are_sorted_by_utf16_units_as_the_rfc_shows() -> None:
    # RFC 8785, 3.2.3: U+1F600 is two surrogates, which come before U+FB33 although its code point is greater.
    names = ["€", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "ö"]
    assert list(json.loads(canonical(dict.fromkeys(names, 1)))) == ["\r", "1", "\u0080", "ö", "€", "\U0001f600", "\ufb33"]


@pytest.mark.parametrize(
    "value",
    [1.0, float("nan"), {"deep": [1, {"x": 0.5}]}, 2**53, -(2**53), {1: "name"}, {"x": {1, 2}}, b"bytes", "\ud800", {"\ud800": 1}, object()],
    ids=repr,
)
def test_what_canonical_json_cannot_hold_exactly_is_refused(value: object) -> None:
    with pytest.raises(InputError, match="details") as caught:
        canonical(value)  # type: ignore[arg-type]
    assert caught.value.code == "ledger.not-json"


def test_endless_nesting_is_refused_and_not_followed() -> None:
    nested: list[object] = []
    nested.append(nested)
    with pytest.raises(InputError, match="nested"):
        canonical(nested)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "data",
    [
        b'{"b":1,"a":2}',
        b'{"a": 1}',
        b'{"a":1}\n',
        b'{"a":1,"a":1}',
        b'{"a":1.0}',
        b'{"a":1e2}',
        b'{"a":-0}',
        b'{"a":NaN}',
        b'{"a":9007199254740992}',
        b'{"a":' + b"9" * 5000 + b"}",
        b'{"a":"\\u0041"}',
        b'{"a":"\\/"}',
        b'{"a":"\\u001F"}',
        b'\xef\xbb\xbf{"a":1}',
        b'{"a":"\xff"}',
        b'{"a":"\\ud800"}',
        b'{"a":1}{"a":1}',
        b'{"a":1',
        b"",
        b"[" * 100_000,
    ],
    ids=lambda data: repr(data[:24]),
)
def test_any_other_way_to_write_it_is_refused(data: bytes) -> None:
    with pytest.raises(ProofError) as caught:
        parse(data)
    assert caught.value.code == "proof.not-canonical"
