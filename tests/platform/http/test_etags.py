"""Entity tags: nothing is sent twice to who has it, and nobody overwrites what they have not seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fastapi import Response
from fastapi.responses import StreamingResponse

from consentry.platform.actors import Permission
from consentry.platform.http.etags import IfMatch, demand_match, tag_of
from consentry.platform.http.router import PUBLIC, ApiRouter
from tests.api.client import Client
from tests.platform.http.conftest import WHO

if TYPE_CHECKING:
    from fastapi import FastAPI

NOW = '"now"'


@pytest.fixture
def served(app: FastAPI) -> FastAPI:
    router = ApiRouter(prefix="", tag="things")

    @router.get("/things", permission=PUBLIC)
    def things() -> dict[str, int]:
        return {"things": 3}

    @router.get("/tagged", permission=PUBLIC)
    def own_tag(response: Response) -> dict[str, int]:
        response.headers["ETag"] = NOW
        return {"things": 3}

    @router.get("/stream", permission=PUBLIC)
    def stream() -> StreamingResponse:
        return StreamingResponse(iter([b"a", b"b"]))

    @router.put("/tagged", permission=Permission.EDIT_CAMERAS)
    def change(given: IfMatch) -> dict[str, str]:
        demand_match(given, NOW, "the thing")
        return {"changed": "yes"}

    app.include_router(router)
    return app


def test_who_has_the_answer_already_gets_304_without_a_body(served: FastAPI) -> None:
    client = Client(served)
    first = client.get("/things")
    assert first.headers["etag"] == tag_of(first.content)
    again = client.get("/things", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])


@pytest.mark.parametrize(
    ("given", "status"),
    [('"other"', 200), ('"other", "now"', 304), ('W/"now"', 304), ("*", 304), ("", 200), ("now", 200)],
)
def test_lists_weak_tags_and_stars_are_understood(served: FastAPI, given: str, status: int) -> None:
    assert Client(served).get("/tagged", headers={"If-None-Match": given}).status_code == status


def test_a_tag_that_the_route_set_stays(served: FastAPI) -> None:
    assert Client(served).get("/tagged").headers["etag"] == NOW


def test_a_stream_is_sent_untagged(served: FastAPI) -> None:
    answer = Client(served).get("/stream")
    assert (answer.content, answer.headers.get("etag")) == (b"ab", None)


@pytest.mark.parametrize(("given", "status"), [(None, 422), ('"then"', 412), (NOW, 200), ("*", 200)])
def test_a_change_needs_the_tag_of_what_is_there(served: FastAPI, given: str | None, status: int) -> None:
    headers = {WHO: "edit-cameras"} | ({"If-Match": given} if given else {})
    assert Client(served, headers).put("/tagged").status_code == status
