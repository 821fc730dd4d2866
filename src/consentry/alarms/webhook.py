"""Alarms to a program: a signed JSON document by POST.

The signature is HMAC-SHA256 over ``<timestamp>.<body>`` with the named secret as its key. A receiver compares it in constant time, refuses a
timestamp that is more than five minutes off, and remembers delivery ids for as long: then nothing can be forged, altered or replayed.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import ssl
from typing import TYPE_CHECKING

import httpx

from consentry.platform.keys.secrets import read_secret

if TYPE_CHECKING:
    from consentry.alarms.model import Alarm, Delivery
    from consentry.platform.settings.model import Webhook
    from consentry.platform.site import Site

__all__ = ["DELIVERY_HEADER", "REPLAY_WINDOW_S", "SIGNATURE_HEADER", "TIMESTAMP_HEADER", "RefusedError", "body_of", "post", "signature"]

TIMEOUT_S = 10.0
REPLAY_WINDOW_S = 300
TIMESTAMP_HEADER = "Consentry-Timestamp"
SIGNATURE_HEADER = "Consentry-Signature"
DELIVERY_HEADER = "Consentry-Delivery"


class RefusedError(Exception):
    """The receiver did not answer with success. Redirects are none: they would carry the message to a place that nobody set."""


def signature(key: bytes, timestamp: int, body: bytes) -> str:
    """Return ``v1=`` and the HMAC-SHA256 of ``timestamp.body`` in hexadecimal digits."""
    return f"v1={hmac.new(key, f'{timestamp}.'.encode() + body, hashlib.sha256).hexdigest()}"


def body_of(site: Site, alarm: Alarm, delivery: Delivery) -> bytes:
    """Return the document: what is wrong, where, since when. It names no person."""
    document = {
        "delivery": delivery.id,
        "site": site.settings.site.id,
        "event": f"alarm.{delivery.step}",
        "alarm": {
            "id": alarm.id,
            "kind": alarm.kind.value,
            "subject": alarm.subject,
            "severity": alarm.severity.value,
            "state": alarm.state.value,
            "raised": alarm.raised.isoformat(),
            "last_seen": alarm.last_seen.isoformat(),
            "closed": alarm.closed.isoformat() if alarm.closed else None,
            "times": alarm.times,
        },
    }
    return json.dumps(document, separators=(",", ":")).encode()


def post(site: Site, webhook: Webhook, alarm: Alarm, delivery: Delivery) -> None:
    """Send one message; the answer's body is not read.

    Raises:
        RefusedError: the receiver answered with anything but success.
        httpx.HTTPError: it cannot be reached, or its certificate does not hold.
        KeyStoreError: the signing secret cannot be read.
    """
    key = read_secret(site.store.places.secrets, webhook.secret).encode()
    body, timestamp = body_of(site, alarm, delivery), int(site.clock.now().timestamp())
    headers = {
        "Content-Type": "application/json",
        TIMESTAMP_HEADER: str(timestamp),
        SIGNATURE_HEADER: signature(key, timestamp, body),
        DELIVERY_HEADER: delivery.id,
    }
    # trust_env: a proxy named in the environment would read what is sent.
    client = httpx.Client(verify=ssl.create_default_context(), follow_redirects=False, timeout=TIMEOUT_S, trust_env=False)
    with client, client.stream("POST", webhook.url, content=body, headers=headers) as answer:
        if not answer.is_success:
            msg = f"it answered {answer.status_code}"
            raise RefusedError(msg)
