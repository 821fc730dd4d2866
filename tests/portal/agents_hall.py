"""The pages of agents and visitors over a sales hall, asked as a browser without scripts asks."""

from __future__ import annotations

from http.cookies import SimpleCookie
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI

from consentry.attribution.api.agent_cookies import agent_holder
from consentry.platform.http.access import serve_site
from consentry.platform.http.limits import RateLimit
from consentry.platform.http.problems import answer_problems
from consentry.portal.page import router
from tests.api.client import Client
from tests.attribution.reports.office import PASSPHRASE

if TYPE_CHECKING:
    import httpx

    from consentry.platform.site import Site

__all__ = ["Reader"]


class Reader:
    """Somebody who reads pages in English and keeps the cookies that they are given."""

    def __init__(self, site: Site) -> None:
        app = FastAPI()
        answer_problems(app)
        serve_site(app, site, agent_holder, RateLimit(per_second=1000, burst=10_000))
        app.include_router(router)
        self.client = Client(app)
        self.cookies: dict[str, str] = {}

    def get(self, path: str, **options: Any) -> httpx.Response:  # noqa: ANN401 - httpx' own options
        return self._send("GET", path, **options)

    def post(self, path: str, **fields: str) -> httpx.Response:
        return self._send("POST", path, data=fields)

    def sign_in(self, name: str, passphrase: str = PASSPHRASE) -> httpx.Response:
        return self.post("/agent/sign-in?lang=en", name=name, passphrase=passphrase)

    def _send(self, method: str, path: str, **options: Any) -> httpx.Response:  # noqa: ANN401 - as above
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = self.client.send(method, path, headers={"accept-language": "en", **({"cookie": cookie} if cookie else {})}, **options)
        for given in answer.headers.get_list("set-cookie"):
            self.cookies.update({name: morsel.value for name, morsel in SimpleCookie(given).items()})
        return answer
