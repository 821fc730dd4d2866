"""A shop with two doors and a stockroom for tests of figures, and reports as its cameras would send them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from consentry.counting.folds import LineCount, ZoneCount
from consentry.counting.messages import DWELL_BUCKETS, AreaDwell, HourReport, MinuteReport
from consentry.platform.actors import operator
from consentry.platform.keys import SiteKeys
from consentry.platform.settings.store import SettingsStore
from consentry.platform.site import Site
from consentry.statistics.model import LinePlace, Query, Step
from consentry.statistics.service import record_hour, record_minute

if TYPE_CHECKING:
    from pathlib import Path

    from consentry.platform.clock import Clock
    from consentry.platform.database import Database

OWNER = operator("test")
DOOR, SIDE = LinePlace("front", "door"), LinePlace("side", "side-door")
MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC)
"""A Monday."""

SETTINGS = """
[site]
id = "shop"
name = "Shop"
zone = "{zone}"
controller = "Demo Ltd"
contact = "+86 000"
occupancy_reset = "04:00"
{hours}

[[camera]]
id = "front"
name = "Front"
retention = "400 days"
detector = "rtmdet"
  [[camera.line]]
  id = "door"
  name = "Door"
  from = [0, 0]
  to = [9, 9]
  [[camera.line]]
  id = "aisle"
  name = "Aisle"
  from = [0, 0]
  to = [9, 9]
  entrance = false
  [[camera.line]]
  id = "stockroom"
  name = "Stockroom"
  from = [0, 0]
  to = [9, 9]
  staff_only = true
  [[camera.area]]
  id = "window"
  name = "Window"
  corners = [[0, 0], [9, 0], [9, 9]]

[[camera]]
id = "side"
name = "Side"
retention = "30 days"
publish = false
  [[camera.line]]
  id = "side-door"
  name = "Side door"
  from = [0, 0]
  to = [9, 9]
{more}
"""
NINE_TO_FIVE = "hours = { monday = ['09:00-17:00'], tuesday = ['09:00-17:00'] }"


def shop(database: Database, folder: Path, clock: Clock, *, zone: str = "UTC", hours: str = "", more: str = "") -> Site:
    """Return the shop on an empty database."""
    path = folder / "site.toml"
    path.write_text(SETTINGS.format(zone=zone, hours=hours, more=more), encoding="utf-8")
    return Site(SettingsStore(path), database, SiteKeys(bytes(32), "shop"), clock)


def minute(start: datetime, entered: int = 0, left: int = 0, **other: object) -> MinuteReport:
    """Return a counted minute of the front camera's door, or of the line and run that ``other`` names."""
    line = str(other.get("line", "door"))
    areas = (ZoneCount("window", int(str(other["visits"])), int(str(other.get("inside", 1)))),) if "visits" in other else ()
    lines = (LineCount(line, entered, left, min(entered, 1), min(left, 1)),)
    return MinuteReport(str(other.get("run", "r1")), round(start.timestamp()), "counted", float(str(other.get("coverage", 1.0))), lines, areas)


def missing(start: datetime, run: str = "r1") -> MinuteReport:
    """Return a minute that nobody watched."""
    return MinuteReport(run, round(start.timestamp()), "missing", 0.0)


def hour(start: datetime, dwell: dict[int, int], run: str = "r1", seconds: tuple[int, ...] = (0, 0, 0, 0, 0, 0)) -> HourReport:
    """Return an hour with ``dwell`` visits by bucket, and a grid of two rows and three columns."""
    counts = tuple(dwell.get(bucket, 0) for bucket in range(len(DWELL_BUCKETS) + 1))
    return HourReport(run, round(start.timestamp()), (AreaDwell("window", counts),), 2, 3, seconds)


def report(site: Site, *reports: MinuteReport | HourReport, camera: str = "front") -> list[bool]:
    """Record reports, each in a transaction of its own, and return which minutes were new."""
    new = []
    for message in reports:
        with site.database.transaction() as session:
            if isinstance(message, MinuteReport):
                new.append(record_minute(session, camera, message))
            else:
                record_hour(session, camera, message)
    return new


def span(step: Step, hours: float = 1, *lines: LinePlace, start: datetime = MIDNIGHT) -> Query:
    """Return a question about some hours from ``start``."""
    return Query(start, start + timedelta(hours=hours), step, lines)


def at(minutes: float) -> datetime:
    """Return the instant so many minutes after the first midnight."""
    return MIDNIGHT + timedelta(minutes=minutes)
