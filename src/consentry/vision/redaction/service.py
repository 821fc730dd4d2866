"""Redacts a file: the one door for commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consentry.vision.faces.detectors import chosen_detector, open_scaled_faces, open_tiled_faces
from consentry.vision.faces.network_detector import Enlarged
from consentry.vision.redaction.model import Step
from consentry.vision.redaction.pictures import redact_picture
from consentry.vision.redaction.places import checked_places
from consentry.vision.redaction.tracks import Filling
from consentry.vision.redaction.videos import redact_video

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from consentry.vision.faces.model import FaceDetector
    from consentry.vision.redaction.model import Summary

__all__ = ["STRONG", "WEAK", "open_for_redaction", "redact_file"]

ENLARGED = Enlarged(1920, 3)
"""Small frames are enlarged: the faces in them are small too."""
FOR_FRAMES = ("yunet", "centerface")
"""By falling share of faces covered in a recording, as ``python -m bench redaction`` shows; YuNet also takes a quarter of the time."""
CROWD = {"centerface": 0.12, "yunet": 0.35}
"""Below the score at which most of what is found is a face: a patch of wall painted over costs less than a face published."""
WEAK = {"centerface": 0.15, "yunet": 0.3}
STRONG = {"centerface": 0.25, "yunet": 0.4}
"""Scores of single looks: a face of a recording needs one strong sighting, and weak ones where that one supports them."""


def redact_file(  # noqa: PLR0913  - the settings of one redaction
    source: Path, target: Path, detector: str, *, tiles: bool | None, keep_sound: bool, threads: int, progress: Callable[[Step], None]
) -> Summary:
    """Write a copy of ``source`` to ``target``, whose suffix says whether it is a picture or a recording, with every face painted over.

    ``detector``: a name of :func:`~consentry.vision.faces.detectors.open_face_detector`. ``tiles``: look in enlarged tiles (None: in pictures).

    Raises:
        SourceError: ``source`` cannot be read.
        InputError: ``target`` cannot be written, or is ``source``.
        ModelError: the detector is unknown or its weights are missing.
    """
    is_video = checked_places(source, target)
    if not is_video:
        looking = open_for_redaction(detector, tiles=tiles is not False, threads=threads, on_progress=lambda share: progress(Step("looking", share)))
        return redact_picture(source, target, looking)
    finder = open_for_redaction(detector, tiles=tiles is True, threads=threads)
    filling = Filling(strong=STRONG[finder.name])
    return redact_video(source, target, finder, filling=filling, keep_sound=keep_sound, threads=threads, progress=progress)


def open_for_redaction(name: str, *, tiles: bool, threads: int, on_progress: Callable[[float], None] = lambda _: None) -> FaceDetector:
    """Open a detector that rather covers too much: in tiles, of which ``on_progress`` is told the share done, or in two looks at the whole frame."""
    if tiles:
        chosen = chosen_detector(name)
        return open_tiled_faces(chosen, threads=threads, low_score=CROWD[chosen], on_progress=on_progress)
    chosen = chosen_detector(name, order=FOR_FRAMES)
    return open_scaled_faces(chosen, threads=threads, longest_side=ENLARGED, low_score=WEAK[chosen])
