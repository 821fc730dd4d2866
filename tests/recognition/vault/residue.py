"""Looks for what is left of a template or a key, in files and in the memory of a process.

A form is a sequence of bytes in which the thing could lie somewhere. What is found is any run of 16 or more of its bytes, at any offset.

Each such run covers a whole word of 8 bytes that is aligned in what is searched. So every aligned word is looked up among the words at all
offsets of all forms, through a table of one bit a hash first; where one fits, the bytes around it are compared.
"""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from consentry.recognition.gallery.codes import CODE_BYTES, sign_codes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from consentry.recognition.transform import KeyedTransform

WINDOW = 16
"""Bytes that are enough to be told apart from chance."""
WORD = 8
LEAST_DISTINCT = 4
"""Different bytes in what is found: fewer would be found anywhere."""
MOST_POOR = 0.02
"""Share of a form's windows that may have fewer, and are not looked for: two numbers of few bits, side by side, now and then."""
AT_ONCE = 4 << 20
HASH_BITS = 20
MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
MAPPING = re.compile(r"([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \S+ *(.*)")
UNREADABLE = ("[vvar]", "[vvar_vclock]", "[vsyscall]")


@dataclass(frozen=True, slots=True)
class Finding:
    """``length`` bytes of ``form`` at ``offset`` of ``place``: a file, or a process and its mapping."""

    place: str
    offset: int
    form: str
    length: int


def template_forms(vector: NDArray[np.float32], transform: KeyedTransform) -> dict[str, bytes]:
    """Return every form of a template: ``vector``, float32 [D], and its image, as numbers of each size and as sign bits."""
    image = transform.apply(vector[None])[0]
    kept = image.astype(np.float16).astype(np.float32)
    forms = _sign_forms("rotated", image) | _sign_forms("plain", vector) | _sign_forms("kept", kept)
    for name, numbers in {"plain": vector, "rotated": image, "kept": kept}.items():
        forms |= {f"{name} {kind}": numbers.astype(kind).tobytes() for kind in ("<f2", "<f4", "<f8")}
    return forms


def _sign_forms(name: str, numbers: NDArray[np.float32]) -> dict[str, bytes]:
    code = np.empty((1, CODE_BYTES), np.uint8)
    sign_codes(numbers[None], code)
    packed = {f"{name} signs, {order}": np.packbits(numbers > 0, bitorder=order).tobytes() for order in ("big", "little")}
    return packed | {f"{name} signs, gallery": code.tobytes()}


class Residue:
    """The forms to look for."""

    def __init__(self, forms: Mapping[str, bytes]) -> None:
        """Take forms of 16 bytes and more by name."""
        for name, form in forms.items():
            windows = len(form) - WINDOW + 1
            if windows < 1 or sum(map(_poor, (form[at : at + WINDOW] for at in range(windows)))) > MOST_POOR * windows:
                message = f"{name} cannot be told apart from chance"
                raise ValueError(message)
        self._forms = dict(forms)
        self._at: dict[bytes, list[tuple[str, int]]] = {}
        for name, form in forms.items():
            for at in range(len(form) - WORD + 1):
                self._at.setdefault(form[at : at + WORD], []).append((name, at))
        self._words = np.sort(np.frombuffer(b"".join(self._at), np.uint64))
        self._table = np.zeros(1 << HASH_BITS, np.bool_)
        self._table[_hashes(self._words)] = True

    def in_bytes(self, content: bytes, place: str = "bytes", start: int = 0) -> list[Finding]:
        """Return what is found in ``content``, which begins at ``start`` of ``place``."""
        words = np.frombuffer(content.ljust(-(-len(content) // WORD) * WORD, b"\0"), np.uint64)
        likely = np.flatnonzero(self._table[_hashes(words)])
        sure = likely[np.isin(words[likely], self._words)]
        found = {run for index in sure.tolist() for run in self._runs(content, index * WORD)}
        return [Finding(place, start + offset, form, length) for offset, form, length in sorted(found)]

    def in_file(self, path: Path) -> list[Finding]:
        """Return what is found in a file."""
        with path.open("rb") as file:
            return self._in_parts(file.fileno(), str(path), 0, path.stat().st_size)

    def in_folder(self, folder: Path) -> list[Finding]:
        """Return what is found in every file under a folder, by content and by name."""
        paths = sorted(folder.rglob("*"))
        names = self.in_bytes(b"\0".join(os.fsencode(path) for path in paths), f"names under {folder}")
        return names + [finding for path in paths if stat.S_ISREG(path.lstat().st_mode) for finding in self.in_file(path)]

    def in_process(self, pid: int) -> list[Finding]:
        """Return what is found in all memory of a process that can be read; needs the rights of its debugger."""
        findings: list[Finding] = []
        with Path(f"/proc/{pid}/mem").open("rb") as memory:
            for start, end, name in _mappings(pid):
                findings += self._in_parts(memory.fileno(), f"process {pid}, {name or 'anonymous'}", start, end)
        return findings

    def _in_parts(self, descriptor: int, place: str, start: int, end: int) -> list[Finding]:
        """Search a file part by part; parts overlap by a window, so that none is cut."""
        findings: dict[Finding, None] = {}
        for at in range(start, end, AT_ONCE):
            try:
                content = os.pread(descriptor, min(AT_ONCE + WINDOW, end - at), at)
            except OSError:
                continue  # the mapping went away, or its file is shorter than it
            findings |= dict.fromkeys(self.in_bytes(content, place, at))
        return list(findings)

    def _runs(self, content: bytes, at: int) -> Iterator[tuple[int, str, int]]:
        """Yield where the runs around the word at ``at`` begin, of which form, and how long they are."""
        for name, offset in self._at.get(content[at : at + WORD], ()):
            form, before, after = self._forms[name], 0, WORD
            while before < min(at, offset) and content[at - before - 1] == form[offset - before - 1]:
                before += 1
            while after < min(len(content) - at, len(form) - offset) and content[at + after] == form[offset + after]:
                after += 1
            if before + after >= WINDOW and not _poor(content[at - before : at + after]):
                yield at - before, name, before + after


def _poor(run: bytes) -> bool:
    return len(set(run)) < LEAST_DISTINCT


def _hashes(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    return (words * MULTIPLIER) >> np.uint64(64 - HASH_BITS)


def _mappings(pid: int) -> Iterator[tuple[int, int, str]]:
    for line in Path(f"/proc/{pid}/maps").read_text(encoding="utf-8").splitlines():
        match = MAPPING.fullmatch(line)
        if match and match[3].startswith("r") and match[4] not in UNREADABLE:
            yield int(match[1], 16), int(match[2], 16), match[4]
