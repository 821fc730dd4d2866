"""Reads the QR codes that pages draw."""

from __future__ import annotations

import re

import cv2
import numpy as np


def read(path: str, side: int) -> str:
    """Return what a QR code holds that is drawn as the squares of a path."""
    cells = np.full((side, side), 255, np.uint8)
    for column, row in re.findall(r"M(\d+) (\d+)h1v1h-1z", path):
        cells[int(row), int(column)] = 0
    picture = np.kron(cells, np.ones((6, 6), np.uint8))
    # One code in fifty is lost on the first detector; none of hundreds was on both.
    return cv2.QRCodeDetector().detectAndDecode(picture)[0] or cv2.QRCodeDetectorAruco().detectAndDecode(picture)[0]
