from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentry.alarms import rules
from consentry.alarms.model import Alarm, AlarmKind, AlarmState, Channel, Delivery, DeliveryState, Severity, Sighting, Step

T0 = datetime(2026, 3, 1, 12, tzinfo=UTC)
SETTLED = rules.POLICIES[AlarmKind.CAMERA_STOPPED].settle
GIB = 1 << 30


def at(minutes: float) -> datetime:
    return T0 + timedelta(minutes=minutes)


def sight(minutes: float, *, present: bool, kind: AlarmKind = AlarmKind.CAMERA_STOPPED) -> Sighting:
    return Sighting(kind, "door", present, at(minutes), "stalled")


def raised(kind: AlarmKind = AlarmKind.CAMERA_STOPPED) -> Alarm:
    alarm = rules.seen(None, sight(0, present=True, kind=kind), "a1")
    assert alarm is not None
    return alarm


def test_every_kind_has_a_policy() -> None:
    assert set(rules.POLICIES) == set(AlarmKind)


def test_nothing_wrong_raises_nothing() -> None:
    assert rules.seen(None, sight(0, present=False), "a1") is None


def test_a_storm_of_sightings_is_one_alarm() -> None:
    alarm = raised()
    for minute in range(1, 100):
        found = rules.seen(alarm, sight(minute, present=True), "another")
        assert found is not None
        alarm = found
    assert (alarm.id, alarm.times, alarm.last_seen, alarm.state) == ("a1", 100, at(99), AlarmState.OPEN)


@pytest.mark.parametrize("again", [0, -5])
def test_what_is_told_again_or_late_changes_nothing(again: float) -> None:
    assert rules.seen(raised(), sight(again, present=True), "x") == raised()
    assert rules.seen(raised(), sight(again, present=False), "x") == raised()


def test_it_closes_by_itself_only_after_it_was_well_for_long_enough() -> None:
    assert timedelta(minutes=2) == SETTLED
    states = []
    alarm: Alarm | None = raised()
    for minute, present in [(1, False), (2, False), (2.5, True), (3, False), (4.9, False), (5, False)]:
        alarm = rules.seen(alarm, sight(minute, present=present), "x")
        assert alarm is not None
        states.append(alarm.state)
    assert states == [AlarmState.OPEN] * 5 + [AlarmState.CLOSED]
    assert alarm is not None
    assert alarm.closed == at(5)


@pytest.mark.parametrize("kind", [kind for kind, policy in rules.POLICIES.items() if policy.settle is None])
def test_what_happened_and_is_over_waits_for_a_person(kind: AlarmKind) -> None:
    alarm = raised(kind)
    assert rules.seen(alarm, sight(1e6, present=False, kind=kind), "x") == alarm
    known = rules.acknowledged(alarm, "staff:s1", "seen", at(5))
    assert (known.state, known.closed, known.acknowledged_by, known.note) == (AlarmState.CLOSED, at(5), "staff:s1", "seen")


def test_an_acknowledged_alarm_stays_until_it_is_well() -> None:
    known = rules.acknowledged(raised(), "staff:s1", "on my way", at(5))
    assert (known.state, known.closed) == (AlarmState.ACKNOWLEDGED, None)
    still_there = rules.seen(known, sight(6, present=True), "x")
    assert still_there is not None
    assert still_there.state is AlarmState.ACKNOWLEDGED


@pytest.mark.parametrize(
    ("alarm", "minutes", "overdue"),
    [
        (raised(), 29, False),
        (raised(), 30, True),
        (rules.acknowledged(raised(), "staff:s1", "", at(1)), 600, False),
        (rules.escalated(raised(), at(30)), 600, False),
        (rules.closed(raised(), at(1)), 600, False),
        (raised(AlarmKind.CAMERA_GAP), 600, False),
    ],
)
def test_only_an_alarm_that_nobody_acknowledged_is_escalated_once(alarm: Alarm, minutes: float, overdue: bool) -> None:
    assert rules.is_overdue(alarm, timedelta(minutes=30), at(minutes)) is overdue


sightings = st.lists(st.tuples(st.integers(0, 60), st.booleans()), max_size=40)


@given(sightings, st.sampled_from(AlarmKind))
def test_whatever_is_seen_an_alarm_is_open_while_it_is_there_and_closes_only_after_settling(seen: list[tuple[int, bool]], kind: AlarmKind) -> None:
    policy = rules.POLICIES[kind]
    alarm: Alarm | None = None
    quiet_from: float | None = None
    for number, (minute, present) in enumerate(sorted(seen)):
        before = alarm if alarm and alarm.state is not AlarmState.CLOSED else None
        fresh = before is None or at(minute) > before.last_seen
        alarm = rules.seen(before, sight(minute, present=present, kind=kind), f"a{number}")
        if present and fresh:
            quiet_from = None
            assert alarm is not None
            assert alarm.state is AlarmState.OPEN
        elif fresh and before is not None:
            quiet_from = minute if quiet_from is None else quiet_from
            assert alarm is not None
            settled = policy.settle is not None and timedelta(minutes=minute - quiet_from) >= policy.settle
            assert (alarm.state is AlarmState.CLOSED) is settled
            assert alarm.raised <= alarm.last_seen <= at(minute)
        if alarm is None or alarm.state is AlarmState.CLOSED:
            quiet_from = None


