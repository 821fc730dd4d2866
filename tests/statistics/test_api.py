from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fastapi import FastAPI

from consentry.platform.actors import Actor, ActorKind, Permission
from consentry.platform.http.access import serve_site
from consentry.platform.http.limits import RateLimit
from consentry.platform.http.problems import answer_problems
from consentry.statistics.api import public_router, router
from tests.api.client import Client
from tests.statistics.shop import at, hour, minute, report

if TYPE_CHECKING:
    from fastapi import Request

    from consentry.platform.site import Site

DAY = "start=2026-03-02T00:00:00Z&end=2026-03-03T00:00:00Z"


def by_header(_: Site, request: Request) -> Actor | None:
    """Let a header say which permissions whoever asks holds."""
    held = request.headers.get("x-permissions")
    return None if held is None else Actor(ActorKind.STAFF, "someone", frozenset(Permission(name) for name in held.split(",") if name))


@pytest.fixture
def app(site: Site) -> FastAPI:
    """Return an application with the routes of figures alone."""
    found = FastAPI(openapi_url=None)
    answer_problems(found)
    serve_site(found, site, by_header, RateLimit(per_second=100, burst=100))
    found.include_router(router)
    found.include_router(public_router)
    return found


@pytest.fixture
def manager(app: FastAPI) -> Client:
    """Return a client that may see and take figures."""
    return Client(app, {"x-permissions": "view-figures,export-figures"})


def test_footfall_says_for_each_bar_what_it_is_and_how_sure(site: Site, manager: Client) -> None:
    report(site, minute(at(0), 100, 20))
    answer = manager.get(f"/figures/footfall?{DAY}&step=hour&line=front/door").json()
    assert (answer["step"], answer["zone"], answer["lines"], len(answer["bars"])) == ("hour", "UTC", ["front/door"], 24)
    assert answer["bars"][0]["entered"] == {"value": 100, "low": 96, "high": 104}
    assert (answer["bars"][0]["state"], answer["bars"][1]["state"], answer["bars"][1]["entered"]) == ("counted", "missing", None)
    assert answer["band"] == {"low": -3.5, "high": 3.5, "source": "benchmark"}


@pytest.mark.parametrize(
    ("query", "status"),
    [
        (f"{DAY}&line=front/gone", 404),
        (f"{DAY}&line=front/stockroom", 422),
        (f"{DAY}&line=front", 422),
        (f"{DAY}&step=second", 422),
        (f"{DAY}&step=minute&start=2020-01-01T00:00:00Z", 422),
        ("start=2026-03-02T00:00:00&end=2026-03-03T00:00:00Z", 422),
        ("start=2026-03-03T00:00:00Z&end=2026-03-02T00:00:00Z", 422),
        ("", 422),
    ],
    ids=["no such line", "a line of staff", "half a name", "no such step", "too long", "no zone", "backwards", "nothing said"],
)
def test_a_question_that_makes_no_sense_is_answered_with_a_problem(manager: Client, query: str, status: int) -> None:
    answer = manager.get(f"/figures/footfall?{query}")
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("application/problem+json")


def test_the_other_charts_answer(site: Site, manager: Client) -> None:
    report(site, minute(at(0), 30, 10), hour(at(0), {0: 12}, seconds=(1, 2, 3, 4, 5, 6)))
    assert manager.get(f"/figures/occupancy?{DAY}").json()["points"][0]["inside"] == 20
    assert len(manager.get("/figures/overview").json()["lines"]) == 3
    assert manager.get(f"/figures/dwell?camera=front&area=window&{DAY}").json()["visits"] == 12
    assert manager.get(f"/figures/heat?camera=front&{DAY}").json()["seconds"] == [[1, 2, 3], [4, 5, 6]]
    assert manager.get(f"/figures/heat?camera=side&{DAY}").json()["seconds"] is None
    assert manager.get(f"/figures/dwell?camera=front&area=gone&{DAY}").status_code == 404


def test_a_table_comes_as_a_file(site: Site, manager: Client) -> None:
    report(site, minute(at(0), 3))
    answer = manager.get(f"/figures/footfall.csv?{DAY}&step=hour&line=front/door")
    assert answer.headers["content-disposition"] == 'attachment; filename="footfall-2026-03-02-2026-03-03.csv"'
    assert len(answer.text.splitlines()) == 25


@pytest.mark.parametrize("path", [f"footfall?{DAY}", f"occupancy?{DAY}", "overview", f"dwell?camera=front&area=window&{DAY}", f"heat?camera=front&{DAY}"])
def test_figures_are_for_those_who_may_see_them(app: FastAPI, path: str) -> None:
    assert Client(app).get(f"/figures/{path}").status_code == 401
    assert Client(app, {"x-permissions": "view-ledger"}).get(f"/figures/{path}").status_code == 403


def test_a_table_is_for_those_who_may_take_it(app: FastAPI) -> None:
    assert Client(app, {"x-permissions": "view-figures"}).get(f"/figures/footfall.csv?{DAY}").status_code == 403


def test_everybody_sees_a_published_day(site: Site, app: FastAPI) -> None:
    report(site, minute(at(0), 30), minute(at(60), 1))
    answer = Client(app).get("/public/figures/footfall?day=2026-03-02").json()
    assert [(bar["entered"] or {}).get("value") for bar in answer["bars"][:2]] == [30, None]
    assert [bar["suppressed"] for bar in answer["bars"][:2]] == [False, True]
