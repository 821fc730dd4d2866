"""Why a card is refused at the gate, and what work that is."""

from __future__ import annotations

import gc
import sys
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from consentry.access.model import AccessEvent, CredentialState, Rule, Schedule
from tests.access.controller.playground import snapshot
from tests.access.proofs.house import NOW

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from consentry.access.model import Snapshot

STRANGER = bytes.fromhex("04ffffffffffff")
NEVER = Schedule("never", ((),) * 7)
AT_NIGHT = Rule("night", "residents", ("gate",), NEVER.id)
OF_OTHERS = (Rule("lobby", "residents", ("lobby",)), replace(AT_NIGHT, group="guards"))
REFUSED = {
    AccessEvent.DENIED_POINT_NO_ACCESS_RIGHTS: (OF_OTHERS, {}),
    AccessEvent.DENIED_OUT_OF_TIME_RANGE: ((AT_NIGHT,), {}),
    AccessEvent.DENIED_CREDENTIAL_EXPIRED: (OF_OTHERS, {"valid_until": NOW}),
    AccessEvent.DENIED_CREDENTIAL_MANUAL_DISABLE: (OF_OTHERS, {"state": CredentialState.SUSPENDED}),
    AccessEvent.DENIED_AUTHENTICATION_FACTOR_LOST: (OF_OTHERS, {"state": CredentialState.LOST}),
}


def refusing(reason: AccessEvent) -> Snapshot:
    """Return the house's snapshot whose resident's card is refused for this."""
    rules, changes = REFUSED[reason]
    found = snapshot()
    cards = tuple(replace(one, **changes) if one.id == "card" else one for one in found.credentials)  # type: ignore[arg-type] # by name
    return replace(found, policy=replace(found.policy, schedules=(NEVER,), rules=rules), credentials=cards)


def calls(act: Callable[[], object]) -> Counter[str]:
    """Return which functions were called, of Python and beneath it, and how often."""
    counted = Counter[str]()

    def count(frame: FrameType, event: str, called: object) -> None:
        if event == "call":
            counted[frame.f_code.co_qualname] += 1
        elif event == "c_call":
            counted[str(getattr(called, "__qualname__", called))] += 1

    # What is collected just now, and whoever watches that, is no part of it.
    gc.disable()
    sys.setprofile(count)
    try:
        act()
    finally:
        sys.setprofile(None)
        gc.enable()
    return counted
