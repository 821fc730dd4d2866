"""How fast a 640 x 480 clip is counted on one core, from file to figures, beside supervision, ByteTrack and ONNX Runtime.

Start-up (imports, loading and compiling the network, the first frame) counts on neither side.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bench.figures import ratios, spread
from bench.material import RECOMMENDED, as_request, scaled_clip, scaled_line, weights
from bench.processes import OURS, PEERS, ask, one_core
from bench.report import Report
from consentry.counting.counter import Plan
from consentry.counting.evaluate import TrueClip
from consentry.video.model import Size

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from bench.material import Material
    from bench.report import Cell

__all__ = ["measure"]

BAR = 3.0
VGA = Size(640, 480)
PETS_WIDTH = 480
PEER = "supervision"
ROUNDS, SHORT_ROUNDS, SHORT_FRAMES = 5, 2, 150


@dataclass(frozen=True, slots=True)
class Side:
    """One way to count a clip: its name in the table, the process, and what that process is told besides the clip and its lines."""

    name: str
    python: Path
    module: str
    settings: Mapping[str, Any] = field(default_factory=dict)


def measure(material: Material) -> Report:
    """Count each clip in turn with each side, several times over, and compare."""
    sides = _sides(str(weights()))
    rows: list[tuple[Cell, ...]] = []
    details: dict[str, Any] = {}
    number = SHORT_ROUNDS if material.short else ROUNDS
    for clip in _clips(material):
        rounds = details[clip.path.stem] = _rounds(clip, sides, number, SHORT_FRAMES if material.short else None)
        rows += [_row(clip, side.name, rounds, complete=not material.short) for side in sides]
    columns = ("clip", "counted with", "frames/s", "CPU ms/frame", "times the peer", "by CPU time", "in", "out", "true in", "true out")
    notes = (
        f"Bar: {BAR:g} times the peer. Medians (least–greatest) of {number} alternating rounds on one core.",
        "supervision: its LineZone, ByteTrack of trackers, the same RTMDet in ONNX Runtime, every library on one thread.",
    )
    return Report("Speed: one clip, one core, file to figures", columns, tuple(rows), notes, details)


def _sides(file: str) -> tuple[Side, ...]:
    """Return ours, ours without the motion gate, and the peer."""
    ours = {"detector": RECOMMENDED, "threads": 1}
    return (
        Side("Consentry", OURS, "bench.workers.count_clip", {**ours, "gated": True}),
        Side("Consentry, no motion gate", OURS, "bench.workers.count_clip", {**ours, "gated": False}),
        Side(PEER, PEERS, "bench.peers.count_clip", {"weights": file}),
    )


def _clips(material: Material) -> list[TrueClip]:
    """Return the PETS clip at 640 x 480 with its line in the middle, where it is at hand, and the rendered entrance."""
    if not material.has_real():
        return [material.entrance()]
    pets = material.true_clips()[0]
    line = scaled_line(pets.plan.lines[0], VGA.width / PETS_WIDTH)
    clip = scaled_clip(pets.path, material.work / "pets-640x480.mp4", VGA)
    return [TrueClip(clip, Plan((line,)), {line.id: pets.truth[line.id]}), material.entrance()]


def _rounds(clip: TrueClip, sides: tuple[Side, ...], number: int, limit: int | None) -> list[dict[str, Any]]:
    """Return the answer of each side, by its name, for each round; ``limit``: frames of the clip."""
    request = {"clip": str(clip.path), "lines": as_request(clip.plan.lines), "limit": limit}
    return [{side.name: ask(side.python, side.module, {**request, **side.settings}, one_core()) for side in sides} for _ in range(number)]


def _row(clip: TrueClip, side: str, rounds: list[dict[str, Any]], *, complete: bool) -> tuple[Cell, ...]:
    answers = [answers[side] for answers in rounds]
    speeds, peer = [_speed(answer) for answer in answers], [_speed(answers[PEER]) for answers in rounds]
    cpu, peer_cpu = [_cpu_ms(answer) for answer in answers], [_cpu_ms(answers[PEER]) for answers in rounds]
    known = clip.truth[clip.plan.lines[0].id] if complete else (None, None)
    faster, lighter = ratios(speeds, peer), ratios(peer_cpu, cpu)
    return (clip.path.stem, side, str(spread(speeds)), spread(cpu).median, str(faster), str(lighter), *answers[0]["counts"][0], *known)


def _speed(answer: Mapping[str, Any]) -> float:
    return float((answer["frames"] - 1) / answer["seconds"])


def _cpu_ms(answer: Mapping[str, Any]) -> float:
    return float(1000 * answer["cpu_seconds"] / (answer["frames"] - 1))
