"""The keys of OSDP devices: a file that only its owner reads, one line ``LINE/ADDRESS KEY`` for each device, 32 hexadecimal digits."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from consentry.access.hardware.private_files import private_text
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
        KeyStoreError: ``osdp.install-key`` for the key of the install mode; ``osdp.key-shared`` where two devices have one key; ``osdp.keys`` for what is
            none; and as :func:`private_text`.
    """
    keys: dict[tuple[str, int], bytes] = {}
    for number, line in enumerate(private_text(file).splitlines(), 1):
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
