"""Every error is answered with a problem document (RFC 9457) that says what to do and tells nothing of the server's inside."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pydantic import BaseModel

from consentry.platform import errors
from consentry.platform.actors import Permission
from consentry.platform.errors import ConsentryError, TooManyError
from consentry.platform.http.problems import MEDIA_TYPE, Problem
from consentry.platform.http.router import PUBLIC, ApiRouter
from tests.api.client import Client
from tests.platform.http.conftest import WHO

if TYPE_CHECKING:
    from fastapi import FastAPI

OURS = [found for name in errors.__all__ if (found := getattr(errors, name)) not in {ConsentryError, TooManyError}]


class Wish(BaseModel):
    size: int
    password: str


OWN_TROUBLES = [kind for kind in OURS if kind.http_status >= 500]


def answer_to(app: FastAPI, error: Exception, headers: dict[str, str] | None = None) -> tuple[Problem, dict[str, str]]:
    router = ApiRouter(prefix="", tag="things")

    @router.get("/broken", permission=PUBLIC)
    def broken() -> None:
        raise error

    app.include_router(router)
    answer = Client(app).get("/broken", headers=headers)
    assert answer.headers["content-type"] == MEDIA_TYPE
    problem = Problem.model_validate_json(answer.content, strict=True)
    assert problem.status == answer.status_code
    return problem, dict(answer.headers)


@pytest.mark.parametrize("kind", OURS, ids=lambda kind: str(kind.__name__))
def test_an_error_of_ours_keeps_code_status_and_mend(app: FastAPI, kind: type[ConsentryError]) -> None:
    problem, _ = answer_to(app, kind("thing.broken", "the thing", "it is broken", "Mend it."), {WHO: "nothing"})
    assert problem.type == "urn:consentry:error:thing.broken"
    assert problem.status == kind.http_status
    assert (problem.detail, problem.mend) == ("the thing: it is broken", "Mend it.")


@pytest.mark.parametrize("kind", OWN_TROUBLES, ids=lambda kind: str(kind.__name__))
def test_a_stranger_is_not_told_where_the_servers_trouble_is(app: FastAPI, kind: type[ConsentryError]) -> None:
    problem, _ = answer_to(app, kind("records.unavailable", "postgresql://counter@10.0.0.5/site", "password refused for user counter", "Wait."))
    assert problem.type == "urn:consentry:error:records.unavailable"
    assert "counter" not in problem.model_dump_json()


def test_too_many_requests_says_in_whole_seconds_when_to_come_back(app: FastAPI) -> None:
    _, headers = answer_to(app, TooManyError("a.b", "you", "too often", "Wait.", retry_after=3.2))
    assert headers["retry-after"] == "4"


def test_records_that_are_not_to_be_had_are_worth_another_try(app: FastAPI) -> None:
    _, headers = answer_to(app, errors.RecordsError("records.busy", "main.db", "it is locked", "Wait."))
    assert headers["retry-after"] == "5"


def test_missing_sign_in_names_the_way_to_sign_in(app: FastAPI) -> None:
    _, headers = answer_to(app, errors.SignInError("a.b", "you", "not signed in", "Sign in."))
    assert headers["www-authenticate"].startswith("Bearer")


def test_a_defect_shows_nothing_of_the_inside(app: FastAPI) -> None:
    problem, _ = answer_to(app, RuntimeError("secret path /srv/keys"))
    assert (problem.status, problem.type) == (500, "urn:consentry:error:server.defect")
    assert "secret" not in problem.model_dump_json()


def test_a_body_that_does_not_fit_is_told_field_by_field_without_its_values(app: FastAPI) -> None:
    router = ApiRouter(prefix="", tag="things")

    @router.put("/wish", permission=Permission.EDIT_CAMERAS)
    def wish(wish: Wish) -> None:
        """Take a wish."""

    app.include_router(router)
    answer = Client(app, {WHO: "edit-cameras"}).put("/wish", json={"size": "huge-and-secret"})
    problem = Problem.model_validate_json(answer.content)
    assert (answer.status_code, problem.type) == (422, "urn:consentry:error:request.invalid")
    assert problem.errors is not None
    assert [error.field for error in problem.errors] == ["body.size", "body.password"]
    assert "huge-and-secret" not in answer.text


@pytest.mark.parametrize(
    ("method", "path", "status", "code"), [("GET", "/nothing/at-all", 404, "http.not-found"), ("PUT", "/there", 405, "http.method-not-allowed")]
)
def test_errors_of_http_itself_are_problems_too(app: FastAPI, method: str, path: str, status: int, code: str) -> None:
    router = ApiRouter(prefix="", tag="things")
    router.get("/there", permission=PUBLIC)(lambda: None)
    router.delete("/there", permission=Permission.EDIT_CAMERAS)(lambda: None)
    router.post("/{anything}", permission=Permission.EDIT_CAMERAS)(lambda: None)
    app.include_router(router)
    answer = Client(app).send(method, path)
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:consentry:error:{code}")
    assert answer.headers.get("allow") == ("DELETE, GET" if status == 405 else None)
    assert answer.json()["mend"]
