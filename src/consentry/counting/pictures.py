"""Pictures of a count: where people stood, which way they went, and a preview in which nobody can be recognised.

The heat and flow pictures are drawn from grids alone, on an empty background. The preview shows a filled figure for every person
on a background reduced to a few dozen cells before it is drawn: what was lost cannot be computed back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from consentry.counting.counter import Plan
    from consentry.counting.folds import LineCount
    from consentry.counting.heat import HeatGrid
    from consentry.counting.model import Line, Point, Zone
    from consentry.video.model import Size

    Picture = NDArray[np.uint8]

__all__ = ["PREVIEW_CELLS", "flow_picture", "heat_picture", "preview_picture"]

PREVIEW_CELLS = 32
"""Cells along the longer side of the preview's background."""

_PAPER = (250, 249, 247)
_INK = (52, 45, 38)
_ACCENT = (150, 98, 18)
_WARM = (48, 96, 226)
_FIGURE = (120, 84, 32)
_LONGEST_SIDE = 1280
_LEGEND = 56
_LEGEND_WIDTH = 480


def heat_picture(heat: HeatGrid, plan: Plan, size: Size) -> Picture:
    """Draw seconds of presence per cell with lines, zones and a scale; uint8 [h, w, 3], blue-green-red."""
    canvas, scale = _canvas(size)
    height, width = canvas.shape[:2]
    most = float(heat.seconds.max())
    if most > 0:
        # The square root keeps places that people pass visible beside those where they stand.
        level = np.sqrt(heat.seconds / most).astype(np.float32)
        level = _stretched(level, heat.cell * scale, width, height)
        colour = cv2.applyColorMap((level * 255).astype(np.uint8), cv2.COLORMAP_INFERNO)
        share = np.clip(level * 3, 0, 1)[..., None]
        canvas = (canvas * (1 - share) + colour * share).astype(np.uint8)
    _draw_plan(canvas, plan, scale)
    return _with_legend(canvas, f"0 – {most:.1f} s / {heat.cell:.0f} px")


def flow_picture(heat: HeatGrid, plan: Plan, size: Size, counts: Sequence[LineCount]) -> Picture:
    """Draw which way people went through each cell, and the counts of each line; uint8 [h, w, 3], blue-green-red."""
    canvas, scale = _canvas(size)
    strength = np.hypot(heat.flow[..., 0], heat.flow[..., 1])
    strongest = float(strength.max())
    for row, column in zip(*np.nonzero(strength > 0.05 * strongest), strict=True):
        centre = np.array([column + 0.5, row + 0.5]) * heat.cell * scale
        way = heat.flow[row, column] / strength[row, column] * heat.cell * scale * (0.25 + 0.45 * strength[row, column] / strongest)
        start, end = (centre - way).astype(int), (centre + way).astype(int)
        cv2.arrowedLine(canvas, start.tolist(), end.tolist(), _WARM, 2, cv2.LINE_AA, tipLength=0.45)
    _draw_plan(canvas, plan, scale)
    for count in counts:
        line = next(line for line in plan.lines if line.id == count.id)
        _draw_count(canvas, line, count, scale)
    return _with_legend(canvas, "")


