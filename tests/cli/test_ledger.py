"""``consentry ledger`` from the command line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from consentry.cli.main import main
from consentry.ledger import service
from consentry.ledger.rules.notes import note_text
from consentry.platform.clock import SystemClock
from consentry.platform.database import Database
from consentry.platform.keys.key_file import KeyKind, create_key_file
from consentry.platform.opening import open_site
from tests.databases import create
from tests.ledger.logs import act

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS = """
[site]
id = "shop"
name = {zh = "示范店", en = "Demo shop"}
zone = "Asia/Shanghai"
controller = {zh = "示范公司", en = "Demo Ltd"}
contact = "+86 000"
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Return the settings of a site on disk whose log holds five acts under a checkpoint."""
    path = tmp_path / "site.toml"
    path.write_text(SETTINGS, encoding="utf-8")
    (tmp_path / "data").mkdir()
    (tmp_path / "keys").mkdir(mode=0o700)
    create_key_file(tmp_path / "keys" / "main.key", KeyKind.MAIN, "shop", SystemClock().now())
    with open_site(path) as site:
        create(site.database)
        with site.database.transaction() as session:
            service.record_many(session, [act(number) for number in range(5)], site.clock.now())
        service.checkpoint(site)
    return path


def run(capsys: pytest.CaptureFixture[str], *arguments: object, code: int = 0) -> str:
    assert main(["ledger", *map(str, arguments)]) == code
    return capsys.readouterr().out


def document(capsys: pytest.CaptureFixture[str], *arguments: object, code: int = 0) -> Any:  # noqa: ANN401 - JSON
    return json.loads(run(capsys, *arguments, "--json", code=code))


def test_a_receipt_is_written_and_verified_without_the_site(config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key = run(capsys, "key", "--config", config).strip()
    run(capsys, "receipt", "--config", config, 3, "--out", tmp_path / "r.json", "--qr", tmp_path / "r.svg")
    assert (tmp_path / "r.svg").read_bytes().startswith(b"<?xml")
    config.unlink()
    assert "proven: 3" in run(capsys, "verify", tmp_path / "r.json", "--key", key)
    result = document(capsys, "verify", tmp_path / "r.json", "--key", key)["files"][0]
    assert (result["holds"], result["entries"][0]["index"], result["size"]) == (True, 3, 7)


def test_an_altered_receipt_ends_with_exit_code_1_and_the_others_are_verified(config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key = run(capsys, "key", "--config", config).strip()
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    run(capsys, "receipt", "--config", config, 2, 3, "--out", good)
    bad.write_bytes(good.read_bytes().replace(b"camera.started", b"camera.stopped"))
    lines = run(capsys, "verify", bad, good, "--key", key, code=1).splitlines()
    assert lines[0].startswith("REFUSED")
    assert "proven: 2, 3" in lines[1]
    results = document(capsys, "verify", bad, good, "--key", key, code=1)["files"]
    assert [result["holds"] for result in results] == [False, True]
    assert results[0]["code"].startswith("proof.")


@pytest.mark.parametrize("arguments", [("verify", "gone.json", "--key", "nonsense"), ("verify", "gone.json")])
def test_what_cannot_be_used_ends_with_exit_code_2(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, *arguments, code=2) == ""


def test_an_audit_names_the_first_bad_index(config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "Nothing was altered." in run(capsys, "audit", "--config", config)
    database = Database(f"sqlite:///{tmp_path / 'data' / 'main.db'}")
    with database.transaction() as session:
        session.connection().exec_driver_sql("UPDATE ledger_entry SET body = CAST(replace(body, 'camera', 'camara') AS BLOB) WHERE number = 4")
    database.close()
    assert "cannot be trusted: 4" in run(capsys, "audit", "--config", config, code=1)
    report = document(capsys, "audit", "--config", config, code=1)
    assert (report["clean"], report["first_bad"], report["findings"][0]["code"]) == (False, 4, "entry.changed")


def test_a_checkpoint_kept_elsewhere_is_compared(config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with open_site(config) as site:
        note = service.latest_checkpoint(site)
    assert note
    kept = tmp_path / "kept.txt"
    kept.write_text(note_text(note), encoding="utf-8")
    assert "Nothing was altered." in run(capsys, "audit", "--config", config, "--checkpoint", kept)
    run(capsys, "checkpoint", "--config", config, "--out", kept)
    assert "Nothing was altered." in run(capsys, "audit", "--config", config, "--checkpoint", kept), "what `checkpoint` wrote holds one too"


@pytest.mark.parametrize("content", [b"\xff", b"", b"{}", b"kept in March\n"])
def test_what_holds_no_checkpoint_is_named(config: Path, tmp_path: Path, content: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "kept.txt").write_bytes(content)
    assert main(["ledger", "audit", "--config", str(config), "--checkpoint", str(tmp_path / "kept.txt")]) == 2
    assert "kept.txt: it holds no signed checkpoint" in capsys.readouterr().err


def test_the_settings_are_those_of_the_environment(config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("CONSENTRY_CONFIG", str(config))
    assert "Nothing was altered." in run(capsys, "audit")


def test_a_witness_follows_a_site(config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key = run(capsys, "key", "--config", config).strip()
    folder, bundle, note = tmp_path / "w", tmp_path / "b.json", tmp_path / "note.txt"
    witness = run(capsys, "witness", "init", folder, "--name", "auditor.example").strip()
    run(capsys, "checkpoint", "--config", config, "--out", bundle)
    run(capsys, "witness", "sign", folder, bundle, "--key", key, "--out", note)
    assert run(capsys, "accept", "--config", config, note, "--witness", witness) == "1 new\n"
    shown = json.loads(run(capsys, "witness", "show", folder))
    assert shown["key"] == witness
    assert list(shown["logs"].values()) == [8]
    assert "witnesses: 1" in run(capsys, "verify", note, "--key", key, "--witness", witness, "--quorum", 1)
    run(capsys, "checkpoint", "--config", config, "--since", 8, "--out", bundle)
    run(capsys, "witness", "sign", folder, bundle, "--key", key, "--out", note)


def test_a_log_is_reopened(config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key = run(capsys, "key", "--config", config).strip()
    (tmp_path / "note.txt").write_text(run(capsys, "reopen", "--config", config, "--reason", "rehearsal"), encoding="utf-8")
    assert "9 entries" in run(capsys, "verify", tmp_path / "note.txt", "--key", key)
    assert document(capsys, "audit", "--config", config)["clean"]


def test_no_file_can_be_written_where_there_is_no_folder(config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "receipt", "--config", config, 3, "--out", tmp_path / "none" / "r.json", code=2)
