"""Routes about the site as a whole: what anyone may know of it, what readers of figures need, what it does by itself."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from fastapi import Request
from pydantic import BaseModel, Field

from consentry import __version__
from consentry.platform.actors import Permission
from consentry.platform.http.router import PUBLIC, ApiRouter, SiteDep

if TYPE_CHECKING:
    from consentry.platform.jobs import Jobs
    from consentry.platform.settings.model import Settings, Text

__all__ = ["router"]

router = ApiRouter(prefix="", tag="site")


class Words(BaseModel):
    """A text in both languages."""

    zh: str
    en: str


class PublicSite(BaseModel):
    """What anyone may know: who counts here, and what counting does not do (R13)."""

    id: str
    name: Words
    controller: Words = Field(description="Who decides on the processing and answers for it.")
    contact: str = Field(description="How to reach the controller.")
    purpose: str = Field(description="What the cameras are for.")
    faces: bool = Field(description="Whether there are stations at which those who agreed are recognised, after they activate one.")
    pictures_kept: bool = Field(description="Whether pictures are kept.")
    retention_days: int = Field(description="How many days figures are kept at most.")


class SiteInfo(BaseModel):
    """What a reader of figures needs to know of the site."""

    id: str
    name: Words
    version: str = Field(description="The release that runs.")
    zone: str = Field(description="The IANA time zone in which days begin.")
    languages: list[str]
    occupancy_reset: str = Field(description="The time of day, HH:MM, at which the number of people inside is set to zero.")
    now: datetime


class JobReport(BaseModel):
    """How something fares that the site does by itself."""

    name: str
    every_s: float
    started: datetime | None = Field(description="When it last began.")
    succeeded: datetime | None = Field(description="When it last succeeded.")
    error: str | None = Field(description="What its last run failed with.")
    failures: int = Field(description="Runs that failed since start.")
    lag_s: float = Field(description="Seconds that its next success is later than planned.")


@router.get("/public/site", permission=PUBLIC)
def read_public_site(site: SiteDep) -> PublicSite:
    """Say who counts people here, and how."""
    settings = site.settings
    return PublicSite(
        id=settings.site.id,
        name=_words(settings.site.name),
        controller=_words(settings.site.controller),
        contact=settings.site.contact,
        purpose="counting",
        faces=bool(settings.stations),
        pictures_kept=False,
        retention_days=_longest_retention(settings).days,
    )


@router.get("/site", permission=Permission.VIEW_FIGURES)
def read_site(site: SiteDep) -> SiteInfo:
    """Return what a reader of figures needs to know of the site."""
    own = site.settings.site
    return SiteInfo(
        id=own.id,
        name=_words(own.name),
        version=__version__,
        zone=own.zone,
        languages=list(own.languages),
        occupancy_reset=f"{own.occupancy_reset // 60:02d}:{own.occupancy_reset % 60:02d}",
        now=site.clock.now(),
    )


@router.get("/jobs", permission=Permission.VIEW_ALARMS)
def list_jobs(request: Request) -> list[JobReport]:
    """Return what the site does by itself, and how that fares."""
    jobs: Jobs = request.app.state.jobs
    lags = jobs.lags_s()
    return [
        JobReport(
            name=state.name,
            every_s=state.every.total_seconds(),
            started=state.started,
            succeeded=state.succeeded,
            error=state.error,
            failures=state.failures,
            lag_s=lags[state.name],
        )
        for state in jobs.states()
    ]


def _words(text: Text) -> Words:
    return Words(zh=text.zh, en=text.en)


def _longest_retention(settings: Settings) -> timedelta:
    """Return how long figures are kept at most, of any camera."""
    return max((camera.retention for camera in settings.cameras if camera.retention), default=settings.retention.figures)
