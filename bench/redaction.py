"""How fast a 1080p clip is redacted, from file to file, and how many of its faces are covered, beside deface.

The clip is a camera that pans over crowds: annotated pictures side by side, a window of 1920 x 1080 that moves over them, so that the place of
every face in every frame is known. A face counts where its whole box is in the frame and at least 8 pixels wide; it is covered where at least
nine tenths of the box are painted over. Loading the networks counts on neither side; everything after that does.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from math import ceil, cos, pi
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from bench.figures import ratios, spread
from bench.processes import OURS, PEERS, ask, cores
from bench.report import Report
from consentry.video.writer import VideoWriter

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from bench.material import Material
    from bench.report import Cell

__all__ = ["Pan", "covered_faces", "measure", "painted_mask", "pan_over"]

BAR = 3.0
PEER = "deface"
WIDTH, HEIGHT, RATE = 1920, 1080, 25
FRAMES, SHORT_FRAMES = 250, 50
ROUNDS, SHORT_ROUNDS = 3, 1
ACROSS = 3
"""Pictures in a row."""
SMALLEST, COVERED = 8, 0.9
PERIODS = (10.0, 7.0)
"""Seconds of one sweep across and one down and back: up to 15 pixels from frame to frame."""


@dataclass(frozen=True, slots=True)
class Side:
    """One way to redact: its name in the table, the process, and what that process is told besides the clip."""

    name: str
    python: Path
    module: str
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Pan:
    """A clip and, for each of its frames, the faces that count: float32 [N, 4], pixels."""

    path: Path
    faces: tuple[NDArray[np.float32], ...]


def measure(material: Material) -> Report:
    """Redact the clip in turn with each side, several times over, and compare."""
    pan = pan_over(material.real("crowd"), material.work / "pan.mp4", SHORT_FRAMES if material.short else FRAMES)
    sides = (
        Side("Consentry, centerface", OURS, "bench.workers.redact_clip", {"detector": "centerface"}),
        Side("Consentry, yunet", OURS, "bench.workers.redact_clip", {"detector": "yunet"}),
        Side(PEER, PEERS, "bench.peers.redact_clip"),
    )
    rounds = [{side.name: _answer(side, pan, material.work) for side in sides} for _ in range(SHORT_ROUNDS if material.short else ROUNDS)]
    rows = tuple(_row(side.name, rounds) for side in sides)
    faces = sum(map(len, pan.faces))
    columns = ("redacted with", "frames/s", "CPU ms/frame", "times the peer", "by CPU time", "faces covered, %", "picture painted, %")
    notes = (
        f"Bar: {BAR:g} times the peer at equal or better cover. Medians (least–greatest) of {len(rounds)} alternating rounds on {len(cores())} cores.",
        f"{len(pan.faces)} frames of 1920 x 1080 with {faces} faces at least {SMALLEST} pixels wide; covered: {COVERED:.0%} of the face's box.",
        "deface as it comes: CenterFace in ONNX Runtime on every frame, score 0.2, ellipses 1.3 times the face on each side.",
    )
    return Report("Redaction: a 1080p clip, file to file", columns, rows, notes, {"rounds": rounds})


def pan_over(crowd: Path, target: Path, frames: int) -> Pan:
    """Write the clip to ``target``. ``crowd``: annotated pictures with ``boxes.json``."""
    ground, boxes = _ground(crowd)
    faces = []
    with VideoWriter(target, quality=18, threads=len(cores())) as writer:
        for index in range(frames):
            time = index / RATE
            left, top = (_swing(time, period, size) for period, size in zip(PERIODS, (ground.shape[1] - WIDTH, ground.shape[0] - HEIGHT), strict=True))
            matrix = np.asarray([[1, 0, -left], [0, 1, -top]], np.float32)
            writer.write(np.asarray(cv2.warpAffine(ground, matrix, (WIDTH, HEIGHT)), np.uint8), time)
            faces.append(_inside((boxes - np.asarray([left, top] * 2)).astype(np.float32)))
    return Pan(target, tuple(faces))


def _ground(crowd: Path) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Return the pictures side by side, uint8 [H, W, 3], and all faces in them, float32 [N, 4]."""
    annotated = json.loads((crowd / "boxes.json").read_text(encoding="utf-8"))
    pictures = [np.asarray(cv2.imread(str(crowd / name)), np.uint8) for name in annotated]
    high, wide = (max(picture.shape[axis] for picture in pictures) for axis in (0, 1))
    ground = np.full((max(ceil(len(pictures) / ACROSS) * high, HEIGHT), max(ACROSS * wide, WIDTH), 3), 128, np.uint8)
    placed = []
    for index, (picture, boxes) in enumerate(zip(pictures, annotated.values(), strict=True)):
        top, left = index // ACROSS * high, index % ACROSS * wide
        ground[top : top + picture.shape[0], left : left + picture.shape[1]] = picture
        placed.append(np.asarray(boxes, np.float32).reshape(-1, 4) + np.asarray([left, top] * 2, np.float32))
    return ground, np.concatenate(placed)


