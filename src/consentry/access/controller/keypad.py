"""Keys that were pressed at a door's keypad, gathered into a unit and its PIN, or the PIN of a card that was shown before. Pure but for what it holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from consentry.access.proving import CardShown, PinShown

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["PATIENCE", "Keypad"]

PATIENCE = timedelta(seconds=15)
"""How long a half-entered number waits for its next key."""
_LONGEST = 40
_DIGITS = frozenset("0123456789")


@dataclass(slots=True)
class Keypad:
    """One keypad: ``unit # PIN #``, or a card and then ``PIN #``. ``*`` begins anew."""

    door: str
    _unit: str | CardShown | None = field(default=None, repr=False)
    _digits: str = field(default="", repr=False)
    _last: datetime | None = None
    _began: datetime | None = None

    @property
    def began(self) -> datetime | None:
        """Return when the first key of what is being entered was pressed."""
        return self._began

    def await_pin(self, card: CardShown, at: datetime) -> None:
        """Take the next keys as the PIN of a card."""
        self._clear()
        self._unit, self._last, self._began = card, at, at

    def press(self, keys: str, at: datetime) -> tuple[PinShown, ...]:
        """Take keys in order and return what they completed."""
        if self._last is not None and at - self._last > PATIENCE:
            self._clear()
        self._last, self._began = at, self._began or at
        return tuple(shown for key in keys if (shown := self._pressed(key)) is not None)

    def _pressed(self, key: str) -> PinShown | None:
        if key in _DIGITS:
            # What is longer than any number is no number; cutting it keeps a stuck key from filling the memory.
            self._digits = (self._digits + key)[: _LONGEST + 1]
        elif key == "*":
            self._clear()
        elif key == "#" and self._unit is None:
            self._unit, self._digits = self._digits or None, ""
        elif key == "#" and self._unit is not None:
            shown = PinShown(self.door, self._unit, self._digits)
            self._clear()
            return shown
        return None

    def _clear(self) -> None:
        self._unit, self._digits, self._last, self._began = None, "", None, None
