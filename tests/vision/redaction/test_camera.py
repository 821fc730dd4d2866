"""How far the camera moved, on a picture whose shift is known."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from consentry.vision.redaction.camera import CameraMotion


def ground() -> np.ndarray:
    noise = np.random.default_rng(3).integers(0, 256, (60, 90, 3), np.uint8)
    return np.asarray(cv2.resize(noise, (1800, 1200), interpolation=cv2.INTER_CUBIC), np.uint8)


def test_shifts_add_up() -> None:
    picture, camera = ground(), CameraMotion()
    moved = [camera.moved(picture[200 - 12 * step :][:720, 100 + 30 * step :][:, :1280]) for step in range(6)]
    assert moved[-1] == pytest.approx(np.asarray([-150, 60]), abs=4)


def test_a_camera_that_stands_has_not_moved_whoever_walks_by() -> None:
    camera, moved = CameraMotion(), np.ones(2)
    for step in range(5):
        frame = ground()[:720, :1280].copy()
        frame[300:500, 100 + 60 * step : 200 + 60 * step] = 255
        moved = camera.moved(frame)
    assert moved == pytest.approx(np.zeros(2), abs=1)


def test_a_cut_is_no_movement() -> None:
    camera = CameraMotion()
    noise = np.random.default_rng(5)
    camera.moved(noise.integers(0, 256, (270, 480, 3), np.uint8))
    assert camera.moved(noise.integers(0, 256, (270, 480, 3), np.uint8)).tolist() == [0, 0]
