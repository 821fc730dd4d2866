"""``/figures``: charts and tables of what was counted. ``/public/figures``: what everybody may see of it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from fastapi import Query as QueryParam
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from consentry.counting.folds import IntervalState
from consentry.platform.actors import Permission
from consentry.platform.http.router import PUBLIC, ActorDep, ApiRouter, SiteDep
from consentry.platform.http.times import Day, Instant
from consentry.statistics import service
from consentry.statistics.model import BandSource, LinePlace, Query, Step

__all__ = ["public_router", "router"]

router = ApiRouter(prefix="/figures", tag="figures")
public_router = ApiRouter(prefix="/public/figures", tag="public")

_LINE = r"^[a-z0-9-]{1,40}/[a-z0-9-]{1,40}$"

Start = Annotated[Instant, QueryParam(description="From when on, with its zone: 2026-03-01T00:00:00+08:00.")]
End = Annotated[Instant, QueryParam(description="Until before when; figures after now are not given.")]
LineName = Annotated[str, Field(pattern=_LINE)]
Lines = Annotated[list[LineName], QueryParam(alias="line", max_length=200, description="Lines as camera/line; without any, the entrances of the site.")]
CameraName = Annotated[str, QueryParam(max_length=40, description="The id of a camera.")]
AreaName = Annotated[str, QueryParam(max_length=40, description="The id of one of its areas.")]


class StepName(StrEnum):
    """How long a bar is. Hours and days are those of the site's zone."""

    MINUTE = "minute"
    QUARTER = "quarter"
    HOUR = "hour"
    DAY = "day"


class _Out(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class FigureOut(_Out):
    """A counted number, and the band in which the true number lies."""

    value: int
    low: int
    high: int


class BarOut(_Out):
    """One interval. Zero, missing, closed and imputed are four things: figures are null where nobody watched or the site was closed."""

    start: datetime
    minutes: int
    state: IntervalState
    coverage: float = Field(description="The share of the interval that was watched, 0 to 1.")
    entered: FigureOut | None
    left: FigureOut | None
    groups_in: FigureOut | None
    groups_out: FigureOut | None
    suppressed: bool = Field(description="Whether numbers are withheld because they could tell of single people.")


class BandOut(_Out):
    """The 95 % interval of the counting error, in per cent of the true number."""

    low: float
    high: float
    source: BandSource = Field(description="measured: at these lines; benchmark: of the detector, on clips with known truth.")


LineText = Annotated[str, BeforeValidator(str)]


class SeriesOut(_Out):
    """Bars in order of time, and their sum."""

    step: Annotated[StepName, BeforeValidator(lambda step: StepName[step.name])]
    zone: str = Field(description="The time zone of hours and days.")
    lines: list[LineText]
    band: BandOut
    bars: list[BarOut]
    total: BarOut


class OccupancyPointOut(_Out):
    """People inside at the end of a quarter of an hour."""

    start: datetime
    minutes: int
    state: IntervalState
    inside: int | None
    drift: int = Field(description="By how much occupancy would have fallen below zero since the last reset: people missed on their way in.")


class OccupancyOut(_Out):
    """Occupancy in order of time."""

    lines: list[LineText]
    points: list[OccupancyPointOut]
    resets: list[datetime] = Field(description="When it was set to zero.")


class LineTodayOut(_Out):
    """A line since midnight."""

    place: LineText
    state: IntervalState
    coverage: float
    entered: FigureOut | None
    left: FigureOut | None
    quarters: list[int | None] = Field(description="People in by quarter of an hour since midnight.")


class OverviewOut(_Out):
    """The site since midnight."""

    day: datetime
    total: BarOut
    inside: int | None
    drift: int
    lines: list[LineTodayOut]


class DwellOut(_Out):
    """How long visits of an area lasted; counts are null below the least number of visits that may be shown."""

    camera: str
    area: str
    visits: int | None
    buckets: list[int] = Field(description="Upper ends in seconds; counts have one more, for everything longer.")
    counts: list[int] | None
    p50: float | None
    p90: float | None


class HeatOut(_Out):
    """Seconds of presence per cell, row by row; null where so few people came that it could be one person's way."""

    camera: str
    hours: int
    seconds: Annotated[list[list[int]] | None, BeforeValidator(lambda grid: None if grid is None else grid.tolist())]


@router.get("/footfall", permission=Permission.VIEW_FIGURES)
def read_footfall(site: SiteDep, actor: ActorDep, start: Start, end: End, step: StepName = StepName.HOUR, lines: Lines = []) -> SeriesOut:  # noqa: B006, PLR0913, PLR0917 - query parameters; FastAPI copies defaults
    """Return how many people crossed lines, bar by bar."""
    return SeriesOut.model_validate(service.footfall(site, actor, _query(start, end, step, lines)))


@router.get("/footfall.csv", permission=Permission.EXPORT_FIGURES, response_class=StreamingResponse, responses={200: {"content": {"text/csv": {}}}})
def export_footfall(site: SiteDep, actor: ActorDep, start: Start, end: End, step: StepName = StepName.HOUR, lines: Lines = []) -> StreamingResponse:  # noqa: B006, PLR0913, PLR0917 - as above
    """Return a table of any length, a row for each bar of each line; the ledger keeps who took it."""
    rows = service.export_csv(site, actor, _query(start, end, step, lines))
    name = f"footfall-{start.date()}-{end.date()}.csv"
    return StreamingResponse(rows, media_type="text/csv; charset=utf-8", headers={"Content-Disposition": f'attachment; filename="{name}"'})


@router.get("/occupancy", permission=Permission.VIEW_FIGURES)
def read_occupancy(site: SiteDep, actor: ActorDep, start: Start, end: End) -> OccupancyOut:
    """Return how many people were inside, by quarter of an hour, counted from the daily reset."""
    return OccupancyOut.model_validate(service.occupancy(site, actor, start, end))


@router.get("/overview", permission=Permission.VIEW_FIGURES)
def read_overview(site: SiteDep, actor: ActorDep) -> OverviewOut:
    """Return the site since midnight, and each line of it."""
    return OverviewOut.model_validate(service.overview(site, actor))


@router.get("/dwell", permission=Permission.VIEW_FIGURES)
def read_dwell(site: SiteDep, actor: ActorDep, camera: CameraName, area: AreaName, start: Start, end: End) -> DwellOut:  # noqa: PLR0913, PLR0917 - query parameters
    """Return how long visits of an area lasted, for full hours."""
    return DwellOut.model_validate(service.dwell(site, actor, camera, area, start, end))


@router.get("/heat", permission=Permission.VIEW_FIGURES)
def read_heat(site: SiteDep, actor: ActorDep, camera: CameraName, start: Start, end: End) -> HeatOut:
    """Return where people stood, for full hours."""
    return HeatOut.model_validate(service.heat(site, actor, camera, start, end))


@public_router.get("/footfall", permission=PUBLIC)
def read_public_footfall(site: SiteDep, day: Day) -> SeriesOut:
    """Return a day of the entrances by full hours that are over; numbers below five are withheld."""
    return SeriesOut.model_validate(service.public_footfall(site, day))


def _query(start: datetime, end: datetime, step: StepName, lines: list[str]) -> Query:
    return Query(start, end, Step[step.name], tuple(LinePlace(*line.split("/")) for line in lines))
