"""``consentry demo``: render an entrance whose true counts are known, count it, and open the console on the figures."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import track
from rich.table import Table

from consentry.cli.demo_check import EDGE_S, LARGEST_ERROR, check_figures, check_pages
from consentry.cli.demo_site import CountedClip, fill_site, found_demo, require_free, served
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
    from collections.abc import Iterable

    from consentry.cli.demo_check import CheckedFigures
    from consentry.cli.demo_site import ServedSite
    from consentry.counting.report import CountReport
    from consentry.counting.service import Progress
    from consentry.video.scene import Scene

__all__ = ["demo", "figures_table"]

_TERMINATED = 128 + signal.SIGTERM
_HOW_CHECKED = (
    f"The camera plays the clip again and again; whoever crosses within {EDGE_S:.0f} s of a minute's ends may fall into either minute. "
    f"A count is right when it is at most {LARGEST_ERROR:.0%} off, or one person."
)


@click.command("demo")
@click.option("--seed", type=click.IntRange(0), default=7, show_default=True, help="Another number, another crowd.")
@click.option("--people", type=click.IntRange(1, 60), default=20, show_default=True, help="How many walk through.")
@click.option("--out", type=click.Path(path_type=Path), default=Path("consentry-demo"), show_default=True, help="The folder for the clip and the pictures.")
@threads_option
@click.option("--console/--no-console", "with_console", default=True, help="Whether to end with a running site and its console.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help="The port of the console.")
def demo(*, seed: int, people: int, out: Path, threads: int, with_console: bool, port: int) -> None:
    """Watch people being counted in a rendered clip whose true counts are known.

    Nothing is downloaded: the people are drawn, and OpenCV's own detector finds them. It ends with the console open on the figures until
    Ctrl-C; where CI is set, it checks that the pages answer and the figures are true, and stops.
    """
    prepare_folder(out)
    if with_console:
        require_free(port)
    scene = entrance(seed, people)
    clip = out / "entrance.mp4"
    console = Console()
    console.print(f"Drawing {people} people at an entrance ({scene.duration:.0f} s) …", highlight=False)
    _render(scene, clip, console)
    console.print("Counting them with OpenCV's HOG detector, which needs no download …", highlight=False)
    report = _counted(scene, clip, out, threads)
    _print_result(console, scene, report, out)
    if with_console:
        _open_console(console, CountedClip(clip, scene, report.log), port)


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


def _open_console(console: Console, clip: CountedClip, port: int) -> None:
    config = found_demo(clip.file.parent / "site", clip, port)
    console.print("Founding a site around the clip, with an invented week before it …", highlight=False)
    counted_from = fill_site(config, clip.log)
    # Told to stop, this process must end its server too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(_TERMINATED))
    with served(config, port) as site:
        console.print(f"\nThe console: {site.address}/console", soft_wrap=True, highlight=False)
        if os.environ.get("CI"):
            _check(console, site, config, clip, counted_from)
            return
        console.print(f"The first sign-in, which works once: {site.first_sign_in}", soft_wrap=True, highlight=False)
        console.print(f"What visitors see: {site.address}   Ctrl-C ends it.", soft_wrap=True, highlight=False)
        with suppress(KeyboardInterrupt):
            site.process.wait()


def _check(console: Console, site: ServedSite, config: Path, clip: CountedClip, counted_from: int) -> None:
    check_pages(site)
    console.print("The pages answer. Waiting for the camera's first full minute …", highlight=False)
    clip_figures, camera_figures = check_figures(config, clip, counted_from)
    console.print(figures_table((clip_figures, camera_figures)))
    console.print(_HOW_CHECKED, highlight=False)


def figures_table(checked: Iterable[CheckedFigures]) -> Table:
    """Show each count beside the true number, or beside the fewest and the most that it may be."""
    table = Table("on the console", "true in", "counted in", "true out", "counted out")
    for figures in checked:
        table.add_row(figures.what, _true(figures, "in"), str(figures.counted["in"]), _true(figures, "out"), str(figures.counted["out"]))
    return table


def _true(figures: CheckedFigures, way: str) -> str:
    fewest, most = figures.fewest[way], figures.most[way]
    return str(most) if fewest == most else f"{fewest} to {most}"
