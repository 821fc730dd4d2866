"""What may be on a disk after a power cut, rebuilt from a trace of what a process wrote and flushed.

A flush (fsync, fdatasync) makes everything written to its file before it durable. Of what was written later, any part may have reached the
disk: any of the writes, in any order, each of them torn at any sector. A new file may be missing until its folder was flushed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from random import Random

SECTOR = 512
CALLS = "openat,pwrite64,write,fsync,fdatasync,ftruncate,unlink"
_CALL = re.compile(r"(\w+)\((.*)\)\s+= (-?\d+)")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_PATH = re.compile(r"^(?:AT_FDCWD(?:<[^>]*>)?, )?(?:\d+<([^>]*)>)?")


@dataclass(frozen=True, slots=True)
class Call:
    """One thing that a process did: ``kind`` is write, cut, flush, remove or said; ``data`` is what it wrote or said."""

    kind: str
    path: str
    offset: int = 0
    data: bytes = b""


@dataclass
class Disk:
    """Files as they certainly are (``durable``), and for each what was done since its last flush (``pending``)."""

    durable: dict[str, bytearray] = field(default_factory=dict)
    pending: dict[str, list[Call]] = field(default_factory=dict)

    def do(self, call: Call) -> None:
        """Follow one call."""
        if call.kind == "flush":
            content = self.durable.setdefault(call.path, bytearray())
            for earlier in self.pending.pop(call.path, []):
                _apply(content, earlier)
        elif call.kind == "remove":
            self.durable.pop(call.path, None)
            self.pending.pop(call.path, None)
        else:
            self.pending.setdefault(call.path, []).append(call)

    def image(self, random: Random, share: float) -> dict[str, bytes]:
        """Return what may be on the disk now; each later write is there with probability ``share``, and one of them torn."""
        found = {path: bytearray(content) for path, content in self.durable.items()}
        for path, calls in self.pending.items():
            kept = [call for call in calls if random.random() < share]
            torn = random.randrange(len(kept)) if kept and share < 1 else -1
            for number, call in enumerate(kept):
                _apply(found.setdefault(path, bytearray()), _torn(call, random) if number == torn else call)
        return {path: bytes(content) for path, content in found.items()}


def calls_of(trace: Path, folder: Path) -> Iterator[Call]:
    """Yield what ``strace -y -xx`` saw a process do with the files of ``folder``, and what it said on standard output."""
    with trace.open(encoding="ascii", errors="replace") as lines:
        for line in lines:
            match = _CALL.match(line)
            if match and int(match[3]) >= 0:
                yield from _call(match[1], match[2], folder)


def put(image: dict[str, bytes], folder: Path, target: Path) -> None:
    """Write an image of ``folder`` into ``target``."""
    target.mkdir()
    for path, content in image.items():
        (target / Path(path).relative_to(folder)).write_bytes(content)


def _call(name: str, arguments: str, folder: Path) -> Sequence[Call]:
    where = _PATH.match(arguments)
    path = _decoded(where[1]) if where and where[1] else ""
    text = [bytes.fromhex(found.replace("\\x", "")) for found in _TEXT.findall(arguments)]
    if name == "write" and arguments.startswith("1<"):
        return [Call("said", "", 0, text[0])]
    if name == "unlink":
        return [Call("remove", text[0].decode())] if text[0].decode().startswith(f"{folder}/") else []
    # The index of the log in shared memory is made anew by whoever opens the database first.
    if name == "openat" or not path.startswith(f"{folder}/") or path.endswith("-shm"):
        return []
    return [_on_file(name, path, arguments, text)]


def _on_file(name: str, path: str, arguments: str, text: Sequence[bytes]) -> Call:
    last = arguments.rsplit(", ", 1)[-1]
    match name:
        case "pwrite64":
            return Call("write", path, int(last), text[0])
        case "ftruncate":
            return Call("cut", path, int(last))
        case "fsync" | "fdatasync":
            return Call("flush", path)
        case _:
            msg = f"{name} of {path}: the model does not know what it does"
            raise ValueError(msg)


def _decoded(path: str) -> str:
    return bytes.fromhex(path.replace("\\x", "")).decode() if path.startswith("\\x") else path


def _apply(content: bytearray, call: Call) -> None:
    if call.kind == "cut":
        del content[call.offset :]
        content.extend(bytes(call.offset - len(content)))
        return
    end = call.offset + len(call.data)
    content.extend(bytes(max(0, end - len(content))))
    content[call.offset : end] = call.data


def _torn(call: Call, random: Random) -> Call:
    """Return a write of which only a run of sectors arrived."""
    if call.kind != "write" or len(call.data) <= SECTOR:
        return call
    sectors = -(-len(call.data) // SECTOR)
    first = random.randrange(sectors)
    last = random.randrange(first, sectors) + 1
    return Call("write", call.path, call.offset + first * SECTOR, call.data[first * SECTOR : last * SECTOR])
