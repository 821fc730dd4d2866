"""Devices at the front desk: a code shown by staff makes one a desk, its key signs whatever it sends, and a lost one is revoked at once."""

from __future__ import annotations

import secrets
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from consentry.attribution.desk_text import SKEW_ALLOWED, is_signed, read_query
from consentry.attribution.numbers import Hashed, secret_hash
from consentry.attribution.records.visits import DeskEntryRow, DeskPairingRow, DeskRow
from consentry.attribution.service.arrivals import expected_today
from consentry.attribution.service.rulebooks import require_project
from consentry.attribution.visiting import DeskFace, DeskState, Expected, PairingCode, SignedEntry
from consentry.attribution.work import PURPOSE
from consentry.ledger.model import Act
from consentry.ledger.work import reading, writing
from consentry.platform.actors import Actor, ActorKind, Permission, permits
from consentry.platform.errors import InputError, NotFoundError, ProofError
from consentry.platform.ids import new_id
from consentry.staff.rules import check_text, stated

if TYPE_CHECKING:
    from consentry.platform.site import Site

__all__ = ["CODE_LASTS", "complete_desk_pairing", "desk_actor", "desk_face", "desks", "expected_at_desk", "no_signature", "pair_desk", "revoke_desk"]

CODE_LASTS = timedelta(minutes=10)
_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODE_LENGTH = 10
"""49 bits: with two tries a second, ten minutes find nothing."""


@permits(Permission.MANAGE_AGENCIES)
def pair_desk(site: Site, actor: Actor, project: str, name: str) -> PairingCode:
    """Return a code that makes one device a desk of a project, within ten minutes.

    Raises:
        NotFoundError: ``project.unknown``.
        InputError: ``input.text`` for a name that cannot be one.
    """
    found, shown = require_project(site, project), check_text(name, "desk", longest=80)
    code = "".join(secrets.choice(_LETTERS) for _ in range(_CODE_LENGTH))
    with writing(site) as work:
        expires = work.now + CODE_LASTS
        mark = secret_hash(site.keys, Hashed.PAIRING, code).newest
        work.session.add(DeskPairingRow(code=mark, project=found.id, name=shown, made_by=actor.label, expires=expires))
        work.record(Act(actor.label, "attribution.desk-pairing-started", f"project:{found.id}", PURPOSE))
    return PairingCode(found.id, shown, code, expires)


def complete_desk_pairing(site: Site, code: str, public_key: bytes) -> DeskFace:
    """Make the device that sends the code a desk; ``public_key``: P-256, uncompressed point, of a key that never signed for another desk.

    Raises:
        NotFoundError: ``desk.code`` where the code is wrong, used or too old.
        InputError: ``desk.key-used``.
    """
    plain = code.strip().upper().replace("-", "").replace(" ", "")
    with writing(site) as work:
        marks = secret_hash(site.keys, Hashed.PAIRING, plain).known_as
        found = work.session.scalar(select(DeskPairingRow).where(DeskPairingRow.code.in_(marks), DeskPairingRow.expires > work.now))
        if found is None:
            raise NotFoundError("desk.code", "pairing code", "it is wrong, was used, or is too old", "Ask staff to show a new one.")
        if work.session.scalar(select(DeskRow.id).where(DeskRow.public_key == public_key)) is not None:
            raise InputError("desk.key-used", "public key", "it is that of another desk", "Make a new key for each desk.")
        row = DeskRow(id=new_id(work.now), project=found.project, name=found.name, public_key=public_key, paired=work.now, paired_by=found.made_by)
        work.session.add(row)
        work.session.delete(found)
        details = {"project": row.project, "key_sha256": sha256(public_key).hexdigest()}
        work.record(Act(row.paired_by, "attribution.desk-paired", f"desk:{row.id}", PURPOSE, details=details))
        return _face(site, row)


