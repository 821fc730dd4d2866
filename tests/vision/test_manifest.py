"""The manifest: complete, pinned, and read without surprises."""

from __future__ import annotations

import re

import pytest

from consentry.platform.errors import ModelError
from consentry.vision.manifest import Address, Embedded, Installed, PackageFile, entry, manifest, parsed

PACKAGED = """
[model.thing]
task = "person-detection"
source = { kind = "package", name = "carrier", version = "1.0", member = "carrier/thing.onnx" }
weights = { name = "thing.onnx", sha256 = "00", bytes = 1 }
licence = "MIT"
trained_on = "nothing"
"""


def test_every_address_is_https_and_pinned_to_a_revision() -> None:
    addresses = [model.source.url for model in manifest().values() if isinstance(model.source, Address)]
    assert len(addresses) == 7
    assert all(re.match(r"https://[^/]+/.*/[0-9a-f]{12,40}/", url) for url in addresses)


def test_every_file_has_a_hash_and_a_size_and_every_embedded_model_has_none() -> None:
    for model in manifest().values():
        if model.weights is None:
            assert isinstance(model.source, Embedded)
        else:
            assert re.fullmatch(r"[0-9a-f]{64}", model.weights.sha256)
            assert model.weights.bytes > 200_000


def test_every_model_states_its_licence_and_training_data() -> None:
    for model in manifest().values():
        assert model.licence
        assert model.trained_on


@pytest.mark.parametrize(("task", "metrics"), [("person-detection", {"AP50"}), ("face-detection", {"recall", "precision"})])
def test_every_detector_states_measured_figures(task: str, metrics: set[str]) -> None:
    detectors = [model for model in manifest().values() if model.task == task]
    assert detectors
    for model in detectors:
        assert {figure.metric for figure in model.figures} >= metrics, model.name


def test_the_tasks_are_detection_embedding_and_telling_a_live_face_from_a_picture() -> None:
    assert {model.task for model in manifest().values()} == {"person-detection", "face-detection", "face-embedding", "presentation-attack-detection"}


def test_a_packaged_source_is_read() -> None:
    assert parsed(PACKAGED)["thing"].source == PackageFile("carrier", "1.0", "carrier/thing.onnx")


def test_an_installed_source_is_read() -> None:
    assert parsed(PACKAGED.replace('"package"', '"installed"'))["thing"].source == Installed(PackageFile("carrier", "1.0", "carrier/thing.onnx"))


def test_an_unknown_name_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(ModelError, match="rtmdet") as refused:
        entry("retinanet")
    assert refused.value.code == "model.unknown"


@pytest.mark.parametrize(
    "text",
    ["[model.thing", "a = 1", PACKAGED.replace("package", "ftp"), PACKAGED.replace("sha256", "md5"), PACKAGED.replace('licence = "MIT"', ""), "model = 3"],
)
def test_a_manifest_that_is_wrong_is_refused(text: str) -> None:
    with pytest.raises(ModelError) as refused:
        parsed(text)
    assert refused.value.code == "model.manifest"
