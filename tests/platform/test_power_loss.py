"""A power cut loses no minute that was acknowledged and corrupts nothing, wherever it comes."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import select, text

from consentry.ledger.service import audit
from consentry.platform.clock import SystemClock
from consentry.platform.database import Database
from consentry.platform.errors import RecordsError
from consentry.statistics.records import WatchedMinute
from consentry.statistics.rules import minute_of
from tests.platform.power_cuts import CALLS, Call, Disk, calls_of, put
from tests.statistics.shop import MIDNIGHT, OWNER, shop

ROOT = Path(__file__).resolve().parents[2]
MINUTES = 70
"""Enough for SQLite to copy its log into the database, which is when most is at stake."""
IMAGES = 200


@dataclass(frozen=True, slots=True)
class Found:
    """What is in a database after a power cut. ``sound``: SQLite and the ledger's audit have nothing to say against it."""

    minutes: int
    sound: bool


def writer(database: Path, first: int, number: int, flushing: str = "FULL") -> list[str]:
    """Return the command that writes minutes."""
    return [sys.executable, "-m", "tests.platform.busy_writer", str(database), str(first), str(number), flushing]


def look(folder: Path) -> Found:
    """Open what is in ``folder`` as the site would after a restart."""
    database = Database(f"sqlite:///{folder / 'main.db'}")
    try:
        with database.reading() as session:
            whole = session.execute(text("PRAGMA integrity_check")).scalar_one() == "ok"
            minutes = sorted(session.scalars(select(WatchedMinute.minute)))
        clean = audit(shop(database, folder, SystemClock()), OWNER).clean
        begin = minute_of(MIDNIGHT)
        return Found(len(minutes), whole and clean and minutes == list(range(begin, begin + len(minutes))))
    except RecordsError:
        return Found(0, sound=False)
    finally:
        database.close()


def traced(folder: Path, trace: Path, flushing: str) -> list[Call]:
    """Let the writer write, and return what it did."""
    if shutil.which("strace") is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("reason: strace is not installed (make system)")
    strace = ["strace", "-y", "-xx", "-s", "70000", "-e", f"trace={CALLS}", "-o", str(trace)]
    subprocess.run([*strace, *writer(folder / "main.db", 1, MINUTES, flushing)], check=True, cwd=ROOT, capture_output=True)
    return list(calls_of(trace, folder))


@pytest.fixture
def begun(sqlite_template: Path, tmp_path: Path) -> Path:
    """Return a folder with a database that has its first minute."""
    folder = tmp_path / "data"
    folder.mkdir()
    shutil.copyfile(sqlite_template, folder / "main.db")
    subprocess.run(writer(folder / "main.db", 0, 1), check=True, cwd=ROOT, capture_output=True)
    return folder


def cuts(calls: list[Call], start: bytes, path: str, random: Random) -> list[tuple[int, dict[str, bytes]]]:
    """Return power cuts, each as the minutes acknowledged by then and what may be on the disk.

    Half come around a flush, where a wrong order would show, and half anywhere.
    """
    flushes = [number for number, call in enumerate(calls) if call.kind == "flush"]
    near = [random.choice(flushes) + random.choice((0, 1)) for _ in range(IMAGES // 2)]
    points = sorted([*near, *(random.randrange(len(calls)) for _ in range(IMAGES // 2))])
    disk, acknowledged, found = Disk({path: bytearray(start)}), 1, []
    for number, call in enumerate(calls):
        found += [(acknowledged, disk.image(random, random.choice((0.0, 0.3, 0.7, 1.0)))) for point in points if point == number]
        if call.kind == "said":
            acknowledged = int(call.data) + 1
        else:
            disk.do(call)
    return found


@pytest.mark.slow
def test_no_acknowledged_minute_is_lost_and_nothing_is_corrupted_wherever_the_power_is_cut(begun: Path, tmp_path: Path) -> None:
    start = (begun / "main.db").read_bytes()
    calls = traced(begun, tmp_path / "trace", "FULL")
    assert sum(call.kind == "said" for call in calls) == MINUTES
    assert any(call.kind == "write" and call.path.endswith("main.db") for call in calls), "the log was never copied into the database"
    for number, (acknowledged, image) in enumerate(cuts(calls, start, str(begun / "main.db"), Random(7))):  # noqa: S311 - a repeatable choice of images
        put(image, begun, tmp_path / f"image-{number}")
        found = look(tmp_path / f"image-{number}")
        assert found.sound, f"image {number}"
        # The minute that was being written may be there although nobody was told.
        assert acknowledged <= found.minutes <= acknowledged + 1, f"image {number}"
        shutil.rmtree(tmp_path / f"image-{number}")


@pytest.mark.slow
def test_the_model_of_a_power_cut_notices_a_database_that_does_not_flush_every_commit(begun: Path, tmp_path: Path) -> None:
    start = (begun / "main.db").read_bytes()
    lost = 0
    for number, (acknowledged, image) in enumerate(cuts(traced(begun, tmp_path / "trace", "NORMAL"), start, str(begun / "main.db"), Random(7))[:40]):  # noqa: S311 - as above
        put(image, begun, tmp_path / f"image-{number}")
        found = look(tmp_path / f"image-{number}")
        lost += not found.sound or found.minutes < acknowledged
        shutil.rmtree(tmp_path / f"image-{number}")
    assert lost


@pytest.mark.faults
def test_killing_the_writer_again_and_again_loses_no_acknowledged_minute(begun: Path) -> None:
    random = Random(3)  # noqa: S311 - a repeatable choice of moments
    recorded = 1
    for _ in range(6):
        with subprocess.Popen(writer(begun / "main.db", recorded, 10_000), cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            for _ in range(random.randrange(1, 40)):
                recorded = int(process.stdout.readline()) + 1
            process.send_signal(signal.SIGKILL)
            recorded = max([recorded, *(int(line) + 1 for line in process.stdout.read().splitlines())])
        found = look(begun)
        assert found.sound
        assert recorded <= found.minutes <= recorded + 1
        recorded = found.minutes
