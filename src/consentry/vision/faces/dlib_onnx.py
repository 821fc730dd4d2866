"""Turns dlib's face network into ONNX, once: the first use writes it into the user's cache, where any runtime can read it.

The file of weights does not tell how its layers hang together; the order of the layers does, for residual networks (He et al. 2015) of
the form that dlib's ``dnn_face_recognition_ex.cpp`` gives. dlib keeps whole squares only: a layer with a stride has no padding, and what
a pool or a convolution leaves over at the right and at the bottom is dropped. Where the two sides of a sum differ in size, dlib takes
what is missing as zeros, in all directions (``add_prev_``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from consentry.platform.errors import ModelError
from consentry.vision.faces.dlib_file import Affine, Convolution, FullyConnected, Pool, Rectifier, Sum, parse_dlib
from consentry.vision.faces.onnx_writer import OnnxGraph
from consentry.vision.store import staged

if TYPE_CHECKING:
    from pathlib import Path

    from consentry.vision.faces.dlib_file import DlibNetwork, Layer
    from consentry.vision.manifest import WeightsFile
    from consentry.vision.store import ModelStore

__all__ = ["converted", "to_onnx"]

_REVISION = 1
"""Part of the name in the cache; raised whenever this module writes another graph."""
_INPUT = "input"


def converted(path: Path, weights: WeightsFile, store: ModelStore) -> Path:
    """Return the ONNX file made of the verified dlib file at ``path``, making it where the cache does not hold it yet.

    The name in the cache carries the hash of the weights. A crash leaves the whole file or none.

    Raises:
        ModelError: ``model.dlib-file`` where it is no network of the known form, ``model.cache`` where the cache cannot be written.
    """
    target = store.cache / f"{path.stem}-{weights.sha256[:16]}-r{_REVISION}.onnx"
    if target.is_file():
        return target
    content = to_onnx(parse_dlib(path.read_bytes()))
    try:
        with staged(target) as part:
            part.write_bytes(content)
    except OSError as error:
        mend = "Make the folder of the cache writable (XDG_CACHE_HOME)"
        raise ModelError("model.cache", str(target), f"the converted model cannot be kept ({error.strerror})", mend) from error
    return target


def to_onnx(network: DlibNetwork) -> bytes:
    """Return the network as ONNX: ``input`` float32 [n, 3, S, S], red, green, blue, already normalised; output [n, D], not of unit length.

    Raises:
        ModelError: ``model.dlib-file`` where the layers stand in no order that is known here.
    """
    builder = _Builder(OnnxGraph("dlib"), network.side)
    rest = builder.stem(list(network.layers))
    while rest and isinstance(rest[0], Convolution):
        rest = builder.residual(rest)
    return builder.head(rest, network.side)


@dataclass(frozen=True, slots=True)
class _Value:
    """A value of the graph: its name, its channels and the side of its square."""

    name: str
    channels: int
    side: int


class _Builder:
    """Adds groups of layers to a graph; each method takes the layers that are left and returns those after its own."""

    def __init__(self, graph: OnnxGraph, side: int) -> None:
        self._graph = graph
        self._value = _Value(_INPUT, 3, side)

    def stem(self, layers: list[Layer]) -> list[Layer]:
        match layers:
            case [Convolution() as convolution, Affine() as affine, Rectifier(), Pool(greatest=True) as pool, *rest]:
                value = self._rectified(self._convolved(self._value, convolution, affine))
                self._value = self._pooled(value, pool)
                return rest
        raise _unknown_order()

    def residual(self, layers: list[Layer]) -> list[Layer]:
        match layers:
            case [Convolution() as one, Affine() as after_one, Rectifier(), Convolution() as two, Affine() as after_two, *rest]:
                inner = self._rectified(self._convolved(self._value, one, after_one))
                inner = self._convolved(inner, two, after_two)
                return self._summed(inner, rest)
        raise _unknown_order()

    def head(self, layers: list[Layer], side: int) -> bytes:
        match layers:
            case [Pool(greatest=False, size=0), FullyConnected(weights=weights)] if len(weights) == self._value.channels:
                mean = self._graph.add("GlobalAveragePool", [self._value.name])
                flat = self._graph.add("Flatten", [mean], axis=1)
                vector = self._graph.add("MatMul", [flat, self._graph.constant(weights)])
                return self._graph.written(_INPUT, ("n", 3, side, side), vector, ("n", weights.shape[1]))
        raise _unknown_order()

    def _summed(self, inner: _Value, layers: list[Layer]) -> list[Layer]:
        other = self._value
        if layers and isinstance(layers[0], Pool):
            other, layers = self._pooled(other, layers[0]), layers[1:]
        match layers:
            case [Sum(), Rectifier(), *rest]:
                self._value = self._rectified(self._sum(inner, other))
                return rest
        raise _unknown_order()

    def _convolved(self, value: _Value, layer: Convolution, affine: Affine) -> _Value:
        """Add a convolution with the affine layer behind it folded in."""
        weights = layer.weights * affine.gamma[:, None, None, None]
        bias = layer.bias * affine.gamma + affine.beta
        inputs = [value.name, self._graph.constant(weights), self._graph.constant(bias)]
        filters, _, size, _ = weights.shape
        name = self._graph.add("Conv", inputs, strides=[layer.stride] * 2, pads=[layer.padding] * 4)
        return _Value(name, filters, (value.side + 2 * layer.padding - size) // layer.stride + 1)

    def _pooled(self, value: _Value, pool: Pool) -> _Value:
        operator = "MaxPool" if pool.greatest else "AveragePool"
        name = self._graph.add(operator, [value.name], kernel_shape=[pool.size] * 2, strides=[pool.stride] * 2)
        return _Value(name, value.channels, (value.side - pool.size) // pool.stride + 1)

    def _rectified(self, value: _Value) -> _Value:
        return _Value(self._graph.add("Relu", [value.name]), value.channels, value.side)

    def _sum(self, one: _Value, two: _Value) -> _Value:
        channels, side = max(one.channels, two.channels), max(one.side, two.side)
        name = self._graph.add("Add", [self._padded(each, channels, side) for each in (one, two)])
        return _Value(name, channels, side)

    def _padded(self, value: _Value, channels: int, side: int) -> str:
        if (value.channels, value.side) == (channels, side):
            return value.name
        missing = side - value.side
        ends = np.array([0, 0, 0, 0, 0, channels - value.channels, missing, missing], np.int64)
        return self._graph.add("Pad", [value.name, self._graph.constant(ends)])


def _unknown_order() -> ModelError:
    return ModelError("model.dlib-file", "weights of dlib", "its layers stand in an order that is not known here", "Pull or import the model again")
