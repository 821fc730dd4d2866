"""Changing a draft of the policy, and reading the forms that change it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from consentry.access.model import OUTSIDE, AntiPassback, Door, Holiday, PassbackMode, Policy, ReaderKind, Rule, Schedule, Span
from consentry.access.page import drafting
from consentry.access.page.policy_doors import door_of, passback_of
from consentry.access.page.policy_rules import rule_of
from consentry.access.page.policy_times import schedule_of
from consentry.access.policy_text import draft_document, read_draft
from consentry.console.answers import Answers
from consentry.platform.errors import ConflictError, InputError

FRONT = Door("front", (ReaderKind.CARD,))
LIFT = Door("lift", (ReaderKind.CARD,), "inside", "floors")
NEVER = ((),) * 7
OFFICE = Schedule("office", ((Span(480, 1080),),) * 5 + ((), ()))
POLICY = Policy(1, "Asia/Shanghai", (FRONT, LIFT), (OFFICE,), rules=(Rule("r-1", "residents", ("front",)), Rule("r-2", "staff", ("front",), "office")))
NEW_YEAR = date(2027, 1, 1)


def sent(**values: str | list[str]) -> Answers:
    """Return what a browser sends, where names may hold a ``-`` as ``_``."""
    return Answers.of({}, {name.replace("_", "-"): value if isinstance(value, list) else [value] for name, value in values.items()})


def test_a_rule_takes_the_place_of_the_one_with_its_id_or_comes_last() -> None:
    changed = drafting.with_rule(POLICY, Rule("r-1", "residents", ("front", "lift")))
    assert [rule.doors for rule in changed.rules] == [("front", "lift"), ("front",)]
    assert [rule.id for rule in drafting.with_rule(POLICY, Rule("r-3", "guests", ("lift",))).rules] == ["r-1", "r-2", "r-3"]
    assert [rule.id for rule in drafting.without_rule(POLICY, "r-1").rules] == ["r-2"]
    assert POLICY.rules[0].doors == ("front",), "what is in force stays as it is"


@pytest.mark.parametrize("policy", [POLICY, replace(POLICY, rules=(), doors=(replace(FRONT, first_card="office"),))])
def test_a_schedule_that_something_names_stays(policy: Policy) -> None:
    with pytest.raises(ConflictError, match="names this schedule"):
        drafting.without_schedule(policy, "office")


def test_a_schedule_that_nothing_names_goes() -> None:
    assert drafting.without_schedule(replace(POLICY, rules=()), "office").schedules == ()
    assert [one.id for one in drafting.with_schedule(POLICY, Schedule("night", NEVER)).schedules] == ["office", "night"]


def test_a_day_is_one_holiday_and_holidays_stand_in_order() -> None:
    once = drafting.with_holiday(drafting.with_holiday(POLICY, Holiday(NEW_YEAR, "closed")), Holiday(date(2026, 10, 1), "closed"))
    twice = drafting.with_holiday(once, Holiday(NEW_YEAR, "short"))
    assert [(one.day.year, one.kind) for one in twice.holidays] == [(2026, "closed"), (2027, "short")]
    assert drafting.holiday_kinds(twice) == ["closed", "short"]
    assert [one.day.year for one in drafting.without_holiday(twice, NEW_YEAR).holidays] == [2026]


def test_areas_are_those_behind_doors_without_the_one_outside() -> None:
    assert drafting.areas_of(POLICY) == ["floors", "inside"]
    assert OUTSIDE not in drafting.areas_of(POLICY)


def test_an_area_without_anti_passback_is_not_written_down() -> None:
    strict = drafting.with_passback(POLICY, "floors", PassbackMode(AntiPassback.HARD))
    assert strict.passback == {"floors": PassbackMode(AntiPassback.HARD)}
    assert drafting.with_passback(strict, "floors", PassbackMode()).passback == {}


def test_what_the_forms_make_is_a_draft_that_the_service_reads() -> None:
    policy = drafting.with_rule(POLICY, rule_of(sent(group="guests", door=["front", "lift"], schedule="office", deny="on"), "r-3"))
    policy = drafting.with_schedule(policy, schedule_of(sent(schedule="night", day_0="22:00-24:00", holiday_closed="")))
    policy = drafting.with_holiday(policy, Holiday(NEW_YEAR, "closed"))
    policy = drafting.with_passback(policy, "inside", passback_of(sent(mode="timed", minutes="15")))
    policy = drafting.with_door(policy, door_of(LIFT, sent(first_card="office", group=["staff"], two_people="20")))
    assert read_draft(draft_document(policy), version=1, zone=policy.zone, doors=(FRONT, LIFT)) == policy
    assert policy.rules[-1] == Rule("r-3", "guests", ("front", "lift"), "office", deny=True)
    assert (policy.schedules[-1].week[0], policy.schedules[-1].holidays) == ((Span(1320, 1440),), {})
    assert policy.passback["inside"] == PassbackMode(AntiPassback.TIMED, timedelta(minutes=15))
    assert (policy.doors[1].first_card_groups, policy.doors[1].two_people_s) == (("staff",), 20.0)


def test_a_rule_needs_a_group_and_a_door() -> None:
    with pytest.raises(InputError, match="names no door"):
        rule_of(sent(group="guests"), "r-3")
    with pytest.raises(InputError, match="still empty"):
        rule_of(sent(door=["front"]), "r-3")


@pytest.mark.parametrize("minutes", ["", "0", "-5", "1441", "soon", "1.5"])
def test_a_while_is_a_number_of_minutes_of_a_day(minutes: str) -> None:
    with pytest.raises(InputError):
        passback_of(sent(mode="timed", minutes=minutes))


def test_minutes_count_only_where_it_is_refused_for_a_while() -> None:
    assert passback_of(sent(mode="hard", minutes="15")) == PassbackMode(AntiPassback.HARD)


def test_somebody_has_to_come_first_where_a_door_is_to_stand_unlocked() -> None:
    with pytest.raises(InputError, match="nobody who has to come first"):
        door_of(LIFT, sent(first_card="office"))
    assert door_of(LIFT, sent(first_card="", group=["staff"])) == LIFT


@pytest.mark.parametrize("seconds", ["0", "61", "many"])
def test_a_second_person_has_seconds_to_come(seconds: str) -> None:
    with pytest.raises(InputError, match="no number in the range"):
        door_of(LIFT, sent(two_people=seconds))
