"""Deciding beside the door, so that nothing is forgotten: what was decided, and the state that it leads to, are on the disk before anybody is let in."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from consentry.access.controller.keeping import changes, uncounted
from consentry.access.controller.sync_text import Happening, milliseconds
from consentry.access.model import AccessEvent, Attempt, Decision, DoorEvent, DoorMode, Evidence, ReaderKind
from consentry.access.proving import prove
from consentry.access.rules.deciding import decide
from consentry.access.rules.modes import follow, in_force, mode_of, unlocked_by_hand
from consentry.platform.errors import RecordsError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from consentry.access.controller.clock import ClockMemory
    from consentry.access.controller.identity import Identity
    from consentry.access.controller.journal import Journal
    from consentry.access.controller.policy import PolicyFile
    from consentry.access.controller.spent import SpentCodes
    from consentry.access.proving import Shown
    from consentry.access.rules.compiling import Compiled
    from consentry.access.rules.state import Occurrence, State

__all__ = ["CLOCK", "Decider"]

CLOCK = "clock"
"""Under this name the journal keeps the latest time ever seen, in milliseconds since 1970."""
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
        # A number was being entered before; proving it takes its time after.
        before_s = (at - began).total_seconds() if began is not None else 0.0
        return self._decided(Attempt(shown.door, at, evidence), before_s + self.memory.elapsed() - start)

    def host_agreed(self, door: str, credential: str, order: str) -> Decision:
        """Decide about a guest who waits at a door and whose host has just said yes."""
        at = self.now()
        evidence = Evidence(ReaderKind.QR, credential, host_agreed=True)
        return self._decided(Attempt(door, at, evidence), 0.0, order)

    def happened(self, at: datetime, events: Sequence[Happening], state: State) -> None:
        """Take over what happened without anybody's leave, written down as far as there is room."""
        kept = self._changes(state, at)
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
        self._expired = self._expired and not in_force(after, at)
        self.happened(at, [], follow(before, after, self.state, at))
        log.info("snapshot %d is in force", after.snapshot.number)

    def first_time(self, order: str) -> bool:
        """Return whether an order never came before; from now on it did."""
        return self.spent.first_use(f"order/{order}", self.now() + _ORDER_KEPT)

    def unlock_by_hand(self, door: str, order: str, seconds: float) -> bool:
        """Return whether a member of staff may unlock a door from afar now: under a policy in force, not in a lockdown, and once it is written down."""
        at = self.now()
        locked = mode_of(self.compiled, self.state, door, at) is DoorMode.LOCKDOWN
        allowed = door in self.compiled.doors and in_force(self.compiled, at) and not locked
        state = unlocked_by_hand(self.state, door, at + timedelta(seconds=seconds)) if allowed else self.state
        refusal = AccessEvent.DENIED_DENY_ALL if locked else AccessEvent.DENIED_OTHER
        event = Happening(0, at, DoorEvent.UNLOCKED if allowed else refusal, door, order=order)
        return self._written(event, state) and allowed

    def heard_time(self, server: datetime) -> None:
        """Hear the server's time."""
        if self.memory.agree(server):
            at = self.memory.latest
            log.warning("the clock was ahead; the server agrees with it now")
            self.happened(at, [Happening(0, at, DoorEvent.CLOCK_JUMP)], self.state)

    def tick(self, at: datetime) -> None:
        """Tell of a policy that ended and of a journal that fills up, and forget what is no longer needed."""
        if not in_force(self.compiled, at) and not self._expired:
            self._expired = True
            self.happened(at, [Happening(0, at, DoorEvent.POLICY_EXPIRED)], self.state)
        if self.journal.level >= _NEARLY_FULL and not self._alarmed:
            self._alarmed = True
            self.happened(at, [Happening(0, at, DoorEvent.LOG_NEARLY_FULL)], self.state)
        self._alarmed = self._alarmed and self.journal.level > _ROOMY
        if self._clock_is_due(at):
            self._tidy(at)

    def _decided(self, attempt: Attempt, took_s: float, order: str | None = None) -> Decision:
        decision, state = decide(self.compiled, self.state, attempt)
        event = _event_of(decision, attempt, took_s + decision.delay_s, order)
        more = None
        if not decision.granted and state.tries is self.state.tries:
            # How long a refusal takes must not tell whether a card is known: as much is looked through and written as where a failure is counted.
            state, more = replace(state, tries=dict(state.tries)), uncounted(attempt)
        return decision if self._written(event, state, more) else self._without_record(decision, event, state)

    def _written(self, event: Happening, state: State, more: Mapping[str, str | None] | None = None) -> bool:
        """Write an event and take over the state that it leads to, or neither; ``more``: rows that the journal keeps besides."""
        kept = {**self._changes(state, event.at), **(more or {})}
        try:
            self.journal.write([event], kept)
        except RecordsError as error:
            log.error("%s [%s]", error, error.code)  # noqa: TRY400 - meant for the operator, without a traceback
            return False
        self._settle(kept, event.at)
        self.state = state
        return True

    def _without_record(self, decision: Decision, event: Happening, state: State) -> Decision:
        """Let nobody in whose way cannot be written down. That somebody failed counts all the same."""
        if decision.granted:
            decision = Decision(granted=False, reason=AccessEvent.DENIED_OTHER, door=decision.door, at=decision.at)
            event = replace(event, kind=AccessEvent.DENIED_OTHER, reports=(), took_ms=None)
        else:
            self.state = state
        self.journal.note([event])
        return decision

    def _changes(self, state: State, at: datetime) -> dict[str, str | None]:
        return {**changes(self.state, state), **self.spent.changes, CLOCK: str(milliseconds(at))}

    def _settle(self, kept: dict[str, str | None], at: datetime) -> None:
        self.spent.settle(kept)
        self._clock_kept = at

    def _clock_is_due(self, at: datetime) -> bool:
        return self._clock_kept is None or abs(at - self._clock_kept) >= _CLOCK_EVERY

    def _tidy(self, at: datetime) -> None:
        self.spent.drop_ended(at)
        self.policy.keep()
        try:
            self.journal.forget(at - _REMEMBERED)
        except RecordsError as error:
            log.warning("%s [%s]", error, error.code)
        self.happened(at, [], self.state)


def _event_of(decision: Decision, attempt: Attempt, took_s: float, order: str | None) -> Happening:
    return Happening(
        0,
        decision.at,
        decision.reason,
        decision.door,
        attempt.evidence.reader,
        decision.person,
        decision.credential,
        decision.reports,
        max(0, round(1000 * took_s)) if decision.granted else None,
        order,
    )