@permits(Permission.MANAGE_AGENCIES)
def revoke_desk(site: Site, actor: Actor, desk: str, reason: str) -> None:
    """Let a device be a desk no more, such as a lost one. What it sends from now on makes no visit, and waits for staff; revoking twice is no error.

    Raises:
        NotFoundError: ``desk.unknown``.
        InputError: ``input.text`` without a reason.
    """
    why = stated(reason, longest=300)
    with writing(site) as work:
        row = work.session.get(DeskRow, desk[:36])
        if row is None:
            raise NotFoundError("desk.unknown", "desk", "there is none of that id", "Look at the list of desks.")
        if row.revoked is None:
            row.revoked = work.now
            work.record(Act(actor.label, "attribution.desk-revoked", f"desk:{row.id}", PURPOSE, why))


@permits(Permission.VIEW_ATTRIBUTION)
def desks(site: Site, actor: Actor) -> tuple[DeskState, ...]:  # noqa: ARG001 - the guard reads the actor
    """Return every desk, oldest first, with how many of its entries wait for somebody to settle them."""
    with reading(site) as work:
        open_entries = select(DeskEntryRow.desk, func.count()).where(DeskEntryRow.code.is_not(None), DeskEntryRow.settled.is_(None))
        waiting = {desk: many for desk, many in work.session.execute(open_entries.group_by(DeskEntryRow.desk))}  # noqa: C416 - rows are no pairs to mypy
        return tuple(_state(row, waiting.get(row.id, 0)) for row in work.session.scalars(select(DeskRow).order_by(DeskRow.id)))


def desk_face(site: Site, desk: str) -> DeskFace:
    """Return what a device may know of the desk that it is. Anybody who knows its id may know.

    Raises:
        NotFoundError: ``desk.unknown`` for none that is paired.
    """
    with reading(site) as work:
        row = work.session.get(DeskRow, desk[:36])
        if row is None or row.revoked is not None:
            raise NotFoundError("desk.unknown", "desk", "there is none of that id", "Pair the device again.")
        return _face(site, row)


def desk_actor(row: DeskRow) -> Actor:
    """Return a desk as the one who acts: it receives visitors and can do nothing else."""
    return Actor(ActorKind.STATION, row.id, frozenset({Permission.RECEIVE_VISITORS}))


def expected_at_desk(site: Site, desk: str, asked: SignedEntry) -> tuple[Expected, ...]:
    """Return whose clients may arrive now, to a desk that signed the question.

    Raises:
        ProofError: ``desk.signature``, also for a desk that is none or is revoked; ``desk.clock`` where its clock is more than five minutes off.
        InputError: ``desk.entry``.
        NotFoundError: ``project.unknown`` where the settings no longer name its project.
    """
    with reading(site) as work:
        row = work.session.get(DeskRow, desk[:36])
        now = work.now
    if row is None or row.revoked is not None or not is_signed(asked, row.public_key):
        raise no_signature()
    if abs(now - read_query(asked.text, row.id)) > SKEW_ALLOWED:
        # An old question could be asked again otherwise.
        mend = "Set the clock of the device; what it records meanwhile waits for a person."
        raise ProofError("desk.clock", "desk", f"its clock differs from {now.isoformat(timespec='seconds')} by more than five minutes", mend)
    return expected_today(site, desk_actor(row), row.project)


def no_signature() -> ProofError:
    """Return the one refusal of whoever is no desk, so that a stranger learns nothing of desks."""
    return ProofError("desk.signature", "desk", "no desk's key signed it", "Pair the device again.")


def _face(site: Site, row: DeskRow) -> DeskFace:
    found = site.settings.project(row.project)
    return DeskFace(row.id, row.name, row.project, found.name if found else None)


def _state(row: DeskRow, waiting: int) -> DeskState:
    return DeskState(row.id, row.name, row.project, row.paired, row.paired_by, row.revoked, row.seen, row.skew_s, waiting)
