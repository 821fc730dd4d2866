"""Sign codes of 512 bits: on which side of 512 planes a vector lies.

The first planes are the axes; where vectors are shorter than 512, the others are the axes of fixed rotations, which are public. A query is
taken at full precision, or nearly: as a weighted sum of four codes, each of what the ones before it left over. Whatever was computed from
a template on the way is overwritten with zeros.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from consentry.recognition.transform import KeyedTransform

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["BITS", "CODE_BYTES", "PLANES", "QueryCode", "sign_codes"]

BITS = 512
CODE_BYTES = BITS // 8
PLANES = 4
"""Codes that a query becomes."""

_LABEL = "consentry/gallery/frame/v1"


class QueryCode:
    """A query as ``planes``, uint8 [4, 64], and their ``weights``, float32 [4]; the first plane is its sign code.

    ``kept``: the share of the query that the planes keep, 0 to 1.
    """

    __slots__ = ("kept", "planes", "weights")

    def __init__(self, vector: NDArray[np.float32]) -> None:
        """Take a unit vector, float32 [D]."""
        rest = _projected(vector[None])[0]
        rest *= np.sqrt(np.float32(BITS)) / np.linalg.norm(rest)
        self.planes = np.empty((PLANES, CODE_BYTES), np.uint8)
        self.weights = np.empty(PLANES, np.float32)
        for number in range(PLANES):
            signs = rest > 0
            self.weights[number] = np.abs(rest).mean()
            rest -= np.where(signs, self.weights[number], -self.weights[number])
            _pack(signs[None], self.planes[number : number + 1])
        self.kept = 1 - float(rest @ rest) / BITS
        rest.fill(0)

    def wipe(self) -> None:
        """Overwrite the codes with zeros."""
        self.planes.fill(0)


def sign_codes(vectors: NDArray[np.float32], out: NDArray[np.uint8]) -> None:
    """Write the codes of ``vectors``, float32 [N, D], to ``out``, uint8 [N, 64]: a bit is set on the positive side, the first bit highest."""
    projected = _projected(vectors)
    _pack(projected > 0, out)
    projected.fill(0)


def _projected(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return how far ``vectors`` lie from the planes, float32 [N, 512]."""
    dimension = vectors.shape[1]
    projected = np.empty((len(vectors), BITS), np.float32)
    projected[:, :dimension] = vectors
    np.matmul(vectors, _further_planes(dimension), out=projected[:, dimension:])
    return projected


def _pack(signs: NDArray[np.bool_], out: NDArray[np.uint8]) -> None:
    """Write the codes of ``signs``, bool [N, 512], to ``out`` and overwrite ``signs`` with zeros."""
    packed = np.packbits(signs, axis=1)
    out[:] = packed
    packed.fill(0)
    signs.fill(0)


@lru_cache(maxsize=4)
def _further_planes(dimension: int) -> NDArray[np.float32]:
    """Return the planes beyond the axes, float32 [D, 512 - D]."""
    frames = [_frame(number, dimension) for number in range(1, -(-BITS // dimension))]
    return np.ascontiguousarray(np.hstack([np.empty((dimension, 0), np.float32), *frames])[:, : BITS - dimension])


def _frame(number: int, dimension: int) -> NDArray[np.float32]:
    key = hashlib.sha256(f"{_LABEL}/{number}".encode()).digest()
    return KeyedTransform(key, dimension).apply(np.eye(dimension, dtype=np.float32))
