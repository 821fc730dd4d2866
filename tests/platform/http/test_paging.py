"""Cursors: what was given comes back, and nothing else is taken."""

from __future__ import annotations

import base64
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentry.platform.errors import InputError
from consentry.platform.http.paging import cursor_of, key_of


@given(st.integers(-(2**63), 2**63))
def test_a_number_comes_back(key: int) -> None:
    assert key_of(cursor_of(key), int) == key


@given(st.text(max_size=100))
def test_a_text_comes_back(key: str) -> None:
    assert key_of(cursor_of(key), str) == key


def test_the_first_page_has_no_key() -> None:
    assert key_of(None, int) is None


@given(st.text(max_size=60))
def test_whatever_else_is_sent_is_refused_or_is_a_number(cursor: str) -> None:
    with suppress(InputError):
        assert type(key_of(cursor, int)) is int


@pytest.mark.parametrize("content", ['"3"', "true", "3.0", "[3]", "null", "NaN", "[" * 300, ""])
def test_a_cursor_of_another_list_is_refused(content: str) -> None:
    with pytest.raises(InputError, match="does not come from this list"):
        key_of(base64.urlsafe_b64encode(content.encode()).decode().rstrip("="), int)
