"""Passes on residents' own telephones: signed for a key that never leaves the telephone, and issued anew before they end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from consentry.access import passes
from consentry.access.model import CredentialKind, CredentialState
from consentry.access.records.credentials import CredentialRow
from consentry.access.register import IssuedPass, Limits, Why
from consentry.access.service.credentials import add, credential_row, holder_digest, is_barred, new_row, set_state, view
from consentry.access.service.issuing import issuer_key
from consentry.ledger.work import writing
from consentry.platform.actors import Permission, permits
from consentry.platform.errors import ConflictError
from consentry.platform.ids import new_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from consentry.ledger.work import UnitOfWork
    from consentry.platform.actors import Actor
    from consentry.platform.site import Site

__all__ = ["enter_phone_pass", "issue_phone_pass"]


@permits(Permission.MANAGE_CREDENTIALS)
def issue_phone_pass(site: Site, actor: Actor, person: str, holder: bytes) -> IssuedPass:
    """Give somebody a pass for the telephone with the P-256 key ``holder`` (65 bytes, uncompressed point). One for the same key ends.

    Raises:
        InputError: ``pass.holder`` where it is no such key.
        NotFoundError: ``door-person.unknown``.
        ConflictError: ``door-person.left``; ``pass.holder-barred`` where a telephone with this key was lost or stolen, or staff suspended its pass.
    """
    with writing(site) as work:
        return enter_phone_pass(work, actor.label, person, holder)


def enter_phone_pass(work: UnitOfWork, label: str, person: str, holder: bytes) -> IssuedPass:
    """Issue a telephone's pass in an open transaction; see :func:`issue_phone_pass`."""
    _refuse_barred(work, holder)
    until = work.now + work.site.settings.access.phone_pass_life
    row = new_row(work, person, CredentialKind.PHONE, Limits(work.now, until))
    row.pass_id, row.holder, row.signed_in = new_id(work.now), holder, work.keys.epoch
    signed = passes.PhonePass(work.site.settings.site.id, row.pass_id, holder, work.now, until)
    text = passes.issue_phone_pass(issuer_key(work.keys), signed)
    before = _of_key(work, person, holder)
    # The new one first: a face beside the old one then goes on.
    add(work, label, row, replaces=before[0] if before else None)
    for name in before:
        set_state(work, label, credential_row(work.session, name), CredentialState.ENDED, Why.REPLACED)
    return IssuedPass(view(row), text, until, before[0] if before else None)


def _refuse_barred(work: UnitOfWork, holder: bytes) -> None:
    """Refuse the key of a telephone that is in unknown hands: whoever has it asks for a new pass with it, and may still be signed in."""
    known = select(CredentialRow).where(CredentialRow.kind == CredentialKind.PHONE, CredentialRow.holder.in_((holder, holder_digest(holder))))
    for row in work.session.scalars(known):
        if row.state == CredentialState.ENDED or is_barred(row):
            mend = "Ask the property office, or let the telephone make a new key."
            raise ConflictError("pass.holder-barred", "telephone", "a pass for its key was lost, stolen or suspended", mend)


def _of_key(work: UnitOfWork, person: str, holder: bytes) -> Sequence[str]:
    same = select(CredentialRow.id).where(CredentialRow.person == person, CredentialRow.holder == holder, CredentialRow.kind == CredentialKind.PHONE)
    return list(work.session.scalars(same))
