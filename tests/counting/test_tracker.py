"""Tracks of synthetic boxes: identity while it is due, nothing longer; bounded state; odd input."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from consentry.counting.motion import MotionFilter, MotionNoise, boxes_of, states_of
from consentry.counting.tracker import EPOCH_SECONDS, Tracker, TrackerRule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from consentry.counting.model import Foot, TrackId

Box = tuple[float, float, float, float]
Frame = tuple[float, list[Box]]


def person(x: float, y: float = 300.0, height: float = 120.0) -> Box:
    """Return the box of someone who stands at x, y."""
    return (x - height / 6, y - height, x + height / 6, y)


def arrays_of(boxes: list[Box], score: float = 0.9) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    return np.array(boxes, np.float32).reshape(-1, 4), np.full(len(boxes), score, np.float32)


@dataclass
class Told:
    """Everything a tracker told of a row of frames, frame by frame."""

    feet: list[list[Foot]] = field(default_factory=list)
    seen: list[list[TrackId]] = field(default_factory=list)
    ended: list[TrackId] = field(default_factory=list)
    held: list[int] = field(default_factory=list)

    @property
    def ids(self) -> list[TrackId]:
        """Tracks in order of their first foot point."""
        return list(dict.fromkeys(foot.track for feet in self.feet for foot in feet))


def follow(frames: Iterable[Frame], tracker: Tracker | None = None, *, finish: bool = True) -> Told:
    tracker, told = Tracker() if tracker is None else tracker, Told()
    for time, boxes in frames:
        update = tracker.update(time, *arrays_of(boxes))
        told.feet.append(update.feet)
        told.seen.append(update.ids)
        told.ended += update.ended
        told.held.append(len(tracker))
        assert update.boxes.shape == (len(update.ids), 4)
    told.ended += tracker.finish() if finish else []
    return told


def filmed(where: Callable[[float], list[Box]], duration: float, rate: float = 10.0, start: float = 0.0) -> list[Frame]:
    return [(start + frame / rate, where(frame / rate)) for frame in range(round(duration * rate))]


def test_a_walker_is_one_track_from_the_first_detection_on() -> None:
    told = follow(filmed(lambda t: [person(100 + 100 * t)], 4.0))
    feet = [foot for frame in told.feet for foot in frame]
    assert told.ids == [("camera", 0, 1)]
    assert [foot.time for foot in feet] == [frame / 10 for frame in range(40)]
    assert told.ended == told.ids
    assert all(abs(foot.at.x - (100 + 100 * foot.time)) < 6 and abs(foot.at.y - 300) < 1 for foot in feet)


def test_a_track_is_told_of_from_its_third_detection_and_then_with_what_came_before() -> None:
    told = follow(filmed(lambda _: [person(100)], 0.4))
    assert [len(feet) for feet in told.feet] == [0, 0, 3, 1]
    assert [len(ids) for ids in told.seen] == [0, 0, 1, 1]


@pytest.mark.parametrize("detections", [1, 2])
def test_what_is_seen_less_than_three_times_was_nobody(detections: int) -> None:
    told = follow([*filmed(lambda _: [person(100)], detections / 10), *filmed(lambda _: [], 2.0, start=0.3)])
    assert told.ids == told.ended == []
    assert told.held[-1] == 0


def test_a_weak_detection_begins_no_track_but_continues_one() -> None:
    weak, tracker = arrays_of([person(100)], 0.3), Tracker()
    for frame in range(10):
        assert not tracker.update(frame / 10, *weak).feet
    assert len(tracker) == 0
    for frame in range(10, 15):
        tracker.update(frame / 10, *arrays_of([person(100)]))
    assert tracker.update(1.5, *weak).feet


def test_ids_are_unique_and_never_used_again_and_epochs_follow_the_clock() -> None:
    visitors = [frame for start in np.arange(0.0, 2 * EPOCH_SECONDS, 45.0).tolist() for frame in filmed(lambda _: [person(100), person(500)], 0.5, start=start)]
    told = follow(visitors)
    assert len(told.ids) == len(set(told.ids)) == len(told.ended) == 2 * 27
    assert {track.epoch for track in told.ids} == {0, 1}
    by_epoch = defaultdict(list)
    for track in told.ids:
        by_epoch[track.epoch].append(track.n)
    assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in by_epoch.values())


def test_someone_in_sight_at_the_turn_of_an_epoch_stays_one_track() -> None:
    told = follow(filmed(lambda _: [person(100)], 4.0, start=EPOCH_SECONDS - 2))
    assert told.ids == [("camera", 0, 1)]


@pytest.mark.parametrize(("hidden", "tracks"), [(0.5, 1), (1.5, 1), (2.8, 1), (3.3, 2), (20.0, 2)])
@pytest.mark.parametrize("speed", [0.0, 60.0])
def test_a_lost_walker_found_where_motion_leads_is_the_same_track_until_the_time_to_keep_is_over(hidden: float, tracks: int, speed: float) -> None:
    def where(t: float) -> list[Box]:
        return [] if 3.0 <= t < 3.0 + hidden - 0.01 else [person(100 + speed * t)]

    told = follow(filmed(where, 6.0 + hidden))
    assert len(told.ids) == tracks


@pytest.mark.parametrize("pause", [3.5, 10.0, 3600.0])
def test_nobody_is_followed_across_a_pause_of_all_frames_longer_than_the_time_to_keep(pause: float) -> None:
    still = filmed(lambda _: [person(100)], 2.0)
    told = follow([*still, *((time + 2.0 + pause, boxes) for time, boxes in still)])
    assert len(told.ids) == 2
    assert len(told.ended) == 2


def test_a_lost_walker_found_elsewhere_is_another_track() -> None:
    told = follow([*filmed(lambda _: [person(100)], 2.0), *filmed(lambda _: [person(400)], 2.0, start=2.5)])
    assert len(told.ids) == 2


def test_a_child_in_an_adults_place_is_another_track() -> None:
    told = follow([*filmed(lambda _: [person(100, height=180)], 2.0), *filmed(lambda _: [person(100, height=90)], 2.0, start=3.0)])
    assert len(told.ids) == 2


@pytest.mark.parametrize("rate", [5, 10, 25])
@pytest.mark.parametrize("apart", [8.0, 25.0])
def test_two_people_who_cross_keep_their_tracks(rate: float, apart: float) -> None:
    told = follow(filmed(lambda t: [person(100 + 110 * t, 300), person(600 - 110 * t, 300 + apart, 130)], 4.5, rate))
    assert len(told.ids) == 2
    ways = [[foot.at.x for feet in told.feet for foot in feet if foot.track == track] for track in told.ids]
    assert [xs[-1] > xs[0] for xs in ways] == [True, False]
    assert all(abs(xs[-1] - xs[0]) > 400 for xs in ways)


@pytest.mark.parametrize("rate", [5, 10, 25, 60])
def test_the_same_walk_is_one_track_at_any_frame_rate(rate: float) -> None:
    told = follow(filmed(lambda t: [person(50 + 150 * t)], 4.0, rate))
    assert len(told.ids) == 1


@pytest.mark.parametrize("rate", [0.5, 1, 2])
def test_somebody_who_stands_is_followed_at_a_few_frames_a_second_or_less(rate: float) -> None:
    told = follow(filmed(lambda _: [person(100)], 20.0, rate))
    assert len(told.ids) == 1
    assert sum(map(len, told.feet)) == 20 * rate


def test_an_uneven_frame_rate_is_no_harm() -> None:
    times = np.cumsum(np.random.default_rng(1).uniform(0.02, 0.25, 60)).tolist()
    told = follow([(time, [person(50 + 90 * time)]) for time in times])
    assert len(told.ids) == 1
    assert sum(map(len, told.feet)) == 60


def test_empty_frames_tell_nothing_and_end_who_is_gone() -> None:
    told = follow([*filmed(lambda _: [person(100)], 1.0), *filmed(lambda _: [], 4.0, start=1.0)], finish=False)
    assert len(told.ended) == 1
    assert told.held[-1] == 0


def test_a_finished_tracker_holds_nobody_and_may_be_finished_again() -> None:
    tracker = Tracker()
    assert tracker.finish() == []
    follow(filmed(lambda _: [person(100)], 1.0), tracker)
    assert len(tracker) == 0
    assert tracker.finish() == []


def test_two_boxes_on_one_person_are_one_track() -> None:
    told = follow(filmed(lambda t: [person(100 + 50 * t), person(104 + 50 * t, 302)][: 1 if t < 1 else 2], 3.0))
    assert len(told.ids) == 1


def test_trackers_share_nothing() -> None:
    one, other = Tracker("one"), Tracker("other")
    first = follow(filmed(lambda _: [person(100)], 1.0), one, finish=False)
    second = follow(filmed(lambda _: [person(100)], 1.0), other, finish=False)
    assert (first.ids, second.ids) == ([("one", 0, 1)], [("other", 0, 1)])
    assert len(one) == len(other) == 1
    other.finish()
    assert len(one) == 1


def test_the_same_frames_give_the_same_tracks() -> None:
    random = np.random.default_rng(5)
    frames = [(frame / 10, [person(float(x), float(y)) for x, y in random.uniform(0, 600, (8, 2))]) for frame in range(60)]
    assert follow(frames) == follow(frames)


def test_a_flood_of_random_boxes_leaves_nothing_behind() -> None:
    random, tracker, held = np.random.default_rng(2), Tracker(), []
    for frame in range(3000):
        corners = random.uniform(0, 600, (6, 2))
        boxes = np.hstack([corners, corners + random.uniform(10, 200, (6, 2))]).astype(np.float32)
        tracker.update(frame / 10, boxes, random.uniform(0, 1, 6).astype(np.float32))
        held.append(len(tracker))
    assert max(held[1500:]) <= 6 * 31
    assert np.mean(held[2000:]) < 1.2 * np.mean(held[500:1500]) + 5
    follow(filmed(lambda _: [], 4.0, start=300.0), tracker, finish=False)
    assert len(tracker) == 0


@pytest.mark.parametrize(
    "strange",
    [(50, 50, 50, 50), (50, 50, 50, 90), (50, 50, 90, 50), (90, 90, 50, 50), (-1e4, -1e4, 1e4, 1e4), (1e7, 1e7, 1e7 + 50, 1e7 + 90)],
    ids=["a point", "no width", "no height", "turned inside out", "everything", "far outside"],
)
def test_a_strange_box_disturbs_nobody(strange: Box) -> None:
    told = follow(filmed(lambda t: [person(300 + 20 * t), strange], 3.0))
    feet = [foot for frame in told.feet for foot in frame]
    assert len({foot.track for foot in feet if 290 < foot.at.x < 370 and 250 < foot.at.y < 310}) == 1
    assert all(np.isfinite(foot.at).all() for foot in feet)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("broken", [float("nan"), float("inf")])
@pytest.mark.parametrize("corner", [0, 3])
def test_a_box_that_is_no_number_is_nobody(broken: float, corner: int) -> None:
    box = person(100)
    broken_box: Box = (*box[:corner], broken, *box[corner + 1 :])  # type: ignore[assignment]
    told = follow(filmed(lambda t: [person(300 + 20 * t), broken_box], 2.0))
    assert len(told.ids) == 1


def test_a_score_that_is_no_number_is_nobody() -> None:
    tracker = Tracker()
    for frame in range(5):
        tracker.update(frame / 10, *arrays_of([person(100)], float("nan")))
    assert len(tracker) == 0


flood = arrays.arrays(np.float32, st.tuples(st.integers(0, 6), st.just(5)), elements=st.floats(0, 1, width=32))


@settings(max_examples=60)
@given(st.lists(st.tuples(st.floats(0.001, 5.0), flood), max_size=15))
def test_any_input_gives_each_track_rising_times_one_end_and_a_place_in_the_frame(frames: list[tuple[float, NDArray[np.float32]]]) -> None:
    tracker, time, ended = Tracker(), 0.0, []
    times = defaultdict(list)
    for wait, numbers in frames:
        time += wait
        corners = 400 * numbers[:, :2]
        update = tracker.update(time, np.hstack([corners, corners + 200 * numbers[:, 2:4]]), numbers[:, 4])
        for foot in update.feet:
            assert foot.track not in ended
            times[foot.track].append(foot.time)
        ended += update.ended
        assert len(update.ids) == len(set(update.ids)) == len(update.boxes) <= len(numbers)
        assert len(tracker) <= sum(len(row) for _, row in frames)
    ended += tracker.finish()
    assert sorted(ended) == sorted(times)
    assert all(one < next_one for row in times.values() for one, next_one in pairwise(row))
    assert all(next_one - one <= TrackerRule().keep for row in times.values() for one, next_one in pairwise(row))


@given(arrays.arrays(np.float64, (5, 4), elements=st.floats(-500, 500)))
def test_boxes_and_states_are_two_ways_to_say_the_same(boxes: NDArray[np.float64]) -> None:
    assert np.allclose(boxes_of(states_of(boxes)), boxes)


@pytest.mark.parametrize("rate", [5, 10, 30])
def test_the_filter_learns_the_speed_of_a_walker(rate: int) -> None:
    motion = MotionFilter(MotionNoise())
    motion.add(states_of(np.array([person(0)])))
    for frame in range(1, 4 * rate):
        motion.predict(1 / rate)
        motion.correct(np.array([0]), states_of(np.array([person(100 * frame / rate)])), np.array([0.9]))
    assert motion.speed[0, 0] == pytest.approx(100, rel=0.05)
    assert motion.speed[0, 1] == pytest.approx(0, abs=1)
    assert np.all(motion.speed[0, 2:] == 0)


def test_one_long_prediction_equals_many_short_ones() -> None:
    once, often = MotionFilter(MotionNoise()), MotionFilter(MotionNoise())
    for motion in (once, often):
        motion.add(states_of(np.array([person(0), person(300)])))
        motion.predict(0.1)
        motion.correct(np.array([0, 1]), states_of(np.array([person(10), person(290)])), np.array([0.9, 0.5]))
    once.predict(1.0)
    for _ in range(10):
        often.predict(0.1)
    for motion in (once, often):
        motion.correct(np.array([0, 1]), states_of(np.array([person(120), person(180)])), np.array([0.9, 0.5]))
    assert np.allclose(once.state, often.state)
    assert np.allclose(once.speed, often.speed)


def test_forgotten_tracks_leave_the_others_alone() -> None:
    motion = MotionFilter(MotionNoise())
    motion.add(states_of(np.array([person(0), person(100), person(200)])))
    motion.keep(np.array([True, False, True]))
    motion.predict(0.1)
    motion.correct(np.array([1]), states_of(np.array([person(210)])), np.array([0.9]))
    assert len(motion) == 2
    assert motion.state[0, 0] == 0
    assert 200 < motion.state[1, 0] < 210
