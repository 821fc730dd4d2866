"""What the settings say about doors: where each leads, what stands beside it, how long it unlocks. Who may pass it, and with what, are records."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field, Strict

from consentry.platform.settings.values import Duration, Flag, Number, Part, Slug, Text, lasting, refusal

__all__ = ["Access", "DoorReader", "DoorSettings", "FreeExit", "Waits"]

_DAY = timedelta(days=1)
_Seconds = Annotated[Number, Field(ge=0, le=600)]


class DoorReader(StrEnum):
    """What people show at a door: a card, a number, a code on paper or a telephone, their face; or a person opens it for them."""

    CARD = "card"
    PIN = "pin"
    QR = "qr"
    FACE = "face"
    CONCIERGE = "concierge"


class FreeExit(StrEnum):
    """What opens a door from inside for everybody, wired to its strike or mechanical: nothing is shown, and no program is asked."""

    BUTTON = "button"
    SENSOR = "sensor"
    HANDLE = "handle"


def _lawful(value: tuple[DoorReader, ...]) -> tuple[DoorReader, ...]:
    # Of this field alone, so that it is told whatever else in the file is wrong.
    if set(value) == {DoorReader.FACE}:
        mend = "Add card, pin, qr or concierge: nobody may be made to show their face to pass a door (R61; FRT measures art. 10)."
        raise refusal("settings.door-face-alone", "a face reader is the only way through this door", mend)
    if len(set(value)) != len(value):
        raise refusal("settings.reader-twice", "a reader is named twice", "Name each kind of reader once.")
    return value


class Waits(Part):
    """Seconds between the yes and the release, such as those of a turnstile, by what was shown. No way may wait longer than the face's."""

    card: _Seconds = Field(default=0.0, description="After a card.")
    pin: _Seconds = Field(default=0.0, description="After a number.")
    qr: _Seconds = Field(default=0.0, description="After a code.")
    face: _Seconds = Field(default=0.0, description="After a face.")
    concierge: _Seconds = Field(default=0.0, description="After a person said yes.")

    def of(self, reader: DoorReader) -> float:
        """Return the seconds of one way."""
        return {
            DoorReader.CARD: self.card,
            DoorReader.PIN: self.pin,
            DoorReader.QR: self.qr,
            DoorReader.FACE: self.face,
            DoorReader.CONCIERGE: self.concierge,
        }[reader]


class DoorSettings(Part):
    """A door that opens for people: what it leads into, and the readers beside it. Never a face reader alone (R61)."""

    id: Slug = Field(description="Its name in addresses, passes and the ledger; another id is another door.")
    name: Text | None = Field(default=None, description="What people call it; without it, its id.")
    readers: Annotated[tuple[DoorReader, ...], AfterValidator(_lawful)] = Field(
        min_length=1, description="What stands beside it: card, pin, qr, face, concierge. With face there must be another."
    )
    controller: Slug = Field(default="main", description="The controller that decides for it; doors of one device name the same.")
    leads_from: Slug = Field(default="outside", description="The area in front of it.")
    leads_into: Slug = Field(default="inside", description="The area behind it.")
    free_exit: FreeExit | None = Field(
        default=None, description="For a reader on the way out: what else opens there, wired, for who shows nothing: button, sensor or handle."
    )
    station: Slug | None = Field(default=None, description="The station whose camera is its face reader; without it the face reader is out of service.")
    face_one_to_n: Flag = Field(
        default=False, description="Compare a face with those of this door's people instead of one record; only where the calibration's error allows it."
    )
    unlock_s: Annotated[Number, Field(ge=1, le=60)] = Field(default=5.0, description="Seconds for which it unlocks.")
    longer_unlock_s: Annotated[Number, Field(ge=1, le=120)] = Field(default=15.0, description="Seconds for people who need longer.")
    held_open_s: Annotated[Number, Field(ge=5, le=3600)] = Field(default=30.0, description="Seconds open until that is reported.")
    wait: Waits = Field(default=Waits(), description="Seconds between the yes and the release.")


class Access(Part):
    """How doors are run. Without a [[door]] nothing of it is."""

    offline_for: Annotated[Duration, lasting(timedelta(hours=1), 30 * _DAY)] = Field(
        default=7 * _DAY, description="How long a controller decides by itself without hearing from the server; then its doors stay shut but for fire and exit."
    )
    unit_digits: Annotated[int, Strict(), Field(ge=1, le=12)] | None = Field(
        default=None,
        description="Digits of each unit as typed at a keypad: after so many the PIN is next, without a #. Without it units may differ, and # ends one.",
    )
    pin_digits: Annotated[int, Strict(), Field(ge=6, le=12)] = Field(
        default=6, description="Digits of each PIN: after so many the door decides, without a #. While somebody holds one of another length, # ends all."
    )
    event_retention: Annotated[Duration, lasting(_DAY, 366 * _DAY)] = Field(default=90 * _DAY, description="How long who passed which door is kept.")
    guest_retention: Annotated[Duration, lasting(timedelta(hours=1), 90 * _DAY)] = Field(
        default=7 * _DAY, description="How long the name of a guest whose pass ended, or of anybody who left, is kept."
    )
    guest_passes: Annotated[int, Strict(), Field(ge=0, le=100)] = Field(default=10, description="How many guest passes of one resident may be open.")
    longest_guest_pass: Annotated[Duration, lasting(timedelta(hours=1), 90 * _DAY)] = Field(
        default=7 * _DAY, description="How long a guest pass may hold at most."
    )
    phone_pass_life: Annotated[Duration, lasting(timedelta(hours=1), 366 * _DAY)] = Field(
        default=90 * _DAY, description="How long the pass on a resident's telephone holds before it is issued anew."
    )
