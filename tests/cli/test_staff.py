"""``consentry staff``, on a site that was founded as its operator founds one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from consentry.cli.main import main
from consentry.cli.operator import this_operator
from consentry.ledger.service import browse
from consentry.platform.migrations import migrate
from consentry.platform.opening import open_site
from consentry.staff import service
from consentry.staff.model import SignedIn
from consentry.staff.rules import table_of_roles
from tests.staff.people import PASSWORD

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def config(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    assert main(["init", str(tmp_path / "site"), "--yes", "--zone", "Asia/Shanghai"]) == 0
    config = tmp_path / "site" / "site.toml"
    with open_site(config) as site:
        migrate(site.database)
    capsys.readouterr()
    return config


def run(capsys: pytest.CaptureFixture[str], config: Path, *arguments: str) -> str:
    assert main(["staff", *arguments, "--config", str(config)]) == 0
    return capsys.readouterr().out


def accept(config: Path, address: str, name: str, password: str = PASSWORD) -> None:
    with open_site(config) as site:
        assert address.startswith(service.site_address(site))
        service.accept_link(site, address.partition("token=")[2], name, password, "192.0.2.7")


def test_an_operator_invites_lists_reviews_disables_and_enables(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    link = json.loads(run(capsys, config, "invite", "li.na", "--role", "store-manager", "--json"))
    accept(config, link["address"], "li.na")
    (account,) = json.loads(run(capsys, config, "list", "--json"))["accounts"]
    assert (account["id"], account["name"], account["role"], account["state"]) == (link["account"], "li.na", "store-manager", "active")
    assert json.loads(run(capsys, config, "review", "--json"))["accounts"][0]["findings"] == []
    assert run(capsys, config, "disable", "li.na", "--reason", "on leave") == "disabled\n"
    listed = run(capsys, config, "list").splitlines()
    assert listed[0].split()[:3] == ["id", "name", "role"]
    assert "disabled" in listed[1]
    assert run(capsys, config, "enable", account["id"]) == "enabled\n"


def test_a_site_that_was_never_served_has_its_first_sign_in(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", str(tmp_path / "new"), "--yes"]) == 0
    assert "token=" in run(capsys, tmp_path / "new" / "site.toml", "first")


def test_the_ledger_names_the_account_that_runs_and_not_what_the_environment_claims(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LOGNAME", "USER", "USERNAME"):
        monkeypatch.setenv(name, "somebody-else")
    assert main(["backup", str(config.parent / "b"), "--config", str(config)]) == 0
    with open_site(config) as site:
        (made,) = browse(site, this_operator(), action="records.backed-up").entries
    assert made.entry
    assert made.entry.act.actor == this_operator().label
    assert "somebody-else" not in made.entry.act.actor


def test_a_lost_administrator_comes_back_by_the_operator(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    invited = json.loads(run(capsys, config, "invite", "wang.wei", "--role", "administrator", "--json"))
    accept(config, invited["address"], "wang.wei")
    shown = run(capsys, config, "recover", "wang.wei", "--reason", "telephone lost")
    accept(config, shown.splitlines()[0], "wang.wei", "another sentence to remember")
    with open_site(config) as site:
        assert isinstance(service.sign_in(site, "wang.wei", "another sentence to remember", "192.0.2.7"), SignedIn)


def test_sessions_are_shown_for_a_reason_and_ended(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    accept(config, json.loads(run(capsys, config, "invite", "li.na", "--role", "auditor", "--json"))["address"], "li.na")
    look = ("sessions", "li.na", "--reason", "asked by the holder", "--ticket", "R-7", "--json")
    assert len(json.loads(run(capsys, config, *look))["sessions"]) == 1
    assert run(capsys, config, "sign-out", "li.na") == "1 ended\n"
    assert json.loads(run(capsys, config, *look))["sessions"] == []


def test_an_account_that_does_not_exist_is_told_in_one_line(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["staff", "disable", "nobody", "--reason", "left the shop", "--config", str(config)]) == 2
    assert capsys.readouterr().err == "error: nobody: there is no such account. `consentry staff list` shows them. [staff.unknown]\n"


def test_roles_prints_the_table_of_the_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["staff", "roles"]) == 0
    assert capsys.readouterr().out == table_of_roles() + "\n"
