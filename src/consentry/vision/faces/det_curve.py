"""Draws a detection error trade-off curve (Martin et al. 1997): false non-match rate over false match rate, both on normal deviates."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import norm

from consentry.platform.errors import InputError, MissingPartError
from consentry.vision.faces.all_pairs import HIGHEST_FMR

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from consentry.vision.faces.all_pairs import AllPairs

__all__ = ["check_drawing", "draw_curve", "error_trade_off"]

_MOST_POINTS = 500
_TICKS = (1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.05, 0.1, 0.2, 0.4)


def check_drawing() -> None:
    """Refuse before hours of measuring where the curve could not be drawn.

    Raises:
        MissingPartError: ``part.matplotlib``.
    """
    try:
        import_module("matplotlib")
    except ImportError as error:
        raise MissingPartError("part.matplotlib", "matplotlib", "it is not installed", "Run: pip install 'consentry[evaluate]'") from error


def error_trade_off(pairs: AllPairs) -> NDArray[np.float64]:
    """Return points of the curve, float64 [P, 2]: false match rate, rising, and false non-match rate; none without pairs of both kinds."""
    if not pairs.impostors or not len(pairs.genuine):
        return np.empty((0, 2))
    lowest = 1 / pairs.impostors
    ranks = np.unique(np.geomspace(1, max(HIGHEST_FMR / lowest, 1), _MOST_POINTS).astype(int))
    ranks = ranks[ranks <= len(pairs.impostor)]
    rejected = np.searchsorted(pairs.genuine, pairs.impostor[ranks - 1], side="left")
    return np.stack([ranks * lowest, rejected / len(pairs.genuine)], axis=1)


def draw_curve(pairs: AllPairs, title: str, path: Path) -> None:
    """Write the curve to ``path`` as PNG.

    Raises:
        MissingPartError: ``part.matplotlib``.
        InputError: ``input.file`` where it cannot be written.
    """
    check_drawing()
    figure = import_module("matplotlib.figure").Figure(figsize=(6, 6), layout="constrained")
    axes = figure.subplots()
    curve = norm.ppf(np.clip(error_trade_off(pairs), 1e-7, 1 - 1e-7))
    axes.plot(curve[:, 0], curve[:, 1])
    for axis, name in ((axes.xaxis, "False match rate"), (axes.yaxis, "False non-match rate")):
        axis.set_ticks(norm.ppf(_TICKS), [f"{tick:g}" for tick in _TICKS])
        axis.set_label_text(name)
    axes.grid(visible=True)
    axes.set_title(title)
    try:
        figure.savefig(path, format="png", dpi=120)
    except OSError as error:
        raise InputError("input.file", str(path), error.strerror or "it cannot be written", "Give a place that exists.") from error
