"""Bar P9: the memory of a camera worker, two hours long; it must stay flat and at most 300 MB.

The worker is the one that ``consentry serve`` starts. It counts a rendered clip in a loop by the wall clock; its resident memory is read
from ``/proc`` every two seconds, after a warm-up in which libraries, networks and allocators take what they keep.
"""

from __future__ import annotations

import os
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from bench.report import Report
from consentry.cli.serve_plan import WORKER_COMMAND, WORKER_ENVIRONMENT
from consentry.counting.model import Line, Point, Zone
from consentry.counting.order import CameraOrder
from consentry.video.entrance import entrance
from consentry.video.render import write_clip
from consentry.vision.persons.select import EMBEDDED, best_present
from consentry.vision.store import open_store

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from bench.material import Material

__all__ = ["BAR_MB", "Trend", "is_flat", "measure", "trend"]

BAR_MB = 300.0
SETTLING_MB, SHORT_SETTLING_MB = 3.0, 12.0
"""Growth over all the time watched that is no leak: allocators take their last pages in steps, which look like a slope for some minutes.

Over two hours it is 1.6 MB an hour. Five minutes on a busy machine see steps of a tenth of the whole, up and down, and cannot tell less than 200 MB
an hour from them: that is one kept picture of this clip in twenty seconds.
"""
SECONDS, SHORT_SECONDS = 7200.0, 300.0
WARM_UP, SHORT_WARM_UP = 600.0, 90.0
EVERY = 2.0
_BLOCK = 15
_PAGE = 4096


@dataclass(frozen=True, slots=True)
class Trend:
    """A straight line through memory over time: megabytes an hour with their 95 % interval, the highest value, and the ``hours`` watched."""

    slope: float
    low: float
    high: float
    highest: float
    samples: int
    hours: float


def trend(hours: list[float], megabytes: list[float]) -> Trend:
    """Fit a line by least squares to the highest value of each half minute.

    A detector takes memory for a picture with people in it and gives it back, a tenth of the whole, so means follow how busy the clip is; what
    grows is the height that memory comes back to. Neighbours in time are alike, so the interval comes from the half minutes.
    """
    blocks = max(3, len(hours) // _BLOCK)
    x = np.array([part.mean() for part in np.array_split(np.array(hours), blocks)])
    y = np.array([part.max() for part in np.array_split(np.array(megabytes), blocks)])
    centred = x - x.mean()
    spread = float((centred**2).sum())
    slope = float((centred * y).sum()) / spread
    left = y - y.mean() - slope * centred
    error = float(np.sqrt((left**2).sum() / (blocks - 2) / spread))
    reach = NormalDist().inv_cdf(0.975) * error
    return Trend(slope, slope - reach, slope + reach, max(megabytes), len(megabytes), hours[-1] - hours[0])


def is_flat(found: Trend, settling_mb: float = SETTLING_MB) -> bool:
    """Tell whether memory does not grow: zero lies within the slope's interval or above it, or the growth is that of settling."""
    return found.low <= 0 or found.slope * found.hours <= settling_mb


def measure(material: Material) -> Report:
    """Watch a worker's memory with the best detector present and, at the same time, another's with the embedded one."""
    clip = material.work / "soak.mp4"
    write_clip(entrance(seed=11, people=12), clip)
    seconds, warm_up, settling = (SHORT_SECONDS, SHORT_WARM_UP, SHORT_SETTLING_MB) if material.short else (SECONDS, WARM_UP, SETTLING_MB)
    detectors = [EMBEDDED] if material.short else list(dict.fromkeys([best_present(open_store()), EMBEDDED]))
    rows = []
    details = {}
    with ThreadPoolExecutor(len(detectors)) as side_by_side:
        watched = list(side_by_side.map(lambda detector: _watched(clip, detector, seconds, warm_up), detectors))
    for detector, (hours, megabytes) in zip(detectors, watched, strict=True):
        found = trend(hours, megabytes)
        verdict = "held" if is_flat(found, settling) and found.highest <= BAR_MB else "not held"
        rows.append((detector, verdict, found.highest, found.slope, f"{found.low:+.2f} to {found.high:+.2f}", found.samples))
        details[detector] = {"hours": hours, "megabytes": megabytes}
    notes = (f"Bar: at most {BAR_MB:g} MB and flat. {seconds / 60:g} minutes, the first {warm_up / 60:g} left out.",)
    columns = ("detector", "flat and within the bar", "highest MB", "slope MB/h", "95 % interval", "samples")
    return Report("Soak: resident memory of a camera worker", columns, tuple(rows), notes, details)


def _watched(clip: Path, detector: str, seconds: float, warm_up: float) -> tuple[list[float], list[float]]:
    hours: list[float] = []
    megabytes: list[float] = []
    with _worker(clip, detector) as process:
        begin = time.monotonic()
        while (passed := time.monotonic() - begin) < seconds:
            if process.poll() is not None:
                raise subprocess.CalledProcessError(process.returncode, process.args)
            if passed >= warm_up:
                hours.append(passed / 3600)
                megabytes.append(_resident(process.pid))
            time.sleep(EVERY)
        process.terminate()
        process.wait(30)
    return hours, megabytes


def _worker(clip: Path, detector: str) -> AbstractContextManager[subprocess.Popen[str]]:
    """Start the worker; what it says is read and forgotten, as the supervisor would read it."""
    order = CameraOrder(
        "soak",
        f"loop:{clip}",
        "A benchmark on rendered figures.",
        (Line("door", Point(400, 0), Point(400, 500)),),
        (Zone("till", (Point(0, 200), Point(200, 200), Point(200, 500), Point(0, 500))),),
        detector=detector,
    )
    process = subprocess.Popen(WORKER_COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, **dict(WORKER_ENVIRONMENT)})
    if process.stdin:
        process.stdin.write(order.to_line())
        process.stdin.flush()
    threading.Thread(target=lambda: [None for _ in process.stdout or ()], daemon=True).start()
    return process


def _resident(process: int) -> float:
    return int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1]) * _PAGE / 1e6
