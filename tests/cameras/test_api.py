from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest
from fastapi import FastAPI

from consentry.cameras import service
from consentry.cameras.api import router
from consentry.cameras.intake import Intake
from consentry.cameras.model import Still
from consentry.cameras.stills import Stills
from consentry.platform.actors import Actor, ActorKind, Permission
from consentry.platform.http.access import serve_site
from consentry.platform.http.limits import RateLimit
from consentry.platform.http.problems import answer_problems
from tests.cameras.sites import MINUTE, NOON, from_camera, health, minute, started
from tests.staff.browser import Browser

if TYPE_CHECKING:
    from fastapi import Request

    from consentry.platform.site import Site

WHO = Actor(ActorKind.STAFF, "s1", frozenset(Permission))
LINE = {"id": "main", "name": {"zh": "Main door", "en": "Main door"}, "start": [100, 400], "end": [500, 400], "staff_only": False, "entrance": True}


def anyone(_: Site, __: Request) -> Actor | None:
    return WHO


@pytest.fixture
def client(site: Site) -> Browser:
    Intake(site, Stills()).take(from_camera(started("r1", NOON), minute("r1", NOON), minute("r1", NOON + 2 * MINUTE), health("r1", NOON)))
    app = FastAPI()
    answer_problems(app)
    serve_site(app, site, anyone, RateLimit(per_second=1, burst=20))
    app.include_router(router, prefix="/api/v1")
    return Browser(app, "http://127.0.0.1")


class FakeConnection:
    """A supervisor that takes every request."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []

    def ask_reload(self) -> None:
        self.asked.append(("reload",))

    def ask_restart(self, camera: str) -> None:
        self.asked.append(("restart", camera))


@pytest.fixture
def supervisor(monkeypatch: pytest.MonkeyPatch) -> FakeConnection:
    connection = FakeConnection()
    monkeypatch.setattr(service, "connection_of", lambda _: connection)
    return connection


def test_cameras_are_listed_with_what_is_missing(client: Browser) -> None:
    door, aisle = client.get("/cameras").json()
    assert (door["id"], door["source"], door["health"]["state"], door["missing"]) == ("door", "rtsp://viewer:***@camera.lan/1", "live", [])
    assert (door["retention"], door["sign"]["placed_on"]) == ("P90D", "2026-01-05")
    assert (aisle["health"]["state"], aisle["missing"]) == ("incomplete", ["zone_type", "basis", "retention", "sign"])
    assert client.get("/cameras/door").json() == door
    assert client.get("/cameras/door/health").json() == door["health"]


def test_gaps_are_listed_and_instants_without_a_zone_refused(client: Browser) -> None:
    (gap,) = client.get("/cameras/door/gaps").json()
    assert (gap["start"], gap["end"], gap["cause"]) == ("2026-03-01T12:01:00Z", "2026-03-01T12:02:00Z", "figures-lost")
    assert client.get("/cameras/door/gaps", params={"end": "2026-03-01T12:01:00Z"}).json() == []
    assert client.get("/cameras/door/gaps", params={"end": "2026-03-01T12:01:00"}).status_code == 422


@pytest.mark.parametrize("path", ["", "/health", "/gaps", "/geometry"])
def test_an_unknown_camera_is_a_problem(client: Browser, path: str) -> None:
    answer = client.get(f"/cameras/gar%00den{path}")
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:consentry:error:camera.unknown")


def test_lines_are_changed_by_who_has_seen_them(client: Browser, supervisor: FakeConnection) -> None:
    path = "/cameras/door/geometry"
    read = client.get(path)
    shape = {"lines": [{**LINE, "end": [520, 410]}], "areas": []}
    assert read.json() == {"lines": [LINE], "areas": [], "width": 640, "height": 480}
    assert client.put(path, json=shape).status_code == 422
    assert client.put(path, json=shape, headers={"If-Match": '"stale"'}).status_code == 412
    changed = client.put(path, json=shape, headers={"If-Match": read.headers["ETag"]})
    assert (changed.status_code, changed.json()["lines"][0]["end"]) == (200, [520, 410])
    assert client.get(path).headers["ETag"] == changed.headers["ETag"] != read.headers["ETag"]
    assert client.put(path, json=shape, headers={"If-Match": read.headers["ETag"]}).status_code == 412
    assert supervisor.asked == [("reload",)]


def test_faults_are_told_all_at_once_and_nothing_is_changed(client: Browser) -> None:
    shape = {"lines": [{**LINE, "end": [900, 400]}, LINE], "areas": []}
    found = client.post("/cameras/door/geometry/check", json=shape).json()
    assert [(fault["element"], fault["index"], fault["code"]) for fault in found] == [("main", 0, "line.outside"), ("main", 1, "line.same-name")]
    read = client.get("/cameras/door/geometry")
    refused = client.put("/cameras/door/geometry", json=shape, headers={"If-Match": read.headers["ETag"]})
    assert (refused.status_code, refused.json()["type"]) == (422, "urn:consentry:error:geometry.faults")


@pytest.mark.parametrize("change", [{"start": [1]}, {"start": ["NaN", 1]}, {"id": "x" * 41}, {"name": {"zh": "", "en": "a"}}, {"end": None}])
def test_a_line_that_is_none_is_refused(client: Browser, change: dict[str, Any]) -> None:
    assert client.post("/cameras/door/geometry/check", json={"lines": [{**LINE, **change}], "areas": []}).status_code == 422


def test_a_still_must_not_be_stored_nor_is_it_remembered_for_a_repeated_request(client: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, str]] = []

    def still(_: Site, __: Actor, name: str, reason: str) -> Still:
        asked.append((name, reason))
        return Still(name, NOON, 2, 1, b"abcdef")

    monkeypatch.setattr(service, "request_still", still)
    named = {"Idempotency-Key": "look-0001"}
    answer = client.post("/cameras/door/still", json={"reason": "drawing a line"}, headers=named)
    assert answer.json() == {"at": "2026-03-01T12:00:00Z", "width": 2, "height": 1, "pixels": base64.b64encode(b"abcdef").decode()}
    assert answer.headers["Cache-Control"] == "no-store"
    again = client.post("/cameras/door/still", json={"reason": "drawing a line"}, headers=named)
    assert "Idempotency-Replayed" not in again.headers
    assert asked == [("door", "drawing a line")] * 2
    assert client.post("/cameras/door/still", json={}).status_code == 422


def test_a_restart_is_accepted(client: Browser, supervisor: FakeConnection) -> None:
    assert client.post("/cameras/door/restart", json={"reason": "picture frozen"}).status_code == 202
    assert supervisor.asked == [("restart", "door")]


def test_without_a_supervisor_there_is_a_conflict(client: Browser) -> None:
    answer = client.post("/cameras/door/restart", json={"reason": "picture frozen"})
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:consentry:error:cameras.no-supervisor")
