"""Rehearsals of docs/recovery.md: a lost disk, a wrong change, a lost key."""

from __future__ import annotations

import io
import shutil
import sqlite3
import tarfile
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from consentry.ledger.model import Act, SignedNote
from consentry.ledger.rules.notes import note_text, read_checkpoint
from consentry.ledger.service import audit, browse, checkpoint, entry, erase, record
from consentry.ledger.signatures import sign_text
from consentry.platform.actors import Actor, ActorKind, Permission
from consentry.platform.backup import refuse_unfinished
from consentry.platform.opening import open_site
from consentry.platform.processes.control import only_server
from tests.platform.backup.founded import OWNER, SECRET, Founded, found

if TYPE_CHECKING:
    from pathlib import Path

    from consentry.platform.database import Database

ERASERS = [Actor(ActorKind.STAFF, name, frozenset({Permission.ERASE_ENTRY})) for name in ("a-1", "b-2")]


@pytest.fixture
def site(tmp_path: Path, database: Database) -> Founded:
    """Return a site that has counted ten people."""
    founded = found(tmp_path / "site", database)
    founded.count(0, 10)
    return founded


@pytest.fixture
def copy(tmp_path: Path, site: Founded) -> Path:
    """Return a backup of the site."""
    path = tmp_path / "site.backup"
    assert site.run("backup", str(path)) == 0
    return path


def restored(config: Path) -> list[dict[str, object]]:
    """Return the details of the entries that opened a log anew, newest first."""
    with open_site(config) as site:
        assert audit(site, OWNER).clean
        return [dict(listed.entry.act.details) for listed in browse(site, OWNER, action="ledger.restored").entries if listed.entry]


def lose_records(site: Founded, database: Database) -> None:
    """Lose the disk with the records; the keys were on another."""
    if database.is_sqlite:
        shutil.rmtree(site.config.parent / "data")
        (site.config.parent / "data").mkdir()
    else:
        from sqlalchemy import text  # noqa: PLC0415

        with database.transaction() as session:
            session.execute(text("DROP SCHEMA public CASCADE"))
            session.execute(text("CREATE SCHEMA public"))


def test_after_a_lost_disk_a_backup_brings_the_site_back_and_the_log_says_what_was_lost(site: Founded, copy: Path, database: Database, tmp_path: Path) -> None:
    site.count(10, 15)
    with open_site(site.config) as opened:
        kept = checkpoint(opened)
    (tmp_path / "kept.note").write_text(note_text(kept), encoding="utf-8")
    lose_records(site, database)
    site.config.unlink()
    assert site.run("restore", str(copy), "--reason", "the disk broke", "--checkpoint", str(tmp_path / "kept.note")) == 0
    assert site.counted() == 10
    [opening] = restored(site.config)
    assert opening["lost_to"] == read_checkpoint(kept.text).size
    assert isinstance(opening["kept"], int)
    assert opening["kept"] < read_checkpoint(kept.text).size
    site.count(10, 12)
    assert site.counted() == 12


