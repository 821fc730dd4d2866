"""A site with a station and two purposes that may run, asked as a browser without scripts asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fastapi import FastAPI

from consentry.consent.model import Method, Purpose
from consentry.platform.http.access import serve_site
from consentry.platform.http.limits import RateLimit
from consentry.platform.http.problems import answer_problems
from consentry.portal.page import router
from consentry.recognition import service as recognition
from consentry.recognition.answers import PurposeState
from tests.api.client import Client
from tests.consent.shop import DAY, TERMS, open_purpose, site_on

if TYPE_CHECKING:
    from pathlib import Path

    from consentry.platform.database import Database
    from consentry.platform.site import Site

STATION_SETTINGS = """
[site]
id = "shop-1"
name = {zh = "一号店", en = "Shop one"}
zone = "Asia/Shanghai"
controller = {zh = "示范公司", en = "Demo Ltd"}
contact = "+86 000"

[recognition]
embedder = "mobilefacenet"

[[purpose]]
id = "greeting"
method = "1:N"
retention = "90 days"
validity = "365 days"
alternatives = ["card", "desk"]

[[purpose]]
id = "door_access"
method = "1:1"
retention = "90 days"
validity = "365 days"
alternatives = ["pin", "card"]

[[station]]
id = "kiosk"
name = {zh = "迎宾台", en = "Welcome kiosk"}
purposes = ["greeting", "door_access"]
zone = [0.25, 0.05, 0.75, 0.95]
enrols = true

[[station]]
id = "gate"
name = {zh = "门口", en = "Gate"}
purposes = ["door_access"]
"""
DOOR_TERMS = type(TERMS)(Method.ONE_TO_ONE, "mobilefacenet", 90 * DAY, 365 * DAY, (), "vault-1")


@pytest.fixture
def station_site(sqlite_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """Return a site whose notices and assessments are in force and whose vault, which is not there, would let both purposes run."""
    site = site_on(sqlite_database, tmp_path, STATION_SETTINGS)
    open_purpose(site)
    open_purpose(site, Purpose.DOOR_ACCESS, DOOR_TERMS)
    states = tuple(PurposeState(purpose, ()) for purpose in (Purpose.GREETING, Purpose.DOOR_ACCESS))
    monkeypatch.setattr(recognition, "purposes_open", lambda _: states)
    return site


@pytest.fixture
def visitor(station_site: Site) -> Client:
    app = FastAPI()
    answer_problems(app)
    serve_site(app, station_site, lambda _site, _request: None, RateLimit(per_second=100, burst=1000))
    app.include_router(router)
    return Client(app)
