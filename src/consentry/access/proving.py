"""What a reader read becomes evidence: which credential was shown and proved, or why none was. No rule is asked here, and nothing is ever raised.

A PIN costs one Argon2id, whoever's it is: with a number that nobody has it is hashed with the controller's dummy salt and compared with as many marks.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from consentry.access.marks import Secrets, inner_card, inner_pin, inner_unit, is_pin, salt_bytes
from consentry.access.model import ADMITS_BY, AccessEvent, CredentialKind, CredentialState, Evidence, ReaderKind
from consentry.access.passes import Place, Verified, verify
from consentry.platform.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from consentry.access.model import Credential, Snapshot

__all__ = ["PINS_COMPARED", "CardShown", "CodeShown", "Known", "PinShown", "Replays", "Secrets", "Shown", "prove"]

PINS_COMPARED = 16
"""PINs with which one is compared at least; a unit has seldom more."""


class Known(Protocol):
    """What a controller knows, found by mark: a compiled snapshot."""

    @property
    def snapshot(self) -> Snapshot:
        """Return the snapshot that was compiled."""
        ...

    def marked(self, kind: CredentialKind, mark: str) -> Credential | None:
        """Return the credential of this kind with this mark, pass id or consent."""
        ...

    def numbered(self, number: str) -> Sequence[Credential]:
        """Return the PINs that go with the unit or card of this mark; none for an unknown one."""
        ...


class Replays(Protocol):
    """Remembers which codes came, over restarts; when it can hold no more, it says no."""

    def first_use(self, key: str, until: datetime) -> bool:
        """Return whether ``key`` never came before, and keep it until then for good: a clock that is set back must not bring it back."""
        ...


@dataclass(frozen=True, slots=True)
class CardShown:
    """A card at a door. ``kind``: what of it was read, such as ``uid`` or ``desfire``."""

    door: str
    kind: str
    uid: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class PinShown:
    """A PIN at a door, after the number of a unit or a card. ``took``: to enter it, where the door did not see that begin."""

    door: str
    unit: str | CardShown = field(repr=False)
    pin: str = field(repr=False)
    took: timedelta | None = None


@dataclass(frozen=True, slots=True)
class CodeShown:
    """The text of a code at a door: a telephone's, a guest's, or the admission of a face."""

    door: str
    text: str = field(repr=False)


Shown = CardShown | PinShown | CodeShown


def prove(compiled: Known, secrets: Secrets, shown: Shown, now: datetime, replays: Replays) -> Evidence:
    """Return what was proved of what was shown. Bad input gives evidence with a fault, never an error."""
    if isinstance(shown, CardShown):
        return _card(compiled, secrets, shown)
    if isinstance(shown, PinShown):
        return _pin(compiled, secrets, shown, now)
    return _code(compiled, shown, now, replays)


_UNKNOWN = AccessEvent.DENIED_UNKNOWN_CREDENTIAL
_WRONG = AccessEvent.DENIED_INCORRECT_AUTHENTICATION_FACTOR
"""Of a PIN, whether or not anybody has its number: what is said must not tell either."""
_STATES = {
    CredentialState.SUSPENDED: AccessEvent.DENIED_CREDENTIAL_MANUAL_DISABLE,
    CredentialState.LOST: AccessEvent.DENIED_AUTHENTICATION_FACTOR_LOST,
    CredentialState.STOLEN: AccessEvent.DENIED_AUTHENTICATION_FACTOR_STOLEN,
    CredentialState.ENDED: AccessEvent.DENIED_CREDENTIAL_EXPIRED,
}
_NO_MARK = "-" * 43
"""As long as a mark; none is this, for the last character of 32 bytes in base64url is never a hyphen."""


def _card(compiled: Known, secrets: Secrets, shown: CardShown) -> Evidence:
    try:
        mark = secrets.mark(inner_card(shown.kind, shown.uid))
    except InputError:
        return _unproved(ReaderKind.CARD, _UNKNOWN)
    found = compiled.marked(CredentialKind.CARD, mark)
    # An unknown card is compared too.
    proved = _same(mark, found.mark if found is not None else None)
    return Evidence(ReaderKind.CARD, found.id) if found is not None and proved else _unproved(ReaderKind.CARD, _UNKNOWN)


def _pin(compiled: Known, secrets: Secrets, shown: PinShown, now: datetime) -> Evidence:
    if not is_pin(shown.pin):
        return _unproved(ReaderKind.PIN, _WRONG)
    try:
        number = secrets.mark(_number(shown.unit))
    except InputError:
        return _unproved(ReaderKind.PIN, _WRONG)
    candidates = compiled.numbered(number)
    mark = secrets.mark(inner_pin(shown.pin, _salt(candidates, secrets)))
    found, duress = _matching(mark, candidates)
    if found is None:
        return Evidence(ReaderKind.PIN, None, _WRONG, number=number)
    fault = _fault_of_card(compiled, number, found, now) if isinstance(shown.unit, CardShown) else None
    return Evidence(ReaderKind.PIN, found.id, fault, duress=duress, number=number, took=shown.took)


def _code(compiled: Known, shown: CodeShown, now: datetime, replays: Replays) -> Evidence:
    snapshot = compiled.snapshot
    verified = verify(shown.text, Place(snapshot.site, shown.door, snapshot.issuers), now)
    if isinstance(verified, AccessEvent):
        return Evidence(ReaderKind.FACE if shown.text.startswith("CF") else ReaderKind.QR, None, verified)
    reader = ADMITS_BY[verified.kind]
    found = compiled.marked(verified.kind, verified.mark)
    if found is None:
        return Evidence(reader, None, _UNKNOWN)
    return Evidence(reader, found.id, _fault_of_pass(found, verified, replays), took=verified.took)


def _fault_of_pass(found: Credential, verified: Verified, replays: Replays) -> AccessEvent | None:
    """Return why a signed pass does not hold here: the register says otherwise now, or this showing of it came before."""
    if found.kind is CredentialKind.GUEST and not (found.needs_host == verified.needs_host and _is_left_of(found.uses, verified.uses)):
        return AccessEvent.DENIED_OTHER
    if verified.once is not None and verified.until is not None and not replays.first_use(verified.once, verified.until):
        return AccessEvent.DENIED_REPLAY
    return None


def _is_left_of(uses: int | None, in_all: int | None) -> bool:
    """Tell whether the uses that the snapshot leaves can be those of a pass that opens so often in all."""
    return uses is in_all if uses is None or in_all is None else uses <= in_all


def _fault_of_card(compiled: Known, number: str, pin: Credential, now: datetime) -> AccessEvent | None:
    """Return why a card does not stand for its PIN: it must be known, the same person's, and hold now."""
    card = compiled.marked(CredentialKind.CARD, number)
    if card is None or card.person != pin.person:
        return _WRONG
    if card.valid_from is not None and now < card.valid_from:
        return AccessEvent.DENIED_CREDENTIAL_NOT_YET_ACTIVE
    if card.valid_until is not None and now >= card.valid_until:
        return AccessEvent.DENIED_CREDENTIAL_EXPIRED
    if card.id in compiled.snapshot.revoked:
        return AccessEvent.DENIED_CREDENTIAL_MANUAL_DISABLE
    return _STATES.get(card.state)


