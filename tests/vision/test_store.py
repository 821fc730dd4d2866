"""Finding, verifying and importing weights."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from unittest.mock import Mock

import pytest

from consentry.platform.errors import ModelError
from consentry.vision import store as store_module
from consentry.vision.manifest import Embedded, ModelEntry
from consentry.vision.store import ModelStore, open_store, staged

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def put(folder: Path, model: ModelEntry, content: bytes) -> Path:
    assert model.weights is not None
    folder.mkdir(parents=True, exist_ok=True)
    place = folder / model.weights.name
    place.write_bytes(content)
    return place


def test_the_given_folder_comes_before_the_cache(store: ModelStore, thing: ModelEntry, weights: bytes) -> None:
    put(store.cache, thing, weights)
    given = put(store.folders[0], thing, weights)
    assert store.path(thing) == given


def test_a_damaged_file_is_passed_over_where_a_sound_one_follows(store: ModelStore, thing: ModelEntry, weights: bytes) -> None:
    put(store.folders[0], thing, weights[:-1] + b"\0\1")
    sound = put(store.cache, thing, weights)
    assert store.path(thing) == sound


@pytest.mark.parametrize("damage", [lambda content: content[:-1], lambda content: content[:-1] + bytes([content[-1] ^ 1]), lambda _: b""])
def test_a_file_that_is_not_the_one_of_the_manifest_is_refused(store: ModelStore, thing: ModelEntry, weights: bytes, damage: Callable[[bytes], bytes]) -> None:
    put(store.cache, thing, damage(weights))
    with pytest.raises(ModelError, match=r"models pull thing.*models import") as refused:
        store.path(thing)
    assert refused.value.code == "model.damaged"


def test_a_missing_file_is_refused_with_both_ways_to_get_it(store: ModelStore, thing: ModelEntry) -> None:
    with pytest.raises(ModelError, match=r"models pull thing.*models import DIR") as refused:
        store.path(thing)
    assert refused.value.code == "model.missing"
    assert not store.has(thing)


def test_embedded_weights_have_no_path_but_are_always_there(store: ModelStore) -> None:
    embedded = ModelEntry("inside", "person-detection", Embedded("code"), None, "MIT", "noise", bf16_holds=False, layout=None)
    assert store.has(embedded)
    assert store.find(embedded) is None
    with pytest.raises(ModelError) as refused:
        store.path(embedded)
    assert refused.value.code == "model.embedded"


def test_a_file_is_hashed_once_until_it_changes(store: ModelStore, thing: ModelEntry, weights: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    place = put(store.cache, thing, weights)
    counted = Mock(side_effect=store_module._sha256)  # noqa: SLF001 - counted, not replaced
    monkeypatch.setattr(store_module, "_sha256", counted)
    for _ in range(3):
        store.path(thing)
    assert counted.call_count == 1
    place.write_bytes(bytes(len(weights)))
    os.utime(place, ns=(1, 1))
    with pytest.raises(ModelError):
        store.path(thing)
    assert counted.call_count == 2


def test_import_knows_files_by_content_in_any_folder_under_any_name(store: ModelStore, thing: ModelEntry, weights: bytes, tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    (stick / "deep").mkdir(parents=True)
    (stick / "thing.onnx").write_bytes(bytes(len(weights)))
    (stick / "deep" / "renamed.bin").write_bytes(weights)
    assert store.import_from(stick, [thing]) == {"thing": stick / "deep" / "renamed.bin"}
    assert store.path(thing) == store.cache / "thing.onnx"
    assert [place.name for place in store.cache.iterdir()] == ["thing.onnx"]


def test_import_of_a_folder_without_models_copies_nothing(store: ModelStore, thing: ModelEntry, tmp_path: Path) -> None:
    (tmp_path / "readme.txt").write_text("none")
    assert store.import_from(tmp_path, [thing]) == {}
    assert not store.cache.exists()


def test_a_staged_file_appears_only_when_its_block_ends_well(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "file"

    def break_off() -> None:
        with staged(target) as part:
            part.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        break_off()
    assert list(target.parent.iterdir()) == []
    with staged(target) as part:
        part.write_text("whole")
        assert not target.exists()
    assert [place.name for place in target.parent.iterdir()] == ["file"]
    assert target.read_text() == "whole"


@pytest.mark.parametrize(
    ("environment", "folders"),
    [
        ({"XDG_CACHE_HOME": "/x"}, ["/x/consentry/models"]),
        ({"HOME": "/h"}, ["/h/.cache/consentry/models"]),
        ({"XDG_CACHE_HOME": "/x", "CONSENTRY_MODELS": "/m"}, ["/m", "/x/consentry/models"]),
    ],
)
def test_the_environment_says_where_models_lie(environment: dict[str, str], folders: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XDG_CACHE_HOME", "CONSENTRY_MODELS"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    opened = open_store()
    assert [str(folder) for folder in opened.folders] == folders
    assert str(opened.cache) == folders[-1]


def test_a_cache_that_cannot_be_written_is_one_clear_error(thing: ModelEntry, weights: bytes, tmp_path: Path) -> None:
    (tmp_path / "weights").write_bytes(weights)
    (tmp_path / "file").write_text("not a folder")
    blocked = ModelStore(tmp_path / "file" / "cache", (tmp_path / "file" / "cache",))
    with pytest.raises(ModelError, match="XDG_CACHE_HOME") as refused:
        blocked.import_from(tmp_path, [thing])
    assert refused.value.code == "model.import"
