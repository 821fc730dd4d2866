"""Which faces are covered in which frames, when some of them are seen in some frames only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consentry.vision.faces.model import Faces
from consentry.vision.redaction.tracks import Filling, Look, Plan, planned

if TYPE_CHECKING:
    from numpy.typing import NDArray

RATE, FRAMES = 10.0, 60
TIMES = [index / RATE for index in range(FRAMES)]
FILLING = Filling(gap=1.0, lead=0.4, strong=0.5)
SIDE = 20.0


def walking(frame: int) -> tuple[float, float]:
    return 100 + 8.0 * frame, 50 + 3.0 * frame


def look(frame: int, *centres: tuple[float, float], score: float = 0.9, moved: tuple[float, float] = (0, 0)) -> Look:
    boxes = np.asarray([[x - SIDE / 2, y - SIDE / 2, x + SIDE / 2, y + SIDE / 2] for x, y in centres], np.float32).reshape(-1, 4)
    faces = Faces(boxes, np.full(len(boxes), score, np.float32), np.zeros((len(boxes), 5, 2), np.float32))
    return Look(frame, faces, np.asarray(moved, np.float64))


def missed(plan: Plan, frames: range, where: NDArray[np.float64]) -> list[int]:
    """Return the frames in which the centre of no box is within a quarter of a face of ``where``."""
    return [frame for frame in frames if not any(np.abs((box[:2] + box[2:]) / 2 - where[frame]).max() <= SIDE / 4 for box in plan.boxes[frame])]


PATH = np.asarray([walking(frame) for frame in range(FRAMES)])


def test_a_face_seen_in_every_frame_is_covered_in_every_frame_and_nothing_is_filled() -> None:
    plan = planned(TIMES, [look(frame, walking(frame)) for frame in range(FRAMES)], FILLING)
    assert missed(plan, range(FRAMES), PATH) == []
    assert (plan.tracks, plan.filled) == (1, 0)


@pytest.mark.parametrize("gone", [range(20, 21), range(20, 29), range(2, 11)])
def test_a_short_miss_is_filled_where_the_face_must_have_been(gone: range) -> None:
    plan = planned(TIMES, [look(frame, *([] if frame in gone else [walking(frame)])) for frame in range(FRAMES)], FILLING)
    assert missed(plan, range(FRAMES), PATH) == []
    assert (plan.tracks, plan.filled) == (1, len(gone))


def test_a_face_is_covered_before_it_was_first_seen_and_after_it_was_last_seen() -> None:
    plan = planned(TIMES, [look(frame, *([walking(frame)] if 20 <= frame <= 40 else [])) for frame in range(FRAMES)], FILLING)
    assert missed(plan, range(16, 45), PATH) == []
    assert [frame for frame in range(FRAMES) if len(plan.boxes[frame])] == list(range(16, 45))


def test_a_long_absence_is_left_alone() -> None:
    plan = planned(TIMES, [look(frame, *([] if 20 <= frame < 40 else [(50.0, 50.0)])) for frame in range(FRAMES)], FILLING)
    assert all(len(plan.boxes[frame]) == 0 for frame in range(24, 36))


@pytest.mark.parametrize("strong_frame", [0, 30, 59])
def test_weak_sightings_count_where_a_strong_one_supports_them_earlier_or_later(strong_frame: int) -> None:
    looks = [look(frame, walking(frame), score=0.9 if frame == strong_frame else 0.2) for frame in range(FRAMES)]
    assert missed(planned(TIMES, looks, FILLING), range(FRAMES), PATH) == []


def test_weak_sightings_alone_are_no_face() -> None:
    plan = planned(TIMES, [look(frame, walking(frame), score=0.49) for frame in range(FRAMES)], FILLING)
    assert plan.tracks == 0
    assert all(len(boxes) == 0 for boxes in plan.boxes)


def test_looks_at_every_third_frame_cover_the_frames_between_them() -> None:
    plan = planned(TIMES, [look(frame, walking(frame)) for frame in range(0, FRAMES, 3)], FILLING)
    assert missed(plan, range(FRAMES), PATH) == []


def test_in_a_pan_faces_smaller_than_their_movement_keep_their_tracks() -> None:
    pan = np.asarray([(-35.0 * frame, 4.0 * frame) for frame in range(FRAMES)])
    crowd = [(1800.0 + 30 * index, 100.0 + 40 * (index % 3)) for index in range(20)]
    looks = [look(frame, *[(x + pan[frame][0], y + pan[frame][1]) for x, y in crowd], moved=tuple(pan[frame])) for frame in range(0, FRAMES, 2)]
    plan = planned(TIMES, looks, FILLING)
    assert plan.tracks == len(crowd)
    for x, y in crowd:
        assert missed(plan, range(FRAMES), pan + np.asarray([x, y])) == []


def test_a_recording_without_a_look_or_a_face_has_nothing_to_cover() -> None:
    assert planned([], [], FILLING) == Plan((), 0, 0)
    assert [len(boxes) for boxes in planned(TIMES[:2], [look(0)], FILLING).boxes] == [0, 0]


@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_whatever_else_happens_a_strong_sighting_is_covered_where_and_when_it_was(data: st.DataObject) -> None:
    place = st.tuples(st.floats(0, 600), st.floats(0, 400))
    looks = [
        look(frame, *data.draw(st.lists(place, max_size=4)), score=data.draw(st.sampled_from([0.2, 0.9])), moved=data.draw(place))
        for frame in data.draw(st.lists(st.integers(0, FRAMES - 1), unique=True, max_size=12).map(sorted))
    ]
    plan = planned(TIMES, looks, FILLING)
    assert len(plan.boxes) == FRAMES
    assert plan.filled >= 0
    for seen in looks:
        for box in seen.faces.boxes[seen.faces.scores >= FILLING.strong]:
            assert np.abs(plan.boxes[seen.frame] - box).max(axis=1).min() < 0.01
