"""Deny by default: every route names its permission, and admits nobody who lacks it (the console's pages and events: test_walk_console.py)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.routing import Mount

from consentry.cli.web_app import slice_routers
from consentry.platform.actors import Permission
from consentry.platform.http.access import PUBLIC
from consentry.platform.http.router import GuardedRoute
from consentry.staff.rules import KEY_SCOPES
from tests.api.client import Client

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    import httpx
    from starlette.routing import BaseRoute

FOR_ANYONE = {
    "GET /",
    "GET /api/v1/openapi.json",
    "GET /api/v1/public/ledger/checkpoint",
    "GET /api/v1/public/ledger/key",
    "GET /api/v1/public/site",
    # What a telephone reads and decides; what it learns of a person needs the secret of a receipt.
    "GET /api/v1/public/notices/{purpose}",
    *(
        f"POST /api/v1/public/{name}"
        for name in ("consents", "copies", "lost-receipts", "prompts", "receipts", "refusals", "request-states", "requests", "restored-consents")
    ),
    # The station's signature, a ticket, a code shown by staff or the secret of a receipt is the credential.
    "DELETE /api/v1/public/captures/{ticket}",
    "POST /api/v1/public/captures/{ticket}/frames",
    "POST /api/v1/public/erasure-certificates",
    "POST /api/v1/public/stations/pairing",
    "POST /api/v1/public/stations/{station}/tickets",
    "POST /api/v1/public/withdrawals",
    "GET /api/v1/public/figures/footfall",
    "GET /check",
    "GET /healthz",
    "GET /install-ca",
    "GET /install-ca/{name}",
    "GET /metrics",  # this machine, or an API key: tests/platform/http/test_health.py
    "GET /notice",
    "GET /portal/{version}/{name}",
    "POST /kiosk/{station}/picture",
    "GET /readyz",
    "POST /api/v1/public/agent-invitation",
    "POST /api/v1/public/agent-invitation/acceptance",
    "POST /api/v1/public/agent-session",
    "POST /api/v1/public/invitation",
    "POST /api/v1/public/invitation/acceptance",
    "POST /api/v1/public/session",
    "POST /api/v1/public/session/second-factor",
    "POST /api/v1/public/session/security-key",
    # Pages on which anybody may read, decide, withdraw and ask; what they show of a person needs the secret of a receipt.
    "GET /consent/{purpose}",
    "GET /consent/{purpose}/notice",
    "GET /consent/{purpose}/young",
    "POST /consent/{purpose}",
    "GET /kiosk/{station}",
    "GET /kiosk/{station}/agree/{purpose}",
    "GET /kiosk/{station}/agree/{purpose}/guardian",
    "GET /kiosk/{station}/agree/{purpose}/notice",
    "GET /kiosk/{station}/agree/{purpose}/young",
    "POST /kiosk/{station}/agree/{purpose}",
    "POST /kiosk/{station}/agree/{purpose}/guardian",
    "GET /kiosk/{station}/recognise/{purpose}",
    "GET /kiosk/{station}/resume",
    "POST /kiosk/{station}/resume",
    "GET /withdraw",
    "POST /withdraw",
    "GET /lost",
    "POST /lost",
    "GET /found",
    "POST /found",
    "GET /rights",
    "POST /rights",
    "GET /rights/answer",
    "POST /rights/answer",
    "GET /receipt",
    "POST /receipt",
    "POST /erased",
    "GET /kiosk/{station}/withdraw",
    "POST /kiosk/{station}/withdraw",
    "GET /kiosk/{station}/lost",
    "POST /kiosk/{station}/lost",
    "GET /kiosk/{station}/found",
    "POST /kiosk/{station}/found",
    "GET /kiosk/{station}/rights",
    "POST /kiosk/{station}/rights",
    "GET /kiosk/{station}/rights/answer",
    "POST /kiosk/{station}/rights/answer",
    "GET /kiosk/{station}/receipt",
    "POST /kiosk/{station}/receipt",
    "POST /kiosk/{station}/erased",
    # The front desk's page is empty until its device, whose signature is the credential, has shown who it is.
    "GET /desk",
    "GET /desk/{desk}",
    "GET /desk-worker.js",
    "GET /api/v1/public/desk/{desk}",
    "GET /api/v1/public/desk/{desk}/seal",
    *(f"POST /api/v1/public/desk/{name}" for name in ("pairing", "{desk}/arrivals", "{desk}/expected")),
    # What concerns a visitor of a sales office needs the secret of the visit's receipt.
    *(f"POST /api/v1/public/buyers/{name}" for name in ("answer", "claim", "copy", "receipts", "request", "statement", "verdicts")),
    *(f"POST /api/v1/public/buyers/verdicts/{{deal}}/{name}" for name in ("appeals", "bundle")),
    "GET /buyer",
    "POST /buyer",
    *(f"POST /buyer/{name}" for name in ("answer", "appeal", "bundle", "copy", "request", "statement")),
    # How agents sign in, and the script that sees a telephone number, for everybody to compare.
    *(f"GET /agent/{name}" for name in ("offline", "offline.sha256", "offline/file", "sign-in", "welcome")),
    *(f"POST /agent/{name}" for name in ("sign-in", "welcome", "welcome/passphrase")),
    # A controller's code or signature, or the ticket of an accepted capture, is the credential; which ways at a door work is for whoever stands there.
    *(f"POST /api/v1/public/controllers/{name}" for name in ("pair", "{controller}/sync")),
    "GET /api/v1/public/doors/{door}/ways",
    "POST /api/v1/public/doors/{door}/admissions",
    "GET /door/{door}/face",  # leads on only to what the door's controller vouched for
    # How residents sign in, the empty page of the pass that lies on their telephone, and a guest's code, which needs the secret of the link.
    *(f"GET /resident{name}" for name in ("/phone", "/sign-in", "/welcome", "-worker.js")),
    *(f"POST /resident/{name}" for name in ("sign-in", "welcome", "welcome/passphrase")),
    *(f"POST /api/v1/public/{name}" for name in ("guest-code", "resident-invitation", "resident-invitation/acceptance", "resident-session")),
    "GET /guest",
    "POST /guest",
}
"""Everything that answers without sign-in. A route is added here by a person who has thought about it, and in no other way."""


def walk(routes: Sequence[BaseRoute], prefix: str = "") -> Iterator[tuple[str, BaseRoute]]:
    """Yield ``METHOD path`` and the route for all routes, also those of applications that are mounted."""
    for found in iter_route_contexts(routes):
        if isinstance(found.original_route, Mount):
            inner = list(walk(found.original_route.routes, prefix + found.original_route.path))
            yield from inner or [(f"any {prefix}{found.original_route.path}", found.original_route)]
        else:
            for method in sorted(found.methods or {"any"}):
                yield f"{method} {prefix}{found.path}", found.original_route


def closed_routes() -> list[tuple[str, Permission]]:
    api = FastAPI(openapi_url=None)
    for router in slice_routers():
        api.include_router(router)
    found = [(name, route.access) for name, route in walk(api.routes, "/api/v1") if isinstance(route, GuardedRoute)]
    return [(name, access) for name, access in found if access is not PUBLIC]


CLOSED = closed_routes()
each = pytest.mark.parametrize(("name", "permission"), CLOSED, ids=[name for name, _ in CLOSED])


OUTSIDE = {"agent": Permission.REPORT_VISITORS, "resident": Permission.LIVE_HERE}


def is_page_outside(name: str, kinds: str = "|".join(OUTSIDE)) -> bool:
    """Return whether a route is a page of people who have an account and are no staff."""
    return re.fullmatch(rf"(GET|POST) /({kinds})(/.*)?", name) is not None


def ask(app: FastAPI, name: str, headers: dict[str, str]) -> int:
    return sent(app, name, headers).status_code


def sent(app: FastAPI, name: str, headers: dict[str, str]) -> httpx.Response:
    method, _, path = name.partition(" ")
    return Client(app, headers).send(method, path.replace("{", "").replace("}", ""))


def test_every_route_names_its_permission(app: FastAPI) -> None:
    nameless = [name for name, route in walk(app.routes) if not isinstance(route, GuardedRoute)]
    assert nameless == []


def test_what_anyone_may_ask_is_a_short_list(app: FastAPI) -> None:
    public = {name for name, route in walk(app.routes) if isinstance(route, GuardedRoute) and route.access is PUBLIC}
    assert public == FOR_ANYONE


def test_the_walk_sees_the_routes_that_are_tried_below(app: FastAPI) -> None:
    walked = {name: route.access for name, route in walk(app.routes) if isinstance(route, GuardedRoute)}
    closed = {name: access for name, access in walked.items() if access is not PUBLIC}
    assert {name: access for name, access in closed.items() if not is_page_outside(name)} == dict(CLOSED)
    assert len(CLOSED) > 40


@pytest.mark.parametrize("kind", OUTSIDE)
def test_a_page_of_agents_or_residents_leads_a_stranger_to_their_sign_in(app: FastAPI, kind: str) -> None:
    guarded = [(name, route) for name, route in walk(app.routes) if isinstance(route, GuardedRoute)]
    pages = {name: route.access for name, route in guarded if route.access is not PUBLIC and is_page_outside(name, kind)}
    assert len(pages) > 10
    assert set(pages.values()) == {OUTSIDE[kind]}
    for name in pages:
        answer = sent(app, name, {})
        assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, f"/{kind}/sign-in"), name


@each
def test_nobody_passes_without_sign_in(app: FastAPI, name: str, permission: Permission) -> None:  # noqa: ARG001 - one table for both tests
    assert ask(app, name, {}) == 401


@each
def test_nobody_passes_without_the_permission(
    app: FastAPI, key_for: Callable[[Iterable[Permission]], dict[str, str]], name: str, permission: Permission
) -> None:
    """The key holds every permission that a key can hold, but this one."""
    assert ask(app, name, key_for(KEY_SCOPES - {permission})) == 403


def test_a_route_past_the_router_would_be_seen(app: FastAPI) -> None:
    other = FastAPI()
    other.mount("/inner", app)
    other.add_api_route("/forgotten", lambda: None)
    assert [name for name, route in walk(other.routes) if not isinstance(route, GuardedRoute)][-1] == "GET /forgotten"
