"""``consentry config`` says everything that is wrong, what a change takes, and puts it in force."""

from __future__ import annotations

import json
import threading
import tomllib
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from consentry.cli import config as command
from consentry.cli.main import main
from consentry.ledger.service import browse
from consentry.platform.actors import operator
from consentry.platform.opening import open_site
from consentry.platform.processes.control import only_server
from consentry.platform.settings.applied import mark_applied
from consentry.platform.settings.editing import with_value
from consentry.platform.settings.store import SettingsStore, load

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def config(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    assert main(["init", str(tmp_path / "site"), "--yes"]) == 0
    capsys.readouterr()
    return tmp_path / "site" / "site.toml"


def edit(config: Path, path: str, value: object) -> None:
    config.write_text(with_value(config.read_text(encoding="utf-8"), path, value), encoding="utf-8")


def entries(config: Path) -> list[str]:
    with open_site(config) as site:
        listed = [found.entry.act for found in browse(site, operator("test"), action="settings.applied").entries if found.entry]
    return [json.dumps(act.details) for act in listed]


def test_good_settings_pass_the_check(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "check", "--config", str(config)]) == 0
    assert capsys.readouterr().out.splitlines()[-2:] == [
        f"{config}: all is well.",
        "No camera is set yet: add a [[camera]] table, as docs/settings.md describes it.",
    ]


def test_every_problem_is_a_line_with_file_line_key_and_mend(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(config, "web.port", "x")
    edit(config, "site.zone", "Moon")
    assert main(["config", "check", "--config", str(config)]) == 2
    out, err = capsys.readouterr()
    assert err == ""
    assert [line.split(": ")[0].split(", ")[2] for line in out.splitlines()] == ["site.zone", "web.port"]
    assert all(line.startswith(f"{config}, line ") for line in out.splitlines())


def test_machines_get_every_problem_as_json(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(config, "web.port", "x")
    assert main(["config", "check", "--json", "--config", str(config)]) == 2
    (problem,) = json.loads(capsys.readouterr().out)["problems"]
    assert (problem["key"], problem["code"]) == ("web.port", "settings.int-type")
    assert problem["line"] > 1


def test_a_camera_that_lacks_something_fails_the_check(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with config.open("a", encoding="utf-8") as file:
        file.write('\n[[camera]]\nid = "door"\nname = "Door"\n')
    assert main(["config", "check", "--config", str(config)]) == 2
    assert "camera 'door' stays off without it" in capsys.readouterr().out


def test_a_door_whose_only_way_is_a_face_fails_the_check_by_the_name_of_the_rule(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = config.read_text(encoding="utf-8")
    config.write_text(f'{text}\n[[door]]\nid = "gate"\nreaders = ["face"]\n', encoding="utf-8")
    assert main(["config", "check", "--config", str(config)]) == 2
    assert "R61" in capsys.readouterr().out
    config.write_text(f'{text}\n[[door]]\nid = "gate"\nreaders = ["face", "card"]\n', encoding="utf-8")
    assert main(["config", "check", "--config", str(config)]) == 0


def test_what_is_shown_reads_back_as_the_settings_in_force(config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "show", "--config", str(config)]) == 0
    text = capsys.readouterr().out
    (tmp_path / "shown.toml").write_text(text, encoding="utf-8")
    assert load(tmp_path / "shown.toml") == load(config)
    assert main(["config", "show", "--json", "--config", str(config)]) == 0
    assert json.loads(capsys.readouterr().out) == tomllib.loads(text)


def test_a_change_is_told_with_what_it_takes_then_applied_and_entered_once(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def changes(*arguments: str) -> list[tuple[str, str]]:
        assert main(["config", *arguments, "--json", "--config", str(config)]) == 0
        return [(change["path"], change["effect"]) for change in json.loads(capsys.readouterr().out)["changes"]]

    assert changes("apply") == []
    edit(config, "web.port", 9000)
    edit(config, "site.contact", "the desk")
    expected = [("site.contact", "live"), ("web.port", "restart")]
    assert changes("diff") == expected
    assert changes("apply") == expected
    assert [changes("diff"), changes("apply")] == [[], []]
    found = entries(config)
    assert len(found) == 2
    assert "web.port" in found[0]
    assert "the desk" not in found[0]


def test_after_applying_it_is_said_that_it_was_applied_and_comparing_says_nothing_of_the_kind(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def said(sub: str) -> str:
        assert main(["config", sub, "--config", str(config)]) == 0
        return capsys.readouterr().out

    said("apply")
    edit(config, "web.port", 9000)
    assert "Applied" not in said("diff")
    assert said("apply").splitlines()[-1] == "Applied: it is entered in the ledger, and the server starts with it."
    assert said("apply") == "Nothing changed.\n"


@pytest.mark.parametrize("sub", ["show", "diff", "apply"])
def test_settings_with_a_problem_are_refused(config: Path, capsys: pytest.CaptureFixture[str], sub: str) -> None:
    edit(config, "web.port", "x")
    assert main(["config", sub, "--config", str(config)]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert "[settings.int-type]" in err


def test_a_file_that_is_not_there_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "show", "--config", str(tmp_path / "none.toml")]) == 2
    assert "[settings.unreadable]" in capsys.readouterr().err


@contextmanager
def server(config: Path, monkeypatch: pytest.MonkeyPatch, *, takes_over: bool) -> Iterator[list[int]]:
    """Stand in for a running server: it holds the lock, and on the signal takes the file over or not."""
    signals: list[int] = []

    def signalled(_: int, number: int) -> None:
        signals.append(number)
        if takes_over:
            threading.Timer(0.2, lambda: mark_applied(SettingsStore(config))).start()

    monkeypatch.setattr("consentry.platform.processes.control.os.kill", signalled)
    with only_server(SettingsStore(config).places.data):
        yield signals


def test_a_running_server_takes_the_file_over(config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    mark_applied(SettingsStore(config))
    edit(config, "web.port", 9000)
    with server(config, monkeypatch, takes_over=True) as signals:
        assert main(["config", "apply", "--config", str(config)]) == 0
        assert len(signals) == 1
    out, err = capsys.readouterr()
    assert (out.splitlines()[-1], err) == ("Applied: the running server has taken it over.", "")
    assert not SettingsStore(config).places.main_database.exists()


def test_a_server_that_does_not_take_it_over_is_reported(config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(command, "_PATIENCE_S", 0.3)
    with server(config, monkeypatch, takes_over=False):
        assert main(["config", "apply", "--config", str(config)]) == 2
    assert "[settings.not-applied]" in capsys.readouterr().err