@pytest.mark.parametrize(
    ("free", "total", "was_low", "low"),
    [
        (2 * GIB, 100 * GIB, False, False),
        (GIB - 1, 100 * GIB, False, True),
        (GIB, 100 * GIB, False, False),
        (GIB, 100 * GIB, True, True),
        (3 * GIB // 2, 100 * GIB, True, False),
        (GIB // 2 + GIB // 100, 10 * GIB, False, False),
        (GIB // 2 - 1, 10 * GIB, False, True),
        (6 * GIB // 10, 10 * GIB, True, True),
        (9 * GIB // 10, 10 * GIB, True, False),
    ],
)
def test_a_disk_that_was_low_stays_low_until_there_is_clearly_room(free: int, total: int, was_low: bool, low: bool) -> None:
    assert rules.is_low(free, total, was_low=was_low) is low


@given(st.integers(0, 10 * GIB), st.integers(1, 200 * GIB))
def test_no_amount_of_room_makes_the_disk_flap(free: int, total: int) -> None:
    was = rules.is_low(free, total, was_low=False)
    assert rules.is_low(free, total, was_low=was) is was


@pytest.mark.parametrize(
    ("wall", "steady", "jump"), [(30, 30, None), (59, 30, None), (60, 30, 30), (-3570, 30, -3600), (3630, 30, 3600), (1, 30, None), (0, 30, -30)]
)
def test_a_clock_that_leaves_the_steady_one_by_half_a_minute_has_jumped(wall: float, steady: float, jump: float | None) -> None:
    found = rules.clock_jump(timedelta(seconds=wall), timedelta(seconds=steady))
    assert found == (None if jump is None else timedelta(seconds=jump))


BOTH = frozenset(Channel)


def test_of_a_way_that_fails_only_the_other_tells() -> None:
    failing = replace(raised(AlarmKind.DELIVERY_FAILED), subject=Channel.EMAIL.value)
    assert rules.channels_for(failing, BOTH) == {Channel.WEBHOOK}
    assert rules.channels_for(raised(), BOTH) == BOTH


def delivery() -> Delivery:
    return Delivery("d1", "a1", Step.RAISED, Channel.EMAIL, DeliveryState.PENDING, made=T0, due=T0)


def test_tries_come_later_each_time_and_end_after_a_day() -> None:
    tried, now, waits = delivery(), T0, []
    while tried.state is DeliveryState.PENDING:
        tried = rules.after_failure(tried, "refused", now)
        waits.append((tried.due - now).total_seconds())
        now = tried.due
    assert waits[:8] == [10, 20, 40, 80, 160, 320, 640, 900]
    assert set(waits[7:]) == {900}
    assert timedelta(hours=24) <= now - T0 <= timedelta(hours=24, minutes=30)
    assert (tried.state, tried.attempts) == (DeliveryState.GIVEN_UP, len(waits))


@pytest.mark.parametrize(
    ("before", "after", "steps"),
    [
        (None, raised(), [Step.RAISED]),
        (raised(), rules.escalated(raised(), T0), [Step.ESCALATED]),
        (raised(), rules.closed(raised(), T0), [Step.CLOSED]),
        (raised(), rules.acknowledged(raised(), "staff:s1", "", T0), []),
        (raised(), replace(raised(), times=2), []),
    ],
)
def test_people_are_told_of_raising_escalating_and_closing(before: Alarm | None, after: Alarm, steps: list[Step]) -> None:
    assert rules.steps_between(before, after) == steps


def test_what_breaks_evidence_keeps_a_template_or_endangers_people_is_critical() -> None:
    critical = {kind for kind, policy in rules.POLICIES.items() if policy.severity is Severity.CRITICAL}
    ours = {AlarmKind.RECOGNITION_INCIDENT, AlarmKind.VAULT_AWAY, AlarmKind.ERASURE_LATE}
    doors = {AlarmKind.DURESS, AlarmKind.DOOR_FORCED, AlarmKind.DOOR_TAMPER, AlarmKind.FACE_ALONE, AlarmKind.CONTROLLER_AWAY, AlarmKind.DOOR_POLICY_EXPIRED}
    logs = {AlarmKind.DOOR_LOG_FULL, AlarmKind.DOOR_EVENTS_LOST, AlarmKind.DOOR_LOG_BROKEN}
    assert critical == {AlarmKind.DISK_LOW, AlarmKind.RETENTION_OVERDUE, AlarmKind.LEDGER_AUDIT_FAILED, *ours, *doors, *logs}
