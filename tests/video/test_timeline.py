"""Times always go forward, and are the source's own wherever those can be believed."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentry.video.timeline import LIVE_TOLERANCE_S, LONGEST_PAUSE_S, LiveTimeline, Pace, RecordedTimeline

STAMPS = st.one_of(st.none(), st.floats(-1e6, 1e6))
STEP = 0.1


@pytest.mark.parametrize(
    ("stamps", "times", "repaired"),
    [
        ([0.0, 0.1, 0.2], [0.0, 0.1, 0.2], 0),
        ([5.0, 5.1, 9.0], [0.0, 0.1, 4.0], 0),
        ([None, None, None], [0.0, 0.1, 0.2], 2),
        ([None, 7.0, 7.1], [0.0, 0.1, 0.2], 0),
        ([0.0, None, 0.2], [0.0, 0.1, 0.2], 1),
        ([0.0, 0.0, 0.2], [0.0, 0.001, 0.2], 1),
        ([0.0, 0.0, 0.0, 0.0], [0.0, 0.001, 0.101, 0.102], 3),
        ([7.0, 13.4, 7.1, 13.5], [0.0, 6.4, 6.401, 6.5], 1),
        ([0.0, 5.0, 0.0, 0.1, 0.2], [0.0, 5.0, 5.001, 5.101, 5.201], 2),
    ],
    ids=["clean", "pause", "no-stamps", "first-missing", "one-missing", "duplicate", "frozen", "stray-old-frame", "began-anew"],
)
def test_a_recordings_stamps_are_believed_and_repaired(stamps: list[float | None], times: list[float], repaired: int) -> None:
    timeline = RecordedTimeline(STEP)
    assert [timeline.place(stamp) for stamp in stamps] == pytest.approx(times)
    assert timeline.repaired == repaired


@given(st.lists(STAMPS, min_size=1))
def test_the_times_of_a_recording_begin_at_zero_and_grow(stamps: list[float | None]) -> None:
    timeline = RecordedTimeline(STEP)
    times = [timeline.place(stamp) for stamp in stamps]
    assert times[0] == 0
    assert all(later > earlier for earlier, later in itertools.pairwise(times))


@given(st.lists(st.integers(1, 10_000), min_size=1))
def test_a_growing_recording_keeps_its_own_times(gaps: list[int]) -> None:
    stamps = [3.0 + sum(gaps[:index]) / 1000 for index in range(len(gaps))]
    timeline = RecordedTimeline(STEP)
    assert [timeline.place(stamp) for stamp in stamps] == pytest.approx([stamp - 3.0 for stamp in stamps])


ARRIVALS = st.lists(st.tuples(STAMPS, st.floats(0.002, 30.0)), min_size=1)


@given(ARRIVALS, st.floats(0, 1e6))
def test_the_times_of_a_live_source_grow_and_stay_near_the_clock(frames: list[tuple[float | None, float]], begin: float) -> None:
    timeline = LiveTimeline()
    now, last = begin, -1.0
    for stamp, gap in frames:
        time = timeline.place(stamp, now)
        assert time > last
        assert abs(time - (now - begin)) <= LIVE_TOLERANCE_S + 0.001 * len(frames) + 1e-6
        now, last = now + gap, time


def test_network_jitter_does_not_disturb_a_live_sources_times() -> None:
    timeline = LiveTimeline()
    times = [timeline.place(stamp, arrived) for stamp, arrived in [(50.0, 10.0), (50.1, 10.5), (50.2, 10.51), (50.3, 10.52)]]
    assert times == pytest.approx([0.0, 0.1, 0.2, 0.3])


def test_a_live_source_whose_stamps_begin_anew_goes_on_with_the_clock() -> None:
    timeline = LiveTimeline()
    assert [timeline.place(50.0, 10.0), timeline.place(0.0, 12.0), timeline.place(0.1, 12.1)] == pytest.approx([0.0, 2.0, 2.1])


def test_a_new_connection_goes_on_after_the_gap() -> None:
    again = LiveTimeline(zero=10.0, after=4.0)
    assert again.place(77.0, 31.0) == pytest.approx(21.0)


def test_a_new_connection_never_goes_back_behind_the_old_one() -> None:
    again = LiveTimeline(zero=10.0, after=4.0)
    assert again.place(None, 13.5) > 4.0


def test_a_lump_of_frames_is_paced_by_its_stamps() -> None:
    pace = Pace()
    assert [pace.pause(stamp, 100.0) for stamp in (7.0, 7.5, 8.0)] == pytest.approx([0.0, 0.5, 1.0])


def test_a_frame_that_is_late_is_not_held() -> None:
    pace = Pace()
    pace.pause(7.0, 100.0)
    assert pace.pause(7.1, 101.0) == 0


@given(st.lists(st.tuples(STAMPS, st.floats(0, 100)), min_size=1))
def test_a_pause_is_never_negative_or_long(frames: list[tuple[float | None, float]]) -> None:
    pace = Pace()
    now = 0.0
    for stamp, gap in frames:
        now += gap
        assert 0 <= pace.pause(stamp, now) <= LONGEST_PAUSE_S
