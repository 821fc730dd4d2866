"""Cameras, lines, areas and runs as numbers: a row of figures names them a million times."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from consentry.statistics.records import Place, PlaceKind, WorkerRun

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

__all__ = ["CameraPlaces", "run_number"]


class CameraPlaces:
    """The numbers of one camera and its lines and areas; a name that is new gets one. ``lines`` and ``areas``: number to name."""

    def __init__(self, session: Session, camera: str, minute: int) -> None:
        """Read what is known; ``minute`` is when places that are new begin."""
        self._session = session
        self._name = camera
        self._minute = minute
        self.lines: dict[int, str] = {}
        self.areas: dict[int, str] = {}
        self._numbers: dict[tuple[int, str], int] = {}
        for place in session.scalars(select(Place).where(Place.camera == camera)):
            self._learn(place.id, place.kind, place.name)
        self.camera = self._number(PlaceKind.CAMERA, camera)

    def line(self, name: str) -> int:
        """Return the number of a line."""
        return self._number(PlaceKind.LINE, name)

    def area(self, name: str) -> int:
        """Return the number of an area."""
        return self._number(PlaceKind.AREA, name)

    def _number(self, kind: PlaceKind, name: str) -> int:
        if (kind, name) not in self._numbers:
            new = insert(Place).values(camera=self._name, kind=kind, name=name, since=self._minute, expired=self._minute).returning(Place.id)
            self._learn(self._session.scalars(new).one(), kind, name)
        return self._numbers[kind, name]

    def _learn(self, number: int, kind: int, name: str) -> None:
        self._numbers[kind, name] = number
        if kind == PlaceKind.LINE:
            self.lines[number] = name
        elif kind == PlaceKind.AREA:
            self.areas[number] = name


def run_number(session: Session, camera: int, run: str) -> int:
    """Return the number of a worker's run, from 1."""
    found = session.scalar(select(WorkerRun.id).where(WorkerRun.camera == camera, WorkerRun.run == run))
    return found or session.scalars(insert(WorkerRun).values(camera=camera, run=run).returning(WorkerRun.id)).one()
