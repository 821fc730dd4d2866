"""The routes of controllers, events and modes: devices whose signature is their credential, staff, strangers."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI

from consentry.access.api.controllers import routers as controller_routers
from consentry.access.api.events import router as events_router
from consentry.access.api.modes import router as modes_router
from consentry.cli.web_app import slice_routers
from consentry.cli.web_jobs import site_jobs
from consentry.platform.http.access import PUBLIC, serve_site
from consentry.platform.http.limits import RateLimit
from consentry.platform.http.problems import answer_problems
from consentry.platform.http.router import GuardedRoute
from tests.access.events.lodge import FIRST, GUARD, NINE, NOBODY, SECOND_PERSON, Controller
from tests.api.client import Client

if TYPE_CHECKING:
    from consentry.platform.actors import Actor
    from tests.access.events.lodge import Lodge

MINE = (*controller_routers, modes_router, events_router)
UNLIMITED = RateLimit(1e6, 1_000_000)


def client(lodge: Lodge, actor: Actor | None = None, strangers: RateLimit = UNLIMITED) -> Client:
    app = FastAPI()
    serve_site(app, lodge.site, lambda _site, _request: actor, strangers)
    answer_problems(app)
    for router in MINE:
        app.include_router(router)
    return Client(app)


def code_of(answer: Any) -> str:  # noqa: ANN401 - a response
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return str(answer.json()["type"]).removeprefix("urn:consentry:error:")


def test_they_are_served_by_the_application_and_their_jobs_run() -> None:
    served = slice_routers()
    assert all(any(router is mine for router in served) for mine in MINE)
    names = {job.name for job in site_jobs(None, dict)}
    assert {"access-alarms", "access-readiness", "access-parity", "retention-door-events", "retention-door-devices"} <= names


def test_only_devices_ask_without_signing_in() -> None:
    routes = [route for router in MINE for route in router.routes if isinstance(route, GuardedRoute)]
    assert {route.path for route in routes if route.access is PUBLIC} == {
        "/public/controllers/pair",
        "/public/controllers/{controller}/sync",
        "/public/doors/{door}/ways",
        "/public/doors/{door}/admissions",
    }


def test_whoever_guesses_codes_has_as_many_tries_as_any_stranger(lodge: Lodge) -> None:
    key = base64.b64encode(bytes(range(32))).decode()
    stranger, guess = client(lodge, strangers=RateLimit(2.0, 3, now=lambda: 0.0)), {"signing_key": key, "exchange_key": key, "code": "2345678923"}
    answers = [stranger.post("/public/controllers/pair", json=guess) for _ in range(4)]
    assert [code_of(answer) for answer in answers] == ["controller.code"] * 3 + ["access.too-many-requests"]


def test_a_device_is_paired_and_reports_over_http(lodge: Lodge) -> None:
    staff, device = client(lodge, FIRST), Controller(lodge.site)
    code = staff.post("/doors/controllers/main/pairing-code").json()["code"]
    keys = {
        "signing_key": base64.b64encode(device.key.public_key().public_bytes_raw()).decode(),
        "exchange_key": base64.b64encode(device.exchange.public_key().public_bytes_raw()).decode(),
    }
    stranger = client(lodge)
    assert code_of(stranger.post("/public/controllers/pair", json={**keys, "code": code, "signing_key": "AAAA"})) == "controller.key"
    paired = stranger.post("/public/controllers/pair", json={**keys, "code": code})
    assert paired.status_code == 200, paired.text
    assert paired.headers["cache-control"] == "no-store"
    assert set(paired.json()) == {"controller", "site", "snapshot_key", "secret", "server_time"}
    device.grant("li")
    said = device.signed()
    answer = stranger.post("/public/controllers/main/sync", json={"text": said.text, "signature": said.signature})
    assert answer.status_code == 200, answer.text
    assert (answer.json()["acknowledged"], bool(answer.json()["snapshot"])) == (1, True)
    assert code_of(stranger.post("/public/controllers/main/sync", json={"text": said.text, "signature": "AAAA"})) == "controller.signature"
    assert [one["paired"] is not None for one in staff.get("/doors/controllers").json()] == [False, True]
    assert staff.send("DELETE", "/doors/controllers/main/pairing", params={"reason": "stolen"}).status_code == 204
    assert code_of(stranger.post("/public/controllers/main/sync", json={"text": said.text, "signature": said.signature})) == "controller.signature"


def test_events_come_in_pages_and_as_they_happen(lodge: Lodge, main: Controller) -> None:
    for number in range(3):
        main.grant(f"p{number}")
    main.send()
    guard = client(lodge, GUARD)
    page = guard.get("/doors/events", params={"limit": 2}).json()
    rest = guard.get("/doors/events", params={"limit": 2, "cursor": page["next"]}).json()
    assert [one["person"] for one in (*page["items"], *rest["items"])] == ["p2", "p1", "p0"]
    assert rest["next"] is None
    assert [one["person"] for one in guard.get("/doors/events/live", params={"after": page["items"][1]["id"]}).json()] == ["p2"]
    assert guard.get("/doors/events", params={"kind": "denied-passback"}).json()["items"] == []
    assert guard.get("/doors/events", params={"kind": "mood"}).status_code == 422
    assert [one["door"] for one in guard.get("/doors").json()] == ["front", "hall", "out", "gate"]


def test_a_mode_takes_two_people(lodge: Lodge) -> None:
    first, second = client(lodge, FIRST), client(lodge, SECOND_PERSON)
    proposed = first.post("/doors/modes", json={"mode": "lockdown", "area": "inside", "reason": "intruder in the yard"}).json()
    assert proposed["doors"] == ["front"]
    assert code_of(first.post(f"/doors/modes/{proposed['id']}/confirmation")) == "door-mode.same-person"
    assert second.post(f"/doors/modes/{proposed['id']}/confirmation").json()["step"] == "standing"
    assert first.post(f"/doors/modes/{proposed['id']}/end", json={"reason": "all clear"}).json()["step"] == "ended"
    assert code_of(first.post("/doors/modes", json={"mode": "fire", "doors": ["front"], "reason": "drill"})) == "door-mode.mode"


def test_who_is_inside_is_read_and_printed_for_a_reason(lodge: Lodge, main: Controller) -> None:
    main.grant("li")
    main.send()
    manager = client(lodge, FIRST)
    roll = manager.post("/doors/inside", json={"reason": "fire drill"})
    assert [one["person"] for area in roll.json()["areas"] for one in area["people"]] == ["li"]
    assert roll.headers["cache-control"] == "no-store"
    printed = manager.post("/doors/inside/list", json={"reason": "fire drill"})
    assert "[ ] li  front" in printed.text
    assert len(lodge.acts("access.inside-viewed")) == 2
    assert client(lodge, GUARD).post("/doors/inside", json={"reason": "fire drill"}).status_code == 403


def test_a_door_is_opened_its_ways_are_told_and_a_stranger_is_refused(lodge: Lodge, main: Controller) -> None:
    main.send()
    guard, stranger = client(lodge, GUARD), client(lodge)
    assert guard.post("/doors/front/release", json={"reason": "courier"}).json()["what"] == "release"
    assert {way["reader"] for way in stranger.get("/public/doors/front/ways").json()["ways"] if way["works"]} == {"card", "pin", "qr"}
    assert code_of(stranger.post("/public/doors/front/admissions", json={"ticket": "0" * 32})) not in {"", "capture.not-accepted"}
    span = {"since": NINE.isoformat(), "until": lodge.clock.now().replace(hour=9).isoformat()}
    assert guard.get("/doors/parity", params=span).json()["ways"] == []
    assert [one["door"] for one in guard.get("/doors/readiness").json()] == ["front", "hall", "out", "gate"]
    assert stranger.post("/doors/front/release", json={"reason": "courier"}).status_code == 401
    assert client(lodge, NOBODY).post("/doors/front/release", json={"reason": "courier"}).status_code == 403
