"""Whether a credential is live, and whether whoever holds it may pass a door now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consentry.access.model import AccessEvent, CredentialKind, CredentialState, ReaderKind
from consentry.access.rules.schedules import holds

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from consentry.access.model import Credential, Door, Person, Rule
    from consentry.access.rules.compiling import Compiled
    from consentry.access.rules.state import State

__all__ = ["belong_together", "credential_fault", "face_stands_alone", "rights_fault"]

_STATES = {
    CredentialState.SUSPENDED: AccessEvent.DENIED_CREDENTIAL_MANUAL_DISABLE,
    CredentialState.LOST: AccessEvent.DENIED_AUTHENTICATION_FACTOR_LOST,
    CredentialState.STOLEN: AccessEvent.DENIED_AUTHENTICATION_FACTOR_STOLEN,
    CredentialState.ENDED: AccessEvent.DENIED_CREDENTIAL_EXPIRED,
}


def credential_fault(compiled: Compiled, state: State, credential: Credential, at: datetime) -> AccessEvent | None:
    """Return why a credential is not live, None where it is: it and its person hold, and so does every host behind them."""
    if credential.id in compiled.revoked or credential.mark in compiled.revoked:
        return AccessEvent.DENIED_CREDENTIAL_MANUAL_DISABLE
    fault = _STATES.get(credential.state) or _time_fault(credential, at) or _person_fault(compiled, credential.person, at)
    if fault is None and credential.uses is not None and state.uses.get(credential.id, 0) >= credential.uses:
        return AccessEvent.DENIED_CREDENTIAL_MAX_USES
    return fault


def _person_fault(compiled: Compiled, person: str, at: datetime) -> AccessEvent | None:
    """Return why a person, or a host without whom they hold nothing, does not hold. Hosts in a circle hold nothing."""
    seen: set[str] = set()
    known = compiled.people.get(person)
    while known is not None and known.id not in seen:
        fault = AccessEvent.DENIED_CREDENTIAL_MANUAL_DISABLE if known.suspended else _time_fault(known, at)
        if fault is not None or known.host is None:
            return fault
        seen.add(known.id)
        known = compiled.people.get(known.host)
    return AccessEvent.DENIED_CREDENTIAL_MANUAL_DISABLE


def _time_fault(holder: Credential | Person, at: datetime) -> AccessEvent | None:
    if holder.valid_from is not None and at < holder.valid_from:
        return AccessEvent.DENIED_CREDENTIAL_NOT_YET_ACTIVE
    if holder.valid_until is not None and at >= holder.valid_until:
        return AccessEvent.DENIED_CREDENTIAL_EXPIRED
    return None


def belong_together(compiled: Compiled, one: Person, other: Person) -> bool:
    """Tell whether one of two people is the other's host, near or far, or both have a host in common."""
    return not _line(compiled, one).isdisjoint(_line(compiled, other))


def _line(compiled: Compiled, person: Person) -> set[str]:
    """Return somebody, their host, that one's host and so on."""
    line: set[str] = set()
    known: Person | None = person
    while known is not None and known.id not in line:
        line.add(known.id)
        known = compiled.people.get(known.host) if known.host is not None else None
    return line


def face_stands_alone(compiled: Compiled, state: State, credential: Credential, door: Door, at: datetime) -> bool:
    """Tell whether this is a face whose person holds no other way that is live: nobody is to depend on theirs (R61)."""
    if credential.kind is not CredentialKind.FACE:
        return False
    return not any(_is_another_way(compiled, state, one, door, at) for one in compiled.held[credential.person])


def _is_another_way(compiled: Compiled, state: State, credential: Credential, door: Door, at: datetime) -> bool:
    """Tell whether somebody gets by without their face by this, on nobody else's word. A PIN that goes with a card is worth no more than the card."""
    if credential.kind is CredentialKind.FACE or credential.needs_host or credential_fault(compiled, state, credential, at) is not None:
        return False
    card = compiled.marked(CredentialKind.CARD, credential.number or "") if credential.kind is CredentialKind.PIN else None
    if card is None:
        return True
    return {ReaderKind.CARD, ReaderKind.PIN} <= set(door.readers) and credential_fault(compiled, state, card, at) is None


def rights_fault(compiled: Compiled, credential: Credential, person: Person, door: Door, at: datetime) -> AccessEvent | None:
    """Return why a live credential does not open a door now. A rule that denies wins over every rule that allows.

    Every schedule of the door is looked at, whoever comes: which of them is theirs must not be told by how long it takes.
    """
    times = {one: holds(compiled.schedules[one], compiled.calendar, at) for one in compiled.timetables.get(door.id, ())}
    rules = [rule for group in person.groups for rule in compiled.rules.get((door.id, group), ())]
    holding = [rule for rule in rules if _holds(rule, times)]
    elsewhere = credential.doors is not None and door.id not in credential.doors
    if elsewhere or any(rule.deny for rule in holding):
        return AccessEvent.DENIED_POINT_NO_ACCESS_RIGHTS
    if holding:
        return None
    return AccessEvent.DENIED_POINT_NO_ACCESS_RIGHTS if all(rule.deny for rule in rules) else AccessEvent.DENIED_OUT_OF_TIME_RANGE


def _holds(rule: Rule, times: Mapping[str, bool]) -> bool:
    # A schedule that is not known is taken to the safe side: nothing is allowed by it, and what it denies stays denied.
    return rule.schedule is None or times.get(rule.schedule, rule.deny)
