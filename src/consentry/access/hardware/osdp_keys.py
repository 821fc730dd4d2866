"""The keys of OSDP devices: a file that only its owner reads, one line ``LINE/ADDRESS KEY`` for each device, 32 hexadecimal digits."""

from __future__ import annotations

import os
import re
import stat
from typing import TYPE_CHECKING

from consentry.platform.errors import KeyStoreError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["INSTALL_KEY", "read_osdp_keys"]

INSTALL_KEY = bytes(range(0x30, 0x40))
"""SCBK-D, which every OSDP device knows and anybody can read (SIA OSDP 2.2, annex D): with it the secure channel is a formality."""

_LINE = re.compile(r"([a-z0-9-]{1,40})/(\d{1,3})\s+([0-9a-fA-F]{32})")


def read_osdp_keys(file: Path) -> Mapping[tuple[str, int], bytes]:
    """Return each device's key (SCBK, 16 bytes) by line and address. Empty lines and those that begin with ``#`` say nothing.

    Raises:
        KeyStoreError: ``osdp.keys-exposed`` where others may read the file; ``osdp.install-key`` for the key of the install mode; ``osdp.key-shared`` where
            two devices have one key; ``osdp.keys`` where it cannot be read.
    """
    keys: dict[tuple[str, int], bytes] = {}
    for number, line in enumerate(_text(file).splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        subject = f"{file}, line {number}"
        match = _LINE.fullmatch(line.strip())
        if match is None:
            raise KeyStoreError("osdp.keys", subject, "it is no key of a device", "Write LINE/ADDRESS and 32 hexadecimal digits.")
        place, key = (match[1], int(match[2])), bytes.fromhex(match[3])
        _check_key(key, subject)
        if place in keys or key in keys.values():
            raise KeyStoreError("osdp.key-shared", subject, "the device or its key stands there already", "Give every device a random key of its own.")
        keys[place] = key
    return keys


def _check_key(key: bytes, subject: str) -> None:
    if key == INSTALL_KEY:
        problem = "this is SCBK-D, the key of the install mode, which everybody knows"
        raise KeyStoreError("osdp.install-key", subject, problem, "Give the device a random key with the installer's tool and write it here.")
    if len(set(key)) == 1:
        raise KeyStoreError("osdp.install-key", subject, "one byte over and over is no key", "Make a random one: openssl rand -hex 16")


def _text(file: Path) -> str:
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise KeyStoreError("osdp.keys", str(file), error.strerror or str(error), "Write the devices' keys there, or name the file in key_file.") from error
    with os.fdopen(descriptor, encoding="ascii", errors="replace") as opened:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or stat.S_IMODE(status.st_mode) & 0o077:
            raise KeyStoreError("osdp.keys-exposed", str(file), "others than its owner may read or write it", f"Run: chmod 600 {file}")
        return opened.read()
