"""Charts: bars of people per interval, the small line of a day, and the heat map over a still."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from nicegui.element import Element

from consentry.console.elements import tag, text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from consentry.console.screen import Screen

__all__ = ["Bar", "IntervalChart", "Key", "heat_map", "legend", "mosaic", "sparkline"]


@dataclass(frozen=True, slots=True)
class Bar:
    """One interval of a chart. ``entered``, ``left`` and the band ``low`` to ``high`` are None where nothing was counted.

    ``state`` is counted, imputed, missing, closed, or ``ahead`` of now. ``tick`` stands under the bar,
    ``title`` and ``lines`` are read when it is chosen; ``reset`` marks where a count begins anew, ``partly`` what was not watched as a whole.
    """

    state: str
    entered: float | None
    left: float | None
    low: float | None
    high: float | None
    tick: str
    title: str
    lines: tuple[str, ...]
    reset: bool = False
    partly: bool = False


@dataclass(frozen=True, slots=True)
class Key:
    """One entry of a legend: ``look`` is the CSS class of what it explains."""

    look: str
    words: str


class IntervalChart(Element, component="interval_chart.js"):
    """Bars of people in with their error band, and a line of people out. It is read by pointer or by arrow keys."""

    def __init__(self, screen: Screen, bars: Sequence[Bar], summary: str, hint: str) -> None:
        """Draw ``bars``; ``summary`` says in words what the chart shows, ``hint`` how to read an interval."""
        super().__init__()
        self.props.update({"bars": [asdict(bar) for bar in bars], "summary": summary, "hint": hint, "language": screen.speech.language})


def legend(keys: Sequence[Key]) -> None:
    """Add what the colours and hatches of a chart mean."""
    with tag("ul", "legend"):
        for key in keys:
            with tag("li"):
                tag("span", f"key {key.look}", {"aria-hidden": "true"})
                text("span", key.words)


def sparkline(values: Sequence[float | None], summary: str) -> None:
    """Add the small line of a day; a value that is None leaves a gap."""
    highest = max([value for value in values if value is not None], default=0) or 1
    with tag("svg", "spark", {"viewBox": "0 0 120 32", "preserveAspectRatio": "none", "role": "img", "aria-label": summary}):
        for run in _runs(values):
            points = [(place * 120 / max(1, len(values) - 1), 30 - value * 28 / highest) for place, value in run]
            path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
            tag("path", "area", {"d": f"M{points[0][0]:.1f} 32L{path}L{points[-1][0]:.1f} 32Z"})
            tag("path", "line", {"d": f"M{path}"})


def _runs(values: Sequence[float | None]) -> list[list[tuple[int, float]]]:
    runs: list[list[tuple[int, float]]] = [[]]
    for place, value in enumerate(values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append((place, value))
    return [run for run in runs if run]


def mosaic(pixels: bytes, columns: int, rows: int, width: float, height: float) -> list[tuple[float, float, float, float, str]]:
    """Return a pixelated still as rectangles ``x, y, width, height, colour`` over a picture of ``width`` by ``height``.

    ``pixels``: RGB, ``rows`` rows of ``columns`` cells, three bytes each.
    """
    across, down = width / columns, height / rows
    return [
        (round(column * across, 2), round(row * down, 2), round(across + 0.5, 2), round(down + 0.5, 2), f"#{pixels[at : at + 3].hex()}")
        for row in range(rows)
        for column in range(columns)
        for at in [(row * columns + column) * 3]
    ]


def heat_map(seconds: Sequence[Sequence[float]], cells: Sequence[tuple[float, float, float, float, str]], summary: str) -> None:
    """Add a heat map of seconds stayed over a still of 160 by 90 units; hotter is more opaque, and nothing is shown where nobody stayed."""
    highest = max((value for row in seconds for value in row), default=0) or 1
    with tag("div", "picture"), tag("svg", "", {"viewBox": "0 0 160 90", "role": "img", "aria-label": summary}):
        for x, y, width, height, colour in cells:
            tag("rect", attributes={"x": x, "y": y, "width": width, "height": height, "fill": colour})
        across, down = 160 / len(seconds[0]), 90 / len(seconds)
        for row, values in enumerate(seconds):
            for column, value in enumerate(values):
                if value:
                    place = {"x": column * across, "y": row * down, "width": across + 0.1, "height": down + 0.1}
                    tag("rect", "heat", {**place, "fill-opacity": round(0.15 + 0.75 * (value / highest) ** 0.5, 3)})
