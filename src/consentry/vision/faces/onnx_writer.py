"""Writes small ONNX graphs without the package ``onnx``: the few messages of ``onnx.proto`` that a chain of layers needs.

A protobuf message is a row of fields; a field is its number and kind as a varint, then a varint or a length and bytes
(protobuf.dev, "Encoding"). Field numbers are those of ``onnx/onnx.proto`` (IR version 8, operator set 13).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

__all__ = ["OnnxGraph"]

_IR_VERSION, _OPERATORS = 8, 13
_VARINT, _BYTES = 0, 2
_FLOAT, _INT64 = 1, 7
_INT, _INTS = 2, 7


class OnnxGraph:
    """A graph with one input and one output, both float32; values are known by their names."""

    def __init__(self, name: str) -> None:
        """Start an empty graph."""
        self._name = name
        self._nodes: list[bytes] = []
        self._constants: list[bytes] = []

    def constant(self, values: NDArray[np.float32] | NDArray[np.int64]) -> str:
        """Put numbers into the graph and return their name."""
        name = f"c{len(self._constants)}"
        kind = _INT64 if values.dtype == np.int64 else _FLOAT
        raw = np.ascontiguousarray(values, f"<{values.dtype.kind}{values.dtype.itemsize}").tobytes()
        fields = [*(_number(1, size) for size in values.shape), _number(2, kind), _text(8, name), _field(9, raw)]
        self._constants.append(b"".join(fields))
        return name

    def add(self, operator: str, inputs: Iterable[str], **attributes: int | Sequence[int]) -> str:
        """Add a node and return the name of its one output."""
        name = f"v{len(self._nodes)}"
        fields = [*(_text(1, each) for each in inputs), _text(2, name), _text(3, name), _text(4, operator)]
        fields += [_field(5, _attribute(key, value)) for key, value in attributes.items()]
        self._nodes.append(b"".join(fields))
        return name

    def written(self, source: str, source_shape: Sequence[int | str], result: str, result_shape: Sequence[int | str]) -> bytes:
        """Return the file: ``source`` names the input that the nodes took, ``result`` the value that is the output; a size that is text is any size."""
        graph = b"".join(
            [
                *(_field(1, node) for node in self._nodes),
                _text(2, self._name),
                *(_field(5, constant) for constant in self._constants),
                _field(11, _value(source, source_shape)),
                _field(12, _value(result, result_shape)),
            ]
        )
        return b"".join([_number(1, _IR_VERSION), _text(2, "consentry"), _field(7, graph), _field(8, _number(2, _OPERATORS))])


def _attribute(name: str, value: int | Sequence[int]) -> bytes:
    if isinstance(value, int):
        return _text(1, name) + _number(3, value) + _number(20, _INT)
    return _text(1, name) + b"".join(_number(8, each) for each in value) + _number(20, _INTS)


def _value(name: str, shape: Sequence[int | str]) -> bytes:
    sizes = b"".join(_field(1, _text(2, size) if isinstance(size, str) else _number(1, size)) for size in shape)
    tensor = _number(1, _FLOAT) + _field(2, sizes)
    return _text(1, name) + _field(2, _field(1, tensor))


def _text(number: int, value: str) -> bytes:
    return _field(number, value.encode())


def _field(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | _BYTES) + _varint(len(content)) + content


def _number(number: int, value: int) -> bytes:
    return _varint(number << 3 | _VARINT) + _varint(value)


def _varint(value: int) -> bytes:
    """Return a number of at least 0, seven bits a byte, the lowest first."""
    parts = bytearray()
    while value > 0x7F:  # noqa: PLR2004  - seven bits
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    parts.append(value)
    return bytes(parts)
