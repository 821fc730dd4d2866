"""Making a device a controller: it makes its keys, sends the public ones with the code that staff read out, and pins what the server answers.

Without a network the request and the answer are files that somebody carries.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from consentry.access.controller.identity import Identity, keep_identity
from consentry.access.controller.sealing import SealedSecret, open_secret
from consentry.access.marks import Secrets
from consentry.platform.durable import write_atomically
from consentry.platform.errors import InputError, NotFoundError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["PairingKeys", "begin_pairing", "complete_pairing", "pairing_request", "waiting_keys"]

_FILE = "pairing.json"
_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class PairingKeys:
    """The private keys of a pairing that has begun."""

    signing: Ed25519PrivateKey = field(repr=False)
    exchange: X25519PrivateKey = field(repr=False)


def begin_pairing(data: Path) -> PairingKeys:
    """Make the keys of a pairing and keep them until it is complete; keys of one that was begun before are thrown away.

    Raises:
        InputError: ``door.data`` for a folder that cannot be made or written.
    """
    keys = PairingKeys(Ed25519PrivateKey.generate(), X25519PrivateKey.generate())
    document = {"signing": _text(keys.signing.private_bytes_raw()), "exchange": _text(keys.exchange.private_bytes_raw())}
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_atomically(data / _FILE, json.dumps(document).encode(), mode=0o600)
    except OSError as error:
        raise InputError("door.data", str(data), f"it cannot be written: {error.strerror}", "Name a folder that this user may make and write.") from error
    return keys


def waiting_keys(data: Path) -> PairingKeys:
    """Return the keys of the pairing that has begun.

    Raises:
        NotFoundError: ``door.no-pairing``.
    """
    try:
        document = json.loads((data / _FILE).read_bytes())
        signing, exchange = base64.b64decode(document["signing"]), base64.b64decode(document["exchange"])
        return PairingKeys(Ed25519PrivateKey.from_private_bytes(signing), X25519PrivateKey.from_private_bytes(exchange))
    except (OSError, ValueError, TypeError, KeyError):
        mend = "Begin one: consentry door pair --code CODE --request FILE --data DIR."
        raise NotFoundError("door.no-pairing", str(data), "no pairing waits for an answer here", mend) from None


def pairing_request(keys: PairingKeys, code: str) -> dict[str, str]:
    """Return what the server must be sent (``POST /api/v1/public/controllers/pair``)."""
    return {
        "code": code,
        "signing_key": _text(keys.signing.public_key().public_bytes_raw()),
        "exchange_key": _text(keys.exchange.public_key().public_bytes_raw()),
    }


def complete_pairing(data: Path, keys: PairingKeys, answer: object) -> Identity:
    """Pin what the server answered and keep it; the keys of the pairing wait no more.

    Raises:
        InputError: ``door.pairing-answer`` for anything but an answer to a pairing.
        ProofError: ``access.secret`` where it answers another device.
        ConflictError: ``door.paired`` where the folder is a controller's already.
    """
    told = _object(answer)
    secret = _object(told.get("secret"))
    controller = _told(told, "controller")
    opened = open_secret(keys.exchange, controller, SealedSecret(_told(secret, "point"), _told(secret, "box")))
    identity = Identity(controller, _told(told, "site"), _key(_told(told, "snapshot_key")), keys.signing, Secrets(controller, opened))
    keep_identity(data, identity)
    (data / _FILE).unlink(missing_ok=True)
    return identity


def _object(value: object) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise _no_answer("it is no object")
    return value


def _told(document: Mapping[str, object], name: str) -> str:
    value = document.get(name)
    if not isinstance(value, str) or not value:
        raise _no_answer(f"it does not tell {name}")
    return value


def _key(text: str) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:
        raw = b""
    if len(raw) != _KEY_BYTES:
        raise _no_answer("its snapshot_key is no key")
    return raw


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _no_answer(problem: str) -> InputError:
    return InputError("door.pairing-answer", "answer", problem, "Give the server's answer as it was.")
