"""What the settings say about recognising those who agreed: how, for what, and at which stations. None of it is on until it is written."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from consentry.platform.settings.values import Duration, Flag, Number, Part, Slug, Text, Words, lasting, refusal

__all__ = ["ComparisonMethod", "Embedder", "FaceDetectorName", "FacePurpose", "OtherWay", "Profile", "PurposeTerms", "Recognition", "Station"]

_LONGEST_RETENTION = timedelta(days=365)
_LONGEST_VALIDITY = timedelta(days=365)


class Embedder(StrEnum):
    """The model that turns a face into a template. A gallery holds templates of one."""

    DLIB = "dlib"
    MOBILEFACENET = "mobilefacenet"
    SFACE = "sface"


class FaceDetectorName(StrEnum):
    """The model that finds the face at a station; ``auto`` takes the best one present."""

    AUTO = "auto"
    CENTERFACE = "centerface"
    YUNET = "yunet"


class Profile(StrEnum):
    """Whose law the templates follow: ``cn`` keeps them encrypted in the vault, ``eu`` puts them into the person's own hands."""

    CN = "cn"
    EU = "eu"


class FacePurpose(StrEnum):
    """What a face may be recognised for. The list is closed."""

    GREETING = "greeting"
    DOOR_ACCESS = "door_access"
    SALE_ATTRIBUTION = "sale_attribution"


class ComparisonMethod(StrEnum):
    """With whom a face is compared: with the one record that the person's token names, or with everyone who agreed to the purpose."""

    ONE_TO_ONE = "1:1"
    ONE_TO_MANY = "1:N"


class OtherWay(StrEnum):
    """A way to the same service that needs no face."""

    CARD = "card"
    PIN = "pin"
    QR = "qr"
    TELEPHONE = "telephone"
    DESK = "desk"


class Recognition(Part):
    """How those who agreed are recognised. Without a purpose and a station nobody is."""

    embedder: Embedder = Field(default=Embedder.DLIB, description="The model that makes templates. Another one asks everybody for a new consent.")
    detector: FaceDetectorName = Field(default=FaceDetectorName.AUTO, description="The model that finds the face at a station.")
    calibration: Words | None = Field(
        default=None,
        description="The file of measured thresholds, as `consentry recognition calibrate` signed it, relative to this one; without it nobody is matched.",
    )
    profile: Profile = Field(default=Profile.CN, description="cn: templates lie encrypted in the vault; eu: in the person's own token, and nowhere else.")
    target_fpir: Annotated[Number, Field(gt=0, le=0.05)] = Field(
        default=0.01, description="How often, at most, somebody who is not enrolled may be taken for somebody who is; 0.01 is once in a hundred."
    )
    enrol_within: Annotated[Duration, lasting(timedelta(days=1), _LONGEST_RETENTION)] = Field(
        default=timedelta(days=30),
        description="How long somebody who agreed may wait until they enrol their face; then the consent ends, because nothing rests on it.",
    )
    guardians: Flag = Field(
        default=False,
        description="Whether a guardian may agree for a child, at a station and with staff present, to a notice of its own; otherwise children are refused.",
    )


class PurposeTerms(Part):
    """A purpose for which people may agree to be recognised. It also needs a published notice and a signed assessment before it starts."""

    id: FacePurpose = Field(description="The purpose.")
    method: ComparisonMethod = Field(default=ComparisonMethod.ONE_TO_ONE, description="1:1 with the record of the person's token, or 1:N with all who agreed.")
    retention: Annotated[Duration, lasting(timedelta(days=1), _LONGEST_RETENTION)] = Field(
        description="How long a template is kept without a visit; a year at most."
    )
    validity: Annotated[Duration, lasting(timedelta(days=1), _LONGEST_VALIDITY)] = Field(description="How long a consent holds; twelve months at most.")
    alternatives: tuple[OtherWay, ...] = Field(min_length=1, max_length=5, description="Ways to the same service that need no face; one at least.")


def _proportions(value: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    left, top, right, bottom = value
    if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
        mend = "Write [left, top, right, bottom] as parts of the picture from 0 to 1, left < right, top < bottom."
        raise refusal("settings.station-zone", "this is no rectangle of the picture", mend)
    return value


def _once_each(value: tuple[FacePurpose, ...]) -> tuple[FacePurpose, ...]:
    if len(set(value)) != len(value):
        raise refusal("settings.purpose-twice", "a purpose is named twice", "Name each purpose once.")
    return value


def _numbers(value: object) -> object:
    if isinstance(value, list | tuple) and any(isinstance(number, bool | str) for number in value):
        raise refusal("settings.station-zone", f"{value!r} are not four numbers", "Write [left, top, right, bottom] as parts of the picture from 0 to 1.")
    return value


Zone = Annotated[tuple[float, float, float, float], Field(description="left, top, right, bottom"), BeforeValidator(_numbers), AfterValidator(_proportions)]


class Station(Part):
    """A place where a person activates recognition: a kiosk or a door reader with a camera of its own. It looks only after that, for seconds."""

    id: Slug = Field(description="Its name in addresses and the ledger; another id is another station, to be paired anew.")
    name: Text = Field(description="What people call it.")
    purposes: Annotated[tuple[FacePurpose, ...], AfterValidator(_once_each)] = Field(
        min_length=1, description="What it may be used for: purposes of this file."
    )
    zone: Zone = Field(
        default=(0.2, 0.05, 0.8, 0.95), description="The part of its picture in which the one face must be, as [left, top, right, bottom] from 0 to 1."
    )
    enrols: Flag = Field(default=False, description="Whether people may enrol there.")
