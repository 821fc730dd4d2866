"""Rendered pictures and clips."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

import av
import cv2
import numpy as np
import pytest

from consentry.platform.errors import InputError
from consentry.video.backdrop import backdrop
from consentry.video.entrance import entrance
from consentry.video.model import Size
from consentry.video.render import compose, frames, write_clip
from consentry.video.scene import Box, Line, Scene, boxes
from consentry.video.walk import Garment, Look, Walker, Waypoint

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

SIZE = Size(320, 240)
LINE = Line((160, 240), (160, 0))


def crossing(look: Look | None = None, height: float = 150.0) -> Scene:
    """Return one person who walks from left to right in four seconds."""
    path = (Waypoint(0.0, -40.0, 215.0, height), Waypoint(4.0, 360.0, 215.0, height))
    return Scene(SIZE, 12.5, 4.0, LINE, (Walker(path, look or Look()),), seed=11)


def drawn(scene: Scene, time: float) -> NDArray[np.bool_]:
    """Return which pixels the figure changed; its shadow on the floor changes them less."""
    empty = backdrop(scene.size, scene.line).astype(np.float32)
    alone = compose(replace(scene, walkers=()), time, empty)
    return np.asarray(np.abs(compose(scene, time, empty).astype(int) - alone).max(axis=2) > 85)


def test_the_same_scene_gives_the_same_pictures() -> None:
    first, second = (b"".join(image.tobytes() for _, image in islice(frames(entrance(seed=4)), 3)) for _ in range(2))
    assert first == second


def test_another_seed_gives_another_picture() -> None:
    one, other = (next(frames(replace(crossing(), seed=seed)))[1] for seed in (1, 2))
    assert not np.array_equal(one, other)


def test_frames_are_pictures_of_the_scene_s_size_one_frame_time_apart() -> None:
    shown = list(frames(crossing()))
    assert [time for time, _ in shown] == pytest.approx([index / 12.5 for index in range(50)])
    assert {(image.shape, image.dtype.name) for _, image in shown} == {((240, 320, 3), "uint8")}


def test_noise_is_as_strong_as_asked_for_and_changes_from_frame_to_frame() -> None:
    still = replace(crossing(), walkers=())
    quiet, loud = (np.array([image for _, image in islice(frames(replace(still, noise=noise)), 5)], float) for noise in (0.0, 6.0))
    assert np.std(loud - quiet) == pytest.approx(6.0, rel=0.05)
    assert np.std(loud[1] - loud[0] - (quiet[1] - quiet[0])) == pytest.approx(6.0 * np.sqrt(2), rel=0.1)


@pytest.mark.parametrize("garment", list(Garment))
@pytest.mark.parametrize("time", [0.9, 1.35, 2.0, 2.6, 3.1])
def test_the_box_of_a_figure_holds_its_pixels_and_little_more(garment: Garment, time: float) -> None:
    dark = Look(garment, top=(20, 20, 20), bottom=(25, 25, 25), shoes=(15, 15, 15), skin=(40, 50, 70), hair=(15, 15, 15), bag=(10, 10, 10))
    scene = crossing(dark)
    rows, columns = np.nonzero(drawn(scene, time))
    (box,) = boxes(scene, time)
    seen = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
    assert seen == pytest.approx((box.x1, box.y1, box.x2, box.y2), abs=5)


def test_a_figure_half_outside_the_picture_is_cut_off_at_its_border() -> None:
    scene = crossing()
    assert drawn(scene, 0.4)[:, :40].any()
    assert not drawn(scene, 0.4)[:, 60:].any()


def test_nobody_is_drawn_before_the_scene_s_walker_appears() -> None:
    late = Walker((Waypoint(1.0, 160.0, 215.0, 150.0), Waypoint(2.0, 200.0, 215.0, 150.0)))
    scene = replace(crossing(), walkers=(late,))
    assert not drawn(scene, 0.5).any()
    assert drawn(scene, 1.5).any()


def test_the_nearer_of_two_people_hides_the_farther_whatever_their_order() -> None:
    def standing(y: float, top: tuple[int, int, int]) -> Walker:
        return Walker((Waypoint(0, 160, y, 150), Waypoint(4, 160, y, 150)), Look(top=top))

    near, far = standing(220, (30, 30, 200)), standing(205, (200, 30, 30))
    empty = backdrop(SIZE, LINE).astype(np.float32)
    one, other = (compose(replace(crossing(), walkers=order), 1.0, empty) for order in ((near, far), (far, near)))
    assert np.array_equal(one, other)
    blue, _, red = one[115, 160]
    assert red > 2 * blue


@pytest.mark.parametrize("line", [LINE, Line((20, 120), (300, 230)), Line((300, 200), (10, 200))], ids=["upright", "slanting", "level"])
def test_a_mat_lies_along_the_line(line: Line) -> None:
    floor = backdrop(SIZE, line)
    x, y = (0.25 * line.start[0] + 0.75 * line.end[0], max(150.0, 0.25 * line.start[1] + 0.75 * line.end[1]))
    elsewhere = backdrop(SIZE, Line((0, 0), (SIZE.width, 0)))
    assert int(floor[int(y), int(x)].sum()) < int(elsewhere[int(y), int(x)].sum()) - 60


@pytest.mark.parametrize("rate", [10.0, 12.5, 29.97])
def test_a_clip_s_presentation_times_follow_its_frame_rate(tmp_path: Path, rate: float) -> None:
    write_clip(replace(crossing(), fps=rate, duration=1.0), tmp_path / "clip.mp4")
    with av.open(str(tmp_path / "clip.mp4")) as container:
        shown = [frame.time for frame in container.decode(video=0)]
    assert shown == pytest.approx([index / rate for index in range(round(rate))], abs=1e-4)


def test_a_clip_shows_what_was_rendered(tmp_path: Path) -> None:
    scene = replace(crossing(), noise=0.0, duration=2.0)
    write_clip(scene, tmp_path / "clip.mp4")
    with av.open(str(tmp_path / "clip.mp4")) as container:
        shown = [frame.to_ndarray(format="bgr24") for frame in container.decode(video=0)]
    errors = [np.abs(image.astype(float) - other).mean() for (_, image), other in zip(frames(scene), shown, strict=True)]
    assert max(errors) < 6.0


def test_a_clip_that_cannot_be_written_is_an_error_of_input(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be written"):
        write_clip(crossing(), tmp_path / "missing" / "clip.mp4")


def overlap(box: Box, other: tuple[float, float, float, float]) -> float:
    """Return the intersection over union of a figure's box and a detection."""
    width = min(box.x2, other[2]) - max(box.x1, other[0])
    height = min(box.y2, other[3]) - max(box.y1, other[1])
    if min(width, height) <= 0:
        return 0.0
    area = (box.x2 - box.x1) * (box.y2 - box.y1) + (other[2] - other[0]) * (other[3] - other[1])
    return width * height / (area - width * height)


def test_the_embedded_detector_finds_the_people_of_the_entrance() -> None:
    scene = entrance()
    hog = cv2.HOGDescriptor()
    hog.setSVMDetector(np.array(cv2.HOGDescriptor.getDefaultPeopleDetector(), np.float32))
    empty = backdrop(scene.size, scene.line).astype(np.float32)
    found = []
    for time in np.arange(2.0, scene.duration, 2.5):
        rectangles, _ = hog.detectMultiScale(compose(scene, float(time), empty), winStride=(8, 8), scale=1.05)
        # The detector was trained with a margin: a person fills three quarters of its window's height.
        people = [(x + 0.2 * w, y + 0.125 * h, x + 0.8 * w, y + 0.875 * h) for x, y, w, h in rectangles]
        present = boxes(scene, float(time))
        found += [
            max((overlap(box, person) for person in people), default=0.0) >= 0.4
            for box in present
            if box.x1 > 30 and box.x2 < 770 and not any(box is not other and overlap(box, (other.x1, other.y1, other.x2, other.y2)) for other in present)
        ]
    assert len(found) >= 15
    assert sum(found) >= 0.92 * len(found)
