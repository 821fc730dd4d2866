"""Searches FAISS Flat, FAISS SQ8, USearch or hnswlib; see :mod:`bench.rounds`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import faiss
import hnswlib
import numpy as np
from usearch.index import search

from bench.rounds import serve
from bench.vectors import galleries

if TYPE_CHECKING:
    from numpy.typing import NDArray

LINKS, BUILD, SEARCH = 16, 200, 200
"""Settings of hnswlib: links of a row, width of the search while building, and of a search afterwards."""
INT8 = 127
AT_ONCE = 64
"""Probes that USearch is shown together: it keeps the distance of each to every row."""


class Faiss:
    """An index of FAISS by inner product."""

    def __init__(self, request: dict[str, Any], index: Any) -> None:  # noqa: ANN401 - faiss ships no types
        """Train it on the first vectors where it needs that, and fill it."""
        faiss.omp_set_num_threads(request["threads"])
        self.index = index
        for vectors in galleries(request["rows"], request["dimension"]):
            if not index.is_trained:
                index.train(vectors)
            index.add(vectors)

    def nearest(self, probes: NDArray[np.float32], _cosine: float) -> NDArray[np.int64]:
        """Return the nearest row to each probe."""
        return np.asarray(self.index.search(probes, 1)[1][:, 0], np.int64)


class USearch:
    """USearch's exact search over whole numbers of 8 bits, the form it is quickest in."""

    def __init__(self, request: dict[str, Any]) -> None:
        """Round the vectors."""
        self.threads = request["threads"]
        self.scale = INT8 * np.sqrt(request["dimension"]) / 6  # six standard deviations of a number of a unit vector
        self.rows = np.concatenate([self._rounded(vectors) for vectors in galleries(request["rows"], request["dimension"])])

    def nearest(self, probes: NDArray[np.float32], _cosine: float) -> NDArray[np.int64]:
        """Return the nearest row to each probe."""
        return np.concatenate([self._nearest(probes[start : start + AT_ONCE]) for start in range(0, len(probes), AT_ONCE)])

    def _nearest(self, probes: NDArray[np.float32]) -> NDArray[np.int64]:
        found = search(self.rows, self._rounded(probes), 1, "cos", exact=True, threads=self.threads)
        return np.asarray(found.keys, np.int64).reshape(len(probes))

    def _rounded(self, vectors: NDArray[np.float32]) -> NDArray[np.int8]:
        return np.asarray(np.clip(np.rint(vectors * self.scale), -INT8, INT8), np.int8)


class Graph:
    """The graph of hnswlib."""

    def __init__(self, request: dict[str, Any]) -> None:
        """Build it."""
        self.graph = hnswlib.Index("ip", request["dimension"])
        self.graph.init_index(request["rows"], M=LINKS, ef_construction=BUILD)
        self.graph.set_num_threads(request["threads"])
        self.graph.set_ef(SEARCH)
        for vectors in galleries(request["rows"], request["dimension"]):
            self.graph.add_items(vectors)

    def nearest(self, probes: NDArray[np.float32], _cosine: float) -> NDArray[np.int64]:
        """Return the nearest row to each probe."""
        return np.asarray(self.graph.knn_query(probes, 1)[0][:, 0], np.int64)


def _filled(request: dict[str, Any]) -> Any:  # noqa: ANN401 - one of the above
    dimension = request["dimension"]
    if request["side"] == "FAISS Flat":
        return Faiss(request, faiss.IndexFlatIP(dimension))
    if request["side"] == "FAISS SQ8":
        return Faiss(request, faiss.IndexScalarQuantizer(dimension, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT))
    return {"USearch int8": USearch, "hnswlib": Graph}[request["side"]](request)


if __name__ == "__main__":
    serve(_filled)
