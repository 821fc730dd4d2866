"""The demonstration site: founded around the rendered clip, filled with its counts and an invented week, and served."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
import segno

from consentry.counting.folds import IntervalState, LineCount, minutes
from consentry.counting.messages import MinuteReport
from consentry.platform.errors import ConflictError, InputError
from consentry.platform.migrations.run import migrate
from consentry.platform.opening import open_site
from consentry.platform.settings.founding import SETTINGS_FILE, found_site
from consentry.statistics.service import record_minute
from consentry.video.sources import open_source
from consentry.video.writer import VideoWriter

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from consentry.counting.folds import EventLog, Interval
    from consentry.video.scene import Scene

__all__ = ["CAMERA", "LINE", "CountedClip", "ServedSite", "fill_site", "found_demo", "require_free", "served"]

CAMERA = "entrance"
LINE = "door"
ZONE = ZoneInfo("Asia/Shanghai")
DAYS = 7
_MINUTE = 60
_DOORWAY, _LINTEL = 130, 80
"""Pixels of the clip: how far the doorway reaches to each side of its line, and where it ends above."""
_OPENS, _CLOSES = 10, 22
_BUSIEST = 3.2
"""People a minute who come in at the busiest time of the invented days."""
_STAYS = 35
"""Minutes that they stay, on the average."""

_CAMERA_TABLE = """
## A recording that plays in a loop by the wall clock stands in for the camera.
[[camera]]
id = "{camera}"
name = {{ zh = "入口", en = "Entrance" }}
source = "loop:{clip}"
zone_type = "entrance"
basis = "anonymous-counting"
retention = "400 days"
detector = "hog"
## Only the doorway is looked at, which is a third of the picture.
region = [{left}, {top}, {right}, {bottom}]
[camera.sign]
text = {{ zh = "此处统计经过的人数，不识别任何人", en = "People are counted here, no one is recognised" }}
place = "门旁，与视线同高 / Beside the door, at eye level"
photo = "sign.png"
placed_on = {today}
[[camera.line]]
id = "{line}"
name = {{ zh = "大门", en = "Door" }}
from = [{start[0]}, {start[1]}]
to = [{end[0]}, {end[1]}]
"""


@dataclass(frozen=True, slots=True)
class CountedClip:
    """The rendered clip: its file, what it shows, and what was counted in it."""

    file: Path
    scene: Scene
    log: EventLog


def require_free(port: int) -> None:
    """Make sure that the console can be opened at ``port`` of this machine, before minutes are spent on what it would show.

    Raises:
        ConflictError: ``demo.port``.
    """
    try:
        with socket.create_server(("127.0.0.1", port)):
            pass
    except OSError as error:
        problem = f"it cannot be opened ({os.strerror(error.errno or 0).lower()})"
        raise ConflictError("demo.port", f"port {port}", problem, "Choose another: .venv/bin/consentry demo --port 8001") from None


def found_demo(folder: Path, clip: CountedClip, port: int) -> Path:
    """Found the demonstration site anew in ``folder`` and return its settings file. Only a demonstration site is ever replaced.

    Raises:
        ConflictError: ``demo.folder`` where the folder holds something else.
    """
    _clear(folder)
    answers: dict[str, object] = {
        "site.id": "demo",
        "site.name": {"zh": "演示：人物为绘制，历史为虚构", "en": "Demonstration: drawn people, invented history"},
        "site.zone": ZONE.key,
        "site.controller": {"zh": "演示用，无经营者", "en": "Nobody: a demonstration"},
        "site.contact": "本机旁的人 / the person at this machine",
        "web.host": "127.0.0.1",
        "web.port": port,
        "web.tls.mode": "off",
        # A checkout often lies where only its owner may look; a site of one's own should keep its processes apart.
        "processes.one_user": True,
    }
    founded = found_site(folder, answers, datetime.now(UTC))
    _thin(clip.file, folder / clip.file.name)
    segno.make(f"http://127.0.0.1:{port}/notice").save(str(folder / "sign.png"), scale=6)
    today, line = datetime.now(ZONE).date(), clip.scene.line
    doorway = {"left": line.start[0] - _DOORWAY, "right": line.start[0] + _DOORWAY, "top": _LINTEL, "bottom": clip.scene.size.height}
    table = _CAMERA_TABLE.format(camera=CAMERA, line=LINE, clip=clip.file.name, today=today, start=line.start, end=line.end, **doorway)
    with founded.file.open("a", encoding="utf-8") as file:
        file.write(table)
    return founded.file


def _thin(clip: Path, thinned: Path) -> None:
    """Write every second picture of a clip: the embedded detector then follows the camera with half a core, and counts the same."""
    with open_source(str(clip)) as source, VideoWriter(thinned) as writer:
        for frame in islice(source.frames(), 0, None, 2):
            if frame is not None:
                writer.write(frame.image, frame.time)


def _clear(folder: Path) -> None:
    settings = folder / SETTINGS_FILE
    if not folder.exists():
        return
    if not (settings.is_file() and 'id = "demo"' in settings.read_text(encoding="utf-8")):
        raise ConflictError("demo.folder", str(folder), "it holds something that is no demonstration", "Choose another folder: --out.")
    shutil.rmtree(folder)


def fill_site(config: Path, log: EventLog) -> int:
    """Give the records a week of invented days and the counted clip as the last full minutes; return the start of these, seconds since 1970."""
    now = datetime.now(UTC)
    counted = minutes(log)
    start = (int(now.timestamp()) // _MINUTE - len(counted)) * _MINUTE
    reports = [*_week(now), *(_report("clip", start + place * _MINUTE, row) for place, row in enumerate(counted))]
    with open_site(config) as site:
        migrate(site.database)
        with site.database.transaction() as session:
            for report in reports:
                record_minute(session, CAMERA, report)
    return start


def _report(run: str, start: int, row: Interval) -> MinuteReport:
    lines = tuple(LineCount(LINE, line.entered, line.left, line.groups_in, line.groups_out) for line in row.lines)
    # The clip is the whole of what happened in its minute, so the minute counts as watched.
    return MinuteReport(run, start, row.state, 1.0, lines)


def _week(now: datetime) -> Iterator[MinuteReport]:
    """Yield invented minutes of the days before today, of opening hours alone; the same day always has the same figures."""
    today = now.astimezone(ZONE).date()
    for back in range(DAYS, 0, -1):
        day = today - timedelta(days=back)
        opening = datetime(day.year, day.month, day.day, _OPENS, tzinfo=ZONE)
        yield from _invented_day(int(opening.timestamp()), np.random.default_rng(day.toordinal()), busy=1.5 if day.weekday() in {5, 6} else 1.0)


def _invented_day(opening: int, random: np.random.Generator, *, busy: float) -> Iterator[MinuteReport]:
    length = (_CLOSES - _OPENS) * _MINUTE
    hours = np.arange(length) / 60
    rate = busy * _BUSIEST * (0.35 * np.exp(-(((hours - 3) / 1.6) ** 2)) + 0.9 * np.exp(-(((hours - 9) / 1.8) ** 2)) + 0.12)
    came = random.poisson(rate)
    went = np.zeros(length, int)
    for arrival in np.repeat(np.arange(length), came):
        went[min(length - 1, int(arrival + random.exponential(_STAYS)))] += 1
    run = f"invented-{opening}"
    for minute, (entered, left) in enumerate(zip(came.tolist(), went.tolist(), strict=True)):
        groups = LineCount(LINE, entered, left, -(-2 * entered // 3), -(-2 * left // 3))
        yield MinuteReport(run, opening + minute * _MINUTE, IntervalState.COUNTED, 1.0, (groups,))


@dataclass(frozen=True, slots=True)
class ServedSite:
    """A running demonstration: its address, the one-time link of its first administrator, and the server's process."""

    address: str
    first_sign_in: str
    process: subprocess.Popen[str]


@contextmanager
def served(config: Path, port: int) -> Iterator[ServedSite]:
    """Serve a site until the block ends; then it has ten seconds to stop.

    Raises:
        InputError: ``demo.serve`` where the server ended before it was ready; its log stands beside the settings.
    """
    log = config.with_name("serve.log")
    command = [sys.executable, "-m", "consentry.cli.main", "serve", "--config", str(config), "--port", str(port)]
    with log.open("w", encoding="utf-8") as errors:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, start_new_session=True)  # noqa: S603 - this very program
    try:
        line = process.stdout.readline() if process.stdout else ""
        address = line.rpartition(" ")[2].strip()
        if not address:
            raise InputError("demo.serve", str(config), f"its server ended with {process.wait()}", f"Read {log}.")
        yield ServedSite(address, _first_sign_in(config, address), process)
    finally:
        _stop(process)


def _stop(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    if process.stdout:
        process.stdout.close()


def _first_sign_in(config: Path, address: str) -> str:
    # The staff slice brings password hashing and more with it; only a served demonstration needs it.
    from consentry.staff.service import first_administrator_link

    with open_site(config) as site:
        # Security keys work under a name, not under a bare address.
        return f"{address.replace('127.0.0.1', 'localhost')}{first_administrator_link(site)}"
