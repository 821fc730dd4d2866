"""Footfall in the console: a day by quarters of an hour or a week by hours, every figure with its band, gaps apart from zero."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from nicegui import ui

from consentry.console.charts import IntervalChart, Key, heat_map, legend, mosaic
from consentry.console.elements import tag, text
from consentry.console.figures import absence, band_of, band_source, known, with_band
from consentry.console.pages import act, at, console_page
from consentry.console.places import camera_name, line_name, no_camera
from consentry.console.series import QUARTER, Frame, bars, keys, levels, span
from consentry.console.stills import still_button, still_of
from consentry.console.widgets import Choice, button, button_link, card, choose, note, nothing, page_head, segments, stat
from consentry.counting.folds import local_day
from consentry.platform.actors import Permission
from consentry.platform.errors import InputError
from consentry.statistics import service
from consentry.statistics.model import IntervalState, LinePlace, Query, Step

if TYPE_CHECKING:
    from consentry.console.answers import Answers
    from consentry.console.screen import Screen
    from consentry.statistics.model import Bar, Heat, Series

__all__ = ["View", "draw", "no_line", "view_of"]

WEEK: Final = 7


class View:
    """What the page shows: a day or the week around it, of all entrances or one line."""

    def __init__(self, screen: Screen) -> None:
        """Read it from the page's address.

        Raises:
            InputError: ``figures.day``: the address names no day.
        """
        today = screen.now.astimezone(screen.speech.zone).date()
        self.is_week = screen.query.get("view") == "week"
        self.day = _day(screen.query.get("day"), today)
        self.first = self.day - timedelta(days=self.day.weekday()) if self.is_week else self.day
        self.last = self.first + timedelta(days=WEEK - 1 if self.is_week else 0)
        self.is_newest = self.last >= today
        self.line = _place(screen.query.get("line", ""))
        self.step = Step.HOUR if self.is_week else Step.QUARTER
        self.start = _instant(local_day(self.first, screen.speech.zone)[0])
        self.end = _instant(local_day(self.last, screen.speech.zone)[1])

    @property
    def query(self) -> Query:
        """Return what is asked of the figures."""
        return Query(self.start, self.end, self.step, (self.line,) if self.line else ())

    @property
    def frame(self) -> Frame:
        """Return what the chart shows."""
        return Frame(self.start, self.end, timedelta(minutes=self.step), self.is_week)

    def moved(self, direction: int) -> str:
        """Return the day that the page before or after this one shows."""
        return (self.day + timedelta(days=direction * (WEEK if self.is_week else 1))).isoformat()


def view_of(screen: Screen) -> View:
    """Return what the page of this address shows."""
    return View(screen)


def _day(text_: str | None, today: date) -> date:
    if not text_:
        return today
    try:
        return date.fromisoformat(text_)
    except ValueError as error:
        raise InputError("figures.day", text_, "this is no day", "Choose a day, such as 2026-01-31.") from error


def _place(text_: str) -> LinePlace | None:
    camera, separator, line = text_.partition("/")
    return LinePlace(camera, line) if separator else None


def _instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


@console_page("/footfall", access=Permission.VIEW_FIGURES, title="Footfall")
async def draw(screen: Screen) -> None:
    """Show a day or a week."""
    view = view_of(screen)
    with page_head(screen.say("Footfall"), _title(screen, view)):
        if screen.may(Permission.EXPORT_FIGURES):
            button(screen, screen.say("CSV"), download_csv, picture="download", name=screen.say("Download these figures as CSV"))
    if not any(camera.lines for camera in screen.site.settings.cameras):
        no_line(screen)
        return
    series = await screen.ask(service.footfall, view.query)
    with tag("div", "stack"):
        _controls(screen, view)
        _stats(screen, series)
        _chart_card(screen, view, series)
        await _occupancy_card(screen, view)
        await _areas(screen, view)
        await _heat_cards(screen, view)


def no_line(screen: Screen) -> None:
    """Add what stands where no line counts: how to draw the first one, and before it the first camera."""
    if not screen.site.settings.cameras:
        with card():
            no_camera(screen)
        return
    with card(), nothing(screen.say("No line yet"), screen.say("Draw a line across the way that people take, and they are counted from then on."), "footfall"):
        if screen.may(Permission.EDIT_CAMERAS):
            button_link(screen.say("Draw a line"), at("/cameras"), look="main-action")


def _title(screen: Screen, view: View) -> str:
    first = screen.speech.day(view.first)
    return screen.say("{first} to {last}", first=first, last=screen.speech.day(view.last)) if view.is_week else first


def _controls(screen: Screen, view: View) -> None:
    with tag("div", "row apart"):
        with tag("div", "row"):
            views = [(screen.address(view=None), screen.say("Day")), (screen.address(view="week"), screen.say("Week"))]
            segments(screen.say("How much is shown"), views, views[view.is_week][0])
            with tag("div", "row tight"):
                _step_link(screen, view, -1, "left", screen.say("Earlier"))
                if not view.is_newest:
                    _step_link(screen, view, 1, "right", screen.say("Later"))
                    button_link(screen.say("Today"), screen.address(day=None), look="plain")
        _line_choice(screen, view)


def _step_link(screen: Screen, view: View, direction: int, picture: str, words: str) -> None:
    element = button_link("", screen.address(day=view.moved(direction)), look="square", picture=picture)
    element.props["aria-label"] = words


def _line_choice(screen: Screen, view: View) -> None:
    places = [LinePlace(camera.id, line.id) for camera in screen.site.settings.cameras for line in camera.lines if not line.staff_only]
    with tag("form", "filters", {"method": "get", "action": screen.page.path}):
        for name in ("view", "day"):
            if name in screen.query:
                tag("input", attributes={"type": "hidden", "name": name, "value": screen.query[name]})
        choices = [Choice("", screen.say("All entrances")), *(Choice(str(place), line_name(screen, place)) for place in places)]
        choose(screen.say("Line"), "line", choices, str(view.line) if view.line else "")
        text("button", screen.say("Show"), "button", {"type": "submit"})


def _stats(screen: Screen, series: Series) -> None:
    total = series.total
    figures = ((screen.say("People in"), total.entered), (screen.say("People out"), total.left), (screen.say("Groups in"), total.groups_in))
    with tag("div", "grid four"):
        for name, summed in figures:
            figure = known(summed, total.coverage)
            if figure is None:
                stat(name, "–", absence(screen, total), absent=True)
            else:
                stat(name, screen.speech.number(figure.value), band_of(screen, figure))
        stat(screen.say("Watched"), screen.speech.percent(total.coverage), screen.say("of the time shown"))


def _chart_card(screen: Screen, view: View, series: Series) -> None:
    lead = screen.say("An hour a bar") if view.is_week else screen.say("15 minutes a bar")
    with card(screen.say("People in and out"), lead):
        summary = screen.say("Chart of people in and out. The table below has the same figures.")
        IntervalChart(screen, bars(screen, view.frame, series.bars), summary, screen.say("Point at a bar, or use the arrow keys."))
        legend(keys(screen))
        text("p", band_source(screen, series.band), "quiet small still-note")
        _left_out(screen)
        _table(screen, view, series)


def _left_out(screen: Screen) -> None:
    places = [LinePlace(camera.id, line.id) for camera in screen.site.settings.cameras for line in camera.lines if line.staff_only]
    if places:
        names = screen.say(", ").join(line_name(screen, place) for place in places)
        text("p", screen.say("Left out, because only staff cross them: {names}", names=names), "quiet small")


def _table(screen: Screen, view: View, series: Series) -> None:
    with tag("details", "fold"):
        text("summary", screen.say("Show as a table"))
        with tag("div", "table-wrap"), tag("table", "table"):
            with tag("thead"), tag("tr"):
                for words in (screen.say("Time"), screen.say("In"), screen.say("Out"), screen.say("Groups in"), screen.say("Watched")):
                    text("th", words, attributes={"scope": "col"})
            with tag("tbody"):
                for bar in series.bars:
                    if bar.state is not IntervalState.CLOSED:
                        _table_row(screen, view, bar)


def _table_row(screen: Screen, view: View, bar: Bar) -> None:
    with tag("tr"):
        text("th", span(screen, view.frame, bar.start), "figure", {"scope": "row"})
        for figure in (bar.entered, bar.left, bar.groups_in):
            text("td", with_band(screen, figure) if figure else absence(screen, bar), "figure" if figure else "quiet")
        text("td", screen.speech.percent(bar.coverage), "figure")


async def _occupancy_card(screen: Screen, view: View) -> None:
    if view.line is not None or view.start >= screen.now:
        return
    inside = await screen.ask(service.occupancy, view.start, view.end)
    if not inside.lines:
        return
    minutes = screen.site.settings.site.occupancy_reset
    lead = screen.say("Begins anew at {time} each day", time=f"{minutes // 60:02d}:{minutes % 60:02d}")
    with card(screen.say("People inside"), lead):
        summary = screen.say("Chart of the people inside at the end of each quarter of an hour.")
        chart = IntervalChart(
            screen, levels(screen, Frame(view.start, view.end, QUARTER, view.is_week), inside), summary, screen.say("Point at the line, or use the arrow keys.")
        )
        chart.props["height"] = 200
        legend([Key("level", screen.say("People inside")), Key("missing", screen.say("Not counted")), Key("reset", screen.say("Daily reset"))])
        drift = max((point.drift for point in inside.points), default=0)
        if drift:
            counted = screen.say_count("Up to {count} more person was counted out than in.", "Up to {count} more people were counted out than in.", drift)
            note(counted, screen.say("Lines through which people leave unseen, or a poor angle, cause this."), "warn")


async def _areas(screen: Screen, view: View) -> None:
    places = [(camera.id, area) for camera in screen.site.settings.cameras for area in camera.areas]
    if not places or view.start >= screen.now:
        return
    with card(screen.say("Areas"), screen.say("Visits that ended in the time shown"), "flush"), tag("ul", "rows"):
        for camera, area in places:
            found = await screen.ask(service.dwell, camera, area.id, view.start, view.end)
            with tag("li", "wrap"):
                with tag("div", "grow"):
                    text("div", screen.own(area.name), "strong")
                    text("div", camera_name(screen, camera), "quiet small")
                if found.visits is None:
                    text("div", screen.say("Withheld: too few people"), "quiet small")
                    continue
                text("div", screen.say_count("{count} visit", "{count} visits", found.visits), "figure")
                if found.p50 is not None:
                    text("div", screen.say("half stay up to {time}", time=screen.speech.length(timedelta(seconds=found.p50))), "quiet small figure")


async def _heat_cards(screen: Screen, view: View) -> None:
    if view.start >= screen.now:
        return
    cameras = [camera for camera in screen.site.settings.cameras if camera.lines or camera.areas]
    with tag("div", "grid wide"):
        for camera in cameras:
            heat = await screen.ask(service.heat, camera.id, view.start, view.end)
            with card(screen.own(camera.name), screen.say("Where people stood")):
                _heat(screen, camera.id, heat)


def _heat(screen: Screen, camera: str, heat: Heat) -> None:
    if heat.seconds is None:
        nothing(screen.say("No heat map"), screen.say("So few people came that it could show one person's way."), "still")
        return
    still = still_of(screen, camera)
    cells = mosaic(still.pixels, still.width, still.height, 160, 90) if still else []
    heat_map(heat.seconds.tolist(), cells, screen.say("Heat map: the stronger the colour, the longer people stood there."))
    with tag("div", "row plan-actions"):
        still_button(screen, camera)


@act(Permission.EXPORT_FIGURES)
async def download_csv(screen: Screen, answers: Answers) -> None:  # noqa: ARG001 - every event takes what was sent
    """Give out the figures shown as a table; the export stands in the ledger."""
    view = view_of(screen)
    rows = await screen.ask(service.export_csv, view.query)
    content = await asyncio.to_thread("".join, rows)
    ui.download.content(content.encode(), f"footfall-{screen.site.settings.site.id}-{view.first}.csv")
