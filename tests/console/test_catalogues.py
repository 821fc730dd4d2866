"""Everything the console says is in both catalogues, and nothing that a reader sees bypasses them."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

import pytest

from consentry.console.speech import LANGUAGES, preferred_language, speech
from consentry.ledger.actions import ACTIONS
from tests.console.catalogue import NOT_SEEN, PACKAGE, SPEAKING, error_codes, needed, read, sentences

if TYPE_CHECKING:
    from pathlib import Path

    from babel.messages.catalog import Message as Entry

PLACEHOLDER = re.compile(r"\{(\w+)\}")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
SAME_IN_CHINESE = {"CSV", "Webhook", "STARTTLS", "TLS", "、", "{what}：{subject}"}
SHOWING = {
    "text": (1,),
    "button": (1,),
    "button_link": (0,),
    "link": (0,),
    "badge": (0,),
    "note": (0, 1),
    "nothing": (0, 1),
    "card": (0, 1),
    "page_head": (0, 1),
    "dialog": (0, 1),
    "stat": (0, 1, 2),
    "fact": (0, 1),
    "field": (0, 2),
    "choose": (0, 4),
    "tick": (0, 3),
    "opener": (0,),
    "segments": (0,),
    "tell": (1,),
}
"""The widgets that show words, and which of their arguments are words."""


def entries(language: str) -> list[Entry]:
    return [entry for entry in read(language) if entry.id]


def forms(entry: Entry) -> list[str]:
    return [entry.string] if isinstance(entry.string, str) else list(entry.string or ())


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_holds_exactly_what_the_console_says(language: str) -> None:
    held = {(entry.context, entry.id if isinstance(entry.id, str) else tuple(entry.id)) for entry in entries(language)}
    assert held == {(message.kind, message.text) for message in needed(language)}


def test_every_act_that_the_code_writes_by_its_name_is_among_the_actions() -> None:
    calls = (node for file in PACKAGE.rglob("*.py") for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(node, ast.Call))
    named = (call.args[1] for call in calls if isinstance(call.func, ast.Name) and call.func.id == "Act" and len(call.args) > 1)
    written = {name.value for name in named if isinstance(name, ast.Constant)}
    assert "consent.given" in written
    assert written <= set(ACTIONS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_is_translated(language: str) -> None:
    assert [entry.id for entry in entries(language) if not all(forms(entry)) or entry.fuzzy] == []


def test_every_chinese_message_is_chinese() -> None:
    assert [entry.id for entry in entries("zh-CN") for form in forms(entry) if not CHINESE.search(form) and form not in SAME_IN_CHINESE] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_fills_the_same_places_as_the_message(language: str) -> None:
    for entry in entries(language):
        source = " ".join(entry.id) if not isinstance(entry.id, str) else entry.id
        for form in forms(entry):
            if entry.context is None:
                assert set(PLACEHOLDER.findall(form)) == set(PLACEHOLDER.findall(source)), entry.id


def test_the_errors_of_the_slices_are_found_by_their_codes() -> None:
    codes = error_codes()
    assert {"staff.name-taken", "line.too-short", "settings.unknown-key", "ledger.no-entry", "figures.span", "proof.seal"} <= codes
    assert not {code for code in codes if code.partition(".")[0] in NOT_SEEN}


def bypassing(tree: ast.AST) -> list[str]:
    """Return words that a widget would show as they stand in the code."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in SHOWING:
            shown = [argument for place, argument in enumerate(node.args) if place in SHOWING[node.func.id]]
            literals = [part for argument in shown for part in _literals(argument)]
            found += [word for word in literals if re.search(r"[A-Za-z]{2,}", word)]
    return found


def _literals(node: ast.expr) -> list[str]:
    """Return the literal texts that a shown expression has of its own, not those it passes on to a call."""
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else []
    if isinstance(node, ast.JoinedStr):
        return [part.value for part in node.values if isinstance(part, ast.Constant) and isinstance(part.value, str)]
    if isinstance(node, ast.IfExp):
        return _literals(node.body) + _literals(node.orelse)
    return []


@pytest.mark.parametrize("path", SPEAKING, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_word_on_a_page_bypasses_the_catalogue(path: Path) -> None:
    names = {"Consentry", "consentry ledger verify receipt.json", "tombstone"}
    tree = ast.parse(path.read_text(encoding="utf-8"))
    shown = [word for word in bypassing(tree) if word not in names and not re.fullmatch(r"[a-z0-9./ :{}-]+", word)]
    assert shown == []


def test_a_word_that_bypasses_the_catalogue_is_noticed() -> None:
    tree = ast.parse('text("p", "Hello there")\nbadge(f"Line {number}")\nnote(screen.say("Fine"), "Not fine")')
    assert bypassing(tree) == ["Hello there", "Line ", "Not fine"]


def test_sentences_are_collected_from_calls_and_titles(tmp_path: Path) -> None:
    module = tmp_path / "page.py"
    module.write_text('@console_page("/x", title="Title")\ndef draw(s):\n    s.say("One")\n    s.say_count("{count} a", "{count} b", 2)\n', encoding="utf-8")
    assert {message.text for message in sentences(module)} == {"Title", "One", ("{count} a", "{count} b")}


@pytest.mark.parametrize(
    ("chosen", "accepted", "spoken"),
    [
        (None, "", "zh-CN"),
        (None, "zh-CN,zh;q=0.9", "zh-CN"),
        (None, "zh-TW", "zh-CN"),
        (None, "en-GB,en;q=0.8", "en"),
        (None, "fr-FR,en;q=0.5", "en"),
        (None, "fr", "zh-CN"),
        ("en", "zh-CN", "en"),
        ("zh-CN", "en", "zh-CN"),
        ("<script>", "en", "en"),
    ],
)
def test_the_language_is_the_one_chosen_or_the_first_that_the_browser_accepts(chosen: str | None, accepted: str, spoken: str) -> None:
    assert preferred_language(chosen, accepted) == spoken


def test_numbers_follow_the_language() -> None:
    english, chinese = speech("en", "Asia/Shanghai"), speech("zh-CN", "Asia/Shanghai")
    assert (english.number(12345.67), chinese.percent(0.0512)) == ("12,345.7", "5.1%")
    assert english.say_count("{count} line", "{count} lines", 1) == "1 line"
    assert english.say_count("{count} line", "{count} lines", 2000) == "2,000 lines"
    assert chinese.say_count("{count} line", "{count} lines", 2) == "2 条计数线"


def test_a_name_in_one_language_stands_in_for_the_other() -> None:
    assert speech("en", "UTC").own({"zh": "正门", "en": ""}) == "正门"
    assert speech("en", "UTC").own({"zh": "正门", "en": "Door"}) == "Door"
