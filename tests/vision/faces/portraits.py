"""Chips of the real portraits that installed packages carry, and dlib beside them as the oracle."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from consentry.vision.faces.align import CHIP_LAYOUTS, aligned
from tests.vision.faces.scenes import NAMES, portrait

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


def chips(family: str) -> NDArray[np.uint8]:
    """Return the two faces as chips of ``family``, and each turned and mirrored: uint8 [6, S, S, 3], RGB."""
    layout = CHIP_LAYOUTS[family]
    straight = [aligned(shown.picture, shown.landmarks, layout) for shown in map(portrait, NAMES)]
    return np.stack([variant for chip in straight for variant in (chip, chip[:, ::-1], np.rot90(chip, 2))])


def dlib_descriptors(weights: Path, faces: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return what dlib itself says of chips, float64 [N, 128]."""
    dlib = import_module("dlib")
    model: Any = dlib.face_recognition_model_v1(str(weights))
    return np.array([model.compute_face_descriptor(np.ascontiguousarray(face)) for face in faces])
