"""Founding a site: nothing is overwritten, whatever interrupts it can be repeated, and as root each process gets its own and no more."""

from __future__ import annotations

import os
import re
import stat
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest

from consentry.platform.errors import ConsentryError, KeyStoreError, SettingsError
from consentry.platform.keys import SiteKeys
from consentry.platform.keys.key_file import read_key_file
from consentry.platform.processes.accounts import Part, account_of
from consentry.platform.settings import founding
from consentry.platform.settings.checking import check
from consentry.platform.settings.founding import found_site
from consentry.platform.settings.reading import read_settings
from consentry.platform.settings.store import SettingsStore
from consentry.platform.settings.template import new_settings_text
from consentry.platform.tls.authority import AUTHORITY_FILE, fingerprint, open_authority
from consentry.platform.tls.server import open_tls
from tests.platform.settings.texts import everything

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
ANSWERS = {
    "site.id": "shop-1",
    "site.name": {"zh": '店"一"', "en": "Shop 'One' \\ #"},
    "site.zone": "Asia/Shanghai",
    "site.controller": "C",
    "site.contact": "c",
}
LAN = {**ANSWERS, "web.host": "0.0.0.0", "web.port": 8443, "web.names": ["counter.lan"], "web.tls.mode": "local-authority"}  # noqa: S104 - what is tested
root_only = pytest.mark.skipif(os.geteuid() != 0, reason="giving files away takes root")


@pytest.fixture
def folder() -> Iterator[Path]:
    """Return a folder that other accounts can reach, which pytest's own are not."""
    with TemporaryDirectory(prefix="consentry-test-") as made:
        Path(made).chmod(0o755)
        yield Path(made) / "site"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def snapshot(folder: Path) -> Mapping[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_a_site_is_founded_that_opens(folder: Path) -> None:
    founded = found_site(folder, ANSWERS, NOW)
    assert check(founded.file) == []
    store = SettingsStore(founded.file)
    assert store.current.site.name.en == "Shop 'One' \\ #"
    keys = [SiteKeys.open(path, data_folder=founded.places.data) for path in (founded.places.main_key, founded.places.vault_key)]
    assert [key.site for key in keys] == ["shop-1", "shop-1"]
    assert keys[0].derive("api-key") != keys[1].derive("api-key")
    assert founded.fingerprint is None
    assert list(founded.places.tls.iterdir()) == []


def test_only_their_owner_looks_into_keys_and_data(folder: Path) -> None:
    places = found_site(folder, LAN, NOW).places
    assert {mode(path) for path in (places.secrets, places.tls, places.templates, places.person_keys)} == {0o700}
    assert mode(places.data) == (0o710 if os.geteuid() == 0 else 0o700), "the vault's group passes to its own folder"
    assert mode(places.keys) == (0o711 if os.geteuid() == 0 else 0o700)
    assert {mode(path) for path in (places.main_key, places.vault_key, places.tls / AUTHORITY_FILE)} == {0o600}


def test_a_site_for_the_lan_has_an_authority_and_serves_tls(folder: Path) -> None:
    founded = found_site(folder, LAN, NOW)
    assert founded.fingerprint == fingerprint(open_authority(founded.places.tls).certificate)
    assert founded.fingerprint is not None
    assert re.fullmatch(r"([0-9A-F]{2} ){31}[0-9A-F]{2}", founded.fingerprint)
    assert open_tls(SettingsStore(founded.file).current, founded.places, NOW) is not None


def test_nothing_that_exists_is_overwritten(folder: Path) -> None:
    found_site(folder, LAN, NOW)
    before = snapshot(folder)
    with pytest.raises(SettingsError) as caught:
        found_site(folder, ANSWERS, NOW)
    assert caught.value.code == "settings.exists"
    assert snapshot(folder) == before


def test_a_link_that_points_nowhere_is_something_that_exists(folder: Path) -> None:
    folder.mkdir()
    (folder / "site.toml").symlink_to("nowhere")
    with pytest.raises(SettingsError) as caught:
        found_site(folder, ANSWERS, NOW)
    assert caught.value.code == "settings.exists"
    assert [file.name for file in folder.iterdir()] == ["site.toml"]


@pytest.mark.parametrize("step", ["make_keys", "create_authority", "write_new", "sync_folder"])
def test_an_interrupted_founding_is_repeated_with_the_keys_that_it_made(folder: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(founding, step, interrupted)
        with pytest.raises(KeyboardInterrupt):
            found_site(folder, LAN, NOW)
    before = snapshot(folder)
    if step == "sync_folder":  # everything is there; only the disk was not told
        assert check(folder / "site.toml") == []
        return
    assert "site.toml" not in before
    founded = found_site(folder, LAN, NOW)
    after = snapshot(folder)
    assert {name: after[name] for name in before} == before
    assert check(founded.file) == []


def test_keys_of_another_site_are_not_taken_over(folder: Path) -> None:
    found_site(folder, ANSWERS, NOW).file.unlink()
    with pytest.raises(KeyStoreError) as caught:
        found_site(folder, {**ANSWERS, "site.id": "shop-2"}, NOW)
    assert caught.value.code == "keys.other-site"
    assert not (folder / "site.toml").exists()


def test_a_vault_key_does_not_pass_for_a_main_key(folder: Path) -> None:
    founded = found_site(folder, ANSWERS, NOW)
    founded.file.unlink()
    founded.places.vault_key.replace(founded.places.main_key)
    with pytest.raises(KeyStoreError) as caught:
        found_site(folder, ANSWERS, NOW)
    assert caught.value.code == "keys.other-site"


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ({**ANSWERS, "site.id": "Shop One"}, "settings.string-pattern-mismatch"),
        ({**ANSWERS, "site.zone": "Moon"}, "settings.zone"),
        ({**ANSWERS, "web.host": "0.0.0.0"}, "settings.plain-http"),  # noqa: S104 - what is tested
    ],
)
def test_wrong_answers_leave_nothing_behind(folder: Path, answers: Mapping[str, object], code: str) -> None:
    with pytest.raises(SettingsError) as caught:
        found_site(folder, answers, NOW)
    assert caught.value.code == code
    assert not folder.exists()


