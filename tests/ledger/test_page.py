"""What the ledger's pages print for people to take away."""

from __future__ import annotations

import ast
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

import consentry
from consentry.cli.ledger import ledger
from consentry.console.speech import speech
from consentry.ledger import service
from consentry.ledger.page import reason_words, verify_command
from consentry.ledger.reasons import SYSTEM_REASONS
from consentry.platform.actors import Actor, ActorKind, Permission
from tests.ledger.logs import fill

if TYPE_CHECKING:
    from consentry.platform.site import Site


def test_the_command_shown_beside_a_receipt_checks_it_as_it_stands(sqlite_site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    auditor = Actor(ActorKind.STAFF, "auditor", frozenset({Permission.VIEW_LEDGER}))
    fill(sqlite_site, 1)
    (tmp_path / "receipt of 0.json").write_bytes(service.receipt(sqlite_site, auditor, 0).data)
    monkeypatch.chdir(tmp_path)
    program, group, *rest = shlex.split(verify_command(service.log_key(sqlite_site), "receipt of 0.json"))
    assert (program, group) == ("consentry", "ledger")
    checked = CliRunner().invoke(ledger, rest)
    assert checked.exit_code == 0, checked.output


@pytest.mark.parametrize(
    ("reason", "in_chinese", "in_english"),
    [
        ("the file was edited", "修改了设置文件", "the settings file was edited"),
        ("retention", "保存期限已满", "its time to be kept is over"),
        ("no-picture", "没有收到画面", "No picture arrived"),
        ("门口换了地垫", "门口换了地垫", "门口换了地垫"),
        ("the mat moved", "the mat moved", "the mat moved"),
        ("", "", ""),
    ],
)
def test_a_reason_of_the_system_is_said_in_the_readers_language_and_everybodys_own_words_stay(reason: str, in_chinese: str, in_english: str) -> None:
    assert [reason_words(speech(language, "UTC"), reason) for language in ("zh-CN", "en")] == [in_chinese, in_english]


def test_every_reason_of_the_list_is_one_that_the_code_gives_and_none_that_it_gives_in_an_act_is_missing() -> None:
    texts = [file.read_text(encoding="utf-8") for file in Path(consentry.__file__).parent.rglob("*.py") if file.name != "reasons.py"]
    assert [reason for reason in SYSTEM_REASONS if not any(f'"{reason}"' in text for text in texts)] == []
    nodes = [node for text in texts if " Act(" in text or "(Act(" in text for node in ast.walk(ast.parse(text))]
    acts = [node for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Act" and len(node.args) > 4]
    given = {call.args[4].value for call in acts if isinstance(call.args[4], ast.Constant)}
    assert {"retention"} <= given - {""} <= set(SYSTEM_REASONS)
