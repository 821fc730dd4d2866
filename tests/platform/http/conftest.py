"""A site and an application on it that knows who asks by a header, so that routes are tested without staff."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from fastapi import FastAPI

from consentry.platform.actors import Actor, ActorKind, Permission
from consentry.platform.clock import FixedClock
from consentry.platform.errors import SignInError
from consentry.platform.http.access import serve_site
from consentry.platform.http.limits import RateLimit
from consentry.platform.http.problems import answer_problems
from consentry.platform.keys import SiteKeys
from consentry.platform.settings.store import SettingsStore
from consentry.platform.site import Site

if TYPE_CHECKING:
    from pathlib import Path

    from fastapi import Request

    from consentry.platform.database import Database

SETTINGS = """
[site]
id = "demo"
name = {zh = "示范店", en = "Demo shop"}
zone = "Asia/Shanghai"
controller = {zh = "示范公司", en = "Demo Ltd"}
contact = "+86 000"
"""
WHO = "X-Who"
"""The header by which these tests say who asks: a permission, ``nothing`` for a permission-less actor, ``wrong`` for bad credentials."""


def by_header(_: Site, request: Request) -> Actor | None:
    who = request.headers.get(WHO)
    if who is None:
        return None
    if who == "wrong":
        raise SignInError("access.wrong", "credentials", "they do not hold", "Sign in anew.")
    return Actor(ActorKind.STAFF, who, frozenset({Permission(who)} if who != "nothing" else ()))


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2026, 5, 1, 12, tzinfo=UTC))


def site_on(database: Database, folder: Path, clock: FixedClock) -> Site:
    path = folder / "site.toml"
    path.write_text(SETTINGS, encoding="utf-8")
    return Site(SettingsStore(path), database, SiteKeys(bytes(range(32)), "demo"), clock)


@pytest.fixture
def site(sqlite_database: Database, tmp_path: Path, clock: FixedClock) -> Site:
    return site_on(sqlite_database, tmp_path, clock)


@pytest.fixture
def app(site: Site) -> FastAPI:
    """Return an application without routes, which answers problems and knows callers by the header."""
    app = FastAPI(openapi_url=None)
    answer_problems(app)
    serve_site(app, site, by_header, RateLimit(per_second=0.01, burst=20))
    return app