def test_a_folder_that_cannot_be_written_is_one_error(folder: Path) -> None:
    folder.write_text("a file")
    with pytest.raises(ConsentryError) as caught:
        found_site(folder, ANSWERS, NOW)
    assert caught.value.code == "settings.unwritable"


@root_only
def test_each_process_owns_what_it_works_with_and_nothing_else(folder: Path) -> None:
    places = found_site(folder, LAN, NOW).places
    web, vault = account_of(Part.WEB), account_of(Part.VAULT)
    owners = {path: path.stat().st_uid for path in (folder, *folder.rglob("*"))}
    assert {path for path, owner in owners.items() if owner == vault.user} == {places.vault_key, places.templates, places.person_keys}
    assert {path for path, owner in owners.items() if owner == 0} == {folder, places.keys}
    assert set(owners.values()) == {0, web.user, vault.user}


@root_only
def test_the_web_process_can_replace_the_settings_and_cannot_reach_the_vaults_key(folder: Path) -> None:
    founded = found_site(folder, LAN, NOW)
    web = account_of(Part.WEB)
    child = os.fork()
    if child == 0:
        try:
            os.setresgid(web.group, web.group, web.group)
            os.setgroups([])
            os.setresuid(web.user, web.user, web.user)
            os._exit(_tried_as_web(founded.file))
        finally:
            os._exit(99)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert founded.file.read_text(encoding="utf-8").endswith("# changed\n")
    assert founded.file.stat().st_uid == web.user
    assert read_key_file(founded.places.vault_key, data_folder=founded.places.data).site == "shop-1"


def _tried_as_web(file: Path) -> int:
    """Return 0 where the account may do what it should and nothing that it should not."""
    store = SettingsStore(file)
    store.replace(f"{store.text}# changed\n", expected=store.digest)
    SiteKeys.open(store.places.main_key, data_folder=store.places.data)
    refused: list[Callable[[], object]] = [
        store.places.vault_key.read_bytes,
        store.places.vault_key.unlink,
        lambda: store.places.keys.rename(file.with_name("elsewhere")),
        store.places.keys.joinpath("new").touch,
    ]
    return sum(1 for attempt in refused if _permitted(attempt))


def _permitted(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except PermissionError:
        return False
    return True


def test_the_first_file_describes_every_key_and_uses_only_the_answers() -> None:
    text = new_settings_text(ANSWERS)
    used = [line.partition(" = ")[0] for line in text.splitlines() if line and not line.startswith(("#", "["))]
    assert used == ["id", "name", "zone", "controller", "contact"]
    assert read_settings(text, "a").model_copy(update={"cameras": ()}) == read_settings(text, "a")
    assert len(read_settings(everything(), "a").cameras) == 1
    assert all(len(line) <= 130 for line in text.splitlines())


def test_an_answer_to_no_question_is_refused() -> None:
    with pytest.raises(KeyError, match=r"web\.prot"):
        new_settings_text({**ANSWERS, "web.prot": 1})
