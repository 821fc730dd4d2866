"""A browser for tests of routes: it keeps cookies and says from which page it asks."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from fastapi import FastAPI


class Browser:
    """Asks ``app`` at ``base`` from a page of the same origin."""

    def __init__(self, app: FastAPI, base: str) -> None:
        self._transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=("192.0.2.7", 40000))
        self._base = base
        self.cookies = httpx.Cookies()

    def send(self, method: str, path: str, **options: Any) -> httpx.Response:  # noqa: ANN401 - httpx' own options
        async def sent() -> httpx.Response:
            headers = {"Origin": self._base}
            async with httpx.AsyncClient(transport=self._transport, base_url=self._base, headers=headers, cookies=self.cookies) as client:
                answer = await client.request(method, f"/api/v1{path}", **options)
                self.cookies = client.cookies
                return answer

        return asyncio.run(sent())

    def get(self, path: str, **options: Any) -> httpx.Response:  # noqa: ANN401 - as above
        return self.send("GET", path, **options)

    def post(self, path: str, **options: Any) -> httpx.Response:  # noqa: ANN401 - as above
        return self.send("POST", path, **options)

    def put(self, path: str, **options: Any) -> httpx.Response:  # noqa: ANN401 - as above
        return self.send("PUT", path, **options)

    def delete(self, path: str) -> httpx.Response:
        return self.send("DELETE", path)
