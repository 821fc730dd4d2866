"""Keyed hashes by which things are found that are not kept in clear: equal for equal texts, and meaningless without the site's keys."""

from __future__ import annotations

import hmac
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from consentry.platform.keys import SiteKeys

__all__ = ["Kind", "mark", "marks"]

_PURPOSE = "attribution-marks"


class Kind(StrEnum):
    """What a text is hashed as; the same text has another hash as something else."""

    AGENT_NAME = "agent-name"
    LIKENESS = "likeness"
    CLIENT = "client"


def mark(keys: SiteKeys, kind: Kind, *parts: str) -> bytes:
    """Return the 32-byte keyed hash of ``parts`` under the site's newest key; no two lists of parts run together."""
    return _mark(keys, kind, parts, keys.epoch)


def marks(keys: SiteKeys, kind: Kind, *parts: str) -> list[bytes]:
    """Return the hashes of ``parts`` under every key of the site: what was marked before a rotation is found afterwards."""
    return [_mark(keys, kind, parts, epoch) for epoch in keys.epochs]


def _mark(keys: SiteKeys, kind: Kind, parts: tuple[str, ...], epoch: int) -> bytes:
    message = b"".join(len(raw).to_bytes(4, "big") + raw for raw in (part.encode("utf-8", "surrogatepass") for part in (kind.value, *parts)))
    return hmac.digest(keys.derive(_PURPOSE, epoch=epoch), message, "sha256")
