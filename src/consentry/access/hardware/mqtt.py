"""A relay device over an MQTT 5 broker, under two topics: ``PREFIX/orders`` and ``PREFIX/says``.

A retained message is an old one: neither side believes it. Orders go once, unkept, and only while the broker is there; the device's word confirms them.
"""

from __future__ import annotations

import ssl
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from consentry.access.hardware.libraries import library
from consentry.access.hardware.ports import DeviceError
from consentry.access.hardware.relay import RelayDevice
from consentry.access.hardware.relay_text import LONGEST_MESSAGE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from paho.mqtt.client import Client, MQTTMessage

__all__ = ["Broker", "MqttRelay", "broker_client", "hear_live"]

_CONNECTS_WITHIN_S = 5
_LOOKS_EVERY_S = 0.2


@dataclass(frozen=True, slots=True)
class Broker:
    """Where a broker is and who asks. ``tls`` may be off for this machine's own broker only; ``ca``: a PEM file, None for the system's."""

    host: str
    port: int
    tls: bool = True
    ca: Path | None = None
    user: str | None = None
    password: str | None = field(default=None, repr=False)


class MqttRelay:
    """The controller's side of one relay device behind a broker."""

    def __init__(self, broker: Broker, prefix: str) -> None:
        """Begin to connect; until that holds the device is out of service.

        Raises:
            DeviceError: ``device.line`` where the broker's certificates cannot be read.
            MissingPartError: Where paho-mqtt is not installed.
        """
        self._prefix = prefix
        self._device = RelayDevice(f"{broker.host}:{broker.port}/{prefix}", self)
        self._client = broker_client(broker)
        hear_live(self._client, f"{prefix}/says", self._device.heard)
        self._client.connect_async(broker.host, broker.port, keepalive=5)
        self._client.loop_start()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._watch, name=f"mqtt {prefix}", daemon=True)
        self._thread.start()

    def device(self, _address: int) -> RelayDevice:
        """Return the device."""
        return self._device

    def send(self, message: str) -> None:
        """Send one message; see :class:`~consentry.access.hardware.relay.Wire`."""
        # At most once, and not into paho's queue: what waits there would be sent after the next connection.
        if not self._client.is_connected() or self._client.publish(f"{self._prefix}/orders", message, qos=0, retain=False).rc:
            raise DeviceError("device.line", self._prefix, "the broker is not connected", "Check the broker, its address and its password.")

    def close(self) -> None:
        """Stop and disconnect."""
        self._closing.set()
        self._thread.join()
        self._client.disconnect()
        self._client.loop_stop()

    def _watch(self) -> None:
        while not self._closing.wait(_LOOKS_EVERY_S):
            self._device.check_alive()


def broker_client(broker: Broker) -> Client:
    """Return a client that is set up for a broker but not connected; it connects again by itself.

    Raises:
        DeviceError: ``device.line`` where the file of certificates cannot be read.
    """
    mqtt = library("paho.mqtt.client")
    client: Client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
    client.connect_timeout = _CONNECTS_WITHIN_S
    client.reconnect_delay_set(1, 5)
    if broker.user is not None:
        client.username_pw_set(broker.user, broker.password)
    if broker.tls:
        try:
            client.tls_set_context(ssl.create_default_context(cafile=broker.ca))
        except OSError as error:
            raise DeviceError("device.line", str(broker.ca), str(error), "Name the PEM file of the broker's authority.") from error
    return client


def hear_live(client: Client, topic: str, hear: Callable[[str], None]) -> None:
    """Subscribe on every connection; call ``hear`` with each live message's text, never with a retained one."""
    options = library("paho.mqtt.subscribeoptions").SubscribeOptions

    def connected(client: Client, *_: object) -> None:
        # Nothing that is retained is sent, and what is published to be retained still says so.
        client.subscribe(topic, options=options(qos=0, retainAsPublished=True, retainHandling=options.RETAIN_DO_NOT_SEND))

    def received(_client: Client, _data: object, message: MQTTMessage) -> None:
        if not message.retain and len(message.payload) <= LONGEST_MESSAGE:
            hear(message.payload.decode("ascii", "replace"))

    client.on_connect = connected
    client.on_message = received
