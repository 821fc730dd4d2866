"""When a camera counted and when it did not: pure folds, the same whatever the order in which its messages arrived.

What is not proven by a counted minute is a gap. A minute counts from its run's first frame on and up to the end of its process, less
what the run itself reported as unseen.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from consentry.cameras.model import CameraGap, CameraHealth, CameraState, GapCause, RunRecord, Span, Stop, Timeline

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

__all__ = ["SHORTEST_GAP", "SILENT_AFTER", "Changes", "changes", "gaps", "is_news", "joined", "shown_health", "without"]

SILENT_AFTER = timedelta(seconds=150)
"""A minute is reported some seconds after it ended, the next one a minute later; with this much silence something is wrong."""

SHORTEST_GAP = timedelta(seconds=1)
"""Anything shorter is the rounding of clocks."""

CLOCK_SLACK = timedelta(seconds=5)

_LATER = {CameraState.STOPPED: 1, CameraState.STARTING: 2}


def joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return the union of ``spans`` as the fewest spans, in order."""
    found: list[Span] = []
    for span in sorted(spans):
        if found and span.start <= found[-1].end:
            found[-1] = Span(found[-1].start, max(found[-1].end, span.end))
        else:
            found.append(span)
    return tuple(found)


def without(spans: Iterable[Span], holes: Iterable[Span]) -> tuple[Span, ...]:
    """Return what is left of ``spans`` outside of every hole."""
    left = joined(spans)
    for hole in holes:
        left = tuple(part for span in left for part in _outside(span, hole))
    return left


def _outside(span: Span, hole: Span) -> list[Span]:
    if hole.end <= span.start or span.end <= hole.start:
        return [span]
    parts = (Span(span.start, hole.start), Span(hole.end, span.end))
    return [part for part in parts if part.start < part.end]


def gaps(timeline: Timeline, now: datetime) -> list[CameraGap]:
    """Return every gap of a camera since it first counted, in order; the last one is open where it has been silent too long at ``now``."""
    watched = joined(span for run in timeline.runs for span in _watched(run, timeline.stops))
    closed = [Span(a.end, b.start) for a, b in pairwise(watched) if b.start - a.end >= SHORTEST_GAP]
    found = [_gap(timeline, span.start, span.end) for span in closed]
    if watched and now - watched[-1].end > SILENT_AFTER:
        found.append(_gap(timeline, watched[-1].end, None))
    return found


def _watched(run: RunRecord, stops: Sequence[Stop]) -> list[Span]:
    """Return when a run watched; its first frame alone is an empty span, from which silence is measured."""
    begun = [run.started] if run.started else [span.start for span in run.counted[:1]]
    if not begun:
        return []
    ended = next((stop.at for stop in sorted(stops, key=lambda stop: stop.at) if stop.at > begun[0]), None)
    clipped = [Span(max(span.start, begun[0]), min(span.end, ended) if ended else span.end) for span in run.counted]
    seen = without((span for span in clipped if span.start < span.end), (hole.span for hole in run.holes))
    return [Span(begun[0], begun[0]), *seen]


def _gap(timeline: Timeline, start: datetime, end: datetime | None) -> CameraGap:
    cause, detail = _cause(timeline, start, end)
    return CameraGap(timeline.camera, start, end, cause, detail)


def _cause(timeline: Timeline, start: datetime, end: datetime | None) -> tuple[GapCause, str]:
    holes = [hole for run in timeline.runs for hole in run.holes if _overlap(hole.span, start, end)]
    if holes:
        longest = max(holes, key=lambda hole: (hole.span.end - hole.span.start, hole.span.start, hole.reason))
        return GapCause.NO_PICTURE, longest.reason
    if any(_overlap(span, start, end) for run in timeline.runs for span in run.missing):
        return GapCause.NO_PICTURE, ""
    stops = [stop for stop in timeline.stops if start <= stop.at and (end is None or stop.at <= end)]
    if stops:
        return _cause_of_stop(min(stops, key=lambda stop: stop.at))
    if end is None:
        return GapCause.SILENT, ""
    if any(run.started == end for run in timeline.runs):
        return GapCause.SERVICE_DOWN, ""
    return GapCause.FIGURES_LOST, ""


def _cause_of_stop(stop: Stop) -> tuple[GapCause, str]:
    if stop.exit == 0:
        return GapCause.STOPPED, ""
    how = "" if stop.exit is None else f"signal {-stop.exit}" if stop.exit < 0 else f"exit status {stop.exit}"
    return GapCause.PROCESS_ENDED, how


def _overlap(span: Span, start: datetime, end: datetime | None) -> bool:
    return span.end > start and (end is None or span.start < end)


@dataclass(frozen=True, slots=True)
class Changes:
    """What became of the gaps on record: new ones, ones that are now known better (before, after), and ones that late figures filled."""

    found: tuple[CameraGap, ...]
    changed: tuple[tuple[CameraGap, CameraGap], ...]
    filled: tuple[CameraGap, ...]


def changes(recorded: Sequence[CameraGap], folded: Sequence[CameraGap]) -> Changes:
    """Compare the gaps on record with those that the messages now tell of. A gap on record goes on in the first one that it touches."""
    rest = sorted(recorded, key=lambda gap: gap.start)
    found, changed = [], []
    for gap in folded:
        before = next((old for old in rest if _touch(old, gap)), None)
        if before is None:
            found.append(gap)
            continue
        rest.remove(before)
        if before != gap:
            changed.append((before, replace(gap, id=before.id)))
    return Changes(tuple(found), tuple(changed), tuple(rest))


def _touch(a: CameraGap, b: CameraGap) -> bool:
    return (a.end is None or b.start <= a.end) and (b.end is None or a.start <= b.end)


def is_news(state: CameraState, at: datetime, before: CameraHealth, now: datetime) -> bool:
    """Tell whether a ``state`` said ``at`` is newer than what was heard ``before``; at one instant, the supervisor's word is the later one.

    A clock that was set back must not make a camera look silent: what was heard in the future of ``now`` no longer counts.
    """
    if before.heard is None or before.heard > now + CLOCK_SLACK:
        return True
    return (at, _LATER.get(state, 0)) >= (before.heard, _LATER.get(before.state, 0))


def shown_health(health: CameraHealth, missing: Sequence[str], now: datetime) -> CameraHealth:
    """Return the state to show: a camera that may not start is incomplete, and one unheard of for too long is silent."""
    if missing:
        return replace(health, state=CameraState.INCOMPLETE, reason=", ".join(missing))
    talking = health.state not in {CameraState.STOPPED, CameraState.ENDED, CameraState.STARTING}
    if health.heard and talking and now - health.heard > SILENT_AFTER:
        return replace(health, state=CameraState.SILENT, reason="", since=health.heard)
    return health
