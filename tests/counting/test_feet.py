"""Steady foot points: exact on straight walks, complete, in order, bounded."""

from __future__ import annotations

import pickle
from itertools import accumulate

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentry.counting.feet import RADIUS, FootSmoother
from consentry.counting.model import Foot, Point
from tests.counting.paths import track, walk

waits = st.lists(st.floats(0.001, 1.5), min_size=1, max_size=30)


def smoothed(feet: list[Foot], radius: float = RADIUS) -> list[Foot]:
    """Feed the samples one frame each, then end their tracks."""
    smoother = FootSmoother(radius)
    given_out = [steady for foot in feet for steady in smoother.update(foot.time, [foot])]
    return [*given_out, *smoother.end({foot.track for foot in feet})]


@given(waits, st.floats(-300, 300), st.floats(-300, 300), st.sampled_from([0.0, 1_700_000_000.0]))
def test_a_straight_walk_at_one_speed_is_reproduced_whatever_the_spacing(steps: list[float], vx: float, vy: float, start: float) -> None:
    times = [start + time for time in accumulate(steps)]
    feet = [Foot(track(), time, Point(50 + vx * (time - start), 80 + vy * (time - start)), 100.0) for time in times]
    steady = smoothed(feet)
    assert [foot.time for foot in steady] == times
    assert np.allclose([foot.at for foot in steady], [foot.at for foot in feet], atol=1e-3 if start else 1e-7)


@given(st.lists(st.tuples(st.floats(0.001, 1.0), st.sets(st.integers(1, 4))), max_size=40), st.sampled_from([0.0, 0.1, RADIUS, 2.0]))
def test_every_sample_is_given_once_and_in_order_within_each_track(frames: list[tuple[float, set[int]]], radius: float) -> None:
    smoother, time = FootSmoother(radius), 0.0
    put: list[Foot] = []
    got: list[Foot] = []
    for wait, numbers in frames:
        time += wait
        feet = [Foot(track(number), time, Point(number, time), 100.0) for number in sorted(numbers)]
        put += feet
        steady = smoother.update(time, feet)
        assert [foot.time for foot in steady] == sorted(foot.time for foot in steady)
        assert all(foot.time <= time - radius for foot in steady)
        got += steady
    got += smoother.end([track(number) for number in range(1, 5)])
    for number in range(1, 5):
        assert [foot.time for foot in got if foot.track.n == number] == [foot.time for foot in put if foot.track.n == number]
    assert len(smoother) == 0


def test_samples_delivered_late_are_given_too_and_in_order() -> None:
    smoother = FootSmoother()
    late = walk([(0, 0), (10, 0), (20, 0)], every=0.4)
    assert [foot.time for foot in smoother.update(0.8, late)] == [0.0, 0.4]
    assert [foot.time for foot in smoother.end([track()])] == [0.8]


def test_a_sample_waits_for_the_radius_and_no_longer() -> None:
    smoother = FootSmoother(0.25)
    [foot] = walk([(10, 20)])
    assert smoother.update(0.0, [foot]) == []
    assert smoother.update(0.24, []) == []
    assert smoother.update(0.25, []) == [foot]
    assert smoother.update(0.5, []) == []


def test_the_end_of_a_track_gives_what_was_left_and_forgets_it() -> None:
    smoother = FootSmoother()
    one, other = walk([(1, 1)] * 3, number=1), walk([(2, 2)] * 3, number=2)
    for pair in zip(one, other, strict=True):
        smoother.update(pair[0].time, pair)
    assert smoother.end([track(1)]) == one
    assert len(smoother) == 1
    assert smoother.end([track(1), track(9)]) == []
    assert smoother.end([track(2)]) == other


def test_memory_is_bounded_by_the_window() -> None:
    smoother, sizes = FootSmoother(), []
    for step in range(3000):
        smoother.update(step * 0.01, [Foot(track(), step * 0.01, Point(step, 0), 100.0)])
        sizes.append(len(pickle.dumps(smoother)))
    assert max(sizes[1500:]) <= 1.05 * max(sizes[:1500])


@pytest.mark.parametrize(("rate", "share"), [(25, 0.35), (12.5, 0.5), (8, 0.7)])
def test_jitter_becomes_smaller_and_the_walk_does_not_lag(rate: float, share: float) -> None:
    random = np.random.default_rng(3)
    times = np.arange(400) / rate
    true = np.stack([100 + 80 * times, 200 - 30 * times], axis=1)
    noisy = true + random.normal(0, 4, true.shape)
    feet = [Foot(track(), float(time), Point(*place), 100.0) for time, place in zip(times, noisy.tolist(), strict=True)]
    steady = np.array([foot.at for foot in smoothed(feet)])
    assert np.std(steady - true) < share * np.std(noisy - true) + 0.1
    assert np.all(np.abs(np.mean(steady - true, axis=0)) < 0.5)


def test_tracks_are_steadied_apart() -> None:
    one, other = walk([(0, 0)] * 9, number=1), walk([(500, 500)] * 9, number=2)
    smoother = FootSmoother()
    got = [foot for pair in zip(one, other, strict=True) for foot in smoother.update(pair[0].time, pair)]
    got += smoother.end([track(1), track(2)])
    assert {(foot.track.n, *foot.at) for foot in got} == {(1, 0, 0), (2, 500, 500)}


def test_two_samples_of_one_time_do_no_harm() -> None:
    feet = walk([(0, 0), (10, 0), (20, 0)], every=0.0)
    assert len(smoothed(feet)) == 3
