"""What stands at a controller's doors, from the device file ``door.toml`` to ports that answer. docs/hardware.md describes the file."""

from __future__ import annotations

import tomllib
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self, get_args

from pydantic import ValidationError

from consentry.access.hardware.layout import Layout, LinePart
from consentry.access.hardware.layout_rules import findings_of
from consentry.access.hardware.opening import open_lines
from consentry.access.hardware.points import DeviceContact, DeviceExit, DeviceFire, DeviceReader, DeviceStrike, DeviceTamper, InputTamper, Wiring
from consentry.access.hardware.ports import DeviceError
from consentry.platform.errors import SettingsError
from consentry.platform.settings.fields import key_of, part_in
from consentry.platform.settings.positions import line_of, positions
from consentry.platform.settings.problems import InvalidSettingsError, Problem, finding_of, shown_path

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from typing import Any

    from pydantic import BaseModel
    from pydantic_core import ErrorDetails

    from consentry.access.hardware.board import Line
    from consentry.access.hardware.layout import DoorPart, InputPoint, Point
    from consentry.access.hardware.ports import Contact, ExitButton, FireInput, Reader, Strike, TamperInput
    from consentry.platform.settings.rules import Finding

__all__ = ["Devices", "DoorDevices", "open_devices", "read_layout"]


@dataclass(frozen=True, slots=True)
class DoorDevices:
    """What stands at one door. Doors that share a strike have the same one."""

    door: str
    strike: Strike
    readers: tuple[Reader, ...] = ()
    contact: Contact | None = None
    fire: FireInput | None = None
    exit: ExitButton | None = None
    tampers: tuple[TamperInput, ...] = ()


@dataclass(frozen=True, slots=True)
class Devices:
    """All doors of a controller by id, and the lines that they hang on. Use it as a context."""

    doors: Mapping[str, DoorDevices]
    lines: Mapping[str, Line] = field(default_factory=dict, repr=False)

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *exc: object) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Lock every strike that can still be told and let go of all lines."""
        for door in self.doors.values():
            with suppress(DeviceError):
                door.strike.lock()
        for line in self.lines.values():
            with suppress(DeviceError):
                line.close()


def open_devices(file: Path) -> Devices:
    """Open what the device file names.

    Raises:
        SettingsError: Where the file cannot be read or applied; it names file, table, key and mend.
        KeyStoreError: Where a key, password or token cannot be used.
        DeviceError: Where a line cannot be opened.
        MissingPartError: ``part.doors`` where a driver's library is not installed.
    """
    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError("devices.file", str(file), "it cannot be read", "Write the device file; docs/hardware.md shows one.") from error
    layout = read_layout(text, str(file))
    lines = open_lines(layout, file.parent)
    strikes: dict[Point, Strike] = {}
    return Devices({door.id: _door(door, lines, strikes) for door in layout.door}, lines)


def read_layout(text: str, file: str) -> Layout:
    """Return what a device file says; ``file`` names it in errors.

    Raises:
        InvalidSettingsError: With every problem of the text.
    """
    try:
        layout = Layout.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise InvalidSettingsError([Problem(file, None, "", "settings.toml", f"this is not TOML: {error}", "Mend the line.")]) from error
    except ValidationError as error:
        raise _invalid([_finding(detail) for detail in error.errors(include_url=False)], text, file) from None
    findings = findings_of(layout)
    if findings:
        raise _invalid(findings, text, file)
    return layout


def _door(part: DoorPart, lines: Mapping[str, Line], strikes: dict[Point, Strike]) -> DoorDevices:
    strike = strikes.setdefault(part.strike, DeviceStrike(lines[part.strike.line].device(part.strike.address), part.strike.number))
    readers = tuple(DeviceReader(at.id, part.id, at.serves, lines[at.line].device(at.address), at.number) for at in part.reader)
    tampers: dict[int, TamperInput] = {id(reader.device): DeviceTamper(reader.device.board) for reader in readers}
    return DoorDevices(
        door=part.id,
        strike=strike,
        readers=readers,
        contact=DeviceContact(_wiring(part.contact, lines)) if part.contact else None,
        fire=DeviceFire(_wiring(part.fire, lines)) if part.fire else None,
        exit=DeviceExit(_wiring(part.exit, lines, closed_at_rest=False)) if part.exit else None,
        tampers=(*tampers.values(), *((InputTamper(_wiring(part.tamper, lines)),) if part.tamper else ())),
    )


def _wiring(point: InputPoint, lines: Mapping[str, Line], *, closed_at_rest: bool = True) -> Wiring:
    at_rest = closed_at_rest if point.at_rest is None else point.at_rest == "closed"
    return Wiring(lines[point.line].device(point.address).board, point.number, at_rest)


def _finding(detail: ErrorDetails) -> Finding:
    path = detail["loc"]
    known = _keys_at(path[:-1])
    # Within a line pydantic names the driver between the line and its key.
    shown = (*path[:2], *path[3:]) if path[:1] == ("line",) else path
    return finding_of({**detail, "loc": shown}, known)


def _keys_at(path: tuple[int | str, ...]) -> list[str]:
    table: type[BaseModel] | None = Layout
    for part in path:
        if isinstance(part, str) and table is not None:
            table = _LINES.get(part) or _table_of(table, part)
    return [] if table is None else [key_of(name, info) for name, info in table.model_fields.items()]


def _table_of(table: type[BaseModel], key: str) -> type[BaseModel] | None:
    info: Any = table.model_fields.get(key)
    return None if info is None else part_in(info.annotation)


_LINES: dict[str, type[BaseModel]] = {str(get_args(part.model_fields["driver"].annotation)[0]): part for part in get_args(get_args(LinePart)[0])}


def _invalid(findings: list[Finding], text: str, file: str) -> InvalidSettingsError:
    lines = positions(text)
    found = [Problem(file, line_of(item.path, lines), shown_path(item.path), item.code, item.problem, item.mend) for item in findings]
    return InvalidSettingsError(sorted(found, key=lambda problem: problem.line or 0))
