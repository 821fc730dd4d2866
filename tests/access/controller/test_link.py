"""What a controller takes from its server, and what it does not."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import httpx
import pytest

from consentry.access.controller.link import Link, Order, SyncAnswer, is_there, open_client, read_answer
from consentry.access.controller.loop import DoorLoop
from consentry.access.controller.sync_text import MOST_EVENTS, SignedSync
from consentry.platform.errors import InputError

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
MILLISECONDS = 1782907200000
ORDER = {"id": "o1", "door": "gate", "what": "release", "by": "guard", "expires": "2026-07-01T12:00:15Z", "credential": None}
ANSWER: dict[str, Any] = {"acknowledged": 4, "snapshot": None, "orders": [ORDER], "server_time": MILLISECONDS}


class Reporter:
    """Reports as many events as it is told to, and keeps what it hears."""

    def __init__(self, events: int = 0) -> None:
        self.events = events
        self.answers: list[SyncAnswer] = []

    def report(self) -> tuple[SignedSync, int]:
        return SignedSync("text", "signature"), self.events

    def heard(self, answer: SyncAnswer) -> None:
        self.answers.append(answer)


def link(answer: httpx.Response | Exception, reporter: Reporter) -> Link:
    def respond(request: httpx.Request) -> httpx.Response:
        assert request.url.path == "/api/v1/public/controllers/main/sync"
        if isinstance(answer, Exception):
            raise answer
        return answer

    return Link(httpx.Client(base_url="http://localhost", transport=httpx.MockTransport(respond)), "main", reporter)


@pytest.mark.parametrize("time", [MILLISECONDS, "2026-07-01T12:00:00Z", "2026-07-01T20:00:00+08:00"])
def test_an_answer_is_read_with_its_times_in_either_form(time: int | str) -> None:
    order = Order("o1", "gate", "release", "guard", NOON + timedelta(seconds=15))
    assert read_answer({**ANSWER, "server_time": time}) == SyncAnswer(4, None, (order,), NOON)


@pytest.mark.parametrize(
    "changed",
    [
        {"acknowledged": -1},
        {"acknowledged": True},
        {"acknowledged": "4"},
        {"snapshot": 7},
        {"orders": {}},
        {"orders": ["o1"]},
        {"orders": [{"id": "o1"}]},
        {"server_time": "noon"},
        {"server_time": "2026-07-01T12:00:00"},
        {"server_time": 10**18},
        {"server_time": None},
    ],
)
def test_anything_else_is_no_answer(changed: dict[str, Any]) -> None:
    with pytest.raises(InputError) as refused:
        read_answer({**ANSWER, **changed})
    assert refused.value.code == "door.answer"


@pytest.mark.parametrize(
    "answer",
    [
        httpx.ConnectError("refused"),
        httpx.ReadTimeout("slow"),
        httpx.Response(503),
        httpx.Response(302, headers={"Location": "https://elsewhere.example"}),
        httpx.Response(200, text="<html>"),
        httpx.Response(200, json=[]),
    ],
)
def test_a_server_that_is_away_or_talks_nonsense_changes_nothing(answer: httpx.Response | Exception) -> None:
    reporter = Reporter()
    with link(answer, reporter).client as client:
        assert not Link(client, "main", reporter).sync()
    assert reporter.answers == []


@pytest.mark.parametrize(("events", "more"), [(0, False), (MOST_EVENTS - 1, False), (MOST_EVENTS, True)])
def test_a_full_report_is_followed_by_the_next_at_once(events: int, more: bool) -> None:
    reporter = Reporter(events)
    found = link(httpx.Response(200, json=ANSWER), reporter)
    with found.client:
        assert found.sync() is more
    assert [answer.acknowledged for answer in reporter.answers] == [4]


@pytest.mark.parametrize("server", ["http://site.example", "ftp://localhost", "site.example", "", "http://127.0.0.1.example"])
def test_a_server_that_others_could_speak_for_is_refused(server: str) -> None:
    with pytest.raises(InputError) as refused:
        open_client(server, None)
    assert refused.value.code == "door.server"


def test_what_the_loop_is_asked_after_its_end_is_not_done() -> None:
    done: list[str] = []
    loop = DoorLoop(lambda: None)
    loop.stop()
    with pytest.raises(TimeoutError):
        loop.call(lambda: done.append("too late"))
    loop.run()
    assert done == []


def test_an_error_of_what_was_asked_goes_to_whoever_asked_and_the_loop_goes_on() -> None:
    looks: list[int] = []

    def look() -> None:
        looks.append(len(looks))
        if len(looks) == 1:
            raise ZeroDivisionError
        if len(looks) == 3:
            loop.stop()

    def fails() -> None:
        raise KeyError

    loop = DoorLoop(look)
    loop.hand(fails)
    loop.run()
    assert looks == [0, 1, 2]


@pytest.mark.parametrize(("status", "there"), [(200, True), (429, True), (404, True), (502, False), (503, False)])
def test_a_server_is_there_while_it_answers_for_itself(status: int, there: bool) -> None:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        assert is_there(address := f"http://127.0.0.1:{server.server_port}", None) is there
        thread.join()
    assert not is_there(address, None), "nobody listens any more"
