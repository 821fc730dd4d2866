"""Embedders: unit vectors, blind to mirrors, the same alone and in a crowd; SFace's layout by a network that stands for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from consentry.platform.errors import ModelError
from consentry.vision.faces.align import CHIP_LAYOUTS
from consentry.vision.faces.embedders import EMBEDDERS, MirrorEmbedder, open_embedder
from consentry.vision.manifest import Precision, entry
from consentry.vision.store import ModelStore
from tests.vision.faces.portraits import chips

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


class Projection:
    """Stands for a network of 128 dimensions: projects the pixels at random, and remembers what it was shown."""

    def __init__(self, side: int) -> None:
        self._axes = np.random.default_rng(1).normal(size=(side * side * 3, 128)).astype(np.float32)
        self.batches: list[int] = []

    def infer_batch(self, pictures: NDArray[np.uint8]) -> tuple[NDArray[Any], ...]:
        self.batches.append(len(pictures))
        return (pictures.reshape(len(pictures), -1).astype(np.float32) @ self._axes,)


def noise(family: str, count: int) -> NDArray[np.uint8]:
    side = CHIP_LAYOUTS[family].side
    return np.random.default_rng(count).integers(0, 256, (count, side, side, 3), np.uint8)


@pytest.mark.parametrize("family", EMBEDDERS)
def test_vectors_have_unit_length_and_do_not_depend_on_the_mirror_or_the_company(family: str) -> None:
    network = Projection(CHIP_LAYOUTS[family].side)
    embedder = MirrorEmbedder(CHIP_LAYOUTS[family], network)
    faces = noise(family, 19)
    vectors = embedder.embed(faces)
    assert vectors.shape == (19, embedder.dimension)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert np.allclose(embedder.embed(faces[:, :, ::-1]), vectors, atol=1e-5)
    assert np.allclose(embedder.embed(faces[7:8])[0], vectors[7], atol=1e-5)
    assert max(network.batches) <= 16
    assert not np.allclose(vectors[0], vectors[1], atol=0.1)


def test_the_average_is_that_of_unit_vectors() -> None:
    layout, face = CHIP_LAYOUTS["sface"], noise("sface", 1)
    network = Projection(layout.side)
    one, two = (vector[0] / np.linalg.norm(vector[0]) for vector in (network.infer_batch(face)[0], network.infer_batch(face[:, :, ::-1])[0]))
    expected = (one + two) / np.linalg.norm(one + two)
    assert np.allclose(MirrorEmbedder(layout, network).embed(face)[0], expected, atol=1e-5)


def test_no_chips_give_no_vectors() -> None:
    assert MirrorEmbedder(CHIP_LAYOUTS["dlib"], Projection(150)).embed(np.empty((0, 150, 150, 3), np.uint8)).shape == (0, 128)


@pytest.mark.parametrize("chips", [np.zeros((1, 112, 112, 3), np.uint8), np.zeros((150, 150, 3), np.uint8), np.zeros((1, 150, 150, 3), np.float32)])
def test_chips_of_another_form_are_a_mistake_of_the_caller(chips: NDArray[Any]) -> None:
    with pytest.raises(ValueError, match=r"chips of dlib are uint8 \[N, 150, 150, 3\]"):
        MirrorEmbedder(CHIP_LAYOUTS["dlib"], Projection(150)).embed(chips)


def test_an_unknown_family_and_missing_weights_are_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(ModelError) as refused:
        open_embedder("arcface")
    assert refused.value.code == "model.unknown"
    with pytest.raises(ModelError) as refused:
        open_embedder("sface", store=ModelStore(tmp_path, (tmp_path,)))
    assert refused.value.code == "model.missing"


def test_sface_takes_the_pixels_as_they_are_for_its_graph_normalises_them() -> None:
    layout = entry("sface").layout
    assert layout is not None
    assert (layout.colour, layout.mean, layout.scale) == ("RGB", (0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
    assert CHIP_LAYOUTS["sface"].points.tolist() == CHIP_LAYOUTS["mobilefacenet"].points.tolist()


@pytest.mark.parametrize("family", ["dlib", "mobilefacenet"])
def test_a_real_embedder_tells_two_people_apart_also_in_bf16(family: str, shared: Path, tmp_path: Path) -> None:
    store = ModelStore(tmp_path, (shared / "models", tmp_path))
    faces = chips(family)[[0, 1, 3, 4]]
    exact, short = (open_embedder(family, precision=precision, store=store).embed(faces) for precision in (Precision.F32, Precision.BF16))
    for vectors in (exact, short):
        assert vectors[0] @ vectors[1] > 0.999
        assert vectors[0] @ vectors[2] < vectors[0] @ vectors[1] - 0.05
    assert np.sum(exact * short, axis=1).min() > 0.99
