"""The other end of :mod:`consentry.access.hardware.relay_text`: what the program of such a device does, over a serial line, a broker and a web address."""

from __future__ import annotations

import os
import select
import threading
from collections import deque
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from consentry.access.hardware.mqtt import Broker, broker_client, hear_live
from consentry.access.hardware.ports import LONGEST_RELEASE_S
from consentry.access.hardware.relay_text import LONGEST_MESSAGE, framed, read_order, unframed
from consentry.access.hardware.simulator import SimulatedStrikes
from consentry.access.hardware.wiegand import wiegand_bits

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from consentry.access.hardware.ports import Answer

__all__ = ["RelayByBroker", "RelayBySerial", "RelayByWeb", "SimulatedRelay", "card_message"]

_SPEAKS_EVERY_S = 0.05
_SAID_KEPT = 32


class SimulatedRelay:
    """A device with strikes, inputs and Wiegand readers. It forgets an order that it cannot do, and refuses one that is too long."""

    def __init__(self, strikes: int = 1, inputs: str = "1") -> None:
        """Begin locked. ``inputs``: a 1 for each input whose circuit is closed, a 0 for each that is open."""
        self.strikes = SimulatedStrikes()
        self.inputs = inputs
        self.tampered = False
        self.silent = False
        self.shown: deque[tuple[int, Answer]] = deque(maxlen=16)
        self._strikes = strikes

    @property
    def state(self) -> str:
        """Return the message of its state."""
        return f"H,1,{self.inputs},{int(self.tampered)}"

    def obey(self, message: str) -> str | None:
        """Do what it is told and return the message that says so; None for what is no order."""
        order = read_order(message)
        if order is None or self.silent:
            return None
        if order.what in "RL" and order.number >= self._strikes:
            return f"N,{order.id}"
        if order.what == "R":
            if not 0 < order.milliseconds <= LONGEST_RELEASE_S * 1000:
                return f"N,{order.id}"
            self.strikes.release(order.number, order.milliseconds / 1000)
        elif order.what == "L":
            self.strikes.lock(order.number)
        elif order.answer is not None:
            self.shown.append((order.number, order.answer))
        return f"A,{order.id}"


def card_message(number: bytes, reader: int = 0) -> str:
    """Return what a reader says of a card of 3 or 4 bytes."""
    value, length = wiegand_bits(number)
    return f"W,{reader},{length},{value:X}"


class RelayBySerial:
    """The device on a serial line: ``descriptor`` is its end, such as the master of a pseudo-terminal."""

    def __init__(self, relay: SimulatedRelay, descriptor: int) -> None:
        """Begin to answer and to speak of its state."""
        self._relay, self._descriptor = relay, descriptor
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="simulated bridge", daemon=True)
        self._thread.start()

    def say(self, message: str) -> None:
        """Send one message."""
        self.send(framed(message))

    def send(self, data: bytes) -> None:
        """Send bytes as they are, noise for one."""
        with suppress(OSError):
            os.write(self._descriptor, data)

    def close(self) -> None:
        """Fall silent."""
        self._closing.set()
        self._thread.join()

    def _run(self) -> None:
        rest = b""
        while not self._closing.is_set():
            if not self._relay.silent:
                self.say(self._relay.state)
            rest = self._answer(rest)

    def _answer(self, rest: bytes) -> bytes:
        ready, _, _ = select.select([self._descriptor], [], [], _SPEAKS_EVERY_S)
        if not ready:
            return rest
        try:
            *lines, rest = (rest + os.read(self._descriptor, LONGEST_MESSAGE)).split(b"\n")
        except OSError:
            self._closing.wait(_SPEAKS_EVERY_S)
            return b""
        for line in lines:
            answer = self._relay.obey(unframed(line) or "")
            if answer is not None:
                self.say(answer)
        return rest


class RelayByBroker:
    """The device behind a broker."""

    def __init__(self, relay: SimulatedRelay, broker: Broker, prefix: str) -> None:
        """Connect and begin to speak of its state."""
        self._relay, self._prefix = relay, prefix
        self._client = broker_client(broker)
        hear_live(self._client, f"{prefix}/orders", self._obey)
        self._client.connect_async(broker.host, broker.port)
        self._client.loop_start()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="simulated relay", daemon=True)
        self._thread.start()

    def say(self, message: str) -> None:
        """Publish one message."""
        self._client.publish(f"{self._prefix}/says", message)

    def close(self) -> None:
        """Disconnect."""
        self._closing.set()
        self._thread.join()
        self._client.disconnect()
        self._client.loop_stop()

    def _run(self) -> None:
        while not self._closing.wait(_SPEAKS_EVERY_S):
            if not self._relay.silent and self._client.is_connected():
                self.say(self._relay.state)

    def _obey(self, message: str) -> None:
        answer = self._relay.obey(message)
        if answer is not None:
            self.say(answer)


class RelayByWeb:
    """The device with a web address on this machine; with ``tls`` it speaks https."""

    def __init__(self, relay: SimulatedRelay, token: str, tls: ssl.SSLContext | None = None) -> None:
        """Begin to serve on a free port."""
        self._said: deque[str] = deque(maxlen=_SAID_KEPT)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(relay, token, self._said.popleft))
        self._scheme = "http" if tls is None else "https"
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="simulated relay", daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Return its address."""
        return f"{self._scheme}://127.0.0.1:{self._server.server_port}"

    def say(self, message: str) -> None:
        """Say a message with the next answer."""
        self._said.append(message)

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _handler(relay: SimulatedRelay, token: str, next_said: Callable[[], str]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 5

        def do_POST(self) -> None:
            length = min(int(self.headers.get("Content-Length", 0)), LONGEST_MESSAGE)
            order = self.rfile.read(length).decode("ascii", "replace")
            if relay.silent or self.headers.get("Authorization") != f"Bearer {token}":
                self._reply(503 if relay.silent else 401, "")
                return
            lines = [relay.obey(order) or "", relay.state]
            with suppress(IndexError):
                while True:
                    lines.append(next_said())
            self._reply(200, "\n".join(lines))

        def log_message(self, *_: object) -> None:
            """Write nothing: a request line may hold an order."""

        def _reply(self, status: int, text: str) -> None:
            body = text.encode("ascii")
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler
