"""Pure rules of figures: how minutes fall into hours and days, when the site is open, what a bar says, how sure a figure is."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from math import ceil, floor
from typing import TYPE_CHECKING

from consentry.counting.folds import local_day
from consentry.statistics.model import Band, BandSource, Bar, Figure, IntervalState, LinePlace, Series, Span, Step, Tally, Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from zoneinfo import ZoneInfo

__all__ = [
    "DETECTOR_BANDS",
    "FEWEST_PEOPLE",
    "WIDEST_BAND",
    "bar_of",
    "day_span",
    "figure",
    "instant",
    "is_closed",
    "minute_of",
    "openings",
    "percentile",
    "published_series",
    "resets",
    "running_inside",
    "span_start",
    "spans",
    "together",
    "total_of",
]

MINUTE = 60
MINUTE_MS = 60_000
FEWEST_PEOPLE = 10
"""People below which a heat map or a dwell histogram could show what single people did (R26)."""
_LEAST_SHARE = 0.01
"""The least share of people that a camera is taken to count; a band down to nobody would say nothing."""
FEWEST_PUBLISHED = 5
"""The smallest number, other than zero, that is published (R26)."""

# The upper ends of the 95 % intervals that `python -m bench counting` prints for clips with known truth (docs/benchmarks.md). Nothing tells the
# sign of the error at another door, so the band is taken to both sides.
DETECTOR_BANDS = {name: Band(-percent, percent, BandSource.BENCHMARK) for name, percent in {"rtmdet": 3.5, "nanodet": 7.2, "yolox": 7.9, "hog": 8.3}.items()}
WIDEST_BAND = max(DETECTOR_BANDS.values(), key=lambda band: band.high)


def minute_of(at: datetime) -> int:
    """Return the minute since 1970 in which an instant lies."""
    return floor(at.timestamp() / MINUTE)


@lru_cache(maxsize=8192)
def instant(minute: int) -> datetime:
    """Return when a minute since 1970 begins."""
    return datetime.fromtimestamp(minute * MINUTE, UTC)


def span_start(minute: int, step: Step, zone: ZoneInfo) -> int:
    """Return the first minute of the bar in which ``minute`` lies. Every zone's offset is whole quarters, so quarters need none."""
    if step is Step.DAY:
        return day_span(instant(minute).astimezone(zone).date(), zone).start
    if step is not Step.HOUR:
        return minute - minute % step
    start = minute - minute % Step.QUARTER
    hour = _hour(start, zone)
    while _hour(start - Step.QUARTER, zone) == hour:
        start -= Step.QUARTER
    return start


def spans(start: int, end: int, step: Step, zone: ZoneInfo) -> list[Span]:
    """Return the bars that cover minutes ``start`` to before ``end``, whole ones: the first may begin earlier, the last end later."""
    if step is Step.DAY:
        return _days(start, end, zone)
    first = span_start(start, step, zone)
    if step is not Step.HOUR:
        return [Span(begin, begin + step) for begin in range(first, end, step)]
    quarters = range(first - Step.QUARTER, end + Step.HOUR + 1, Step.QUARTER)
    hours = [_hour(quarter, zone) for quarter in quarters]
    edges = [quarter for quarter, (before, here) in zip(quarters[1:], pairwise(hours), strict=True) if before != here]
    return [Span(begin, after) for begin, after in pairwise(edges) if begin < end]


def _hour(minute: int, zone: ZoneInfo) -> tuple[int, int, timedelta | None]:
    """Tell an hour of the wall clock from every other one of three days. A change of the clocks may cut one: Lord Howe Island's is of half an hour."""
    local = instant(minute).astimezone(zone)
    return local.day, local.hour, local.utcoffset()


def _days(start: int, end: int, zone: ZoneInfo) -> list[Span]:
    found, day = [], instant(start).astimezone(zone).date()
    while (span := day_span(day, zone)).start < end:
        found.append(span)
        day += timedelta(days=1)
    return found


