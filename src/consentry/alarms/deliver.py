"""Tells people of alarms, at least once by each way that is set up. A way that fails is tried again, later each time, and is an alarm itself.

Each way waits for itself alone, which the outbox of events would not allow: a mail server that is down must not hold up the webhook.
"""

from __future__ import annotations

import logging
import smtplib
from dataclasses import replace
from typing import TYPE_CHECKING

import httpx

from consentry.alarms import records, rules
from consentry.alarms.mail import send_mail
from consentry.alarms.model import AlarmKind, Channel, DeliveryState, Sighting
from consentry.alarms.service import observe
from consentry.alarms.webhook import RefusedError, post
from consentry.ledger.model import Act
from consentry.ledger.service import record
from consentry.platform.actors import system
from consentry.platform.errors import ConsentryError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from consentry.alarms.model import Alarm, Delivery
    from consentry.platform.site import Site

__all__ = ["deliver_due"]

MOST_AT_ONCE = 10
"""Deliveries of one run, so that a slow server does not hold up other jobs for long."""

LONGEST_PROBLEM = 300

_FAILURES = (ConsentryError, OSError, ValueError, httpx.HTTPError, smtplib.SMTPException, RefusedError)
_PART = system("alarms").label
_logger = logging.getLogger(__name__)


class _NotSetUpError(Exception):
    """The settings no longer name this way."""


def deliver_due(site: Site) -> int:
    """Send what is due and return how many deliveries succeeded; a job of every few seconds."""
    with site.database.reading() as session:
        due = records.due_deliveries(session, site.clock.now(), MOST_AT_ONCE)
        found = [(delivery, records.alarm_of(session, delivery.alarm)) for delivery in due]
    broken: set[Channel] = set()
    sent = 0
    for delivery, alarm in found:
        # After one failure the rest of a channel would only wait for the same time-out again.
        if alarm is not None and delivery.channel not in broken:
            sent += _deliver(site, delivery, alarm, broken)
    return sent


def _deliver(site: Site, delivery: Delivery, alarm: Alarm, broken: set[Channel]) -> bool:
    try:
        _send(site, delivery, alarm)
    except _NotSetUpError:
        _finish(site, replace(delivery, state=DeliveryState.GIVEN_UP, problem="it is not set up any more"))
        return False
    except _FAILURES as error:
        broken.add(delivery.channel)
        _failed(site, delivery, error)
        return False
    now = site.clock.now()
    _finish(site, replace(delivery, state=DeliveryState.SENT, attempts=delivery.attempts + 1, problem="", sent=now))
    observe(site, Sighting(AlarmKind.DELIVERY_FAILED, delivery.channel, present=False, at=now))
    return True


def _send(site: Site, delivery: Delivery, alarm: Alarm) -> None:
    said = site.settings.alarms
    if delivery.channel is Channel.EMAIL and said.email is not None:
        send_mail(site, said.email, alarm, delivery)
    elif delivery.channel is Channel.WEBHOOK and said.webhook is not None:
        post(site, said.webhook, alarm, delivery)
    else:
        raise _NotSetUpError


def _failed(site: Site, delivery: Delivery, error: Exception) -> None:
    now = site.clock.now()
    # What a server answers may repeat addresses; the class of the error says enough.
    problem = f"{type(error).__name__}: {error}" if isinstance(error, RefusedError | ConsentryError) else type(error).__name__
    _logger.warning("%s of alarm %s failed: %s", delivery.channel, delivery.alarm, problem)
    after = rules.after_failure(delivery, problem[:LONGEST_PROBLEM], now)
    _finish(site, after)
    if after.attempts >= rules.FAILING_FROM:
        observe(site, Sighting(AlarmKind.DELIVERY_FAILED, delivery.channel, present=True, at=now, detail=after.problem))


def _finish(site: Site, delivery: Delivery) -> None:
    with site.database.transaction() as session:
        records.save_delivery(session, delivery)
        if delivery.state is not DeliveryState.PENDING:
            _log(site, session, delivery)


def _log(site: Site, session: Session, delivery: Delivery) -> None:
    action = "alarm.told" if delivery.state is DeliveryState.SENT else "alarm.not-told"
    details = {"channel": delivery.channel.value, "step": delivery.step.value, "attempts": delivery.attempts}
    record(session, Act(_PART, action, f"alarm:{delivery.alarm}", "operation", details=details), site.clock.now())
