"""A site with cameras for tests, a supervisor that is not one, and messages as cameras send them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from consentry.ledger.service import browse
from consentry.platform.actors import operator
from consentry.platform.clock import FixedClock
from consentry.platform.keys import SiteKeys
from consentry.platform.processes.messages import Delivery
from consentry.platform.settings.store import SettingsStore
from consentry.platform.site import Site

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

    from consentry.ledger.model import Act
    from consentry.platform.database import Database

SETTINGS = """
[site]
id = "shop-1"
name = {zh = "一号店", en = "Shop one"}
zone = "Asia/Shanghai"
controller = {zh = "示范公司", en = "Demo Ltd"}
contact = "+86 000"

# The camera above the door.
[[camera]]
id = "door"
name = {zh = "大门", en = "Door"}
source = "rtsp://viewer:{secret}@camera.lan/1"
zone_type = "entrance"
basis = "anonymous-counting"
retention = "90 days"
[camera.sign]
text = "People are counted here"
place = "On the door"
photo = "sign.jpg"
placed_on = 2026-01-05

# Measured with a tape on the floor.
[[camera.line]]
id = "main"
name = "Main door"
from = [100, 400] # left post
to = [500, 400]

[[camera]]
id = "aisle"
name = "Aisle"
source = "rtsp://camera.lan/2"
"""
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ROOT = bytes(range(32))
OPERATOR = operator("uid-1000")
MINUTE = timedelta(minutes=1)


def site_on(database: Database, folder: Path, settings: str = SETTINGS) -> Site:
    """Return a site on a database that has every table; its clock stands at noon."""
    for name in ("data", "keys"):
        (folder / name).mkdir(exist_ok=True)
    (folder / "sign.jpg").write_bytes(b"a photograph")
    path = folder / "site.toml"
    path.write_text(settings, encoding="utf-8")
    return Site(SettingsStore(path), database, SiteKeys(ROOT, "shop-1"), FixedClock(NOON))


def pass_by(site: Site, **time: float) -> None:
    """Let time pass."""
    assert isinstance(site.clock, FixedClock)
    site.clock.advance(timedelta(**time))


def acts(site: Site, action: str | None = None) -> list[Act]:
    """Return what the ledger holds, oldest first."""
    page = browse(site, OPERATOR, limit=500)
    found = [listed.entry.act for listed in reversed(page.entries) if listed.entry]
    return [act for act in found if action in {None, act.action}]


def seconds(at: datetime) -> float:
    """Return seconds since 1970."""
    return at.timestamp()


def started(run: str, at: datetime) -> dict[str, Any]:
    lines = {"lines": ["main"], "areas": []}
    return {"type": "started", "run": run, "at": seconds(at), "detector": "hog", "width": 640, "height": 480, **lines}


def minute(run: str, start: datetime, entered: int = 0, state: str = "counted", coverage: float = 1.0) -> dict[str, Any]:
    counts = [{"id": "main", "in": entered, "out": 0, "groups_in": entered, "groups_out": 0}] if state == "counted" else []
    return {"type": "minute", "run": run, "start": int(seconds(start)), "state": state, "coverage": coverage, "lines": counts, "areas": []}


def gap(run: str, start: datetime, end: datetime, reason: str = "no frames") -> dict[str, Any]:
    return {"type": "gap", "run": run, "start": seconds(start), "end": seconds(end), "reason": reason}


def health(run: str, at: datetime, state: str = "live", reason: str = "") -> dict[str, Any]:
    figures = {"fps": 9.5, "dropped": 3, "reconnects": 1, "lag_ms": 40.0, "rss_mb": 180.0}
    return {"type": "health", "run": run, "at": seconds(at), "state": state, "reason": reason, **figures}


def hour(run: str, start: datetime) -> dict[str, Any]:
    heat = {"rows": 2, "columns": 3, "seconds": [0, 1, 2, 3, 4, 5]}
    return {"type": "hour", "run": run, "start": int(seconds(start)), "areas": [], "heat": heat}


def process(name: str, event: str, at: datetime, status: int | None = None) -> dict[str, Any]:
    return {"type": "process", "name": name, "event": event, "exit": status, "at": seconds(at)}


def from_camera(*messages: Mapping[str, Any], camera: str = "door") -> list[Delivery]:
    """Return messages as the supervisor passes them on, numbered from 1; its own ones name no camera."""
    own = {"process", "settings"}
    return [Delivery(number, None if message["type"] in own else camera, message) for number, message in enumerate(messages, 1)]


@dataclass
class FakeLink:
    """A supervisor's link that gives what it is told to, and remembers what it hears."""

    acked: list[int] = field(default_factory=list)
    asked: list[tuple[str, ...]] = field(default_factory=list)
    heard: asyncio.Event = field(default_factory=asyncio.Event)
    arriving: asyncio.Queue[Delivery | None] = field(default_factory=asyncio.Queue)

    async def __aiter__(self) -> AsyncIterator[Delivery]:
        while (delivery := await self.arriving.get()) is not None:
            yield delivery

    async def ack(self, seq: int) -> None:
        self.acked.append(seq)

    async def ask_still(self, camera: str, request: str) -> None:
        self.asked.append(("still", camera, request))
        self.heard.set()

    async def ask_reload(self) -> None:
        self.asked.append(("reload",))

    async def ask_restart(self, camera: str) -> None:
        self.asked.append(("restart", camera))
