"""What is wrong with a device file whose tables are right each by itself."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from consentry.access.hardware.layout import GpioLine, InputPoint, OsdpLine, ReaderPart
from consentry.platform.settings.rules import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from consentry.access.hardware.layout import DoorPart, Layout, LinePart, Point
    from consentry.platform.settings.rules import KeyPath

__all__ = ["findings_of", "inputs_of", "points_of", "strikes_of"]


def points_of(layout: Layout) -> Iterator[tuple[KeyPath, Point]]:
    """Yield every point of a layout with its place in the file."""
    for index, door in enumerate(layout.door):
        for key, point in _single_points(door):
            yield ("door", index, key), point
        for number, reader in enumerate(door.reader):
            yield ("door", index, "reader", number), reader


def strikes_of(layout: Layout, line: str) -> list[int]:
    """Return the numbers of a line's strikes."""
    return sorted({door.strike.number for door in layout.door if door.strike.line == line})


def inputs_of(layout: Layout, line: str) -> list[int]:
    """Return the numbers of a line's inputs."""
    return sorted({point.number for _, point in points_of(layout) if isinstance(point, InputPoint) and point.line == line})


def findings_of(layout: Layout) -> list[Finding]:
    """Return all that contradicts itself."""
    return [*_twice(layout), *_places(layout), *_shared(layout)]


def _single_points(door: DoorPart) -> list[tuple[str, Point]]:
    points = {"strike": door.strike, "contact": door.contact, "fire": door.fire, "exit": door.exit, "tamper": door.tamper}
    return [(key, point) for key, point in points.items() if point is not None]


def _twice(layout: Layout) -> Iterator[Finding]:
    readers = [(("door", index, "reader", number, "id"), reader.id) for index, door in enumerate(layout.door) for number, reader in enumerate(door.reader)]
    lines = [(("line", index, "id"), line.id) for index, line in enumerate(layout.line)]
    doors = [(("door", index, "id"), door.id) for index, door in enumerate(layout.door)]
    for named in (lines, doors, readers):
        counts = Counter(name for _, name in named)
        for path, name in named:
            if counts[name] > 1:
                yield Finding(path, "devices.twice", f"{name!r} stands there more than once", "Give each an id of its own.")


def _places(layout: Layout) -> Iterator[Finding]:
    lines = {line.id: line for line in layout.line}
    for path, point in points_of(layout):
        line = lines.get(point.line)
        if line is None:
            known = ", ".join(lines)
            yield Finding((*path, "line"), "devices.unknown-line", f"there is no line {point.line!r}", f"Write one of: {known}; or add a [[line]] for it.")
        else:
            yield from _at_line(path, point, line)


def _at_line(path: KeyPath, point: Point, line: LinePart) -> Iterator[Finding]:
    if not isinstance(line, OsdpLine) and point.address:
        yield Finding((*path, "address"), "devices.address", "only OSDP devices have addresses", "Take it out.")
    if isinstance(line, GpioLine) and isinstance(point, ReaderPart):
        mend = "Put a Wiegand reader on a bridge: a GPIO chip cannot time its bits."
        yield Finding((*path, "line"), "devices.no-readers", "a GPIO chip has no readers", mend)


def _shared(layout: Layout) -> Iterator[Finding]:
    seen: set[tuple[str, int, int]] = set()
    for path, point in points_of(layout):
        place = (point.line, point.address, point.number)
        if isinstance(point, ReaderPart):
            if place in seen:
                yield Finding(path, "devices.shared-reader", "another reader is the same one", "Give the reader to one door; another door may use its strike.")
            seen.add(place)
    for index, line in enumerate(layout.line):
        both = set(strikes_of(layout, line.id)) & set(inputs_of(layout, line.id)) if isinstance(line, GpioLine) else set()
        if both:
            yield Finding(
                ("line", index), "devices.both-ways", f"line {min(both)} of the chip is both a strike and an input", "Wire them to lines of their own."
            )
