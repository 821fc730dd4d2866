"""Takes what the supervisor passes on, writes it durably, and only then lets it be acknowledged.

A batch is one transaction. Whatever was taken before changes nothing when it comes again. What is malformed or about an unknown camera is
logged and acknowledged: sent again it would be no better.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from consentry.cameras import records
from consentry.cameras.applied import reload_settings
from consentry.cameras.boundary import CameraMessage, read, short_reason
from consentry.cameras.gaps import PURPOSE, refold
from consentry.cameras.model import CameraHealth, CameraState, Hole, Run, Span, Stop
from consentry.cameras.rules import is_news
from consentry.counting.messages import GapReport, HealthReport, HourReport, MinuteReport, Started, Still
from consentry.ledger.model import Act
from consentry.ledger.service import record
from consentry.platform.actors import system
from consentry.platform.errors import ConsentryError, RecordsError
from consentry.platform.events import Event, EventName, publish
from consentry.platform.processes.messages import ProcessChange, SettingsChanged
from consentry.statistics.service import record_hour, record_minute

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from consentry.cameras.boundary import Notice
    from consentry.cameras.stills import Stills
    from consentry.platform.processes.messages import Delivery
    from consentry.platform.site import Site

__all__ = ["Intake"]

MINUTE = timedelta(minutes=1)

_ACTOR = system("cameras").label
_BROKEN = (ConsentryError, SQLAlchemyError, ArithmeticError, LookupError, TypeError, ValueError)
"""What writing a message may fail with that writing it again would not mend."""

_logger = logging.getLogger(__name__)


class Intake:
    """Writes messages to the site's records. One thread at a time uses it."""

    def __init__(self, site: Site, stills: Stills) -> None:
        """Take the site, and where stills that arrive are put: they are never written down."""
        self._site = site
        self._stills = stills

    def take(self, deliveries: Sequence[Delivery]) -> list[int]:
        """Write a batch in one transaction and return the numbers to acknowledge.

        Where one message breaks a transaction, the others are written without it.

        Raises:
            RecordsError: the database cannot be used now; nothing was written, and nothing may be acknowledged.
        """
        notices = [notice for delivery in deliveries if (notice := self._admitted(delivery))]
        try:
            self._write(notices)
        except RecordsError:
            raise
        except _BROKEN:
            _logger.exception("a batch of %d messages was not taken; each is tried alone", len(notices))
            for notice in notices:
                self._write_alone(notice)
        return [delivery.seq for delivery in deliveries]

    def _admitted(self, delivery: Delivery) -> Notice | None:
        try:
            notice = read(delivery)
        except ValueError as error:
            _logger.warning("message %s of %s was left out: %s", delivery.seq, delivery.camera or "the supervisor", error)
            return None
        if isinstance(notice, CameraMessage) and isinstance(notice.message, Still):
            self._stills.arrived(notice.camera, notice.message, self._site.clock.now())
            return None
        if isinstance(notice, SettingsChanged):
            reload_settings(self._site)
            return None
        return notice

    def _write_alone(self, notice: Notice) -> None:
        try:
            self._write([notice])
        except RecordsError:
            raise
        except _BROKEN:
            _logger.exception("a message was left out")

    def _write(self, notices: Sequence[Notice]) -> None:
        if not notices:
            return
        with self._site.database.transaction() as session:
            batch = _Batch(self._site, session)
            for notice in notices:
                batch.add(notice)
            batch.settle()


