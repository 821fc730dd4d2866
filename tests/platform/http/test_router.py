"""Routes say who may call them, and admit nobody else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from consentry.platform.actors import Permission
from consentry.platform.http.problems import MEDIA_TYPE
from consentry.platform.http.router import PUBLIC, ActorDep, ApiRouter, GuardedRoute
from tests.api.client import Client
from tests.platform.http.conftest import WHO

if TYPE_CHECKING:
    from fastapi import FastAPI


def ping() -> dict[str, str]:
    return {"answer": "pong"}


def who(actor: ActorDep) -> dict[str, str]:
    return {"actor": actor.id}


@pytest.fixture
def served(app: FastAPI) -> FastAPI:
    router = ApiRouter(prefix="/things", tag="things")
    router.get("/open", permission=PUBLIC)(ping)
    router.get("/closed", permission=Permission.VIEW_CAMERAS)(who)
    router.post("/closed", permission=Permission.EDIT_CAMERAS)(ping)
    router.get("/nobody", permission=PUBLIC)(who)
    app.include_router(router)
    return app


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
def test_a_route_without_a_permission_is_refused_when_it_is_declared(method: str) -> None:
    router = ApiRouter(prefix="/things", tag="things")
    with pytest.raises(TypeError, match="permission"):
        getattr(router, method)("/open")(ping)


def test_a_route_declared_past_the_short_ways_is_refused_too() -> None:
    router = ApiRouter(prefix="/things", tag="things")
    with pytest.raises(TypeError, match="names its permission"):
        router.add_api_route("/open", ping)
    with pytest.raises(TypeError, match="names its permission"):
        router.api_route("/open", methods=["GET"])(ping)


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
def test_every_way_to_declare_a_route_keeps_its_permission(method: str) -> None:
    router = ApiRouter(prefix="/things", tag="things")
    getattr(router, method)("/closed", permission=Permission.EDIT_CAMERAS)(ping)
    (route,) = router.routes
    assert isinstance(route, GuardedRoute)
    assert (route.access, route.methods) == (Permission.EDIT_CAMERAS, {method.upper()})


@pytest.mark.parametrize(
    ("method", "path", "caller", "status"),
    [
        ("GET", "/things/open", None, 200),
        ("GET", "/things/open", "nothing", 200),
        ("GET", "/things/open", "wrong", 401),
        ("GET", "/things/closed", None, 401),
        ("GET", "/things/closed", "wrong", 401),
        ("GET", "/things/closed", "nothing", 403),
        ("GET", "/things/closed", "edit-cameras", 403),
        ("GET", "/things/closed", "view-cameras", 200),
        ("POST", "/things/closed", "view-cameras", 403),
        ("POST", "/things/closed", "edit-cameras", 200),
        ("GET", "/things/nobody", None, 401),
    ],
)
def test_who_gets_what(served: FastAPI, method: str, path: str, caller: str | None, status: int) -> None:
    answer = Client(served, {WHO: caller} if caller else {}).send(method, path)
    assert answer.status_code == status
    assert (answer.headers["content-type"] == MEDIA_TYPE) == (status >= 400)


def test_a_route_receives_who_asks(served: FastAPI) -> None:
    assert Client(served, {WHO: "view-cameras"}).get("/things/closed").json() == {"actor": "view-cameras"}


def test_nobody_is_admitted_by_a_body_that_cannot_be_read(served: FastAPI) -> None:
    answer = Client(served).post("/things/closed", content=b"{", headers={"Content-Type": "application/json"})
    assert answer.status_code == 401


def test_an_address_without_sign_in_is_slowed_down_and_one_with_it_is_not(served: FastAPI) -> None:
    stranger = Client(served)
    assert [stranger.get("/things/open").status_code for _ in range(20)] == [200] * 20
    slowed = stranger.get("/things/open")
    assert (slowed.status_code, slowed.headers["retry-after"]) == (429, "100")
    assert Client(served, address="192.0.2.8").get("/things/open").status_code == 200
    assert Client(served, {WHO: "view-cameras"}).get("/things/closed").status_code == 200


def test_wrong_credentials_are_slowed_down_as_well(served: FastAPI) -> None:
    guesser = Client(served, {WHO: "wrong"})
    assert [guesser.get("/things/closed").status_code for _ in range(21)] == [401] * 20 + [429]
