"""The front desk's page as it is sent: one empty shell, a policy, a worker that keeps all of it and nothing else, and words for whatever can happen."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest

from consentry.attribution.visiting import HintKind
from consentry.portal import shells
from consentry.portal.phrases import phrases

if TYPE_CHECKING:
    from tests.api.client import Client

STATIC = files("consentry.portal").joinpath("static")
MODULES = {file.name: file.read_text(encoding="utf-8") for file in STATIC.iterdir() if re.fullmatch(r"(?:desk|shell).*\.js", file.name)}
REFUSING = ("desk_text.py", "numbers.py", "rules/reports.py", "service/desk_queue.py", "service/desks.py", "service/receiving.py")
OF_STAFF = {"desk.entry-settled", "desk.entry-unknown", "desk.too-many", "desk.code", "desk.key-used", "desk.unknown", "document.form", "identity.unknown"}
OF_AGENTS = {"report.mask", "report.planned", "report.reply", "report.ground", "report.cite"}


def shell_of(text: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(text.partition("const SHELL = ")[2].partition(";\n")[0])
    return found


def test_every_desk_gets_the_same_shell_which_names_none(visitor: Client) -> None:
    shells = {visitor.get(f"/desk{one}?lang=en").text.replace(f'action="/desk{one}"', "") for one in ("", "/01a1fd98-c969-79fb-9a5d-2d776d1d19b2", "/nowhere")}
    assert len(shells) == 1
    assert "01a1fd98" not in shells.pop()


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_the_page_runs_files_of_the_package_alone_and_makes_one_address_of_a_script(visitor: Client, language: str) -> None:
    answer = visitor.get(f"/desk?lang={language}")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "require-trusted-types-for 'script'; trusted-types consentry-desk" in policy
    assert "unsafe" not in policy
    assert "camera=(self)" in answer.headers["permissions-policy"]
    assert re.findall(r"<style|<script>|\son\w+=|\sstyle=", answer.text) == []
    assert MODULES["shell.js"].count("createScriptURL: onlyWorker") == 1


def test_the_worker_keeps_the_shell_in_both_languages_and_every_file_that_it_loads(visitor: Client) -> None:
    answer = visitor.get("/desk-worker.js")
    shell = shell_of(answer.text)
    assert answer.headers["content-security-policy"] == "default-src 'none'; connect-src 'self'"
    assert answer.headers["service-worker-allowed"] == shell["page"] == "/desk"
    assert [visitor.get(path).status_code for path in shell["files"]] == [200] * len(shell["files"])
    loaded = {name for language in shell["languages"] for name in re.findall(r'(?:src|href)="(/portal/[^"]+)"', visitor.get(f"/desk?lang={language}").text)}
    beside = {f"{path.rpartition('/')[0]}/{name}" for path in shell["files"] for name in imports(path)}
    assert loaded | beside == set(shell["files"])


def imports(path: str) -> set[str]:
    text = STATIC.joinpath(path.rpartition("/")[2]).read_text(encoding="utf-8")
    return set(re.findall(r'from "\./([^"]+)"', text))


def test_a_changed_word_makes_another_worker(visitor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    before, part = visitor.get("/desk-worker.js").text, shells.part_of
    monkeypatch.setattr(shells, "part_of", lambda name: part(name) + ("# changed" if name == "locale/desk.en.toml" else ""))
    shells.version.cache_clear()
    try:
        assert shell_of(visitor.get("/desk-worker.js").text)["version"] != shell_of(before)["version"]
    finally:
        shells.version.cache_clear()


def test_every_hint_and_every_refusal_has_words() -> None:
    said = phrases("en")["desk"]["said"]
    slice_ = files("consentry.attribution")
    raised = {code for name in REFUSING for code in re.findall(r'Error\("([a-z]+\.[a-z-]+)"', slice_.joinpath(name).read_text(encoding="utf-8"))}
    assert set(said["hint"]) == set(HintKind)
    assert {"desk.revoked", "report.unknown", "phone.form"} <= raised
    assert raised - OF_STAFF - OF_AGENTS - set(said["why"]) == set()


def test_scripts_say_exactly_the_words_that_there_are() -> None:
    words = set(phrases("en")["desk"]["said"]) - {"hint", "why"}
    text = "\n".join(MODULES.values())
    asked = re.findall(r'(?:say|wrong)\("(\w+)"', text) + [word for pair in re.findall(r'say\([^"\n]*\? "(\w+)" : "(\w+)"', text) for word in pair]
    assert words - set(re.findall(r'"(\w+)"', text)) == set()
    assert set(asked) - words == set()


def test_nothing_that_was_said_of_a_visitor_is_put_where_it_can_be_read() -> None:
    text = "\n".join(MODULES.values())
    assert re.findall(r"localStorage|sessionStorage|document\.cookie|console\.log", text) == []
    assert MODULES["shell-worker.js"].count("addAll") == 1
    assert "cache.put" not in MODULES["shell-worker.js"]
