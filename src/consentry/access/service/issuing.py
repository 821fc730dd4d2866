"""The site's key for passes, and the passes that it signs for guests. A pass whose credential has ended opens nothing, however long it is signed for."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from consentry.access import passes
from consentry.access.model import CredentialKind, Issuer
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


def issuer_key(keys: SiteKeys) -> passes.IssuerKey:
    """Return what passes and face admissions are signed with now."""
    return passes.IssuerKey(keys.epoch, keys.signing_key(_PURPOSE))


def issuers(keys: SiteKeys) -> tuple[Issuer, ...]:
    """Return whose signatures doors accept: those of every epoch, because a pass outlives a rotation."""
    return tuple(Issuer(epoch, base64.b64encode(public_bytes(keys.signing_key(_PURPOSE, epoch=epoch))).decode()) for epoch in keys.epochs)


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
    row.pass_id = new_id(work.now)
    site = work.site.settings.site.id
    signed = passes.GuestPass(site, row.pass_id, tuple(row.doors or ()), draft.valid_from, draft.valid_until, draft.uses, draft.needs_host)
    text = passes.issue_guest_pass(issuer_key(work.keys), signed)
    add(work, label, row)
    return IssuedPass(view(row), text, draft.valid_until)
