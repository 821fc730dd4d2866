"""``consentry demo``: render an entrance whose true counts are known, and count it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import track
from rich.table import Table

from consentry.cli.display import CountDisplay
from consentry.cli.options import DETECTION_SIDE, threads_option
from consentry.counting.counter import Plan
from consentry.counting.folds import line_totals
from consentry.counting.model import Line, Point
from consentry.counting.output import prepare_folder, write_count
from consentry.counting.pictures import preview_picture
from consentry.counting.service import count_source
from consentry.video.entrance import entrance
from consentry.video.render import frames
from consentry.video.scene import truth
from consentry.video.sources import open_source
from consentry.video.writer import VideoWriter
from consentry.vision.persons.select import EMBEDDED, open_watcher

if TYPE_CHECKING:
    from consentry.counting.report import CountReport
    from consentry.counting.service import Progress
    from consentry.video.scene import Scene

__all__ = ["demo"]


@click.command("demo")
@click.option("--seed", type=click.IntRange(0), default=7, show_default=True, help="Another number, another crowd.")
@click.option("--people", type=click.IntRange(1, 60), default=20, show_default=True, help="How many walk through.")
@click.option("--out", type=click.Path(path_type=Path), default=Path("consentry-demo"), show_default=True, help="The folder for the clip and the pictures.")
@threads_option
def demo(seed: int, people: int, out: Path, threads: int) -> None:
    """Watch people being counted in a rendered clip whose true counts are known.

    Nothing is downloaded: the people are drawn, and OpenCV's own detector finds them.
    """
    prepare_folder(out)
    scene = entrance(seed, people)
    clip = out / "entrance.mp4"
    console = Console()
    console.print(f"Drawing {people} people at an entrance ({scene.duration:.0f} s) …", highlight=False)
    _render(scene, clip, console)
    console.print("Counting them with OpenCV's HOG detector, which needs no download …", highlight=False)
    report = _counted(scene, clip, out, threads)
    _print_result(console, scene, report, out)


def _render(scene: Scene, clip: Path, console: Console) -> None:
    total, elsewhere = round(scene.duration * scene.fps), not console.is_terminal
    pictures = track(frames(scene), total=total, description="", console=console, transient=True, disable=elsewhere)
    with VideoWriter(clip) as writer:
        for time, picture in pictures:
            writer.write(picture, time)


def _counted(scene: Scene, clip: Path, out: Path, threads: int) -> CountReport:
    plan = Plan((Line("entrance", Point(*scene.line.start), Point(*scene.line.end)),))
    watcher = open_watcher(EMBEDDED, threads=threads, longest_side=DETECTION_SIDE)
    with open_source(str(clip)) as source, CountDisplay(source, watcher.name) as display, VideoWriter(out / "preview.mp4") as preview:

        def watch(step: Progress) -> None:
            display.update(step)
            if step.frame is not None:
                preview.write(preview_picture(step.frame.image, step.boxes, plan, step.frame.size), step.frame.time)

        report, counter = count_source(source, watcher, plan, on_progress=watch)
        write_count(out, report, counter, source.size)
    return report


def _print_result(console: Console, scene: Scene, report: CountReport, out: Path) -> None:
    true, line = truth(scene), line_totals(report.log)[0]
    table = Table("", "in", "out")
    table.add_row("truth", str(true["in"]), str(true["out"]))
    table.add_row("counted", str(line.entered), str(line.left))
    console.print(table)
    written = f"Pictures, figures and the clip are in {out}/ (heat.png, flow.png, preview.mp4, counts.json)."
    console.print(written, soft_wrap=True, markup=False, highlight=False)
    console.print("\nNow count a video of your own:\n\n  .venv/bin/consentry count YOUR-VIDEO.mp4 --line door=320,0,320,480\n", soft_wrap=True, highlight=False)
