"""A series of figures as a chart: what stands in each bar, under it, and what is read when it is chosen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from consentry.console.charts import Bar as ChartBar
from consentry.console.charts import Key
from consentry.console.figures import absence, with_band
from consentry.statistics.model import IntervalState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from consentry.console.screen import Screen
    from consentry.statistics.model import Bar, OccupancySeries

__all__ = ["QUARTER", "Frame", "bars", "keys", "levels", "span"]

QUARTER: Final = timedelta(minutes=15)
WHOLE: Final = 0.95
"""From this share of an interval on, it counts as watched."""


@dataclass(frozen=True, slots=True)
class Frame:
    """The time that a chart shows, and the length of its bars; ``is_week`` names weekdays along it instead of hours."""

    start: datetime
    end: datetime
    length: timedelta
    is_week: bool = False


def keys(screen: Screen) -> list[Key]:
    """Return the legend of a chart of people in and out."""
    return [
        Key("in", screen.say("In")),
        Key("out", screen.say("Out")),
        Key("band", screen.say("Where the true number lies")),
        Key("partly", screen.say("Partly watched")),
        Key("imputed", screen.say("Estimated")),
        Key("missing", screen.say("Not counted")),
        Key("closed", screen.say("Closed")),
    ]


def bars(screen: Screen, frame: Frame, found: Sequence[Bar]) -> list[ChartBar]:
    """Return the bars of a series, and empty ones up to the end of the frame."""
    return [_bar(screen, frame, bar) for bar in found] + _ahead(screen, frame, found[-1].start + frame.length if found else frame.start)


def _bar(screen: Screen, frame: Frame, bar: Bar) -> ChartBar:
    entered, left = bar.entered, bar.left
    lines: tuple[str, ...] = (absence(screen, bar),)
    if entered is not None and left is not None:
        counted = (screen.say("In {number}", number=with_band(screen, entered)), screen.say("Out {number}", number=with_band(screen, left)))
        lines = (*counted, *_remarks(screen, bar))
    if entered is None:
        return ChartBar(bar.state, None, None, None, None, _tick(screen, frame, bar.start), span(screen, frame, bar.start), lines)
    partly = bar.coverage < WHOLE
    level = left.value if left else None
    return ChartBar(
        bar.state, entered.value, level, entered.low, entered.high, _tick(screen, frame, bar.start), span(screen, frame, bar.start), lines, partly=partly
    )


def _remarks(screen: Screen, bar: Bar) -> list[str]:
    estimated = [screen.say("Estimated")] if bar.state is IntervalState.IMPUTED else []
    return estimated + ([screen.say("watched {share}", share=screen.speech.percent(bar.coverage))] if bar.coverage < 1 else [])


def _ahead(screen: Screen, frame: Frame, start: datetime) -> list[ChartBar]:
    """Return empty bars up to the end, so that a day is as wide at noon as at night."""
    count = max(0, int((frame.end - start) / frame.length))
    starts = [start + place * frame.length for place in range(count)]
    return [ChartBar("ahead", None, None, None, None, _tick(screen, frame, at_), span(screen, frame, at_), (screen.say("Still to come"),)) for at_ in starts]


def _tick(screen: Screen, frame: Frame, start: datetime) -> str:
    local = start.astimezone(screen.speech.zone)
    if local.minute:
        return ""
    if frame.is_week:
        return "" if local.hour else screen.speech.weekday(local.date())
    return screen.speech.clock(start)


def span(screen: Screen, frame: Frame, start: datetime) -> str:
    """Write the time of one bar."""
    end = start + frame.length
    hours = f"{screen.speech.clock(start)}–{screen.speech.clock(end)}"
    return f"{screen.speech.weekday(start.astimezone(screen.speech.zone).date())} {hours}" if frame.is_week else hours


def levels(screen: Screen, frame: Frame, inside: OccupancySeries) -> list[ChartBar]:
    """Return how many people were inside, quarter by quarter, as a line, and empty quarters up to the end of the frame."""
    resets = set(inside.resets)
    found = []
    for point in inside.points:
        known = point.inside is not None
        said = screen.say_count("{count} person inside", "{count} people inside", point.inside) if point.inside is not None else screen.say("Not counted")
        state = IntervalState.COUNTED if known else point.state
        tick = _tick(screen, frame, point.start)
        found.append(ChartBar(state, None, point.inside, None, None, tick, span(screen, frame, point.start), (said,), point.start in resets))
    return found + _ahead(screen, frame, inside.points[-1].start + QUARTER if inside.points else frame.start)
