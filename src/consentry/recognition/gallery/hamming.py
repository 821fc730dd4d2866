"""Hamming distances by FAISS, which counts bits with what the processor has, on memory that stays ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consentry.platform.errors import MissingPartError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

try:
    import faiss
except ImportError as error:
    raise MissingPartError("part.faiss", "recognition", "faiss is not installed", "Run: pip install 'consentry[recognition]'") from error

__all__ = ["distances"]


def distances(queries: NDArray[np.uint8], codes: NDArray[np.uint8], out: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return the distances of ``queries``, uint8 [Q, B], to ``codes``, uint8 [N, B], int32 [Q, N]: the beginning of ``out``, int32 [Q * N or more].

    All are contiguous. Other threads run meanwhile.
    """
    found = out[: len(queries) * len(codes)].reshape(len(queries), len(codes))
    if found.size:
        faiss.hammings(*map(faiss.swig_ptr, (queries, codes)), *found.shape, codes.shape[1], faiss.swig_ptr(found))  # type: ignore[attr-defined] # made on import
    return found
