"""Asks an application in this process, without a server: what a test of routes needs."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from fastapi import FastAPI


class Client:
    """Sends requests to ``app`` from ``address``; ``headers`` go with each."""

    def __init__(self, app: FastAPI, headers: dict[str, str] | None = None, address: str = "192.0.2.7", base: str = "http://localhost") -> None:
        self._transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(address, 40000))
        self._headers = headers or {}
        self._base = base

    def send(self, method: str, path: str, **options: Any) -> httpx.Response:  # noqa: ANN401 - httpx' own options
        async def sent() -> httpx.Response:
            async with httpx.AsyncClient(transport=self._transport, base_url=self._base, headers=self._headers) as client:
                return await client.request(method, path, **options)

        return asyncio.run(sent())

    def get(self, path: str, **options: Any) -> httpx.Response:  # noqa: ANN401 - as above
        return self.send("GET", path, **options)

    def post(self, path: str, **options: Any) -> httpx.Response:  # noqa: ANN401 - as above
        return self.send("POST", path, **options)

    def put(self, path: str, **options: Any) -> httpx.Response:  # noqa: ANN401 - as above
        return self.send("PUT", path, **options)
