"""The keys of a site. A root per epoch; HKDF makes one key for each purpose from it, so that no key serves two ends.

Derivation (RFC 5869, HKDF-SHA256): no salt; ``info`` is ``consentry/v1``, the site's id, the purpose and the epoch, each
length-prefixed, so that no two (site, purpose, epoch) share one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from consentry.platform.errors import KeyStoreError
from consentry.platform.keys.key_file import ROOT_BYTES, read_key_file

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["SiteKeys"]

_LABEL = "consentry/v1"
_PURPOSE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class SiteKeys:
    """The keys of one site. New things are signed and encrypted in the newest epoch; older ones stay readable in theirs.

    Shows neither a root nor a derived key in ``repr``, and cannot be pickled.
    """

    __slots__ = ("_roots", "epoch", "site")

    def __init__(self, root: bytes, site: str, epoch: int = 1, older: Mapping[int, bytes] | None = None) -> None:
        """Take the 32-byte root of ``epoch``, and those of older epochs.

        Raises:
            KeyStoreError: ``keys.length`` where a root is not 32 bytes long, ``keys.epoch`` where ``epoch`` is not the newest.
        """
        roots = {**(older or {}), epoch: root}
        if any(len(one) != ROOT_BYTES for one in roots.values()):
            raise KeyStoreError("keys.length", f"keys of {site}", f"a root key is not {ROOT_BYTES} bytes long", "Restore the key file from its copy.")
        if epoch < 1 or max(roots) != epoch:
            raise KeyStoreError("keys.epoch", f"keys of {site}", "the epochs are out of order", "Restore the key file from its copy.")
        self.site = site
        self.epoch = epoch
        self._roots = roots

    @classmethod
    def open(cls, path: Path, *, data_folder: Path) -> SiteKeys:
        """Return the keys of a key file.

        Raises:
            KeyStoreError: Where the file is missing, exposed to others, inside ``data_folder``, a link, owned by another account, or
                damaged.
        """
        stored = read_key_file(path, data_folder=data_folder)
        newest = max(stored.roots)
        return cls(stored.roots[newest], stored.site, newest, {epoch: root for epoch, root in stored.roots.items() if epoch != newest})

    @property
    def epochs(self) -> tuple[int, ...]:
        """Return the epochs whose keys are here, the oldest first."""
        return tuple(sorted(self._roots))

    def derive(self, purpose: str, *, epoch: int | None = None) -> bytes:
        """Return the 32-byte key of ``purpose``, words of lower-case letters joined by hyphens; the newest epoch's unless one is given.

        Raises:
            KeyStoreError: ``keys.unknown-epoch`` where there is no root of that epoch.
        """
        if _PURPOSE.fullmatch(purpose) is None:
            msg = f"not the name of a purpose: {purpose!r}"
            raise ValueError(msg)
        wanted = self.epoch if epoch is None else epoch
        root = self._roots.get(wanted)
        if root is None:
            mend = "Restore the key file that has it; what it encrypted cannot be read otherwise."
            raise KeyStoreError("keys.unknown-epoch", f"keys of {self.site}", f"there is no root key of epoch {wanted}", mend)
        info = b"".join(len(part).to_bytes(2, "big") + part for part in (text.encode() for text in (_LABEL, self.site, purpose, str(wanted))))
        return HKDF(algorithm=SHA256(), length=ROOT_BYTES, salt=None, info=info).derive(root)

    def signing_key(self, purpose: str, *, epoch: int | None = None) -> Ed25519PrivateKey:
        """Return the Ed25519 key of ``purpose``; its seed is the derived key.

        Raises:
            KeyStoreError: As :meth:`derive`.
        """
        return Ed25519PrivateKey.from_private_bytes(self.derive(purpose, epoch=epoch))

    def __repr__(self) -> str:
        """Return site and epochs; no key."""
        return f"SiteKeys(site={self.site!r}, epochs={self.epochs})"

    def __reduce__(self) -> str:
        """Refuse to be pickled: a copy of the roots would leave the process."""
        msg = "keys cannot be pickled"
        raise TypeError(msg)
