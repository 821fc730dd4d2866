"""Reads the text of a pass strictly: base64url without padding and canonical JSON of exactly its fields, so that one pass has one text."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from consentry.access.model import AccessEvent
from consentry.ledger.rules.canonical import parse
from consentry.platform.errors import ProofError

if TYPE_CHECKING:
    from consentry.ledger.model import JSONValue

__all__ = ["FACE", "GUEST", "ID", "LATEST_SECOND", "MOST_DOORS", "PHONE", "UNREADABLE", "VERSION", "PassBody", "RefusedError", "base64url", "from_base64url"]

PHONE, GUEST, FACE = "CP1", "CG1", "CF1"
VERSION = 1
MOST_DOORS = 16
"""Doors that a pass may name; a pass for more names none and opens those of its person."""
LATEST_SECOND = 253_402_300_799
"""The last of the year 9999."""
ID = re.compile(r"[A-Za-z0-9-]{1,64}")
UNREADABLE = AccessEvent.DENIED_UNKNOWN_CREDENTIAL

_BASE64URL = re.compile(r"[A-Za-z0-9_-]+")
_FIELDS = {
    PHONE: ("doors", "exp", "holder", "kid", "nbf", "pass", "site", "v"),
    GUEST: ("doors", "exp", "host", "kid", "nbf", "pass", "site", "uses", "v"),
    FACE: ("consent", "door", "exp", "kid", "nonce", "site", "took", "v"),
}


class RefusedError(Exception):
    """A code that proves nothing, and why."""

    def __init__(self, fault: AccessEvent) -> None:
        """Say which event its showing is."""
        super().__init__(fault)
        self.fault = fault


class PassBody:
    """The fields of a pass: exactly those of its kind, in canonical JSON."""

    def __init__(self, name: str, encoded: str) -> None:
        """Read what a pass of this name says; every method refuses what is not of its form."""
        self.bytes = from_base64url(encoded)
        try:
            document = parse(self.bytes)
        except ProofError:
            raise RefusedError(UNREADABLE) from None
        if not isinstance(document, Mapping) or tuple(sorted(document)) != _FIELDS[name] or self._is_not(document["v"], VERSION):
            raise RefusedError(UNREADABLE)
        self._document = document

    def __getitem__(self, key: str) -> JSONValue:
        """Return a field as it is."""
        return self._document[key]

    def name(self, key: str) -> str:
        """Return an id."""
        value = self._document[key]
        if not isinstance(value, str) or ID.fullmatch(value) is None:
            raise RefusedError(UNREADABLE)
        return value

    def number(self, key: str, least: int, most: int) -> int:
        """Return an integer between both."""
        value = self._document[key]
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise RefusedError(UNREADABLE)
        return value

    def truth(self, key: str) -> bool:
        """Return true or false."""
        value = self._document[key]
        if not isinstance(value, bool):
            raise RefusedError(UNREADABLE)
        return value

    def raw(self, key: str, length: int) -> bytes:
        """Return bytes of this length."""
        value = self._document[key]
        raw = from_base64url(value) if isinstance(value, str) else b""
        if len(raw) != length:
            raise RefusedError(UNREADABLE)
        return raw

    def doors(self, *, may_be_all: bool) -> tuple[str, ...] | None:
        """Return the doors that are named; None for all, where that may be."""
        value = self._document["doors"]
        if value is None and may_be_all:
            return None
        if not isinstance(value, list) or not 0 < len(value) <= MOST_DOORS:
            raise RefusedError(UNREADABLE)
        return tuple(door if isinstance(door, str) else "" for door in value)

    @staticmethod
    def _is_not(value: JSONValue, wanted: int) -> bool:
        return isinstance(value, bool) or value != wanted


def from_base64url(text: str) -> bytes:
    """Return the bytes of base64url without padding; each sequence of bytes has one text.

    Raises:
        RefusedError: For any other text.
    """
    if _BASE64URL.fullmatch(text) is None:
        raise RefusedError(UNREADABLE)
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        raise RefusedError(UNREADABLE) from None
    if base64url(raw) != text:
        raise RefusedError(UNREADABLE)
    return raw


def base64url(raw: bytes) -> str:
    """Return bytes as base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
