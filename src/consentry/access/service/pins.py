"""PINs: entered after a unit or with a card. What stands here is an Argon2id hash under encryption; a PIN is shown once, and only where made here."""

from __future__ import annotations

import base64
import hmac
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from consentry.access.marks import inner_pin, inner_unit, is_pin, number_salt, salt_bytes, typed_unit
from consentry.access.model import CredentialKind, CredentialState
from consentry.access.records.credentials import CredentialRow
from consentry.access.register import IssuedPin, Why
from consentry.access.rules.pins import is_trivial
from consentry.access.service.cards import INNER
from consentry.access.service.credentials import add, credential_row, holder_row, new_row, set_state, view
from consentry.access.service.keyed import Kind, keyed
from consentry.access.service.people import unit_of
from consentry.access.service.units import check_unit
from consentry.access.work import CREDENTIALS
from consentry.ledger.work import writing
from consentry.platform.actors import Permission, permits
from consentry.platform.errors import ConflictError, InputError
from consentry.platform.keys.sealing import Sealed, opened, sealed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from consentry.access.register import PinDraft
    from consentry.ledger.work import UnitOfWork
    from consentry.platform.actors import Actor
    from consentry.platform.site import Site

__all__ = ["DURESS", "NUMBER", "SALT", "enter_pin", "set_pin"]

DURESS: Final = "duress"
NUMBER: Final = "number"
SALT: Final = "salt"
"""Under which a sealed PIN holds, besides its inner value, that of its duress PIN and of its number (base64), and the salt."""
_NUMBERS = "access-numbers"
"""The site's key that makes salts."""


@permits(Permission.MANAGE_CREDENTIALS)
def set_pin(site: Site, actor: Actor, person: str, draft: PinDraft) -> IssuedPin:
    """Give somebody a PIN in the place of the one that they enter after the same unit or with the same card.

    Raises:
        InputError: ``pin.form``, ``pin.digits`` where it has not as many as ``[access] pin_digits`` says, ``pin.duress``, ``pin.unsuitable`` where it is too
            easy or cannot be had, ``access.unit-digits``, ``credential.validity``, ``credential.doors``.
        NotFoundError: ``door-person.unknown``, ``credential.unknown``.
        ConflictError: ``pin.no-number`` where the person has no unit with a digit in it and no card is named, ``access.unit-alike``,
            ``credential.card-rests``, ``door-person.left``.
    """
    with writing(site) as work:
        return enter_pin(work, actor.label, person, draft)


def enter_pin(work: UnitOfWork, label: str, person: str, draft: PinDraft) -> IssuedPin:
    """Enter a PIN in an open transaction; see :func:`set_pin`."""
    number = _number(work, person, draft.with_card)
    pin, duress = _chosen(number, draft, work.site.settings.access.pin_digits)
    row = new_row(work, person, CredentialKind.PIN, draft.limits)
    row.with_card, row.number, row.has_duress = draft.with_card, keyed(work.keys, Kind.NUMBER, number.inner).newest, duress is not None
    row.pin_digits, row.unit_digits = len(pin), None if number.unit is None else len(typed_unit(number.unit))
    texts = {INNER: _text(number.hash(pin)), NUMBER: _text(number.inner), SALT: number.salt}
    if duress is not None:
        texts[DURESS] = _text(number.hash(duress))
    row.wrapped, row.sealed = sealed(work.keys, CREDENTIALS, row.id, texts)
    before = [one.id for one in number.rows if one.person == person]
    add(work, label, row, replaces=before[0] if before else None)
    for name in before:
        set_state(work, label, credential_row(work.session, name), CredentialState.ENDED, Why.REPLACED)
    return IssuedPin(view(row), None if draft.pin else pin, None if draft.duress else duress)


@dataclass(frozen=True, slots=True)
class _Number:
    """What a PIN goes with: its inner value, the salt of all its PINs, their rows, and what the other people's PINs hash to."""

    inner: bytes = field(repr=False)
    unit: str | None = field(repr=False)
    salt: str = field(repr=False)
    rows: tuple[CredentialRow, ...]
    taken: tuple[bytes, ...] = field(repr=False)

    def hash(self, pin: str) -> bytes:
        return inner_pin(pin, salt_bytes(self.salt))

    def suits(self, pin: str) -> bool:
        """Tell whether a PIN is neither easy to guess nor somebody else's: of two who share one, the door could not tell who it was."""
        if is_trivial(pin, self.unit):
            return False
        inner = self.hash(pin)
        return not any(hmac.compare_digest(inner, other) for other in self.taken)


