"""Who did something, as a page says it: people and devices by what they are and the end of their id, never by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from consentry.platform.actors import ActorKind

if TYPE_CHECKING:
    from consentry.console.screen import Screen

__all__ = ["by", "short"]

_SHOWN_OF_ID: Final = 8


def short(identifier: str) -> str:
    """Return the end of a long id, by which people tell two apart."""
    return f"…{identifier[-_SHOWN_OF_ID:]}" if len(identifier) > _SHOWN_OF_ID else identifier


def by(screen: Screen, label: str) -> str:
    """Say who did something, from how the log names them (``staff:…``): what they are, and the end of their id, by which two can be told apart."""
    kind, _, identifier = label.partition(":")
    said = screen.term("actor", kind)
    return said if kind == ActorKind.SYSTEM or not identifier else f"{said} {short(identifier)}"
