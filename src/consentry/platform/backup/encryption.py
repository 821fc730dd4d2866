"""A stream encrypted with a passphrase: scrypt, then AES-256-GCM piece by piece (the STREAM construction of Hoang, Reyhanitabar, Rogaway, Vizár).

Each piece's nonce holds its number and whether it is the last, so that pieces can be neither swapped nor left out, nor the end cut off.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from consentry.platform.errors import InputError

if TYPE_CHECKING:
    from typing import BinaryIO

__all__ = ["MAGIC", "decrypt", "encrypt"]

MAGIC = b"consentry-backup-aes256gcm-1\n"
PIECE = 2**20
_SALT, _TAG, _PREFIX = 16, 16, 7
_SCRYPT = {"n": 2**16, "r": 8, "p": 1}


def encrypt(source: BinaryIO, target: BinaryIO, passphrase: bytes) -> None:
    """Write ``source`` to ``target``, encrypted."""
    salt, prefix = os.urandom(_SALT), os.urandom(_PREFIX)
    cipher = AESGCM(_key(passphrase, salt))
    target.write(MAGIC + salt + prefix)
    number, piece = 0, source.read(PIECE)
    while True:
        following = source.read(PIECE)
        target.write(cipher.encrypt(_nonce(prefix, number, last=not following), piece, MAGIC))
        if not following:
            return
        number, piece = number + 1, following


def decrypt(source: BinaryIO, target: BinaryIO, passphrase: bytes) -> None:
    """Write what ``encrypt`` wrote after ``MAGIC``, decrypted; nothing of it may be used before the whole has passed.

    Raises:
        InputError: ``backup.passphrase``: the passphrase is another, or the file was damaged or cut.
    """
    salt, prefix = source.read(_SALT), source.read(_PREFIX)
    cipher = AESGCM(_key(passphrase, salt))
    number, piece = 0, source.read(PIECE + _TAG)
    while True:
        following = source.read(PIECE + _TAG)
        try:
            target.write(cipher.decrypt(_nonce(prefix, number, last=not following), piece, MAGIC))
        except (InvalidTag, ValueError) as error:
            mend = "Give the passphrase it was made with, or another copy of the file."
            raise InputError("backup.passphrase", "the backup", "it does not open with this passphrase, or it is damaged", mend) from error
        if not following:
            return
        number, piece = number + 1, following


def _key(passphrase: bytes, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=32, **_SCRYPT).derive(passphrase)


def _nonce(prefix: bytes, number: int, *, last: bool) -> bytes:
    return prefix + number.to_bytes(4, "big") + bytes([last])
