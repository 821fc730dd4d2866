"""Reads the weights of dlib's face network out of the file that dlib wrote.

dlib writes a network from its input to its output. A number is one byte (low four bits: how many little-endian bytes follow; top bit:
minus) and those bytes; a text is its length as a number, then its bytes; a tensor is its version, four sizes, and raw little-endian
float32. Behind each layer stand three signs of its state and three tensors of its training (``dlib/dnn/core.h``, ``dlib/serialize.h``).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from consentry.platform.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

__all__ = ["Affine", "Convolution", "DlibNetwork", "FullyConnected", "Layer", "Pool", "Rectifier", "Sum", "parse_dlib"]

_INPUT = "input_rgb_image_sized"
_LONGEST_NAME = 64
_MOST_VALUES = 1 << 24
_TENSOR_VERSION = 2


@dataclass(frozen=True, slots=True, eq=False)
class Convolution:
    """``weights``: float32 [filters, channels, h, w]; ``bias``: float32 [filters]; ``padding``: pixels of zeros on every side."""

    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    stride: int
    padding: int


@dataclass(frozen=True, slots=True, eq=False)
class Affine:
    """A scale and a shift for each channel, float32 [channels]: what is left of batch normalisation after training."""

    gamma: NDArray[np.float32]
    beta: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Rectifier:
    """Negative values become 0."""


@dataclass(frozen=True, slots=True)
class Sum:
    """Adds a tagged earlier layer; which one is part of dlib's type, not of the file."""


@dataclass(frozen=True, slots=True)
class Pool:
    """The greatest or the mean of squares of ``size`` pixels; size 0 is the whole picture."""

    greatest: bool
    size: int
    stride: int


@dataclass(frozen=True, slots=True, eq=False)
class FullyConnected:
    """``weights``: float32 [inputs, outputs]; no bias."""

    weights: NDArray[np.float32]


Layer = Convolution | Affine | Rectifier | Sum | Pool | FullyConnected


@dataclass(frozen=True, slots=True)
class DlibNetwork:
    """A network: the mean colour it subtracts (red, green, blue), the side of its input in pixels, and its layers from the input on."""

    mean: tuple[float, float, float]
    side: int
    layers: tuple[Layer, ...]


def parse_dlib(data: bytes) -> DlibNetwork:
    """Return the network in a ``.dat`` file of dlib's.

    Raises:
        ModelError: ``model.dlib-file`` where it is cut off or holds anything unknown.
    """
    reader = _Reader(data)
    try:
        return _network(reader)
    except (ValueError, IndexError, KeyError) as error:
        problem = f"it is no network of dlib's that is known here (byte {reader.place}: {error})"
        raise ModelError("model.dlib-file", "weights of dlib", problem, "Pull or import the model again") from error


class _Reader:
    """Reads dlib's numbers, texts and tensors one after another."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.place = 0

    @property
    def ended(self) -> bool:
        return self.place == len(self._data)

    def take(self, count: int) -> bytes:
        part = self._data[self.place : self.place + count]
        if len(part) != count:
            raise ValueError("the file ends too early")
        self.place += count
        return part

    def pass_over(self, sign: bytes) -> None:
        """Go on behind the next place where ``sign`` stands."""
        self.place = self._data.index(sign, self.place) + len(sign)

    def number(self) -> int:
        head = self.take(1)[0]
        value = int.from_bytes(self.take(head & 0x0F), "little")
        return -value if head & 0x80 else value

    def fraction(self) -> float:
        mantissa, exponent = self.number(), self.number()
        return mantissa * 2.0**exponent

    def text(self) -> str:
        length = self.number()
        if not 0 <= length <= _LONGEST_NAME:
            raise ValueError("a name is too long")
        return self.take(length).decode("ascii")

    def numbers(self, count: int) -> tuple[int, ...]:
        return tuple(self.number() for _ in range(count))

    def tensor(self) -> NDArray[np.float32]:
        version, sizes = self.number(), self.numbers(4)
        count = prod(sizes)
        if version != _TENSOR_VERSION or min(sizes) < 0 or count > _MOST_VALUES:
            raise ValueError("this is no tensor")
        return np.frombuffer(self.take(4 * count), "<f4").astype(np.float32)

    def view(self) -> tuple[int, ...]:
        """Return the four sizes of a part of a tensor."""
        version, *sizes = self.numbers(5)
        if version != 1:
            raise ValueError("this is no part of a tensor")
        return tuple(sizes)


def _network(reader: _Reader) -> DlibNetwork:
    _skip_to(reader, _INPUT)
    mean = (reader.fraction(), reader.fraction(), reader.fraction())
    height, width = reader.numbers(2)
    if height != width:
        raise ValueError("the input is no square")
    layers = [_layer(reader)]
    reader.number()  # the layer on the input tells how many pictures one sample makes
    while not reader.ended:
        layers.append(_layer(reader))
    return DlibNetwork(mean, height, tuple(layers))


def _skip_to(reader: _Reader, name: str) -> None:
    """Pass over the versions and settings of training that stand before the input."""
    reader.pass_over(bytes([1, len(name)]) + name.encode())


def _layer(reader: _Reader) -> Layer:
    layer = _LAYERS[reader.text()](reader)
    _skip_state(reader)
    return layer


def _skip_state(reader: _Reader) -> None:
    if set(reader.take(3)) - set(b"01"):
        raise ValueError("a layer does not end where it should")
    for _ in range(3):
        reader.tensor()


def _convolution(reader: _Reader) -> Convolution:
    values = reader.tensor()
    filters, _, _, stride, across, padding, padding_across = reader.numbers(7)
    shape, bias_shape = reader.view(), reader.view()
    _skip_rates(reader)
    if stride != across or padding != padding_across or shape[0] != filters or prod(bias_shape) != filters:
        raise ValueError("a convolution of another form")
    cut = prod(shape)
    return Convolution(values[:cut].reshape(shape), values[cut:].reshape(filters), stride, padding)


def _affine(reader: _Reader) -> Affine:
    values, gamma, beta = reader.tensor(), reader.view(), reader.view()
    reader.number()
    cut = prod(gamma)
    return Affine(values[:cut], values[cut:].reshape(prod(beta)))


def _fully_connected(reader: _Reader) -> FullyConnected:
    outputs, inputs = reader.numbers(2)
    values = reader.tensor()
    reader.view(), reader.view(), reader.number()
    _skip_rates(reader)
    return FullyConnected(values.reshape(inputs, outputs))


def _pool(reader: _Reader, *, greatest: bool) -> Pool:
    height, width, stride, across, *padding = reader.numbers(6)
    if height != width or stride != across or any(padding):
        raise ValueError("a pool of another form")
    return Pool(greatest, height, stride)


def _skip_rates(reader: _Reader) -> None:
    """Pass over the four rates that training multiplied with."""
    for _ in range(4):
        reader.fraction()


_LAYERS: Mapping[str, Callable[[_Reader], Layer]] = {
    "con_4": _convolution,
    "affine_": _affine,
    "fc_2": _fully_connected,
    "relu_": lambda _: Rectifier(),
    "add_prev_": lambda _: Sum(),
    "max_pool_2": lambda reader: _pool(reader, greatest=True),
    "avg_pool_2": lambda reader: _pool(reader, greatest=False),
}
