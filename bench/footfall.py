"""Charts over a year of minutes: time at the interface for programs, beside the same sums from the minute rows by plain SQL."""

from __future__ import annotations

import asyncio
import gc
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import httpx
from fastapi import FastAPI, Request
from sqlalchemy import func, select, text

from bench.figures import spread
from bench.postgresql import programs, server
from bench.report import Report
from bench.year import Extent, settings_text, write_hours, write_year
from consentry.platform.actors import Actor, operator
from consentry.platform.clock import FixedClock
from consentry.platform.database import Database
from consentry.platform.http.access import serve_site
from consentry.platform.http.limits import RateLimit
from consentry.platform.http.problems import answer_problems
from consentry.platform.keys import SiteKeys
from consentry.platform.migrations import migrate
from consentry.platform.settings.store import SettingsStore
from consentry.platform.site import Site
from consentry.statistics.api import public_router, router
from consentry.statistics.records import LineMinute
from consentry.statistics.rules import instant, minute_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from bench.material import Material
    from bench.report import Cell

__all__ = ["measure"]

START = minute_of(datetime(2025, 1, 1, tzinfo=UTC))
FULL, SHORT = Extent(200, 365, START), Extent(20, 60, START)
BAR_MS = 300
"""The bar P7: no chart takes longer."""


def measure(material: Material) -> Report:
    """Measure every kind of chart on SQLite, and on PostgreSQL where it is installed."""
    extent, rounds = (SHORT, 5) if material.short else (FULL, 20)
    rows: list[tuple[Cell, ...]] = []
    notes = [f"{extent.lines} lines of {extent.cameras} cameras, {extent.days} days, every minute watched; the bar is {BAR_MS} ms. CPU time: the web process."]
    for name, database in _databases(material.work):
        migrate(database)
        began = time.perf_counter()
        write_year(database, extent)
        took = time.perf_counter() - began
        write_hours(database, extent, days=62)
        notes.append(f"{name}: {_minute_rows(database):,} minutes in which someone crossed a line, written in bulk in {took:.0f} s, {_size(database)} MB.")
        rows += _measure_database(name, database, extent, rounds, material.work)
    return Report(
        "Footfall: charts over a year of minutes",
        ("database", "chart", "p50 ms", "max ms", "CPU ms", "bytes", "from minutes, ms", "ratio"),
        tuple(rows),
        tuple(notes),
    )


def _databases(work: Path) -> Iterator[tuple[str, Database]]:
    database = Database(f"sqlite:///{work / 'footfall.db'}")
    yield "SQLite", database
    database.close()
    if programs():
        with server() as address:
            database = Database(address)
            yield "PostgreSQL", database
            database.close()


def _measure_database(name: str, database: Database, extent: Extent, rounds: int, work: Path) -> Iterator[tuple[Cell, ...]]:
    database_settings = work / "site.toml"
    database_settings.write_text(settings_text(extent), encoding="utf-8")
    now = instant(extent.start + (extent.days - 1) * 1440 + 18 * 60)
    site = Site(SettingsStore(database_settings), database, SiteKeys(bytes(32), "bench"), FixedClock(now))
    if not database.is_sqlite:
        # What its own housekeeping would do within minutes.
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
    app = _application(site)
    for chart, path in _charts(now, extent).items():
        gc.freeze()  # as the web process does once it serves
        times, cpu, size = asyncio.run(_ask(app, path, rounds))
        found = spread(times)
        from_minutes = _by_minutes(database, now, chart)
        yield (name, chart, found.median, found.high, spread(cpu).median, size, from_minutes, None if from_minutes is None else from_minutes / found.median)


def _application(site: Site) -> FastAPI:
    app = FastAPI(openapi_url=None)
    answer_problems(app)
    serve_site(app, site, _as_operator, RateLimit(per_second=1e6, burst=1000))
    app.include_router(router)
    app.include_router(public_router)
    return app


def _as_operator(_: Site, __: Request) -> Actor:
    return operator("bench")


def _charts(now: datetime, extent: Extent) -> Mapping[str, str]:
    """Return what a console asks for, each over the longest time that it may ask for."""

    def since(**length: int) -> str:
        begin = max(now - timedelta(**length), instant(extent.start))
        return f"start={begin.isoformat().replace('+', '%2B')}&end={now.isoformat().replace('+', '%2B')}"

    return {
        "a year by days, all lines": f"/figures/footfall?step=day&{since(days=365)}",
        "a year by days, one line": f"/figures/footfall?step=day&line=c0/l0&{since(days=365)}",
        "62 days by hours, all lines": f"/figures/footfall?step=hour&{since(days=62)}",
        "15 days by quarters, all lines": f"/figures/footfall?step=quarter&{since(days=15)}",
        "15 days by quarters, one line": f"/figures/footfall?step=quarter&line=c0/l0&{since(days=15)}",
        "25 hours by minutes, all lines": f"/figures/footfall?step=minute&{since(hours=25)}",
        "occupancy, 15 days": f"/figures/occupancy?{since(days=15)}",
        "overview, each line by quarters": "/figures/overview",
        "heat map, 62 days": f"/figures/heat?camera=c0&{since(days=62)}",
        "dwell, 62 days": f"/figures/dwell?camera=c0&area=window&{since(days=62)}",
        "public day by hours": f"/public/figures/footfall?day={now.date()}",
    }


async def _ask(app: FastAPI, path: str, rounds: int) -> tuple[list[float], list[float], int]:
    """Return the milliseconds and the milliseconds of CPU time that each request took, the first of all left out, and the bytes of the answer."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
        times, cpu, size = [], [], 0
        for _ in range(rounds + 1):
            began, worked = time.perf_counter(), time.process_time()
            answer = await client.get(path)
            times.append((time.perf_counter() - began) * 1000)
            cpu.append((time.process_time() - worked) * 1000)
            answer.raise_for_status()
            size = len(answer.content)
    return times[1:], cpu[1:], size


def _by_minutes(database: Database, now: datetime, chart: str) -> float | None:
    """Return how long plain SQL takes for the sums of one chart from the minute rows, in milliseconds; None for charts without such a twin."""
    steps = {"a year by days, all lines": (365, 1440), "62 days by hours, all lines": (62, 60), "15 days by quarters, all lines": (15, 15)}
    if chart not in steps:
        return None
    days, step = steps[chart]
    begin = LineMinute.minute - LineMinute.minute % step
    statement = select(begin, func.sum(LineMinute.entered), func.sum(LineMinute.left)).where(LineMinute.minute >= minute_of(now) - days * 1440).group_by(begin)
    began = time.perf_counter()
    with database.reading() as session:
        session.execute(statement).all()
    return (time.perf_counter() - began) * 1000


def _minute_rows(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(LineMinute)) or 0


def _size(database: Database) -> int:
    """Return how large the database is on disk, in MB."""
    pages = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
    with database.reading() as session:
        return int(session.execute(text(pages if database.is_sqlite else "SELECT pg_database_size(current_database())")).scalar_one()) // 2**20
