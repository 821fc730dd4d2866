"""Persons' keys: each is there until it is destroyed, and then in no file that any key still opens."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consentry.platform.errors import KeyStoreError
from consentry.platform.keys import SiteKeys
from consentry.platform.keys.key_file import ROOT_BYTES
from consentry.recognition.vault.buffers import bound, open_sealed, random_buffer, seal, wiped
from consentry.recognition.vault.keystore import PersonKeys

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

KEYS = SiteKeys(bytes(range(ROOT_BYTES)), "shop")
SPACE = UUID("0198c0de-0000-7000-8000-000000000000")
CONSENTS = [str(uuid5(SPACE, str(number))) for number in range(6)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def found(store: PersonKeys, consents: Iterable[str] = CONSENTS) -> dict[str, bytes]:
    """Return the keys of ``consents``."""
    return {consent: key.tobytes() for consent, key in store.read(list(consents))}


def test_a_key_is_found_again_by_another_process_and_nowhere_in_the_files(folder: Path) -> None:
    store = PersonKeys(folder, KEYS)
    made = {consent: store.create(consent).tobytes() for consent in CONSENTS}
    assert len(set(made.values())) == len(CONSENTS)
    assert found(PersonKeys(folder, KEYS)) == made
    content = b"".join(path.read_bytes() for path in folder.iterdir())
    assert not [key for key in made.values() if key[:16] in content]
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=25, deadline=None)
@given(acts=st.lists(st.tuples(st.sampled_from(["create", "destroy"]), st.sampled_from(CONSENTS)), max_size=12), name=st.uuids())
def test_it_holds_what_a_dictionary_would(folder: Path, acts: list[tuple[str, str]], name: UUID) -> None:
    (folder / str(name)).mkdir(exist_ok=True)
    store, oracle = PersonKeys(folder / str(name), KEYS), found(PersonKeys(folder / str(name), KEYS))
    for act, consent in acts:
        if act == "create":
            oracle[consent] = store.create(consent).tobytes()
        else:
            store.destroy([consent])
            oracle.pop(consent, None)
    assert found(store) == oracle == found(PersonKeys(folder / str(name), KEYS))


def same_file(store: PersonKeys, folder: Path) -> list[str]:
    """Return two consents whose keys lie in one file."""
    shards: dict[str, str] = {}
    for number in range(1000):
        consent = str(uuid5(SPACE, f"pair {number}"))
        before = {path.name: path.stat().st_mtime_ns for path in folder.glob("*.keys")}
        store.create(consent)
        (changed,) = [path.name for path in folder.glob("*.keys") if before.get(path.name) != path.stat().st_mtime_ns]
        if changed in shards:
            return [shards[changed], consent]
        shards[changed] = consent
    pytest.fail("no two consents share a file")


def test_the_file_of_a_destroyed_key_is_overwritten_and_its_neighbours_stay(folder: Path) -> None:
    store = PersonKeys(folder, KEYS)
    gone, stays = same_file(store, folder)
    kept = found(store, [stays])
    (shard,) = [path for path in folder.glob("*.keys") if path.stat().st_size > min(other.stat().st_size for other in folder.glob("*.keys"))]
    old = shard.read_bytes()
    with shard.open("rb") as opened_before:
        store.destroy([gone])
        assert opened_before.read() == bytes(len(old)), "whoever held the file before now holds zeros"
    assert found(store, [gone, stays]) == kept
    assert not [path for path in folder.iterdir() if path.suffix != ".keys"]
    fresh = shard.read_bytes()
    assert fresh[12:72] != old[12:72], "the others lie under another store key"


def test_what_a_crash_left_is_overwritten_at_the_next_start(folder: Path) -> None:
    store = PersonKeys(folder, KEYS)
    key = store.create(CONSENTS[0]).tobytes()
    (shard,) = folder.glob("*.keys")
    left = [shard.with_suffix(".keys.old"), shard.with_suffix(".keys.new")]
    held = []
    for path in left:
        path.write_bytes(shard.read_bytes())
        held.append(path.open("rb"))
    assert found(PersonKeys(folder, KEYS)) == {CONSENTS[0]: key}
    for file in held:
        assert set(file.read()) == {0}
        file.close()
    assert [path.name for path in folder.iterdir()] == [shard.name]


def test_keys_stay_readable_after_the_root_was_rotated_and_pass_to_the_newest(folder: Path) -> None:
    key = PersonKeys(folder, KEYS).create(CONSENTS[0]).tobytes()
    rotated = SiteKeys(os.urandom(32), "shop", 2, {1: bytes(range(ROOT_BYTES))})
    assert found(PersonKeys(folder, rotated)) == {CONSENTS[0]: key}
    PersonKeys(folder, rotated).create(CONSENTS[0])
    with pytest.raises(KeyStoreError):
        PersonKeys(folder, KEYS).find(CONSENTS[0])


@pytest.mark.parametrize("harm", ["altered", "cut", "another site's", "moved"])
def test_a_file_that_is_not_its_own_opens_nothing(folder: Path, harm: str) -> None:
    PersonKeys(folder, KEYS).create(CONSENTS[0])
    (shard,) = folder.glob("*.keys")
    content, keys = shard.read_bytes(), KEYS
    match harm:
        case "altered":
            shard.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        case "cut":
            shard.write_bytes(content[:40])
        case "moved":
            PersonKeys(folder, KEYS).create(CONSENTS[1])
            (other,) = [path for path in folder.glob("*.keys") if path != shard]
            shard.write_bytes(other.read_bytes())
        case _:
            keys = SiteKeys(bytes(range(ROOT_BYTES)), "elsewhere")
    with pytest.raises(KeyStoreError):
        PersonKeys(folder, keys).find(CONSENTS[0])


def test_without_its_folder_it_does_not_begin(folder: Path) -> None:
    with pytest.raises(KeyStoreError) as caught:
        PersonKeys(folder / "away", KEYS)
    assert caught.value.code == "keys.missing"


@given(content=st.binary(max_size=100), name=st.text(st.characters(codec="utf-8"), max_size=5))
def test_sealed_content_opens_with_its_key_for_its_owner_alone(content: bytes, name: str) -> None:
    key, plain = random_buffer(32), np.frombuffer(content, np.uint8)
    sealed = seal(key, plain, bound([name]))
    assert open_sealed(key, sealed, bound([name])).tobytes() == content
    for wrong in ((random_buffer(32), sealed, bound([name])), (key, sealed, bound([name, ""])), (key, sealed[:-1], bound([name])), (key, b"", bound([name]))):
        with pytest.raises(KeyStoreError):
            open_sealed(*wrong)


def test_buffers_are_zero_after_the_block_however_it_ends() -> None:
    key, body = random_buffer(32), bytearray(b"face")
    with pytest.raises(RuntimeError), wiped(key, body):
        raise RuntimeError
    assert (key.any(), body) == (np.False_, bytearray(4))