def _number(work: UnitOfWork, person: str, card: str | None) -> _Number:
    unit = unit_of(work, holder_row(work.session, person)) if card is None else None
    inner = _inner_number(work, person, unit, card)
    known = keyed(work.keys, Kind.NUMBER, inner).known_as
    rows = tuple(work.session.scalars(select(CredentialRow).where(CredentialRow.number.in_(known)).order_by(CredentialRow.id)))
    kept = [(row.person, _opened(work, row)) for row in rows]
    # All PINs of a number are compared after one Argon2id, so that they have one salt, also after the site's keys were rotated.
    salt = kept[0][1][SALT] if kept else number_salt(work.keys.derive(_NUMBERS), inner)
    taken = tuple(base64.b64decode(texts[name]) for holder, texts in kept if holder != person for name in (INNER, DURESS) if name in texts)
    return _Number(inner, unit, salt, rows, taken)


def _inner_number(work: UnitOfWork, person: str, unit: str | None, card: str | None) -> bytes:
    if card is None:
        if unit is None or not typed_unit(unit):
            problem = "they have no unit after which a PIN is entered" if unit is None else "their unit has no digit, and a keypad has no other keys"
            raise ConflictError("pin.no-number", f"person {person}", problem, "Write their unit, with its digits, or name their card.")
        check_unit(work, unit, person)
        return inner_unit(typed_unit(unit))
    row = credential_row(work.session, card)
    if row.kind != CredentialKind.CARD or row.person != person:
        raise InputError("credential.kind", f"credential {card}", "it is no card of this person", "Name a card of theirs.")
    if not row.bears:
        raise ConflictError("credential.card-rests", f"credential {card}", "it opens nothing now", "Mend the card first.")
    return base64.b64decode(_opened(work, row)[INNER])


def _chosen(number: _Number, draft: PinDraft, digits: int) -> tuple[str, str | None]:
    """Return the PIN and, where there is to be one, the one for duress: as they were chosen, or made here."""
    typed = [text for text in (draft.pin, draft.duress) if text]
    # The form of both before the number is asked about either: a wrong form tells nothing of what others have, and sets nothing.
    if not all(is_pin(text) for text in typed):
        raise InputError("pin.form", "PIN", "it is not 6 to 12 digits", f"Choose {digits} digits.")
    if draft.pin and draft.duress:
        _check_duress(draft.pin, draft.duress)
    if not all(len(text) == digits for text in typed):
        raise InputError("pin.digits", "PIN", f"it has not {digits} digits, as [access] pin_digits says of every PIN", f"Choose {digits} digits.")
    if not all(number.suits(text) for text in typed):
        raise InputError("pin.unsuitable", "PIN", "it is too easy to guess, or cannot be had here", "Choose another, without a row or a date.")
    pin = draft.pin or _made(number, digits)
    if draft.duress:
        _check_duress(pin, draft.duress)
        return pin, draft.duress
    return pin, _made_duress(number, pin) if draft.with_duress else None


def _check_duress(pin: str, duress: str) -> None:
    if len(duress) != len(pin) or duress[-1:] == pin[-1:]:
        raise InputError("pin.duress", "duress PIN", "it does not differ from the PIN in its last digit", "Choose one as long, with another last digit.")


def _made(number: _Number, digits: int) -> str:
    return next(pin for pin in _random(digits) if number.suits(pin))


def _made_duress(number: _Number, pin: str) -> str | None:
    others = [pin[:-1] + digit for digit in "0123456789" if digit != pin[-1]]
    secrets.SystemRandom().shuffle(others)
    found = next((one for one in others if number.suits(one)), None)
    if found is None:
        raise InputError("pin.duress", "duress PIN", "none is left that differs from the PIN in its last digit alone", "Choose another PIN.")
    return found


def _random(digits: int) -> Iterator[str]:
    while True:
        yield f"{secrets.randbelow(10**digits):0{digits}}"


def _opened(work: UnitOfWork, row: CredentialRow) -> Mapping[str, str]:
    return opened(work.keys, CREDENTIALS, row.id, Sealed(row.wrapped or b"", row.sealed or b""))


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
