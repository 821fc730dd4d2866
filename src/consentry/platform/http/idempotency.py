"""A POST that is sent twice is carried out once: the header ``Idempotency-Key`` (draft-ietf-httpapi-idempotency-key-header).

The key is claimed before the request is carried out and its answer kept afterwards, both by the same actor for the same route and body. An
answer is kept encrypted, because it may hold what is shown only once, such as a new API key. A request that failed is forgotten: nothing
happened, and it may be tried again with the same key.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import delete

from consentry.platform.errors import ConflictError, InputError
from consentry.platform.http.records import RepeatRow

if TYPE_CHECKING:
    from collections.abc import Iterable

    from consentry.platform.actors import Actor
    from consentry.platform.site import Site

__all__ = ["HEADER", "Claim", "KeptAnswer", "claim", "forget", "forget_expired", "keep"]

HEADER = "Idempotency-Key"
_PURPOSE = "idempotency"
_BODY = "idempotency-body"
_NONCE_BYTES = 12
_EPOCH_BYTES = 4


@dataclass(frozen=True, slots=True)
class Claim:
    """What makes two requests the same one: ``key`` (SHA-256 of actor, route, idempotency key) and ``requests`` (body).

    The body may hold a telephone number, and a bare hash of it could be tried out: each of ``requests`` is an HMAC-SHA256 under a key of the site, that of
    its newest epoch first.
    """

    key: bytes
    requests: tuple[bytes, ...]

    @classmethod
    def of(cls, site: Site, actor: Actor, route: str, idempotency_key: str, body: bytes) -> Claim:
        """Return the claim of a request; ``route`` is its method and path."""
        keyed = (hmac.digest(site.keys.derive(_BODY, epoch=epoch), body, "sha256") for epoch in reversed(site.keys.epochs))
        return cls(_hash((actor.label, route, idempotency_key)), tuple(keyed))


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """An answer that was given and can be given again."""

    status: int
    content_type: str | None
    body: bytes


def claim(site: Site, claimed: Claim) -> KeptAnswer | None:
    """Claim the request and return None, or return the answer that it got before.

    Raises:
        ConflictError: ``idempotency.unfinished``: the same request is being carried out, or was cut off.
        InputError: ``idempotency.other-request``: the key belongs to a request with another body.
    """
    with site.database.transaction() as session:
        row = session.get(RepeatRow, claimed.key)
        if row is not None and row.begun + site.settings.retention.idempotency <= site.clock.now():
            session.delete(row)
            session.flush()
            row = None
        if row is None:
            session.add(RepeatRow(key=claimed.key, request=claimed.requests[0], begun=site.clock.now()))
            return None
    return _answer_of(site, row, claimed)


def keep(site: Site, claimed: Claim, answer: KeptAnswer) -> None:
    """Keep the answer to a claimed request."""
    with site.database.transaction() as session:
        row = session.get_one(RepeatRow, claimed.key)
        row.status, row.content_type = answer.status, answer.content_type
        row.answer = _encrypt(site, row, answer.body)


def forget(site: Site, claimed: Claim) -> None:
    """Give up a claim: the request failed, and nothing happened."""
    with site.database.transaction() as session:
        session.execute(delete(RepeatRow).where(RepeatRow.key == claimed.key))


def forget_expired(site: Site) -> None:
    """Delete what is older than the settings' ``retention.idempotency``."""
    with site.database.transaction() as session:
        session.execute(delete(RepeatRow).where(RepeatRow.begun <= site.clock.now() - site.settings.retention.idempotency))


def _answer_of(site: Site, row: RepeatRow, claimed: Claim) -> KeptAnswer:
    if row.request not in claimed.requests:
        mend = "Use a new key for each new request; repeat a request unchanged."
        raise InputError("idempotency.other-request", HEADER, "the key was used for a request with another body", mend)
    if row.status is None or row.answer is None:
        mend = "Wait some seconds and repeat it. If it stays so, look whether it took effect, and use a new key."
        raise ConflictError("idempotency.unfinished", HEADER, "the request with this key is being carried out or was cut off", mend)
    return KeptAnswer(row.status, row.content_type, _decrypt(site, row, row.answer))


def _encrypt(site: Site, row: RepeatRow, body: bytes) -> bytes:
    """Return epoch, nonce and encrypted body: keys that are rotated meanwhile leave the answer readable."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    epoch = site.keys.epoch.to_bytes(_EPOCH_BYTES, "big")
    return epoch + nonce + AESGCM(site.keys.derive(_PURPOSE)).encrypt(nonce, body, row.key + row.request)


def _decrypt(site: Site, row: RepeatRow, kept: bytes) -> bytes:
    epoch = int.from_bytes(kept[:_EPOCH_BYTES], "big")
    nonce, encrypted = kept[_EPOCH_BYTES : _EPOCH_BYTES + _NONCE_BYTES], kept[_EPOCH_BYTES + _NONCE_BYTES :]
    return AESGCM(site.keys.derive(_PURPOSE, epoch=epoch)).decrypt(nonce, encrypted, row.key + row.request)


def _hash(parts: Iterable[str]) -> bytes:
    """Hash parts so that no two lists of parts run together."""
    digest = hashlib.sha256()
    for part in parts:
        raw = part.encode("utf-8", "surrogatepass")
        digest.update(len(raw).to_bytes(8, "big") + raw)
    return digest.digest()
