"""What every page of this kind has in common: its policy, its scripts, its words, and what it tells where nothing is open."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest
from starlette.requests import Request

from consentry.portal.leaving import KINDS
from consentry.portal.phrases import phrases
from consentry.portal.place import Place, public_address
from consentry.portal.qr import qr_code
from consentry.recognition import service as recognition
from consentry.recognition.answers import PurposeState
from consentry.recognition.station.words import REFUSALS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from consentry.platform.site import Site
    from tests.api.client import Client

PAGES = (
    "/consent/greeting",
    "/consent/greeting/young",
    "/consent/greeting/notice?age=14",
    "/withdraw",
    "/lost",
    "/found",
    "/rights",
    "/rights/answer",
    "/receipt",
    "/kiosk/kiosk",
    "/kiosk/kiosk/agree/greeting",
    "/kiosk/kiosk/recognise/greeting",
    "/kiosk/gate/recognise/door_access",
    "/kiosk/kiosk/resume",
    "/kiosk/nowhere",
)
EVERY_PAGE = pytest.mark.parametrize("path", PAGES)


def keys(words: Mapping[str, Any], above: str = "") -> set[str]:
    """Return the full names of all words."""
    return {key for name, found in words.items() for key in (keys(found, f"{above}{name}.") if isinstance(found, dict) else {above + name})}


def placeholders(words: Mapping[str, Any]) -> list[str]:
    return sorted(re.findall(r"\{\w+\}", repr(words)))


@EVERY_PAGE
def test_a_page_loads_nothing_but_files_of_the_package_and_runs_no_script_of_its_own(visitor: Client, path: str) -> None:
    answer = visitor.get(path)
    loaded = re.findall(r'(?:<script type="module" src|<link rel="stylesheet" href)="([^"]+)"', answer.text)
    assert loaded
    assert [visitor.get(address).status_code for address in loaded] == [200] * len(loaded)
    assert answer.text.count("<script") + answer.text.count("<link") == len(loaded)
    assert re.findall(r"<style|<script>|\son\w+=|\sstyle=", answer.text) == []
    assert "set-cookie" not in answer.headers


@EVERY_PAGE
def test_a_page_s_policy_forbids_everything_else_and_its_camera_opens_only_where_a_person_uses_it(visitor: Client, path: str) -> None:
    answer = visitor.get(path)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert ("camera=(self)" in answer.headers.get("permissions-policy", "")) is ("recognise" in path)


def test_scripts_find_each_other_and_never_make_markup_of_text() -> None:
    static = files("consentry.portal").joinpath("static")
    scripts = {file.name: file.read_text(encoding="utf-8") for file in static.iterdir() if file.name.endswith(".js")}
    imported = {name for text in scripts.values() for name in re.findall(r'from "\./([^"]+)"', text)}
    assert imported <= set(scripts)
    assert [name for name, text in scripts.items() if re.search(r"innerHTML|insertAdjacentHTML|document\.write|eval\(|https?://", text)] == []


def test_a_file_of_another_version_or_name_is_not_given(visitor: Client) -> None:
    address = re.findall(r'href="(/portal/[^"]+)"', visitor.get("/").text)[0]
    version = address.split("/")[2]
    assert visitor.get(address).headers["cache-control"].endswith("immutable")
    assert [visitor.get(f"/portal/{one}").status_code for one in (f"{version}/page.py", f"{version}/..%2Fpage.py", "0000/portal.css")] == [404, 404, 404]


def test_both_languages_have_the_same_words_with_the_same_gaps() -> None:
    chinese, english = phrases("zh-CN"), phrases("en")
    assert keys(chinese) == keys(english)
    assert placeholders(chinese) == placeholders(english)


def test_every_result_of_a_capture_and_every_kind_of_request_has_words() -> None:
    script = files("consentry.portal").joinpath("static", "results.js").read_text(encoding="utf-8")
    results = set(re.findall(r"^  (\w+): \[", script, re.MULTILINE)) | set(re.findall(r'"(enrolled|accepted|rejected|invalid|refused|away)"', script))
    said = phrases("en")["capture"]
    assert len(results) > 15
    assert {result for result in results if result not in said} == set()
    assert [code for code in REFUSALS if f'"{code}"' not in script] == []
    assert [words for words in KINDS.values() if words not in phrases("en")["rights"]] == []


def test_home_and_notice_speak_of_recognition_only_where_it_exists(visitor: Client, station_site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    home, notice = (visitor.get(f"{path}?lang=en").text for path in ("/", "/notice"))
    assert "Recognised is only who agreed" in home
    assert "/consent/greeting?lang=en" in home
    assert "Welcome kiosk, Gate" in notice
    assert "90 days after the last use" in notice
    monkeypatch.setattr(recognition, "purposes_open", lambda _: ())
    home, notice = (visitor.get(f"{path}?lang=en").text for path in ("/", "/notice"))
    assert "People are counted here, no one is recognised" in home
    assert "/consent/" not in home
    assert "Welcome kiosk" not in notice
    assert station_site.settings.purposes


def test_a_purpose_that_is_blocked_is_told_as_closed_and_cannot_be_agreed_to(visitor: Client, station_site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    (open_now, *_) = recognition.purposes_open(station_site)
    blocker = object()
    monkeypatch.setattr(recognition, "purposes_open", lambda _: (PurposeState(open_now.purpose, (blocker,)),))  # type: ignore[arg-type]
    assert "Not open at present." in visitor.get("/notice?lang=en").text
    assert visitor.get("/consent/greeting?lang=en").status_code == 404
    start = visitor.get("/kiosk/kiosk?lang=en").text
    assert "Nobody is recognised here. Please go on as below." in start
    assert "Speak to anyone at the desk." in start
    assert "Withdraw my consent" in start


@pytest.mark.parametrize(
    ("base", "more", "address"),
    [
        ("http://localhost:8080", "", "http://localhost:8080/withdraw?lang=en"),
        ("https://shop.lan", '\n[web]\nnames = ["shop.lan"]\n', "https://shop.lan/withdraw?lang=en"),
        ("https://127.0.0.1:8443", '\n[web]\nnames = ["shop.lan"]\n', "https://shop.lan:8443/withdraw?lang=en"),
    ],
)
def test_a_receipt_s_code_holds_an_address_that_a_telephone_reaches(station_site: Site, base: str, more: str, address: str) -> None:
    station_site.store.replace(station_site.store.text + more, expected=station_site.store.digest)
    scheme, _, host = base.partition("://")
    scope = {"type": "http", "scheme": scheme, "path": "/", "query_string": b"lang=en", "headers": [(b"host", host.encode())]}
    assert public_address(Request(scope), station_site, "/withdraw") == address


def test_a_telephone_is_no_station() -> None:
    assert (Place(None).base, Place(None).deciding) == ("", "/consent")


def test_a_text_too_long_for_a_code_has_none() -> None:
    assert qr_code("x" * 4000) is None
    code = qr_code("x")
    assert code is not None
    assert code.side == 21 + 8
    assert code.path.startswith("M4 4h1v1h-1z")
    assert 'aria-label="a &lt;b&gt; &#34;c&#34;"' in code.drawn('a <b> "c"')
