"""Look at the site every half minute and say what is wrong with it: disk, clock, cameras, jobs, undelivered events, retention, certificate, backup."""

from __future__ import annotations

import logging
import shutil
import time
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from consentry.alarms.model import AlarmKind, Sighting
from consentry.alarms.rules import clock_jump, is_low
from consentry.alarms.service import live, observe
from consentry.cameras import service as cameras
from consentry.cameras.model import CameraState, GapCause
from consentry.ledger.service import audit, browse
from consentry.platform.actors import system
from consentry.platform.errors import ConsentryError
from consentry.platform.events import EventName, backlog
from consentry.platform.settings.model import TlsMode
from consentry.platform.tls.certificates import SERVER_FILE, leaf_of
from consentry.statistics import service as statistics

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from consentry.platform.events import Delivery, Handlers, JSONValue
    from consentry.platform.site import Site

__all__ = ["HANDLERS", "Watch", "check_ledger"]

DOWN_AFTER_S = 60.0
"""A camera that is not live for longer is reported; shorter interruptions are gaps and nothing else."""

LATE_AFTER_S = 300.0
EXPIRING_WITHIN = timedelta(days=14)
"""Certificates that Consentry renews itself are renewed at 30 days; one with less than this is not being renewed."""

BACKUP_WITHIN = timedelta(days=7)

OVERDUE_AFTER = timedelta(hours=24)
"""How long a record may outlive its retention before it is an alarm (R46)."""

_PART = system("alarms")
_logger = logging.getLogger(__name__)


class Watch:
    """What is remembered between two looks: how the clocks stood, and since when each camera is not live, by a clock that never jumps."""

    def __init__(self, job_lags: Callable[[], Mapping[str, float]], steady: Callable[[], float] = time.monotonic) -> None:
        """``job_lags``: how many seconds late each job is (``Jobs.lags_s``); ``steady``: seconds that never run backwards."""
        self._job_lags = job_lags
        self._steady = steady
        self._last: tuple[datetime, float] | None = None
        self._down_since: dict[str, float] = {}

    def look(self, site: Site) -> None:
        """Look at everything once; a job of every half minute. What cannot be looked at is logged and keeps nothing else from being seen."""
        for part in (
            self._look_at_disk,
            self._look_at_clock,
            self._look_at_cameras,
            self._look_at_jobs,
            _look_at_retention,
            _look_at_certificate,
            _look_at_backup,
        ):
            try:
                part(site)
            except (ConsentryError, OSError, ValueError):
                _logger.exception("not looked at: %s", part.__name__)

    def _look_at_disk(self, site: Site) -> None:
        room = shutil.disk_usage(site.store.places.data)
        was_low = any(alarm.kind is AlarmKind.DISK_LOW for alarm in live(site))
        _tell(site, AlarmKind.DISK_LOW, "data", is_low(room.free, room.total, was_low=was_low), f"{room.free >> 20} MiB free")

    def _look_at_clock(self, site: Site) -> None:
        now, steady = site.clock.now(), self._steady()
        before, self._last = self._last, (now, steady)
        jump = clock_jump(now - before[0], timedelta(seconds=steady - before[1])) if before else None
        if jump is not None:
            _tell(site, AlarmKind.CLOCK_JUMP, "clock", present=True, detail=f"by {jump.total_seconds():+.0f} s")

    def _look_at_cameras(self, site: Site) -> None:
        steady = self._steady()
        states = {camera.id: camera.health for camera in cameras.list_cameras(site, _PART)}
        down = {name: health for name, health in states.items() if health.state not in {CameraState.LIVE, CameraState.INCOMPLETE}}
        self._down_since = {name: self._down_since.get(name, steady) for name in down}
        for name in {*states, *(alarm.subject for alarm in live(site) if alarm.kind is AlarmKind.CAMERA_STOPPED)}:
            too_long = steady - self._down_since.get(name, steady) >= DOWN_AFTER_S
            if too_long or name not in down:
                _tell(site, AlarmKind.CAMERA_STOPPED, name, too_long, down[name].state if too_long else "")

    def _look_at_jobs(self, site: Site) -> None:
        for name, lag in self._job_lags().items():
            _tell(site, AlarmKind.JOB_LATE, name, lag > LATE_AFTER_S, f"{lag:.0f} s late")
        dead = backlog(site).dead
        _tell(site, AlarmKind.JOB_LATE, "events", dead > 0, f"{dead} events were given up")


def _look_at_retention(site: Site) -> None:
    late = statistics.expiry_lag(site)
    _tell(site, AlarmKind.RETENTION_OVERDUE, "figures", late > OVERDUE_AFTER, f"{late // timedelta(hours=1)} hours late")


def _look_at_certificate(site: Site) -> None:
    path = _certificate(site)
    if path is None or not path.is_file():
        return
    left = leaf_of(path.read_bytes()).not_valid_after_utc - site.clock.now()
    _tell(site, AlarmKind.CERTIFICATE_EXPIRING, "web", left < EXPIRING_WITHIN, f"{left.days} days left")


def _look_at_backup(site: Site) -> None:
    # The ledger knows when the last one was made, and, by its first entry, since when there is something to save.
    newest = browse(site, _PART, action="records.backed-up", limit=1).entries or browse(site, _PART, before=1, limit=1).entries
    known = [listed.entry.at for listed in newest if listed.entry]
    if known:
        age = site.clock.now() - known[0]
        _tell(site, AlarmKind.BACKUP_OLD, "records", age > BACKUP_WITHIN, f"none for {age.days} days")


def check_ledger(site: Site) -> None:
    """Audit the ledger; a daily job."""
    report = audit(site, _PART)
    detail = "" if report.clean else f"the first entry that cannot be trusted is {report.first_bad}"
    _tell(site, AlarmKind.LEDGER_AUDIT_FAILED, "ledger", not report.clean, detail)


def _certificate(site: Site) -> Path | None:
    tls, places = site.settings.web.tls, site.store.places
    if tls.mode is TlsMode.FILES and tls.files is not None:
        return places.file(tls.files.certificate)
    return None if tls.mode is TlsMode.OFF else places.tls / SERVER_FILE


def _gap_found(site: Site, delivery: Delivery) -> None:
    gap = delivery.event.payload
    if _was_restart(gap):
        return
    span = f"{gap['start']} to {gap['end'] or 'now'}: {gap['cause']}"
    observe(site, Sighting(AlarmKind.CAMERA_GAP, str(gap["camera"]), present=True, at=delivery.published, detail=span))


def _was_restart(gap: Mapping[str, JSONValue]) -> bool:
    """Tell whether a camera was stopped in good order and was soon counting again, as when its lines are changed; the ledger has that gap like any other."""
    if gap["cause"] != GapCause.STOPPED or gap["end"] is None:
        return False
    return datetime.fromisoformat(str(gap["end"])) - datetime.fromisoformat(str(gap["start"])) < timedelta(seconds=DOWN_AFTER_S)


def _tell(site: Site, kind: AlarmKind, subject: str, present: bool, detail: str) -> None:  # noqa: FBT001 - what was seen, not a switch
    observe(site, Sighting(kind, subject, present, site.clock.now(), detail))


HANDLERS: Handlers = {EventName.CAMERA_GAP: (_gap_found,)}
"""What alarms do with events of other slices."""
