"""``consentry count``: count people in a video or from a camera."""

from __future__ import annotations

import json
import re
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from consentry.cli.display import CountDisplay, print_report
from consentry.cli.options import DETECTION_SIDE, detector_option, threads_option
from consentry.counting.counter import Plan
from consentry.counting.model import Line, Point, Region, Zone
from consentry.counting.output import prepare_folder, write_count
from consentry.counting.pictures import preview_picture
from consentry.counting.report import as_document
from consentry.counting.service import count_source
from consentry.platform.errors import GeometryError, InputError
from consentry.video.sources import open_source
from consentry.video.writer import VideoWriter
from consentry.vision.persons.select import open_watcher

if TYPE_CHECKING:
    from collections.abc import Callable

    from consentry.counting.service import Progress

__all__ = ["count", "parse_line", "parse_region", "parse_zone"]

_PREVIEW_SIDE = 960
_SIGN_FILE_LIMIT = 10_000
_NUL = "\0"
_NARROW = str.maketrans("，；．－", ",;.-")  # noqa: RUF001 - as they are typed with a Chinese keyboard
_DURATION = re.compile(r"(\d+(?:\.\d+)?)([smhd]?)")
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}


@click.command("count")
@click.argument("source")
@click.option("--line", "lines", multiple=True, metavar="NAME=x1,y1,x2,y2", help="A directed line, in pixels. In: from its left bank to its right.")
@click.option("--zone", "zones", multiple=True, metavar="NAME=x1,y1;x2,y2;...", help="A polygon in which visits and dwell times are measured.")
@click.option("--region", metavar="x1,y1,x2,y2", help="Look for people only inside this rectangle, in pixels: faster, and nobody outside it is seen.")
@detector_option
@click.option("--out", type=click.Path(path_type=Path), help="Write counts.csv, counts.json, heat.npy, heat.png and flow.png into this folder.")
@click.option("--preview", is_flag=True, help="With --out: also preview.mp4, in which people are plain figures on a blurred background.")
@click.option("--sign", metavar="TEXT|FILE", help="What tells people that they are counted. A camera is not counted without it.")
@click.option("--for", "duration", metavar="DURATION", help="Stop after this time: 90s, 10m, 8h, 1d. A camera otherwise runs until Ctrl-C.")
@threads_option
@click.option("--json", "for_machines", is_flag=True, help="Print one JSON document instead of tables.")
def count(
    *,
    source: str,
    lines: tuple[str, ...],
    zones: tuple[str, ...],
    region: str | None,
    detector: str,
    out: Path | None,
    preview: bool,
    sign: str | None,
    duration: str | None,
    threads: int,
    for_machines: bool,
) -> None:
    """Count people who cross lines or stay in zones of a video or camera.

    SOURCE is a file, a folder of pictures, rtsp://, http(s):// or webcam:N. Without lines and zones, a vertical line in the
    middle counts. No face is looked for and no picture is kept.
    """
    plan = Plan(tuple(parse_line(text) for text in lines), tuple(parse_zone(text) for text in zones), region=parse_region(region))
    if preview and out is None:
        raise InputError("count.preview", "--preview", "there is no folder to write it to", "Give --out DIR as well.")
    if out:
        prepare_folder(out)
    with ExitStack() as stack:
        video = stack.enter_context(open_source(source, longest_side=_PREVIEW_SIDE if preview else DETECTION_SIDE))
        watcher = open_watcher(detector, threads=threads, longest_side=DETECTION_SIDE)
        display = stack.enter_context(CountDisplay(video, watcher.name, plain=for_machines))
        listen: Callable[[Progress], None] = display.update
        if out and preview:
            listen = _previewing(stack.enter_context(VideoWriter(out / "preview.mp4")), display.update)
        report, counter = count_source(video, watcher, plan, sign=_sign_text(sign), seconds=_seconds(duration), on_progress=listen)
        size = video.size
    if out:
        write_count(out, report, counter, size)
    if for_machines:
        click.echo(json.dumps(as_document(report), ensure_ascii=False))
    else:
        print_report(report, default_line=not (lines or zones), out=out)


