"""The log over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fastapi import FastAPI

from consentry.ledger import service
from consentry.ledger.api import router
from consentry.ledger.offline import Trust, verify_file
from consentry.platform.actors import Actor, ActorKind, Permission, operator
from consentry.platform.http.access import serve_site
from consentry.platform.http.limits import RateLimit
from consentry.platform.http.problems import answer_problems
from tests.api.client import Client
from tests.ledger.logs import fill_and_sign

if TYPE_CHECKING:
    from fastapi import Request

    from consentry.platform.site import Site


def reader_by_header(_: Site, request: Request) -> Actor | None:
    return Actor(ActorKind.STAFF, "reader", frozenset({Permission.VIEW_LEDGER})) if "x-reader" in request.headers else None


@pytest.fixture
def app(sqlite_site: Site) -> FastAPI:
    made = FastAPI()
    answer_problems(made)
    serve_site(made, sqlite_site, reader_by_header, RateLimit(per_second=100, burst=100))
    made.include_router(router)
    return made


@pytest.fixture
def reader(app: FastAPI) -> Client:
    return Client(app, {"x-reader": "yes"})


@pytest.fixture
def stranger(app: FastAPI) -> Client:
    return Client(app)


def test_entries_are_paged(sqlite_site: Site, reader: Client) -> None:
    fill_and_sign(sqlite_site, 9)
    first = reader.get("/ledger/entries", params={"limit": 6}).json()
    second = reader.get("/ledger/entries", params={"limit": 6, "cursor": first["next"]}).json()
    assert [item["index"] for item in first["items"] + second["items"]] == list(range(10, -1, -1))
    assert second["next"] is None
    assert reader.get("/ledger/entries", params={"action": "ledger.opened"}).json()["items"][0]["index"] == 0


def test_an_entry_says_what_was_done(sqlite_site: Site, reader: Client) -> None:
    fill_and_sign(sqlite_site, 2)
    found = reader.get("/ledger/entries/1").json()
    assert (found["actor"], found["action"], found["purpose"], found["details"]["number"]) == ("staff:0000", "camera.started", "people-counting", 0)
    service.erase(sqlite_site, operator("one"), operator("two"), 1, "consent withdrawn")
    erased = reader.get("/ledger/entries/1").json()
    assert (erased["erased"], erased["action"], erased["leaf"]) == (True, None, found["leaf"])


def test_a_downloaded_receipt_holds(sqlite_site: Site, reader: Client) -> None:
    fill_and_sign(sqlite_site, 4)
    answer = reader.get("/ledger/entries/3/receipt")
    assert answer.headers["content-disposition"] == 'attachment; filename="receipt-3.json"'
    assert verify_file(answer.content, Trust((service.log_key(sqlite_site),))).entries[0].index == 3
    assert reader.get("/ledger/entries/3/receipt.svg").headers["content-type"] == "image/svg+xml"


def test_consistency_and_audit_are_answered(sqlite_site: Site, reader: Client) -> None:
    fill_and_sign(sqlite_site, 4, 4)
    answer = reader.get("/ledger/consistency", params={"since": 6})
    assert verify_file(answer.content, Trust((service.log_key(sqlite_site),))).earlier[0].size == 6
    assert reader.get("/ledger/audit").json() == {"clean": True, "first_bad": None, "size": 11, "checkpoints": 2, "erased": 0, "findings": []}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/ledger/entries/99", 404),
        ("/ledger/entries/99/receipt", 404),
        ("/ledger/entries/-1", 422),
        ("/ledger/entries/99999999999999999999", 422),
        ("/ledger/consistency?since=3", 404),
        ("/ledger/entries?cursor=nonsense", 422),
    ],
)
def test_what_is_not_there_is_a_problem(sqlite_site: Site, reader: Client, path: str, status: int) -> None:
    fill_and_sign(sqlite_site, 2)
    assert reader.get(path).status_code == status


@pytest.mark.parametrize("path", ["entries", "entries/1", "entries/1/receipt", "entries/1/receipt.svg", "consistency", "audit"])
def test_a_stranger_sees_only_what_is_public(sqlite_site: Site, stranger: Client, path: str) -> None:
    fill_and_sign(sqlite_site, 2)
    assert stranger.get(f"/ledger/{path}").status_code == 401


def test_checkpoint_and_key_are_public(sqlite_site: Site, stranger: Client) -> None:
    assert stranger.get("/public/ledger/checkpoint").status_code == 404
    fill_and_sign(sqlite_site, 2)
    assert stranger.get("/public/ledger/key").json()["key"].startswith("shop+")
    answer = stranger.get("/public/ledger/checkpoint")
    assert verify_file(answer.content, Trust((service.log_key(sqlite_site),))).checkpoint.size == 4
