"""Puts together what a chart shows: the bars of the asked time, from sums read in one consistent state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from consentry.platform.errors import InputError
from consentry.statistics.model import Bar, IntervalState, OccupancyPoint, OccupancySeries, Series, Span, Step, Tally, Watch
from consentry.statistics.reading import camera_numbers, cameras_since, line_numbers, tallies, tallies_by_line, totals_by_line, watches, watches_by_camera
from consentry.statistics.rules import WIDEST_BAND, bar_of, instant, is_closed, minute_of, openings, resets, running_inside, spans, together, total_of
from consentry.statistics.selection import band_of, chosen_lines, entrances
from consentry.statistics.writing import reporting_zone

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from sqlalchemy.orm import Session

    from consentry.platform.settings.model import Settings
    from consentry.statistics.model import Band, LinePlace, Query

__all__ = ["MAX_BARS", "Chart", "Layout"]

MAX_BARS = 1500


@dataclass(frozen=True, slots=True)
class Layout:
    """The bars of a question that have begun; the current one ends now. ``closed``: whether the site is, during the whole of each."""

    spans: tuple[Span, ...]
    closed: tuple[bool, ...]

    @property
    def whole(self) -> Span:
        """Return the time from the first bar's start to the last one's end."""
        return Span(self.spans[0].start, self.spans[-1].end)


@dataclass(frozen=True, slots=True)
class Chart:
    """One answer in the making: the session it reads with, the settings, and now."""

    session: Session
    settings: Settings
    now: datetime

    @property
    def zone(self) -> ZoneInfo:
        """Return the zone of hours and days."""
        return reporting_zone(self.session)

    def series(self, query: Query) -> Series:
        """Return the bars of a query up to now.

        Raises:
            InputError: ``figures.span`` where it ends before it begins, or has more bars than a chart can show; ``figures.staff-line``.
            NotFoundError: ``figures.no-line``.
        """
        places = chosen_lines(self.settings, query.lines)
        layout = self.layout(query.start, query.end, query.step)
        if not layout.spans:
            return self.nothing(query.step, query.start, places)
        numbers = line_numbers(self.session, places)
        sums = tallies(self.session, numbers.values(), query.step, layout.whole)
        band = self._band(places, numbers, query.step, layout.whole)
        bars = _bars(layout, sums, self._watches(places, query.step, layout), band)
        return Series(query.step, self.zone.key, places, band, bars, total_of(bars, band))

    def nothing(self, step: Step, start: datetime, places: tuple[LinePlace, ...]) -> Series:
        """Return a series without bars, of a time that has not begun."""
        return Series(step, self.zone.key, places, WIDEST_BAND, (), Bar(start, 0, IntervalState.MISSING, 0.0))

    def by_line(self, layout: Layout, step: Step, places: Sequence[LinePlace]) -> Iterator[tuple[LinePlace, Band, tuple[Bar, ...]]]:
        """Yield the bars of each line, with its band; the layout has at least one."""
        numbers = line_numbers(self.session, places)
        cameras = camera_numbers(self.session, {place.camera for place in places})
        crossed = tallies_by_line(self.session, numbers.values(), step, layout.whole)
        watched = watches_by_camera(self.session, cameras.values(), step, layout.whole)
        for place in places:
            band, own = band_of(self.settings, place), watched.get(cameras.get(place.camera, 0), {})
            watches_ = [own.get(span.start, Watch(1)) for span in layout.spans]
            yield place, band, _bars(layout, crossed.get(numbers.get(place, 0), {}), watches_, band)

    def occupancy(self, start: datetime, end: datetime) -> OccupancySeries:
        """Return how many people were inside at the end of each quarter of an hour, counted from the daily reset before ``start``.

        Raises:
            InputError: ``figures.span``.
        """
        places, layout = entrances(self.settings), self.layout(start, end, Step.QUARTER)
        if not layout.spans:
            return OccupancySeries(places, (), ())
        first, zone = layout.whole.start, self.zone
        every = resets(first - 2 * Step.DAY, layout.whole.end, zone, self.settings.site.occupancy_reset)
        begin = max(reset for reset in every if reset <= first)
        sums = tallies(self.session, line_numbers(self.session, places).values(), Step.QUARTER, Span(begin, layout.whole.end))
        starts = range(begin, layout.whole.end, Step.QUARTER)
        changes = [(minute, sums.get(minute, Tally())) for minute in starts]
        inside = dict(zip(starts, running_inside(((minute, sum_.entered - sum_.left) for minute, sum_ in changes), every), strict=True))
        watched = self._watches(places, Step.QUARTER, layout)
        points = tuple(_point(span, inside[span.start], watch) for span, watch in zip(layout.spans, watched, strict=True))
        return OccupancySeries(places, points, tuple(instant(reset) for reset in every if reset >= first))

    def layout(self, start: datetime, end: datetime, step: Step) -> Layout:
        """Return the bars of at most ``MAX_BARS`` that cover a time.

        Raises:
            InputError: ``figures.span``.
        """
        _check_span(start, end, step)
        now, zone = minute_of(self.now), self.zone
        laid = spans(minute_of(start), min(-(-int(end.timestamp()) // 60), now), step, zone)
        begun = tuple(Span(span.start, min(span.end, now)) for span in laid)
        return Layout(begun, self._closed(begun, zone))

    def hours(self, start: datetime, end: datetime) -> Span:
        """Return the full hours of UTC that cover a time.

        Raises:
            InputError: ``figures.span``.
        """
        _check_span(start, end, Step.HOUR)
        first, last = minute_of(start), minute_of(end)
        return Span(first // Step.HOUR * Step.HOUR, -(-last // Step.HOUR) * Step.HOUR)

    def _closed(self, laid: Sequence[Span], zone: ZoneInfo) -> tuple[bool, ...]:
        hours = self.settings.site.hours
        if hours is None or not laid:
            return (False,) * len(laid)
        opened = openings(laid[0].start, laid[-1].end, zone, lambda weekday: [(opening.opens, opening.closes) for opening in hours.on(weekday)])
        return tuple(is_closed(span, opened) for span in laid)

    def _watches(self, places: Sequence[LinePlace], step: Step, layout: Layout) -> list[Watch]:
        """Return how well each bar was watched by those cameras of the lines that were there by then."""
        since = cameras_since(self.session, {place.camera for place in places})
        sums = watches(self.session, since, step, layout.whole)
        there = [sum(first < span.end for first in since.values()) for span in layout.spans]
        return [_watched_by(cameras, sums.get(span.start)) for span, cameras in zip(layout.spans, there, strict=True)]

    def _band(self, places: Sequence[LinePlace], numbers: Mapping[LinePlace, int], step: Step, whole: Span) -> Band:
        bands = {place: band_of(self.settings, place) for place in places}
        if len(set(bands.values())) <= 1:
            return next(iter(bands.values()), WIDEST_BAND)
        sums = totals_by_line(self.session, numbers.values(), step, whole)
        return together(bands, {place: sum_.entered + sum_.left for place, number in numbers.items() if (sum_ := sums.get(number))})


def _watched_by(cameras: int, watch: Watch | None) -> Watch:
    return Watch(cameras, watch.watched_ms, watch.counted, watch.estimated) if watch else Watch(cameras)


def _check_span(start: datetime, end: datetime, step: Step) -> None:
    subject = f"{start.isoformat()} to {end.isoformat()}"
    if start >= end:
        raise InputError("figures.span", subject, "it ends before it begins", "Give a start before the end.")
    if (end - start).total_seconds() / 60 / step > MAX_BARS:
        problem = f"bars of {int(step)} minutes would be more than a chart can show ({MAX_BARS})"
        raise InputError("figures.span", subject, problem, "Ask for longer bars or a shorter time.")


def _bars(layout: Layout, sums: Mapping[int, Tally], watched: Sequence[Watch], band: Band) -> tuple[Bar, ...]:
    parts = zip(layout.spans, watched, layout.closed, strict=True)
    return tuple(bar_of(span, sums.get(span.start, Tally()), watch, band, closed=closed) for span, watch, closed in parts)


def _point(span: Span, inside: tuple[int, int], watch: Watch) -> OccupancyPoint:
    people, drift = inside
    state = IntervalState.IMPUTED if watch.estimated else IntervalState.COUNTED if watch.counted else IntervalState.MISSING
    return OccupancyPoint(instant(span.start), span.minutes, state, None if state is IntervalState.MISSING else people, drift)
