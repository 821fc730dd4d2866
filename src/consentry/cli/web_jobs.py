"""Everything that a site does by itself while its web process runs."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from consentry.access.service import event_retention, guests, resident_sessions
from consentry.access.service import expiry as door_register
from consentry.access.service.faces import HANDLERS as DOOR_FACES
from consentry.alarms import service as alarms
from consentry.alarms.deliver import deliver_due
from consentry.alarms.watchers import HANDLERS as ALARMING
from consentry.alarms.watchers import Watch, check_ledger
from consentry.attribution.service import agent_sessions, erasing, lapsing, replies, visit_retention
from consentry.attribution.service.deadlines import JOBS as DEAL_JOBS
from consentry.cameras import service as cameras
from consentry.consent.service import JOBS as CONSENT_JOBS
from consentry.ledger import service as ledger
from consentry.ledger.expiry import expire_bodies
from consentry.platform.events import EventName, deliver
from consentry.platform.http.idempotency import forget_expired
from consentry.platform.jobs import Job
from consentry.recognition import service as recognition
from consentry.staff import service as staff
from consentry.statistics import service as statistics

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from consentry.platform.events import Handlers
    from consentry.platform.site import Site
    from consentry.platform.tls.server import ServerTls

__all__ = ["site_jobs"]

_SECOND = timedelta(seconds=1)
_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)


def site_jobs(tls: ServerTls | None, lags: Callable[[], Mapping[str, float]]) -> list[Job]:
    """Return the jobs of a site.

    ``tls`` is what serves it, None for plain HTTP on loopback. ``lags`` tells how many seconds late each job is, which is watched as well.
    """
    jobs = [
        Job("outbox", _SECOND, lambda site: deliver(site, _handlers())),
        Job("vault-erasure", 5 * _SECOND, recognition.erase_pending),
        Job("vault-suspension", 5 * _SECOND, recognition.tell_suspensions),
        Job("vault-watch", _MINUTE / 2, recognition.look_after),
        Job("alarm-watch", _MINUTE / 2, Watch(lags).look),
        Job("alarm-escalation", _MINUTE / 2, alarms.escalate_overdue),
        Job("alarm-delivery", 5 * _SECOND, deliver_due),
        Job("ledger-checkpoint", _HOUR, ledger.checkpoint),
        Job("ledger-days", _HOUR, ledger.sign_finished_days),
        Job("ledger-audit", 24 * _HOUR, check_ledger),
        Job("figures-zone", _MINUTE, statistics.follow_zone),
        *replies.JOBS,
        *event_retention.JOBS,
        *_retention(),
    ]
    return jobs if tls is None else [*jobs, Job("certificate", _HOUR, _renewal(tls))]


def _retention() -> list[Job]:
    """Return one job for each kind of record that ends: one that fails keeps no other from ending."""
    return [
        Job("retention-figures", _HOUR, statistics.expire),
        Job("retention-cameras", _HOUR, cameras.forget_old),
        Job("retention-alarms", _HOUR, alarms.forget_old),
        Job("retention-sessions", 10 * _MINUTE, staff.forget_expired),
        Job("retention-answers", _HOUR, forget_expired),
        Job("retention-log", _HOUR, expire_bodies),
        Job("retention-recognition", 10 * _MINUTE, recognition.forget_old),
        *CONSENT_JOBS,
        *DEAL_JOBS,
        *agent_sessions.JOBS,
        *resident_sessions.JOBS,
        *guests.JOBS,
        *visit_retention.JOBS,
        *lapsing.JOBS,
        *erasing.JOBS,
        *door_register.JOBS,
    ]


def _handlers() -> Handlers:
    """Return who is told of each event."""
    slices = (ALARMING, recognition.HANDLERS, DOOR_FACES)
    return {name: [handler for found in slices for handler in found.get(name, ())] for name in EventName}


def _renewal(tls: ServerTls) -> Callable[[Site], object]:
    return lambda site: tls.refresh(site.clock.now())
