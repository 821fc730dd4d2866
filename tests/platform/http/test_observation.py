"""Every request gets a number, a line in the log and a place in the metrics, and none of them tells what was asked for."""

from __future__ import annotations

import json
import logging
from io import StringIO
from typing import TYPE_CHECKING

import pytest
from fastapi import FastAPI

from consentry.platform import logs
from consentry.platform.http.observation import HEADER, Observation
from consentry.platform.http.router import PUBLIC, ApiRouter
from consentry.platform.metrics import Metrics
from tests.api.client import Client

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def lines() -> Iterator[StringIO]:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    stream = StringIO()
    logs.write_logs(stream)
    yield stream
    logging.captureWarnings(capture=False)
    root.handlers[:], root.level = before, level


def served(app: FastAPI, metrics: Metrics) -> Client:
    router = ApiRouter(prefix="/links", tag="links")

    @router.get("/{token}", permission=PUBLIC)
    def follow(token: str) -> dict[str, int]:
        if token == "broken":  # noqa: S105 - a path, not a password
            raise RuntimeError("inside")
        return {"length": len(token)}

    api = FastAPI(openapi_url=None)
    api.state = app.state
    api.include_router(router)
    app.mount("/api", api)
    app.add_middleware(Observation, metrics=metrics)
    return Client(app)


def test_a_request_is_logged_and_counted_by_its_declared_path_alone(app: FastAPI, lines: StringIO) -> None:
    metrics = Metrics()
    answer = served(app, metrics).get("/api/links/one-time-secret?name=alice")
    written = [json.loads(line) for line in lines.getvalue().splitlines()]
    (line,) = [line for line in written if line["logger"].endswith("observation")]
    assert line["message"].startswith("GET /api/links/{token} 200 in ")
    assert line["request"] == answer.headers[HEADER]
    text = metrics.text().decode()
    assert 'consentry_http_requests_total{method="GET",route="/api/links/{token}",status="200"} 1.0' in text
    assert "one-time-secret" not in lines.getvalue() + text
    assert "alice" not in lines.getvalue() + text


def test_whatever_is_asked_for_in_vain_is_one_place_in_the_metrics(app: FastAPI) -> None:
    metrics = Metrics()
    client = served(app, metrics)
    for number in range(5):
        client.send(f"MADEUP{number}", f"/nothing/{number}")
    assert 'consentry_http_requests_total{method="other",route="none",status="404"} 5.0' in metrics.text().decode()
    assert "nothing" not in metrics.text().decode()


def test_a_defect_is_counted_and_answered_with_its_number(app: FastAPI) -> None:
    metrics = Metrics()
    answer = served(app, metrics).get("/api/links/broken")
    assert answer.status_code == 500
    assert 'status="500"' in metrics.text().decode()
    assert answer.headers[HEADER]


def test_numbers_differ(app: FastAPI) -> None:
    client = served(app, Metrics())
    assert client.get("/api/links/a").headers[HEADER] != client.get("/api/links/a").headers[HEADER]


def test_a_problem_names_the_number_of_its_request(app: FastAPI) -> None:
    answer = served(app, Metrics()).get("/nothing")
    assert answer.json()["instance"] == f"urn:consentry:request:{answer.headers[HEADER]}"
