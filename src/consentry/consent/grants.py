"""Grants as bytes: what the site signs for each valid consent, and what the vault reads before it does anything.

``signature (64, Ed25519) ‖ canonical JSON``. The signature covers a label, so that no other message of the site can pass for a grant. This module
reaches neither database nor keys: the vault has the public keys alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NoReturn

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from consentry.consent.model import ConsentGrant, Purpose
from consentry.ledger.rules.canonical import canonical, parse
from consentry.ledger.rules.entries import to_milliseconds
from consentry.platform.errors import ProofError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from consentry.ledger.model import JSONValue

__all__ = ["KEY_PURPOSE", "LONGEST", "signed", "verified"]

KEY_PURPOSE = "consent-grants"
"""The purpose of the site's key that signs grants."""
LONGEST = 2048
"""Bytes of the largest grant."""

_LABEL = b"consentry-grant/1\x00"
_SIGNATURE_BYTES = 64
_NAMES = ("consent", "epoch", "expires", "issued", "may_enrol_for_doors", "model_family", "notice_sha256", "person", "purpose", "site")
_TEXTS = {
    "consent": re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    "person": re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    "site": re.compile(r"[a-z0-9-]{1,64}"),
    "model_family": re.compile(r"[a-z0-9._-]{1,64}"),
    "notice_sha256": re.compile(r"[0-9a-f]{64}"),
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST = 253_402_300_799_999
"""The last millisecond of the year 9999."""


def signed(grant: ConsentGrant, key: Ed25519PrivateKey) -> bytes:
    """Return the grant's bytes, signed with the key of its epoch."""
    body = canonical(_document(grant))
    return key.sign(_LABEL + body) + body


def verified(data: bytes, public_keys: Mapping[int, bytes]) -> ConsentGrant:
    """Return the grant that the site signed. Whether it holds now is for the caller to say.

    Args:
        data: What :func:`signed` returned.
        public_keys: The site's Ed25519 public keys of ``KEY_PURPOSE``, 32 bytes each, by epoch.

    Raises:
        ProofError: ``grant.malformed`` where it is no grant, ``grant.epoch`` for one of an epoch without key, ``grant.signature``.
    """
    if not _SIGNATURE_BYTES < len(data) <= LONGEST:
        _refuse("malformed", "it has not the length of a grant")
    signature, body = data[:_SIGNATURE_BYTES], data[_SIGNATURE_BYTES:]
    grant = _grant(body)
    if grant.epoch not in public_keys:
        _refuse("epoch", "it was signed in an epoch whose key is not known here")
    try:
        Ed25519PublicKey.from_public_bytes(public_keys[grant.epoch]).verify(signature, _LABEL + body)
    except InvalidSignature:
        _refuse("signature", "this site did not sign it")
    return grant


def _document(grant: ConsentGrant) -> dict[str, JSONValue]:
    return {
        "consent": grant.consent,
        "epoch": grant.epoch,
        "expires": to_milliseconds(grant.expires),
        "issued": to_milliseconds(grant.issued),
        "may_enrol_for_doors": grant.may_enrol_for_doors,
        "model_family": grant.model_family,
        "notice_sha256": grant.notice_sha256,
        "person": grant.person,
        "purpose": grant.purpose.value,
        "site": grant.site,
    }


def _grant(body: bytes) -> ConsentGrant:
    try:
        document = parse(body)
    except ProofError:
        _refuse("malformed", "its content is not canonical JSON")
    if not isinstance(document, Mapping) or sorted(document) != list(_NAMES):
        _refuse("malformed", f"it does not have exactly the fields {', '.join(_NAMES)}")
    texts = {name: _text(document, name) for name in _TEXTS}
    purpose, doors = document["purpose"], document["may_enrol_for_doors"]
    if not isinstance(doors, bool) or purpose not in list(Purpose):
        _refuse("malformed", "its purpose is unknown")
    issued, expires = (_EPOCH + timedelta(milliseconds=_number(document, name, _LATEST)) for name in ("issued", "expires"))
    epoch = _number(document, "epoch", 2**31)
    return ConsentGrant(**texts, purpose=Purpose(str(purpose)), issued=issued, expires=expires, epoch=epoch, may_enrol_for_doors=doors)


def _text(document: Mapping[str, JSONValue], name: str) -> str:
    value = document[name]
    if not isinstance(value, str) or not _TEXTS[name].fullmatch(value):
        _refuse("malformed", f"its {name} is not written as one")
    return value


def _number(document: Mapping[str, JSONValue], name: str, most: int) -> int:
    value = document[name]
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        _refuse("malformed", f"its {name} is no number in its range")
    return value


def _refuse(what: str, problem: str) -> NoReturn:
    raise ProofError(f"grant.{what}", "grant", problem, "Ask the site for a fresh one.")