class _Batch:
    """Messages of one transaction, and from when on each camera's gaps must be folded anew."""

    def __init__(self, site: Site, session: Session) -> None:
        self._site = site
        self._session = session
        self._now = site.clock.now()
        self._known = {camera.id for camera in site.settings.cameras} | records.runs_known(session)
        self._touched: dict[str, datetime] = {}

    def add(self, notice: Notice) -> None:
        match notice:
            case CameraMessage(camera) if camera in self._known:
                self._add_message(notice)
            case CameraMessage(camera):
                _logger.warning("a message of the unknown camera %s was left out", camera)
            case ProcessChange():
                self._add_process(notice)

    def settle(self) -> None:
        """Fold the gaps of every camera about which something became known."""
        for camera, since in sorted(self._touched.items()):
            refold(self._session, camera, since, self._now)

    def _add_message(self, source: CameraMessage) -> None:
        match source.message:
            case Started():
                self._started(source.camera, source.message)
            case MinuteReport():
                self._minute(source, source.message)
            case HourReport():
                record_hour(self._session, source.camera, source.message)
            case HealthReport():
                self._health(source.camera, source.message)
            case GapReport():
                hole = Hole(Span(_instant(source.message.start), _instant(source.message.end)), short_reason(source.message.reason))
                records.add_hole(self._session, source, hole)
                self._touch(source.camera, hole.span.start)

    def _touch(self, camera: str, at: datetime) -> None:
        self._touched[camera] = min(at, self._touched.get(camera, at))

    def _started(self, camera: str, message: Started) -> None:
        at = _instant(message.at)
        if not records.add_run(self._session, Run(message.run, camera, at, message.detector, message.width, message.height)):
            return
        # Its first minute, which may have arrived before, counts from here on only.
        self._touch(camera, at - MINUTE)
        details = {"run": message.run, "detector": message.detector, "settings": self._site.store.digest}
        self._enter("camera.started", f"camera:{camera}", details)
        publish(self._session, Event(EventName.CAMERA_STARTED, {"camera": camera, "run": message.run}), self._now)

    def _minute(self, source: CameraMessage, message: MinuteReport) -> None:
        record_minute(self._session, source.camera, message)
        counted = message.state == "counted"
        start = _instant(message.start)
        records.add_span(self._session, source, Span(start, start + MINUTE), counted=counted)
        self._touch(source.camera, start)
        health = records.health_of(self._session, source.camera)
        if counted and (health.last_minute is None or start > health.last_minute):
            records.save_health(self._session, source.camera, replace(health, last_minute=start))

    def _health(self, camera: str, message: HealthReport) -> None:
        before, state, at = records.health_of(self._session, camera), CameraState(message.state), _instant(message.at)
        if not is_news(state, at, before, self._now):
            return
        heard = _entered(before, state, at)
        named = replace(heard, reason=short_reason(message.reason), run=message.run, dropped=message.dropped, reconnects=message.reconnects)
        records.save_health(self._session, camera, replace(named, fps=message.fps, lag_ms=message.lag_ms, rss_mb=message.rss_mb))

    def _add_process(self, change: ProcessChange) -> None:
        part, _, camera = change.name.partition(":")
        if part == "camera" and camera not in self._known:
            _logger.warning("a process of the unknown camera %s was left out", camera)
            return
        stop = Stop(_instant(change.at), change.exit)
        if not records.add_process_change(self._session, change.name, change.event, stop):
            return
        if part == "camera":
            self._camera_process(camera, change.event, stop)
        elif change.event != "started":
            self._enter("process.restarted" if change.event == "restarting" else "process.ended", f"process:{part}", _exit(stop))

    def _camera_process(self, camera: str, event: str, stop: Stop) -> None:
        ended = event == "ended"
        before, state = records.health_of(self._session, camera), CameraState.STOPPED if ended else CameraState.STARTING
        if is_news(state, stop.at, before, self._now):
            records.save_health(self._session, camera, _entered(before, state, stop.at))
        if ended:
            self._touch(camera, stop.at)
            self._enter("camera.stopped", f"camera:{camera}", {**_exit(stop), "settings": self._site.store.digest})
            publish(self._session, Event(EventName.CAMERA_STOPPED, {"camera": camera, "exit": stop.exit}), self._now)

    def _enter(self, action: str, what: str, details: Mapping[str, str | int | None]) -> None:
        record(self._session, Act(_ACTOR, action, what, PURPOSE, details=details), self._now)


def _entered(before: CameraHealth, state: CameraState, at: datetime) -> CameraHealth:
    """Return the state that was heard ``at``, in force since it was first heard; what was measured before says nothing of it."""
    since = before.since if before.since and state is before.state else at
    return CameraHealth(state, since=since, heard=at, last_minute=before.last_minute)


def _exit(stop: Stop) -> dict[str, str | int | None]:
    return {"exit": stop.exit, "at": stop.at.isoformat()}


def _instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
