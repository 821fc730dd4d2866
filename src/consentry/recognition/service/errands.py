"""What the vault is asked until it has confirmed it: one thing that fails keeps no other from being done."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final, TypeVar

from consentry.platform.errors import ConsentryError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["attempt_each"]

_WHOLE_VAULT: Final = frozenset({"vault.away", "recognition.incident"})
"""Codes of what fails for the other things as well: nobody answers, or nobody who may be believed."""

Thing = TypeVar("Thing")

log = logging.getLogger(__name__)


def attempt_each(things: Iterable[Thing], attempt: Callable[[Thing], None]) -> int:
    """Attempt something with each of ``things``, and return with how many it was done.

    Raises:
        ConsentryError: The first failure, once all were attempted; each is in the log.
    """
    done, failures = 0, list[ConsentryError]()
    for thing in things:
        try:
            attempt(thing)
            done += 1
        except ConsentryError as error:
            log.warning("the vault will be asked again: %s [%s]", error, error.code)
            failures.append(error)
            if error.code in _WHOLE_VAULT:
                break
    if failures:
        raise failures[0]
    return done
