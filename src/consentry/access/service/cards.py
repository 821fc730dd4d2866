"""Cards: entering one by the number that it says of itself, replacing it, and telling whose a found one is."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from consentry.access.marks import inner_card
from consentry.access.model import CredentialKind, CredentialState
from consentry.access.records.credentials import CredentialRow
from consentry.access.register import CardDraft, CardForm, CredentialView, Why
from consentry.access.service.credentials import add, credential_row, holder_row, new_row, set_state, view
from consentry.access.service.keyed import Kind, keyed
from consentry.access.work import CREDENTIALS, PURPOSE, credential_label
from consentry.ledger.model import Act
from consentry.ledger.work import writing
from consentry.platform.actors import Permission, permits
from consentry.platform.errors import ConflictError, InputError, NotFoundError
from consentry.platform.keys.sealing import sealed
from consentry.staff.rules import stated

if TYPE_CHECKING:
    from consentry.ledger.work import UnitOfWork
    from consentry.platform.actors import Actor
    from consentry.platform.site import Site

__all__ = ["INNER", "add_card", "card_inner", "enter_card", "find_card", "replace_card"]

INNER: Final = "inner"
"""Under which a sealed credential holds its inner value, base64."""
_HEX = re.compile(r"(?:[0-9a-f]{2})+")
_BYTES: Final = {
    CardForm.UID: {4, 7, 10},
    CardForm.DIVERSIFIED: {4, 7, 10},
    CardForm.WIEGAND26: {3},
    CardForm.WIEGAND34: {4},
}
"""Lengths of a card's number (ISO/IEC 14443-3 for those of the chip)."""
_BETWEEN = re.compile(r"[\s:.-]")


@permits(Permission.MANAGE_CREDENTIALS)
def add_card(site: Site, actor: Actor, person: str, draft: CardDraft) -> CredentialView:
    """Give somebody a card.

    Raises:
        InputError: ``card.uid``, ``credential.validity``, ``credential.uses``, ``credential.doors``, ``door.unknown``.
        NotFoundError: ``door-person.unknown``.
        ConflictError: ``card.known`` where somebody has it already, ``door-person.left``.
    """
    with writing(site) as work:
        return enter_card(work, actor.label, person, draft)


@permits(Permission.MANAGE_CREDENTIALS)
def replace_card(site: Site, actor: Actor, card: str, draft: CardDraft, reason: str) -> CredentialView:
    """Give the holder of a card another one in its place. The old one ends; one that is lost or stolen stays known as that.

    Raises:
        InputError: as :func:`add_card`, and ``credential.kind`` where it is no card.
        NotFoundError: ``credential.unknown``.
        ConflictError: as :func:`add_card`, and ``credential.ended``.
    """
    why = stated(reason)
    with writing(site) as work:
        old = credential_row(work.session, card)
        if old.kind != CredentialKind.CARD:
            raise InputError("credential.kind", credential_label(card), "it is no card", "Name a card.")
        if old.state == CredentialState.ENDED:
            raise ConflictError("credential.ended", credential_label(card), "it has ended for ever", "Enter a new card for its person.")
        # The new one first: a face beside the old one then goes on.
        made = enter_card(work, actor.label, old.person, draft, replaces=card)
        if old.state not in {CredentialState.LOST, CredentialState.STOLEN}:
            set_state(work, actor.label, old, CredentialState.ENDED, Why.REPLACED, why)
        return made


@permits(Permission.MANAGE_CREDENTIALS)
def find_card(site: Site, actor: Actor, uid: str, form: CardForm = CardForm.UID) -> CredentialView:
    """Return the card that says this number of itself, such as one that was found. The ledger keeps that it was asked.

    Raises:
        InputError: ``card.uid``.
        NotFoundError: ``card.unknown``.
    """
    inner = card_inner(uid, form)
    with writing(site) as work:
        row = _known(work, inner)
        if row is None:
            raise NotFoundError("card.unknown", "card", "nobody has it", "Enter it for somebody.")
        work.record(Act(actor.label, "access.card-looked-up", credential_label(row.id), PURPOSE))
        return view(row)


def enter_card(work: UnitOfWork, label: str, person: str, draft: CardDraft, *, replaces: str | None = None) -> CredentialView:
    """Enter a card in an open transaction; see :func:`add_card`."""
    inner = card_inner(draft.uid, draft.form)
    holder_row(work.session, person)
    if _known(work, inner) is not None:
        raise ConflictError("card.known", "card", "somebody has it already", "End that one first, or read the right card.")
    row = new_row(work, person, CredentialKind.CARD, draft.limits)
    row.form, row.mark = draft.form, keyed(work.keys, Kind.CARD, inner).newest
    row.wrapped, row.sealed = sealed(work.keys, CREDENTIALS, row.id, {INNER: base64.b64encode(inner).decode()})
    add(work, label, row, replaces=replaces)
    return view(row)


def card_inner(uid: str, form: CardForm) -> bytes:
    """Return the inner value of a card whose number was typed or read, in hexadecimal.

    Raises:
        InputError: ``card.uid``.
    """
    plain = _BETWEEN.sub("", uid[:60]).lower()
    if _HEX.fullmatch(plain) is None or len(plain) // 2 not in _BYTES[form]:
        digits = " or ".join(str(2 * length) for length in sorted(_BYTES[form]))
        raise InputError("card.uid", "card", "its number is not written as one", f"Write {digits} digits 0-9 and A-F, or read the card.")
    return inner_card(form.value, bytes.fromhex(plain))


def _known(work: UnitOfWork, inner: bytes) -> CredentialRow | None:
    return work.session.scalar(select(CredentialRow).where(CredentialRow.mark.in_(keyed(work.keys, Kind.CARD, inner).known_as)))
