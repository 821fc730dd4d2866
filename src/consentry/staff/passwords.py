"""Passwords as argon2id hashes, with the second set of parameters that RFC 9106 recommends: 64 MiB, three passes, four lanes."""

from __future__ import annotations

import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from consentry.staff.rules import normal_password

__all__ = ["hash_password", "is_outdated", "verify_password"]

_HASHER = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)

# Of nobody: whoever has no password is compared with it, so that an unknown name takes as long as a known one.
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$Co28vcMXhKtYAxTFMI1X6w$UEtdCFdpuU3uYCO5AL0XxTtfbe/P2+4bv2qkAYdJP4Y"

# Each hash takes 64 MiB; a crowd of strangers must not take the memory of the machine.
_AT_ONCE = threading.BoundedSemaphore(4)


def hash_password(password: str) -> str:
    """Return the hash of a password that was checked (``rules.check_password``)."""
    with _AT_ONCE:
        return _HASHER.hash(_encoded(password))


def verify_password(hashed: str | None, password: str) -> bool:
    """Return whether ``password`` is the one that was hashed; without a hash, never, after the same work."""
    with _AT_ONCE:
        try:
            _HASHER.verify(_NOBODY if hashed is None else hashed, _encoded(password))
        except (VerificationError, InvalidHashError):
            return False
    return hashed is not None


def is_outdated(hashed: str) -> bool:
    """Return whether a hash was made with other parameters than those of today."""
    return _HASHER.check_needs_rehash(hashed)


def _encoded(password: str) -> bytes:
    # A lone surrogate can arrive in JSON; it matches nothing, but must not raise.
    return normal_password(password).encode("utf-8", "surrogatepass")
