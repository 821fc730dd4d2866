"""Heat and flow grids: how long feet stood in each cell, and which way they went. Nothing in them belongs to one person."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from consentry.counting.model import Foot, TrackId

__all__ = ["CELLS", "HeatGrid"]

CELLS = 64
"""Cells along the longer side of the picture."""

_LONGEST_STEP = 1.5


class HeatGrid:
    """Seconds of presence and pixels of movement per cell of the picture.

    ``seconds``: float64 [rows, columns]. ``flow``: float64 [rows, columns, 2], summed steps in x and y, pixels.
    """

    def __init__(self, width: int, height: int, cells: int = CELLS) -> None:
        """``width``, ``height``: of the picture, pixels; cells are square."""
        self.cell = max(width, height) / cells
        rows, columns = int(np.ceil(height / self.cell)), int(np.ceil(width / self.cell))
        self.seconds: NDArray[np.float64] = np.zeros((rows, columns))
        self.flow: NDArray[np.float64] = np.zeros((rows, columns, 2))
        self._last: dict[TrackId, Foot] = {}

    def update(self, feet: Iterable[Foot]) -> None:
        """Add the time and the step since each track's previous foot point; an absence of more than 1.5 s adds nothing."""
        for foot in feet:
            last = self._last.get(foot.track)
            self._last[foot.track] = foot
            if last is None or foot.time - last.time > _LONGEST_STEP:
                continue
            cell = self._cell(foot)
            self.seconds[cell] += foot.time - last.time
            self.flow[cell] += (foot.at.x - last.at.x, foot.at.y - last.at.y)

    def take_seconds(self) -> NDArray[np.float64]:
        """Return ``seconds`` and begin to add up anew."""
        taken, self.seconds = self.seconds, np.zeros_like(self.seconds)
        return taken

    def end(self, tracks: Iterable[TrackId]) -> None:
        """Forget tracks that have ended."""
        for track in tracks:
            self._last.pop(track, None)

    def _cell(self, foot: Foot) -> tuple[int, int]:
        rows, columns = self.seconds.shape
        row, column = int(foot.at.y / self.cell), int(foot.at.x / self.cell)
        return min(max(row, 0), rows - 1), min(max(column, 0), columns - 1)
