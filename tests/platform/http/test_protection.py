"""What protects every answer: known hosts, same origin, safe headers."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from fastapi import FastAPI, Request

from consentry.platform.http.access import PUBLIC
from consentry.platform.http.problems import MEDIA_TYPE
from consentry.platform.http.protection import POLICY_VIOLATION, BodyLimit, KnownHosts, SafeHeaders, SameOrigin, is_loopback
from consentry.platform.http.router import ApiRouter
from tests.api.client import Client

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.types import ASGIApp, Message, Receive, Scope, Send


@pytest.fixture
def served(app: FastAPI) -> FastAPI:
    router = ApiRouter(prefix="", tag="things")
    for path in ("/api/v1/things", "/page"):
        router.get(path, permission=PUBLIC)(lambda: {"things": 3})
        router.post(path, permission=PUBLIC)(lambda: {"things": 4})
    app.include_router(router)
    app.add_middleware(SameOrigin)
    app.add_middleware(KnownHosts, names=lambda: ("Shop.example", "192.0.2.50"))
    app.add_middleware(SafeHeaders)
    return app


@pytest.fixture
def sized(app: FastAPI) -> FastAPI:
    router = ApiRouter(prefix="", tag="things")

    @router.post("/length", permission=PUBLIC)
    async def length(request: Request) -> int:
        return len(await request.body())

    app.include_router(router)
    app.add_middleware(BodyLimit, most=10_000)
    return app


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("127.0.0.1:8000", 200),
        ("[::1]:8000", 200),
        ("shop.example", 200),
        ("SHOP.EXAMPLE:8443", 200),
        ("192.0.2.50", 200),
        ("evil.example", 421),
        ("shop.example.evil.example", 421),
        ("192.0.2.51", 421),
        ("localhost.evil.example", 421),
        ("", 421),
        ("[::1", 421),
    ],
)
def test_only_known_hosts_are_answered(served: FastAPI, host: str, status: int) -> None:
    answer = Client(served).get("/page", headers={"Host": host})
    assert answer.status_code == status
    assert (answer.headers["content-type"] == MEDIA_TYPE) == (status == 421)


@pytest.mark.parametrize("size", [0, 10_000, 10_001])
def test_a_body_that_says_it_is_too_large_is_not_read(sized: FastAPI, size: int) -> None:
    answer = Client(sized).post("/length", content=b"x" * size)
    assert answer.status_code == (413 if size > 10_000 else 200)
    assert answer.headers["content-type"] == (MEDIA_TYPE if size > 10_000 else "application/json")


@pytest.mark.parametrize("count", [10, 11])
def test_a_body_that_grows_too_large_is_stopped(sized: FastAPI, count: int) -> None:
    async def stream() -> AsyncIterator[bytes]:
        for _ in range(count):
            yield b"x" * 1000

    answer = Client(sized).post("/length", content=stream())
    assert "content-length" not in answer.request.headers
    assert answer.status_code == (413 if count > 10 else 200)


COOKIE = {"Cookie": "consentry=token"}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": "http://localhost"}, 200),
        ({"Origin": "http://localhost"} | COOKIE, 200),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "http://evil.example"} | COOKIE, 403),
        ({"Origin": "https://localhost"} | COOKIE, 403),
        ({"Origin": "http://localhost:8000"} | COOKIE, 403),
        ({"Origin": "null"} | COOKIE, 403),
        (COOKIE, 403),
        (COOKIE | {"Authorization": "Bearer key"}, 200),
        ({"Origin": "http://evil.example", "Authorization": "Bearer key"}, 403),
    ],
)
def test_a_change_comes_from_the_same_origin_or_without_cookies(served: FastAPI, headers: dict[str, str], status: int) -> None:
    assert Client(served).post("/page", headers=headers).status_code == status


def test_reading_is_free_of_the_rule_of_origins(served: FastAPI) -> None:
    assert Client(served).get("/page", headers=COOKIE | {"Origin": "http://evil.example"}).status_code == 200


@pytest.mark.parametrize(("path", "own_pages"), [("/api/v1/things", False), ("/page", True)])
def test_every_answer_forbids_browsers_the_rest(served: FastAPI, path: str, own_pages: bool) -> None:
    headers = Client(served).get(path).headers
    policy = headers["content-security-policy"]
    assert ("script-src 'self'" in policy) == own_pages
    assert "http" not in policy
    assert "*" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert "strict-transport-security" not in headers


def test_over_tls_browsers_are_told_to_stay_there(served: FastAPI) -> None:
    headers = Client(served, base="https://localhost").get("/page").headers
    assert headers["strict-transport-security"] == "max-age=31536000"


def test_refusals_carry_the_safe_headers_too(served: FastAPI) -> None:
    assert Client(served).get("/page", headers={"Host": "evil.example"}).headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("guard", [SameOrigin, lambda app: KnownHosts(app, lambda: ("shop.example",))])
@pytest.mark.parametrize(("origin", "host", "opened"), [("https://shop.example", "shop.example", True), ("https://evil.example", "evil.other", False)])
def test_sockets_meet_the_same_rules(guard: Any, origin: str, host: str, opened: bool) -> None:  # noqa: ANN401 - two ways to make a guard
    sent: list[Message] = []
    reached = []

    async def page(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001 - ASGI's signature
        reached.append(scope["path"])

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"host", host.encode()), (b"origin", origin.encode()), (b"cookie", b"a=b")]
    scope: Scope = {"type": "websocket", "scheme": "wss", "path": "/socket", "query_string": b"", "headers": headers, "server": ("192.0.2.1", 443)}

    async def connect() -> None:
        guarded: ASGIApp = guard(page)
        await guarded(scope, receive, send)

    asyncio.run(connect())
    assert (reached == ["/socket"]) == opened
    assert sent == ([] if opened else [{"type": "websocket.close", "code": POLICY_VIOLATION}])


def test_the_address_at_which_a_request_arrived_is_a_known_host() -> None:
    guard = KnownHosts(FastAPI(), lambda: ())
    for host, known in (("192.0.2.9:8443", True), ("192.0.2.10", False)):
        scope: Scope = {"type": "http", "headers": [(b"host", host.encode())], "server": ("192.0.2.9", 8443)}
        assert guard._knows(scope) is known  # noqa: SLF001 - httpx names itself after the address it asks


@pytest.mark.parametrize(("host", "loopback"), [("localhost", True), ("127.9.9.9", True), ("::1", True), ("192.0.2.1", False), ("localhost.example", False)])
def test_what_this_machine_is_called(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback
