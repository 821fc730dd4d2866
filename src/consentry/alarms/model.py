"""Nouns of the alarms slice: what can go wrong with a site, how bad it is, and what became of it. Nothing here is about a visitor."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["Alarm", "AlarmKind", "AlarmState", "Channel", "Delivery", "DeliveryState", "Severity", "Sighting", "Step"]


class AlarmKind(StrEnum):
    """Everything that an alarm can be about."""

    CAMERA_STOPPED = "camera-stopped"
    CAMERA_GAP = "camera-gap"
    DISK_LOW = "disk-low"
    CLOCK_JUMP = "clock-jump"
    JOB_LATE = "job-late"
    RETENTION_OVERDUE = "retention-overdue"
    LEDGER_AUDIT_FAILED = "ledger-audit-failed"
    CERTIFICATE_EXPIRING = "certificate-expiring"
    BACKUP_OLD = "backup-old"
    DELIVERY_FAILED = "delivery-failed"
    RECOGNITION_INCIDENT = "recognition-incident"
    VAULT_AWAY = "vault-away"
    ERASURE_LATE = "erasure-late"
    VERDICT_DUE = "verdict-due"
    APPEAL_DUE = "appeal-due"
    DOOR_FORCED = "door-forced"
    DOOR_HELD_OPEN = "door-held-open"
    DOOR_TAMPER = "door-tamper"
    DOOR_FAULT = "door-fault"
    DURESS = "duress"
    READER_FAULT = "reader-fault"
    FACE_ALONE = "face-alone"
    CONTROLLER_AWAY = "controller-away"
    DOOR_CLOCK = "door-clock"
    DOOR_POLICY_EXPIRED = "door-policy-expired"
    DOOR_LOG_FULL = "door-log-full"
    DOOR_EVENTS_LOST = "door-events-lost"
    DOOR_LOG_BROKEN = "door-log-broken"
    DOOR_PARITY = "door-parity"


class Severity(StrEnum):
    """How bad it is."""

    NOTICE = "notice"
    WARNING = "warning"
    CRITICAL = "critical"


class AlarmState(StrEnum):
    """Where an alarm stands. All but the last are open: it is still there, or nobody has looked at it yet."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    ESCALATED = "escalated"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Sighting:
    """What a watcher saw at one moment: whether ``kind`` is the case with ``subject`` (a camera, a job, a folder), and details in words."""

    kind: AlarmKind
    subject: str
    present: bool
    at: datetime
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Alarm:
    """One thing that is or was wrong.

    ``times`` counts the sightings joined in it; ``quiet_since`` is when it was first seen to be well again; ``note`` is what the
    person wrote who acknowledged it.
    """

    id: str
    kind: AlarmKind
    subject: str
    severity: Severity
    state: AlarmState
    raised: datetime
    last_seen: datetime
    times: int = 1
    detail: str = ""
    quiet_since: datetime | None = None
    acknowledged_by: str | None = None
    acknowledged: datetime | None = None
    note: str = ""
    escalated: datetime | None = None
    closed: datetime | None = None


class Step(StrEnum):
    """What became of an alarm and is told to people."""

    RAISED = "raised"
    ESCALATED = "escalated"
    CLOSED = "closed"


class Channel(StrEnum):
    """The ways by which alarms are told."""

    EMAIL = "email"
    WEBHOOK = "webhook"


class DeliveryState(StrEnum):
    """How far a delivery is."""

    PENDING = "pending"
    SENT = "sent"
    GIVEN_UP = "given-up"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One step of one alarm on its way by one channel. ``due``: when it is tried next; ``problem``: what the last try failed with."""

    id: str
    alarm: str
    step: Step
    channel: Channel
    state: DeliveryState
    made: datetime
    due: datetime
    attempts: int = 0
    problem: str = ""
    sent: datetime | None = None
