"""The web application of a site: the interface for programs under ``/api/v1``, the public pages, health, and what protects all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from consentry.access.api.controllers import routers as controller_routers
from consentry.access.api.copies import router as copies_router
from consentry.access.api.credentials import routers as credential_routers
from consentry.access.api.events import router as door_events_router
from consentry.access.api.guests import routers as guest_routers
from consentry.access.api.modes import router as door_modes_router
from consentry.access.api.people import routers as door_people_routers
from consentry.access.api.policies import router as door_policy_router
from consentry.access.api.resident_cookies import resident_holder
from consentry.access.api.residents import routers as resident_routers
from consentry.alarms.api import router as alarms_router
from consentry.attribution.api.agencies import routers as agency_routers
from consentry.attribution.api.agent_cookies import agent_holder
from consentry.attribution.api.agent_visits import router as agent_visits_router
from consentry.attribution.api.agents import routers as agent_routers
from consentry.attribution.api.buyers import router as buyers_router
from consentry.attribution.api.deals import routers as deal_routers
from consentry.attribution.api.desk import routers as desk_routers
from consentry.attribution.api.documents import router as documents_router
from consentry.attribution.api.people import router as people_router
from consentry.attribution.api.verdicts import routers as verdict_routers
from consentry.cameras.api import router as cameras_router
from consentry.cli.web_settings import router as settings_router
from consentry.cli.web_site import router as site_router
from consentry.consent.api import routers as consent_routers
from consentry.ledger.api import router as ledger_router
from consentry.platform.http.access import PUBLIC, serve_site
from consentry.platform.http.document import API_ROOT, describe
from consentry.platform.http.health import health_router
from consentry.platform.http.limits import RateLimit
from consentry.platform.http.observation import Observation
from consentry.platform.http.problems import answer_problems
from consentry.platform.http.protection import BodyLimit, KnownHosts, SafeHeaders, SameOrigin
from consentry.platform.http.router import ApiRouter
from consentry.platform.tls.api import install_router
from consentry.portal.page import router as portal_router
from consentry.recognition.api import capture_holder
from consentry.recognition.api import routers as recognition_routers
from consentry.staff.api import authenticate as authenticate_staff
from consentry.staff.api import routers as staff_routers
from consentry.statistics.api import public_router as public_figures_router
from consentry.statistics.api import router as figures_router

if TYPE_CHECKING:
    from collections.abc import Mapping

    from consentry.platform.actors import Actor
    from consentry.platform.http.health import Check
    from consentry.platform.jobs import Jobs
    from consentry.platform.metrics import Metrics
    from consentry.platform.site import Site

__all__ = ["STRANGERS", "build_app", "slice_routers"]

LARGEST_BODY = 2 * 2**20
"""Bytes of the largest request; the settings file, at most a million characters, is the largest thing that is sent."""

STRANGERS = (2.0, 60)
"""Requests a second in the long run, and at once, of an address that has not signed in."""


def slice_routers() -> tuple[ApiRouter, ...]:
    """Return the routers of every slice, served under ``/api/v1``."""
    return (
        site_router,
        figures_router,
        public_figures_router,
        cameras_router,
        alarms_router,
        ledger_router,
        settings_router,
        *guest_routers,
        *resident_routers,
        *agency_routers,
        *agent_routers,
        *deal_routers,
        *verdict_routers,
        agent_visits_router,
        buyers_router,
        *controller_routers,
        door_modes_router,
        door_events_router,
        *desk_routers,
        documents_router,
        people_router,
        *consent_routers,
        copies_router,
        *credential_routers,
        *door_people_routers,
        door_policy_router,
        *recognition_routers,
        *staff_routers,
    )


def authenticate(site: Site, request: Request) -> Actor | None:
    """Return who sends a request: an agent, a resident, staff, a program, or the station whose capture it belongs to; None for a stranger.

    Raises:
        SignInError: ``access.api-key``.
    """
    return agent_holder(site, request) or resident_holder(site, request) or authenticate_staff(site, request) or capture_holder(site, request)


def build_app(site: Site, jobs: Jobs, checks: Mapping[str, Check], metrics: Metrics, strangers: RateLimit | None = None) -> FastAPI:
    """Return the application without the console, which is added last because it answers every path that nothing else does.

    ``checks`` are what ``/readyz`` asks. ``strangers`` limits addresses that have not signed in; by default as ``STRANGERS`` says.
    """
    limit = strangers or RateLimit(*STRANGERS)
    app = FastAPI(openapi_url=None)
    api = _api(site, jobs, limit)
    serve_site(app, site, authenticate, limit)
    answer_problems(app)
    app.include_router(health_router(checks, metrics))
    app.include_router(portal_router)
    app.include_router(install_router)
    app.mount(API_ROOT, api)
    _protect(app, site, metrics)
    return app


def _api(site: Site, jobs: Jobs, limit: RateLimit) -> FastAPI:
    """Return what is mounted at ``/api/v1``: an application of its own, so that its unknown paths are not the console's."""
    api = FastAPI(openapi_url=None)
    serve_site(api, site, authenticate, limit)
    api.state.jobs = jobs
    answer_problems(api)
    for router in (*slice_routers(), _document_router()):
        api.include_router(router)
    return api


def _document_router() -> ApiRouter:
    router = ApiRouter(prefix="", tag="document")

    @router.get("/openapi.json", permission=PUBLIC, include_in_schema=False)
    def read_document(request: Request) -> Response:
        """Return the OpenAPI document."""
        return JSONResponse(describe(request.app))

    return router


def _protect(app: FastAPI, site: Site, metrics: Metrics) -> None:
    """Wrap ``app``; what is added last sees a request first."""
    app.add_middleware(BodyLimit, most=LARGEST_BODY)
    app.add_middleware(SameOrigin)
    app.add_middleware(KnownHosts, names=lambda: site.settings.web.names)
    app.add_middleware(SafeHeaders)
    app.add_middleware(Observation, metrics=metrics)
