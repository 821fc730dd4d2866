"""A small device with Wiegand readers and relays on a serial port, such as an ESP or Arduino on USB."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from consentry.access.hardware.libraries import library
from consentry.access.hardware.ports import DeviceError
from consentry.access.hardware.relay import RelayDevice
from consentry.access.hardware.relay_text import LONGEST_MESSAGE, framed, unframed

if TYPE_CHECKING:
    from serial import Serial

__all__ = ["REOPENS_S", "SerialBridge"]

_LISTENS_S = 0.2
REOPENS_S = 1.0
"""Seconds between two tries to open a port that is gone."""


class SerialBridge:
    """The serial line of one bridge. It is opened again by itself when the device was unplugged."""

    def __init__(self, port: str, baud: int) -> None:
        """Open ``port``, 8 bits, no parity, and begin to listen.

        Raises:
            DeviceError: ``device.line`` where it cannot be opened.
            MissingPartError: Where pyserial is not installed.
        """
        self._port, self._baud = port, baud
        self._serial: Serial | None = _opened(port, baud)
        self._device = RelayDevice(port, self)
        self._closing = threading.Event()
        self._writing = threading.Lock()
        self._thread = threading.Thread(target=self._listen, name=f"bridge {port}", daemon=True)
        self._thread.start()

    def device(self, _address: int) -> RelayDevice:
        """Return the bridge."""
        return self._device

    def send(self, message: str) -> None:
        """Send one message; see :class:`~consentry.access.hardware.relay.Wire`."""
        serial = self._serial
        try:
            if serial is None:
                raise _line_fault(self._port, "it is gone")
            with self._writing:
                serial.write(framed(message))
        except OSError as error:
            raise _line_fault(self._port, str(error)) from error

    def close(self) -> None:
        """Stop listening and let go of the port."""
        self._closing.set()
        self._thread.join()
        self._let_go()

    def _listen(self) -> None:
        rest = b""
        while not self._closing.is_set():
            self._device.check_alive()
            try:
                rest = self._take(rest + self._received())
            except OSError as error:
                rest = b""
                self._device.board.fail(_line_fault(self._port, str(error)))
                self._let_go()
                self._closing.wait(REOPENS_S)

    def _received(self) -> bytes:
        if self._serial is None:
            self._serial = _opened_again(self._port, self._baud)
        return bytes(self._serial.read(max(1, self._serial.in_waiting)))

    def _take(self, received: bytes) -> bytes:
        """Take the whole lines of what was received and return the rest, unless it is longer than any message."""
        *lines, rest = received.split(b"\n")
        for line in lines:
            message = unframed(line)
            if message is not None:
                self._device.heard(message)
        return rest if len(rest) <= 2 * LONGEST_MESSAGE else b""

    def _let_go(self) -> None:
        serial, self._serial = self._serial, None
        if serial is not None:
            with suppress(OSError):
                serial.close()


def _opened(port: str, baud: int) -> Serial:
    try:
        return _opened_again(port, baud)
    except OSError as error:
        raise _line_fault(port, str(error)) from error


def _opened_again(port: str, baud: int) -> Serial:
    serial: Serial = library("serial").Serial(port, baud, timeout=_LISTENS_S, write_timeout=_LISTENS_S, exclusive=True)
    return serial


def _line_fault(port: str, problem: str) -> DeviceError:
    return DeviceError("device.line", port, problem, "Check the port's name, its cable and who may open it.")
