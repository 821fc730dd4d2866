from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fastapi import FastAPI

from consentry.alarms import service
from consentry.alarms.api import router
from consentry.alarms.model import AlarmKind, Sighting
from consentry.platform.actors import Actor, ActorKind, Permission
from consentry.platform.http.access import serve_site
from consentry.platform.http.limits import RateLimit
from consentry.platform.http.problems import answer_problems
from tests.cameras.sites import pass_by
from tests.staff.browser import Browser

if TYPE_CHECKING:
    from fastapi import Request

    from consentry.platform.site import Site

WHO = Actor(ActorKind.STAFF, "s1", frozenset(Permission))
PATH = "/alarms"


def anyone(_: Site, __: Request) -> Actor | None:
    return WHO


@pytest.fixture
def client(site: Site) -> Browser:
    """Return a client of a site with five alarms."""
    for number in range(5):
        service.observe(site, Sighting(AlarmKind.JOB_LATE, f"job-{number}", present=True, at=site.clock.now()))
        pass_by(site, seconds=1)
    app = FastAPI()
    answer_problems(app)
    serve_site(app, site, anyone, RateLimit(per_second=1, burst=20))
    app.include_router(router, prefix="/api/v1")
    return Browser(app, "http://127.0.0.1")


def test_alarms_come_in_pages_newest_first(client: Browser) -> None:
    subjects, cursor = [], None
    while True:
        page = client.get(PATH, params={"limit": 2} | ({"cursor": cursor} if cursor else {})).json()
        subjects.append([alarm["subject"] for alarm in page["items"]])
        cursor = page.get("next")
        if cursor is None:
            break
    assert subjects == [["job-4", "job-3"], ["job-2", "job-1"], ["job-0"]]


def test_alarms_are_chosen_by_state_and_kind(client: Browser) -> None:
    first = client.get(PATH).json()["items"][0]["id"]
    client.post(f"{PATH}/{first}/acknowledge", json={"note": "on it"})
    chosen = client.get(PATH, params={"state": ["acknowledged", "closed"]}).json()["items"]
    assert [(alarm["id"], alarm["note"], alarm["acknowledged_by"]) for alarm in chosen] == [(first, "on it", "staff:s1")]
    assert client.get(PATH, params={"kind": "disk-low"}).json()["items"] == []
    assert client.get(PATH, params={"state": "dancing"}).status_code == 422


@pytest.mark.parametrize("cursor", ["x", "IlwwIg", "IngAIg", "MQ"])
def test_a_cursor_that_is_none_is_refused(client: Browser, cursor: str) -> None:
    answer = client.get(PATH, params={"cursor": cursor})
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:consentry:error:paging.cursor-unknown")


def test_an_alarm_is_acknowledged_escalated_and_closed(client: Browser) -> None:
    name = client.get(PATH).json()["items"][0]["id"]
    states = [client.post(f"{PATH}/{name}/{act}", json={}).json()["state"] for act in ("acknowledge", "escalate", "close")]
    assert states == ["acknowledged", "escalated", "closed"]
    again = client.post(f"{PATH}/{name}/close")
    assert (again.status_code, again.json()["type"]) == (409, "urn:consentry:error:alarm.state")
    assert client.get(f"{PATH}/{name}").json()["state"] == "closed"
    assert client.get(f"{PATH}/{name}/deliveries").json() == []


@pytest.mark.parametrize("name", ["x", "a%00b", "00000000-0000-7000-8000-000000000000"])
def test_an_unknown_alarm_is_a_problem(client: Browser, name: str) -> None:
    for answer in (client.get(f"{PATH}/{name}"), client.get(f"{PATH}/{name}/deliveries"), client.post(f"{PATH}/{name}/close")):
        assert (answer.status_code, answer.json()["type"]) == (404, "urn:consentry:error:alarm.unknown")