def _swing(time: float, period: float, distance: float) -> float:
    return distance * (1 - cos(2 * pi * time / period)) / 2


def _inside(boxes: NDArray[np.float32]) -> NDArray[np.float32]:
    whole = np.all((boxes[:, :2] >= 0) & (boxes[:, 2:] <= (WIDTH, HEIGHT)), axis=1)
    return np.asarray(boxes[whole & (boxes[:, 2] - boxes[:, 0] >= SMALLEST)], np.float32)


def _answer(side: Side, pan: Pan, work: Path) -> dict[str, Any]:
    """Return what one redaction cost and covered."""
    areas = work / "areas.npz"
    answer = ask(side.python, side.module, {"clip": str(pan.path), "out": str(work / "redacted.mp4"), "areas": str(areas), **side.settings}, cores())
    with np.load(areas) as painted:
        masks = [painted_mask(painted["areas"][painted["frames"] == frame], ellipses=side.name == PEER) for frame in range(len(pan.faces))]
    covered = sum(covered_faces(mask, faces) for mask, faces in zip(masks, pan.faces, strict=True))
    return {**answer, "covered": covered / sum(map(len, pan.faces)), "painted": float(np.mean([mask.mean() for mask in masks]))}


def painted_mask(areas: NDArray[np.int64], *, ellipses: bool) -> NDArray[np.uint8]:
    """Return what is painted in a frame, 0 or 1, uint8 [H, W]. ``areas``: int [N, 4], left top right bottom, filled whole or with ``ellipses``."""
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    for left, top, right, bottom in areas.tolist():
        if ellipses:
            middle, axes = ((left + right) // 2, (top + bottom) // 2), ((right - left) // 2, (bottom - top) // 2)
            cv2.ellipse(mask, middle, axes, 0, 0, 360, 1, -1)
        else:
            mask[top:bottom, left:right] = 1
    return mask


def covered_faces(mask: NDArray[np.uint8], faces: NDArray[np.float32]) -> int:
    """Return how many ``faces`` (float32 [N, 4], pixels) are painted over in ``mask``."""
    parts = (mask[top:bottom, left:right] for left, top, right, bottom in np.rint(faces).astype(int).tolist())
    return sum(bool(part.mean() >= COVERED) for part in parts)


def _row(side: str, rounds: list[dict[str, Any]]) -> tuple[Cell, ...]:
    own, peer = [answers[side] for answers in rounds], [answers[PEER] for answers in rounds]
    speeds, peers = ([answer["frames"] / answer["seconds"] for answer in answers] for answers in (own, peer))
    cpu, peer_cpu = ([1000 * answer["cpu_seconds"] / answer["frames"] for answer in answers] for answers in (own, peer))
    return (
        side,
        str(spread(speeds)),
        spread(cpu).median,
        str(ratios(speeds, peers)),
        str(ratios(peer_cpu, cpu)),
        100 * own[0]["covered"],
        100 * own[0]["painted"],
    )
