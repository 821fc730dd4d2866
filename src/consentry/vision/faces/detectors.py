"""Chooses and opens a face detector by name, or the best one whose weights are on this machine."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import cv2

from consentry.platform.errors import ModelError
from consentry.vision.faces import centerface, yunet
from consentry.vision.faces.mirrored import MirroredFaces
from consentry.vision.faces.network_detector import Enlarged, NetworkFaceDetector
from consentry.vision.faces.scales import ScaledFaces
from consentry.vision.faces.tiles import TiledFaces
from consentry.vision.manifest import Precision, entry
from consentry.vision.runtime import layout_of, open_network
from consentry.vision.store import open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from consentry.vision.store import ModelStore

__all__ = ["AUTO", "DEFAULT_SCORE", "FACE_DETECTORS", "chosen_detector", "open_face_detector", "open_scaled_faces", "open_tiled_faces"]

AUTO = "auto"
DECODERS = {"centerface": centerface.decode, "yunet": yunet.decode}
FACE_DETECTORS = tuple(DECODERS)
"""By falling recall in crowds, as the figures of the manifest show; the first is installed with Consentry."""
DEFAULT_SCORE = 0.5
CROWD_SCORES = {"centerface": 0.2, "yunet": 0.55}
"""Scores, averaged over a picture and its mirror image, from which most of what is found in a crowd is a face."""
WEAKEST = 0.05
"""Answers of a single look that may still vote."""
SMALL_LOOK = 640
"""Pixels of the longer side at which a face that fills the frame is found."""


def open_face_detector(  # noqa: PLR0913  - every setting has a default
    name: str = AUTO,
    *,
    threads: int = 1,
    longest_side: int | Enlarged | None = None,
    low_score: float = DEFAULT_SCORE,
    precision: Precision = Precision.AUTO,
    store: ModelStore | None = None,
) -> NetworkFaceDetector:
    """Open the detector called ``name``; ``auto`` takes the best one present, and the detector's ``name`` says which that is.

    ``threads``: for the network and for OpenCV in this whole process. ``longest_side``: pixels of the longer side of the picture inside the
    network, which enlarges or shrinks it, or how far it may be enlarged; None: the picture's own size. ``low_score``: faces scored lower are
    left out. ``store``: where weights are looked for, :func:`~consentry.vision.store.open_store` without one.

    Raises:
        ModelError: ``model.unknown``, ``model.missing``, ``model.damaged`` or ``model.network``.
    """
    opened = _opened(name, threads, precision, store)
    return opened(longest_side=longest_side, low_score=low_score)


def chosen_detector(name: str, store: ModelStore | None = None, *, order: Sequence[str] = FACE_DETECTORS) -> str:
    """Return the detector that ``name`` means: itself, or for ``auto`` the first one of ``order`` that is present.

    Raises:
        ModelError: ``model.unknown``.
    """
    if name == AUTO:
        present = (each for each in order if (store or open_store()).has(entry(each)))
        return next(present, FACE_DETECTORS[0])
    if name not in DECODERS:
        raise ModelError("model.unknown", name, "there is no such face detector", f"Choose one of: {', '.join((AUTO, *FACE_DETECTORS))}")
    return name


def open_tiled_faces(
    name: str = AUTO,
    *,
    threads: int = 1,
    low_score: float | None = None,
    store: ModelStore | None = None,
    on_progress: Callable[[float], None] = lambda _: None,
) -> TiledFaces:
    """Open a detector for crowds, which looks in overlapping, enlarged tiles and in their mirror images; see :func:`open_face_detector`.

    It takes a second or so for a picture of a megapixel with CenterFace. ``low_score``: None takes the detector's own for crowds.
    ``on_progress`` is told the share of a picture that is done.
    """
    detector = open_face_detector(name, threads=threads, low_score=WEAKEST, store=store)
    lowest = CROWD_SCORES[detector.name] if low_score is None else low_score
    return TiledFaces(MirroredFaces(detector), low_score=lowest, on_progress=on_progress)


def open_scaled_faces(name: str = AUTO, *, longest_side: int | Enlarged | None, low_score: float, threads: int = 1) -> ScaledFaces:
    """Open a detector for the frames of a recording, which looks at each at ``longest_side`` and once more small; see :func:`open_face_detector`."""
    opened = _opened(name, threads, Precision.AUTO, None)
    return ScaledFaces(opened(longest_side=longest_side, low_score=low_score), opened(longest_side=SMALL_LOOK, low_score=low_score))


def _opened(name: str, threads: int, precision: Precision, store: ModelStore | None) -> partial[NetworkFaceDetector]:
    """Load the network once; what is returned makes detectors of it, which must not be used at the same time."""
    store = store or open_store()
    chosen = chosen_detector(name, store)
    cv2.setNumThreads(threads)
    model = entry(chosen)
    network = open_network(model, store.path(model), threads=threads, precision=precision)
    return partial(NetworkFaceDetector, chosen, network, layout_of(model), DECODERS[chosen])