def parse_line(text: str) -> Line:
    """Read ``NAME=x1,y1,x2,y2``.

    Raises:
        GeometryError: ``line.syntax``.
    """
    name, numbers = _named(text)
    ends = _numbers(numbers)
    if not _is_name(name) or ends is None or len(ends) != 4:  # noqa: PLR2004  - two ends of two numbers
        raise GeometryError("line.syntax", f"line {text!r}", "it is not written as NAME=x1,y1,x2,y2", "For example: --line door=320,0,320,480")
    return Line(name, Point(*ends[:2]), Point(*ends[2:]))


def parse_zone(text: str) -> Zone:
    """Read ``NAME=x1,y1;x2,y2;...``.

    Raises:
        GeometryError: ``zone.syntax``.
    """
    name, rest = _named(text)
    corners = [_numbers(corner) for corner in rest.strip(";").split(";")]
    if not _is_name(name) or any(corner is None or len(corner) != 2 for corner in corners):  # noqa: PLR2004  - x and y
        problem = "it is not written as NAME=x1,y1;x2,y2;x3,y3"
        raise GeometryError("zone.syntax", f"zone {text!r}", problem, "For example: --zone 'till=0,200;640,200;640,480;0,480'")
    return Zone(name, tuple(Point(*corner) for corner in corners if corner))


def _named(text: str) -> tuple[str, str]:
    """Take the name from what stands behind it, where a Chinese keyboard's wide signs mean the same as the narrow ones."""
    name, _, rest = text.replace("＝", "=", 1).partition("=")  # noqa: RUF001 - as above
    return name.strip(), _narrow(rest)


def _narrow(numbers: str) -> str:
    return numbers.translate(_NARROW)


def _is_name(text: str) -> bool:
    """Tell whether a table, a picture and a file can all show ``text``."""
    return bool(text) and text.isprintable()


def parse_region(text: str | None) -> Region | None:
    """Read ``x1,y1,x2,y2``; None without a text.

    Raises:
        GeometryError: ``region.syntax``.
    """
    if text is None:
        return None
    sides = _numbers(_narrow(text))
    if sides is None or len(sides) != 4:  # noqa: PLR2004  - two corners of two numbers
        problem = "it is not written as x1,y1,x2,y2"
        raise GeometryError("region.syntax", f"region {text!r}", problem, "For example: --region 100,80,540,480")
    return Region(*sides)


def _numbers(text: str) -> list[float] | None:
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        return None
    return numbers if all(abs(number) < 1e6 for number in numbers) else None  # noqa: PLR2004  - refuses inf and nan as well


def _sign_text(sign: str | None) -> str | None:
    if sign is None or not _is_file(sign):
        return sign
    try:
        text = Path(sign).read_text(encoding="utf-8")
    except OSError as error:
        problem = f"this file cannot be read ({(error.strerror or 'unknown cause').lower()})"
        raise InputError("count.sign", sign, problem, "Give the text of the sign, or a text file.") from None
    except UnicodeDecodeError:
        text = _NUL
    if _NUL in text:
        raise InputError("count.sign", sign, "this file is not text in UTF-8", "Give the text of the sign, or a text file.")
    return text[:_SIGN_FILE_LIMIT].strip()


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except OSError:
        return False  # a long text is no file name


def _seconds(duration: str | None) -> float | None:
    if duration is None:
        return None
    match = _DURATION.fullmatch(duration.strip())
    seconds = float(match[1]) * _SECONDS[match[2]] if match else 0.0
    if seconds <= 0:
        raise InputError("count.duration", f"--for {duration}", "it is not a length of time", "For example: --for 90s, --for 10m, --for 8h")
    return seconds


def _previewing(writer: VideoWriter, listen: Callable[[Progress], None]) -> Callable[[Progress], None]:
    def write(step: Progress) -> None:
        listen(step)
        if step.frame is not None and step.counter is not None:
            picture = preview_picture(step.frame.image, step.boxes, step.counter.plan, step.frame.size)
            writer.write(picture, step.frame.time)

    return write
