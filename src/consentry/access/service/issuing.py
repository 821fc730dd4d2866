"""The site's key for passes, and the passes that it signs for guests. A pass whose credential has ended opens nothing, however long it is signed for."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from consentry.access import passes
from consentry.access.model import CredentialKind, CredentialState, Issuer
from consentry.access.records.credentials import CredentialRow
from consentry.access.register import IssuedPass, Limits
from consentry.access.service.credentials import add, new_row, view
from consentry.ledger.signatures import public_bytes
from consentry.platform.errors import InputError
from consentry.platform.ids import new_id

if TYPE_CHECKING:
    from consentry.access.register import GuestPassDraft
    from consentry.ledger.work import UnitOfWork
    from consentry.platform.keys import SiteKeys

__all__ = ["enter_guest_pass", "issuer_key", "issuers"]

_PURPOSE = "access-passes"
_DEAD: Final = (CredentialState.ENDED, CredentialState.LOST, CredentialState.STOLEN)


def issuer_key(keys: SiteKeys) -> passes.IssuerKey:
    """Return what passes and face admissions are signed with now."""
    return passes.IssuerKey(keys.epoch, keys.signing_key(_PURPOSE))


def issuers(work: UnitOfWork) -> tuple[Issuer, ...]:
    """Return whose signatures doors accept, the oldest epoch first: the newest one's, and those in which a pass was signed that still opens doors.

    A pass outlives a rotation, but not by more than its own life: telephones have theirs signed anew at their next visit, and when the last old one is
    over its epoch is trusted no more. One of a telephone that is lost or stolen opens nothing; were it found again, its epoch would be trusted again.
    """
    live = CredentialRow.state.not_in(_DEAD), CredentialRow.valid_until > work.now
    signed_in = set(work.session.scalars(select(CredentialRow.signed_in).where(CredentialRow.signed_in.is_not(None), *live).distinct()))
    return tuple(_issuer(work.keys, epoch) for epoch in work.keys.epochs if epoch == work.keys.epoch or epoch in signed_in)


def _issuer(keys: SiteKeys, epoch: int) -> Issuer:
    return Issuer(epoch, base64.b64encode(public_bytes(keys.signing_key(_PURPOSE, epoch=epoch))).decode())


def enter_guest_pass(work: UnitOfWork, label: str, guest: str, draft: GuestPassDraft) -> IssuedPass:
    """Give a guest, who is in the register, a pass in an open transaction.

    Raises:
        InputError: ``pass.doors`` where it names several doors and does not wait for the host, ``pass.field``, ``pass.too-long`` beyond the settings'
            ``longest_guest_pass``, ``door.unknown``, ``credential.validity``, ``credential.uses``, ``credential.doors``.
        NotFoundError: ``door-person.unknown``.
        ConflictError: ``door-person.left``.
    """
    longest = work.site.settings.access.longest_guest_pass
    if draft.valid_until - draft.valid_from > longest:
        raise InputError("pass.too-long", "guest pass", f"it holds for more than {longest}", "Let it end earlier.")
    limits = Limits(draft.valid_from, draft.valid_until, draft.doors, draft.uses, draft.needs_host)
    row = new_row(work, guest, CredentialKind.GUEST, limits)
    row.pass_id, row.signed_in = new_id(work.now), work.keys.epoch
    site = work.site.settings.site.id
    signed = passes.GuestPass(site, row.pass_id, tuple(row.doors or ()), draft.valid_from, draft.valid_until, draft.uses, draft.needs_host)
    text = passes.issue_guest_pass(issuer_key(work.keys), signed)
    add(work, label, row)
    return IssuedPass(view(row), text, draft.valid_until)
