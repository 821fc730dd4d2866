"""Which ways through a door work now, and that a face is never the only one (R61). Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consentry.access.happenings import DoorReadiness, WayState
from consentry.access.model import ReaderKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["Obstacle", "readiness_of"]

Obstacle = tuple[str, str, str]
"""A code, and what it means in Chinese and in English."""

_FAULT: Obstacle = ("reader.fault", "读卡器或键盘等设备故障。", "Its reader does not work.")
_UNTOLD: Obstacle = ("reader.unknown", "尚未收到该读取设备的状态。", "Nothing was heard of its reader yet.")
_ALONE: Obstacle = (
    "door.face-alone",
    "其他方式都不可用，因此人脸也停用；请派人到门口。",
    "No other way works, so the face is stopped too; send somebody to the door.",
)


def readiness_of(door: str, readers: Iterable[ReaderKind], told: Mapping[ReaderKind, bool], face_obstacle: Obstacle | None) -> DoorReadiness:
    """Return the ways through a door.

    Args:
        door: Its id.
        readers: The ways that the settings give it.
        told: Which of its readers work, as its controller said last; a person at the desk needs none.
        face_obstacle: What keeps faces from being recognised for this door, None where nothing does.
    """
    others = [_way(reader, told) for reader in readers if reader is not ReaderKind.FACE]
    if ReaderKind.FACE not in readers:
        return DoorReadiness(door, tuple(others), face_sole=False)
    alone = face_obstacle is None and not any(way.works for way in others)
    return DoorReadiness(door, (*others, _face(told, _ALONE if alone else face_obstacle)), face_sole=alone)


def _way(reader: ReaderKind, told: Mapping[ReaderKind, bool]) -> WayState:
    if told.get(reader, reader is ReaderKind.CONCIERGE):
        return WayState(reader, works=True)
    return _stopped(reader, _FAULT if reader in told else _UNTOLD)


def _face(told: Mapping[ReaderKind, bool], obstacle: Obstacle | None) -> WayState:
    """A station's camera hangs at the server: a controller that says nothing of it keeps it from nothing."""
    if obstacle is None and not told.get(ReaderKind.FACE, True):
        obstacle = _FAULT
    return WayState(ReaderKind.FACE, works=True) if obstacle is None else _stopped(ReaderKind.FACE, obstacle)


def _stopped(reader: ReaderKind, why: Obstacle) -> WayState:
    return WayState(reader, False, *why)  # noqa: FBT003 - whether it works
