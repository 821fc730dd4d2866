"""The public pages: both languages, nothing but text and a style sheet, and what they say is what the system holds."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from fastapi import FastAPI
from sqlalchemy import inspect

from consentry.cameras.model import CameraState
from consentry.ledger.model import Act
from consentry.ledger.service import checkpoint, record
from consentry.platform.clock import FixedClock
from consentry.platform.http.access import serve_site
from consentry.platform.http.limits import RateLimit
from consentry.platform.http.problems import answer_problems
from consentry.platform.keys import SiteKeys
from consentry.platform.settings.camera import ZoneType
from consentry.platform.settings.store import SettingsStore
from consentry.platform.site import Site
from consentry.portal.page import router
from consentry.portal.words import STATES, ZONES
from tests.api.client import Client

if TYPE_CHECKING:
    from pathlib import Path

    from consentry.platform.database import Database

PAGES = ("/", "/notice", "/check")
SETTINGS = """
[site]
id = "north-gate"
name = {zh = "北门店", en = "North Gate"}
zone = "Asia/Shanghai"
controller = {zh = "晴川百货有限公司", en = "Qingchuan Stores Ltd"}
contact = "+86 27 0000"

[[camera]]
id = "door"
name = {zh = "正门", en = "Main door"}
source = "rtsp://camera.example/door"
zone_type = "entrance"
basis = "anonymous-counting"
retention = "400 days"
sign = {text = {zh = "此处统计人数", en = "People are counted <here>"}, place = "Left of the door", photo = "sign.jpg", placed_on = 2026-03-01}

[[camera]]
id = "hall"
name = {zh = "大厅", en = "Hall"}
source = "rtsp://camera.example/hall"
"""


@pytest.fixture
def site(database: Database, tmp_path: Path) -> Site:
    path = tmp_path / "site.toml"
    path.write_text(SETTINGS, encoding="utf-8")
    (tmp_path / "sign.jpg").touch()
    return Site(SettingsStore(path), database, SiteKeys(bytes(32), "north-gate"), FixedClock(datetime(2026, 5, 1, 12, tzinfo=UTC)))


@pytest.fixture
def client(site: Site) -> Client:
    app = FastAPI()
    answer_problems(app)
    serve_site(app, site, lambda _site, _request: None, RateLimit(per_second=100, burst=1000))
    app.include_router(router)
    return Client(app)


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_a_page_needs_no_script_no_cookie_and_nothing_from_elsewhere(client: Client, path: str, language: str) -> None:
    answer = client.get(path, params={"lang": language})
    assert answer.status_code == 200
    assert f'<html lang="{language}">' in answer.text
    assert "set-cookie" not in answer.headers
    assert re.findall(r"<(script|img|iframe|form)|https?://|\son\w+=", answer.text) == []
    assert "script-src" not in answer.headers["content-security-policy"]
    assert "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(("accepted", "language"), [("en-GB,en;q=0.8", "en"), ("zh-TW", "zh-CN"), ("fr", "zh-CN"), ("", "zh-CN")])
def test_a_page_speaks_the_language_that_the_browser_asks_for(client: Client, accepted: str, language: str) -> None:
    assert f'<html lang="{language}">' in client.get("/", headers={"Accept-Language": accepted}).text


def test_both_languages_have_the_same_headings_and_links(client: Client) -> None:
    for path in PAGES:
        shapes = [re.findall(r"<(h1|h2|h3|dt|a href=\"[^?\"]*)", client.get(path, params={"lang": language}).text) for language in ("zh-CN", "en")]
        assert shapes[0] == shapes[1], path


def test_the_notice_names_the_controller_each_place_its_sign_and_how_long_figures_are_kept(client: Client) -> None:
    text = client.get("/notice", params={"lang": "en"}).text
    for words in ("Qingchuan Stores Ltd", "+86 27 0000", "Main door", "Entrance", "Left of the door", "since 2026-03-01", "400 days"):
        assert words in text
    assert "People are counted &lt;here&gt;" in text, "what the settings say is text, never markup"


def test_a_camera_whose_record_is_incomplete_is_shown_as_off(client: Client) -> None:
    hall = client.get("/notice", params={"lang": "en"}).text.split("Hall")[1]
    assert "its record is incomplete" in hall.split("</section>")[0]


def test_no_page_shows_where_a_camera_is_reached(client: Client) -> None:
    assert [path for path in PAGES if "rtsp" in client.get(path).text or "camera.example" in client.get(path).text] == []


def test_the_self_check_lists_every_table_and_column_of_figures_that_the_database_has(client: Client, site: Site) -> None:
    text = client.get("/check", params={"lang": "en"}).text
    shown = {table: columns.split(", ") for table, columns in re.findall(r"<h3><code>(\w+)</code></h3><p><code>([^<]+)</code>", text)}
    inspector = inspect(site.database.engine)
    others = {"entry", "ledger", "staff", "account", "session", "camera", "alarm", "outbox", "alembic"}
    figures = {name for name in inspector.get_table_names() if name.endswith(("_minute", "_span", "_hour")) and not others & set(name.split("_"))}
    assert figures <= set(shown)
    assert all(shown[name] == [column["name"] for column in inspector.get_columns(name)] for name in shown)


def test_the_self_check_shows_the_newest_checkpoint_as_it_was_signed(client: Client, site: Site) -> None:
    assert "no checkpoint yet" in client.get("/check", params={"lang": "en"}).text
    with site.database.transaction() as session:
        record(session, Act("system:test", "settings.applied", "site.toml", "administration"), site.clock.now())
    note = checkpoint(site)
    assert note.text.splitlines()[2] in client.get("/check", params={"lang": "en"}).text.replace("&#43;", "+")


def test_every_kind_of_place_and_state_has_a_name_in_both_languages() -> None:
    assert {frozenset(words) for words in [*ZONES.values(), *STATES.values()]} == {frozenset({"zh-CN", "en"})}
    assert set(ZONES) == set(ZoneType)
    assert set(STATES) == set(CameraState)


def test_a_certificate_is_offered_only_where_the_site_is_its_own_authority(client: Client, site: Site) -> None:
    assert "/install-ca" not in client.get("/").text
    with_authority = SETTINGS + '\n[web]\nhost = "0.0.0.0"\nnames = ["shop.lan"]\ntls = {mode = "local-authority"}\n'
    site.store.replace(with_authority, expected=site.store.digest)
    assert "/install-ca" in client.get("/").text
