"""A clip for the fault tests and the soak, and what an undisturbed run counts of it.

One lap lasts half a minute, so every minute of an undisturbed run sees the same two laps, whenever it begins.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from consentry.counting.counter import Plan
from consentry.counting.folds import minutes
from consentry.counting.model import Line, Point, Zone
from consentry.counting.service import count_frames
from consentry.video.address import parse_address
from consentry.video.loop import LoopSource
from consentry.video.model import Size
from consentry.video.render import write_clip
from consentry.video.scene import Line as DrawnLine
from consentry.video.scene import Scene
from consentry.video.walk import Walker, Waypoint
from consentry.vision.persons.select import open_watcher

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from consentry.counting.folds import Interval
    from consentry.video.model import Frame

SIZE = Size(640, 480)
LAP = 30.0
RATE = 5.0
DOOR = Line("door", Point(320, 0), Point(320, 480))
TILL = Zone("till", (Point(380, 200), Point(640, 200), Point(640, 480), Point(380, 480)))
PLAN = Plan((DOOR,), (TILL,))


def scene() -> Scene:
    """Return five people one after the other, three to the right and two to the left; at the lap's ends nobody is there."""
    walkers = []
    for number in range(5):
        begin, (start, end) = 0.5 + 5.5 * number, ((-60.0, 700.0) if number % 2 == 0 else (700.0, -60.0))
        walkers.append(Walker((Waypoint(begin, start, 400.0, 190.0), Waypoint(begin + 5.0, end, 400.0, 190.0))))
    return Scene(SIZE, RATE, LAP, DrawnLine((320, 0), (320, 480)), tuple(walkers))


def write_lap(path: Path) -> Path:
    """Render the clip."""
    write_clip(scene(), path)
    return path


class Playback:
    """A clock that only waiting for frames moves: a loop is then played as fast as it can be counted."""

    def __init__(self, now: float) -> None:
        self.time = now

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds


def undisturbed(clip: Path, start: float, until: float, detector: str) -> list[Interval]:
    """Return the minutes that a run counts which plays ``clip`` in a loop from ``start`` to ``until``, seconds since 1970."""
    with LoopSource(parse_address(f"loop:{clip}"), longest_side=640, clock=Playback(start)) as source:
        counter = None
        for step in count_frames(_until(source, until), open_watcher(detector), PLAN):
            counter = step.counter
    assert counter is not None
    return minutes(counter.finish())


def _until(source: LoopSource, until: float) -> Iterator[Frame | None]:
    for frame in source.frames():
        if frame is not None and frame.time >= until:
            return
        yield frame
