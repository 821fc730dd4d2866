"""A keyed rotation of vectors: templates under one key can be compared with each other and look like strangers under any other.

The rotation is a product of Householder reflections, as Stewart draws a random orthogonal matrix (SIAM J. Numer. Anal. 17(3), 1980): one
for each dimension from the plane up to the whole space, which
turns its first axis to a random direction, after a random sign for each axis. What is random comes from HKDF-Expand (RFC 5869,
SHA-256) under the key: block *b* is the 8,160 bytes for ``info`` = ``consentry/transform/v1 ‖ dimension ‖ b``, numbers of four bytes, big endian. A normal
number is the sum of twelve of its little-endian 16-bit words less its mean (Irwin and Hall), a sign the lowest bit of a word.

Everything up to the rounding to float32 is whole numbers below 2⁵³, or sums, products, quotients and square roots in double precision and in a
fixed order, which IEEE 754 defines to the last bit: every machine makes the same rotation of a key.

A rotation hides nothing from somebody who knows enough pairs of a vector and its image (docs/templates.md): templates are also encrypted.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

import numpy as np
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from consentry.platform.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

__all__ = ["KEY_BYTES", "KeyedTransform"]

KEY_BYTES = 32
"""Length of a key."""

_LABEL = b"consentry/transform/v1"
_BLOCK_BYTES = 255 * SHA256.digest_size
_WORDS_A_NORMAL = 12
_MEAN = _WORDS_A_NORMAL * 0xFFFF / 2
_LEAST, _MOST = 2, 4096


class KeyedTransform:
    """One rotation of a space of ``dimension``; lengths, angles and distances stay as they are. It shows nothing of its key and cannot be pickled."""

    __slots__ = ("_rotation", "dimension")

    def __init__(self, key: bytes, dimension: int) -> None:
        """Take the 32-byte key of one (site, purpose, epoch) and the length of a vector.

        Raises:
            InputError: ``transform.key`` where the key is not 32 bytes long, ``transform.dimension`` where vectors of that length are not made.
        """
        if len(key) != KEY_BYTES:
            raise InputError("transform.key", "the key of a transform", f"it is not {KEY_BYTES} bytes long", "Derive it from the site's keys.")
        if not _LEAST <= dimension <= _MOST:
            mend = f"Give a dimension from {_LEAST} to {_MOST}."
            raise InputError("transform.dimension", f"dimension {dimension}", "a transform of such vectors is not made", mend)
        self.dimension = dimension
        self._rotation = _rotation(_words(key, dimension), dimension)

    def apply(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the images of ``vectors``, float32 [N, D].

        Raises:
            InputError: ``transform.vectors`` where ``vectors`` are not float32 [N, D].
        """
        if vectors.dtype != np.float32 or vectors.ndim != 2 or vectors.shape[1] != self.dimension:  # noqa: PLR2004 - rows and columns
            problem = f"they are {vectors.dtype} {list(vectors.shape)}, not float32 [N, {self.dimension}]"
            raise InputError("transform.vectors", "vectors to transform", problem, "Use vectors of the model that the transform was made for.")
        return np.asarray(vectors @ self._rotation, np.float32)

    def wipe(self) -> None:
        """Overwrite the rotation with zeros; whatever is applied afterwards becomes zero."""
        self._rotation.fill(0)

    def __repr__(self) -> str:
        """Return the dimension; no key."""
        return f"KeyedTransform(dimension={self.dimension})"

    def __reduce__(self) -> str:
        """Refuse to be pickled: a copy of the rotation would leave the process."""
        msg = "a keyed transform cannot be pickled"
        raise TypeError(msg)


def _words(key: bytes, dimension: int) -> Iterator[NDArray[np.uint16]]:
    """Yield the key's stream of random words without end, in pieces of 4,080."""
    for number in count():
        info = _LABEL + dimension.to_bytes(4, "big") + number.to_bytes(4, "big")
        yield np.frombuffer(HKDFExpand(algorithm=SHA256(), length=_BLOCK_BYTES, info=info).derive(key), "<u2")


def _rotation(words: Iterator[NDArray[np.uint16]], dimension: int) -> NDArray[np.float32]:
    """Return the rotation, float32 [D, D]; it multiplies rows from the right."""
    needed = dimension + _WORDS_A_NORMAL * (dimension * (dimension + 1) // 2 - 1)
    stream = np.concatenate([next(words) for _ in range(-(-2 * needed // _BLOCK_BYTES))])[:needed]
    signs, normals = stream[:dimension] & 1, stream[dimension:].reshape(-1, _WORDS_A_NORMAL).sum(axis=1, dtype=np.int64) - _MEAN
    rotation = np.diag(np.where(signs, 1.0, -1.0))
    start = 0
    for size in range(2, dimension + 1):
        _reflect(rotation[-size:, -size:], normals[start : start + size])
        start += size
    return rotation.astype(np.float32)


def _reflect(part: NDArray[np.float64], direction: NDArray[np.float64]) -> None:
    """Reflect the rows of ``part`` in place so that the first axis comes to lie along ``direction``, one way or the other."""
    length, first = np.sqrt(np.sum(direction**2)), direction[0]
    normal = direction.copy()
    normal[0] += np.copysign(length, first)
    half_squared = length * (length + abs(first))
    part -= normal[:, None] * (_sum_of_rows(normal[:, None] * part) / half_squared)


def _sum_of_rows(table: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the sums of the columns, added row after row: a library's own sum chooses its order by the processor."""
    total = np.zeros(table.shape[1])
    for row in table:
        total += row
    return total
