"""What is done with the log: recording acts, looking at them, receipts, erasing, checkpoints for others, opening it anew after a restore."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from consentry.ledger.audit import audit_log
from consentry.ledger.checkpoints import COSIGNATURE_KIND, KEY_PURPOSE, attest, current_origin, follow_key, key_changes, last_checkpoint, published, sign
from consentry.ledger.counts import count_finished_days
from consentry.ledger.log import append, lock_head, log_act, read_head, set_genesis
from consentry.ledger.model import Act, Bundle, EarlierCheckpoint, EntryProof, ListedEntry, Page, VerifierKey
from consentry.ledger.outside import own_checkpoint, own_keys
from consentry.ledger.proofs import prove_consistency, prove_inclusion, root_at
from consentry.ledger.records import AttestationRow, CheckpointRow, EntryRow
from consentry.ledger.rules.bundles import seal_bundle
from consentry.ledger.rules.canonical import parse
from consentry.ledger.rules.entries import ERASED, PERMANENT, RESTORED, check_act, read_entry
from consentry.ledger.rules.notes import COSIGNATURE, SIGNATURE, read_checkpoint, read_note, signature_line, to_base64
from consentry.ledger.signatures import public_bytes, signed_by
from consentry.platform.actors import Permission, permits
from consentry.platform.errors import ConflictError, InputError, LedgerError, NotFoundError, ProofError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from consentry.ledger.model import AuditReport, JSONValue, SealedBundle, SignedNote
    from consentry.platform.actors import Actor
    from consentry.platform.site import Site

__all__ = [
    "MAX_PAGE",
    "accept_cosignatures",
    "audit",
    "browse",
    "check_reopening",
    "checkpoint",
    "consistency",
    "entry",
    "erase",
    "latest_checkpoint",
    "log_key",
    "receipt",
    "receipts",
    "record",
    "record_many",
    "reopen",
    "rotate_key",
    "sign_finished_days",
]

MAX_PAGE = 500
MAX_RECEIPTS = 1000
_BEYOND = 2**62
"""More than any log has entries, and within what databases take for a number."""


def record(session: Session, act: Act, now: datetime) -> int:
    """Append one act in the caller's transaction and return its index.

    Raises:
        InputError: ``ledger.entry``, ``ledger.clear-text`` or ``ledger.not-json`` for an act that may not enter the log.
    """
    return append(session, [act], now)[0]


def record_many(session: Session, acts: Sequence[Act], now: datetime) -> range:
    """Append acts in the caller's transaction and return their indexes, in order; much faster than one by one.

    Raises:
        InputError: As :func:`record`; then none is appended.
    """
    return append(session, acts, now)


def checkpoint(site: Site) -> SignedNote:
    """Sign the log as it stands, in a transaction of its own; an hourly job does this.

    Raises:
        LedgerError: ``ledger.key-unknown`` where the site's keys are not those that signed the log so far.
    """
    with site.database.transaction() as session:
        return sign(session, site)


def latest_checkpoint(site: Site) -> SignedNote | None:
    """Return the newest checkpoint with the lines of its witnesses, or None before the first. Anyone may see it."""
    with site.database.reading() as session:
        note = last_checkpoint(session)
        return published(session, note) if note else None


def log_key(site: Site) -> VerifierKey:
    """Return the public key to pin. Its name is the site, so that it stays valid for a log that was opened anew after a restore."""
    return VerifierKey(site.keys.site, SIGNATURE, public_bytes(site.keys.signing_key(KEY_PURPOSE)))


def sign_finished_days(site: Site) -> int:
    """Append the signed counts of every finished day (UTC) that has none yet; return how many. A daily job does this."""
    with site.database.transaction() as session:
        counted = count_finished_days(session, site.clock.now())
        if counted:
            sign(session, site)
        return len(counted)


@permits(Permission.VIEW_LEDGER)
def browse(site: Site, actor: Actor, *, before: int | None = None, limit: int = 50, action: str | None = None) -> Page:  # noqa: ARG001 - permits checks the actor
    """Return up to ``limit`` entries below index ``before``, newest first; only those of ``action`` where one is given."""
    query = select(EntryRow.number, EntryRow.leaf, EntryRow.body).order_by(EntryRow.number.desc()).limit(min(limit, MAX_PAGE) + 1)
    if before is not None:
        # A cursor is the caller's word, and may be a number that no database holds.
        query = query.where(EntryRow.number < max(0, min(before, _BEYOND)))
    if action is not None:
        query = query.where(EntryRow.action == action)
    with site.database.reading() as session:
        rows = [_listed(row.number, row.leaf, row.body) for row in session.execute(query)]
    shown = tuple(rows[:limit])
    return Page(shown, shown[-1].index if len(rows) > limit else None)


@permits(Permission.VIEW_LEDGER)
def entry(site: Site, actor: Actor, index: int) -> ListedEntry:  # noqa: ARG001 - permits checks the actor
    """Return one entry.

    Raises:
        NotFoundError: ``ledger.no-entry``.
    """
    with site.database.reading() as session:
        row = session.execute(select(EntryRow.number, EntryRow.leaf, EntryRow.body).where(EntryRow.number == index)).one_or_none()
    if row is None:
        raise _no_entry(index)
    return _listed(row.number, row.leaf, row.body)


def receipt(site: Site, actor: Actor, index: int) -> SealedBundle:
    """Return the receipt of one entry: a bundle that proves it to anyone who has the log's key.

    Raises:
        NotFoundError: ``ledger.no-entry``.
        ConflictError: ``ledger.erased`` where its content is gone.
    """
    return receipts(site, actor, [index])


@permits(Permission.VIEW_LEDGER)
def receipts(
    site: Site,
    actor: Actor,  # noqa: ARG001 - permits checks the actor
    indexes: Iterable[int],
    *,
    since: Iterable[int] = (),
    document: Mapping[str, JSONValue] | None = None,
) -> SealedBundle:
    """Return one bundle for several entries, which also proves that the log continues its checkpoints of the sizes ``since``.

    With a ``document``, whose hash one of the entries states as ``document_sha256``, it is a dossier.

    Where the log was opened anew meanwhile, the entries that say so are in the bundle too. Where the newest checkpoint is older than an entry, or
    signed with a key that was replaced since, a new one is signed first.

    Raises:
        InputError: ``ledger.too-many``.
        NotFoundError: ``ledger.no-entry`` or ``ledger.no-checkpoint``.
        ConflictError: ``ledger.erased``.
    """
    wanted, earlier = set(indexes), sorted(set(since))
    if len(wanted) > MAX_RECEIPTS:
        raise InputError("ledger.too-many", "receipts", f"more than {MAX_RECEIPTS} entries in one bundle", "Ask for fewer at a time.")
    note = _covering(site, max(wanted, default=-1))
    with site.database.reading() as session:
        restores = _restores(session, note, earlier[0]) if earlier else []
        proven = _bundle(session, note, sorted({*wanted, *restores}), earlier)
        return _seal(site, replace(proven, document=document))


@permits(Permission.VIEW_LEDGER)
def consistency(site: Site, actor: Actor, since: int) -> SealedBundle:  # noqa: ARG001 - permits checks the actor
    """Return the newest checkpoint with the proof that it continues the one of size ``since``, and what a witness needs to follow.

    It carries every ``ledger.restored`` entry, and the checkpoint the log had before each, so that a log opened anew is not taken for a fork.
    ``since`` 0 asks for no proof.

    Raises:
        NotFoundError: ``ledger.no-checkpoint``.
    """
    note = _covering(site, -1)
    with site.database.reading() as session:
        restores = _restores(session, note, 0)
        kept = (_newest_up_to(session, index) for index in restores)
        sizes = {since, *(found for found in kept if found)} - {0, read_checkpoint(note.text).size}
        return _seal(site, _bundle(session, note, restores, sorted(sizes)))


@permits(Permission.VIEW_LEDGER)
def audit(site: Site, actor: Actor, outside: Iterable[SignedNote] = ()) -> AuditReport:  # noqa: ARG001 - permits checks the actor
    """Recompute the whole log; compare it with checkpoints that were kept ``outside``.

    Raises:
        ProofError: ``proof.signature`` for a checkpoint from outside that this site did not sign.
    """
    kept = [own_checkpoint(site, note) for note in outside]
    with site.database.reading() as session:
        return audit_log(session, site.keys.site, own_keys(site), kept)


@permits(Permission.ERASE_ENTRY)
def erase(site: Site, actor: Actor, second: Actor, index: int, basis: str) -> int:
    """Erase what an entry says, on the word of two; its hash stays. Return the index of the tombstone.

    Args:
        site: The site.
        actor: Who erases.
        second: Who agrees; somebody else who may do it too.
        index: The entry.
        basis: The legal basis, in a few words.

    Raises:
        DeniedError: ``access.denied`` where ``second`` may not erase.
        ConflictError: ``ledger.same-actor``, ``ledger.permanent`` or ``ledger.erased``.
        NotFoundError: ``ledger.no-entry``.
    """
    second.require(Permission.ERASE_ENTRY)
    if second.label == actor.label:
        raise ConflictError("ledger.same-actor", actor.label, "an entry is erased on the word of two", "Ask a second person who may erase.")
    with site.database.transaction() as session:
        lock_head(session)
        row = session.execute(select(EntryRow.action, EntryRow.body).where(EntryRow.number == index)).one_or_none()
        if row is None:
            raise _no_entry(index)
        if row.body is None:
            raise _erased(index)
        if row.action in PERMANENT:
            raise ConflictError("ledger.permanent", f"entry {index}", "the log could not be audited without it", "It names nobody; leave it.")
        session.execute(update(EntryRow).where(EntryRow.number == index).values(body=None, salt=None, action=None, at=None))
        details = {"index": index, "action": row.action, "by": [actor.label, second.label]}
        tombstone = Act(actor.label, ERASED, f"entry:{index}", "erasure", basis, details)
        return append(session, [tombstone], site.clock.now())[0]


@permits(Permission.EDIT_SETTINGS)
def accept_cosignatures(site: Site, actor: Actor, note: SignedNote, witnesses: Iterable[VerifierKey]) -> int:  # noqa: ARG001 - permits checks the actor
    """Keep the co-signatures of known witnesses on a checkpoint of this log; return how many were new.

    Raises:
        ProofError: ``proof.checkpoint`` where it is none of this log, ``proof.witness`` where a co-signature is wrong or none is by ``witnesses``.
    """
    known = [key for key in witnesses if key.kind == COSIGNATURE]
    verdicts = {(key.name, signed_by(note, key)) for key in known}
    names = {name for name, verdict in verdicts if verdict}
    if not names or any(verdict is False for _, verdict in verdicts):
        raise ProofError("proof.witness", "checkpoint", "it is not co-signed by a known witness", "Check the witness's key.")
    size = read_checkpoint(note.text).size
    with site.database.transaction() as session:
        stored = session.execute(select(CheckpointRow.note).where(CheckpointRow.size == size)).scalar_one_or_none()
        if stored is None or read_note(stored).text != note.text:
            raise ProofError("proof.checkpoint", "checkpoint", "it is none of this log", "Send it to the site that it names.")
        held = set(session.execute(select(AttestationRow.value).where(AttestationRow.size == size)).scalars())
        lines = [signature_line(line).encode() for line in note.signatures if line.name in names]
        fresh = [line for line in dict.fromkeys(lines) if line not in held]
        for line in fresh:
            attest(session, site, size, COSIGNATURE_KIND, line)
        return len(fresh)


def rotate_key(site: Site) -> SignedNote:
    """Follow a new epoch of the site's keys at once: an entry signed by the old and the new key, then a checkpoint by the new one.

    ``checkpoint`` does the same when its turn comes.

    Raises:
        LedgerError: ``ledger.key-unknown``.
        ConflictError: ``ledger.key-same`` where the keys have no new epoch.
    """
    with site.database.transaction() as session:
        if follow_key(session, site) is None:
            raise ConflictError("ledger.key-same", "log", "its key has not changed", "Make a new epoch first: consentry keys rotate.")
        return sign(session, site)


def check_reopening(site: Site, last: SignedNote | None, reason: str) -> None:
    """Pass what :func:`reopen` would take, before anything is put in the place of the records.

    Raises:
        ProofError: ``proof.signature`` where ``last`` was not signed by this site.
        InputError: where ``reason`` may not enter the log.
    """
    if last:
        own_checkpoint(site, last)
    check_act(log_act(RESTORED, "log", {}, reason))


def reopen(site: Site, last: SignedNote | None, reason: str) -> SignedNote:
    """Open a new log where a restored database ends, and sign its first checkpoint.

    The entries that the backup holds stay where they are. What was appended after it is lost: the ``ledger.restored`` entry says up to which
    size, as far as ``last``, the newest checkpoint known outside, tells. The origin is new, so that nobody takes the log for a fork.

    Raises:
        ProofError: ``proof.signature`` where ``last`` was not signed by this site.
        LedgerError: ``ledger.not-continued`` where ``last`` is older than the backup and contradicts it.
        ConflictError: ``ledger.empty`` where there is no log to continue.
    """
    known = own_checkpoint(site, last) if last else None
    with site.database.transaction() as session:
        head = lock_head(session)
        if not head.size:
            raise ConflictError("ledger.empty", "log", "it has no entries, so there is nothing to continue", "Restore the backup first.")
        if known and known.size <= head.size and root_at(session, known.size) != known.root:
            mend = "The backup is of another log, or was altered: run `consentry ledger audit` with that checkpoint."
            raise LedgerError("ledger.not-continued", "log", f"it does not begin with the {known.size} entries of the checkpoint", mend)
        previous = known.origin if known else current_origin(session, head, site.keys.site)
        details: dict[str, JSONValue] = {
            "previous": previous,
            "kept": head.size,
            "lost_to": max(known.size, head.size) if known else None,
            "last_root": to_base64(known.root) if known else None,
            "key": to_base64(log_key(site).public),
        }
        act = log_act(RESTORED, "log", details, reason)
        set_genesis(session, append(session, [act], site.clock.now())[0])
        return sign(session, site)


def _listed(index: int, leaf: bytes, body: bytes | None) -> ListedEntry:
    return ListedEntry(index, leaf, None if body is None else read_entry(parse(body)))


def _covering(site: Site, index: int) -> SignedNote:
    """Return the newest checkpoint where it covers entry ``index`` and the site's key signed it, else a new one."""
    with site.database.reading() as session:
        head = read_head(session)
        if index >= 0 and (head is None or index >= head.size):
            raise _no_entry(index)
        note = last_checkpoint(session)
        if note is not None and _covers(note, index, log_key(site).public):
            return published(session, note)
    return checkpoint(site)


