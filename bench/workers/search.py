"""Searches our gallery; see :mod:`bench.rounds`. The floor is the cosine of the probes, less what half precision rounds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bench.rounds import serve
from bench.vectors import galleries
from consentry.recognition.gallery import Gallery

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Ours:
    """Our gallery, filled."""

    def __init__(self, request: dict[str, Any]) -> None:
        """Fill it."""
        self.gallery = Gallery(request["dimension"], request["rows"], threads=request["threads"])
        for vectors in galleries(request["rows"], request["dimension"]):
            self.gallery.add_many(range(len(self.gallery), len(self.gallery) + len(vectors)), vectors)

    def nearest(self, probes: NDArray[np.float32], cosine: float) -> NDArray[np.int64]:
        """Return the nearest row to each probe."""
        return self.gallery.search(probes, 1, floor=cosine)[0][:, 0]

    def remove(self, row: int) -> None:
        """Remove a row."""
        self.gallery.remove(row)


if __name__ == "__main__":
    serve(Ours)
