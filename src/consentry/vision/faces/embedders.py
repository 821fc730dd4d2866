"""Opens embedders by name. On a site only the vault may hold one; ``consentry evaluate`` measures them away from any site."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from consentry.platform.errors import ModelError
from consentry.vision.faces.align import CHIP_LAYOUTS
from consentry.vision.faces.dlib_onnx import converted
from consentry.vision.manifest import Precision, entry
from consentry.vision.runtime import layout_of
from consentry.vision.store import open_store

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from consentry.vision.faces.model import ChipLayout
    from consentry.vision.manifest import ModelEntry
    from consentry.vision.store import ModelStore

__all__ = ["EMBEDDERS", "BatchNetwork", "MirrorEmbedder", "open_embedder", "open_network_of"]

EMBEDDERS = tuple(CHIP_LAYOUTS)
"""The families that can be opened; the weights of the first are installed with Consentry."""
_BATCH = 8
"""Chips that go through a network at once: more cost more memory and gain nothing on a CPU."""
_DIMENSION = 128
"""All families here make vectors of this length."""


class BatchNetwork(Protocol):
    """A network that takes several pictures at once."""

    def infer_batch(self, pictures: NDArray[np.uint8]) -> tuple[NDArray[Any], ...]:
        """Return the outputs for ``pictures``, uint8 [N, S, S, 3], RGB, the first with shape [N, D]."""
        ...


class MirrorEmbedder:
    """Averages the vectors of a chip and of its mirror image, which differ in what the pose does to them and agree in who it is."""

    def __init__(self, layout: ChipLayout, network: BatchNetwork, dimension: int = _DIMENSION) -> None:
        """Take the ``layout`` of the chips and the ``network`` of its family."""
        self._layout = layout
        self._network = network
        self._dimension = dimension

    @property
    def family(self) -> str:
        """Name in the manifest."""
        return self._layout.family

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self._dimension

    def embed(self, chips: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return one vector of unit length for each chip; see ``FaceEmbedder``.

        Raises:
            ValueError: Where the chips are not uint8 [N, S, S, 3] of the family's layout.
        """
        side = self._layout.side
        if chips.dtype != np.uint8 or chips.ndim != 4 or chips.shape[1:] != (side, side, 3):  # noqa: PLR2004  - the axes of N pictures
            msg = f"chips of {self.family} are uint8 [N, {side}, {side}, 3], not {chips.dtype} {list(chips.shape)}"
            raise ValueError(msg)
        vectors = np.empty((len(chips), self._dimension), np.float32)
        for start in range(0, len(chips), _BATCH):
            self._embed_into(vectors[start : start + _BATCH], chips[start : start + _BATCH])
        return vectors

    def _embed_into(self, vectors: NDArray[np.float32], chips: NDArray[np.uint8]) -> None:
        """Write the vectors of at most ``_BATCH`` chips, and overwrite what led to them: the caller can wipe no memory but its own."""
        outputs = self._network.infer_batch(np.concatenate([chips, chips[:, :, ::-1]]))
        both = outputs[0].astype(np.float32)
        _normalise(both)
        np.add(both[: len(chips)], both[len(chips) :], out=vectors)
        _normalise(vectors)
        for left in (both, *outputs):
            left.fill(0)


def open_embedder(family: str, *, threads: int = 1, precision: Precision = Precision.AUTO, store: ModelStore | None = None) -> MirrorEmbedder:
    """Open the embedder of ``family`` (one of ``EMBEDDERS``).

    ``precision``: ``auto`` takes bf16 where the CPU computes it natively and the manifest says that accuracy holds. ``store``: where weights
    are looked for, :func:`~consentry.vision.store.open_store` without one.

    Raises:
        ModelError: ``model.unknown``, ``model.missing``, ``model.damaged``, ``model.dlib-file``, ``model.cache`` or ``model.network``.
    """
    return MirrorEmbedder(_layout(family), open_network_of(family, threads=threads, precision=precision, store=store))


def open_network_of(family: str, *, threads: int = 1, precision: Precision = Precision.AUTO, store: ModelStore | None = None) -> BatchNetwork:
    """Open the bare network of ``family``, without mirroring and normalising; as :func:`open_embedder` otherwise."""
    _layout(family)
    # OpenVINO takes a second to import, so it is loaded only when a network is.
    from consentry.vision.openvino_cpu import OpenVinoNetwork  # noqa: PLC0415

    model, store = entry(family), store or open_store()
    wanted = Precision.F32 if precision is Precision.AUTO and not model.bf16_holds else precision
    return OpenVinoNetwork(_network_file(model, store), layout_of(model), threads=threads, precision=wanted)


def _layout(family: str) -> ChipLayout:
    if family not in CHIP_LAYOUTS:
        raise ModelError("model.unknown", family, "there is no such embedder", f"Choose one of: {', '.join(EMBEDDERS)}")
    return CHIP_LAYOUTS[family]


def _network_file(model: ModelEntry, store: ModelStore) -> Path:
    path = store.path(model)
    return converted(path, model.weights, store) if path.suffix == ".dat" and model.weights else path


def _normalise(vectors: NDArray[np.float32]) -> None:
    """Scale vectors to length 1 in place; one of length 0 stays as it is."""
    lengths = np.sqrt(np.einsum("nd,nd->n", vectors, vectors))
    vectors /= np.maximum(lengths, np.finfo(np.float32).tiny)[:, None]
