"""Every kind of forgery again and again: ``python -m tests.access.proofs.campaign 100000``.

Beside each hundred tries the genuine passes that they were made from are shown, and must open: a door that opens to nobody proves nothing.
"""

from __future__ import annotations

import random
import sys
from collections import Counter
from time import perf_counter
from typing import TYPE_CHECKING

from consentry.access.proving import CodeShown
from tests.access.proofs.forgery import KINDS, Try, pin
from tests.access.proofs.house import Codes, House, house

if TYPE_CHECKING:
    from consentry.access.model import Decision

__all__ = ["campaign"]

PIN_EVERY = 200
"""An Argon2id costs as much as a hundred passes."""
GENUINE_EVERY = 100


def forged(index: int, home: House) -> tuple[str, Try]:
    """Return the try of this number, and what it is called."""
    kind = pin if index % PIN_EVERY == 0 else KINDS[index % len(KINDS)]
    return kind.__name__, kind(random.Random(index), home)  # noqa: S311 - the tries come out alike every time


def outcome(one: Try, home: House) -> Decision:
    """Return what the house decides about a try, after what was shown before."""
    at_home, codes = one.house or home, Codes()
    for text in one.before:
        assert at_home.code(text, codes=codes).granted, "what was shown before must have opened"
    shown = CodeShown(one.door, one.shown) if isinstance(one.shown, str) else one.shown
    return at_home.decision(shown, one.at, codes)


def campaign(count: int, first: int = 0) -> Counter[tuple[str, str]]:
    """Try as often as asked and return how often each kind was refused, and why.

    Raises:
        AssertionError: Where one opens, or where what is genuine does not.
    """
    home = house()
    refused: Counter[tuple[str, str]] = Counter()
    for index in range(first, first + count):
        name, one = forged(index, home)
        decision = outcome(one, home)
        assert not decision.granted, f"try {index} ({name}) opens {one.door}: {one.shown!r}"
        refused[name, str(decision.reason)] += 1
        if index % GENUINE_EVERY == 0:
            for text in (home.phone_shown(), home.guest_shown(), home.face_shown()):
                assert home.code(text).granted, f"what is genuine does not open: {text}"
    return refused


def main() -> None:
    """Try as often as the command line says and print what was refused and why."""
    count, started = int(sys.argv[1]), perf_counter()
    refused = campaign(count)
    lines = [f"{name:20}{reason:42}{number:8}" for (name, reason), number in sorted(refused.items())]
    sys.stdout.write("\n".join([*lines, f"{count} tries, none opens, {perf_counter() - started:.0f} s", ""]))


if __name__ == "__main__":
    main()
