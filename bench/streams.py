"""How many 1080p streams of 10 frames a second two cores count in real time, with people always moving in each.

Each stream is a process of its own that reads a file at the pace of a camera. Real time is held when no stream falls behind: the lag from
when a frame is there to when it is counted neither grows nor gets long.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from bench.crowd import FRAMES_PER_SECOND, SIZE, always_moving
from bench.figures import largest_that_holds
from bench.material import RECOMMENDED, scaled_clip, weights
from bench.processes import OURS, answer_of, cores, say, start
from bench.report import Report
from consentry.video.render import write_clip

if TYPE_CHECKING:
    from pathlib import Path

    from bench.material import Material
    from bench.report import Cell

__all__ = ["Load", "holds", "load_of", "measure"]

BAR, STEP, CORES = 12, 4, 2
SECONDS, SHORT_SECONDS = 60.0, 15.0
CLIP_SECONDS, SHORT_CLIP_SECONDS = 20.0, 8.0
STARTED_OVER = 1.5
"""Seconds over which streams begin: cameras are not started in step."""
GROWTH = 0.05
"""Seconds by which the middle lag may grow from the first third of a run to its last."""
LONGEST_LAG = 0.5
"""Seconds that 99 of 100 frames of the last third must not lag by."""


@dataclass(frozen=True, slots=True)
class Load:
    """What a number of streams made of the machine: lags of the worst stream in the first and last third (seconds), and means over all streams.

    ``late``: share of the frames that a slot for the newest frame would have dropped. ``cores``: CPU time by time. ``cpu_ms`` and
    ``stages``: milliseconds of CPU per frame.
    """

    streams: int
    first_p50: float
    first_p99: float
    last_p50: float
    last_p99: float
    late: float
    cores: float
    cpu_ms: float
    people: float
    stages: dict[str, float]


def measure(material: Material) -> Report:
    """Find the largest number of streams that holds real time, for each clip."""
    weights()
    loads: dict[str, list[Load]] = {}
    most: dict[str, int] = {}
    for clip in _clips(material):
        tried = loads[clip.stem] = []
        most[clip.stem] = largest_that_holds(partial(_try, clip, material, tried), BAR, STEP)
        tried.sort(key=lambda load: load.streams)
    columns = ("clip", "streams", "real time", "lag p50 ms", "lag p99 ms", "late %", "cores used", "CPU ms/frame", "people")
    notes = (
        f"Bar: {BAR} streams. Lags: worst stream, first and last third of {_seconds(material):g} s. Largest that holds: {_listed(most)}.",
        *(f"{clip}, CPU ms/frame: {_listed(_at_bar(tried).stages)}" for clip, tried in loads.items()),
    )
    rows = tuple(_row(clip, load) for clip, tried in loads.items() for load in tried)
    details = {clip: {"most": most[clip], "loads": [asdict(load) for load in tried]} for clip, tried in loads.items()}
    return Report(f"Streams: {SIZE.width} x {SIZE.height} at {FRAMES_PER_SECOND:g} frames/s, real time on {CORES} cores", columns, rows, notes, details)


def load_of(answers: list[dict[str, Any]], seconds: float) -> Load:
    """Sum up what the processes of all streams answered after a run of ``seconds``."""
    thirds = [np.array_split(np.array(answer["lags"]), 3) for answer in answers]
    stages = answers[0]["stages"]
    return Load(
        streams=len(answers),
        first_p50=max(float(np.percentile(first, 50)) for first, _, _ in thirds),
        first_p99=max(float(np.percentile(first, 99)) for first, _, _ in thirds),
        last_p50=max(float(np.percentile(last, 50)) for _, _, last in thirds),
        last_p99=max(float(np.percentile(last, 99)) for _, _, last in thirds),
        late=sum(answer["late"] for answer in answers) / sum(len(answer["lags"]) for answer in answers),
        cores=sum(answer["cpu_seconds"] for answer in answers) / seconds,
        cpu_ms=float(np.mean([1000 * answer["cpu_seconds"] / len(answer["lags"]) for answer in answers])),
        people=float(np.mean([answer["people"] for answer in answers])),
        stages={stage: float(np.mean([answer["stages"].get(stage, 0.0) for answer in answers])) for stage in stages},
    )


def holds(load: Load) -> bool:
    """Tell whether a load was counted in real time: no stream lags ever more, or long."""
    return load.last_p50 - load.first_p50 <= GROWTH and load.last_p99 <= LONGEST_LAG


def _clips(material: Material) -> list[Path]:
    """Return the rendered crowd and, where it is at hand, the PETS clip scaled up."""
    clips = [material.work / "crowd-1080p.mp4"]
    write_clip(always_moving(SHORT_CLIP_SECONDS if material.short else CLIP_SECONDS), clips[0])
    if material.has_real() and not material.short:
        clips.append(scaled_clip(material.true_clips()[0].path, material.work / "pets-1080p.mp4", SIZE))
    return clips


def _try(clip: Path, material: Material, tried: list[Load], streams: int) -> bool:
    tried.append(_measured(clip, streams, _seconds(material)))
    return holds(tried[-1])


def _measured(clip: Path, streams: int, seconds: float) -> Load:
    """Run the streams side by side, all but simultaneously, once each has counted its first frame."""
    random = np.random.default_rng(streams)
    on = cores()[:CORES]
    processes = []
    for _ in range(streams):
        request = {"clip": str(clip), "first": int(random.integers(50)), "fps": FRAMES_PER_SECOND, "detector": RECOMMENDED}
        processes.append(start(OURS, "bench.workers.stream", request, on))
    for process in processes:
        if process.stdout:
            process.stdout.readline()
    begin = time.monotonic() + 1.0
    for process in processes:
        say(process, {"start": begin + float(random.uniform(0.0, STARTED_OVER)), "seconds": seconds})
    return load_of([answer_of(process) for process in processes], seconds)


def _seconds(material: Material) -> float:
    return SHORT_SECONDS if material.short else SECONDS


def _row(clip: str, load: Load) -> tuple[Cell, ...]:
    p50, p99 = (f"{1000 * a:.0f} → {1000 * b:.0f}" for a, b in ((load.first_p50, load.last_p50), (load.first_p99, load.last_p99)))
    held = "held" if holds(load) else "not held"
    return (clip, load.streams, held, p50, p99, 100 * load.late, load.cores, load.cpu_ms, load.people)


def _at_bar(tried: list[Load]) -> Load:
    """Return the load of the bar's number of streams, which the search begins with."""
    return next(load for load in tried if load.streams == BAR)


def _listed(figures: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value:.3g}" for name, value in figures.items())
