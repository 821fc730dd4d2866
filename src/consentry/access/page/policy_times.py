"""The schedules and holidays of a policy as forms: hours of each weekday, and of days that are not as their weekday."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consentry.access.model import Holiday, Schedule
from consentry.access.page.drafting import holiday_kinds, with_holiday, with_schedule, without_holiday, without_schedule
from consentry.access.page.policy_draft import draft_of, keep_draft
from consentry.access.page.times import DAYS, spans_of, spans_text, weekdays
from consentry.console.elements import tag, text
from consentry.console.pages import act
from consentry.console.reading import day_of
from consentry.console.widgets import button, card, dialog, field, form, nothing, opener
from consentry.platform.actors import Permission

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from consentry.access.model import Policy
    from consentry.console.answers import Answers
    from consentry.console.screen import Screen

__all__ = ["draw_holidays", "draw_schedules", "schedule_of", "week_words"]


def draw_schedules(screen: Screen, policy: Policy) -> None:
    """Add the schedules."""
    lead = screen.say("Hours of each weekday, by the site's time {zone}; when clocks change, the hours on the wall count.", zone=policy.zone)
    with card(screen.say("Schedules"), lead, classes="flush"):
        if not policy.schedules:
            nothing(screen.say("No schedule yet"), screen.say("Rules hold always. Add one such as office hours."))
        with tag("ul", "rows"):
            for schedule in policy.schedules:
                _schedule(screen, policy, schedule)
        if screen.may(Permission.MANAGE_DOORS):
            with tag("div", "row all-of-them"):
                _editor(screen, policy, None)


def _schedule(screen: Screen, policy: Policy, schedule: Schedule) -> None:
    with tag("li", "wrap"):
        with tag("div", "grow"):
            text("div", schedule.id, "strong")
            for line in week_words(screen, schedule):
                text("div", line, "quiet small figure")
        if screen.may(Permission.MANAGE_DOORS):
            with tag("div", "acts"):
                _editor(screen, policy, schedule)
                name = screen.say("Remove {name}", name=schedule.id)
                button(screen, screen.say("Remove"), remove_schedule, {"schedule": schedule.id}, look="danger", name=name)


def week_words(screen: Screen, schedule: Schedule) -> Iterator[str]:
    """Yield the hours of a schedule in lines, weekdays with the same hours together."""
    start = 0
    for place in range(1, DAYS + 1):
        if place < DAYS and schedule.week[place] == schedule.week[start]:
            continue
        yield screen.say("{what}: {subject}", what=weekdays(screen, start, place - 1), subject=spans_text(schedule.week[start]) or screen.say("never"))
        start = place
    for kind, spans in schedule.holidays.items():
        yield screen.say("{what}: {subject}", what=screen.say("holiday {kind}", kind=kind), subject=spans_text(spans) or screen.say("never"))


def _editor(screen: Screen, policy: Policy, schedule: Schedule | None) -> None:
    title = screen.say("Change {name}", name=schedule.id) if schedule else screen.say("Add a schedule")
    lead = screen.say("Write hours as 08:00-12:00, 13:00-18:00; the whole day is 00:00-24:00; empty is never.")
    with dialog(title, lead) as asked, form(screen, put_schedule, screen.say("Put it into the draft"), {"schedule": schedule.id} if schedule else None):
        if schedule is None:
            field(screen.say("Id"), "schedule", screen.say("Small letters, digits and hyphens, such as office-hours."), maxlength=40, required=True)
        for place in range(DAYS):
            field(weekdays(screen, place, place), f"day-{place}", value=spans_text(schedule.week[place]) if schedule else "", autocomplete="off")
        for kind in _kinds(policy, schedule):
            spans = schedule.holidays.get(kind, ()) if schedule else ()
            field(screen.say("holiday {kind}", kind=kind), f"holiday-{kind}", value=spans_text(spans), autocomplete="off")
    if schedule:
        opener(screen.say("Change…"), asked, name=title)
    else:
        opener(screen.say("Add a schedule…"), asked, picture="add")


def _kinds(policy: Policy, schedule: Schedule | None) -> Sequence[str]:
    return sorted({*holiday_kinds(policy), *(schedule.holidays if schedule else ())})


def schedule_of(answers: Answers) -> Schedule:
    """Return the schedule that a form sends. A kind of holiday that is left empty is a day on which it never holds.

    Raises:
        InputError: ``form.empty``, ``access.times``.
    """
    week = tuple(spans_of(answers.one(f"day-{place}")) for place in range(DAYS))
    kinds = {name.removeprefix("holiday-"): spans_of(answers.one(name)) for name in answers.values if name.startswith("holiday-")}
    return Schedule(answers.need("schedule"), week, {kind: spans for kind, spans in kinds.items() if spans})


def draw_holidays(screen: Screen, policy: Policy) -> None:
    """Add the days that are not as their weekday."""
    lead = screen.say("On such a day a schedule holds by the hours it gives to the kind of day, and where it gives none, never.")
    with card(screen.say("Holidays"), lead, classes="flush"):
        if not policy.holidays:
            nothing(screen.say("No holiday yet"), screen.say("Every day is as its weekday."))
        with tag("ul", "rows"):
            for holiday in policy.holidays:
                _holiday(screen, holiday)
        if screen.may(Permission.MANAGE_DOORS):
            with tag("div", "row all-of-them"):
                _add_holiday(screen)


def _holiday(screen: Screen, holiday: Holiday) -> None:
    words = f"{holiday.day.isoformat()} {screen.speech.weekday(holiday.day)}"
    with tag("li", "wrap"):
        text("span", words, "strong figure")
        text("span", holiday.kind, "grow")
        if screen.may(Permission.MANAGE_DOORS):
            name = screen.say("Remove {name}", name=words)
            button(screen, screen.say("Remove"), remove_holiday, {"day": holiday.day.isoformat()}, look="danger", name=name)


def _add_holiday(screen: Screen) -> None:
    with dialog(screen.say("Add a holiday")) as asked, form(screen, put_holiday, screen.say("Put it into the draft")):
        field(screen.say("Day"), "day", type="date", required=True)
        hint = screen.say("One word, such as closed or short; schedules can give hours to it.")
        field(screen.say("Kind of day"), "kind", hint, value="closed", maxlength=40, required=True)
    opener(screen.say("Add a holiday…"), asked, picture="add")


@act(Permission.MANAGE_DOORS)
async def put_schedule(screen: Screen, answers: Answers) -> None:
    """Put a schedule into the draft."""
    await keep_draft(screen, with_schedule(await draft_of(screen), schedule_of(answers)))


@act(Permission.MANAGE_DOORS)
async def remove_schedule(screen: Screen, answers: Answers) -> None:
    """Take a schedule out of the draft."""
    await keep_draft(screen, without_schedule(await draft_of(screen), answers.need("schedule")))


@act(Permission.MANAGE_DOORS)
async def put_holiday(screen: Screen, answers: Answers) -> None:
    """Put a holiday into the draft."""
    holiday = Holiday(day_of(answers.need("day")), answers.need("kind"))
    await keep_draft(screen, with_holiday(await draft_of(screen), holiday))


@act(Permission.MANAGE_DOORS)
async def remove_holiday(screen: Screen, answers: Answers) -> None:
    """Take a holiday out of the draft."""
    await keep_draft(screen, without_holiday(await draft_of(screen), day_of(answers.need("day"))))
