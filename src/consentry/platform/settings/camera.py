"""What the settings say about one camera, and what it lacks before it may count."""

from __future__ import annotations

import re
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from consentry.platform.settings.fields import RESTARTS_CAMERA, SENSITIVE
from consentry.platform.settings.refused_places import read_zone_type
from consentry.platform.settings.values import Duration, Flag, Part, PicturePoint, Slug, Text, Words, lasting, refusal

__all__ = ["Area", "Basis", "Camera", "Line", "PersonDetectorName", "SecondaryUse", "Sign", "ZoneType"]

_PASSWORD = re.compile(r"^[a-z][a-z0-9+.-]*://[^/@:]*:(?P<password>.*)@", re.IGNORECASE)
_SECRET_QUERY = re.compile(r"(?i)[?&;][^=&;#]*(?:pas|pw|token|secret|key|auth|sig)[^=&;#]*=(?P<value>[^&;#]*)")
_PLACEHOLDER = "{secret}"
_ADDRESS = re.compile(r"(?:rtsps?|https?)://(?:[^/?#@\s]*@)?(?:\[[0-9a-f:.%]+\]|[^/?#:@\s\[\]]+)(?::(?P<port>\d{1,5}))?(?:[/?#].*)?", re.IGNORECASE)
_LAST_PORT = 65535
_WEBCAM = re.compile(r"webcam:[0-9]{1,3}")


class ZoneType(StrEnum):
    """Where a camera may look. The list is closed: a place that is not on it cannot be counted."""

    ENTRANCE = "entrance"
    AISLE = "aisle"
    SALES_FLOOR = "sales-floor"
    LOBBY = "lobby"
    CORRIDOR = "corridor"
    SHOWROOM = "showroom"
    CHECKOUT = "checkout"
    QUEUE = "queue"
    LIFT_LOBBY = "lift-lobby"
    OUTDOOR_PATH = "outdoor-path"
    CAR_PARK = "car-park"


class Basis(StrEnum):
    """On what ground a camera counts.

    ``PUBLIC_SAFETY`` is a camera that hangs for public safety; counting with it is a second use that needs its own record (PIPL 26).
    """

    ANONYMOUS_COUNTING = "anonymous-counting"
    PUBLIC_SAFETY = "public-safety"


class PersonDetectorName(StrEnum):
    """What finds people in a camera's picture; ``auto`` takes the best one whose weights are present."""

    AUTO = "auto"
    RTMDET = "rtmdet"
    YOLOX = "yolox"
    NANODET = "nanodet"
    HOG = "hog"


def _without_password(source: str) -> str:
    password = _PASSWORD.match(source)
    given = [found["value"] for found in _SECRET_QUERY.finditer(source)]
    given += [password["password"]] if password else []
    if any(value and value != _PLACEHOLDER for value in given):
        mend = f"Put it into the file secrets/<camera id> of the keys folder and write {_PLACEHOLDER} in its place."
        raise refusal("settings.password", "the address holds a password or a token", mend)
    return source


def _of_a_kind(source: str) -> str:
    """Pass an address of a camera in the network, a webcam by its number, or a file."""
    if "://" in source and not _is_address(source):
        raise refusal("settings.source", "this is no address of a camera", "Write rtsp://host/path, http(s)://host/path, webcam:0 or loop:FILE.")
    if source.startswith("webcam:") and not _WEBCAM.fullmatch(source):
        raise refusal("settings.source", "a webcam is named by its number", "Write webcam:0 for the first one.")
    return source


def _is_address(source: str) -> bool:
    address = _ADDRESS.fullmatch(source)
    return address is not None and 0 < int(address["port"] or 1) <= _LAST_PORT


class Sign(Part):
    """The record of the sign that tells people of the camera."""

    text: Text | None = Field(default=None, description="What the sign says.")
    place: Words | None = Field(default=None, description="Where the sign hangs.")
    photo: Words | None = Field(default=None, description="A photograph of the hanging sign: a file, relative to this one.")
    placed_on: date | None = Field(default=None, description="The day on which the sign was put up.")


