"""Chooses and opens a person detector by name, or the best one whose weights are on this machine."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import cv2

from consentry.platform.errors import ModelError
from consentry.vision.letterbox import fit_fixed, fit_longest
from consentry.vision.manifest import Precision, entry
from consentry.vision.persons import nanodet, rtmdet, yolox
from consentry.vision.persons.hog import HogDetector
from consentry.vision.persons.network_detector import NetworkDetector
from consentry.vision.persons.watcher import GatedWatcher, MosaicWatcher
from consentry.vision.runtime import Runtime, layout_of, open_network
from consentry.vision.store import open_store

if TYPE_CHECKING:
    from collections.abc import Callable

    from consentry.vision.letterbox import Fit
    from consentry.vision.manifest import Layout
    from consentry.vision.model import PersonDetector
    from consentry.vision.persons.watcher import Watcher
    from consentry.vision.store import ModelStore

__all__ = ["AUTO", "DETECTORS", "best_present", "open_person_detector", "open_watcher"]

AUTO = "auto"
EMBEDDED = "hog"
DECODERS = {"rtmdet": rtmdet.decode, "yolox": yolox.decode, "nanodet": nanodet.decode}
WATCHED_SCORE = 0.1
"""People scored lower are of no use to a tracker."""
DETECTORS = (*DECODERS, EMBEDDED)
"""Networks by falling average precision, as the figures of the manifest show; then the one that needs no weights and takes most time."""


def open_person_detector(  # noqa: PLR0913  - every setting has a default that suits counting
    name: str = AUTO,
    *,
    threads: int = 1,
    longest_side: int = 640,
    low_score: float = 0.05,
    precision: Precision = Precision.AUTO,
    runtime: Runtime = Runtime.OPENVINO,
) -> PersonDetector:
    """Open the detector called ``name``; ``auto`` takes the best one present, and the detector's ``name`` says which that is.

    ``threads``: for the network and for OpenCV in this whole process. ``longest_side``: pixels of the longer side of the picture inside a
    network that takes any size (HOG enlarges to twice that). ``low_score``: people scored lower are left out.

    Raises:
        ModelError: ``model.unknown``, ``model.missing``, ``model.damaged`` or ``model.network``.
        MissingPartError: where the asked runtime is not installed.
    """
    store = open_store()
    chosen = best_present(store) if name == AUTO else name
    if chosen not in DETECTORS:
        raise ModelError("model.unknown", name, "there is no such person detector", f"Choose one of: {', '.join((AUTO, *DETECTORS))}")
    cv2.setNumThreads(threads)
    if chosen == EMBEDDED:
        return HogDetector(longest_side=2 * longest_side, low_score=low_score)
    model = entry(chosen)
    network = open_network(model, store.path(model), threads=threads, precision=precision, runtime=runtime)
    return NetworkDetector(chosen, network, _fit(layout_of(model), longest_side), partial(DECODERS[chosen], low_score=low_score))


def open_watcher(name: str = AUTO, *, threads: int = 1, longest_side: int = 640) -> Watcher:
    """Open a detector that looks only where and when something moves, for one camera; see :func:`open_person_detector`."""
    detector = open_person_detector(name, threads=threads, longest_side=longest_side, low_score=WATCHED_SCORE)
    if isinstance(detector, NetworkDetector) and layout_of(entry(detector.name)).any_size:
        return MosaicWatcher(detector)
    return GatedWatcher(detector)


def best_present(store: ModelStore) -> str:
    """Return the most accurate detector whose weights are in ``store``; there is always one."""
    return next(name for name in DETECTORS if store.has(entry(name)))


def _fit(layout: Layout, longest_side: int) -> Callable[[int, int], Fit]:
    if layout.any_size:
        return partial(fit_longest, longest=longest_side, multiple=layout.multiple)
    return partial(fit_fixed, width=layout.width, height=layout.height)
