"""One rig for each driver: the real driver, what really carries its bytes, and the device's end of it."""

from __future__ import annotations

import os
import pty
import secrets
import socket
import subprocess
import tempfile
import time
import tty
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from consentry.access.hardware.bridge import SerialBridge
from consentry.access.hardware.gpio import GpioChip
from consentry.access.hardware.http_relay import HttpRelay, WebPlace
from consentry.access.hardware.mqtt import Broker, MqttRelay
from consentry.access.hardware.osdp import OsdpBus, Patience
from consentry.access.hardware.simulated_gpio import SimulatedLines
from consentry.access.hardware.simulated_osdp import SimulatedOsdpReader
from consentry.access.hardware.simulated_relay import RelayByBroker, RelayBySerial, RelayByWeb, SimulatedRelay, card_message
from consentry.access.hardware.simulator import SimulatedDevice
from tests.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from consentry.access.hardware.board import Device

CARD = bytes.fromhex("0a1b2c")
ADDRESS = 7
PREFIX = "site/lobby"
TOKEN = "a-token-of-this-test"  # noqa: S105 - of the device that the test plays


@dataclass(frozen=True, slots=True)
class Rig:
    """A device as its driver sees it, and what can be done at the device's own end: ``circuit(closed=...)``, ``silent(on=...)``.

    ``card`` is None where the driver has no readers; ``own_clock``: the device locks by itself, whatever becomes of the line.
    """

    device: Device
    unlocked: Callable[[], bool]
    circuit: Callable[..., None]
    card: Callable[[], None] | None
    silent: Callable[..., None]
    own_clock: bool = True


def until(told: Callable[[], bool], seconds: float = 60.0) -> bool:
    """Return whether it comes true within some seconds."""
    end = time.monotonic() + seconds
    while not told():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


class SocketStream:
    """One end of a pair of sockets as an OSDP bus."""

    def __init__(self, end: socket.socket) -> None:
        end.settimeout(0)
        self._end = end

    def read(self, most: int) -> bytes:
        with suppress(BlockingIOError):
            return self._end.recv(most)
        return b""

    def write(self, data: bytes) -> int:
        return self._end.send(data)

    def close(self) -> None:
        self._end.close()


@contextmanager
def simulator() -> Iterator[Rig]:
    device = SimulatedDevice()

    def circuit(*, closed: bool) -> None:
        device.close_circuit(0, closed=closed)

    def silent(*, on: bool) -> None:
        (device.break_down if on else device.repair)()

    yield Rig(device, lambda: device.strikes.unlocked(0), circuit, lambda: device.card(CARD), silent)


@contextmanager
def gpio() -> Iterator[Rig]:
    lines = SimulatedLines({0: True})
    chip = GpioChip("chip", lines)

    def circuit(*, closed: bool) -> None:
        lines.circuits[0] = closed

    def silent(*, on: bool) -> None:
        lines.broken = on

    with closing(chip):
        yield Rig(chip, lambda: 0 in lines.on, circuit, None, silent, own_clock=False)


@contextmanager
def osdp() -> Iterator[Rig]:
    panel_end, device_end = socket.socketpair()
    key = secrets.token_bytes(16)
    with (
        closing(device_end),
        closing(SimulatedOsdpReader(SocketStream(device_end), ADDRESS, key)) as reader,
        closing(OsdpBus("bus", SocketStream(panel_end), {ADDRESS: key}, Patience(silent_s=1.5, again_s=0.3))) as bus,
    ):

        def circuit(*, closed: bool) -> None:
            reader.inputs(bytes([closed, 0, 0, 0]))

        def silent(*, on: bool) -> None:
            reader.silent = on

        yield Rig(bus.device(ADDRESS), lambda: reader.strikes.unlocked(0), circuit, lambda: reader.card(CARD, 24), silent)


@contextmanager
def bridge() -> Iterator[Rig]:
    with serial_pair() as (device_end, port):
        relay = SimulatedRelay()
        with closing(RelayBySerial(relay, device_end)) as far, closing(SerialBridge(port, 115200)) as line:
            yield relay_rig(line.device(0), relay, far.say)


@contextmanager
def mqtt() -> Iterator[Rig]:
    with mosquitto() as broker:
        relay = SimulatedRelay()
        with closing(RelayByBroker(relay, broker, PREFIX)) as far, closing(MqttRelay(broker, PREFIX)) as line:
            yield relay_rig(line.device(0), relay, far.say)


@contextmanager
def http() -> Iterator[Rig]:
    relay = SimulatedRelay()
    with closing(RelayByWeb(relay, TOKEN)) as far, closing(HttpRelay(WebPlace(far.url, TOKEN))) as line:
        yield relay_rig(line.device(0), relay, far.say)


def relay_rig(device: Device, relay: SimulatedRelay, say: Callable[[str], None]) -> Rig:
    def circuit(*, closed: bool) -> None:
        relay.inputs = str(int(closed))

    def silent(*, on: bool) -> None:
        relay.silent = on

    return Rig(device, lambda: relay.strikes.unlocked(0), circuit, lambda: say(card_message(CARD)), silent)


@contextmanager
def serial_pair() -> Iterator[tuple[int, str]]:
    """Yield the device's end of a pseudo-terminal and the name of the controller's."""
    device_end, controller_end = pty.openpty()
    tty.setraw(device_end)
    tty.setraw(controller_end)
    with ExitStack() as stack:
        stack.callback(os.close, device_end)
        stack.callback(os.close, controller_end)
        yield device_end, os.ttyname(controller_end)


@dataclass(frozen=True, slots=True)
class Certificate:
    """PEM files of a certificate for this machine, its own authority."""

    chain: Path
    key: Path


def own_certificate(folder: Path) -> Certificate:
    key = generate_private_key(SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a device of this test")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now - timedelta(hours=1), now + timedelta(hours=1))
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    made = Certificate(folder / "chain.pem", folder / "key.pem")
    made.chain.write_bytes(builder.sign(key, SHA256()).public_bytes(Encoding.PEM))
    made.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return made


@contextmanager
def mosquitto(certificate: Certificate | None = None) -> Iterator[Broker]:
    """Yield a broker of Eclipse Mosquitto on this machine, with TLS where there is a certificate."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        lines = [f"listener {port} 127.0.0.1", "allow_anonymous true", "user root"]
        lines += [f"certfile {certificate.chain}", f"keyfile {certificate.key}"] if certificate else []
        config = Path(folder, "mosquitto.conf")
        config.write_text("\n".join(lines))
        process = subprocess.Popen(["/usr/sbin/mosquitto", "-c", config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            assert until(lambda: reachable(port))
            yield Broker("127.0.0.1", port, tls=certificate is not None, ca=certificate.chain if certificate else None)
        finally:
            process.terminate()
            process.wait()


def reachable(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


RIGS = {rig.__name__: rig for rig in (simulator, gpio, osdp, bridge, mqtt, http)}
