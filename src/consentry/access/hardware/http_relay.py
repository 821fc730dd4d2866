"""A relay device with a web address: orders are posted to ``URL/orders``, one message as text; each answer holds the device's messages, one a line."""

from __future__ import annotations

import ssl
import threading
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING

import httpx

from consentry.access.hardware.ports import DeviceError
from consentry.access.hardware.relay import CONFIRMED_WITHIN_S, RelayDevice
from consentry.access.hardware.relay_text import LONGEST_MESSAGE

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["ASKS_EVERY_S", "HttpRelay", "WebPlace"]

ASKS_EVERY_S = 0.25
"""Seconds between two questions for what was read."""
_LINES_TAKEN = 64


@dataclass(frozen=True, slots=True)
class WebPlace:
    """Where a device is, and the token that it wants; ``https`` but on this machine. ``ca``: a PEM file, None for the system's."""

    url: str
    token: str = field(repr=False)
    ca: Path | None = None


class HttpRelay:
    """The controller's side of one relay device with a web address. It is asked four times a second for what it read."""

    def __init__(self, place: WebPlace) -> None:
        """Begin to ask; until the first answer the device is out of service.

        Raises:
            DeviceError: ``device.line`` where the certificates cannot be read.
        """
        self._place = place
        self._client = _client(place)
        self._device = RelayDevice(place.url, self)
        self._asked = count()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._ask, name=f"relay {place.url}", daemon=True)
        self._thread.start()

    def device(self, _address: int) -> RelayDevice:
        """Return the device."""
        return self._device

    def send(self, message: str) -> None:
        """Post one message and take what the device says to it; see :class:`~consentry.access.hardware.relay.Wire`."""
        try:
            response = self._client.post(f"{self._place.url.rstrip('/')}/orders", content=message.encode("ascii"))
        except httpx.HTTPError as error:
            raise self._fault(str(error) or type(error).__name__) from error
        if response.status_code != httpx.codes.OK:
            raise self._fault(f"it answers {response.status_code}")
        for line in response.text[: _LINES_TAKEN * LONGEST_MESSAGE].splitlines()[:_LINES_TAKEN]:
            self._device.heard(line)

    def close(self) -> None:
        """Stop asking."""
        self._closing.set()
        self._thread.join()
        self._client.close()

    def _ask(self) -> None:
        while not self._closing.wait(ASKS_EVERY_S):
            try:
                self.send(f"Q,{next(self._asked)}")
            except DeviceError as fault:
                self._device.board.fail(fault)
            self._device.check_alive()

    def _fault(self, problem: str) -> DeviceError:
        return DeviceError("device.line", self._place.url, problem, "Check the device's address, token and certificate.")


def _client(place: WebPlace) -> httpx.Client:
    try:
        context = ssl.create_default_context(cafile=place.ca)
    except OSError as error:
        raise DeviceError("device.line", str(place.ca), str(error), "Name the PEM file of the device's authority.") from error
    headers = {"Authorization": f"Bearer {place.token}", "Content-Type": "text/plain"}
    # Neither a proxy of the environment nor a redirect may lead the token elsewhere.
    return httpx.Client(headers=headers, verify=context, timeout=CONFIRMED_WITHIN_S, trust_env=False, follow_redirects=False)
