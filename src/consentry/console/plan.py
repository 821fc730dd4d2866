"""The plan of a camera while it is edited: lines and areas over a still, changed step by step, judged after each."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from math import isfinite
from typing import TYPE_CHECKING, Any

from nicegui.element import Element

from consentry.cameras.model import AreaDraft, Fault, Geometry, LineDraft, Still
from consentry.console.charts import mosaic
from consentry.platform.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from consentry.console.screen import Screen

__all__ = ["Plan", "PlanEditor"]

Spot = tuple[float, float]


@dataclass(slots=True)
class Plan:
    """What the editor holds: the geometry that was loaded (its ``etag`` guards the save), and the drafts as they are now."""

    width: int
    height: int
    etag: str
    lines: list[LineDraft]
    areas: list[AreaDraft]
    still: Still | None = None
    faults: list[Fault] = field(default_factory=list)

    @classmethod
    def of(cls, geometry: Geometry, still: Still | None = None) -> Plan:
        """Begin with the geometry in force; before a camera gave a picture, its plan is 16 by 9."""
        return cls(geometry.width or 1280, geometry.height or 720, geometry.etag, list(geometry.lines), list(geometry.areas), still)

    def add_line(self, name: Mapping[str, str]) -> None:
        """Add a line across the middle of the picture."""
        middle = self.height / 2
        self.lines.append(LineDraft(self._free("line"), name, (self.width * 0.25, middle), (self.width * 0.75, middle)))

    def add_area(self, name: Mapping[str, str]) -> None:
        """Add an area over the middle of the picture."""
        left, right, top, bottom = self.width * 0.35, self.width * 0.65, self.height * 0.35, self.height * 0.65
        self.areas.append(AreaDraft(self._free("area"), name, ((left, top), (right, top), (right, bottom), (left, bottom))))

    def _free(self, word: str) -> str:
        taken = {line.id for line in self.lines} | {area.id for area in self.areas}
        return next(name for number in range(1, len(taken) + 2) if (name := f"{word}-{number}") not in taken)

    def turn(self, place: int) -> None:
        """Let a line count the other way: what was in becomes out."""
        line = self.lines[place]
        self.lines[place] = replace(line, start=line.end, end=line.start)

    def remove(self, kind: str, place: int) -> None:
        """Take a line or an area away."""
        del (self.lines if kind == "line" else self.areas)[place]

    def place(self, kind: str, text: str) -> int:
        """Read the place of a line or area that a browser names.

        Raises:
            InputError: ``plan.unknown``.
        """
        held = self.lines if kind == "line" else self.areas
        if not text.isdecimal() or int(text) >= len(held):
            raise InputError("plan.unknown", kind, "it is no longer on the plan", "Load the page again.")
        return int(text)

    def shapes(self, screen: Screen) -> list[dict[str, Any]]:
        """Return what the browser draws, lines first."""
        lines = [{"kind": "line", "id": line.id, "name": screen.own(line.name), "points": [line.start, line.end]} for line in self.lines]
        areas = [{"kind": "area", "id": area.id, "name": screen.own(area.name), "points": list(area.corners)} for area in self.areas]
        return [*lines, *areas]

    def move(self, drawn: str) -> None:
        """Take over the points that a browser sent, a JSON list of shapes in the order of :meth:`shapes`.

        Raises:
            InputError: ``plan.malformed``.
        """
        points = _points(drawn)
        if len(points) != len(self.lines) + len(self.areas) or any(len(ends) != 2 for ends in points[: len(self.lines)]):  # noqa: PLR2004 - a line has two ends
            raise _malformed()
        for place, (start, end) in enumerate(points[: len(self.lines)]):
            self.lines[place] = replace(self.lines[place], start=start, end=end)
        for place, corners in enumerate(points[len(self.lines) :]):
            self.areas[place] = replace(self.areas[place], corners=tuple(corners))

    def wrong(self) -> list[int]:
        """Return the places, in the order of :meth:`shapes`, of what cannot count."""
        return [fault.index + (len(self.lines) if fault.kind == "area" else 0) for fault in self.faults]


def _points(drawn: str) -> list[list[Spot]]:
    try:
        return [[_spot(point) for point in shape["points"]] for shape in json.loads(drawn)]
    except (ValueError, TypeError, KeyError) as error:
        raise _malformed() from error


def _spot(point: Sequence[float]) -> Spot:
    x, y = (float(value) for value in point)
    if not (isfinite(x) and isfinite(y)):
        raise ValueError(point)
    return x, y


def _malformed() -> InputError:
    return InputError("plan.malformed", "plan", "what the browser sent is no plan", "Load the page again.")


class PlanEditor(Element, component="plan_editor.js"):
    """The plan over a strongly pixelated still; its points are moved by mouse, finger or arrow keys."""

    def __init__(self, screen: Screen, plan: Plan, *, fixed: bool) -> None:
        """Draw ``plan``; ``fixed`` where the one who looks may not change it."""
        super().__init__()
        self._version = 0
        words = {
            "picture": screen.say("Lines and areas on the picture"),
            "point": screen.say("{name}, point {number}, at {x}, {y}. Move it with the arrow keys."),
            "inwards": screen.say("in"),
        }
        self.props.update({"width": plan.width, "height": plan.height, "words": words, "fixed": fixed})
        self.show(screen, plan)

    def show(self, screen: Screen, plan: Plan) -> None:
        """Draw the plan as it is now, in the place of what the browser has."""
        still = plan.still
        cells = mosaic(still.pixels, still.width, still.height, plan.width, plan.height) if still else []
        self._version += 1
        self.props.update({"plan": plan.shapes(screen), "cells": cells, "version": self._version})
        self.judge(plan)

    def judge(self, plan: Plan) -> None:
        """Mark what cannot count; the points stay where the browser has them."""
        self.props["wrong"] = plan.wrong()
