"""What may come in from a camera's process: the door at which every message is looked at before anything of it is kept.

A camera's process reads pictures from outside, so whoever breaks into it writes these messages. Nothing passes but numbers within their
range, names of the shape that settings allow, and short reasons.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, TypeAlias

from consentry.cameras.model import CameraState
from consentry.counting.messages import DWELL_BUCKETS, GapReport, HealthReport, HourReport, Message, MinuteReport, Started, Still, parse
from consentry.platform.processes.messages import ProcessChange, SettingsChanged

if TYPE_CHECKING:
    from consentry.platform.processes.messages import Delivery

__all__ = ["WIDEST_STILL", "CameraMessage", "Notice", "read", "short_reason"]

WIDEST_STILL = 32
"""Cells across a still: enough to draw a line in, too few to know anybody by."""

_MINUTE, _HOUR = 60, 3600
_FIRST_INSTANT, _LAST_INSTANT = 946_684_800, 4_102_444_800  # the years 2000 to 2100
_LONGEST_REASON = 300
_MOST_PEOPLE = 100_000
_LARGEST_GRID = 4096
_LARGEST_PICTURE = 32_768
_MOST_ELEMENTS = 64
_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?")
_RUN = re.compile(r"[0-9A-Za-z-]{1,64}")
_WORD = re.compile(r"[\w.+:-]{1,80}")
_PROCESS = re.compile(r"web|vault|camera:[a-z0-9-]{1,40}")
_EVENTS = frozenset({"started", "ended", "restarting"})
_LIVES = frozenset({CameraState.CONNECTING, CameraState.LIVE, CameraState.STALLED, CameraState.WAITING, CameraState.FAILED, CameraState.ENDED})


@dataclass(frozen=True, slots=True)
class CameraMessage:
    """A message of the process of one camera."""

    camera: str
    message: Message


Notice: TypeAlias = CameraMessage | ProcessChange | SettingsChanged


def read(delivery: Delivery) -> Notice:
    """Return what a delivery says, checked.

    Raises:
        ValueError: it is malformed; the text says where.
    """
    try:
        return _read(delivery)
    except (KeyError, TypeError, AttributeError) as error:
        msg = f"malformed: {type(error).__name__} {error}"
        raise ValueError(msg) from error


def _read(delivery: Delivery) -> Notice:
    if delivery.camera is not None:
        _need(bool(_NAME.fullmatch(delivery.camera)), "camera")
        message = parse(delivery.message)
        _check(message)
        return CameraMessage(delivery.camera, message)
    match delivery.message["type"]:
        case "process":
            return _process(ProcessChange.from_document(delivery.message))
        case "settings":
            changed = SettingsChanged.from_document(delivery.message)
            _instant(changed.at)
            return changed
        case other:
            msg = f"no message of the supervisor: {other!r}"
            raise ValueError(msg)


def _process(change: ProcessChange) -> ProcessChange:
    _need(bool(_PROCESS.fullmatch(change.name)), "name")
    _need(change.event in _EVENTS, "event")
    _need(change.exit is None or (type(change.exit) is int and abs(change.exit) < _MOST_PEOPLE), "exit")
    _instant(change.at)
    return change


def _check(message: Message) -> None:
    _need(bool(_RUN.fullmatch(message.run)), "run")
    match message:
        case Started():
            _check_started(message)
        case MinuteReport():
            _check_minute(message)
        case HourReport():
            _check_hour(message)
        case HealthReport():
            _check_health(message)
        case Still():
            _check_still(message)
        case GapReport():
            _instant(message.start)
            _instant(message.end)
            _need(message.start <= message.end, "end")
            _need(isinstance(message.reason, str), "reason")


def _check_started(message: Started) -> None:
    _instant(message.at)
    _need(bool(_WORD.fullmatch(message.detector)), "detector")
    _names((*message.lines,))
    _names((*message.areas,))
    _whole(message.width, _LARGEST_PICTURE)
    _whole(message.height, _LARGEST_PICTURE)


def _check_minute(message: MinuteReport) -> None:
    _aligned(message.start, _MINUTE)
    _need(message.state in {"counted", "missing"}, "state")
    _number(message.coverage, 1.0)
    _names(tuple(line.id for line in message.lines))
    _names(tuple(area.id for area in message.areas))
    for line in message.lines:
        for count in (line.entered, line.left, line.groups_in, line.groups_out):
            _whole(count, _MOST_PEOPLE)
    for area in message.areas:
        _whole(area.visits, _MOST_PEOPLE)
        _whole(area.max_occupancy, _MOST_PEOPLE)


def _check_hour(message: HourReport) -> None:
    _aligned(message.start, _HOUR)
    _names(tuple(area.id for area in message.areas))
    for area in message.areas:
        _need(len(area.dwell) == len(DWELL_BUCKETS) + 1, "dwell")
        for count in area.dwell:
            _whole(count, _MOST_PEOPLE)
    _whole(message.rows, _LARGEST_GRID)
    _whole(message.columns, _LARGEST_GRID)
    _need(len(message.seconds) == message.rows * message.columns <= _LARGEST_GRID, "heat")
    for seconds in message.seconds:
        _whole(seconds, _MOST_PEOPLE * _HOUR)


def _check_health(message: HealthReport) -> None:
    _instant(message.at)
    _need(message.state in _LIVES, "state")
    _need(isinstance(message.reason, str), "reason")
    for number in (message.fps, message.lag_ms, message.rss_mb):
        _number(number, 1e9)
    _whole(message.dropped, 2**53)
    _whole(message.reconnects, 2**53)


def _check_still(message: Still) -> None:
    _instant(message.at)
    _need(bool(_RUN.fullmatch(message.request)), "request")
    _need(type(message.width) is int and type(message.height) is int, "size")
    _need(0 < message.width <= WIDEST_STILL and 0 < message.height <= 2 * WIDEST_STILL, "size")
    try:
        pixels = base64.b64decode(message.pixels, validate=True)
    except binascii.Error as error:
        msg = "malformed: pixels"
        raise ValueError(msg) from error
    _need(len(pixels) == message.width * message.height * 3, "pixels")


def _need(holds: bool, where: str) -> None:  # noqa: FBT001 - an assertion's argument
    if not holds:
        msg = f"malformed: {where}"
        raise ValueError(msg)


def _names(names: tuple[str, ...]) -> None:
    _need(len(names) <= _MOST_ELEMENTS and len(set(names)) == len(names), "names")
    _need(all(_NAME.fullmatch(name) for name in names), "names")


def short_reason(text: str) -> str:
    """Return a reason as it may be kept: one line of at most 300 characters."""
    return "".join(sign if sign.isprintable() else " " for sign in text[:_LONGEST_REASON])


def _whole(number: int, most: int) -> None:
    _need(type(number) is int and 0 <= number <= most, "number")


def _number(number: float, most: float) -> None:
    _need(type(number) in {int, float} and isfinite(number) and 0 <= number <= most, "number")


def _instant(seconds: float) -> None:
    _need(type(seconds) in {int, float} and _FIRST_INSTANT <= seconds <= _LAST_INSTANT, "instant")


def _aligned(start: int, step: int) -> None:
    _instant(start)
    _need(type(start) is int and start % step == 0, "start")
