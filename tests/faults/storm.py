"""A site under a storm of kills: which process dies when, and what the records say afterwards."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from consentry.platform.clock import SystemClock
from consentry.platform.settings.founding import found_site

CAMERAS = ("door", "gate")
WARM_UP_S, FLUSH_S, ENDING_S = 15.0, 20.0, 60.0
BURST, CALM, EVERY_BURST_S, EVERY_CALM_S = 4, 6, 5.0, 20.0
"""A burst kills any process, every five seconds; the calm after it spares cameras and supervisor, so that two whole minutes are covered."""

_CAMERA = """
[[camera]]
id = "{id}"
name = {{zh = "门", en = "Door"}}
source = "loop:lap.mp4"
zone_type = "entrance"
basis = "anonymous-counting"
retention = "90 days"
detector = "{detector}"
[camera.sign]
text = {{zh = "计数", en = "We count people here."}}
place = "at the door"
photo = "sign.png"
placed_on = 2026-01-01
[[camera.line]]
id = "door"
name = {{zh = "门", en = "Door"}}
from = [320, 0]
to = [320, 480]
[[camera.area]]
id = "till"
name = {{zh = "收银", en = "Till"}}
corners = [[380, 200], [640, 200], [640, 480], [380, 480]]
"""


def found(folder: Path, detector: str) -> Path:
    """Make a site with two cameras that look at the same loop; return its settings file."""
    answers = {
        "site.id": "storm",
        "site.name": {"zh": "店", "en": "Shop"},
        "site.zone": "Asia/Shanghai",
        "site.controller": {"zh": "甲", "en": "Controller"},
        "site.contact": "100",
        "processes.one_user": True,
    }
    file = found_site(folder, answers, SystemClock().now()).file
    (folder / "sign.png").write_bytes(b"a photograph of the sign")
    with file.open("a", encoding="utf-8") as text:
        text.write("".join(_CAMERA.format(id=camera, detector=detector) for camera in CAMERAS))
    return file


@dataclass
class Storm:
    """Runs ``consentry serve`` and kills: at random, but the same again for the same seed."""

    file: Path
    log: Path
    seed: int
    kills: list[tuple[float, str]] = field(default_factory=list)

    def rage(self, kills: int) -> None:
        """Kill so many times, with calms between the bursts, and end the site cleanly."""
        chance = random.Random(self.seed)  # noqa: S311 - it chooses victims
        self._serve()
        time.sleep(WARM_UP_S)
        while len(self.kills) < kills:
            for _ in range(min(BURST, kills - len(self.kills))):
                self._kill(chance.choice(["supervisor", "web", "vault", *(f"camera:{camera}" for camera in CAMERAS)]))
                time.sleep(chance.uniform(0.2, 2 * EVERY_BURST_S))
            time.sleep(EVERY_CALM_S)
            for _ in range(min(CALM, kills - len(self.kills))):
                self._kill(chance.choice(["web", "vault"]))
                time.sleep(EVERY_CALM_S * chance.uniform(0.7, 1.3))
        # The last whole minute is settled a quarter of a minute after its end.
        time.sleep(FLUSH_S)
        self._server.terminate()
        began = time.monotonic()
        code = self._server.wait(120)
        assert (code, time.monotonic() - began < ENDING_S) == (0, True), "the site ends cleanly within ten seconds, a minute on a busy machine"

    def _serve(self) -> None:
        program = "import sys; from consentry.cli.main import main; sys.exit(main(sys.argv[1:]))"
        with self.log.open("ab") as log:
            self._server = subprocess.Popen([sys.executable, "-c", program, "serve", "--config", str(self.file), "--port", "0"], stdout=log, stderr=log)

    def _kill(self, name: str) -> None:
        """Kill a process; the supervisor instead of one that is not running at this moment."""
        number = self._process(name)
        if number is not None:
            # It may end by itself before it is hit.
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        else:
            self._server.kill()
        self.kills.append((time.time(), name if number else "supervisor"))
        if number in {None, self._server.pid}:
            self._server.wait()
            self._serve()

    def _process(self, name: str) -> int | None:
        """Return the number of a process, by the log's last word on it; None while it is not running."""
        if name == "supervisor":
            return self._server.pid
        said = [json.loads(line)["message"] for line in self.log.read_text().splitlines() if line.startswith("{")]
        numbers = [int(message.rsplit(" ", 1)[1]) for message in said if message.startswith(f"{name} started as process")]
        return numbers[-1] if numbers and self._is_ours(numbers[-1]) else None

    @staticmethod
    def _is_ours(number: int) -> bool:
        """Return whether a process of this number runs and is one of a site: numbers are given again."""
        try:
            return b"consentry" in Path(f"/proc/{number}/cmdline").read_bytes()
        except OSError:
            return False


Minute = tuple[tuple[int, int, int, int], tuple[int, int]]
"""In, out, groups in, groups out of the line; visits and highest occupancy of the area."""


@dataclass(frozen=True)
class Recorded:
    """What the records say of one camera: the figures of whole minutes (seconds since 1970), and the gaps (start, end)."""

    whole: dict[int, Minute]
    gaps: list[tuple[float, float]]

    def calm(self, distance: float) -> dict[int, Minute]:
        """Return the whole minutes that are at least ``distance`` seconds away from every gap."""
        return {start: figures for start, figures in self.whole.items() if not any(self._is_near(start, gap, distance) for gap in self.gaps)}

    @staticmethod
    def _is_near(start: int, gap: tuple[float, float], distance: float) -> bool:
        return gap[0] < start + 60 + distance and start - distance < gap[1]


def recorded(database: Path, camera: str) -> Recorded:
    """Read the records as anybody could who has the file."""
    with closing(sqlite3.connect(database)) as records:
        gaps = records.execute("SELECT start, end FROM camera_gap WHERE camera = ?", (camera,)).fetchall()
        rows = records.execute(_WHOLE_MINUTES, (camera,)).fetchall()
    whole = {60 * minute: ((entered, left, groups_in, groups_out), (visits, most)) for minute, entered, left, groups_in, groups_out, visits, most in rows}
    return Recorded(whole, [(_instant(start), _instant(end)) for start, end in gaps])


_WHOLE_MINUTES = """
    SELECT watched.minute, l.entered, l.left, l.groups_in, l.groups_out, a.visits, a.max_occupancy
    FROM watched_minute AS watched JOIN place AS cam ON cam.id = watched.camera
    JOIN place AS door ON door.camera = cam.camera AND door.kind = 1
    JOIN place AS till ON till.camera = cam.camera AND till.kind = 2
    LEFT JOIN line_minute AS l ON l.minute = watched.minute AND l.line = door.id
    LEFT JOIN area_minute AS a ON a.minute = watched.minute AND a.area = till.id
    WHERE cam.kind = 0 AND cam.camera = ? AND watched.watched_ms = 60000
"""


def _instant(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()
