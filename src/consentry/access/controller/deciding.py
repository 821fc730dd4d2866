"""Deciding beside the door, so that nothing is forgotten: what was decided, and the state that it leads to, are on the disk before anybody is let in."""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from consentry.access.controller.keeping import changes, evened, uncounted
from consentry.access.controller.sync_text import Happening
from consentry.access.model import AccessEvent, Attempt, Decision, DoorEvent, DoorMode, Evidence, ReaderKind
from consentry.access.proving import prove
from consentry.access.rules.deciding import decide
from consentry.access.rules.lockout import failed
from consentry.access.rules.modes import follow, in_force, mode_of, unlocked_by_hand
from consentry.platform.errors import RecordsError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from consentry.access.controller.clock import ClockMemory
    from consentry.access.controller.identity import Identity
    from consentry.access.controller.journal import Journal
    from consentry.access.controller.policy import PolicyFile
    from consentry.access.controller.spent import SpentCodes
    from consentry.access.proving import CardShown, Shown
    from consentry.access.rules.compiling import Compiled
    from consentry.access.rules.state import Occurrence, State

__all__ = ["CLOCK", "Decider", "highest_snapshot"]

CLOCK = "clock"
"""Under this name the journal keeps the time; see :class:`Counts`."""
_HIGHEST = "snapshot"
"""Under this name the journal keeps the highest number of a snapshot that was ever in force."""
_CLOCK_EVERY = timedelta(minutes=1)
_REMEMBERED = timedelta(days=7)
"""How long events stay here that the server holds, in case it is restored from a backup and asks again."""
_ORDER_KEPT = timedelta(hours=1)
_NEARLY_FULL, _ROOMY = 0.9, 0.8

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Decider:
    """One controller's decisions, its state, its journal. Every call comes from the thread that decides."""

    identity: Identity
    policy: PolicyFile
    journal: Journal
    memory: ClockMemory
    spent: SpentCodes
    state: State
    _alarmed: bool = False
    _expired: bool = False
    _clock_kept: datetime | None = None
    _lock_outs: set[tuple[str, ReaderKind, datetime]] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Remember which snapshot it begins with."""
        self._keep_policy()

    @property
    def compiled(self) -> Compiled:
        """Return the snapshot in force."""
        return self.policy.compiled

    def now(self) -> datetime:
        """Return the time to decide by, and write down a clock that jumped."""
        at, jumped = self.memory.now()
        if jumped:
            log.warning("the clock jumped")
            self.happened(at, [Happening(0, at, DoorEvent.CLOCK_JUMP)], self.state)
        return at

    def show(self, shown: Shown, began: datetime | None = None) -> Decision:
        """Decide about what somebody shows. ``began``: when they began to."""
        at, start = self.now(), self.memory.elapsed()
        evidence = prove(self.compiled, self.identity.secrets, shown, at, self.spent)
        # A number was being entered before, or a face captured; proving it takes its time after.
        before = at - began if began is not None else evidence.took or timedelta(0)
        return self._decided(Attempt(shown.door, at, evidence), before.total_seconds() + self.memory.elapsed() - start)

    def foresee(self, door: str, evidence: Evidence) -> Decision:
        """Return what would be decided about what was proved at a door. Nothing comes of it, and every refusal costs the same."""
        attempt = Attempt(door, self.now(), evidence)
        decision, state = self._at_every_time(attempt)
        if state.tries is self.state.tries:
            failed(self.compiled, state, attempt)
        return decision

    def give_up(self, card: CardShown) -> None:
        """Write down why a card did not open by itself whose PIN never came; of one that would, that this is missing.

        Each counts as one that nobody has does, so that no lock-out tells them apart.
        """
        at = self.now()
        shown = Attempt(card.door, at, prove(self.compiled, self.identity.secrets, card, at, self.spent))
        unknown = replace(shown, evidence=Evidence(ReaderKind.CARD, None, AccessEvent.DENIED_UNKNOWN_CREDENTIAL))
        alone, (decision, state) = self.foresee(card.door, shown.evidence), decide(self.compiled, self.state, unknown)
        if decision.reason is AccessEvent.DENIED_UNKNOWN_CREDENTIAL:
            opens = alone.reason in (AccessEvent.GRANTED, AccessEvent.VERIFICATION_REQUIRED)
            why = AccessEvent.DENIED_INCORRECT_AUTHENTICATION_FACTOR if opens else alone.reason
            decision = replace(decision, reason=why, person=alone.person, credential=alone.credential)
        self._refused(decision, unknown, _event_of(decision, unknown, None, None), state)

    def host_agreed(self, door: str, credential: str, order: str) -> Decision:
        """Decide about a guest who waits at a door and whose host has just said yes. How long the host took is no time of a reader, and not counted."""
        at = self.now()
        evidence = Evidence(ReaderKind.QR, credential, host_agreed=True)
        return self._decided(Attempt(door, at, evidence), None, order)

    def happened(self, at: datetime, events: Sequence[Happening], state: State) -> None:
        """Take over what happened without anybody's leave, written down as far as there is room."""
        kept = self._changes(state)
        if events or any(name != CLOCK for name in kept) or self._clock_is_due(at):
            written = self.journal.note(events, kept)
            self._settle(kept, at) if written or not events else None
        self.state = state

    def occurred(self, at: datetime, occurrences: Sequence[Occurrence], state: State) -> None:
        """Take over what the rules say happened at the doors."""
        self.happened(at, [Happening(0, one.at, one.kind, one.door, person=one.person, credential=one.credential) for one in occurrences], state)

    def apply(self, text: str, after: Compiled) -> None:
        """Put a snapshot that was read in force.

        Raises:
            ConsentryError: As :meth:`PolicyFile.apply`; the one before stays in force.
        """
        before, at = self.compiled, self.now()
        self.policy.apply(text, after)
        self.memory.reach(after.snapshot.issued)
        self._keep_policy()
        self._expired = self._expired and not self._in_force(at)
        self.happened(at, [], follow(before, after, self.state, at))
        log.info("snapshot %d is in force", after.snapshot.number)

    def first_time(self, order: str) -> bool:
        """Return whether an order never came before; from now on it did."""
        return self.spent.first_use(f"order/{order}", self.now() + _ORDER_KEPT)

    def unlock_by_hand(self, door: str, order: str, seconds: float) -> bool:
        """Return whether a member of staff may unlock a door from afar now: under a policy in force, not in a lockdown, and once it is written down."""
        at = self.now()
        locked = mode_of(self.compiled, self.state, door, at) is DoorMode.LOCKDOWN
        allowed = door in self.compiled.doors and self._in_force(at) and not locked
        state = unlocked_by_hand(self.state, door, at + timedelta(seconds=seconds)) if allowed else self.state
        refusal = AccessEvent.DENIED_DENY_ALL if locked else AccessEvent.DENIED_OTHER
        event = Happening(0, at, DoorEvent.UNLOCKED if allowed else refusal, door, order=order)
        return self._written([event], state) and allowed

    def heard_time(self, told: datetime) -> None:
        """Hear what time it is from the server. It cannot be earlier than what the server signed."""
        self.now()
        doubted = self.clock_in_doubt
        if self.memory.agree(max(told, self.compiled.snapshot.issued)):
            at = self.memory.latest
            log.warning("the time was set to what was told")
            self.happened(at, [Happening(0, at, DoorEvent.CLOCK_JUMP)], self.state)
        elif doubted:
            log.info("the time is in doubt no more")

    def clock_is_right(self) -> None:
        """Hear from a person beside the machine that its clock goes right, where no server says so."""
        self.heard_time(self.memory.clock.now())

    @property
    def clock_in_doubt(self) -> bool:
        """Return whether somebody may be refused because of a time that it may be besides; since :meth:`now` was asked."""
        return bool(self.memory.others)

    def begin(self) -> None:
        """Write down that the controller decides from now on, and that its clock jumped, where it is known to have, or may have."""
        at, jumped = self.memory.now()
        # At the very first start there is nothing that the clock contradicts; it only waits for the server's word.
        contradicts = jumped or (self.clock_in_doubt and self.journal.kept(CLOCK) is not None)
        kinds = (DoorEvent.STARTED, DoorEvent.CLOCK_JUMP) if contradicts else (DoorEvent.STARTED,)
        self.happened(at, [Happening(0, at, kind) for kind in kinds], self.state)
        if self.clock_in_doubt:
            log.warning("the time is in doubt: a way in must hold by the time kept last too, until the server, or SIGUSR1, says that the clock is right")

    def tick(self, at: datetime) -> None:
        """Tell of a policy that ended and of a journal that fills up, and forget what is no longer needed."""
        if not self._in_force(at) and not self._expired:
            self._expired = True
            self.happened(at, [Happening(0, at, DoorEvent.POLICY_EXPIRED)], self.state)
        if self.journal.level >= _NEARLY_FULL and not self._alarmed:
            self._alarmed = True
            self.happened(at, [Happening(0, at, DoorEvent.LOG_NEARLY_FULL)], self.state)
        self._alarmed = self._alarmed and self.journal.level > _ROOMY
        if self._clock_is_due(at):
            self._tidy(at)

    def _decided(self, attempt: Attempt, took_s: float | None, order: str | None = None) -> Decision:
        before = self.state
        decision, state = self._at_every_time(attempt)
        event = _event_of(decision, attempt, took_s, order)
        if not decision.granted:
            self._refused(decision, attempt, event, state)
            return decision
        if self._written([*_let_in_with(decision, before, state), event], state):
            return decision
        return self._without_record(decision, event)

    def _at_every_time(self, attempt: Attempt) -> tuple[Decision, State]:
        """Decide by the time; while that is in doubt, whoever would be refused at another that it may be is refused."""
        decision, state = decide(self.compiled, self.state, attempt)
        if not (decision.granted or decision.waits_for_second):
            return decision, state
        for other in self.memory.others:
            found, _ = decide(self.compiled, self.state, replace(attempt, at=other))
            # Waiting is counted by the time itself.
            if not (found.granted or found.waits_for_second):
                return replace(found, at=attempt.at, locked_until=None), self.state
        return decision, state

    def _refused(self, decision: Decision, attempt: Attempt, event: Happening, state: State) -> None:
        """Write a refusal down as far as refusals have places. That somebody failed counts in any case."""
        kept = {**self._changes(self.state), **self._refusal_rows(attempt, state)}
        self.state = state
        if AccessEvent.DURESS in event.reports:
            self._settle(kept, event.at) if self.journal.note([event], kept) else None
            return
        try:
            if self._is_told(decision, attempt):
                self.journal.write([], kept)
            else:
                self.journal.refuse(event, kept)
        except RecordsError as error:
            log.error("%s [%s]", error, error.code)  # noqa: TRY400 - meant for the operator, without a traceback
        else:
            self._settle(kept, event.at)

    def _refusal_rows(self, attempt: Attempt, state: State) -> dict[str, str | None]:
        """Return what is kept of the state after a refusal. How long that takes must not tell whether a card is known: every refusal is counted.

        One that is no failure is counted where nobody looks, by the same steps.
        """
        is_failure = state.tries is not self.state.tries
        counted = state if is_failure else failed(self.compiled, state, attempt)[0]
        rows = changes(self.state, counted)
        apart = uncounted(rows, attempt)
        return evened(rows if is_failure else apart)

    def _is_told(self, decision: Decision, attempt: Attempt) -> bool:
        """Return whether the lock-out that refuses is written down already: once is enough, however often somebody tries."""
        if decision.locked_until is None:
            return False
        lock_out = (attempt.door, attempt.evidence.reader, decision.locked_until)
        told = lock_out in self._lock_outs
        self._lock_outs = {one for one in self._lock_outs if one[-1] > decision.at} | {lock_out}
        return told

    def _written(self, events: Sequence[Happening], state: State) -> bool:
        """Write events and take over the state that they lead to, or neither."""
        at = events[0].at
        kept = self._changes(state)
        try:
            self.journal.write(events, kept)
        except RecordsError as error:
            log.error("%s [%s]", error, error.code)  # noqa: TRY400 - meant for the operator, without a traceback
            return False
        self._settle(kept, at)
        self.state = state
        return True

    def _without_record(self, decision: Decision, event: Happening) -> Decision:
        """Let nobody in whose way cannot be written down."""
        refusal = Decision(granted=False, reason=AccessEvent.DENIED_OTHER, door=decision.door, at=decision.at)
        with suppress(RecordsError):
            self.journal.refuse(replace(event, kind=AccessEvent.DENIED_OTHER, reports=(), took_ms=None))
        return refusal

    def _in_force(self, at: datetime) -> bool:
        return all(in_force(self.compiled, one) for one in (at, *self.memory.others))

    def _keep_policy(self) -> None:
        """Keep the snapshot in force, then that there was one of its number: from then on none before it is taken."""
        self.policy.keep()
        if self.policy.unkept is None and highest_snapshot(self.journal) < self.policy.number:
            self.journal.note([], {_HIGHEST: str(self.policy.number)})

    def _changes(self, state: State) -> dict[str, str | None]:
        return {**changes(self.state, state), **self.spent.changes, CLOCK: self.memory.counts().text()}

    def _settle(self, kept: dict[str, str | None], at: datetime) -> None:
        self.spent.settle(kept)
        self._clock_kept = at

    def _clock_is_due(self, at: datetime) -> bool:
        return self._clock_kept is None or abs(at - self._clock_kept) >= _CLOCK_EVERY

    def _tidy(self, at: datetime) -> None:
        self.spent.drop_ended(at)
        self._keep_policy()
        try:
            self.journal.forget(at - _REMEMBERED)
        except RecordsError as error:
            log.warning("%s [%s]", error, error.code)
        self.happened(at, [], self.state)


def highest_snapshot(journal: Journal) -> int:
    """Return the highest number of a snapshot that was in force here, 0 where there was none."""
    return int(journal.kept(_HIGHEST) or 0)


def _let_in_with(decision: Decision, before: State, after: State) -> tuple[Happening, ...]:
    """Return that the first of two people was let in, where somebody waited and goes with the second."""
    waiting = before.door(decision.door).waiting
    going = after.door(decision.door).pending
    ends = {one.until for one in going if one.person == decision.person}
    if waiting is None or not any((one.person, one.credential) == (waiting.person, waiting.credential) and one.until in ends for one in going):
        return ()
    return (Happening(0, decision.at, decision.reason, decision.door, waiting.reader, waiting.person, waiting.credential),)


def _event_of(decision: Decision, attempt: Attempt, took_s: float | None, order: str | None) -> Happening:
    took_ms = None if took_s is None or not decision.granted else max(0, round(1000 * (took_s + decision.delay_s)))
    return Happening(
        0,
        decision.at,
        decision.reason,
        decision.door,
        attempt.evidence.reader,
        decision.person,
        decision.credential,
        decision.reports,
        took_ms,
        order,
    )