def _covers(note: SignedNote, index: int, public: bytes) -> bool:
    found = read_checkpoint(note.text)
    return found.size > index and signed_by(note, VerifierKey(found.origin, SIGNATURE, public)) is True


def _bundle(session: Session, note: SignedNote, indexes: list[int], since: list[int]) -> Bundle:
    size = read_checkpoint(note.text).size
    return Bundle(
        note,
        tuple(_entry_proof(session, index, size) for index in indexes),
        tuple(_earlier(session, earlier, size) for earlier in since),
        tuple(key_changes(session)),
    )


def _entry_proof(session: Session, index: int, size: int) -> EntryProof:
    row = session.execute(select(EntryRow.body, EntryRow.salt).where(EntryRow.number == index)).one_or_none()
    if row is None:
        raise _no_entry(index)
    if row.body is None or row.salt is None:
        raise _erased(index)
    return EntryProof(read_entry(parse(row.body)), row.salt, prove_inclusion(session, index, size))


def _earlier(session: Session, earlier: int, size: int) -> EarlierCheckpoint:
    stored = session.execute(select(CheckpointRow.note).where(CheckpointRow.size == earlier, CheckpointRow.size < size)).scalar_one_or_none()
    if stored is None:
        raise NotFoundError("ledger.no-checkpoint", "log", f"it has no checkpoint of size {earlier} before the newest", "Ask for the size of one it signed.")
    return EarlierCheckpoint(read_note(stored), prove_consistency(session, earlier, size))


def _restores(session: Session, note: SignedNote, start: int) -> list[int]:
    """Return the ``ledger.restored`` entries from index ``start`` to the checkpoint: they show that older origins are continued."""
    inside = EntryRow.number >= start, EntryRow.number < read_checkpoint(note.text).size
    return list(session.execute(select(EntryRow.number).where(EntryRow.action == RESTORED, *inside).order_by(EntryRow.number)).scalars())


def _newest_up_to(session: Session, size: int) -> int | None:
    query = select(CheckpointRow.size).where(CheckpointRow.size <= size).order_by(CheckpointRow.size.desc()).limit(1)
    return session.execute(query).scalar_one_or_none()


def _seal(site: Site, bundle: Bundle) -> SealedBundle:
    return seal_bundle(bundle, site.keys.signing_key(KEY_PURPOSE).sign)


def _no_entry(index: int) -> NotFoundError:
    return NotFoundError("ledger.no-entry", "log", f"it has no entry {index}", "Look at the newest entries first.")


def _erased(index: int) -> ConflictError:
    return ConflictError("ledger.erased", f"entry {index}", "its content was erased", "Its hash is still in the log; the tombstone says on what basis.")