def test_a_site_with_records_is_not_replaced_by_accident(site: Founded, copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    site.count(10, 12)
    assert site.run("restore", str(copy), "--reason", "test") == 2
    assert "restore.not-empty" in capsys.readouterr().err
    assert site.counted() == 12
    assert site.run("restore", str(copy), "--reason", "a wrong change", "--replace") == 0
    assert site.counted() == 10
    [opening] = restored(site.config)
    assert opening["lost_to"] is not None


def test_no_key_and_no_secret_is_in_a_backup(site: Founded, copy: Path) -> None:
    with tarfile.open(copy) as archive:
        contents = {member.name: archive.extractfile(member) for member in archive.getmembers()}
        everything = b"".join(content.read() for content in contents.values() if content)
    assert set(contents) == {"manifest.json", "site.toml", "records"}
    assert SECRET.encode() not in everything
    keys = site.config.parent / "keys"
    for name in ("main.key", "vault.key"):
        lines = (keys / name).read_bytes().split()
        assert lines
        assert not [line for line in lines if len(line) >= 32 and line in everything]
    with open_site(site.config) as opened:
        for purpose in ("ledger-checkpoint", "second-factor"):
            derived = opened.keys.derive(purpose)
            assert derived not in everything
            assert derived.hex().encode() not in everything


def put_template(site: Founded, content: str) -> Path:
    """Write a vault's records, and the persons' keys that open them."""
    data, keys = site.config.parent / "data" / "vault", site.config.parent / "keys" / "vault"
    for folder in (data, keys):
        folder.mkdir(mode=0o700, exist_ok=True)
    for path in (data / "vault.db", keys / "vault-keys.db"):
        with closing(sqlite3.connect(path)) as records, records:
            records.execute("CREATE TABLE IF NOT EXISTS kept (content TEXT)")
            records.execute("DELETE FROM kept")
            records.execute("INSERT INTO kept VALUES (?)", (f"{path.stem} {content}",))
    return data / "vault.db"


def kept_in(path: Path) -> str:
    with closing(sqlite3.connect(path)) as records:
        return str(records.execute("SELECT content FROM kept").fetchone()[0])


def test_templates_come_back_from_a_backup_and_the_keys_of_persons_never(site: Founded, tmp_path: Path) -> None:
    templates = put_template(site, "before")
    copy = tmp_path / "with-templates.backup"
    assert site.run("backup", str(copy)) == 0
    with tarfile.open(copy) as archive:
        assert set(archive.getnames()) == {"manifest.json", "site.toml", "records", "templates"}
        everything = b"".join(found.read() for member in archive.getmembers() if (found := archive.extractfile(member)))
    assert b"vault before" in everything
    assert b"vault-keys" not in everything
    put_template(site, "after")
    assert site.run("restore", str(copy), "--reason", "test", "--replace") == 0
    assert kept_in(templates) == "vault before"
    assert kept_in(site.config.parent / "keys" / "vault" / "vault-keys.db") == "vault-keys after", "no restore brings back a key that was destroyed"
    assert templates.stat().st_mode & 0o077 == 0


def test_a_backup_without_templates_leaves_those_that_are_there(site: Founded, copy: Path) -> None:
    templates = put_template(site, "later")
    assert site.run("restore", str(copy), "--reason", "test", "--replace") == 0
    assert kept_in(templates) == "vault later"


def test_what_two_people_erased_after_the_backup_is_erased_again(site: Founded, copy: Path) -> None:
    with open_site(site.config) as opened:
        index = next(listed.index for listed in browse(opened, OWNER, action="test.counted").entries)
        erase(opened, ERASERS[0], ERASERS[1], index, "a number that should not be there")
    assert site.run("restore", str(copy), "--reason", "test", "--replace") == 0
    with open_site(site.config) as opened:
        assert entry(opened, OWNER, index).entry is None
        tombstone = browse(opened, OWNER, action="ledger.erased").entries[0].entry
        assert tombstone
        assert tombstone.act.details["by"] == ["staff:a-1", "staff:b-2"]
        assert audit(opened, OWNER).clean


def test_a_backup_of_another_site_is_refused(site: Founded, copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = site.config.read_text(encoding="utf-8").replace('id = "shop"', 'id = "other"')
    other = tmp_path / "site" / "other.toml"
    other.write_text(text, encoding="utf-8")
    assert Founded(other).run("restore", str(copy), "--reason", "test", "--replace") == 2
    assert "keys.other-site" in capsys.readouterr().err


def test_an_encrypted_backup_opens_with_its_passphrase_alone(site: Founded, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    right, wrong, short = (tmp_path / name for name in ("right", "wrong", "short"))
    right.write_text("correct horse battery staple\n", encoding="utf-8")
    wrong.write_text("incorrect horse battery staple\n", encoding="utf-8")
    short.write_text("short\n", encoding="utf-8")
    sealed = tmp_path / "sealed.backup"
    assert site.run("backup", str(sealed), "--passphrase-file", str(right)) == 0
    assert b"site.toml" not in sealed.read_bytes()
    options = ("restore", str(sealed), "--reason", "test", "--replace")
    for passphrase, code in ((None, "backup.encrypted"), (wrong, "backup.passphrase"), (short, "backup.passphrase-file")):
        assert site.run(*options, *(("--passphrase-file", str(passphrase)) if passphrase else ())) == 2
        assert code in capsys.readouterr().err
    assert site.run(*options, "--passphrase-file", str(right)) == 0
    assert site.counted() == 10


def test_a_lost_key_is_told_before_anything_is_changed(site: Founded, copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key = site.config.parent / "keys" / "main.key"
    kept = key.read_bytes()
    key.unlink()
    assert site.run("restore", str(copy), "--reason", "test", "--replace") == 2
    assert "keys.missing" in capsys.readouterr().err
    key.write_bytes(kept)
    key.chmod(0o600)
    assert site.counted() == 10


def test_what_the_log_would_refuse_is_told_before_anything_is_changed(site: Founded, copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    site.count(10, 12)
    stranger = Ed25519PrivateKey.generate()
    with open_site(site.config) as opened:
        text = checkpoint(opened).text
    foreign = SignedNote(text, (sign_text(text, text.splitlines()[0], stranger),))
    (tmp_path / "foreign.note").write_text(note_text(foreign), encoding="utf-8")
    for options, code in [(["call 13812345678"], "ledger.clear-text"), (["test", "--checkpoint", str(tmp_path / "foreign.note")], "proof.signature")]:
        assert site.run("restore", str(copy), "--replace", "--reason", *options) == 2
        assert code in capsys.readouterr().err
        assert (site.counted(), restored(site.config)) == (12, [])


def test_a_running_site_is_not_restored(site: Founded, copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with only_server(site.config.parent / "data"):
        assert site.run("restore", str(copy), "--replace", "--reason", "test") == 2
    assert "serve.running" in capsys.readouterr().err


def test_a_restore_that_was_cut_off_is_not_served_and_can_be_made_again(
    site: Founded, copy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    site.count(10, 15)
    with open_site(site.config) as opened:
        newest = read_checkpoint(checkpoint(opened).text).size
    with monkeypatch.context() as broken:
        broken.setattr("consentry.platform.migrations.migrate", cut_off)
        with pytest.raises(MemoryError):
            site.run("restore", str(copy), "--replace", "--reason", "test")
    assert site.run("serve", "--port", "0") == 2
    assert "restore.unfinished" in capsys.readouterr().err
    assert site.run("restore", str(copy), "--reason", "once more") == 0
    [opening] = restored(site.config)
    assert opening["lost_to"] == newest, "what the log was known to hold is not forgotten"
    refuse_unfinished(site.config.parent / "data")


def cut_off(*_: object) -> None:
    """Stand for a power cut."""
    raise MemoryError


@pytest.mark.parametrize("damage", ["cut", "bit", "other member", "no archive"])
def test_a_damaged_backup_is_refused_and_changes_nothing(site: Founded, copy: Path, damage: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = tmp_path / "bad.backup"
    content = copy.read_bytes()
    if damage == "cut":
        bad.write_bytes(content[: len(content) // 2])
    elif damage == "bit":
        middle = len(content) // 2
        bad.write_bytes(content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :])
    elif damage == "other member":
        _with_other_settings(copy, bad)
    else:
        bad.write_bytes(b"hello")
    assert site.run("restore", str(bad), "--reason", "test", "--replace") == 2
    assert "backup." in capsys.readouterr().err
    assert site.counted() == 10


def _with_other_settings(source: Path, target: Path) -> None:
    with tarfile.open(source) as archive, tarfile.open(target, "w:gz") as changed:
        for member in archive.getmembers():
            content = archive.extractfile(member)
            data = content.read() if content else b""
            data = data.replace(b"Shop", b"Chop") if member.name == "site.toml" else data
            changed.addfile(member, io.BytesIO(data))


def test_a_backup_is_made_while_others_write(site: Founded, tmp_path: Path) -> None:
    with open_site(site.config) as opened, opened.database.reading() as reader:
        reader.connection()
        assert site.run("backup", str(tmp_path / "second.backup")) == 0
        with opened.database.transaction() as session:
            record(session, Act(OWNER.label, "test.counted", "x", "testing"), opened.clock.now())


@pytest.mark.parametrize(
    ("place", "code"), [("site.backup", "backup.exists"), ("site/data/x.backup", "backup.in-data"), ("nowhere/x.backup", "backup.no-folder")]
)
def test_a_bad_place_for_a_backup_is_refused_and_no_backup_is_on_record(
    site: Founded, copy: Path, place: str, code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert site.run("backup", str(copy.parent / place)) == 2
    assert code in capsys.readouterr().err
    with open_site(site.config) as opened:
        assert len(browse(opened, OWNER, action="records.backed-up").entries) == 1, "that of the copy"
