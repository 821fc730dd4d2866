"""The bucket of tokens that slows strangers down."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentry.platform.errors import TooManyError
from consentry.platform.http.limits import REMEMBERED, RateLimit


class Seconds:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def passes(limit: RateLimit, address: str) -> bool:
    try:
        limit.spend(address)
    except TooManyError:
        return False
    return True


@given(st.lists(st.floats(0, 30), max_size=60), st.floats(0.1, 5), st.integers(1, 10))
def test_never_more_pass_than_the_burst_and_what_flowed_in_since(waits: list[float], per_second: float, burst: int) -> None:
    seconds = Seconds()
    limit = RateLimit(per_second, burst, seconds)
    passed = 0
    for wait in waits:
        seconds.now += wait
        passed += passes(limit, "192.0.2.1")
        assert passed <= burst + per_second * seconds.now + 1e-6


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("", "192.0.2.1", False),
    ],
)
def test_who_is_counted_together(one: str, other: str, together: bool) -> None:
    limit = RateLimit(0.001, 1, Seconds())
    assert passes(limit, one)
    assert passes(limit, other) is not together


def test_the_error_says_when_the_next_request_passes() -> None:
    seconds = Seconds()
    limit = RateLimit(0.5, 1, seconds)
    limit.spend("192.0.2.1")
    with pytest.raises(TooManyError) as refused:
        limit.spend("192.0.2.1")
    assert refused.value.retry_after == pytest.approx(2.0)
    seconds.now += refused.value.retry_after
    limit.spend("192.0.2.1")


def test_a_flood_of_addresses_fills_no_memory() -> None:
    limit = RateLimit(1, 1, Seconds())
    for number in range(REMEMBERED + 500):
        limit.spend(f"host-{number}")
    assert len(limit._buckets) == REMEMBERED  # noqa: SLF001 - the bound is what matters
