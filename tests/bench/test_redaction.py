"""The redaction benchmark knows where its faces are, and what is covered."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import av
import cv2
import numpy as np
import pytest

from bench.redaction import HEIGHT, WIDTH, covered_faces, painted_mask, pan_over

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def crowd(tmp_path: Path) -> Path:
    """Write two black pictures with white squares for faces; one is too narrow to count."""
    boxes = {"a.png": [[500, 400, 530, 430], [200, 200, 206, 206]], "b.png": [[10, 60, 60, 110]]}
    for name, places in boxes.items():
        picture = np.zeros((1300, 900, 3), np.uint8)
        for left, top, right, bottom in places:
            picture[top:bottom, left:right] = 255
        cv2.imwrite(str(tmp_path / name), picture)
    (tmp_path / "boxes.json").write_text(json.dumps(boxes))
    return tmp_path


def test_in_every_frame_the_faces_are_where_the_benchmark_says(crowd: Path, tmp_path: Path) -> None:
    pan = pan_over(crowd, tmp_path / "pan.mp4", 12)
    with av.open(str(pan.path)) as clip:
        frames = [np.asarray(frame.to_ndarray(format="bgr24")) for frame in clip.decode(video=0)]
    assert [len(faces) for faces in pan.faces] == [2] * 12
    for frame, faces in zip(frames, pan.faces, strict=True):
        for left, top, right, bottom in np.rint(faces).astype(int):
            assert frame[top + 2 : bottom - 2, left + 2 : right - 2].min() > 180
            assert frame[top - 8 : top - 4, left:right].max() < 60


def test_a_face_covered_faces_by_nine_tenths() -> None:
    face = np.asarray([[100, 100, 200, 200]], np.float32)
    for area, ellipse, covered in (
        ((100, 100, 191, 200), False, 1),
        ((100, 100, 189, 200), False, 0),
        ((40, 40, 260, 260), True, 1),
        ((100, 100, 200, 200), True, 0),
    ):
        mask = painted_mask(np.asarray([area]), ellipses=ellipse)
        assert mask.shape == (HEIGHT, WIDTH)
        assert covered_faces(mask, face) == covered
