"""The settings file in force: a text with a problem changes nothing, nobody's edit is lost, and no crash leaves half a file."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import pytest

from consentry.platform.clock import FixedClock
from consentry.platform.errors import ConsentryError, KeyStoreError, SettingsError, StaleError
from consentry.platform.settings.addresses import database_address, source_address
from consentry.platform.settings.applied import last_applied, mark_applied, pending
from consentry.platform.settings.checking import check
from consentry.platform.settings.editing import with_value
from consentry.platform.settings.store import SettingsStore, digest_of, load
from tests.platform.settings.texts import DOOR, LEAST

if TYPE_CHECKING:
    from pathlib import Path

TEXT = LEAST + DOOR


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "site.toml"
    path.write_text(TEXT, encoding="utf-8")
    (tmp_path / "signs").mkdir()
    (tmp_path / "signs" / "door.jpg").touch()
    (tmp_path / "door.mp4").touch()
    (tmp_path / "data").mkdir()
    return path


def code_of(error: pytest.ExceptionInfo[ConsentryError]) -> str:
    return error.value.code


def test_a_new_text_is_written_and_in_force(file: Path) -> None:
    store = SettingsStore(file)
    new = with_value(TEXT, "web.port", 9000)
    assert [change.path for change in store.replace(new, expected=store.digest)] == ["web.port"]
    assert (file.read_text(encoding="utf-8"), store.text, store.current.web.port) == (new, new, 9000)
    assert store.digest == digest_of(new)
    assert stat.S_IMODE(file.stat().st_mode) == 0o644
    assert load(file).web.port == 9000


@pytest.mark.parametrize("text", ["", "[site", LEAST + "[web]\nport = 'x'", LEAST + "[keys]\nfolder = 'data/keys'"])
def test_a_text_with_a_problem_changes_nothing(file: Path, text: str) -> None:
    store = SettingsStore(file)
    with pytest.raises(SettingsError):
        store.replace(text, expected=store.digest)
    assert file.read_text(encoding="utf-8") == store.text == TEXT
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError):
        store.reload()
    assert store.text == TEXT
    assert store.current.web.port == 8000


def test_an_edit_by_somebody_else_is_not_overwritten(file: Path) -> None:
    store = SettingsStore(file)
    other = with_value(TEXT, "site.contact", "other")
    file.write_text(other, encoding="utf-8")
    with pytest.raises(StaleError):
        store.replace(TEXT, expected=store.digest)
    assert file.read_text(encoding="utf-8") == other
    assert [change.path for change in store.reload()] == ["site.contact"]


@pytest.mark.parametrize("folder", ["data", "data/keys", "./data/../data/x", "link"])
def test_keys_inside_the_data_folder_are_refused(file: Path, folder: str) -> None:
    (file.parent / "link").symlink_to(file.parent / "data")
    with pytest.raises(SettingsError) as caught:
        SettingsStore(file).replace(f"{TEXT}[keys]\nfolder = '{folder}'\n", expected=digest_of(TEXT))
    assert code_of(caught) == "settings.keys-in-data"
    assert "keys.folder" in caught.value.subject


@pytest.mark.parametrize(
    ("content", "code"), [(None, "settings.unreadable"), (b"\xff\xfe[site]", "settings.encoding"), (b"#" * 1_000_001, "settings.too-long")]
)
def test_a_file_that_cannot_be_read_is_one_problem(file: Path, content: bytes | None, code: str) -> None:
    file.unlink()
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SettingsError) as caught:
        SettingsStore(file)
    assert code_of(caught) == code
    assert [problem.code for problem in check(file)] == [code]


def test_windows_ends_of_lines_are_read(file: Path) -> None:
    file.write_bytes(TEXT.replace("\n", "\r\n").encode())
    store = SettingsStore(file)
    assert store.text == TEXT
    store.replace(with_value(TEXT, "web.port", 9000), expected=store.digest)


def test_places_are_beside_the_file_whatever_the_working_folder(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(file.parent)
    places = SettingsStore(type(file)("site.toml")).places
    assert (places.data, places.main_key, places.secrets) == (file.parent / "data", file.parent / "keys/main.key", file.parent / "keys/secrets")


def test_a_complete_camera_has_no_problems(file: Path) -> None:
    assert check(file) == []


@pytest.mark.parametrize(
    ("old", "new", "keys"),
    [
        ('source = "loop:door.mp4"\n', "", ["source"]),
        ('zone_type = "entrance"\n', "", ["zone_type"]),
        ('basis = "anonymous-counting"\n', "", ["basis"]),
        ('basis = "anonymous-counting"', 'basis = "public-safety"', ["secondary_use"]),
        ('retention = "90 days"\n', "", ["retention"]),
        ('text = "People are counted here."\n', "", ["sign.text"]),
        ("placed_on = 2026-01-31\n", "", ["sign.placed_on"]),
        ('photo = "signs/door.jpg"\n', "", ["sign.photo"]),
        ("signs/door.jpg", "signs/none.jpg", ["sign.photo"]),
        ("signs/door.jpg", "signs", ["sign.photo"]),
        ("placed_on = 2026-01-31", "placed_on = 9999-01-01", ["sign.placed_on"]),
        (DOOR, '[[camera]]\nid = "door"\nname = "Door"\n', ["source", "zone_type", "basis", "retention", "sign"]),
    ],
)
def test_what_a_camera_lacks_is_named_and_the_site_still_loads(file: Path, old: str, new: str, keys: list[str]) -> None:
    file.write_text(TEXT.replace(old, new), encoding="utf-8")
    store = SettingsStore(file)
    assert list(store.lacking(store.current.cameras[0])) == keys
    found = check(file)
    assert [(problem.key, problem.code) for problem in found] == [(f"camera[0].{key}", "settings.camera-incomplete") for key in keys]
    assert all(problem.line and problem.line >= 7 for problem in found)


def test_the_day_on_which_a_sign_is_put_up_begins_at_the_site(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text(TEXT.replace("2026-01-31", "2031-05-05"), encoding="utf-8")
    store = SettingsStore(file)
    for now, lacks in [(datetime(2031, 5, 4, 15, 59, tzinfo=UTC), ("sign.placed_on",)), (datetime(2031, 5, 4, 16, tzinfo=UTC), ())]:
        monkeypatch.setattr("consentry.platform.settings.store.SystemClock", partial(FixedClock, now))
        assert store.lacking(store.current.cameras[0]) == lacks


@pytest.mark.parametrize(
    ("key", "value", "found", "code"),
    [
        ("camera.door.source", "loop:none.mp4", "camera[0].source", "settings.no-file"),
        ("camera.door.source", "none.mp4", "camera[0].source", "settings.no-file"),
        ("camera.door.source", "rtsp://u:{secret}@h/s", "camera[0].source", "keys.missing"),
        ("recognition.calibration", "none.json", "recognition.calibration", "settings.no-file"),
        ("alarms.webhook.url", "https://h.example/x", "alarms.webhook.secret", "keys.missing"),
    ],
)
def test_what_the_settings_name_and_is_not_there_is_told(file: Path, key: str, value: str, found: str, code: str) -> None:
    (file.parent / "keys" / "secrets").mkdir(parents=True)
    file.write_text(with_value(TEXT, key, value), encoding="utf-8")
    (problem,) = check(file)
    assert (problem.key, problem.code) == (found, code)
    assert problem.mend


def test_a_byte_order_mark_is_named(file: Path) -> None:
    file.write_text(TEXT, encoding="utf-8-sig")
    (problem,) = check(file)
    assert (problem.code, "byte order mark" in problem.problem) == ("settings.encoding", True)


def test_a_public_safety_camera_counts_with_the_record_of_its_second_use(file: Path) -> None:
    record = '\n[camera.secondary_use]\ndocument = "d"\nnecessity = "n"\nsigned_by = "s"\nsigned_on = 2026-01-01\n'
    file.write_text(TEXT.replace('"anonymous-counting"', '"public-safety"') + record, encoding="utf-8")
    assert check(file) == []


def test_each_version_is_pending_until_it_is_marked(file: Path) -> None:
    store = SettingsStore(file)
    first = pending(store)
    assert first is not None
    assert (first.digest, first.before, list(first.changes)) == (store.digest, "", [])
    mark_applied(store)
    assert pending(store) is None
    store.replace(with_value(TEXT, "alarms.webhook.url", "https://h.example/token"), expected=store.digest)
    second = pending(SettingsStore(file))
    assert second is not None
    assert second.details() == {"sha256": store.digest, "before": digest_of(TEXT), "changed": ["alarms.webhook"], "changes": 1}
    assert "h.example" not in repr(second)
    mark_applied(store)
    assert last_applied(store.places) == store.text


def test_a_version_that_this_release_no_longer_reads_lists_no_changes(file: Path) -> None:
    store = SettingsStore(file)
    (store.places.data / "settings-applied.toml").write_text("[formerly]\n", encoding="utf-8")
    found = pending(store)
    assert found is not None
    assert (found.before, list(found.changes)) == (digest_of("[formerly]\n"), [])


def put_secret(store: SettingsStore, name: str, secret: str, mode: int = 0o600) -> None:
    store.places.secrets.mkdir(parents=True, mode=0o700)
    (store.places.secrets / name).write_text(secret, encoding="utf-8")
    (store.places.secrets / name).chmod(mode)


@pytest.mark.parametrize(
    ("source", "address"),
    [
        ("rtsp://u:{secret}@192.0.2.1:554/s", "rtsp://u:p%40%3A%2F%7Bx%7D%20%E5%AF%86@192.0.2.1:554/s"),
        ("http://192.0.2.1/s?token={secret}", "http://192.0.2.1/s?token=p%40%3A%2F%7Bx%7D%20%E5%AF%86"),
        ("rtsp://u@192.0.2.1/s", "rtsp://u@192.0.2.1/s"),
        ("webcam:0", "webcam:0"),
    ],
)
def test_a_cameras_secret_takes_the_place_left_for_it(file: Path, source: str, address: str) -> None:
    file.write_text(with_value(TEXT, "camera.door.source", source), encoding="utf-8")
    store = SettingsStore(file)
    put_secret(store, "door", "p@:/{x} 密\n")
    assert source_address(store.current.cameras[0], store.places) == address


@pytest.mark.parametrize(("source", "name"), [("door.mp4", "{}/door.mp4"), ("loop:door.mp4", "loop:{}/door.mp4"), ("/srv/a.mp4", "/srv/a.mp4")])
def test_a_file_is_named_relative_to_the_settings(file: Path, source: str, name: str) -> None:
    file.write_text(with_value(TEXT, "camera.door.source", source), encoding="utf-8")
    store = SettingsStore(file)
    assert source_address(store.current.cameras[0], store.places) == name.format(file.parent)


def test_an_exposed_secret_is_refused(file: Path) -> None:
    file.write_text(with_value(TEXT, "camera.door.source", "rtsp://u:{secret}@h/s"), encoding="utf-8")
    store = SettingsStore(file)
    put_secret(store, "door", "abc", 0o644)
    with pytest.raises(KeyStoreError) as caught:
        source_address(store.current.cameras[0], store.places)
    assert code_of(caught) == "keys.exposed"
    assert "abc" not in str(caught.value)


def test_the_database_is_sqlite_in_the_data_folder_or_what_is_named(file: Path) -> None:
    store = SettingsStore(file)
    assert str(database_address(store.current, store.places)) == f"sqlite:///{file.parent}/data/main.db"
    store.replace(with_value(TEXT, "database.url", "postgresql://u@h:5433/d"), expected=store.digest)
    assert database_address(store.current, store.places).render_as_string(hide_password=False) == "postgresql+psycopg://u@h:5433/d"
    put_secret(store, "database", "p@ss\n")
    url = database_address(store.current, store.places)
    assert url.password == "p@ss"  # noqa: S105 - made up
    assert "ss" not in str(url).removeprefix("postgresql")


@pytest.mark.faults
def test_a_writer_that_is_killed_leaves_the_old_text_or_the_new_one(file: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from consentry.platform.durable import write_atomically\n"
        "path = Path(sys.argv[1]); print('ready', flush=True)\n"
        "while True:\n    for letter in b'ab':\n        write_atomically(path, bytes([letter]) * 100_000, mode=0o644)"
    )
    target = file.with_name("target")
    for _ in range(10):
        writer = subprocess.Popen([sys.executable, "-c", code, target], stdout=subprocess.PIPE)
        assert writer.stdout is not None
        writer.stdout.readline()
        while not target.exists():
            assert writer.poll() is None
        os.kill(writer.pid, 9)
        writer.wait()
        writer.stdout.close()
        assert target.read_bytes() in {b"a" * 100_000, b"b" * 100_000}
