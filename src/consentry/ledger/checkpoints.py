"""Signing checkpoints, following the site's key when it changes, keeping what outsiders sign about a checkpoint.

Every checkpoint is announced by the entry just before it, and everything an outsider signed by an entry with its hash, so that no row about them
can be taken away unnoticed.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from consentry.ledger.log import append, lock_head, log_act, read_head
from consentry.ledger.model import Checkpoint, SignedNote
from consentry.ledger.records import AttestationRow, CheckpointRow, EntryRow
from consentry.ledger.rules.bundles import key_change_details, read_key_change
from consentry.ledger.rules.canonical import parse
from consentry.ledger.rules.entries import ATTESTED, CHECKPOINT, KEY_ROTATED, read_entry
from consentry.ledger.rules.notes import checkpoint_text, note_text, origin_of, read_checkpoint, read_note, to_base64
from consentry.ledger.signatures import change_key, public_bytes, sign_text
from consentry.platform.errors import LedgerError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from consentry.ledger.log import Head
    from consentry.ledger.model import KeyChange
    from consentry.platform.site import Site

__all__ = [
    "COSIGNATURE_KIND",
    "KEY_PURPOSE",
    "TIMESTAMP_KIND",
    "attest",
    "current_origin",
    "follow_key",
    "key_changes",
    "last_checkpoint",
    "published",
    "sign",
]

KEY_PURPOSE = "ledger-checkpoint"
COSIGNATURE_KIND = "cosignature"
TIMESTAMP_KIND = "timestamp"


def sign(session: Session, site: Site) -> SignedNote:
    """Append the entry that announces a checkpoint and sign the tree that ends with it.

    Raises:
        LedgerError: ``ledger.key-unknown`` where the site's keys are not those that signed the log so far.
    """
    append(session, [], site.clock.now())
    follow_key(session, site)
    key = site.keys.signing_key(KEY_PURPOSE)
    origin = current_origin(session, lock_head(session), site.keys.site)
    append(session, [log_act(CHECKPOINT, "log", {"origin": origin, "key": to_base64(public_bytes(key))})], site.clock.now())
    head = lock_head(session)
    text = checkpoint_text(Checkpoint(origin, head.size, head.frontier.root))
    note = SignedNote(text, (sign_text(text, origin, key),))
    session.execute(insert(CheckpointRow).values(size=head.size, note=note_text(note)))
    return note


def follow_key(session: Session, site: Site) -> int | None:
    """Where the site's key changed since the last checkpoint, append the change, signed by both keys, and return its index.

    Raises:
        LedgerError: ``ledger.key-unknown``.
    """
    found = _last_key(session)
    key = site.keys.signing_key(KEY_PURPOSE)
    if found is None or found == to_base64(public_bytes(key)):
        return None
    held = {to_base64(public_bytes(old)): old for old in (site.keys.signing_key(KEY_PURPOSE, epoch=epoch) for epoch in site.keys.epochs)}
    if found not in held:
        mend = "Restore the key file, or, where it is lost, open the log anew with `consentry ledger reopen`."
        raise LedgerError("ledger.key-unknown", "log", "its last checkpoint was signed by a key that this site does not have", mend)
    change = change_key(site.keys.site, held[found], key)
    return append(session, [log_act(KEY_ROTATED, "ledger-checkpoint", key_change_details(change))], site.clock.now())[0]


def current_origin(session: Session, head: Head, site: str) -> str:
    """Return the origin of the log: the site's id and eight hexadecimal digits of the leaf of the entry that opened it."""
    leaf: bytes = session.execute(select(EntryRow.leaf).where(EntryRow.number == head.genesis)).scalar_one()
    return origin_of(site, leaf)


def last_checkpoint(session: Session) -> SignedNote | None:
    """Return the newest checkpoint as the log signed it, or None before the first of the present origin."""
    head = read_head(session)
    if head is None:
        return None
    newest = select(CheckpointRow.note).where(CheckpointRow.size > head.genesis).order_by(CheckpointRow.size.desc()).limit(1)
    found = session.execute(newest).scalar_one_or_none()
    return read_note(found) if found else None


def published(session: Session, note: SignedNote) -> SignedNote:
    """Return a checkpoint with the lines of the witnesses who co-signed it."""
    size = read_checkpoint(note.text).size
    query = select(AttestationRow.value).where(AttestationRow.size == size, AttestationRow.kind == COSIGNATURE_KIND).order_by(AttestationRow.number)
    lines = "".join(value.decode() for value in session.execute(query).scalars())
    return read_note(note_text(note) + lines)


def attest(session: Session, site: Site, size: int, kind: str, value: bytes) -> None:
    """Keep what an outsider signed about the checkpoint of ``size``, and append an entry with its hash."""
    act = log_act(ATTESTED, f"checkpoint:{size}", {"size": size, "kind": kind, "sha256": sha256(value).hexdigest()})
    index = append(session, [act], site.clock.now())[0]
    session.execute(insert(AttestationRow).values(number=index, size=size, kind=kind, value=value))


def key_changes(session: Session) -> Iterator[KeyChange]:
    """Yield every change of the log's key, the oldest first."""
    query = select(EntryRow.body).where(EntryRow.action == KEY_ROTATED).order_by(EntryRow.number)
    for body in session.execute(query).scalars():
        if body is not None:
            yield read_key_change(read_entry(parse(body)).act.details)


def _last_key(session: Session) -> str | None:
    """Return the public key, in Base64, that the log of the present origin was signed with last."""
    head = lock_head(session)
    named = EntryRow.action.in_((CHECKPOINT, KEY_ROTATED))
    query = select(EntryRow.body).where(named, EntryRow.number > head.genesis).order_by(EntryRow.number.desc()).limit(1)
    body = session.execute(query).scalar_one_or_none()
    if body is None:
        return None
    details = read_entry(parse(body)).act.details
    return str(details.get("key") or details.get("new"))
