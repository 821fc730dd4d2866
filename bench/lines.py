"""Random counting lines with true counts, from the paths of people whose boxes were drawn by hand. Pure; chance comes from a seed.

A line along which someone's foot point lingers has no certain count. Only lines are kept whose counts stay the same when they are shifted a little
to either side, so that neither the truth nor its reading favours anyone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from consentry.counting.model import Line, Point
from consentry.counting.rules import check_line
from consentry.platform.errors import GeometryError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    Path = NDArray[np.float64]

__all__ = ["counts", "foot_paths", "random_lines"]

SHIFT = 2.0
"""Pixels to either side by which a line is moved to see whether its truth is certain."""
FEWEST = 8
"""Crossings from which a line tells something."""
SHORTEST, LONGEST = 80.0, 300.0


def foot_paths(rows: NDArray[np.float64], scale: float, size: tuple[int, int]) -> list[Path]:
    """Return each person's foot points (float64 [n, 2], pixels) in order of time, from MOTChallenge rows.

    ``scale``: of the picture of ``size`` (width, height; pixels) over that of the rows. Feet below the picture are taken to be on its border, as
    whoever looks at the picture sees them.
    """
    paths = []
    for person in np.unique(rows[:, 1]):
        own = rows[rows[:, 1] == person]
        own = own[np.argsort(own[:, 0])]
        feet = scale * np.stack([own[:, 2] + own[:, 4] / 2, own[:, 3] + own[:, 5]], axis=1)
        paths.append(np.clip(feet, 0, size))
    return paths


def counts(line: Line, paths: Sequence[Path]) -> tuple[int, int]:
    """Return how often the paths cross the line (in, out): *in* leads from its left bank to its right bank as seen on the picture."""
    steps = [_crossings(np.array(line.start), np.array(line.end), path) for path in paths]
    return sum(int((step > 0).sum()) for step in steps), sum(int((step < 0).sum()) for step in steps)


def random_lines(paths: Sequence[Path], size: tuple[int, int], number: int, seed: int) -> list[tuple[Line, tuple[int, int]]]:
    """Return ``number`` lines on a picture of ``size`` (width, height; pixels) with their true counts (in, out)."""
    found: list[tuple[Line, tuple[int, int]]] = []
    for line in _candidates(size, seed):
        truth = counts(line, paths)
        if sum(truth) >= FEWEST and all(counts(_shifted(line, shift), paths) == truth for shift in (-SHIFT, SHIFT)):
            found.append((line, truth))
        if len(found) == number:
            break
    return found


def _crossings(start: Path, end: Path, path: Path) -> NDArray[np.int64]:
    """Return, for each step of a path, 1 (to the right bank), -1 (to the left bank) or 0 (no crossing of the segment)."""
    along = end - start
    sides = along[0] * (path[:, 1] - start[1]) - along[1] * (path[:, 0] - start[0])
    right = sides >= 0
    change = right[1:].astype(np.int64) - right[:-1]
    share = np.divide(sides[:-1], sides[:-1] - sides[1:], out=np.zeros(len(change)), where=change != 0)
    meets = path[:-1] + share[:, None] * (path[1:] - path[:-1])
    place = (meets - start) @ along / (along @ along)
    crossed: NDArray[np.int64] = np.where((place >= 0) & (place <= 1), change, 0)
    return crossed


def _candidates(size: tuple[int, int], seed: int) -> Iterator[Line]:
    """Yield lines of any direction without end, those that cannot count left out."""
    random = np.random.default_rng(seed)
    number = 0
    while True:
        x, y = random.uniform((0, 0), size)
        angle, length = random.uniform(0, 2 * np.pi), random.uniform(SHORTEST, LONGEST)
        line = Line(f"random-{number}", Point(x, y), Point(x + length * float(np.cos(angle)), y + length * float(np.sin(angle))))
        try:
            check_line(line, *size)
        except GeometryError:
            continue
        number += 1
        yield line


def _shifted(line: Line, distance: float) -> Line:
    """Return the line moved to its right bank by ``distance`` pixels."""
    along = np.subtract(line.end, line.start)
    dx, dy = distance * np.array([-along[1], along[0]]) / np.hypot(*along)
    return Line(line.id, Point(line.start.x + dx, line.start.y + dy), Point(line.end.x + dx, line.end.y + dy))
