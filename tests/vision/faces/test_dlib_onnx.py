"""dlib's network, read from its file and written as ONNX, says what dlib says; a damaged file is refused in words."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from consentry.platform.errors import ModelError
from consentry.vision.faces.dlib_file import Convolution, FullyConnected, Pool, parse_dlib
from consentry.vision.faces.dlib_onnx import converted, to_onnx
from consentry.vision.faces.embedders import open_network_of
from consentry.vision.manifest import Precision, entry
from consentry.vision.store import ModelStore, open_store
from tests.vision.faces.portraits import chips, dlib_descriptors

if TYPE_CHECKING:
    from pathlib import Path

    from consentry.vision.faces.dlib_file import DlibNetwork

MODEL = entry("dlib")


@pytest.fixture(scope="module")
def weights() -> Path:
    return open_store().path(MODEL)


@pytest.fixture(scope="module")
def network(weights: Path) -> DlibNetwork:
    return parse_dlib(weights.read_bytes())


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path, (tmp_path,))


def test_the_file_holds_the_network_that_dlib_publishes(network: DlibNetwork) -> None:
    assert network.side == 150
    assert MODEL.layout is not None
    assert network.mean == pytest.approx(MODEL.layout.mean)
    convolutions = [layer for layer in network.layers if isinstance(layer, Convolution)]
    assert len(convolutions) == 29  # ResNet-29
    assert [layer.weights.shape[:2] for layer in convolutions[:2]] == [(32, 3), (32, 32)]
    assert [layer.size for layer in network.layers if isinstance(layer, Pool)] == [3, 2, 2, 2, 2, 0]
    assert isinstance(network.layers[-1], FullyConnected)
    assert network.layers[-1].weights.shape == (256, 128)


def test_real_faces_get_the_vectors_that_dlib_itself_gives(weights: Path, store: ModelStore) -> None:
    faces = chips("dlib")
    (ours, *_) = open_network_of("dlib", precision=Precision.F32, store=store).infer_batch(faces)
    theirs = dlib_descriptors(weights, faces)
    assert np.abs(ours - theirs).max() <= 1e-4
    # The oracle is no constant: different faces lie further apart than dlib's own threshold.
    assert np.linalg.norm(theirs[0] - theirs[3]) > 0.6


def test_the_converted_file_is_written_once_and_carries_the_hash_of_the_weights(weights: Path, store: ModelStore) -> None:
    assert MODEL.weights is not None
    first = converted(weights, MODEL.weights, store)
    stamp = first.stat().st_mtime_ns
    assert MODEL.weights.sha256[:16] in first.name
    assert converted(weights, MODEL.weights, store) == first
    assert first.stat().st_mtime_ns == stamp
    assert [path.name for path in store.cache.iterdir()] == [first.name]


def test_a_cache_that_cannot_be_written_is_refused_in_words(weights: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert MODEL.weights is not None
    with pytest.raises(ModelError) as refused:
        converted(weights, MODEL.weights, ModelStore(tmp_path / "file", ()))
    assert refused.value.code == "model.cache"


@pytest.mark.parametrize("cut", [0, 100, 300, 5_000, 19_383, 1_000_000])
def test_a_file_that_was_cut_off_is_refused(weights: Path, cut: int) -> None:
    with pytest.raises(ModelError) as refused:
        parse_dlib(weights.read_bytes()[:cut])
    assert refused.value.code == "model.dlib-file"


@pytest.mark.parametrize(("place", "value"), [(336, b"xon_4"), (342, b"\x09"), (19_390, b"\xff\xff\xff\xff")])
def test_a_file_that_says_something_unknown_is_refused(weights: Path, place: int, value: bytes) -> None:
    content = bytearray(weights.read_bytes())
    content[place : place + len(value)] = value
    with pytest.raises(ModelError) as refused:
        parse_dlib(bytes(content))
    assert refused.value.code == "model.dlib-file"


@pytest.mark.parametrize("kept", [0, 1, 4, 9, -1])
def test_layers_in_another_order_are_refused(network: DlibNetwork, kept: int) -> None:
    with pytest.raises(ModelError, match="order") as refused:
        to_onnx(replace(network, layers=network.layers[:kept]))
    assert refused.value.code == "model.dlib-file"


def test_onnx_runtime_reads_the_graph_too_and_agrees(network: DlibNetwork) -> None:
    runtime = pytest.importorskip("onnxruntime")
    assert MODEL.layout is not None
    faces = chips("dlib")[:2]
    planes = ((faces - np.array(MODEL.layout.mean, np.float32)) / np.float32(256)).transpose(0, 3, 1, 2)
    (vectors,) = runtime.InferenceSession(to_onnx(network), providers=["CPUExecutionProvider"]).run(None, {"input": planes.astype(np.float32)})
    theirs = dlib_descriptors(open_store().path(MODEL), faces)
    assert np.abs(vectors - theirs).max() <= 1e-4
