"""The overview: how many came in today, how many are inside, each line, each camera, and what needs attention."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from nicegui import ui

from consentry.alarms import service as alarms
from consentry.alarms.model import AlarmState
from consentry.alarms.page import SEVERITY_TONES, alarm_title
from consentry.cameras import service as cameras
from consentry.cameras.page import STATE_TONES
from consentry.console.answers import Answers
from consentry.console.charts import IntervalChart, sparkline
from consentry.console.dispatch import perform
from consentry.console.elements import tag, text
from consentry.console.figures import absence, band_of, band_source, known, with_band
from consentry.console.pages import act, at, console_page
from consentry.console.places import line_name, no_camera
from consentry.console.series import QUARTER, Frame, bars
from consentry.console.widgets import badge, button_link, card, note, nothing, page_head, stat
from consentry.platform.actors import Permission
from consentry.statistics import service as statistics
from consentry.statistics.model import Query, Step

if TYPE_CHECKING:
    from consentry.alarms.model import Alarm
    from consentry.cameras.model import CameraView
    from consentry.console.screen import Screen
    from consentry.statistics.model import LineToday, Overview

__all__ = ["draw", "refresh"]

REFRESH_S = 60.0
SHOWN_ALARMS = 5


@console_page("/", access=Permission.VIEW_FIGURES, title="Overview")
async def draw(screen: Screen) -> None:
    """Show the site since midnight."""
    today = await screen.ask(statistics.overview)
    found = await screen.ask(cameras.list_cameras) if screen.may(Permission.VIEW_CAMERAS) else []
    when = screen.say("{day}, as of {time}", day=screen.speech.day(today.day.astimezone(screen.speech.zone).date()), time=screen.speech.clock(screen.now))
    with page_head(screen.say("Overview"), when):
        button_link(screen.say("Footfall"), at("/footfall"), picture="footfall")
    with tag("div", "stack"):
        _stats(screen, today)
        with tag("div", "split"):
            with tag("div", "stack"):
                if today.lines:
                    await _day_chart(screen, today)
                _lines(screen, today, found)
            with tag("div", "stack"):
                if screen.may(Permission.VIEW_ALARMS):
                    await _attention(screen)
                if screen.may(Permission.VIEW_CAMERAS):
                    _cameras(screen, found)
    ui.timer(REFRESH_S, lambda: perform(screen, refresh, Answers.of({})), once=True)


def _stats(screen: Screen, today: Overview) -> None:
    total = today.total
    with tag("div", "grid four"):
        for name, summed in ((screen.say("People in today"), total.entered), (screen.say("People out today"), total.left)):
            figure = known(summed, total.coverage)
            if figure is None:
                stat(name, "–", absence(screen, total) if today.lines else screen.say("No line yet"), absent=True)
            else:
                stat(name, screen.speech.number(figure.value), band_of(screen, figure))
        _inside(screen, today)
        stat(screen.say("Watched so far"), screen.speech.percent(total.coverage), screen.say("of the time since midnight"))


async def _day_chart(screen: Screen, today: Overview) -> None:
    frame = Frame(today.day, today.day + timedelta(days=1), QUARTER)
    series = await screen.ask(statistics.footfall, Query(frame.start, frame.end, Step.QUARTER))
    with card(screen.say("People in and out"), screen.say("15 minutes a bar")):
        summary = screen.say("Chart of people in and out today. The footfall page has the same figures as a table.")
        chart = IntervalChart(screen, bars(screen, frame, series.bars), summary, screen.say("Point at a bar, or use the arrow keys."))
        chart.props["height"] = 220
        text("p", band_source(screen, series.band), "quiet small still-note")


def _inside(screen: Screen, today: Overview) -> None:
    minutes = screen.site.settings.site.occupancy_reset
    reset = screen.say("counted from {time}", time=f"{minutes // 60:02d}:{minutes % 60:02d}")
    drift = screen.say_count("{count} more was counted out than in", "{count} more were counted out than in", today.drift) if today.drift else ""
    name = screen.say("People inside now")
    if today.inside is None:
        stat(name, "–", screen.say("Not counted"), absent=True)
    else:
        stat(name, screen.speech.number(today.inside), " · ".join(filter(None, [reset, drift])))


def _lines(screen: Screen, today: Overview, found: list[CameraView]) -> None:
    with card(screen.say("Lines today"), classes="flush"):
        if not today.lines:
            with nothing(screen.say("No line yet"), screen.say("Draw a line across the way that people take, and they are counted from then on."), "footfall"):
                if found and screen.may(Permission.EDIT_CAMERAS):
                    button_link(screen.say("Draw a line"), at("/cameras"), look="main-action")
            return
        with tag("ul", "rows"):
            for line in today.lines:
                _line(screen, line)


def _line(screen: Screen, line: LineToday) -> None:
    with tag("li", "wrap"):
        with tag("div", "grow line-words"):
            text("div", line_name(screen, line.place), "strong")
            entered, left = known(line.entered, line.coverage), known(line.left, line.coverage)
            if entered is None or left is None:
                text("div", screen.say("Not counted"), "quiet small")
            else:
                said = screen.say("In {entered} · out {left}", entered=with_band(screen, entered), left=with_band(screen, left))
                text("div", said, "quiet small figure")
        sparkline(line.quarters, screen.say("People in by quarter of an hour since midnight"))


async def _attention(screen: Screen) -> None:
    waiting = await screen.ask(alarms.list_alarms, states={AlarmState.OPEN, AlarmState.ESCALATED}, limit=SHOWN_ALARMS)
    with card(screen.say("Needs attention")), tag("div", "stack tight"):
        if not waiting:
            note(screen.say("Nothing needs attention"), screen.say("Alarms appear here as soon as something does."), "good")
        for alarm in waiting:
            _alarm(screen, alarm)
        if waiting:
            button_link(screen.say("All alarms"), at("/alarms"), look="plain")


def _alarm(screen: Screen, alarm: Alarm) -> None:
    since = screen.say("since {time}", time=screen.speech.moment(alarm.raised))
    note(alarm_title(screen, alarm), f"{since} · {screen.term('alarm-mend', alarm.kind)}", SEVERITY_TONES[alarm.severity])


def _cameras(screen: Screen, found: list[CameraView]) -> None:
    with card(screen.say("Cameras"), classes="flush"):
        if not found:
            no_camera(screen)
            return
        with tag("ul", "rows"):
            for camera in found:
                with tag("li"):
                    text("a", screen.own(camera.name), "grow", {"href": at(f"/cameras/{camera.id}")})
                    badge(screen.term("camera-state", camera.health.state), STATE_TONES.get(camera.health.state, ""))


@act(Permission.VIEW_FIGURES)
async def refresh(screen: Screen, answers: Answers) -> None:
    """Draw the overview anew, unless somebody is at one of its links with the keyboard."""
    busy = await screen.client.run_javascript("return document.querySelector('main')?.contains(document.activeElement) ?? false", timeout=5)
    if busy:
        ui.timer(REFRESH_S, lambda: perform(screen, refresh, answers), once=True)
    else:
        await screen.redraw()
