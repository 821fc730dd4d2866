"""What a controller asks of the things at a door. Every driver and its simulator answer to these ports and pass the same contract tests.

A driver gathers what its device says by itself, and the controller asks each port many times a second. Only a strike waits, at most two seconds, for its
device's word. Calls come from one thread.
No port has a way to leave a door unlocked: a release always carries its end, and whoever wants a door to stay free releases it again before that.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from consentry.platform.errors import ConsentryError

if TYPE_CHECKING:
    from consentry.access.model import ContactState, ReaderKind

__all__ = [
    "LONGEST_RELEASE_S",
    "Answer",
    "CardFormat",
    "Contact",
    "DeviceError",
    "ExitButton",
    "FireInput",
    "Read",
    "ReadKind",
    "Reader",
    "Strike",
    "TamperInput",
]

LONGEST_RELEASE_S = 120.0
"""Seconds; no driver unlocks for longer on one word."""


class DeviceError(ConsentryError):
    """A reader, strike, contact or input that does not answer, answers wrongly, or is not what it should be; codes begin with ``device.``."""

    http_status = 503


class ReadKind(StrEnum):
    """What a reader read: a card's number, keys that were pressed, the text of a code."""

    CARD = "card"
    KEYS = "keys"
    QR = "qr"


class CardFormat(StrEnum):
    """What the bytes of a card read are. The same card read as another format is another card.

    ``wiegand26`` and ``wiegand34``: the 24 or 32 bits between the two parity bits, which were right; ``uid``: the chip's own number, which anybody can
    copy; ``desfire``: the UID of a card that proved its diversified key; ``bits``: another length of bits, a byte with their number first; ``text``:
    characters.
    """

    WIEGAND26 = "wiegand26"
    WIEGAND34 = "wiegand34"
    UID = "uid"
    DESFIRE = "desfire"
    BITS = "bits"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Read:
    """One thing that a reader read. ``data``: the card's bytes, the keys as ASCII ``0`` to ``9``, ``*`` and ``#`` in order, or the code's text in UTF-8."""

    door: str
    reader: str
    kind: ReadKind
    data: bytes = field(repr=False)
    format: CardFormat | None = None


class Answer(StrEnum):
    """What a reader shows whoever stands before it: a green, a red or an amber light, with a sound of its own."""

    GRANTED = "granted"
    DENIED = "denied"
    WAIT = "wait"


class Reader(Protocol):
    """A reader beside a door; its id is unique at its controller."""

    @property
    def id(self) -> str:
        """Return its name."""
        ...

    @property
    def door(self) -> str:
        """Return its door's id."""
        ...

    @property
    def serves(self) -> tuple[ReaderKind, ...]:
        """Return for which ways in it stands there."""
        ...

    def reads(self) -> tuple[Read, ...]:
        """Return what was read since the last call, oldest first.

        Raises:
            DeviceError: While the reader is out of service; its reads of that time are lost.
        """
        ...

    def show(self, answer: Answer) -> None:
        """Show an answer; a reader without lights does nothing.

        Raises:
            DeviceError: While the reader is out of service.
        """
        ...


class Strike(Protocol):
    """What holds a door shut. It locks by itself when the time is over, whatever becomes of the caller's next steps."""

    def release(self, seconds: float) -> None:
        """Unlock at once and lock ``seconds`` (above 0, at most ``LONGEST_RELEASE_S``) from now; during a release the later end counts.

        Raises:
            ValueError: For seconds out of bounds.
            DeviceError: Where the device did not confirm it or cannot be reached. It then stays or becomes locked as far as it can still be told.
        """
        ...

    def lock(self) -> None:
        """Lock at once.

        Raises:
            DeviceError: Where the device cannot be told.
        """
        ...


class Contact(Protocol):
    """The contact in a door's frame."""

    def state(self) -> ContactState:
        """Return whether the door stands open; ``UNKNOWN`` while that cannot be told. Never raises."""
        ...


class FireInput(Protocol):
    """The dry contact of the fire alarm panel. It only tells; the release in a fire is wired and does not pass through any program."""

    def active(self) -> bool:
        """Return whether there is fire.

        Raises:
            DeviceError: While that cannot be told.
        """
        ...


class ExitButton(Protocol):
    """The button, or the sensor, by which people leave."""

    def pressed(self) -> bool:
        """Return whether it was pressed since the last call, or is held.

        Raises:
            DeviceError: While that cannot be told.
        """
        ...


class TamperInput(Protocol):
    """What notices that a reader or cabinet is opened or torn off."""

    def tampered(self) -> bool:
        """Return whether somebody tampers with it now.

        Raises:
            DeviceError: While that cannot be told.
        """
        ...
