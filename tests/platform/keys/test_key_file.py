"""Key files: written for their owner alone, and refused in every state in which somebody else could have read or replaced them."""

from __future__ import annotations

import os
import shlex
import stat
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest

from consentry.platform.errors import KeyStoreError
from consentry.platform.keys import SiteKeys
from consentry.platform.keys.key_file import ROOT_BYTES, KeyKind, add_epoch, create_key_file, read_key_file
from consentry.platform.keys.secrets import read_secret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
root_only = pytest.mark.skipif(os.geteuid() != 0, reason="changing owners takes root")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


@pytest.fixture
def key(tmp_path: Path) -> Path:
    folder = tmp_path / "keys"
    folder.mkdir(mode=0o700)
    path = folder / "main.key"
    create_key_file(path, KeyKind.MAIN, "shop-1", NOW)
    return path


def refused(path: Path, data: Path) -> str:
    with pytest.raises(KeyStoreError) as caught:
        SiteKeys.open(path, data_folder=data)
    assert caught.value.mend
    return caught.value.code


def test_a_new_key_is_for_its_owner_alone_and_random(key: Path, data: Path) -> None:
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert [file.name for file in key.parent.iterdir()] == ["main.key"]
    other = key.with_name("vault.key")
    create_key_file(other, KeyKind.VAULT, "shop-1", NOW)
    roots = [read_key_file(path, data_folder=data).roots[1] for path in (key, other)]
    assert roots[0] != roots[1]
    assert [len(root) for root in roots] == [ROOT_BYTES, ROOT_BYTES]


def test_a_wide_open_umask_makes_no_key_readable(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        create_key_file(tmp_path / "main.key", KeyKind.MAIN, "shop-1", NOW)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "main.key").stat().st_mode) == 0o600


def test_a_key_is_never_overwritten(key: Path) -> None:
    before = key.read_bytes()
    with pytest.raises(KeyStoreError) as caught:
        create_key_file(key, KeyKind.MAIN, "shop-1", NOW)
    assert caught.value.code == "keys.exists"
    assert key.read_bytes() == before
    assert [file.name for file in key.parent.iterdir()] == ["main.key"]


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o602, 0o620, 0o610, 0o601, 0o644, 0o777])
def test_a_key_that_others_may_touch_is_refused(key: Path, data: Path, mode: int) -> None:
    key.chmod(mode)
    assert refused(key, data) == "keys.exposed"


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_key_for_its_owner_alone_is_taken(key: Path, data: Path, mode: int) -> None:
    key.chmod(mode)
    assert SiteKeys.open(key, data_folder=data).site == "shop-1"


@pytest.mark.parametrize("mode", [0o720, 0o702, 0o777])
def test_a_folder_into_which_others_may_put_a_key_is_refused(key: Path, data: Path, mode: int) -> None:
    key.parent.chmod(mode)
    assert refused(key, data) == "keys.folder-exposed"


def move_into(folder: Path, key: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return key.rename(folder / key.name)


@pytest.mark.parametrize("inside", [".", "deep/er"])
def test_a_key_inside_the_data_folder_is_refused(key: Path, data: Path, inside: str) -> None:
    assert refused(move_into(data / inside, key), data) == "keys.in-data"


def test_a_key_that_only_looks_outside_the_data_folder_is_refused(key: Path, data: Path, tmp_path: Path) -> None:
    move_into(data / "keys", key)
    (tmp_path / "elsewhere").symlink_to(data / "keys")
    assert refused(tmp_path / "elsewhere" / "main.key", data) == "keys.in-data"


def test_a_link_in_the_place_of_a_key_is_refused(key: Path, data: Path) -> None:
    target = key.rename(key.with_name("real.key"))
    key.symlink_to(target)
    assert refused(key, data) == "keys.link"


def folder_in_place(path: Path) -> None:
    path.unlink()
    path.mkdir()


def pipe_in_place(path: Path) -> None:
    path.unlink()
    os.mkfifo(path, 0o600)


@pytest.mark.parametrize("put", [folder_in_place, pipe_in_place])
def test_what_is_no_plain_file_is_refused_without_waiting(key: Path, data: Path, put: Callable[[Path], None]) -> None:
    put(key)
    assert refused(key, data) == "keys.not-a-file"


def test_a_missing_key_is_refused(key: Path, data: Path) -> None:
    key.unlink()
    assert refused(key, data) == "keys.missing"
    key.parent.rmdir()
    assert refused(key, data) == "keys.missing"


def rewritten(key: Path, change: Callable[[bytes], bytes]) -> Path:
    key.write_bytes(change(key.read_bytes()))
    return key


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda _: b"", "keys.damaged"),
        (lambda _: os.urandom(32), "keys.damaged"),
        (lambda text: text[:40], "keys.damaged"),
        (lambda text: text.split(b"\n")[0], "keys.damaged"),
        (lambda text: text.replace(b"keys 1", b"keys 2"), "keys.damaged"),
        (lambda text: text.replace(b"main", b"other"), "keys.damaged"),
        (lambda text: text.replace(b"=\n", b"!\n"), "keys.damaged"),
        (lambda text: text + text.split(b"\n")[1] + b"\n", "keys.damaged"),
        (lambda text: b" ".join([*text.split(b" ")[:-1], b"AAAA\n"]), "keys.length"),
        (lambda text: b" ".join([*text.split(b" ")[:-1], b"A" * 64 + b"\n"]), "keys.length"),
    ],
)
def test_a_damaged_key_is_refused_without_showing_a_byte_of_it(key: Path, data: Path, change: Callable[[bytes], bytes], code: str) -> None:
    secret = key.read_text().split()[-1]
    rewritten(key, change)
    with pytest.raises(KeyStoreError) as caught:
        SiteKeys.open(key, data_folder=data)
    assert caught.value.code == code
    assert secret[:8] not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


