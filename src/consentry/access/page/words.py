"""How the pages say what happens at a door: each event with its tone, what it means for whoever stands there, and who it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from consentry.access.model import OUTSIDE, AccessEvent, CredentialState, DoorEvent, DoorMode

if TYPE_CHECKING:
    from consentry.console.screen import Screen

__all__ = ["CREDENTIAL_TONES", "MODE_TONES", "area_name", "event_meaning", "event_tone", "event_words", "seconds"]

INSIDE: Final = "inside"
"""The area behind a door for which the settings name none."""
ALARMING: Final[frozenset[str]] = frozenset(
    {
        AccessEvent.DURESS,
        DoorEvent.FORCED_OPEN,
        DoorEvent.TAMPER,
        DoorEvent.DOOR_FAULT,
        DoorEvent.READER_FAULT,
        DoorEvent.FIRE,
        DoorEvent.POLICY_EXPIRED,
    }
)
WORTH_A_LOOK: Final[frozenset[str]] = frozenset(
    {
        AccessEvent.PASSBACK_DETECTED,
        AccessEvent.LOCKOUT_MAX_ATTEMPTS,
        DoorEvent.OPEN_TOO_LONG,
        DoorEvent.CLOCK_JUMP,
        DoorEvent.LOG_NEARLY_FULL,
        DoorEvent.LOCKDOWN,
        DoorEvent.FREE_ACCESS,
    }
)
MODE_TONES: Final = {DoorMode.NORMAL: "good", DoorMode.FREE: "warn", DoorMode.LOCKDOWN: "bad", DoorMode.FIRE: "bad"}
CREDENTIAL_TONES: Final = {
    CredentialState.ACTIVE: "good",
    CredentialState.SUSPENDED: "warn",
    CredentialState.LOST: "bad",
    CredentialState.STOLEN: "bad",
    CredentialState.ENDED: "plain",
}


def area_name(screen: Screen, area: str) -> str:
    """Return what an area is called: those that every site has by their words, others by the id that the settings give them."""
    return {OUTSIDE: screen.say("outside"), INSIDE: screen.say("inside")}.get(area, area)


def seconds(screen: Screen, length: float) -> str:
    """Write how many seconds something takes."""
    return screen.say("{number} s", number=screen.speech.number(length))


def event_words(screen: Screen, kind: str) -> str:
    """Say in a few words what happened."""
    return screen.term("door-event", kind)


def event_meaning(screen: Screen, kind: str) -> str:
    """Say what it means and what helps, in plain words; empty where the event says enough."""
    return screen.speech.term("door-event-help", kind) or ""


def event_tone(kind: str) -> str:
    """Return the tone of an event: good where somebody was let in, bad where somebody has to look now."""
    if kind in ALARMING:
        return "bad"
    if kind.startswith("denied-") or kind in WORTH_A_LOOK:
        return "warn"
    return "good" if kind == AccessEvent.GRANTED else "plain"
