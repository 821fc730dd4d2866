"""A POST that names a key is carried out once, on both databases."""

from __future__ import annotations

import hashlib
import hmac
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from fastapi import Request, Response
from sqlalchemy import select

from consentry.platform.actors import Permission
from consentry.platform.errors import ConflictError
from consentry.platform.http.idempotency import HEADER, forget_expired
from consentry.platform.http.records import RepeatRow
from consentry.platform.http.repeats import REPLAYED
from consentry.platform.http.router import PUBLIC, ApiRouter
from consentry.platform.keys import SiteKeys
from consentry.platform.site import Site
from tests.api.client import Client
from tests.platform.http.conftest import WHO, site_on

if TYPE_CHECKING:
    from pathlib import Path

    from fastapi import FastAPI

    from consentry.platform.clock import FixedClock
    from consentry.platform.database import Database

SECRET = "shown-only-once"  # noqa: S105 - a test's marker


class Shop:
    """Counts what was really carried out."""

    def __init__(self) -> None:
        self.made = 0
        self.broken = False
        self.entered = threading.Event()
        self.leave = threading.Event()

    def make(self) -> dict[str, str]:
        if self.broken:
            raise ConflictError("shop.closed", "the shop", "it is closed", "Come back.")
        self.made += 1
        return {"number": str(self.made), "key": SECRET}

    def make_slowly(self) -> dict[str, str]:
        self.entered.set()
        assert self.leave.wait(60)
        return self.make()


@pytest.fixture
def site(database: Database, tmp_path: Path, clock: FixedClock) -> Site:
    return site_on(database, tmp_path, clock)


@pytest.fixture
def shop(app: FastAPI) -> Shop:
    shop = Shop()
    router = ApiRouter(prefix="", tag="shop")
    router.post("/things", permission=Permission.EDIT_CAMERAS, status_code=201)(shop.make)
    router.post("/slow", permission=Permission.EDIT_CAMERAS)(shop.make_slowly)
    router.post("/open", permission=PUBLIC)(shop.make)

    @router.post("/echo", permission=Permission.EDIT_CAMERAS)
    async def echo(request: Request) -> Response:
        shop.made += 1
        return Response(await request.body(), media_type="text/plain")

    @router.post("/cookie", permission=Permission.EDIT_CAMERAS)
    def cookie(response: Response) -> None:
        shop.made += 1
        response.set_cookie("session", "rotated")

    app.include_router(router)
    return shop


@pytest.fixture
def client(app: FastAPI) -> Client:
    return Client(app, {WHO: "edit-cameras", HEADER: "key-0001"})


def test_the_same_request_gets_the_same_answer_and_happens_once(client: Client, shop: Shop) -> None:
    first, again = client.post("/things"), client.post("/things")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert first.headers["content-type"] == again.headers["content-type"]
    assert (first.headers.get(REPLAYED), again.headers.get(REPLAYED)) == (None, "true")
    assert shop.made == 1


def test_an_answer_that_carries_a_cookie_is_not_remembered(client: Client, shop: Shop, site: Site) -> None:
    answers = [client.post("/cookie") for _ in range(2)]
    assert ["set-cookie" in answer.headers for answer in answers] == [True, True]
    assert shop.made == 2
    assert rows(site) == 0


def test_without_a_key_each_request_happens(app: FastAPI, shop: Shop) -> None:
    client = Client(app, {WHO: "edit-cameras"})
    assert [client.post("/things").json()["number"] for _ in range(2)] == ["1", "2"]
    assert shop.made == 2


@pytest.mark.parametrize(("path", "key"), [("/things", "key-0002"), ("/things?x=1", "key-0001")])
def test_another_key_or_address_is_another_request(client: Client, shop: Shop, path: str, key: str) -> None:
    client.post("/things")
    client.post(path, headers={HEADER: key})
    assert shop.made == 2


