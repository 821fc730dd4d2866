"""When an alarm is raised, joined, cleared and escalated, and how often telling of it is tried. Pure.

For each kind and subject there is at most one alarm that is not closed, whatever is seen how often: a storm of sightings is one alarm.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

from consentry.alarms.model import Alarm, AlarmKind, AlarmState, Channel, Delivery, DeliveryState, Severity, Sighting, Step

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

__all__ = [
    "POLICIES",
    "Policy",
    "acknowledged",
    "after_failure",
    "channels_for",
    "clock_jump",
    "closed",
    "escalated",
    "is_low",
    "is_overdue",
    "seen",
    "steps_between",
]


@dataclass(frozen=True, slots=True)
class Policy:
    """How alarms of one kind behave.

    ``settle``: how long all must be well before it closes by itself. None: it tells of something that happened and is over, or of something
    that a person must judge; it closes when a person says so.
    """

    severity: Severity
    settle: timedelta | None


POLICIES: Mapping[AlarmKind, Policy] = MappingProxyType(
    {
        AlarmKind.CAMERA_STOPPED: Policy(Severity.WARNING, timedelta(minutes=2)),
        AlarmKind.CAMERA_GAP: Policy(Severity.NOTICE, None),
        AlarmKind.DISK_LOW: Policy(Severity.CRITICAL, timedelta(minutes=5)),
        AlarmKind.CLOCK_JUMP: Policy(Severity.WARNING, None),
        AlarmKind.JOB_LATE: Policy(Severity.WARNING, timedelta(minutes=5)),
        AlarmKind.RETENTION_OVERDUE: Policy(Severity.CRITICAL, timedelta(0)),
        AlarmKind.LEDGER_AUDIT_FAILED: Policy(Severity.CRITICAL, None),
        AlarmKind.CERTIFICATE_EXPIRING: Policy(Severity.WARNING, timedelta(0)),
        AlarmKind.BACKUP_OLD: Policy(Severity.WARNING, timedelta(0)),
        AlarmKind.DELIVERY_FAILED: Policy(Severity.WARNING, timedelta(0)),
        AlarmKind.RECOGNITION_INCIDENT: Policy(Severity.CRITICAL, None),
        AlarmKind.VAULT_AWAY: Policy(Severity.CRITICAL, timedelta(minutes=2)),
        AlarmKind.ERASURE_LATE: Policy(Severity.CRITICAL, timedelta(0)),
        AlarmKind.VERDICT_DUE: Policy(Severity.WARNING, timedelta(0)),
        AlarmKind.APPEAL_DUE: Policy(Severity.WARNING, timedelta(0)),
        AlarmKind.DOOR_FORCED: Policy(Severity.CRITICAL, None),
        AlarmKind.DOOR_HELD_OPEN: Policy(Severity.WARNING, timedelta(0)),
        AlarmKind.DOOR_TAMPER: Policy(Severity.CRITICAL, None),
        AlarmKind.DOOR_FAULT: Policy(Severity.WARNING, None),
        AlarmKind.DURESS: Policy(Severity.CRITICAL, None),
        AlarmKind.READER_FAULT: Policy(Severity.WARNING, timedelta(0)),
        AlarmKind.FACE_ALONE: Policy(Severity.CRITICAL, timedelta(0)),
        AlarmKind.CONTROLLER_AWAY: Policy(Severity.CRITICAL, timedelta(0)),
        AlarmKind.DOOR_CLOCK: Policy(Severity.WARNING, timedelta(minutes=1)),
        AlarmKind.DOOR_POLICY_EXPIRED: Policy(Severity.CRITICAL, timedelta(0)),
        AlarmKind.DOOR_LOG_FULL: Policy(Severity.CRITICAL, timedelta(0)),
        AlarmKind.DOOR_EVENTS_LOST: Policy(Severity.CRITICAL, None),
        AlarmKind.DOOR_LOG_BROKEN: Policy(Severity.CRITICAL, None),
        AlarmKind.DOOR_PARITY: Policy(Severity.WARNING, timedelta(0)),
    }
)

LOW_SHARE, ROOM_SHARE = 0.05, 0.08
LOW_BYTES, ROOM_BYTES = 1 << 30, 3 << 29
"""A disk is low below 1 GiB or 5 % (whichever is less), and has room again above 1.5 GiB or 8 %: between them it stays what it was."""

CLOCK_TOLERANCE = timedelta(seconds=30)
"""A clock that is disciplined by NTP slews; a step this large is a jump."""

FIRST_WAIT, LONGEST_WAIT, GIVEN_UP_AFTER = timedelta(seconds=10), timedelta(minutes=15), timedelta(hours=24)
FAILING_FROM = 3
"""Tries in a row after which a channel that fails is an alarm itself."""


def seen(alarm: Alarm | None, sighting: Sighting, name: str) -> Alarm | None:
    """Return the alarm after a sighting; ``alarm`` is the one of its kind and subject that is not closed, ``name`` the id of a new one.

    None where nothing is wrong and nothing was.
    """
    policy = POLICIES[sighting.kind]
    if alarm is None:
        return _raised(sighting, policy, name) if sighting.present else None
    if sighting.at <= alarm.last_seen:
        return alarm  # told again, or late
    if sighting.present:
        return replace(alarm, times=alarm.times + 1, last_seen=sighting.at, detail=sighting.detail or alarm.detail, quiet_since=None)
    if policy.settle is None:
        return alarm
    quiet = alarm.quiet_since or sighting.at
    if sighting.at - quiet < policy.settle:
        return replace(alarm, quiet_since=quiet)
    return replace(alarm, state=AlarmState.CLOSED, quiet_since=quiet, closed=sighting.at)


def _raised(sighting: Sighting, policy: Policy, name: str) -> Alarm:
    at = sighting.at
    return Alarm(name, sighting.kind, sighting.subject, policy.severity, AlarmState.OPEN, raised=at, last_seen=at, detail=sighting.detail)


def acknowledged(alarm: Alarm, by: str, note: str, now: datetime) -> Alarm:
    """Return the alarm after somebody said that they look after it; one that tells of something over is closed by that."""
    known = replace(alarm, state=AlarmState.ACKNOWLEDGED, acknowledged_by=by, acknowledged=now, note=note)
    return known if POLICIES[alarm.kind].settle is not None else closed(known, now)


def escalated(alarm: Alarm, now: datetime) -> Alarm:
    """Return the alarm after it was brought up again to everyone."""
    return replace(alarm, state=AlarmState.ESCALATED, escalated=now)


def closed(alarm: Alarm, now: datetime) -> Alarm:
    """Return the alarm after it was closed."""
    return replace(alarm, state=AlarmState.CLOSED, closed=now)


def is_overdue(alarm: Alarm, after: timedelta, now: datetime) -> bool:
    """Tell whether nobody has acknowledged an alarm for ``after``; a notice can wait."""
    return alarm.state is AlarmState.OPEN and alarm.severity is not Severity.NOTICE and now - alarm.raised >= after


def is_low(free: int, total: int, *, was_low: bool) -> bool:
    """Tell whether a disk with ``free`` of ``total`` bytes is low; one that was low stays so until there is clearly more room."""
    limit = min(ROOM_BYTES, ROOM_SHARE * total) if was_low else min(LOW_BYTES, LOW_SHARE * total)
    return free < limit


def clock_jump(wall: timedelta, steady: timedelta) -> timedelta | None:
    """Return by how much the wall clock jumped while it advanced by ``wall`` and a steady clock by ``steady``; None for less than 30 s."""
    jump = wall - steady
    return jump if abs(jump) >= CLOCK_TOLERANCE else None


def channels_for(alarm: Alarm, configured: frozenset[Channel]) -> frozenset[Channel]:
    """Return the channels by which an alarm is told: of a channel that fails, only the other one can tell."""
    if alarm.kind is AlarmKind.DELIVERY_FAILED:
        return frozenset(channel for channel in configured if channel != alarm.subject)
    return configured


def after_failure(delivery: Delivery, problem: str, now: datetime) -> Delivery:
    """Return a delivery after a try that failed: the next one is due twice as long after it as the last, and after a day it is given up."""
    tries = delivery.attempts + 1
    wait = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(tries - 1, 10))
    state = DeliveryState.GIVEN_UP if now - delivery.made >= GIVEN_UP_AFTER else DeliveryState.PENDING
    return replace(delivery, attempts=tries, problem=problem, due=now + wait, state=state)


def steps_between(before: Alarm | None, after: Alarm) -> list[Step]:
    """Return what is told of a change: that it was raised, escalated, or closed."""
    if before is None:
        return [Step.RAISED]
    if after.state is before.state:
        return []
    told = {AlarmState.ESCALATED: Step.ESCALATED, AlarmState.CLOSED: Step.CLOSED}
    return [told[after.state]] if after.state in told else []
