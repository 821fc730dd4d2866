"""When a live source is stalled, dead and opened again."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentry.video.model import SourceState
from consentry.video.rules import Action, Course, Ended, Event, Patience, Picture, Tick, advance, begin, retry_delay

PATIENCE = Patience()
CHANCES = st.floats(0, 1, exclude_max=True)


@dataclass
class Played:
    """A course played by a script of events, with every step it took."""

    course: Course = field(default_factory=lambda: begin(0.0))
    actions: list[Action] = field(default_factory=list)
    chance: float = 0.0

    def at(self, *events: Event) -> Played:
        for event in events:
            self.course, action = advance(self.course, event, self.chance, PATIENCE)
            self.actions.append(action)
        return self

    def pictures(self, start: float, stop: float, step: float = 0.5) -> Played:
        count = round((stop - start) / step)
        return self.at(*[Picture(start + index * step) for index in range(count + 1)])


def live() -> Played:
    return Played().at(Tick(0.0)).pictures(1.0, 2.0)


def test_a_new_source_is_opened_at_the_first_tick() -> None:
    played = Played().at(Tick(0.0))
    assert (played.course.state, played.actions) == (SourceState.CONNECTING, [Action.OPEN])


def test_the_first_picture_makes_a_source_live() -> None:
    assert live().course.state is SourceState.LIVE


@pytest.mark.parametrize(
    ("silence", "state", "action"),
    [
        (1.9, SourceState.LIVE, Action.NONE),
        (2.0, SourceState.STALLED, Action.NONE),
        (4.4, SourceState.STALLED, Action.NONE),
        (4.5, SourceState.WAITING, Action.KILL),
    ],
)
def test_a_silent_source_is_stalled_then_dead_before_five_seconds(silence: float, state: SourceState, action: Action) -> None:
    played = live().at(Tick(2.0 + silence))
    assert (played.course.state, played.actions[-1]) == (state, action)


@pytest.mark.parametrize(
    ("waited", "state", "action"),
    [(4.4, SourceState.CONNECTING, Action.NONE), (4.5, SourceState.STALLED, Action.NONE), (10.0, SourceState.WAITING, Action.KILL)],
)
def test_a_source_without_a_first_picture_is_stalled_then_dead(waited: float, state: SourceState, action: Action) -> None:
    played = Played().at(Tick(0.0), Tick(waited))
    assert (played.course.state, played.actions[-1]) == (state, action)


def test_a_stalled_source_that_gives_a_picture_is_live_again() -> None:
    assert live().at(Tick(5.0), Picture(5.1)).course.state is SourceState.LIVE


def test_a_source_that_ended_is_opened_again_after_its_delay() -> None:
    played = live().at(Ended(3.0, "connection refused"))
    assert played.course.state is SourceState.WAITING
    assert "connection refused; trying again in 0.5 s" in played.course.reason
    assert played.at(Tick(3.4), Tick(3.5)).actions[-2:] == [Action.NONE, Action.OPEN]


def test_a_source_that_is_opened_again_still_says_what_was_wrong() -> None:
    assert live().at(Ended(3.0, "connection refused"), Tick(4.0)).course.reason == "opening the source again after: connection refused"


def test_a_final_end_is_never_tried_again() -> None:
    played = live().at(Ended(3.0, "no video", final=True))
    assert (played.course.state, played.actions[-1]) == (SourceState.FAILED, Action.KILL)
    assert set(played.at(Tick(1e6), Picture(1e6), Ended(1e6, "again")).actions[-3:]) == {Action.NONE}


def test_nine_seconds_of_pictures_do_not_reset_the_delay() -> None:
    played = live().at(Ended(3.0, "x"), Tick(4.0)).pictures(5.0, 14.0).at(Ended(14.1, "x"))
    assert played.course.failures == 2


def test_ten_seconds_of_pictures_reset_the_delay() -> None:
    played = live().at(Ended(3.0, "x"), Tick(4.0)).pictures(5.0, 15.0).at(Ended(15.1, "x"))
    assert played.course.failures == 1


def test_a_stall_begins_the_ten_seconds_anew() -> None:
    played = live().at(Ended(3.0, "x"), Tick(4.0)).pictures(5.0, 12.0).at(Tick(14.1)).pictures(14.2, 17.2).at(Ended(17.3, "x"))
    assert played.course.failures == 2


def test_a_gap_that_no_tick_saw_begins_the_ten_seconds_anew() -> None:
    played = live().at(Ended(3.0, "x"), Tick(4.0)).pictures(5.0, 12.0).pictures(15.0, 18.0).at(Ended(18.1, "x"))
    assert played.course.failures == 2


@given(st.integers(1, 10_000), CHANCES)
def test_a_delay_is_bounded(failures: int, chance: float) -> None:
    assert PATIENCE.first_delay_s / 2 <= retry_delay(failures, chance, PATIENCE) <= PATIENCE.longest_delay_s


@given(st.integers(1, 10_000), CHANCES)
def test_a_delay_with_the_same_chance_never_shrinks_with_failures(failures: int, chance: float) -> None:
    assert retry_delay(failures + 1, chance, PATIENCE) >= retry_delay(failures, chance, PATIENCE)


HAPPENINGS = st.lists(st.tuples(st.sampled_from(["tick", "picture", "end"]), st.floats(0.01, 12.0), CHANCES), max_size=60)


def event_of(kind: str, now: float) -> Event:
    events: dict[str, Event] = {"tick": Tick(now), "picture": Picture(now), "end": Ended(now, "it ended")}
    return events[kind]


@given(HAPPENINGS)
def test_a_process_is_opened_only_when_none_runs_and_killed_only_when_one_does(happenings: list[tuple[str, float, float]]) -> None:
    course, now, running = begin(0.0), 0.0, False
    for kind, gap, chance in happenings:
        now += gap
        course, action = advance(course, event_of(kind, now), chance, PATIENCE)
        assert (action, running) not in {(Action.OPEN, True), (Action.KILL, False)}
        running = running if action is Action.NONE else action is Action.OPEN
        assert course.connected == running


@given(HAPPENINGS)
def test_failures_are_forgotten_only_after_sustained_pictures(happenings: list[tuple[str, float, float]]) -> None:
    course, now = begin(0.0), 0.0
    run: list[float] = []
    for kind, gap, chance in happenings:
        now += gap
        before = course
        course, _ = advance(course, event_of(kind, now), chance, PATIENCE)
        if kind == "picture" and before.connected:
            run = [*run, now] if run and now - run[-1] < PATIENCE.stalled_after_s else [now]
        if not course.connected:
            run = []
        if course.failures < before.failures:
            assert run[-1] - run[0] >= PATIENCE.sustained_s


@given(HAPPENINGS)
def test_a_source_is_never_tried_before_its_delay_and_always_after(happenings: list[tuple[str, float, float]]) -> None:
    course, now = begin(0.0), 0.0
    for kind, gap, chance in happenings:
        now += gap
        before = course
        course, action = advance(course, event_of(kind, now), chance, PATIENCE)
        if before.state is SourceState.WAITING and kind == "tick":
            assert (action is Action.OPEN) == (now >= before.retry_at)
        if course.state is SourceState.WAITING:
            assert course.retry_at - now <= PATIENCE.longest_delay_s


@given(HAPPENINGS)
def test_every_state_has_its_reason(happenings: list[tuple[str, float, float]]) -> None:
    course, now = begin(0.0), 0.0
    for kind, gap, chance in happenings:
        now += gap
        course, _ = advance(course, event_of(kind, now), chance, PATIENCE)
        assert course.reason
