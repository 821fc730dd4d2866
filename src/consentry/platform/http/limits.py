"""How often an address that has not signed in may ask: a bucket of tokens each, refilled by the clock (a token bucket)."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING

from consentry.platform.errors import TooManyError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["RateLimit"]

REMEMBERED = 10_000
"""Addresses remembered at once; the one that asked longest ago is forgotten first, so that a flood cannot fill the memory."""

SUBSCRIBER_BITS = 64
"""One IPv6 subscriber commands a whole /64 (RFC 6177); counting single addresses would limit nobody."""


class RateLimit:
    """At most ``burst`` requests at once and ``per_second`` in the long run, for each address."""

    def __init__(self, per_second: float, burst: int, now: Callable[[], float] = time.monotonic) -> None:
        """Start with full buckets; ``now`` tells seconds that never run backwards."""
        self._per_second = per_second
        self._burst = burst
        self._now = now
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def spend(self, address: str) -> None:
        """Take one token of ``address``.

        Raises:
            TooManyError: ``access.too-many-requests``; ``retry_after`` says when the next token is there.
        """
        subscriber = _subscriber(address)
        with self._lock:
            now = self._now()
            tokens, since = self._buckets.pop(subscriber, (float(self._burst), now))
            tokens = min(self._burst, tokens + (now - since) * self._per_second)
            spent = tokens >= 1
            self._buckets[subscriber] = (tokens - spent, now)
            if len(self._buckets) > REMEMBERED:
                self._buckets.popitem(last=False)
        if not spent:
            wait = (1 - tokens) / self._per_second
            mend = "Wait as long as Retry-After says, or sign in."
            raise TooManyError("access.too-many-requests", subscriber, "it asked too often without signing in", mend, retry_after=wait)


def _subscriber(address: str) -> str:
    """Return what is counted together: an IPv4 address, or the /64 of an IPv6 address."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return address
    return str(IPv6Address(int(parsed) >> SUBSCRIBER_BITS << SUBSCRIBER_BITS))
