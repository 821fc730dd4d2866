"""Whether somebody is let in. The order of the checks is the order of precedence; the first that refuses says why.

1. the door, its reader and the policy: known and in force        5. the credential and its person live
2. lockdown, but for the way outside                              6. a face that its person does not depend on
3. faces only beside another way that works                       7. rights, by rule and schedule
4. lock-out, then what the reader's checks found                  8. anti-passback, then the host's word, then the second person

What keeps people out keeps nobody in: a door that leads outside is not asked for 2, 7 and 8, and what 7 would refuse there is told. A door in fire or free
mode stands open for everybody: from 6 on nothing is asked there, nor is 2 or 3 in a fire.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from consentry.access.model import ADMITS_BY, OUTSIDE, AccessEvent, Decision, DoorMode, Evidence, Person, ReaderKind
from consentry.access.rules.compiling import Compiled, compile_snapshot
from consentry.access.rules.lockout import GUESSES, cleared, failed, is_locked, lock_end, reader_waits
from consentry.access.rules.modes import faces_may, in_force, mode_of, stands_open
from consentry.access.rules.passback import passback
from consentry.access.rules.rights import belong_together, credential_fault, face_stands_alone, rights_fault
from consentry.access.rules.schedules import holds, stretch_end
from consentry.access.rules.state import DoorState, Pending, State, Waiting

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from consentry.access.model import Attempt, Credential, Door

__all__ = ["Compiled", "State", "compile_snapshot", "decide"]

_NOBODY = Person("", ())


def decide(compiled: Compiled, state: State, attempt: Attempt) -> tuple[Decision, State]:
    """Return what is decided about an attempt, and what is remembered after it. Never raises."""
    reason = _refusal(compiled, state, attempt)
    if reason is None:
        return _let_in(compiled, state, attempt)
    reports = _silent(attempt)
    if reason in GUESSES:
        state, told = failed(compiled, state, attempt)
        reports += told
    ends = lock_end(state, attempt) if reason is AccessEvent.DENIED_LOCKOUT else None
    return replace(_answer(compiled, attempt), reason=reason, reports=reports, locked_until=ends), state


def _refusal(compiled: Compiled, state: State, attempt: Attempt) -> AccessEvent | None:
    """Return why an attempt is refused, None where it is not. Once the door is asked, as much is looked at whoever comes: time tells nothing of them."""
    mode = mode_of(compiled, state, attempt.door, attempt.at)
    fault = _door_fault(compiled, attempt) or _mode_fault(compiled, state, attempt, mode)
    if fault is not None:
        return fault
    proof, person = _proof_fault(compiled, state, attempt), _person_fault(compiled, state, attempt)
    found = proof if mode in (DoorMode.FIRE, DoorMode.FREE) else proof or person
    return AccessEvent.DENIED_LOCKOUT if _held_back(compiled, state, attempt, found) else found


def _door_fault(compiled: Compiled, attempt: Attempt) -> AccessEvent | None:
    door = compiled.doors.get(attempt.door)
    known = door is not None and attempt.evidence.reader in door.readers
    return None if known and in_force(compiled, attempt.at) else AccessEvent.DENIED_OTHER


def _mode_fault(compiled: Compiled, state: State, attempt: Attempt, mode: DoorMode) -> AccessEvent | None:
    if mode is DoorMode.LOCKDOWN and compiled.doors[attempt.door].to_area != OUTSIDE:
        return AccessEvent.DENIED_DENY_ALL
    shown = attempt.evidence.reader is ReaderKind.FACE and mode is not DoorMode.FIRE
    return AccessEvent.DENIED_AUTHENTICATION_UNAVAILABLE if shown and not faces_may(compiled, state, attempt.door) else None


def _held_back(compiled: Compiled, state: State, attempt: Attempt, fault: AccessEvent | None) -> bool:
    """Tell whether what is found is not said now: what is tried waits, or its reader does.

    A reader that waits lets through what nobody finds by trying: a PIN waits with it, or one that is tried at many units would be found. Whatever else it
    refuses it refuses alike, so that nobody learns there which cards there are.
    """
    waits, reader = reader_waits(compiled, state, attempt), attempt.evidence.reader
    refused = fault not in (None, AccessEvent.VERIFICATION_REQUIRED)
    return is_locked(state, attempt) or (waits and (refused or reader is ReaderKind.PIN))


def _proof_fault(compiled: Compiled, state: State, attempt: Attempt) -> AccessEvent | None:
    """Return why nothing live was proved, None where something was."""
    evidence, (credential, _) = attempt.evidence, _looked_at(compiled, attempt)
    dead = credential_fault(compiled, state, credential, attempt.at)
    if evidence.fault is not None:
        return evidence.fault
    if evidence.credential not in compiled.credentials:
        return AccessEvent.DENIED_UNKNOWN_CREDENTIAL
    return dead if ADMITS_BY[credential.kind] is evidence.reader else AccessEvent.DENIED_INCORRECT_AUTHENTICATION_FACTOR


def _person_fault(compiled: Compiled, state: State, attempt: Attempt) -> AccessEvent | None:
    """Return why whoever holds what was shown may not pass now, were it live. Nobody is kept from leaving for want of a right: that is told."""
    (credential, _), door = _looked_at(compiled, attempt), compiled.doors[attempt.door]
    alone = face_stands_alone(compiled, state, credential, door, attempt.at)
    barred = _entry_fault(compiled, state, attempt)
    if alone:
        return AccessEvent.DENIED_AUTHENTICATION_UNAVAILABLE
    return None if door.to_area == OUTSIDE else barred


def _entry_fault(compiled: Compiled, state: State, attempt: Attempt) -> AccessEvent | None:
    """Return why somebody may not enter what lies behind the door."""
    (credential, person), door, at = _looked_at(compiled, attempt), compiled.doors[attempt.door], attempt.at
    faults = (
        rights_fault(compiled, credential, person, door, at),
        AccessEvent.DENIED_PASSBACK if passback(compiled, state, person, door, at) is AccessEvent.DENIED_PASSBACK else None,
        AccessEvent.VERIFICATION_REQUIRED if credential.needs_host and not attempt.evidence.host_agreed else None,
    )
    return next((fault for fault in faults if fault is not None), None)


def _looked_at(compiled: Compiled, attempt: Attempt) -> tuple[Credential, Person]:
    """Return the credential that was shown and its person. For one that nobody has a card of the snapshot stands in, about which nothing is told."""
    stand_in = compiled.stand_in(attempt.at)
    credential = compiled.credentials.get(attempt.evidence.credential or "", stand_in)
    return credential, compiled.people.get(credential.person, _NOBODY)


def _let_in(compiled: Compiled, state: State, attempt: Attempt) -> tuple[Decision, State]:
    """Return the grant, or the wait for a second person."""
    _, person, door = _shown(compiled, attempt)
    state = cleared(state, attempt)
    first: tuple[Attempt, ...] = ()
    if door.two_people_s and door.to_area != OUTSIDE and not stands_open(compiled, state, door.id, attempt.at):
        other = _first_of_two(compiled, state, attempt, person)
        if other is None:
            return _awaited(compiled, state, attempt)
        first = (other,)
    return _granted(compiled, state, (*first, attempt))


def _first_of_two(compiled: Compiled, state: State, attempt: Attempt, second: Person) -> Attempt | None:
    """Return what the first person showed, as if it were now, where the second does not answer to them, nor they to the second, and they may still pass."""
    waiting = state.door(attempt.door).waiting
    first = compiled.people.get(waiting.person) if waiting is not None else None
    if waiting is None or first is None or belong_together(compiled, first, second) or not waiting.since <= attempt.at <= waiting.until:
        return None
    again = replace(attempt, evidence=Evidence(waiting.reader, waiting.credential, host_agreed=True))
    return again if _refusal(compiled, state, again) is None else None


def _awaited(compiled: Compiled, state: State, attempt: Attempt) -> tuple[Decision, State]:
    credential, person, door = _shown(compiled, attempt)
    until = attempt.at + timedelta(seconds=door.two_people_s)
    waiting = Waiting(person.id, credential.id, attempt.evidence.reader, attempt.at, until)
    decision = replace(_answer(compiled, attempt), reason=AccessEvent.VERIFICATION_REQUIRED, reports=_told(compiled, state, attempt), waits_for_second=True)
    return decision, state.with_door(door.id, replace(state.door(door.id), waiting=waiting))


def _granted(compiled: Compiled, state: State, attempts: Sequence[Attempt]) -> tuple[Decision, State]:
    """Return the grant to the last of ``attempts``, and the state in which all of them are let in."""
    attempt = attempts[-1]
    shown = [_shown(compiled, one) for one in attempts]
    door = shown[-1][2]
    longer = any(person.longer_release for _, person, _ in shown)
    release = max(door.unlock_s, door.longer_unlock_s) if longer else door.unlock_s
    decision = replace(
        _answer(compiled, attempt),
        granted=True,
        reason=AccessEvent.GRANTED,
        reports=_told(compiled, state, attempt),
        release_s=release,
        delay_s=_delay(door, attempt.evidence.reader),
    )
    if stands_open(compiled, state, door.id, attempt.at):
        return decision, state
    until = attempt.at + timedelta(seconds=decision.delay_s + release)
    pending = tuple(Pending(person.id, credential.id, until) for credential, person, _ in shown)
    remembered = _opening(compiled, state.door(door.id), door, [person for _, person, _ in shown], attempt.at)
    return decision, _used(state.with_door(door.id, _with_pending(remembered, pending)), [credential for credential, _, _ in shown])


def _opening(compiled: Compiled, remembered: DoorState, door: Door, people: Sequence[Person], at: datetime) -> DoorState:
    """Return the door after people were let in: nobody waits any more, and the first of the day unlocks it for the others."""
    schedule = compiled.schedules.get(door.first_card or "")
    first = any(group in door.first_card_groups for person in people for group in person.groups)
    if schedule is None or not first or not holds(schedule, compiled.calendar, at):
        return replace(remembered, waiting=None)
    return replace(remembered, waiting=None, first_card_until=stretch_end(schedule, compiled.calendar, at))


def _with_pending(remembered: DoorState, pending: tuple[Pending, ...]) -> DoorState:
    people = {one.person for one in pending}
    return replace(remembered, pending=(*(one for one in remembered.pending if one.person not in people), *pending))


def _used(state: State, credentials: Sequence[Credential]) -> State:
    limited = [one.id for one in credentials if one.uses is not None]
    return replace(state, uses={**state.uses, **{one: state.uses.get(one, 0) + 1 for one in limited}}) if limited else state


def _delay(door: Door, reader: ReaderKind) -> float:
    """Return the seconds until the release: no way waits longer than the face's (R62)."""
    delay = door.delay_s.get(reader, 0.0)
    return min(delay, door.delay_s.get(ReaderKind.FACE, 0.0)) if ReaderKind.FACE in door.readers else delay


