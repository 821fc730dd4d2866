"""What the public pages show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime, timedelta

    from consentry.cameras.model import CameraState
    from consentry.consent.model import Purpose
    from consentry.platform.settings.camera import ZoneType
    from consentry.platform.settings.values import Text

__all__ = ["CameraCheck", "CountedPlace", "FacePurpose", "Notice", "SelfCheck"]


@dataclass(frozen=True, slots=True)
class CountedPlace:
    """One camera as its sign speaks of it. ``name`` and ``sign`` are in both languages, keys ``zh`` and ``en``; ``missing``: why it does not count."""

    id: str
    name: Mapping[str, str]
    zone_type: ZoneType | None
    sign: Mapping[str, str] | None
    sign_place: str | None
    sign_since: date | None
    retention: timedelta | None
    second_use: str | None
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Notice:
    """Who counts, where, and how to reach them (PIPL art. 17)."""

    site: Mapping[str, str]
    controller: Mapping[str, str]
    contact: str
    places: tuple[CountedPlace, ...]


@dataclass(frozen=True, slots=True)
class CameraCheck:
    """What a camera's process reports of itself."""

    name: Mapping[str, str]
    state: CameraState
    since: datetime | None
    detector: str | None


@dataclass(frozen=True, slots=True)
class SelfCheck:
    """What the running system says of itself: ``settings_digest`` is the SHA-256 of the settings in force, in hexadecimal digits.

    ``columns`` are the columns of every table of figures, read from the database: all that is kept about visitors.
    """

    at: datetime
    version: str
    settings_digest: str
    cameras: tuple[CameraCheck, ...]
    columns: Mapping[str, tuple[str, ...]]
    recognition_parts: tuple[str, ...]
    checkpoint: str | None
    checkpoint_key: str | None


@dataclass(frozen=True, slots=True)
class FacePurpose:
    """A purpose of the settings for which a notice was published. ``stations``: their names; ``device``: the machine that holds the templates."""

    id: Purpose
    open: bool
    stations: tuple[Text, ...]
    retention: timedelta
    validity: timedelta
    device: str
