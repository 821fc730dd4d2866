"""An OSDP device played by libosdp itself: a reader with a keypad, lamps, inputs, and outputs that it switches off by its own clock."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING, Any

from consentry.access.hardware.libraries import library
from consentry.access.hardware.osdp import BusChannel
from consentry.access.hardware.simulator import SimulatedStrikes

if TYPE_CHECKING:
    from consentry.access.hardware.osdp import Stream

__all__ = ["SimulatedOsdpReader"]

_REFRESHES_EVERY_S = 0.005
_TENTHS = 10
_RELEASE_FOR = 5
_INPUTS = 4


class SimulatedOsdpReader:
    """One device on a bus, run by a thread. Its commands arrive as libosdp reads them from the line."""

    def __init__(self, stream: Stream, address: int, key: bytes, *, secure: bool = True) -> None:
        """Answer at ``address`` with the key (SCBK) ``key``; where not ``secure``, also without a secure channel."""
        self._osdp = library("osdp")
        self.strikes = SimulatedStrikes()
        self.lamps: deque[dict[str, Any]] = deque(maxlen=16)
        self.sounds: deque[dict[str, Any]] = deque(maxlen=16)
        self.silent = False
        flags = [self._osdp.LibFlag.EnforceSecure] if secure else []
        info = self._osdp.PDInfo(address, BusChannel(stream), scbk=key, name="simulated", flags=flags)
        self._device = self._osdp.PeripheralDevice(info, self._abilities(), log_level=self._osdp.LogLevel.Emergency).ctx
        self._device.set_command_callback(self._obey)
        self._guard, self._closing = threading.Lock(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="simulated osdp", daemon=True)
        self._thread.start()

    def card(self, data: bytes, bits: int, *, wiegand: bool = True) -> None:
        """Hold a card to it, its bits from the left."""
        formats = self._osdp.CardFormat
        kind = formats.Wiegand if wiegand else formats.Unspecified
        self._tell({"event": self._osdp.Event.CardRead, "reader_no": 0, "direction": 0, "format": kind, "data": data, "length": bits})

    def press(self, keys: bytes) -> None:
        """Press keys; 0x7F is the star, 0x0D the hash."""
        self._tell({"event": self._osdp.Event.KeyPress, "reader_no": 0, "data": keys})

    def inputs(self, closed: bytes) -> None:
        """Tell of its four inputs, a byte each: 1 where the circuit is closed."""
        self._tell({"event": self._osdp.Event.Status, "type": self._osdp.StatusReportType.Input, "report": closed})

    def trouble(self, *, tampered: bool, power: bool) -> None:
        """Tell of its housing and its power."""
        self._tell({"event": self._osdp.Event.Status, "type": self._osdp.StatusReportType.Local, "report": bytes([tampered, power])})

    def close(self) -> None:
        """Fall silent."""
        self._closing.set()
        self._thread.join()

    def _abilities(self) -> Any:  # noqa: ANN401 - the library has no types
        can = self._osdp.Capability
        one = [can.CommunicationSecurity, can.OutputControl, can.LEDControl, can.AudibleControl, can.CardDataFormat, can.Readers]
        return self._osdp.PDCapabilities([*((ability, 1, 1) for ability in one), (can.ContactStatusMonitoring, 1, _INPUTS)])

    def _tell(self, event: dict[str, Any]) -> None:
        with self._guard:
            self._device.submit_event(event)

    def _run(self) -> None:
        while not self._closing.wait(_REFRESHES_EVERY_S):
            if not self.silent:
                with self._guard:
                    self._device.refresh()

    def _obey(self, order: dict[str, Any]) -> tuple[int, None]:
        kinds = self._osdp.Command
        if order["command"] == kinds.Output:
            self._switch(order)
        elif order["command"] == kinds.LED:
            self.lamps.append(order)
        elif order["command"] == kinds.Buzzer:
            self.sounds.append(order)
        return 0, None

    def _switch(self, order: dict[str, Any]) -> None:
        if order["control_code"] == _RELEASE_FOR:
            self.strikes.release(order["output_no"], order["timer_count"] / _TENTHS)
        else:
            self.strikes.lock(order["output_no"])
