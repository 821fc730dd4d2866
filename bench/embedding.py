"""How fast dlib's weights embed faces on one core, beside dlib itself, which ``face_recognition`` and ``deepface`` call (bar P4).

Each side gets the same aligned chips, one by one, in a process of its own; loading and the first chip count on neither side. bf16 gives
other vectors, so its errors are measured too: on the pairs of Labeled Faces in the Wild, with the same chips for both precisions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from bench.figures import ratios, spread
from bench.processes import OURS, ask, one_core
from bench.report import Report
from consentry.vision.faces.align import CHIP_LAYOUTS
from consentry.vision.faces.chain import PortraitChain, open_looks
from consentry.vision.faces.embedders import open_embedder
from consentry.vision.faces.evaluation import face_prints
from consentry.vision.faces.pairs import PairList, read_pairs
from consentry.vision.faces.verification import verification
from consentry.vision.manifest import Precision, entry
from consentry.vision.store import open_store

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from bench.material import Material
    from bench.report import Cell
    from consentry.vision.faces.verification import Verification

__all__ = ["measure"]

BARS = {Precision.F32: 15, Precision.BF16: 30}
FMR = 1e-3
CHIPS = 8
ROUNDS, SHORT_ROUNDS = 7, 3
REPEATS, PEER_REPEATS = 64, 16
SHORT_PAIRS = 60


def measure(material: Material) -> Report:
    """Embed the same chips with each side in turn, several times over, and compare speed, vectors and errors."""
    listed = _listed(material)
    chips = material.work / "chips.npy"
    np.save(chips, _chips(material, listed))
    number = SHORT_ROUNDS if material.short else ROUNDS
    rounds = [_round(chips) for _ in range(number)]
    errors = {precision: _errors(material, listed, precision) for precision in BARS}
    notes = (
        "Bars: 15 times dlib in fp32 with vectors equal to 1e-4, 30 times in bf16 with errors within the interval of fp32.",
        f"One core, chips one by one, medians (least–greatest) of {number} alternating rounds; FNMR at an FMR of {FMR:g}, {len(listed.pairs)} pairs, mirrored.",
    )
    rows = (_peer_row(rounds), *(_row(precision, rounds, errors[precision]) for precision in BARS))
    columns = ("embedded with", "ms a chip", "times dlib", "largest difference", "accuracy", "FNMR", "95 % interval")
    return Report("Embedding: dlib's weights, one core", columns, rows, notes, {"seconds": [_seconds(one) for one in rounds]})


def _listed(material: Material) -> PairList:
    listed = read_pairs(material.real("faces", "pairs.txt"))
    return PairList(listed.pairs[:: len(listed.pairs) // SHORT_PAIRS], listed.digest) if material.short else listed


def _chips(material: Material, listed: PairList) -> NDArray[np.uint8]:
    """Return the faces of the first pictures of the list, uint8 [N, 150, 150, 3]; they stay in the temporary folder of this run."""
    chain = PortraitChain(open_looks("centerface"), CHIP_LAYOUTS["dlib"])
    images = material.real("faces", "lfw")
    pictures = [_picture(portrait.path(images)) for portrait in listed.portraits[:CHIPS]]
    return np.stack([chip for chip in map(chain.chip, pictures) if chip is not None])


def _picture(path: Path) -> NDArray[np.uint8]:
    return np.asarray(cv2.imread(str(path), cv2.IMREAD_COLOR), np.uint8)


def _round(chips: Path) -> dict[str, dict[str, Any]]:
    """Return the answer of each side."""
    answers = {
        str(precision): ask(OURS, "bench.workers.embed_faces", {"chips": str(chips), "precision": str(precision), "repeats": REPEATS}, one_core())
        for precision in BARS
    }
    weights = str(open_store().path(entry("dlib")))
    answers["dlib"] = ask(OURS, "bench.peers.embed_faces", {"chips": str(chips), "weights": weights, "repeats": PEER_REPEATS}, one_core())
    return answers


def _errors(material: Material, listed: PairList, precision: Precision) -> Verification:
    chain = PortraitChain(open_looks("centerface"), CHIP_LAYOUTS["dlib"])
    prints = face_prints(material.real("faces", "lfw"), listed.portraits, chain, open_embedder("dlib", precision=precision))
    return verification(listed, prints)


def _peer_row(rounds: list[dict[str, dict[str, Any]]]) -> tuple[Cell, ...]:
    return ("dlib", str(spread(1000 * one["dlib"]["seconds"] for one in rounds)), "1", None, None, None, None)


def _row(precision: Precision, rounds: list[dict[str, dict[str, Any]]], errors: Verification) -> tuple[Cell, ...]:
    name = str(precision)
    times = [one[name]["seconds"] for one in rounds]
    faster = ratios([one["dlib"]["seconds"] for one in rounds], times)
    apart = max(float(np.abs(np.subtract(one[name]["vectors"], one["dlib"]["vectors"])).max()) for one in rounds)
    point = errors.point(FMR)
    interval = point.fnmr_interval if point else None
    ends = f"{interval.low:.4f}–{interval.high:.4f}" if interval else None
    return (f"Consentry, {name}", str(spread(1000 * time for time in times)), str(faster), f"{apart:.1e}", errors.accuracy, point.fnmr if point else None, ends)


def _seconds(one: dict[str, dict[str, Any]]) -> dict[str, float]:
    return {name: float(answer["seconds"]) for name, answer in one.items()}
