"""Where a way ends, people read what is the case in their language, and programs get a problem document."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest
from fastapi import FastAPI, Request, Response

from consentry.console.dead_end import DeadEnds
from consentry.console.every_page import MODULES
from consentry.console.pages import PAGES, at
from consentry.console.screen import Screen
from consentry.console.speech import speech
from consentry.console.widgets import way_out
from consentry.platform.errors import ConsentryError, DeniedError, InputError, NotFoundError, RecordsError, TooManyError
from consentry.platform.settings.values import Text
from tests.api.client import Client

if TYPE_CHECKING:
    from nicegui import Client as Browser

    from consentry.console.handover import Handover
    from consentry.platform.site import Site

PAGE = {"accept": "text/html,application/xhtml+xml"}
STYLE = "/console/static/console.css?1"
SECRET = "postgresql://10.0.0.7/consentry"  # noqa: S105 - an address that nobody outside may read
assert MODULES, "every page is declared"
SITE = SimpleNamespace(settings=SimpleNamespace(site=SimpleNamespace(zone="Asia/Shanghai", name=Text(zh="<滨江> 店", en="Riverside"))))


@pytest.fixture(scope="module")
def visitor() -> Client:
    ends = DeadEnds(cast("Site", SITE), STYLE)
    app = FastAPI()
    app.add_exception_handler(404, ends.missing)
    app.add_exception_handler(Exception, ends.defect)

    def broken() -> None:
        raise RuntimeError(SECRET)

    def away(request: Request) -> Response:
        return ends.refused(request, RecordsError("records.away", SECRET, "it does not answer", "Start it."))

    def often(request: Request) -> Response:
        return ends.refused(request, TooManyError("access.too-many", "you", "too often", "Wait.", retry_after=7.0))

    for path, answer in (("/console/broken", broken), ("/console/away", away), ("/console/often", often)):
        app.add_api_route(path, answer, response_model=None)
    return Client(app)


@pytest.mark.parametrize(("language", "begin"), [("zh-CN", "总览"), ("en", "Overview")])
def test_an_address_that_leads_nowhere_says_so_and_where_to_begin(visitor: Client, language: str, begin: str) -> None:
    answer = visitor.get("/console/nowhere", headers={**PAGE, "accept-language": language})
    assert answer.status_code == 404
    assert f'<html lang="{language}">' in answer.text
    assert f"<h1>{speech(language, 'UTC').say('There is no such page')}</h1>" in answer.text
    assert f'href="{at("/")}">{begin}</a>' in answer.text
    assert STYLE in answer.text


def test_a_visitor_who_mistypes_begins_at_the_public_page_and_not_at_the_console(visitor: Client) -> None:
    answer = visitor.get("/notise", headers={**PAGE, "accept-language": "en"})
    assert '<a class="button main-action" href="/">Start page</a>' in answer.text


@pytest.mark.parametrize(("cookie", "dark"), [("dark", True), ("light", False), ('"><script>', False)])
def test_it_wears_the_light_that_was_chosen_and_shows_nothing_that_was_sent(visitor: Client, cookie: str, dark: bool) -> None:
    answer = visitor.get("/console/<script>alert(1)</script>", headers={**PAGE, "cookie": f"theme={cookie}"})
    assert ('class="plain-page body--dark"' in answer.text) is dark
    assert "<script>alert" not in answer.text
    assert '"><script>' not in answer.text.replace('body--dark"><script>\n', "").replace('plain-page "><script>\n', "")
    assert "&lt;滨江&gt; 店" in answer.text


def test_programs_get_a_problem_document(visitor: Client) -> None:
    answer = visitor.get("/nowhere", headers={"accept": "application/json"})
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


@pytest.mark.parametrize(("path", "status"), [("/console/broken", 500), ("/console/away", 503)])
def test_the_servers_own_trouble_shows_nothing_of_its_inside(visitor: Client, path: str, status: int) -> None:
    answer = visitor.get(path, headers=PAGE)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    assert not any(word in answer.text for word in (SECRET, "RuntimeError"))


def test_whoever_came_too_often_is_told_when_to_come_again(visitor: Client) -> None:
    answer = visitor.get("/console/often", headers=PAGE)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")


@pytest.mark.parametrize(
    ("path", "error", "way"),
    [
        ("/cameras/{camera}", NotFoundError, ("Cameras", "/cameras")),
        ("/ledger/{index}", InputError, ("Ledger", "/ledger")),
        ("/ledger/{index}", RecordsError, ("Try again", "/ledger/7")),
        ("/footfall", InputError, ("Try again", "/footfall")),
        ("/ledger", DeniedError, ("Start page", "/")),
        ("/cameras/{camera}", DeniedError, ("Start page", "/")),
    ],
)
def test_from_a_page_that_cannot_be_drawn_a_way_leads_on(path: str, error: type[ConsentryError], way: tuple[str, str]) -> None:
    query = {name: "7" for name in ("camera", "index") if f"{{{name}}}" in path}
    screen = Screen(cast("Site", SITE), PAGES[at(path)], None, speech("en", "UTC"), query, cast("Browser", None), cast("Handover", None))
    assert way_out(screen, error("some.code", "x", "y", "z")) == (way[0], at(way[1]))
