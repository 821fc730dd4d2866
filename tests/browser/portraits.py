"""Films for a browser's fake camera, made of portraits in the public domain that installed packages carry. They live as long as a test's folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
from matplotlib import cbook
from skimage import data

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["collins", "film", "hopper", "nobody", "two_people"]

WIDTH, HEIGHT = 1280, 720
FRAMES = 8
WALL = (172, 176, 170)


def collins() -> NDArray[np.uint8]:
    """Return the astronaut Eileen Collins (NASA), alone before a wall, BGR."""
    return _before_a_wall([(_astronaut(), WIDTH // 2)])


def hopper() -> NDArray[np.uint8]:
    """Return Rear Admiral Grace Hopper (United States Navy), alone before a wall, BGR."""
    return _before_a_wall([(_admiral(), WIDTH // 2)])


def two_people() -> NDArray[np.uint8]:
    """Return both, side by side."""
    return _before_a_wall([(_astronaut(), WIDTH // 2 - 190), (_admiral(), WIDTH // 2 + 190)])


def nobody() -> NDArray[np.uint8]:
    """Return the wall."""
    return _before_a_wall([])


def film(path: Path, picture: NDArray[np.uint8]) -> Path:
    """Write a film that shows one still over and over (Motion JPEG)."""
    done, coded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 95])
    assert done
    path.write_bytes(coded.tobytes() * FRAMES)
    return path


def _astronaut() -> NDArray[np.uint8]:
    picture = data.astronaut()  # type: ignore[no-untyped-call]
    found: NDArray[np.uint8] = cv2.cvtColor(picture[:290, 90:380], cv2.COLOR_RGB2BGR).astype(np.uint8)
    return found


def _admiral() -> NDArray[np.uint8]:
    picture = cv2.imread(str(cbook.get_sample_data("grace_hopper.jpg", asfileobj=False)), cv2.IMREAD_COLOR)
    assert picture is not None
    return picture[:470, 30:490].astype(np.uint8)


def _before_a_wall(people: list[tuple[NDArray[np.uint8], int]]) -> NDArray[np.uint8]:
    """Paste each picture, enlarged to the height of the frame or to what fits beside others, around its middle."""
    frame = np.full((HEIGHT, WIDTH, 3), WALL, np.uint8)
    side = HEIGHT - 80 if len(people) == 1 else 370
    for picture, middle in people:
        width = round(side * picture.shape[1] / picture.shape[0])
        top, left = (HEIGHT - side) // 2, middle - width // 2
        frame[top : top + side, left : left + width] = cv2.resize(picture, (width, side), interpolation=cv2.INTER_CUBIC)
    return frame
