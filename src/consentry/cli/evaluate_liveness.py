"""``consentry evaluate liveness``: how often attacks pass the passive check and people do not, on recorded clips away from any site."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from consentry.cli.face_options import face_detector_option
from consentry.cli.options import DETECTION_SIDE, threads_option
from consentry.cli.site_data import refuse_site_data
from consentry.platform.errors import DatasetError, ModelError
from consentry.video.sources import open_source
from consentry.vision.faces.detectors import open_face_detector
from consentry.vision.faces.evaluate_liveness import LIVE, judged, scored
from consentry.vision.faces.liveness import PASSIVE_MODEL, open_passive_network

if TYPE_CHECKING:
    from collections.abc import Iterator

    from consentry.vision.faces.evaluate_liveness import ErrorRate, LivenessScores, Presentation
    from consentry.vision.faces.liveness import PassiveNetwork

__all__ = ["evaluate_liveness"]

FEW = 300
"""Presentations of a kind below which no rate under one per cent can be told (rule of 3)."""


@click.command("liveness")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--live", "live", default="live/*", show_default=True, metavar="PATTERN", help="Which clips in FOLDER show living people.")
@click.option("--attack", "attacks", multiple=True, required=True, metavar="KIND=PATTERN", help="Which clips show attacks of a kind; may be repeated.")
@face_detector_option
@threads_option
@click.option("--json", "for_machines", is_flag=True, help="Print one JSON document instead of a table.")
def evaluate_liveness(*, folder: Path, live: str, attacks: tuple[str, ...], detector: str, threads: int, for_machines: bool) -> None:
    """Watch the clips in FOLDER as a station would: APCER per kind of attack and the greatest of them, BPCER, and the prompts that clips meet.

    A clip is a video, or a folder of pictures. Patterns are those of the shell, such as 'replay=screens/*.mp4'.
    """
    refuse_site_data([folder])
    clips = [(LIVE, path) for path in _matching(folder, live)]
    clips += [(kind, path) for kind, pattern in map(_kind, attacks) for path in _matching(folder, pattern)]
    network = _network(threads)
    scores = scored(_watched(clips, detector, threads, network))
    if for_machines:
        click.echo(json.dumps(_document(scores)))
    else:
        _print(scores)


def _kind(option: str) -> tuple[str, str]:
    kind, equals, pattern = option.partition("=")
    if not kind or not equals or not pattern or kind == LIVE:
        raise click.BadParameter(f"{option!r} is not KIND=PATTERN with a kind of attack", param_hint="--attack")
    return kind, pattern


def _matching(folder: Path, pattern: str) -> list[Path]:
    try:
        found = sorted(folder.glob(pattern))
    except (ValueError, NotImplementedError):
        found = []
    if not found:
        raise DatasetError("dataset.empty", str(folder), f"nothing in it matches {pattern}", "Give patterns that match clips, relative to the folder")
    return found


def _network(threads: int) -> PassiveNetwork:
    network = open_passive_network(threads=threads)
    if network is None:
        mend = f"Run: consentry models pull {PASSIVE_MODEL} (or, without a network: consentry models import DIR)"
        raise ModelError("model.missing", PASSIVE_MODEL, "its file is not on this machine", mend)
    return network


def _watched(clips: list[tuple[str, Path]], detector: str, threads: int, network: PassiveNetwork) -> Iterator[Presentation]:
    finder = open_face_detector(detector, threads=threads, longest_side=DETECTION_SIDE)
    for kind, path in clips:
        with open_source(str(path)) as source:
            yield judged(kind, source.frames(), finder, network)


def _document(scores: LivenessScores) -> dict[str, Any]:
    return {
        "apcer": {kind: _rate(rate) for kind, rate in scores.apcer.items()},
        "apcer_max": scores.worst,
        "bpcer": _rate(scores.bpcer),
        "prompts_met": {kind: {str(prompt): count for prompt, count in met.items()} for kind, met in scores.met.items()},
    }


def _rate(rate: ErrorRate) -> dict[str, Any]:
    interval = [round(rate.interval.low, 6), round(rate.interval.high, 6)] if rate.interval else None
    return {"trials": rate.trials, "errors": rate.errors, "no_response": rate.no_response, "rate": rate.rate, "interval": interval}


def _print(scores: LivenessScores) -> None:
    table = Table("measure", "kind", "presentations", "errors", "rate", "95 % interval", "no response", "prompts met")
    rows = [("APCER", kind, rate) for kind, rate in scores.apcer.items()] + [("BPCER", LIVE, scores.bpcer)]
    for measure, kind, rate in rows:
        met = ", ".join(f"{prompt} {count}" for prompt, count in scores.met.get(kind, {}).items()) or "none"
        share = "" if rate.rate is None else f"{rate.rate:.1%}"
        interval = f"{rate.interval.low:.1%} to {rate.interval.high:.1%}" if rate.interval else ""
        table.add_row(measure, Text(kind), str(rate.trials), str(rate.errors), share, interval, str(rate.no_response), met)
    console = Console()
    console.print(table)
    if scores.worst is not None:
        console.print(f"Greatest APCER: {scores.worst:.1%}.", highlight=False)
    if min(rate.trials for _, _, rate in rows) < FEW:
        console.print(f"Fewer than {FEW} presentations of a kind tell nothing of a rate below one per cent.", highlight=False)
