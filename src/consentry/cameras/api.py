"""``/cameras``: their state and gaps, lines and areas, a pixelated still, starting one anew."""

from __future__ import annotations

import base64
from datetime import date, datetime, timedelta
from http import HTTPStatus
from typing import Annotated

from fastapi import Query, Response
from pydantic import BaseModel, ConfigDict, Field

from consentry.cameras import service
from consentry.cameras.model import AreaDraft, CameraState, GapCause, LineDraft
from consentry.platform.actors import Permission
from consentry.platform.http.etags import IfMatch, demand_match
from consentry.platform.http.router import ActorDep, ApiRouter, SiteDep
from consentry.platform.http.times import Instant

__all__ = ["router"]

router = ApiRouter(prefix="/cameras", tag="cameras")

Number = Annotated[float, Field(allow_inf_nan=False, description="Pixels of the camera's picture.")]
Place = tuple[Number, Number]


class _Out(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class Names(_Out):
    """What people call it."""

    zh: str = Field(min_length=1, max_length=2000)
    en: str = Field(min_length=1, max_length=2000)


class HealthOut(_Out):
    """What was last heard of a camera."""

    state: CameraState
    reason: str = Field(description="Why, in words.")
    since: datetime | None = Field(description="When this state began.")
    heard: datetime | None = Field(description="When it was last confirmed.")
    last_minute: datetime | None = Field(description="Start of the newest minute that was counted.")
    fps: float | None
    lag_ms: float | None
    dropped: int = Field(description="Frames left out to keep up.")
    reconnects: int
    rss_mb: float | None = Field(description="Memory of its process.")


class SignOut(_Out):
    """The record of the sign that tells people of a camera."""

    text: Names | None
    place: str | None
    photo: str | None = Field(description="The file's name.")
    placed_on: date | None


class CameraOut(_Out):
    """A camera."""

    id: str
    name: Names
    source: str | None = Field(description="What it sees, without a password.")
    zone_type: str | None
    basis: str | None = Field(description="On what ground it counts.")
    retention: timedelta | None = Field(description="How long its figures are kept.")
    detector: str
    sign: SignOut | None
    missing: tuple[str, ...] = Field(description="The settings without which it does not start; none where it may.")
    health: HealthOut
    lines: tuple[str, ...]
    areas: tuple[str, ...]


class GapOut(_Out):
    """A time in which nothing was counted."""

    id: str
    start: datetime
    end: datetime | None = Field(description="Absent while it goes on.")
    cause: GapCause
    detail: str


class LineShape(_Out):
    """A directed line: in is from its left bank to its right, seen walking from start to end."""

    id: str = Field(max_length=40)
    name: Names
    start: Place
    end: Place
    staff_only: bool = False
    entrance: bool = True

    def draft(self) -> LineDraft:
        """Return it as the service takes it."""
        return LineDraft(self.id, self.name.model_dump(), self.start, self.end, self.staff_only, self.entrance)


class AreaShape(_Out):
    """An area."""

    id: str = Field(max_length=40)
    name: Names
    corners: tuple[Place, ...] = Field(max_length=64)

    def draft(self) -> AreaDraft:
        """Return it as the service takes it."""
        return AreaDraft(self.id, self.name.model_dump(), self.corners)


class GeometryShape(_Out):
    """Lines and areas of a camera."""

    lines: tuple[LineShape, ...] = Field(max_length=32)
    areas: tuple[AreaShape, ...] = Field(max_length=32)


class GeometryOut(GeometryShape):
    """Lines and areas of a camera, and the size of its picture in pixels where it is known."""

    width: int | None
    height: int | None


class FaultOut(_Out):
    """Why a line or an area cannot count."""

    kind: str = Field(description="line or area.")
    element: str = Field(description="Its id.")
    index: int = Field(description="Its place in what was sent.")
    code: str
    problem: str
    mend: str


class ReasonIn(BaseModel):
    """Why it is done."""

    reason: str = Field(min_length=1, max_length=300, description="Kept in the ledger; it names no person.")


class StillOut(BaseModel):
    """A strongly pixelated picture of what a camera sees now."""

    at: datetime
    width: int = Field(description="Cells in a row.")
    height: int = Field(description="Rows.")
    pixels: str = Field(description="Base64 of RGB, three bytes a cell, row by row.")


@router.get("", permission=Permission.VIEW_CAMERAS)
def list_cameras(site: SiteDep, actor: ActorDep) -> list[CameraOut]:
    """List every camera of the settings with its state."""
    return [CameraOut.model_validate(found) for found in service.list_cameras(site, actor)]


@router.get("/{camera}", permission=Permission.VIEW_CAMERAS)
def read_camera(site: SiteDep, actor: ActorDep, camera: str) -> CameraOut:
    """Return one camera."""
    return CameraOut.model_validate(service.camera(site, actor, camera))


@router.get("/{camera}/health", permission=Permission.VIEW_CAMERAS)
def read_camera_health(site: SiteDep, actor: ActorDep, camera: str) -> HealthOut:
    """Return how a camera is."""
    return HealthOut.model_validate(service.health(site, actor, camera))


@router.get("/{camera}/gaps", permission=Permission.VIEW_CAMERAS)
def list_camera_gaps(  # noqa: PLR0913, PLR0917 - query parameters
    site: SiteDep,
    actor: ActorDep,
    camera: str,
    start: Annotated[Instant | None, Query(description="Gaps that end after this.")] = None,
    end: Annotated[Instant | None, Query(description="Gaps that begin before this.")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 200,
) -> list[GapOut]:
    """List when a camera did not count, newest first. For older ones, ask again with `end` set to the last start."""
    return [GapOut.model_validate(gap) for gap in service.gaps(site, actor, camera, start=start, end=end, limit=limit)]


@router.get("/{camera}/geometry", permission=Permission.VIEW_CAMERAS)
def read_camera_geometry(site: SiteDep, actor: ActorDep, camera: str, response: Response) -> GeometryOut:
    """Return a camera's lines and areas. A change names the ETag in If-Match."""
    found = service.geometry(site, actor, camera)
    response.headers["ETag"] = _tag(found.etag)
    return GeometryOut.model_validate(found)


@router.put("/{camera}/geometry", permission=Permission.EDIT_CAMERAS)
def replace_camera_geometry(  # noqa: PLR0913, PLR0917 - as above
    site: SiteDep, actor: ActorDep, camera: str, body: GeometryShape, read: IfMatch, response: Response
) -> GeometryOut:
    """Put lines and areas in force."""
    before = service.geometry(site, actor, camera)
    demand_match(read, _tag(before.etag), f"the lines and areas of camera {camera!r}")
    drafts = [line.draft() for line in body.lines], [area.draft() for area in body.areas]
    after = service.save_geometry(site, actor, camera, *drafts, etag=before.etag)
    response.headers["ETag"] = _tag(after.etag)
    return GeometryOut.model_validate(after)


@router.post("/{camera}/geometry/check", permission=Permission.EDIT_CAMERAS)
def check_camera_geometry(site: SiteDep, actor: ActorDep, camera: str, body: GeometryShape) -> list[FaultOut]:
    """Return everything for which these lines and areas could not count; none where they can. Nothing is changed."""
    found = service.check_geometry(site, actor, camera, [line.draft() for line in body.lines], [area.draft() for area in body.areas])
    return [FaultOut.model_validate(fault) for fault in found]


@router.post("/{camera}/still", permission=Permission.VIEW_STILL)
def request_camera_still(site: SiteDep, actor: ActorDep, camera: str, body: ReasonIn, response: Response) -> StillOut:
    """Return a strongly pixelated still. The look and its reason are entered in the ledger; the still is written down nowhere."""
    still = service.request_still(site, actor, camera, body.reason)
    response.headers["Cache-Control"] = "no-store"
    return StillOut(at=still.at, width=still.width, height=still.height, pixels=base64.b64encode(still.pixels).decode())


@router.post("/{camera}/restart", permission=Permission.EDIT_CAMERAS, status_code=HTTPStatus.ACCEPTED)
def restart_camera(site: SiteDep, actor: ActorDep, camera: str, body: ReasonIn) -> None:
    """Start a camera's process anew."""
    service.restart(site, actor, camera, body.reason)


def _tag(etag: str) -> str:
    return f'"{etag}"'
