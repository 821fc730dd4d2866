"""Keys that were pressed at a door's keypad, gathered into a unit and its PIN, or the PIN of a card that was shown before. Pure but for what it holds.

Where every unit or every PIN has as many digits, the last of them ends it: a key less each time for whoever enters one, and they are the slowest (R62).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from consentry.access.proving import CardShown, PinShown

if TYPE_CHECKING:
    from datetime import datetime

    from consentry.access.model import EntryDigits

__all__ = ["PATIENCE", "Keypad"]

PATIENCE = timedelta(seconds=15)
"""How long a half-entered number waits for its next key."""
_LONGEST = 40
_DIGITS = frozenset("0123456789")


@dataclass(slots=True)
class Keypad:
    """The keys of one door, whichever of its readers have them: ``unit # PIN #``, or a card and then ``PIN #``. ``*`` begins anew.

    ``#`` after nothing is nothing, so that whoever presses it where the digits alone ended the entry begins no other.
    """

    door: str
    _unit: str | CardShown | None = field(default=None, repr=False)
    _digits: str = field(default="", repr=False)
    _last: datetime | None = None
    _began: datetime | None = None
    _given_up: list[CardShown] = field(default_factory=list, repr=False)

    @property
    def began(self) -> datetime | None:
        """Return when the first key of what is being entered was pressed."""
        return self._began

    def await_pin(self, card: CardShown, at: datetime) -> None:
        """Take the next keys as the PIN of a card. Another card that waited for its own is given up."""
        self.forget_stale(at)
        if self._unit == card:
            self._unit = None
        self.clear()
        self._unit, self._last, self._began = card, at, at

    def clear(self) -> None:
        """Forget what is half entered, and give up a card that waits for its PIN: something else was shown since, and the next keys are somebody's unit."""
        if isinstance(self._unit, CardShown):
            self._given_up.append(self._unit)
        self._unit, self._digits, self._last, self._began = None, "", None, None

    @property
    def waits(self) -> bool:
        """Return whether a card waits for its PIN."""
        return isinstance(self._unit, CardShown)

    def joined(self, shown: PinShown) -> PinShown:
        """Return a PIN that was entered elsewhere at this door, with the card that waits for it where it names none. Another card is given up."""
        if isinstance(self._unit, CardShown) and shown.unit in ("", self._unit):
            shown = replace(shown, unit=self._unit)
            self._unit = None
        self.clear()
        return shown

    def given_up(self, at: datetime) -> tuple[CardShown, ...]:
        """Return the cards whose PIN never came, each once."""
        self.forget_stale(at)
        found = tuple(self._given_up)
        self._given_up.clear()
        return found

    def forget_stale(self, at: datetime) -> None:
        """Forget what somebody began to enter who then went away, so that it is no beginning of what the next person enters."""
        # The time may have gone back, where the server agreed on an earlier one.
        if self._last is not None and not timedelta(0) <= at - self._last <= PATIENCE:
            self.clear()

    def press(self, keys: str, at: datetime, entry: EntryDigits) -> tuple[PinShown, ...]:
        """Take keys in order and return what they completed. ``entry``: how many digits end a unit and a PIN here."""
        self.forget_stale(at)
        return tuple(shown for key in keys if (shown := self._pressed(key, at, entry)) is not None)

    def _pressed(self, key: str, at: datetime, entry: EntryDigits) -> PinShown | None:
        if key == "*":
            self.clear()
        if key in _DIGITS:
            # What is longer than any number is no number; cutting it keeps a stuck key from filling the memory.
            self._digits = (self._digits + key)[: _LONGEST + 1]
            self._began = self._began or at
        if self._unit is not None or self._digits:
            self._last = at
        wanted = entry.unit if self._unit is None else entry.pin
        return self._ended() if self._digits and (key == "#" or len(self._digits) == wanted) else None

    def _ended(self) -> PinShown | None:
        """Take what was entered as a unit, or return it as the PIN of one."""
        if self._unit is None:
            self._unit, self._digits = self._digits, ""
            return None
        shown = PinShown(self.door, self._unit, self._digits)
        self._unit = None
        self.clear()
        return shown
