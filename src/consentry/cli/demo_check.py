"""Whether the demonstration does what it promises: its pages answer, and its figures are the truth within the counting error."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil, floor
from typing import TYPE_CHECKING

import httpx

from consentry.cli.demo_site import CAMERA, LINE
from consentry.cli.operator import this_operator
from consentry.platform.errors import ConflictError
from consentry.platform.opening import open_site
from consentry.statistics.model import LinePlace, Query, Step
from consentry.statistics.service import footfall
from consentry.video.address import parse_address
from consentry.video.loop import LoopSource
from consentry.video.scene import crossings

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from consentry.cli.demo_site import CountedClip, ServedSite
    from consentry.platform.site import Site
    from consentry.statistics.model import Bar
    from consentry.video.scene import Scene

__all__ = ["EDGE_S", "LARGEST_ERROR", "CheckedFigures", "check_figures", "check_pages", "looped_truth", "within_error"]

_MINUTE = 60
_WAYS = ("in", "out")
_PATIENCE_S = 240.0
_MINUTES = 3
"""Full minutes of the camera that are looked at, together, at the most: the fewer people, the more one who is counted twice weighs."""
_PAGES = ("/healthz", "/readyz", "/", "/notice", "/check", "/console", "/api/v1/openapi.json")
LARGEST_ERROR = 0.1
"""Share of the true crossings by which the embedded detector may be wrong (docs/benchmarks.md)."""
EDGE_S = 2.0
"""Seconds beside a minute's ends in which a crossing may fall into either minute: a foot is found a little early or late."""


@dataclass(frozen=True, slots=True)
class CheckedFigures:
    """What was counted, by direction, beside the fewest and the most true crossings that it can hold: people on its edges may fall out of it."""

    what: str
    fewest: Mapping[str, int]
    most: Mapping[str, int]
    counted: Mapping[str, int]


def check_pages(site: ServedSite) -> None:
    """Ask for each page once.

    Raises:
        ConflictError: ``demo.page`` for one that does not answer as it should.
    """
    with httpx.Client(base_url=site.address, follow_redirects=True, timeout=30.0) as client:
        for path in (*_PAGES, site.first_sign_in):
            answer = client.get(path)
            if answer.status_code != httpx.codes.OK:
                raise ConflictError("demo.page", path.partition("?")[0], f"it answered {answer.status_code}", "Read serve.log beside the settings.")


def check_figures(config: Path, clip: CountedClip, counted_from: int) -> tuple[CheckedFigures, CheckedFigures]:
    """Compare figures with truth: the clip as it was counted, and the first full minutes of the camera.

    Args:
        config: The settings of the running site.
        clip: The recording that the camera plays.
        counted_from: Where the counted clip stands in the records, seconds since 1970.

    Raises:
        ConflictError: ``demo.figures`` where they differ by more than the counting error, ``demo.no-minute`` where the camera counts nothing.
    """
    begun = ceil(time.time() / _MINUTE) * _MINUTE
    truth = {direction: sum(found == direction for _, found in crossings(clip.scene)) for direction in _WAYS}
    with open_site(config) as site:
        clip_end = counted_from + ceil(clip.scene.duration / _MINUTE) * _MINUTE
        first = CheckedFigures("clip", truth, truth, _sum(_bars(site, counted_from, clip_end)))
        _require(first)
        with LoopSource(parse_address(f"loop:{config.with_name(clip.file.name)}")) as loop:
            return first, _live(site, begun, clip.scene, loop.length)


def _live(site: Site, begun: int, scene: Scene, length: float) -> CheckedFigures:
    """Add up full minutes of the camera until they are the truth within the error."""
    wanted = 1
    while True:
        bars = _full_minutes(site, begun, wanted)
        fewest, most = looped_truth(scene, length, {int(bar.start.timestamp()) for bar in bars})
        figures = CheckedFigures(f"camera, {wanted} min", fewest, most, _sum(bars))
        if wanted == _MINUTES or _agree(figures):
            break
        wanted += 1
    _require(figures)
    return figures


def looped_truth(scene: Scene, length: float, minutes: Collection[int]) -> tuple[dict[str, int], dict[str, int]]:
    """Return the fewest and the most true crossings, by direction, of full minutes while the scene plays in laps of ``length`` seconds.

    Args:
        scene: What one lap shows.
        length: Seconds from the begin of a lap to that of the next; a lap began at 0.
        minutes: Where the minutes begin, multiples of 60, seconds since 1970. Between two that adjoin nobody is lost.
    """
    fewest, most = dict.fromkeys(_WAYS, 0), dict.fromkeys(_WAYS, 0)
    for lap in range(floor(min(minutes) / length) - 1, ceil((max(minutes) + _MINUTE) / length) + 1):
        for at, direction in crossings(scene):
            met = lap * length + at
            within = [(met + early_or_late) // _MINUTE * _MINUTE in minutes for early_or_late in (-EDGE_S, EDGE_S)]
            fewest[direction] += all(within)
            most[direction] += any(within)
    return fewest, most


def within_error(counted: int, fewest: int, most: int) -> bool:
    """Tell whether a count lies between two true numbers, give or take the counting error, at least one person."""
    slack = max(1.0, LARGEST_ERROR * most)
    return fewest - slack <= counted <= most + slack


def _agree(figures: CheckedFigures) -> bool:
    return all(within_error(figures.counted[way], figures.fewest[way], figures.most[way]) for way in _WAYS)


def _require(figures: CheckedFigures) -> None:
    if not _agree(figures):
        problem = f"{figures.what}: counted {dict(figures.counted)}, true {dict(figures.fewest)} to {dict(figures.most)}"
        raise ConflictError("demo.figures", LINE, problem, "The machine may be too slow for the camera; close what else runs.")


def _full_minutes(site: Site, begun: int, wanted: int) -> list[Bar]:
    """Wait for the first minutes from ``begun`` on that were watched from end to end."""
    limit = time.monotonic() + _PATIENCE_S
    while time.monotonic() < limit:
        whole = [bar for bar in _bars(site, begun, begun + 10 * _MINUTE) if bar.entered is not None and bar.coverage >= 1.0]
        if len(whole) >= wanted:
            return whole[:wanted]
        time.sleep(2.0)
    raise ConflictError("demo.no-minute", CAMERA, f"it counted too few full minutes in {_PATIENCE_S:.0f} s", "Read serve.log beside the settings.")


def _bars(site: Site, start: int, end: int) -> tuple[Bar, ...]:
    first, last = datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(end, UTC)
    if first >= site.clock.now() - timedelta(seconds=_MINUTE):
        return ()
    return footfall(site, this_operator(), Query(first, last, Step.MINUTE, (LinePlace(CAMERA, LINE),))).bars


def _sum(bars: tuple[Bar, ...] | list[Bar]) -> dict[str, int]:
    entered = sum(bar.entered.value for bar in bars if bar.entered is not None)
    return {"in": entered, "out": sum(bar.left.value for bar in bars if bar.left is not None)}