def day_span(day: date, zone: ZoneInfo) -> Span:
    """Return the day of a zone."""
    start, end = local_day(day, zone)
    return Span(round(start) // MINUTE, round(end) // MINUTE)


def openings(start: int, end: int, zone: ZoneInfo, hours_on: Callable[[int], Iterable[tuple[int, int]]]) -> list[Span]:
    """Return when the site is open between two minutes, in order.

    ``hours_on``: the opening spans of a weekday (Monday is 0) in minutes of the wall clock after its midnight; beyond 1440 on the next day.
    """
    first = instant(start).astimezone(zone).date() - timedelta(days=1)
    days = (instant(end).astimezone(zone).date() - first).days + 1
    found = []
    for day in (first + timedelta(days=number) for number in range(days)):
        midnight = datetime.combine(day, time.min, zone)
        walls = [(midnight + timedelta(minutes=opens), midnight + timedelta(minutes=closes)) for opens, closes in hours_on(day.weekday())]
        found += [Span(minute_of(opens), minute_of(closes)) for opens, closes in walls]
    return [span for span in found if span.end > start and span.start < end]


def is_closed(span: Span, openings: Sequence[Span]) -> bool:
    """Tell whether the site is closed during the whole of a span; ``openings`` are in order."""
    place = bisect_right(openings, span.start, key=lambda opening: opening.end)
    return place == len(openings) or openings[place].start >= span.end


def bar_of(span: Span, tally: Tally, watch: Watch, band: Band, *, closed: bool) -> Bar:
    """Return the bar of a span; ``closed``: the site was, all the time."""
    state = _state(tally, watch, closed=closed)
    expected = span.minutes * MINUTE_MS * watch.cameras
    coverage = min(1.0, watch.watched_ms / expected) if expected else 0.0
    return _bar((instant(span.start), span.minutes, state, coverage), tally, band)


def _bar(empty: tuple[datetime, int, IntervalState, float], tally: Tally, band: Band) -> Bar:
    """Return a bar with its figures, if its state has any."""
    if empty[2] in {IntervalState.MISSING, IntervalState.CLOSED}:
        return Bar(*empty)
    return Bar(*empty, figure(tally.entered, band), figure(tally.left, band), figure(tally.groups_in, band), figure(tally.groups_out, band))


def _state(tally: Tally, watch: Watch, *, closed: bool) -> IntervalState:
    # Someone counted outside opening hours was there all the same (folds.minutes decides alike).
    happened = bool(tally.entered or tally.left or tally.groups_in or tally.groups_out)
    if closed and not happened:
        return IntervalState.CLOSED
    if watch.estimated:
        return IntervalState.IMPUTED
    return IntervalState.COUNTED if happened or watch.counted else IntervalState.MISSING


@lru_cache(maxsize=8192)
def figure(value: int, band: Band) -> Figure:
    """Return a count with the range of true numbers that the band leaves: counted = true x (1 + error)."""
    return Figure(value, floor(value / max(1 + band.high / 100, _LEAST_SHARE)), ceil(value / max(1 + band.low / 100, _LEAST_SHARE)))


def together(bands: Mapping[LinePlace, Band], crossed: Mapping[LinePlace, int]) -> Band:
    """Return the band of lines together: that of each, weighted by how many ``crossed`` it. Their errors are taken to go the same way."""
    weights = {place: crossed.get(place, 0) if any(crossed.values()) else 1 for place in bands}
    whole = sum(weights.values())
    low, high = (sum(getattr(bands[place], end) * weight for place, weight in weights.items()) / whole for end in ("low", "high"))
    measured = all(band.source is BandSource.MEASURED for band in bands.values())
    return Band(low, high, BandSource.MEASURED if measured else BandSource.BENCHMARK)


def total_of(bars: Sequence[Bar], band: Band) -> Bar:
    """Return the sum of at least one bar. It is imputed if one of them is, missing or closed only if all are; closed ones need no coverage."""
    states = {bar.state for bar in bars}
    state = next(s for s in (IntervalState.IMPUTED, IntervalState.COUNTED, IntervalState.MISSING, IntervalState.CLOSED) if s in states)
    expected = [bar for bar in bars if bar.state is not IntervalState.CLOSED] or bars
    coverage = sum(bar.coverage * bar.minutes for bar in expected) / sum(bar.minutes for bar in expected)
    empty = (bars[0].start, sum(bar.minutes for bar in bars), state, coverage)
    columns = ([bar.entered for bar in bars], [bar.left for bar in bars], [bar.groups_in for bar in bars], [bar.groups_out for bar in bars])
    return _bar(empty, Tally(*(sum(found.value for found in column if found) for column in columns)), band)


def resets(start: int, end: int, zone: ZoneInfo, reset: int) -> list[int]:
    """Return the minutes at which occupancy is set to zero: ``reset`` minutes of the wall clock after each midnight, on a full quarter."""
    first = instant(start).astimezone(zone).date()
    days = (instant(end).astimezone(zone).date() - first).days + 1
    walls = (datetime.combine(first + timedelta(days=day), time.min, zone) + timedelta(minutes=reset - reset % Step.QUARTER) for day in range(-1, days))
    return [minute for minute in map(minute_of, walls) if start <= minute < end]


def running_inside(changes: Iterable[tuple[int, int]], resets: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield (people inside, drift) after each change, ``(minute, entered - left)`` in order of time.

    More people out than in means that some were missed on their way in: occupancy stays at zero, and ``drift`` adds up what it would have
    fallen short by since the last reset.
    """
    inside = drift = 0
    pending = list(resets)
    for minute, change in changes:
        while pending and pending[0] <= minute:
            inside = drift = 0
            pending.pop(0)
        drift += max(0, -(inside + change))
        inside = max(0, inside + change)
        yield inside, drift


def percentile(counts: Sequence[int], ends: Sequence[float], share: int) -> float | None:
    """Return the upper end of the bucket that holds the nearest-rank percentile; None without a visit, or where it lies beyond the last end."""
    rank, seen = max(1, ceil(share * sum(counts) / 100)), 0
    for count, end in zip(counts, ends, strict=False):
        seen += count
        if seen >= rank:
            return end
    return None


def published_series(series: Series) -> Series:
    """Return a series as everybody may see it: a bar with a small number is withheld, groups are, and the sum is that of what is shown (R26)."""
    bars = tuple(_published(bar) for bar in series.bars)
    total = total_of(bars, series.band)
    withheld = any(bar.suppressed for bar in bars)
    return replace(series, bars=bars, total=replace(total, groups_in=None, groups_out=None, suppressed=withheld))


def _published(bar: Bar) -> Bar:
    small = any(found and 0 < found.value < FEWEST_PUBLISHED for found in (bar.entered, bar.left))
    shown = replace(bar, entered=None, left=None, suppressed=True) if small else bar
    return replace(shown, groups_in=None, groups_out=None)
