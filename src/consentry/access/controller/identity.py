"""Who a controller is: what its pairing made of it, in one file that nobody else may read."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from consentry.access.marks import Secrets
from consentry.platform.durable import write_new
from consentry.platform.errors import ConflictError, KeyStoreError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Identity", "keep_identity", "load_identity"]

_FILE = "identity.json"
_OTHERS = 0o077
_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Identity:
    """A paired controller. ``snapshot_key``: the Ed25519 public key (32 bytes) that alone signs its snapshots, pinned for good."""

    controller: str
    site: str
    snapshot_key: bytes
    signing: Ed25519PrivateKey = field(repr=False)
    secrets: Secrets = field(repr=False)


def keep_identity(data: Path, identity: Identity) -> None:
    """Write an identity into a data folder that has none.

    Raises:
        ConflictError: ``door.paired`` where it has one.
    """
    document = {
        "controller": identity.controller,
        "site": identity.site,
        "snapshot_key": _text(identity.snapshot_key),
        "signing_key": _text(identity.signing.private_bytes_raw()),
        "secret": _text(identity.secrets.secret),
    }
    try:
        write_new(data / _FILE, json.dumps(document, indent=1).encode(), mode=0o600)
    except FileExistsError:
        raise ConflictError("door.paired", str(data), "it is a controller's already", "Give the new controller a data folder of its own.") from None


def load_identity(data: Path) -> Identity:
    """Return the identity in a data folder.

    Raises:
        KeyStoreError: ``door.not-paired``, or ``door.identity`` where others can read it or it is damaged.
    """
    file = data / _FILE
    try:
        if file.stat().st_mode & _OTHERS:
            raise _unusable(file, "others may read it", f"Take that away (chmod 600 {_FILE}) and pair anew where somebody may have.")
        document = json.loads(file.read_bytes())
        signing = Ed25519PrivateKey.from_private_bytes(_raw(document["signing_key"]))
        secrets = Secrets(str(document["controller"]), _raw(document["secret"]))
        return Identity(str(document["controller"]), str(document["site"]), _raw(document["snapshot_key"]), signing, secrets)
    except FileNotFoundError:
        mend = "Pair it first: consentry door pair --server URL --code CODE --data DIR."
        raise KeyStoreError("door.not-paired", str(data), "there is no paired controller in it", mend) from None
    except (OSError, ValueError, TypeError, KeyError):
        raise _unusable(file, "it cannot be read", "Pair the controller anew with an empty data folder.") from None


def _raw(text: str) -> bytes:
    raw = base64.b64decode(text, validate=True)
    if len(raw) != _KEY_BYTES:
        raise ValueError
    return raw


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _unusable(file: Path, problem: str, mend: str) -> KeyStoreError:
    return KeyStoreError("door.identity", str(file), problem, mend)
