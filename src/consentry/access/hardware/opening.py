"""From the tables of the device file to lines that are open."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, assert_never

from consentry.access.hardware.bridge import SerialBridge
from consentry.access.hardware.gpio import GpioChip, GpiodLines
from consentry.access.hardware.http_relay import HttpRelay, WebPlace
from consentry.access.hardware.layout import BridgeLine, GpioLine, HttpLine, MqttLine, OsdpLine, SimulatedLine
from consentry.access.hardware.layout_rules import inputs_of, points_of, strikes_of
from consentry.access.hardware.mqtt import Broker, MqttRelay
from consentry.access.hardware.osdp import OsdpBus, SerialStream
from consentry.access.hardware.osdp_keys import read_osdp_keys
from consentry.access.hardware.ports import DeviceError
from consentry.access.hardware.private_files import private_text
from consentry.access.hardware.simulator import SimulatedDevice
from consentry.platform.errors import ConsentryError, KeyStoreError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from consentry.access.hardware.board import Line
    from consentry.access.hardware.layout import Layout, LinePart

__all__ = ["open_lines"]


def open_lines(layout: Layout, folder: Path) -> dict[str, Line]:
    """Return the open lines by id; files that the layout names lie under ``folder``. Where one fails, those before it are closed.

    Raises:
        DeviceError: Where a line cannot be opened.
        KeyStoreError: Where a key, password or token cannot be used.
        MissingPartError: ``part.doors`` where a driver's library is not installed.
    """
    keys = {} if layout.osdp_keys is None else read_osdp_keys(folder / layout.osdp_keys)
    lines: dict[str, Line] = {}
    try:
        for part in layout.line:
            lines[part.id] = _opened(part, layout, folder, keys)
    except ConsentryError:
        for line in lines.values():
            with suppress(DeviceError):
                line.close()
        raise
    return lines


def _opened(part: LinePart, layout: Layout, folder: Path, keys: Mapping[tuple[str, int], bytes]) -> Line:
    match part:
        case OsdpLine():
            needed = _needed_keys(part, layout, keys)
            return OsdpBus(part.id, SerialStream(part.port, part.baud), needed)
        case BridgeLine():
            return SerialBridge(part.port, part.baud)
        case MqttLine():
            return MqttRelay(_broker(part, folder), part.prefix)
        case HttpLine():
            return HttpRelay(WebPlace(part.url, private_text(folder / part.token_file).strip(), _under(folder, part.ca)))
        case GpioLine():
            return GpioChip(part.chip, GpiodLines(part.chip, strikes_of(layout, part.id), inputs_of(layout, part.id)))
        case SimulatedLine():
            return SimulatedDevice(part.id)
    assert_never(part)


def _broker(part: MqttLine, folder: Path) -> Broker:
    password = None if part.password_file is None else private_text(folder / part.password_file).strip()
    return Broker(part.host, part.port, part.tls, _under(folder, part.ca), part.user, password)


def _needed_keys(part: OsdpLine, layout: Layout, keys: Mapping[tuple[str, int], bytes]) -> dict[int, bytes]:
    addresses = sorted({point.address for _, point in points_of(layout) if point.line == part.id})
    for address in addresses:
        if (part.id, address) not in keys:
            mend = f"Write it into the file that osdp_keys names: {part.id}/{address} and 32 hexadecimal digits."
            raise KeyStoreError("osdp.no-key", f"OSDP device {part.id}/{address}", "it has no key, and without a secure channel it is not used", mend)
    return {address: keys[part.id, address] for address in addresses}


def _under(folder: Path, name: str | None) -> Path | None:
    return None if name is None else folder / name
