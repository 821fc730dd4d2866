from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentry.cameras.model import CameraGap, CameraHealth, CameraState, GapCause, Hole, RunRecord, Span, Stop, Timeline
from consentry.cameras.rules import SHORTEST_GAP, SILENT_AFTER, changes, gaps, is_news, joined, shown_health, without

if TYPE_CHECKING:
    from random import Random

T0 = datetime(2026, 3, 1, 12, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return T0 + timedelta(minutes=minutes)


def span(start: float, end: float) -> Span:
    return Span(at(start), at(end))


def run(
    name: str, started: float | None, *counted: tuple[float, float], missing: tuple[tuple[float, float], ...] = (), holes: tuple[Hole, ...] = ()
) -> RunRecord:
    spans = tuple(span(*pair) for pair in counted)
    return RunRecord(name, None if started is None else at(started), spans, tuple(span(*pair) for pair in missing), holes)


def line(*runs: RunRecord, stops: tuple[Stop, ...] = ()) -> Timeline:
    return Timeline("door", runs, stops)


def found(timeline: Timeline, now: float) -> list[tuple[datetime, datetime | None, GapCause, str]]:
    return [(gap.start, gap.end, gap.cause, gap.detail) for gap in gaps(timeline, at(now))]


def test_minutes_without_a_break_have_no_gap() -> None:
    assert gaps(line(run("a", 0, (0, 30))), at(31)) == []


def test_a_camera_that_never_counted_has_no_gap() -> None:
    assert gaps(line(), at(1000)) == []


def test_a_killed_process_leaves_a_gap_from_its_last_minute_to_the_next_first_frame() -> None:
    timeline = line(run("a", 0, (0, 10)), run("b", 11.55, (11, 20)), stops=(Stop(at(11.5), -9),))
    assert found(timeline, 20) == [(at(10), at(11.55), GapCause.PROCESS_ENDED, "signal 9")]


def test_what_a_process_counted_after_its_end_is_not_believed() -> None:
    timeline = line(run("a", 0, (0, 12)), run("b", 12.5, (12, 20)), stops=(Stop(at(11.5), 0),))
    assert found(timeline, 20) == [(at(11.5), at(12.5), GapCause.STOPPED, "")]


@pytest.mark.parametrize(
    ("stops", "cause", "detail"),
    [
        ((), GapCause.SERVICE_DOWN, ""),
        ((Stop(at(11), 0),), GapCause.STOPPED, ""),
        ((Stop(at(11), 3),), GapCause.PROCESS_ENDED, "exit status 3"),
        ((Stop(at(11), None),), GapCause.PROCESS_ENDED, ""),
        ((Stop(at(12), 0), Stop(at(11), -11)), GapCause.PROCESS_ENDED, "signal 11"),
    ],
)
def test_the_cause_of_a_gap_between_runs_is_how_the_first_one_ended(stops: tuple[Stop, ...], cause: GapCause, detail: str) -> None:
    assert found(line(run("a", 0, (0, 10)), run("b", 15, (15, 20)), stops=stops), 20) == [(at(10), at(15), cause, detail)]


def test_a_time_without_frames_is_a_gap_to_the_second_whatever_minutes_say() -> None:
    hole = Hole(span(3.5, 5.25), "no frames")
    timeline = line(run("a", 0, (0, 4), (5, 10), missing=((4, 5),), holes=(hole,)))
    assert found(timeline, 10) == [(at(3.5), at(5.25), GapCause.NO_PICTURE, "no frames")]


def test_minutes_without_a_picture_open_a_gap_before_the_camera_explains() -> None:
    assert found(line(run("a", 0, (0, 4), missing=((4, 8),))), 8) == [(at(4), None, GapCause.NO_PICTURE, "")]


def test_minutes_that_never_arrived_are_a_gap() -> None:
    assert found(line(run("a", 0, (0, 4), (6, 10))), 10) == [(at(4), at(6), GapCause.FIGURES_LOST, "")]


def test_silence_opens_a_gap_only_after_a_while() -> None:
    timeline = line(run("a", 0, (0, 4)))
    assert found(timeline, 4 + SILENT_AFTER / timedelta(minutes=1)) == []
    assert found(timeline, 6.6) == [(at(4), None, GapCause.SILENT, "")]


def test_a_first_frame_alone_is_where_silence_is_measured_from() -> None:
    assert found(line(run("a", 1)), 6) == [(at(1), None, GapCause.SILENT, "")]


def test_less_than_a_second_is_no_gap() -> None:
    assert gaps(line(run("a", 0, (0, 10)), run("b", 10 + 0.9 / 60, (10, 12))), at(12)) == []


places = st.integers(0, 40)
spans = st.lists(st.tuples(places, st.integers(1, 6)).map(lambda pair: span(pair[0], pair[0] + pair[1])), max_size=12)


@given(spans, st.randoms(use_true_random=False))
def test_joined_spans_are_the_same_in_any_order_apart_and_cover_the_same_time(given_spans: list[Span], chance: Random) -> None:
    once = joined(given_spans)
    shuffled = [*given_spans, *given_spans]
    chance.shuffle(shuffled)
    assert joined(shuffled) == once
    assert all(a.end < b.start for a, b in pairwise(once))
    assert covered(once) == covered(given_spans)


@given(spans, spans)
def test_without_takes_away_exactly_the_holes(given_spans: list[Span], holes: list[Span]) -> None:
    assert covered(without(given_spans, holes)) == covered(given_spans) - covered(holes)


def covered(given_spans: list[Span] | tuple[Span, ...]) -> set[int]:
    """Return the minutes that spans cover: an oracle that knows nothing of sorting and joining."""
    return {number for number in range(60) if any(part.start <= at(number) < part.end for part in given_spans)}


@given(spans, spans, st.lists(places, max_size=4))
def test_every_moment_is_either_watched_or_in_exactly_one_gap(first: list[Span], second: list[Span], stops: list[int]) -> None:
    starts = [min((part.start for part in part_of_run), default=None) for part_of_run in (first, second)]
    runs = [RunRecord(name, start, joined(part_of_run)) for name, start, part_of_run in zip("ab", starts, (first, second), strict=True)]
    timeline = Timeline("door", tuple(runs), tuple(Stop(at(stop + 0.5), -9) for stop in stops))
    result = gaps(timeline, at(100))
    ends = [gap.end or at(100) for gap in result]
    assert all(end - gap.start >= SHORTEST_GAP for gap, end in zip(result, ends, strict=True))
    assert all(end <= later.start for end, later in zip(ends, result[1:], strict=False))
    minutes = {number for number in range(60) if any(gap.start <= at(number + 0.25) < end for gap, end in zip(result, ends, strict=True))}
    counted = {number for number in covered([*first, *second]) if number not in minutes}
    begun = min((start for start in starts if start), default=None)
    since = {number for number in range(60) if begun and begun <= at(number)}
    assert minutes | counted == since
    if not stops:
        assert counted == covered([*first, *second])


gap_lists = st.lists(st.tuples(places, st.integers(1, 3)), max_size=8).map(
    lambda pairs: [CameraGap("door", part.start, part.end, GapCause.SILENT) for part in joined(span(2 * a, 2 * a + b) for a, b in pairs)]
)


@given(gap_lists, gap_lists)
def test_changes_turn_the_gaps_on_record_into_those_that_are_known(recorded: list[CameraGap], folded: list[CameraGap]) -> None:
    became = changes(recorded, folded)
    gone = [*became.filled, *(before for before, _ in became.changed)]
    after = [gap for gap in recorded if gap not in gone] + [gap for _, gap in became.changed] + list(became.found)
    assert sorted(after, key=lambda gap: gap.start) == folded


def test_a_gap_keeps_its_id_while_it_grows_ends_and_is_known_better() -> None:
    before = CameraGap("door", at(4), None, GapCause.SILENT, id="g1")
    after = CameraGap("door", at(3.5), at(9), GapCause.NO_PICTURE, "no frames")
    became = changes([before], [after])
    assert became.changed == ((before, after),)
    assert became.changed[0][1].id == "g1"
    assert became.found == became.filled == ()


LIVE, STALLED, STOPPED, STARTING = CameraState.LIVE, CameraState.STALLED, CameraState.STOPPED, CameraState.STARTING


@pytest.mark.parametrize(
    ("said", "before", "now", "news"),
    [
        ((LIVE, 5), (STARTING, None), 5, True),
        ((LIVE, 5), (STALLED, 4), 5, True),
        ((LIVE, 5), (LIVE, 5), 5, True),
        ((LIVE, 4), (STALLED, 5), 6, False),
        ((LIVE, 4), (STALLED, 60), 4, True),  # the clock was set back by an hour
        ((LIVE, 5), (STOPPED, 5), 5, False),
        ((STOPPED, 5), (LIVE, 5), 5, True),
        ((STARTING, 5), (STOPPED, 5), 5, True),
        ((STOPPED, 5), (STARTING, 5), 5, False),
    ],
)
def test_older_news_are_none_unless_the_clock_was_set_back(
    said: tuple[CameraState, float], before: tuple[CameraState, float | None], now: float, news: bool
) -> None:
    state, heard = before
    was = CameraHealth(state, heard=None if heard is None else at(heard))
    assert is_news(said[0], at(said[1]), was, at(now)) is news


def test_a_camera_that_lacks_something_is_incomplete_and_says_what() -> None:
    shown = shown_health(CameraHealth(CameraState.LIVE), ("basis", "sign.photo"), T0)
    assert (shown.state, shown.reason) == (CameraState.INCOMPLETE, "basis, sign.photo")


@pytest.mark.parametrize(
    ("state", "shown"),
    [(CameraState.LIVE, CameraState.SILENT), (CameraState.STALLED, CameraState.SILENT), (CameraState.STOPPED, CameraState.STOPPED)],
)
def test_a_camera_that_is_not_heard_of_is_silent_unless_it_was_stopped(state: CameraState, shown: CameraState) -> None:
    assert shown_health(CameraHealth(state, heard=T0), (), at(3)).state is shown
    assert shown_health(CameraHealth(state, heard=T0), (), at(2)).state is state