def preview_picture(image: Picture, boxes: NDArray[np.float64], plan: Plan, size: Size) -> Picture:
    """Draw a filled figure for each box (float64 [N, 4], pixels of ``size``) on an irreversibly coarse copy of ``image``."""
    height, width = image.shape[:2]
    share = PREVIEW_CELLS / max(height, width)
    cells = cv2.resize(image, (max(1, round(width * share)), max(1, round(height * share))), interpolation=cv2.INTER_AREA)
    canvas = np.asarray(cv2.resize(cells // 16 * 16 + 8, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)
    scale = width / size.width
    for x1, y1, x2, y2 in (boxes * scale).tolist():
        _draw_figure(canvas, x1, y1, x2, y2)
    _draw_plan(canvas, plan, scale)
    return canvas


def _draw_figure(canvas: Picture, x1: float, y1: float, x2: float, y2: float) -> None:
    width, height, middle = x2 - x1, y2 - y1, (x1 + x2) / 2
    head = 0.075 * height
    cv2.circle(canvas, (round(middle), round(y1 + head)), max(1, round(head)), _FIGURE, -1, cv2.LINE_AA)
    body = ((middle, y1 + 0.58 * height), (0.42 * width * 2, 0.84 * height), 0.0)
    cv2.ellipse(canvas, body, _FIGURE, -1, cv2.LINE_AA)


def _canvas(size: Size) -> tuple[Picture, float]:
    scale = _LONGEST_SIDE / max(size.width, size.height)
    canvas = np.empty((round(size.height * scale), round(size.width * scale), 3), np.uint8)
    canvas[:] = _PAPER
    return canvas, scale


def _stretched(grid: NDArray[np.float32], cell: float, width: int, height: int) -> NDArray[np.float32]:
    rows, columns = grid.shape
    full = cv2.resize(grid, (max(1, round(columns * cell)), max(1, round(rows * cell))), interpolation=cv2.INTER_LINEAR)
    full = cv2.copyMakeBorder(full, 0, max(0, height - full.shape[0]), 0, max(0, width - full.shape[1]), cv2.BORDER_REPLICATE)
    return np.asarray(full[:height, :width], np.float32)


def _draw_plan(canvas: Picture, plan: Plan, scale: float) -> None:
    for zone in plan.zones:
        _draw_zone(canvas, zone, scale)
    for line in plan.lines:
        _draw_line(canvas, line, scale)


def _draw_zone(canvas: Picture, zone: Zone, scale: float) -> None:
    corners = np.array([_pixel(corner, scale) for corner in zone.corners], np.int32)
    cv2.polylines(canvas, [corners], isClosed=True, color=_ACCENT, thickness=2, lineType=cv2.LINE_AA)
    _write(canvas, zone.id, (int(corners[:, 0].min()) + 8, int(corners[:, 1].min()) + 24))


def _draw_line(canvas: Picture, line: Line, scale: float) -> None:
    start, end = _pixel(line.start, scale), _pixel(line.end, scale)
    cv2.line(canvas, start, end, _INK, 3, cv2.LINE_AA)
    cv2.circle(canvas, start, 6, _INK, -1, cv2.LINE_AA)
    cv2.circle(canvas, end, 6, _INK, 2, cv2.LINE_AA)
    middle = (np.array(start) + end) / 2
    way = np.array(end, float) - start
    right = np.array([-way[1], way[0]]) / max(1.0, float(np.hypot(*way))) * 36
    cv2.arrowedLine(canvas, middle.astype(int).tolist(), (middle + right).astype(int).tolist(), _INK, 2, cv2.LINE_AA, tipLength=0.35)


def _draw_count(canvas: Picture, line: Line, count: LineCount, scale: float) -> None:
    x, y = ((line.start.x + line.end.x) / 2 * scale, (line.start.y + line.end.y) / 2 * scale)
    text = f"{line.id}  in/进 {count.entered}  out/出 {count.left}"
    width = 11 * len(text) + 16
    left = int(min(max(8, x + 12), canvas.shape[1] - width - 8))
    top = int(min(max(8, y - 44), canvas.shape[0] - 40))
    cv2.rectangle(canvas, (left, top), (left + width, top + 32), _PAPER, -1)
    cv2.rectangle(canvas, (left, top), (left + width, top + 32), _INK, 1, cv2.LINE_AA)
    _write(canvas, text, (left + 8, top + 23))


def _with_legend(canvas: Picture, text: str) -> Picture:
    if not text:
        return canvas
    missing = max(0, _LEGEND_WIDTH - canvas.shape[1])
    canvas = np.asarray(cv2.copyMakeBorder(canvas, 0, 0, 0, missing, cv2.BORDER_CONSTANT, value=_PAPER), np.uint8)
    strip = np.empty((_LEGEND, canvas.shape[1], 3), np.uint8)
    strip[:] = _PAPER
    ramp = cv2.applyColorMap(np.linspace(0, 255, 240, dtype=np.uint8)[None].repeat(16, axis=0), cv2.COLORMAP_INFERNO)
    strip[20:36, 16:256] = ramp
    _write(strip, text, (272, 34))
    return np.vstack([canvas, strip])


def _write(canvas: Picture, text: str, at: tuple[int, int]) -> None:
    # OpenCV's own font holds Chinese glyphs, so names of lines need no font of the system.
    cv2.putText(canvas, text, at, _INK, cv2.FontFace("sans"), 18, 500)


def _pixel(point: Point, scale: float) -> tuple[int, int]:
    return round(point.x * scale), round(point.y * scale)
