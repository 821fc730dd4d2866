"""What a station worker sees with: a face detector, the passive check where its weights are, and the zone where the one face must be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from consentry.platform.errors import ConflictError, ModelError
from consentry.vision.faces.align import CHIP_LAYOUTS
from consentry.vision.faces.detectors import open_face_detector
from consentry.vision.faces.liveness import open_passive_network
from consentry.vision.store import open_store

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from consentry.recognition.station.model import StationOrder
    from consentry.vision.faces.liveness import PassiveNetwork
    from consentry.vision.faces.model import ChipLayout, FaceDetector, Faces

__all__ = ["DETECTION_SIDE", "Sight", "open_sight", "refused"]

DETECTION_SIDE = 640
"""Longer side in pixels of what the detector looks at: faces near a station are large."""
_THREADS = 2


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """``zone``: x1 y1 x2 y2, fractions of the picture. ``layout``: of the chips that the vault wants."""

    detector: FaceDetector
    passive: PassiveNetwork | None
    layout: ChipLayout
    zone: tuple[float, float, float, float]
    attested: bool

    def one_face(self, picture: NDArray[np.uint8]) -> Faces:
        """Return the one face of ``picture`` (uint8 [H, W, 3], BGR), or none.

        Raises:
            ConflictError: ``capture.several-faces`` or ``capture.outside-zone``: nothing may be read from anybody (R29).
        """
        faces = self.detector.detect(picture)
        if len(faces) > 1:
            raise refused("capture.several-faces", f"{len(faces)} faces are in the picture", "Let one person stand before the camera alone")
        if len(faces) == 1 and not self._is_inside(faces, picture.shape[1], picture.shape[0]):
            raise refused("capture.outside-zone", "the face is outside of the zone", "Stand in the marked frame and activate the station again")
        return faces

    def _is_inside(self, faces: Faces, width: int, height: int) -> bool:
        """Return whether the middle of the face lies in the zone."""
        x1, y1, x2, y2 = faces.boxes[0].tolist()
        across, down = (x1 + x2) / 2 / width, (y1 + y2) / 2 / height
        left, top, right, bottom = self.zone
        return bool(left <= across <= right and top <= down <= bottom)


def open_sight(order: StationOrder) -> Sight:
    """Load what the order names.

    Raises:
        ModelError: where the weights of the detector, or damaged ones of the passive check, cannot be used, or the family is unknown.
    """
    layout = CHIP_LAYOUTS.get(order.family)
    if layout is None:
        raise ModelError("model.unknown", order.family, "there is no such face embedder", f"Choose one of: {', '.join(CHIP_LAYOUTS)}")
    store = open_store()
    detector = open_face_detector(order.detector, threads=_THREADS, longest_side=DETECTION_SIDE, store=store)
    return Sight(detector, open_passive_network(threads=_THREADS, store=store), layout, order.zone, order.attested)


def refused(code: str, problem: str, mend: str) -> ConflictError:
    """Return what ends a capture."""
    return ConflictError(code, "capture", problem, mend)
