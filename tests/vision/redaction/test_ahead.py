"""A source that works ahead in a thread: the same items, the same errors, and an end to the thread."""

from __future__ import annotations

import threading
from itertools import count, islice
from typing import TYPE_CHECKING

import pytest

from consentry.vision.redaction.ahead import ahead

if TYPE_CHECKING:
    from collections.abc import Iterator


def test_items_come_in_their_order_from_another_thread() -> None:
    def threads() -> Iterator[tuple[int, int]]:
        for number in range(50):
            yield number, threading.get_ident()

    with ahead(threads(), 3) as items:
        taken = list(items)
    assert [number for number, _ in taken] == list(range(50))
    assert threading.get_ident() not in {thread for _, thread in taken}


def test_an_error_of_the_source_comes_after_the_items_before_it() -> None:
    def failing() -> Iterator[int]:
        yield 1
        raise RuntimeError("broken")

    with ahead(failing(), 3) as items:
        assert next(items) == 1
        with pytest.raises(RuntimeError, match="broken"):
            next(items)


def test_leaving_early_ends_the_thread() -> None:
    before = threading.active_count()
    with ahead(count(), 2) as items:
        assert list(islice(items, 5)) == [0, 1, 2, 3, 4]
    assert threading.active_count() == before
