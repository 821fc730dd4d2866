"""The web process as it really runs: it begins, serves pages and programs, keeps secrets out of its log, and ends when told."""

from __future__ import annotations

import base64
import json
import signal
import subprocess
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import httpx
import pyotp
import pytest

import consentry.console.every_page  # noqa: F401 - it registers every page
from consentry.console.pages import PAGES
from consentry.platform.http.access import PUBLIC
from consentry.platform.opening import open_site
from consentry.staff.service import first_administrator_link
from tests.api.web_process import COMMAND, PATIENCE_S, SETTINGS, make_site, running
from tests.staff.people import PASSWORD, token_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.api.web_process import WebProcess

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_site(tmp_path_factory.mktemp("web") / "site")


@pytest.fixture(scope="module")
def web(config: Path) -> Iterator[WebProcess]:
    with running(config) as web:
        yield web


def refused(config: Path) -> str:
    """Start a web process that cannot run, and return the one line that it logs."""
    done = subprocess.run([*COMMAND, str(config)], capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    line = json.loads(done.stderr.splitlines()[-1])
    assert "traceback" not in line
    return str(line["message"])


def test_it_is_ready_to_work(web: WebProcess) -> None:
    answer = httpx.get(f"{web.address}/readyz", timeout=PATIENCE_S)
    assert answer.json() == {"ready": True, "checks": {"database": True, "disk": True, "ledger": True}}


def test_its_metrics_tell_of_jobs_and_events(web: WebProcess) -> None:
    text = httpx.get(f"{web.address}/metrics", timeout=PATIENCE_S).text
    assert 'consentry_job_failures{job="outbox"} 0.0' in text
    assert "consentry_events_waiting 0.0" in text


@pytest.mark.parametrize("path", ["/api/v1/no-such-thing", "/api/v1/"])
def test_unknown_paths_of_the_interface_are_problems_and_no_pages(web: WebProcess, path: str) -> None:
    answer = httpx.get(f"{web.address}{path}", timeout=PATIENCE_S)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


@pytest.mark.parametrize("path", [page.path for page in PAGES.values() if page.access is not PUBLIC])
def test_every_page_sends_strangers_to_the_sign_in(web: WebProcess, path: str) -> None:
    answer = httpx.get(web.address + path.replace("{", "").replace("}", ""), timeout=PATIENCE_S)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/console/sign-in")


def test_a_session_leaves_no_secret_in_the_log(web: WebProcess, config: Path) -> None:
    with open_site(config) as site:
        path = first_administrator_link(site)
        assert path is not None
        link = token_of(path)
        main_key = site.keys.derive("session-token")
    with httpx.Client(base_url=f"{web.address}/api/v1", headers={"Origin": web.address}, timeout=PATIENCE_S) as browser:
        browser.post("/public/invitation/acceptance", json={"token": link, "name": "root.admin", "password": PASSWORD}).raise_for_status()
        first_token = browser.cookies["consentry"]
        begun = browser.post("/session/second-factors/one-time-codes").raise_for_status().json()
        totp = pyotp.TOTP(begun["secret"])
        proof = {"ticket": begun["ticket"], "label": "phone", "code": totp.now()}
        recovery = browser.put("/session/second-factors/one-time-codes", json=proof).raise_for_status().json()
        key = browser.post("/api-keys", json={"label": "till", "scopes": ["view-figures"], "expires": _tomorrow()}).raise_for_status().json()["text"]
        browser.post("/public/session", json={"name": "root.admin", "password": "wrong-but-secret-too"})
        token = browser.cookies["consentry"]
    assert httpx.get(f"{web.address}/api/v1/site", headers={"Authorization": f"Bearer {key}"}, timeout=PATIENCE_S).status_code == 200
    assert httpx.get(f"{web.address}/api/v1/site?api_key={key}", headers={"Authorization": "Bearer guessed-secret"}, timeout=PATIENCE_S).status_code == 401
    log = web.logged()
    assert "POST /api/v1/api-keys 201" in log
    texts = [value for value in _texts(recovery) if len(value) > 8]
    secrets = [link, PASSWORD, "wrong-but-secret-too", first_token, token, begun["secret"], begun["ticket"], key, key.split("_", 2)[2], *texts]
    secrets += ["guessed-secret", main_key.hex(), base64.b64encode(main_key).decode(), (config.parent / "keys" / "main.key").read_text(encoding="utf-8")]
    assert [secret for secret in secrets if secret in log] == []


def _tomorrow() -> str:
    return (datetime.now(UTC) + timedelta(days=1)).isoformat()


def _texts(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for inner in value.values() for text in _texts(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in _texts(inner)]
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_cleanly_when_told_also_with_a_connection_open(tmp_path: Path, number: signal.Signals) -> None:
    with running(make_site(tmp_path / "site")) as web, httpx.Client(base_url=web.address, timeout=PATIENCE_S) as client:
        client.get("/healthz")
        web.process.send_signal(number)
        assert web.process.wait(60) == 0
        assert "traceback" not in web.logged()


def test_it_refuses_plain_http_for_others(tmp_path: Path) -> None:
    config = make_site(tmp_path / "site", SETTINGS + '[web]\nhost = "0.0.0.0"\n')
    assert "plain HTTP" in refused(config)


def test_it_refuses_a_key_that_others_can_read(tmp_path: Path) -> None:
    config = make_site(tmp_path / "site")
    (config.parent / "keys" / "main.key").chmod(0o644)
    assert "main.key" in refused(config)


def test_it_refuses_the_keys_of_another_site(tmp_path: Path) -> None:
    config = make_site(tmp_path / "site", SETTINGS.replace('id = "demo"', 'id = "other"'))
    assert "keys.other-site" in refused(config)


def test_it_names_what_is_wrong_with_the_settings(tmp_path: Path) -> None:
    config = make_site(tmp_path / "site", SETTINGS + "[web]\nprot = 80\n")
    assert "prot" in refused(config)
