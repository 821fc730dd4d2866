"""The page that helps to install the local authority: both languages, no script, readable, and the right certificate in both files."""

from __future__ import annotations

import hashlib
import plistlib
import re
import subprocess
from base64 import b64encode
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from fastapi import FastAPI

from consentry.platform.clock import SystemClock
from consentry.platform.database import Database
from consentry.platform.http.access import serve_site
from consentry.platform.http.limits import RateLimit
from consentry.platform.http.problems import answer_problems
from consentry.platform.keys import SiteKeys
from consentry.platform.settings.model import Language
from consentry.platform.settings.store import SettingsStore
from consentry.platform.site import Site
from consentry.platform.tls.api import install_router
from consentry.platform.tls.authority import create_authority, fingerprint
from consentry.platform.tls.install_page import CONTENT_SECURITY_POLICY, certificate_file, install_page, profile_file
from consentry.platform.tls.install_words import STEPS, WORDS
from tests.api.client import Client
from tests.platform.settings.texts import LEAST

if TYPE_CHECKING:
    from pathlib import Path

    from consentry.platform.tls.authority import Authority

NOW = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    folder = tmp_path / "keys" / "tls"
    folder.mkdir(mode=0o700, parents=True)
    return create_authority(folder, "<Shop>", ["counter.lan"], NOW)


class Outline(HTMLParser):
    """Gathers what a page is made of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs


@pytest.mark.parametrize("language", Language)
def test_the_page_shows_the_fingerprint_and_every_device_in_its_language(authority: Authority, language: Language) -> None:
    page = install_page(authority.certificate, language)
    assert f'<html lang="{language}">' in page
    assert fingerprint(authority.certificate) in page
    assert all(device in page for device in STEPS[language])
    assert "$" not in page


@pytest.mark.parametrize("language", Language)
def test_the_page_needs_no_script_and_loads_nothing(authority: Authority, language: Language) -> None:
    outline = Outline(install_page(authority.certificate, language))
    assert {"script", "img", "link", "iframe", "form"}.isdisjoint(outline.tags)
    assert not any(name.startswith("on") or name in {"src", "style"} for name, _ in outline.attributes)
    assert all(value and value.startswith("/install-ca") for name, value in outline.attributes if name == "href")
    assert {"main", "h1", "nav"} <= set(outline.tags)
    assert ("viewport", "width=device-width,initial-scale=1") in zip(
        [value for name, value in outline.attributes if name == "name"], [value for name, value in outline.attributes if name == "content"], strict=True
    )


def test_the_policy_lets_only_the_style_of_the_page_apply(authority: Authority) -> None:
    style = re.search(r"<style>(.*)</style>", install_page(authority.certificate, Language.ENGLISH), re.DOTALL)
    assert style is not None
    assert b64encode(hashlib.sha256(style[1].encode()).digest()).decode() in CONTENT_SECURITY_POLICY
    assert "default-src 'none'" in CONTENT_SECURITY_POLICY


def test_both_languages_say_the_same_things() -> None:
    chinese, english = Language.CHINESE, Language.ENGLISH
    assert WORDS[chinese].keys() == WORDS[english].keys()
    assert [len(steps) for steps in STEPS[chinese].values()] == [len(steps) for steps in STEPS[english].values()]


def luminance(colour: str) -> float:
    """Return the relative luminance of ``#rgb`` or ``#rrggbb`` (WCAG 2.2)."""
    digits = colour.removeprefix("#")
    digits = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_colours_are_readable_by_day_and_night(authority: Authority) -> None:
    assert contrast("#000", "#fff") == pytest.approx(21)
    page = install_page(authority.certificate, Language.ENGLISH)
    schemes = [dict(re.findall(r"--(\w+):(#\w+)", block)) for block in re.findall(r":root\{(.*?)\}", page)]
    assert len(schemes) == 2
    for scheme in schemes:
        assert all(contrast(scheme[text], scheme[ground]) >= 4.5 for text in ("text", "soft", "link") for ground in ("ground", "box"))
        assert contrast(scheme["line"], scheme["ground"]) >= 3


def test_both_files_hold_the_authority_and_no_key(authority: Authority, tmp_path: Path) -> None:
    der = authority.certificate.public_bytes(Encoding.DER)
    assert certificate_file(authority.certificate).content == der
    profile = plistlib.loads(profile_file(authority.certificate).content)
    assert profile["PayloadContent"][0]["PayloadType"] == "com.apple.security.root"
    assert profile["PayloadContent"][0]["PayloadContent"] == der
    assert fingerprint(authority.certificate) in profile["PayloadDescription"]
    (tmp_path / "ca.crt").write_bytes(der)
    shown = subprocess.run(
        ["openssl", "x509", "-inform", "der", "-in", tmp_path / "ca.crt", "-noout", "-fingerprint", "-sha256"], capture_output=True, check=True
    )
    assert shown.stdout.decode().strip().partition("=")[2].replace(":", " ") == fingerprint(authority.certificate)


def browser(folder: Path, mode: str) -> Client:
    (folder / "site.toml").write_text(f"{LEAST}[web.tls]\nmode = '{mode}'\n", encoding="utf-8")
    app = FastAPI()
    site = Site(SettingsStore(folder / "site.toml"), Database("sqlite://"), SiteKeys(bytes(32), "shop-1"), SystemClock())
    answer_problems(app)
    serve_site(app, site, lambda *_: None, RateLimit(1e6, 1_000_000))
    app.include_router(install_router)
    return Client(app)


@pytest.mark.usefixtures("authority")
@pytest.mark.parametrize(
    ("query", "accepted", "language"),
    [("", "", "zh-CN"), ("", "en-GB,en;q=0.9", "en"), ("", "fr,zh-TW;q=0.5", "zh-CN"), ("?lang=en", "zh-CN", "en"), ("?lang=xx", "en", "zh-CN")],
)
def test_the_page_is_served_in_the_language_of_the_reader(tmp_path: Path, query: str, accepted: str, language: str) -> None:
    answer = browser(tmp_path, "local-authority").get(f"/install-ca{query}", headers={"Accept-Language": accepted})
    assert (answer.status_code, answer.headers["content-security-policy"]) == (200, CONTENT_SECURITY_POLICY)
    assert f'<html lang="{language}">' in answer.text


def test_the_files_are_served_and_no_other(authority: Authority, tmp_path: Path) -> None:
    client = browser(tmp_path, "local-authority")
    for file in (certificate_file(authority.certificate), profile_file(authority.certificate)):
        answer = client.get(f"/install-ca/{file.name}")
        assert (answer.content, answer.headers["content-type"]) == (file.content, file.media_type)
    assert client.get("/install-ca/authority.pem").status_code == 404


@pytest.mark.usefixtures("authority")
def test_a_site_without_an_authority_of_its_own_has_no_such_page(tmp_path: Path) -> None:
    client = browser(tmp_path, "off")
    assert [client.get("/install-ca").status_code, client.get("/install-ca/consentry-ca.crt").status_code] == [404, 404]