def _told(compiled: Compiled, state: State, attempt: Attempt) -> tuple[AccessEvent, ...]:
    """Return what is told of a grant besides: duress, soft passback, and that somebody who left had no right to pass there."""
    credential, person, door = _shown(compiled, attempt)
    found = passback(compiled, state, person, door, attempt.at)
    leaves = door.to_area == OUTSIDE and not stands_open(compiled, state, door.id, attempt.at)
    without = rights_fault(compiled, credential, person, door, attempt.at) if leaves else None
    noted = (AccessEvent.PASSBACK_DETECTED if found is not None else None, without)
    return _silent(attempt) + tuple(one for one in noted if one is not None)


def _silent(attempt: Attempt) -> tuple[AccessEvent, ...]:
    """Return the alarm of a PIN for duress, whatever else is decided."""
    return (AccessEvent.DURESS,) if attempt.evidence.duress else ()


def _answer(compiled: Compiled, attempt: Attempt) -> Decision:
    credential = compiled.credentials.get(attempt.evidence.credential or "")
    return Decision(
        granted=False,
        reason=AccessEvent.DENIED_OTHER,
        door=attempt.door,
        at=attempt.at,
        person=credential.person if credential else None,
        credential=credential.id if credential else None,
    )


def _shown(compiled: Compiled, attempt: Attempt) -> tuple[Credential, Person, Door]:
    """Return the credential that was proved, whose it is, and the door: all are known once nothing refuses."""
    credential = compiled.credentials[attempt.evidence.credential or ""]
    return credential, compiled.people[credential.person], compiled.doors[attempt.door]
