"""The link to the server: every two seconds a signed report goes out, and acknowledgements, snapshots and orders come back. Days without it are normal.

A report that was not answered is sent again with the next: the server knows each event by its number, so that nothing is lost or told twice.
"""

from __future__ import annotations

import logging
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

import httpx

from consentry.access.controller.sync_text import MOST_EVENTS, instant
from consentry.platform.errors import ConsentryError, InputError, RecordsError

if TYPE_CHECKING:
    from pathlib import Path

    from consentry.access.controller.sync_text import SignedSync

__all__ = ["SYNC_S", "Link", "Order", "Reporter", "SyncAnswer", "is_there", "open_client", "read_answer"]

SYNC_S = 2.0
"""Seconds between two reports; a revocation is in force two of them later at most."""
_TIMEOUT_S = 10.0
_AT_ONCE_S = 2.0
"""How long somebody who stands at a door is kept waiting to learn whether the server is there."""
_LARGEST = 64 << 20
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Order:
    """What the server asks for once, before ``expires``. ``what``: ``release``, or ``host-agreed`` with the guest's ``credential``. ``by``: who asks."""

    id: str
    door: str
    what: str
    by: str
    expires: datetime
    credential: str | None = None


@dataclass(frozen=True, slots=True)
class SyncAnswer:
    """What the server said. ``acknowledged``: it holds every event up to this one; ``snapshot``: the text of a newer one."""

    acknowledged: int
    snapshot: str | None
    orders: tuple[Order, ...]
    server_time: datetime


class Reporter(Protocol):
    """The controller as the link knows it; both may be called from any thread."""

    def report(self) -> tuple[SignedSync, int]:
        """Return the next report, and how many events it holds."""
        ...

    def heard(self, answer: SyncAnswer) -> None:
        """Take what the server answered."""
        ...


@dataclass(slots=True)
class Link:
    """Runs in a thread of its own until it is stopped."""

    client: httpx.Client
    controller: str
    reporter: Reporter
    _stopped: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None
    _away: bool = False

    def start(self) -> None:
        """Begin to report."""
        self._thread = threading.Thread(target=self._run, name="link", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End after the report that is under way."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join(2 * _TIMEOUT_S)
        self.client.close()

    def sync(self) -> bool:
        """Report once; return whether more events wait. A server that is away, or answers what cannot be read, is noted once."""
        try:
            signed, events = self.reporter.report()
            self.reporter.heard(self._sent(signed))
        except (httpx.HTTPError, ConsentryError) as error:
            if not self._away:
                log.warning("the server is away: %s", error)
            self._away = True
            return False
        if self._away:
            log.info("the server is back")
        self._away = False
        return events == MOST_EVENTS

    def _run(self) -> None:
        while not self._stopped.is_set():
            if not self.sync():
                self._stopped.wait(SYNC_S)

    def _sent(self, signed: SignedSync) -> SyncAnswer:
        answer = self.client.post(f"/api/v1/public/controllers/{self.controller}/sync", json={"text": signed.text, "signature": signed.signature})
        if answer.status_code != httpx.codes.OK:
            raise RecordsError("door.server", str(self.client.base_url), f"it answered {answer.status_code}", "See the server's log.")
        try:
            return read_answer(answer.json() if len(answer.content) <= _LARGEST else None)
        except ValueError:
            raise _unreadable() from None


def open_client(server: str, authority: Path | None) -> httpx.Client:
    """Return a client of the server. ``authority``: certificates that it is checked by instead of those that the system trusts.

    Raises:
        InputError: ``door.server`` for plain HTTP beyond this machine, or certificates that cannot be used.
    """
    address = urlsplit(server)
    if address.scheme != "https" and not (address.scheme == "http" and address.hostname in _LOOPBACK):
        raise _unusable(server, "it is not https://, and others in the network could change what the doors are told")
    try:
        verify = ssl.create_default_context(cafile=authority) if address.scheme == "https" else False
    except (OSError, ssl.SSLError) as error:
        raise _unusable(str(authority), f"these certificates cannot be used: {error}") from error
    return httpx.Client(base_url=server, verify=verify, timeout=_TIMEOUT_S, trust_env=False)


def is_there(server: str, authority: Path | None) -> bool:
    """Return whether the server answers at this moment; what stands before it may answer in its place that it does not.

    Raises:
        InputError: As :func:`open_client`.
    """
    with open_client(server, authority) as client:
        try:
            return not client.get("/healthz", timeout=_AT_ONCE_S).is_server_error
        except httpx.HTTPError:
            return False


def read_answer(document: object) -> SyncAnswer:
    """Return what an answer to a report says.

    Raises:
        InputError: ``door.answer`` for anything else.
    """
    try:
        told = _object(document)
        snapshot = told["snapshot"]
        orders = told["orders"]
        if not isinstance(orders, list) or not isinstance(snapshot, str | None):
            raise _unreadable()
        return SyncAnswer(_count(told["acknowledged"]), snapshot, tuple(_order(_object(order)) for order in orders), _moment(told["server_time"]))
    except (KeyError, ValueError, OverflowError):
        raise _unreadable() from None


def _order(told: Mapping[str, object]) -> Order:
    credential = told.get("credential")
    return Order(
        str(told["id"]), str(told["door"]), str(told["what"]), str(told["by"]), _moment(told["expires"]), None if credential is None else str(credential)
    )


def _object(value: object) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise _unreadable()
    return value


def _count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise _unreadable()
    return value


def _moment(value: object) -> datetime:
    """Read an instant as texts hold it, or as the interface for programs does (RFC 3339)."""
    if isinstance(value, str):
        at = datetime.fromisoformat(value)
        if at.tzinfo is None:
            raise _unreadable()
        return at
    return instant(_count(value))


def _unreadable() -> InputError:
    return InputError("door.answer", "server", "its answer is none to a report", "Update the controller and the server to the same release.")


def _unusable(subject: str, problem: str) -> InputError:
    return InputError("door.server", subject, problem, "Give the server's https:// address, and with --authority the certificate of its own authority.")