class SecondaryUse(Part):
    """The signed record that lets a public-safety camera count as well (R20)."""

    document: Words = Field(description="The signed document: a file, relative to this one, or its number in the archive.")
    necessity: Words = Field(description="Why counting needs this camera and no sensor of its own.")
    signed_by: Words = Field(description="The office of whoever signed it.")
    signed_on: date = Field(description="The day on which it was signed.")


class Line(Part):
    """A directed line that people are counted across: in is from its left bank to its right, seen walking from start to end."""

    id: Slug = Field(description="Its name in figures and addresses; a new name begins new figures.")
    name: Text = Field(description="What people call it.")
    start: PicturePoint = Field(alias="from", description="Where it starts, in pixels of the camera's picture.", json_schema_extra=RESTARTS_CAMERA)
    end: PicturePoint = Field(alias="to", description="Where it ends, in pixels of the camera's picture.", json_schema_extra=RESTARTS_CAMERA)
    staff_only: Flag = Field(default=False, description="Only staff cross it; visitors' figures leave it out.")
    entrance: Flag = Field(default=True, description="Crossing it enters or leaves the site, so that it counts to the site's occupancy.")


class Area(Part):
    """A polygon in which visits and dwell times are measured."""

    id: Slug = Field(description="Its name in figures and addresses; a new name begins new figures.")
    name: Text = Field(description="What people call it.")
    corners: tuple[PicturePoint, ...] = Field(
        min_length=3, max_length=64, description="Its corners in order, in pixels of the camera's picture.", json_schema_extra=RESTARTS_CAMERA
    )


Region = Annotated[tuple[float, float, float, float], Field(description="left, top, right, bottom")]


class Camera(Part):
    """A camera. Without source, zone type, basis, sign and retention it stays off, and the rest of the site runs."""

    id: Slug = Field(description="Its name in figures, addresses and the ledger; a new name begins new figures.")
    name: Text = Field(description="What people call it.")
    source: Annotated[Words, AfterValidator(_without_password), AfterValidator(_of_a_kind)] | None = Field(
        default=None,
        description="What it sees: rtsp://user:{secret}@host/path, http(s)://, webcam:0, or loop:FILE. {secret} stands for the file secrets/<camera id>.",
        json_schema_extra=RESTARTS_CAMERA | SENSITIVE,
    )
    zone_type: Annotated[ZoneType, BeforeValidator(read_zone_type)] | None = Field(
        default=None, description="The kind of place it looks at.", json_schema_extra=RESTARTS_CAMERA
    )
    basis: Basis | None = Field(default=None, description="On what ground it counts.", json_schema_extra=RESTARTS_CAMERA)
    secondary_use: SecondaryUse | None = Field(
        default=None, description="For a public-safety camera: the signed record of its second use.", json_schema_extra=RESTARTS_CAMERA
    )
    sign: Sign | None = Field(default=None, description="The record of the sign that tells people of it.", json_schema_extra=RESTARTS_CAMERA)
    retention: Annotated[Duration, lasting(timedelta(days=1), timedelta(days=3660))] | None = Field(default=None, description="How long its figures are kept.")
    detector: PersonDetectorName = Field(
        default=PersonDetectorName.AUTO, description="What finds people; auto takes the best one present.", json_schema_extra=RESTARTS_CAMERA
    )
    region: Region | None = Field(
        default=None, description="Look for people only in this rectangle: [left, top, right, bottom], in pixels.", json_schema_extra=RESTARTS_CAMERA
    )
    publish: Flag = Field(default=True, description="Whether its figures may appear on public pages.")
    lines: tuple[Line, ...] = Field(default=(), alias="line", max_length=32, description="The lines that people are counted across.")
    areas: tuple[Area, ...] = Field(default=(), alias="area", max_length=32, description="The areas in which visits are measured.")

    def missing(self) -> tuple[str, ...]:
        """Return the keys that it still needs before it may count, in the order of the file; none where it may."""
        lacking = [key for key in ("source", "zone_type", "basis", "retention") if getattr(self, key) is None]
        if self.basis is Basis.PUBLIC_SAFETY and self.secondary_use is None:
            lacking.append("secondary_use")
        sign = ["sign"] if self.sign is None else [f"sign.{key}" for key in type(self.sign).model_fields if getattr(self.sign, key) is None]
        return (*lacking, *sign)
