"""``consentry keys`` makes, renews and checks keys, tells the ledger, and never shows one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from consentry.cli.main import main
from consentry.ledger.service import browse
from consentry.platform.actors import operator
from consentry.platform.keys import SiteKeys
from consentry.platform.migrations.run import migrate
from consentry.platform.opening import open_site
from consentry.platform.settings.editing import with_value
from consentry.platform.settings.store import SettingsStore

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def config(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    assert main(["init", str(tmp_path / "site"), "--yes"]) == 0
    capsys.readouterr()
    return tmp_path / "site" / "site.toml"


def roots(config: Path) -> list[str]:
    places = SettingsStore(config).places
    return [line.split()[-1] for path in (places.main_key, places.vault_key) for line in path.read_text().splitlines()[1:]]


def test_status_tells_of_both_keys_and_shows_neither(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["keys", "status", "--config", str(config), "--json"]) == 0
    printed = capsys.readouterr().out
    rows = json.loads(printed)["keys"]
    assert [(row["key"], row["site"], row["epoch"], row["problem"]) for row in rows] == [("main", "site", 1, None), ("vault", "site", 1, None)]
    assert main(["keys", "status", "--config", str(config)]) == 0
    printed += capsys.readouterr().out
    assert "main: good, epoch 1" in printed
    assert not any(root in printed for root in roots(config))


def test_status_fails_where_a_key_is_exposed(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    SettingsStore(config).places.vault_key.chmod(0o644)
    assert main(["keys", "status", "--config", str(config)]) == 2
    assert "Run: chmod 600" in capsys.readouterr().out


def test_init_makes_what_is_missing_and_replaces_nothing(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    places = SettingsStore(config).places
    kept = places.main_key.read_bytes()
    places.vault_key.unlink()
    assert main(["keys", "init", "--config", str(config)]) == 0
    assert f"made {places.vault_key}" in capsys.readouterr().out
    assert places.main_key.read_bytes() == kept
    assert main(["keys", "init", "--config", str(config)]) == 0
    assert "made" not in capsys.readouterr().out


def test_init_makes_the_authority_that_the_settings_ask_for_by_now(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config.write_text(with_value(config.read_text(encoding="utf-8"), "web.tls.mode", "local-authority"), encoding="utf-8")
    marks = []
    for _ in range(2):
        assert main(["keys", "init", "--config", str(config)]) == 0
        marks.append(capsys.readouterr().out.split("fingerprint:\n")[1].splitlines()[0].strip())
    assert marks[0] == marks[1]
    assert len(marks[0].split()) == 32


@pytest.mark.parametrize("which", ["main", "vault"])
def test_a_renewed_key_keeps_the_old_root_and_is_in_the_ledger(config: Path, capsys: pytest.CaptureFixture[str], which: str) -> None:
    with open_site(config) as site:
        migrate(site.database)
    before = roots(config)
    assert main(["keys", "rotate", which, "--config", str(config), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"key": which, "epoch": 2}
    assert set(before) < set(roots(config))
    with open_site(config) as site:
        newest = browse(site, operator("test")).entries[0].entry
    assert newest is not None
    assert (newest.act.action, newest.act.object, newest.act.details) == ("keys.renewed", f"key:{which}", {"epoch": 2})
    assert newest.act.actor.startswith("operator:")


def test_a_site_that_never_ran_can_renew_its_keys(config: Path) -> None:
    assert main(["keys", "rotate", "main", "--config", str(config)]) == 0
    places = SettingsStore(config).places
    assert SiteKeys.open(places.main_key, data_folder=places.data).epochs == (1, 2)


def test_the_kind_of_key_is_asked_for(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["keys", "rotate", "--config", str(config)]) == 2
    assert "main" in capsys.readouterr().err