def test_another_caller_with_the_same_key_is_another_request(app: FastAPI, site: Site, client: Client, shop: Shop) -> None:
    client.post("/things")
    assert Client(app, {WHO: "nothing", HEADER: "key-0001"}).post("/things").status_code == 403
    assert shop.made == 1
    assert rows(site) == 1


def test_the_key_of_a_request_with_another_body_is_refused(client: Client, shop: Shop) -> None:
    assert client.post("/echo", content=b"a").text == "a"
    refused = client.post("/echo", content=b"b")
    assert (refused.status_code, refused.json()["type"]) == (422, "urn:consentry:error:idempotency.other-request")
    assert shop.made == 1


def test_a_failed_request_may_be_tried_again_with_its_key(client: Client, shop: Shop) -> None:
    shop.broken = True
    assert client.post("/things").status_code == 409
    shop.broken = False
    assert client.post("/things").status_code == 201


def test_a_second_request_during_the_first_is_told_to_wait(client: Client, shop: Shop) -> None:
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(client.post, "/slow")
        assert shop.entered.wait(60)
        during = client.post("/slow")
        shop.leave.set()
        assert first.result().status_code == 200
    assert (during.status_code, during.json()["type"]) == (409, "urn:consentry:error:idempotency.unfinished")
    assert client.post("/slow").json() == first.result().json()
    assert shop.made == 1


def test_a_public_request_is_never_remembered(app: FastAPI, site: Site, shop: Shop) -> None:
    stranger = Client(app, {HEADER: "key-0001"})
    assert [stranger.post("/open").json()["number"] for _ in range(2)] == ["1", "2"]
    assert (shop.made, rows(site)) == (2, 0)


@pytest.mark.parametrize("key", ["short", "x" * 201, "with space", "ключ-ключ"])
def test_a_key_that_is_none_is_refused(client: Client, shop: Shop, key: str) -> None:
    assert client.post("/things", headers={HEADER: key.encode()}).status_code == 422
    assert shop.made == 0


def test_an_answer_is_kept_encrypted_and_survives_new_keys(client: Client, site: Site, app: FastAPI, shop: Shop) -> None:
    first = client.post("/things")
    with site.database.reading() as session:
        kept = session.scalars(select(RepeatRow.answer)).one()
    assert kept is not None
    assert SECRET.encode() not in kept
    rotated = SiteKeys(bytes(32), "demo", 2, {1: bytes(range(32))})
    app.state.site = Site(site.store, site.database, rotated, site.clock)
    assert client.post("/things").content == first.content
    assert shop.made == 1


def test_what_was_sent_cannot_be_guessed_from_what_is_kept_and_new_keys_know_it(client: Client, site: Site, app: FastAPI, shop: Shop) -> None:
    body = b'{"phone": "13812345678"}'
    first = client.post("/echo", content=body)
    with site.database.reading() as session:
        (kept,) = session.scalars(select(RepeatRow))
    assert kept.request != hashlib.sha256(body).digest()
    assert kept.request == hmac.digest(site.keys.derive("idempotency-body"), body, "sha256")
    app.state.site = Site(site.store, site.database, SiteKeys(bytes(32), "demo", 2, {1: bytes(range(32))}), site.clock)
    assert client.post("/echo", content=body).content == first.content
    assert client.post("/echo", content=body.replace(b"8", b"9")).status_code == 422
    assert shop.made == 1


def test_after_a_day_the_answer_is_forgotten(client: Client, site: Site, clock: FixedClock, shop: Shop) -> None:
    client.post("/things")
    clock.advance(timedelta(hours=23, minutes=59))
    forget_expired(site)
    assert rows(site) == 1
    client.post("/things")
    assert shop.made == 1
    clock.advance(timedelta(minutes=1))
    assert client.post("/things").status_code == 201
    assert shop.made == 2
    clock.advance(timedelta(hours=24))
    forget_expired(site)
    assert rows(site) == 0


def rows(site: Site) -> int:
    with site.database.reading() as session:
        return len(session.scalars(select(RepeatRow)).all())
