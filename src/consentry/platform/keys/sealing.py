"""What people leave of themselves, such as a telephone number, is kept encrypted under a key of its own, bound to what it belongs to."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from consentry.platform.keys.envelope import DataKey, unwrap, wrap

if TYPE_CHECKING:
    from collections.abc import Mapping

    from consentry.platform.keys import SiteKeys

__all__ = ["Sealed", "opened", "sealed"]


class Sealed(NamedTuple):
    """A wrapped key, and what is encrypted under it."""

    wrapped: bytes
    content: bytes


def sealed(keys: SiteKeys, purpose: str, belongs_to: str, texts: Mapping[str, str]) -> Sealed:
    """Encrypt texts that belong to one record, named by its id, under the site's key of ``purpose``."""
    key = DataKey.new()
    return Sealed(wrap(keys, purpose, key, [belongs_to]), key.encrypt(json.dumps(dict(texts)).encode(), [belongs_to]))


def opened(keys: SiteKeys, purpose: str, belongs_to: str, kept: Sealed) -> dict[str, str]:
    """Return what was sealed.

    Raises:
        KeyStoreError: ``keys.sealed`` or ``keys.unknown-epoch``.
    """
    key = unwrap(keys, purpose, kept.wrapped, [belongs_to])
    found: dict[str, str] = json.loads(key.decrypt(kept.content, [belongs_to]))
    return found
