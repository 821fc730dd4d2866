"""What is a reason: a word or two, in whatever language the house keeps its ledger."""

from __future__ import annotations

import pytest

from consentry.platform.errors import InputError
from consentry.staff.rules import stated


@pytest.mark.parametrize("reason", ["离职", " 搬走 ", "丢ab", "lost", "T-12", "卡が", "퇴사", "ab丢", "火" * 200])
def test_a_word_says_why_in_any_language(reason: str) -> None:
    assert stated(reason) == reason.strip()


@pytest.mark.parametrize("reason", ["", "  ", "ok", "abc", "丢", "a丢", "\uff2f\uff2b", "😀😀", "..", "离\n职", "火" * 201])
def test_what_says_too_little_or_cannot_be_kept_is_no_reason(reason: str) -> None:
    with pytest.raises(InputError) as told:
        stated(reason)
    assert told.value.code == "input.text"


def test_a_longer_reason_is_taken_where_there_is_room() -> None:
    assert stated("x" * 300, longest=300)
