"""One door and what stands at it: fire and exit before all else, then the contact, then what its readers read."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from consentry.access.controller.keypad import Keypad
from consentry.access.controller.sync_text import Happening
from consentry.access.hardware.ports import LONGEST_RELEASE_S, Answer, DeviceError, ReadKind
from consentry.access.marks import inner_card
from consentry.access.model import AccessEvent, ContactState, DoorEvent, DoorMode, ReaderKind
from consentry.access.proving import CardShown, CodeShown
from consentry.access.rules.contact import contact_changed
from consentry.access.rules.modes import fire_changed, mode_of, reader_changed, stands_open, unlocked_by_hand
from consentry.platform.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from consentry.access.controller.deciding import Decider
    from consentry.access.controller.devices import DoorDevices
    from consentry.access.hardware.ports import Read, Reader
    from consentry.access.model import Decision, Door
    from consentry.access.proving import Shown

__all__ = ["Doorway"]

_RENEWED_S, _RENEW_S = 3.0, 1.0
"""A door that stands open is released for the first, again after the second: it locks by itself where the controller ends."""
_EXIT_S = 5.0
"""For a door that the policy does not know: people leave all the same."""
_MODE_EVENTS = {DoorMode.NORMAL: DoorEvent.NORMAL, DoorMode.FREE: DoorEvent.FREE_ACCESS, DoorMode.LOCKDOWN: DoorEvent.LOCKDOWN, DoorMode.FIRE: DoorEvent.FIRE}

log = logging.getLogger(__name__)
Result = TypeVar("Result")


@dataclass(slots=True)
class Doorway:
    """A door of the controller. ``devices`` is None where nothing but a tablet's page stands there; ``tablet``: whether one does."""

    id: str
    decider: Decider
    devices: DoorDevices | None = None
    tablet: bool = False
    elapsed: Callable[[], float] = time.monotonic
    _keypads: dict[str, Keypad] = field(default_factory=dict)
    _broken: set[str] = field(default_factory=set)
    _mode: DoorMode = DoorMode.NORMAL
    _stood_open: bool = False
    _leaving: bool = False
    _tampered: bool = False
    _renewed: float = float("-inf")
    _later: list[tuple[float, float]] = field(default_factory=list)

    @property
    def door(self) -> Door | None:
        """Return the door as the policy knows it."""
        return self.decider.compiled.doors.get(self.id)

    def look_to_safety(self, at: datetime) -> None:
        """Let out whoever presses the exit button, and everybody in a fire; written down afterwards."""
        if self.devices is not None:
            self._look_for_fire(at)
            self._look_at_exit(at)
        self._stand_open(at)

    def look(self, at: datetime) -> None:
        """See what the contact, the tamper inputs and the readers say, and release what was granted with a delay."""
        self._look_at_mode(at)
        self._release_later()
        if self.devices is None:
            return
        if self.devices.contact is not None:
            contact = self.devices.contact.state()
            state, told = contact_changed(self.decider.compiled, self.decider.state, self.id, contact, at)
            if state is not self.decider.state:
                self.decider.occurred(at, told, state)
        self._look_for_tampering(at)
        for reader in self.devices.readers:
            self._look_at_reader(reader, at)

    def show(self, shown: Shown, began: datetime | None = None) -> Decision:
        """Decide about what was shown, and unlock."""
        return self.act_on(self.decider.show(shown, began))

    def act_on(self, decision: Decision) -> Decision:
        """Unlock as it was decided and written down: now, or after the door's delay."""
        if decision.granted and decision.delay_s > 0:
            self._later.append((self.elapsed() + decision.delay_s, decision.release_s))
        elif decision.granted:
            self.release(decision.release_s)
        return decision

    def release(self, seconds: float) -> None:
        """Unlock for a while; a strike that does not obey is told of."""
        if self.devices is None:
            return
        strike = self.devices.strike
        self._ask("strike", DoorEvent.DOOR_FAULT, lambda: strike.release(min(seconds, LONGEST_RELEASE_S)))

    def asks_pin(self, card: CardShown) -> bool:
        """Return whether a card goes with a PIN, and this door takes PINs: then the card alone is no way in."""
        door = self.door
        if door is None or ReaderKind.PIN not in door.readers:
            return False
        try:
            mark = self.decider.identity.secrets.mark(inner_card(card.kind, card.uid))
        except InputError:
            return False
        return bool(self.decider.compiled.numbered(mark))

    def works(self, kind: ReaderKind) -> bool:
        """Return whether a way in has a reader here that is in order. A person who opens is no device."""
        if kind is ReaderKind.CONCIERGE or self.tablet:
            return True
        readers = self.devices.readers if self.devices is not None else ()
        return any(kind in reader.serves and reader.id not in self._broken for reader in readers)

    def mode(self, at: datetime) -> DoorMode:
        """Return what the door does now."""
        return mode_of(self.decider.compiled, self.decider.state, self.id, at)

    def contact(self) -> ContactState:
        """Return what the contact said last."""
        return self.decider.state.door(self.id).contact

    def follow_readers(self) -> None:
        """Let the rules know which ways in work, so that no face is taken where it would be the only one."""
        state = self.decider.state
        for kind in self.door.readers if self.door is not None else ():
            if self.works(kind) is (kind in state.door(self.id).faulty):
                state = reader_changed(state, self.id, kind, works=self.works(kind))
        self.decider.state = state

    def _look_for_fire(self, at: datetime) -> None:
        fire = self.devices.fire if self.devices is not None else None
        active = None if fire is None else self._ask("fire input", DoorEvent.DOOR_FAULT, fire.active)
        if active is None or active is self.decider.state.door(self.id).fire:
            return
        if active:
            self.release(_RENEWED_S)
        self.decider.state = fire_changed(self.decider.state, self.id, at, fire=active)

    def _look_at_exit(self, at: datetime) -> None:
        button = self.devices.exit if self.devices is not None else None
        pressed = button is not None and self._ask("exit button", DoorEvent.DOOR_FAULT, button.pressed) is True
        if pressed:
            seconds = self.door.unlock_s if self.door is not None else _EXIT_S
            self.release(seconds)
            self.decider.state = unlocked_by_hand(self.decider.state, self.id, at + timedelta(seconds=seconds))
        if pressed and not self._leaving:
            self._tell(at, DoorEvent.EGRESS_OPEN)
        self._leaving = pressed

    def _stand_open(self, at: datetime) -> None:
        stands = stands_open(self.decider.compiled, self.decider.state, self.id, at)
        if stands and self.elapsed() - self._renewed >= _RENEW_S:
            self.release(_RENEWED_S)
            self._renewed = self.elapsed()
        if not stands:
            self._renewed = float("-inf")

    def _look_at_mode(self, at: datetime) -> None:
        """Tell when the mode changes, and when a first card makes the door stand open or no longer does."""
        mode = self.mode(at)
        stands = mode is DoorMode.NORMAL and stands_open(self.decider.compiled, self.decider.state, self.id, at)
        if mode is not self._mode:
            self._tell(at, _MODE_EVENTS[mode])
        elif stands is not self._stood_open and mode is DoorMode.NORMAL:
            self._tell(at, DoorEvent.UNLOCKED if stands else DoorEvent.NORMAL)
        self._mode, self._stood_open = mode, stands

    def _release_later(self) -> None:
        now = self.elapsed()
        due = [seconds for moment, seconds in self._later if moment <= now]
        self._later = [one for one in self._later if one[0] > now]
        if due and self.mode(self.decider.now()) is not DoorMode.LOCKDOWN:
            self.release(max(due))

    def _look_for_tampering(self, at: datetime) -> None:
        inputs = self.devices.tampers if self.devices is not None else ()
        said = [self._ask(f"tamper input {number}", DoorEvent.DOOR_FAULT, one.tampered) for number, one in enumerate(inputs)]
        tampered = any(said)
        if tampered is not self._tampered:
            self._tell(at, DoorEvent.TAMPER if tampered else DoorEvent.NORMAL)
        self._tampered = tampered

    def _look_at_reader(self, reader: Reader, at: datetime) -> None:
        for read in self._ask(reader.id, DoorEvent.READER_FAULT, reader.reads, reader.serves) or ():
            answer = self._take(reader, read, at)
            if answer is not None:
                self._ask(reader.id, DoorEvent.READER_FAULT, partial(reader.show, answer), reader.serves)

    def _take(self, reader: Reader, read: Read, at: datetime) -> Answer | None:
        """Decide about what a reader read; None while more is to come."""
        keypad = self._keypads.setdefault(reader.id, Keypad(self.id))
        if read.kind is ReadKind.KEYS:
            began = keypad.began or at
            decided = [_answer(self.show(shown, began)) for shown in keypad.press(read.data.decode("ascii", "replace"), at)]
            return decided[-1] if decided else None
        if read.kind is ReadKind.QR:
            return _answer(self.show(CodeShown(self.id, read.data.decode("utf-8", "replace").strip())))
        card = CardShown(self.id, read.format.value if read.format is not None else "uid", read.data)
        if ReaderKind.PIN in reader.serves and self.asks_pin(card):
            keypad.await_pin(card, at)
            return Answer.WAIT
        return _answer(self.show(card))

    def _ask(self, device: str, fault: DoorEvent, ask: Callable[[], Result], serves: tuple[ReaderKind, ...] = ()) -> Result | None:
        """Return what a device says, None while it is out of order: that, and that it works again, is told once."""
        try:
            said = ask()
        except DeviceError as error:
            if device not in self._broken:
                self._broken.add(device)
                log.warning("%s at %s: %s [%s]", device, self.id, error, error.code)
                self._tell(self.decider.now(), fault, serves[0] if serves else None)
            return None
        if device in self._broken:
            self._broken.discard(device)
            self._tell(self.decider.now(), DoorEvent.NORMAL, serves[0] if serves else None)
        return said

    def _tell(self, at: datetime, kind: DoorEvent, reader: ReaderKind | None = None) -> None:
        self.decider.happened(at, [Happening(0, at, kind, self.id, reader)], self.decider.state)


def _answer(decision: Decision) -> Answer:
    if decision.granted:
        return Answer.GRANTED
    return Answer.WAIT if decision.reason is AccessEvent.VERIFICATION_REQUIRED else Answer.DENIED
