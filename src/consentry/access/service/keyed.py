"""Keyed hashes by which the register finds a card, a unit or a number again without telling it; other sites cannot compare them."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from consentry.platform.keys import SiteKeys

__all__ = ["Keyed", "Kind", "keyed"]

_PURPOSE = "access-marks"


class Kind(StrEnum):
    """What is hashed; the same bytes have another hash as something else."""

    CARD = "card"
    UNIT = "unit"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Keyed:
    """The keyed hashes of one inner value, 32 bytes each: ``newest`` is kept, ``older`` were made before the site's keys were rotated."""

    newest: bytes
    older: tuple[bytes, ...] = ()

    @property
    def known_as(self) -> tuple[bytes, ...]:
        """Return every hash under which it may have been kept."""
        return (self.newest, *self.older)


def keyed(keys: SiteKeys, kind: Kind, inner: bytes) -> Keyed:
    """Return the hashes of an inner value, 32 bytes (see :mod:`consentry.access.marks`)."""
    message = b"\x00".join((kind.encode(), inner))
    newest, *older = (hmac.digest(keys.derive(_PURPOSE, epoch=epoch), message, "sha256") for epoch in reversed(keys.epochs))
    return Keyed(newest, tuple(older))