@pytest.fixture
def reachable() -> Iterator[Path]:
    """Return a folder that other accounts can reach, which pytest's own are not."""
    with TemporaryDirectory(prefix="consentry-test-") as folder:
        path = Path(folder)
        path.chmod(0o755)
        yield path


@root_only
@pytest.mark.parametrize(("mode", "code"), [(0o644, "keys.owner"), (0o600, "keys.unreadable")])
def test_a_key_of_another_account_is_refused(reachable: Path, mode: int, code: str) -> None:
    key = reachable / "main.key"
    create_key_file(key, KeyKind.MAIN, "shop-1", NOW)
    key.chmod(mode)
    os.chown(key, 64801, 64801)
    assert in_child_of(64802, lambda: refused(key, reachable / "data") == code)


@root_only
def test_a_key_is_taken_by_its_own_account_and_by_root(reachable: Path) -> None:
    key = reachable / "main.key"
    create_key_file(key, KeyKind.MAIN, "shop-1", NOW)
    os.chown(key, 64801, 64801)
    for user in (64801, 0):
        assert in_child_of(user, lambda: SiteKeys.open(key, data_folder=reachable / "data").site == "shop-1")


def in_child_of(user: int, passes: Callable[[], bool]) -> bool:
    """Tell whether ``passes`` does in a process of another user, which can reach the files of this test."""
    child = os.fork()
    if child == 0:
        try:
            os.setresuid(user, user, user)
            os._exit(0 if passes() else 1)
        finally:
            os._exit(2)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_a_renewed_key_keeps_its_older_roots_mode_and_owner(key: Path, data: Path) -> None:
    first = SiteKeys.open(key, data_folder=data)
    before = key.stat()
    add_epoch(key, NOW, data_folder=data)
    renewed = SiteKeys.open(key, data_folder=data)
    assert (first.epochs, renewed.epochs, renewed.epoch) == ((1,), (1, 2), 2)
    assert renewed.derive("api-key", epoch=1) == first.derive("api-key") != renewed.derive("api-key")
    after = key.stat()
    assert (stat.S_IMODE(after.st_mode), after.st_uid, after.st_gid) == (0o600, before.st_uid, before.st_gid)
    assert [file.name for file in key.parent.iterdir()] == ["main.key"]


def test_an_interrupted_renewal_loses_no_root(key: Path, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = key.read_bytes()

    def interrupted(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        add_epoch(key, NOW, data_folder=data)
    assert key.read_bytes() == before
    assert [file.name for file in key.parent.iterdir()] == ["main.key"]


def put_secret(folder: Path, content: bytes, mode: int = 0o600) -> Path:
    folder.mkdir(mode=0o700)
    path = folder / "door"
    path.write_bytes(content)
    path.chmod(mode)
    return folder


@pytest.mark.parametrize(
    ("content", "secret"), [(b"p@ss word", "p@ss word"), (b"abc\n", "abc"), (b"abc\r\n", "abc"), ("密码\n".encode(), "密码"), (b" a ", " a ")]
)
def test_a_secret_is_its_file_without_the_end_of_line(tmp_path: Path, content: bytes, secret: str) -> None:
    assert read_secret(put_secret(tmp_path / "secrets", content), "door") == secret


@pytest.mark.parametrize("content", [b"", b"\n", b"a\nb\n", b"a\0b", b"\xff\xfe"])
def test_a_secret_that_is_no_line_of_text_is_refused_without_showing_it(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(KeyStoreError) as caught:
        read_secret(put_secret(tmp_path / "secrets", content), "door")
    assert caught.value.code == "keys.secret"


def test_a_secret_that_others_may_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KeyStoreError) as caught:
        read_secret(put_secret(tmp_path / "secrets", b"abc", 0o644), "door")
    assert caught.value.code == "keys.exposed"


@pytest.mark.parametrize("name", ["../main.key", "", "a/b", ".hidden", "A", "a\n"])
def test_a_secret_is_named_by_a_plain_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="not the name of a secret"):
        read_secret(tmp_path, name)


def test_a_secret_that_is_not_there_is_made_by_the_command_that_its_error_names(tmp_path: Path) -> None:
    folder = tmp_path / "the keys" / "secrets"
    with pytest.raises(KeyStoreError) as caught:
        read_secret(folder, "door")
    assert caught.value.code == "keys.missing"
    command = shlex.split(caught.value.mend.partition(": ")[2])
    subprocess.run(command, input=b"at the gate\n", check=True)
    assert read_secret(folder, "door") == "at the gate"
