"""Random tokens and what is kept of them: keyed hashes, so that a stolen database opens nothing and another site's token is unknown here."""

from __future__ import annotations

import base64
import hmac
import secrets
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from consentry.platform.keys import SiteKeys

__all__ = ["Kind", "digest", "new_api_key", "new_recovery_code", "new_token", "same", "split_api_key"]

_API_KEY_MARK = "consentry"


class Kind(StrEnum):
    """What a text is hashed as; the same text has another hash as something else."""

    SESSION = "session"
    TICKET = "ticket"
    LINK = "link"
    RECOVERY_CODE = "recovery-code"
    API_KEY = "api-key"
    NAME = "name"
    ADDRESS = "address"
    PAIR = "pair"


def new_token() -> str:
    """Return 256 random bits, safe in a cookie and an address."""
    return secrets.token_urlsafe(32)


def new_recovery_code() -> str:
    """Return 80 random bits as four groups of base 32, to be written down."""
    text = base64.b32encode(secrets.token_bytes(10)).decode().lower()
    return "-".join(text[start : start + 4] for start in range(0, 16, 4))


def new_api_key() -> tuple[str, str]:
    """Return the prefix that names a new API key, and its whole text: mark, prefix and 256 random bits."""
    prefix = secrets.token_hex(6)
    return prefix, f"{_API_KEY_MARK}_{prefix}_{new_token()}"


def split_api_key(text: str) -> str | None:
    """Return the prefix of an API key's text, or None where it is none."""
    parts = text.split("_", 2)
    return parts[1] if len(parts) == 3 and parts[0] == _API_KEY_MARK and parts[1].isalnum() and text.isascii() else None  # noqa: PLR2004 - mark, prefix, secret


def digest(keys: SiteKeys, kind: Kind, text: str, epoch: int | None = None) -> bytes:
    """Return the 32-byte keyed hash of ``text`` under the site's key of ``epoch``, by default the newest."""
    purpose = "api-key" if kind is Kind.API_KEY else "session-token"
    key = keys.derive(purpose) if epoch is None else keys.derive(purpose, epoch=epoch)
    return hmac.digest(key, f"{kind}\0{text}".encode("utf-8", "surrogatepass"), "sha256")


def same(one: bytes, other: bytes) -> bool:
    """Return whether two hashes are equal, in a time that tells nothing."""
    return hmac.compare_digest(one, other)
