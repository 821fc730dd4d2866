"""Whether the web process lives, whether it can work, and its metrics: for supervisors, load balancers and Prometheus."""

from __future__ import annotations

import logging
import secrets
import shutil
from http import HTTPStatus
from typing import TYPE_CHECKING

from fastapi import Request, Response
from pydantic import BaseModel, Field

from consentry.platform.actors import Permission
from consentry.platform.errors import ConsentryError, RecordsError
from consentry.platform.http.access import current_actor
from consentry.platform.http.protection import is_loopback
from consentry.platform.http.records import RepeatRow
from consentry.platform.http.router import PUBLIC, ApiRouter, SiteDep
from consentry.platform.migrations.run import check_current

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from consentry.platform.metrics import Metrics
    from consentry.platform.site import Site

    Check = Callable[[Site], object]

__all__ = ["LEAST_FREE_BYTES", "Life", "Readiness", "check_database", "check_disk", "health_router"]

LEAST_FREE_BYTES = 200 * 2**20
"""Room on the disk below which the site is no longer ready: SQLite needs some to write at all."""

PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"

log = logging.getLogger(__name__)


class Life(BaseModel):
    """That the process answers."""

    status: str = Field(description="ok")


class Readiness(BaseModel):
    """Whether the site can work."""

    ready: bool = Field(description="Whether every check passed.")
    checks: dict[str, bool] = Field(description="Each check by its name. Why one failed stands in the log.")


def check_database(site: Site) -> None:
    """Pass where the tables are of this release and a row can be written; it is taken back.

    Raises:
        RecordsError: What keeps the database from it.
    """
    check_current(site.database)
    with site.database.transaction() as session:
        session.add(RepeatRow(key=secrets.token_bytes(32), request=bytes(32), begun=site.clock.now()))
        session.flush()
        session.rollback()


def check_disk(site: Site) -> None:
    """Pass where the disk of the records has room.

    Raises:
        RecordsError: ``records.disk-low``.
    """
    folder = site.store.places.data
    free = shutil.disk_usage(folder).free
    if free < LEAST_FREE_BYTES:
        raise RecordsError("records.disk-low", str(folder), f"its disk has {free // 2**20} MiB left", "Make room on the disk.")


def health_router(checks: Mapping[str, Check], metrics: Metrics) -> ApiRouter:
    """Return the routes ``/healthz``, ``/readyz`` and ``/metrics``. A check raises a ``ConsentryError`` where it does not pass."""
    router = ApiRouter(prefix="", tag="health")

    @router.get("/healthz", permission=PUBLIC)
    def process_lives() -> Life:
        """Say that the process answers."""
        return Life(status="ok")

    @router.get("/readyz", permission=PUBLIC, responses={HTTPStatus.SERVICE_UNAVAILABLE.value: {"model": Readiness}})
    def site_ready(site: SiteDep, response: Response) -> Readiness:
        """Say whether the site can work: 200, or 503 and which check failed."""
        passed = {name: _passes(name, check, site) for name, check in checks.items()}
        ready = all(passed.values())
        response.status_code = HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE
        response.headers["Cache-Control"] = "no-store"
        return Readiness(ready=ready, checks=passed)

    @router.get("/metrics", permission=PUBLIC, response_class=Response)
    def prometheus_metrics(request: Request) -> Response:
        """Return the metrics to programs of this machine, and to others that hold an API key with view-cameras."""
        if not _is_from_here(request):
            current_actor(request).require(Permission.VIEW_CAMERAS)
        return Response(metrics.text(), media_type=PROMETHEUS, headers={"Cache-Control": "no-store"})

    return router


def _passes(name: str, check: Check, site: Site) -> bool:
    try:
        check(site)
    except ConsentryError as error:
        log.warning("not ready (%s): %s", name, error)
        return False
    return True


def _is_from_here(request: Request) -> bool:
    """Return whether a program of this machine asks for this machine by name; a proxy here passes on the name that others asked for."""
    return request.client is not None and is_loopback(request.client.host) and is_loopback(request.url.hostname or "")