def _number(unit: str | CardShown) -> bytes:
    return inner_unit(unit) if isinstance(unit, str) else inner_card(unit.kind, unit.uid)


def _salt(candidates: Sequence[Credential], secrets: Secrets) -> bytes:
    try:
        return salt_bytes(candidates[0].salt or "") if candidates else secrets.dummy_salt
    except InputError:
        return secrets.dummy_salt


def _matching(mark: str, candidates: Sequence[Credential]) -> tuple[Credential | None, bool]:
    """Return whose PIN has this mark, and whether it is the one for duress. All are compared, and as often for a number that nobody has."""
    matches = [(candidate, duress) for candidate in candidates for duress in (False, True) if _same(mark, candidate.duress if duress else candidate.mark)]
    for _ in range(PINS_COMPARED - len(candidates)):
        _same(mark, None)
        _same(mark, None)
    # Somebody who left the unit may have had the same PIN as somebody who lives there.
    return max(matches, key=lambda match: match[0].state is CredentialState.ACTIVE, default=(None, False))


def _same(mark: str, other: str | None) -> bool:
    return hmac.compare_digest(mark.encode(), (other or _NO_MARK).encode())


def _unproved(reader: ReaderKind, fault: AccessEvent) -> Evidence:
    return Evidence(reader, None, fault)
