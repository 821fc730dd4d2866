"""What stands at a controller's doors, from the device file ``door.toml`` to ports that answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from consentry.access.hardware.ports import Contact, ExitButton, FireInput, Reader, Strike, TamperInput

__all__ = ["Devices", "DoorDevices", "open_devices"]


@dataclass(frozen=True, slots=True)
class DoorDevices:
    """What stands at one door. ``fire`` is true where any input of this door says so."""

    door: str
    strike: Strike
    readers: tuple[Reader, ...] = ()
    contact: Contact | None = None
    fire: FireInput | None = None
    exit: ExitButton | None = None
    tampers: tuple[TamperInput, ...] = ()


@dataclass(frozen=True, slots=True)
class Devices:
    """All doors of a controller by id. ``close`` locks every strike and lets go of the lines; use it as a context."""

    doors: Mapping[str, DoorDevices]
    closers: tuple[Callable[[], None], ...] = field(default=(), repr=False)

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *exc: object) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Lock every strike that can still be told and let go of all lines."""
        for closer in self.closers:
            closer()


def open_devices(file: Path) -> Devices:
    """Open what the device file names.

    Raises:
        SettingsError: Where the file cannot be read or applied; it names file, table, key and mend.
        DeviceError: Where a line cannot be opened.
        MissingPartError: ``part.doors`` where a driver's library is not installed.
    """
    raise NotImplementedError(file)
