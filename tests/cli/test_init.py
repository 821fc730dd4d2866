"""``consentry init`` asks in plain words, founds a site, and says what comes next."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from consentry.cli.init import init
from consentry.cli.main import main
from consentry.platform.settings.checking import check
from consentry.platform.settings.model import TlsMode
from consentry.platform.settings.store import load

if TYPE_CHECKING:
    from pathlib import Path


def test_yes_takes_every_default_and_serves_this_machine_alone(tmp_path: Path) -> None:
    assert main(["init", str(tmp_path / "My Shop"), "--yes"]) == 0
    file = tmp_path / "My Shop" / "site.toml"
    settings = load(file)
    assert (settings.site.id, settings.site.name.en, settings.web.host, settings.web.port) == ("my-shop", "My Shop", "127.0.0.1", 8000)
    assert check(file) == []


def test_questions_are_answered_one_by_one(tmp_path: Path) -> None:
    answers = ["Tea House", "tea-1", "Tea Ltd", "+86 1", "Asia/Shanghai", "y", "tea.lan"]
    result = CliRunner().invoke(init, [str(tmp_path / "site")], input="\n".join(answers) + "\n", catch_exceptions=False)
    assert result.exit_code == 0
    settings = load(tmp_path / "site" / "site.toml")
    assert (settings.site.name.zh, settings.site.id, settings.site.controller.en, settings.site.contact) == ("Tea House", "tea-1", "Tea Ltd", "+86 1")
    assert (settings.web.tls.mode, settings.web.names, settings.web.port) == (TlsMode.LOCAL_AUTHORITY, ("tea.lan",), 8443)
    assert "compare this fingerprint" in result.output


def test_options_answer_questions_beforehand(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = [
        "--site-id",
        "s1",
        "--name",
        "大店",
        "--controller",
        "公司",
        "--contact",
        "柜台",
        "--zone",
        "Asia/Tokyo",
        "--lan-name",
        "a.lan",
        "--port",
        "9443",
    ]
    assert main(["init", str(tmp_path / "s"), "--json", *options]) == 0
    printed = json.loads(capsys.readouterr().out)
    settings = load(tmp_path / "s" / "site.toml")
    assert printed["config"] == str(tmp_path / "s" / "site.toml")
    assert len(printed["authority"].split()) == 32
    assert (settings.site.id, settings.site.name.zh, settings.site.zone, settings.web.port, settings.web.names) == (
        "s1",
        "大店",
        "Asia/Tokyo",
        9443,
        ("a.lan",),
    )


@pytest.mark.parametrize(("options", "one_user"), [([], False), (["--one-user"], True)])
def test_parts_run_as_one_user_only_where_that_is_asked_for(tmp_path: Path, options: list[str], one_user: bool) -> None:
    assert main(["init", str(tmp_path / "s"), "--yes", *options]) == 0
    assert load(tmp_path / "s" / "site.toml").processes.one_user is one_user


@pytest.mark.parametrize("name", ["///", "大店", "-", "A" * 90])
def test_whatever_the_site_is_called_it_gets_a_name_for_machines(tmp_path: Path, name: str) -> None:
    assert main(["init", str(tmp_path / "s"), "--yes", "--name", name]) == 0
    assert load(tmp_path / "s" / "site.toml").site.name.zh == name


def test_where_the_answers_end_the_open_question_is_named(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-m", "consentry.cli.main", "init", str(tmp_path / "s")], input="S\n", capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
    assert "[init.no-answer]" in done.stderr
    assert not (tmp_path / "s").exists()


def test_a_second_time_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", str(tmp_path), "--yes"]) == 0
    assert main(["init", str(tmp_path), "--yes"]) == 2
    assert "[settings.exists]" in capsys.readouterr().err


def test_a_wrong_answer_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", str(tmp_path / "s"), "--yes", "--zone", "Moon"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert error.count("\n") == 1
    assert "'Moon' is not a time zone" in error
