"""Pulling a model whatever the kind of its source."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

import pytest

from consentry.platform.errors import ModelError
from consentry.vision.manifest import Address, Embedded, ModelEntry
from consentry.vision.pull import pull
from consentry.vision.store import ModelStore

if TYPE_CHECKING:
    from pathlib import Path


class Server(Protocol):
    url: str
    ranges: list[str | None]


def ignore(_: int) -> None:
    """Show no progress."""


def test_a_model_is_fetched_once(thing: ModelEntry, store: ModelStore, file_server: Server) -> None:
    model = replace(thing, source=Address(file_server.url))
    assert pull(model, store, ignore) == pull(model, store, ignore) == store.cache / "thing.onnx"
    assert len(file_server.ranges) == 1


def test_a_damaged_file_is_fetched_anew(thing: ModelEntry, store: ModelStore, file_server: Server, weights: bytes) -> None:
    store.cache.mkdir()
    (store.cache / "thing.onnx").write_bytes(b"damaged")
    place = pull(replace(thing, source=Address(file_server.url)), store, ignore)
    assert place is not None
    assert place.read_bytes() == weights


def test_an_embedded_model_needs_nothing(thing: ModelEntry, store: ModelStore) -> None:
    assert pull(replace(thing, source=Embedded("code"), weights=None), store, ignore) is None
    assert not store.cache.exists()


def test_a_cache_that_cannot_be_written_is_one_clear_error(thing: ModelEntry, tmp_path: Path, file_server: Server) -> None:
    (tmp_path / "file").write_text("not a folder")
    blocked = ModelStore(tmp_path / "file" / "cache", (tmp_path / "file" / "cache",))
    with pytest.raises(ModelError, match="XDG_CACHE_HOME") as refused:
        pull(replace(thing, source=Address(file_server.url)), blocked, ignore)
    assert refused.value.code == "model.cache"
