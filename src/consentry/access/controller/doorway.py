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
from consentry.access.model import AccessEvent, ContactState, DoorEvent, DoorMode, Evidence, ReaderKind
from consentry.access.proving import CardShown, CodeShown, PinShown, prove
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

__all__ = ["FACE_AWAY_S", "PAGE_SEEN_S", "Doorway"]

PAGE_SEEN_S = 30.0
"""How long after it last asked how the door stands a tablet's page counts as there."""
FACE_AWAY_S = 120.0
"""How long it counts as there where it went to the server with somebody's face: from there it comes back by itself."""
_TYPED_S = 86_400.0
"""How long after its last card a reader that types into the page counts as there: nothing else tells that it is."""

_RENEWED_S, _RENEW_S = 3.0, 1.0
"""A door that stands open is released for the first, again after the second: it locks by itself where the controller ends."""
_EXIT_S = 5.0
"""For a door that the policy does not know: people leave all the same."""
_SAID_AT_ONCE = frozenset({AccessEvent.VERIFICATION_REQUIRED, AccessEvent.DENIED_DENY_ALL, AccessEvent.DENIED_OTHER})
"""Of a card: it is accepted but for somebody else; the door is locked down; it has no policy in force. The last two are the same for every card."""
_NOTHING_PROVED = Evidence(ReaderKind.CARD, None, AccessEvent.DENIED_UNKNOWN_CREDENTIAL)
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
    _keypad: Keypad = field(init=False)
    _broken: set[str] = field(default_factory=set)
    _mode: DoorMode = DoorMode.NORMAL
    _stood_open: bool = False
    _leaving: bool = False
    _tampered: bool = False
    _renewed: float = float("-inf")
    _page_seen: float = float("-inf")
    _page_lasts: float = PAGE_SEEN_S
    _card_typed: float = float("-inf")
    _later: list[tuple[float, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Set up its keys."""
        self._keypad = Keypad(self.id)

    @property
    def door(self) -> Door | None:
        """Return the door as the policy knows it."""
        return self.decider.compiled.doors.get(self.id)

    def look_to_safety(self, at: datetime) -> None:
        """Let out whoever presses the exit button, and everybody in a fire; written down afterwards."""
        # What fails at one door, in whatever way, must not keep the others from their fire inputs and exit buttons.
        for part, look in (("fire look", self._look_for_fire), ("exit look", self._look_at_exit), ("open look", self._stand_open)):
            self._ask(part, DoorEvent.DOOR_FAULT, partial(look, at))

    def look(self, at: datetime) -> None:
        """See what the contact, the tamper inputs and the readers say, and release what was granted with a delay."""
        self._ask("other look", DoorEvent.DOOR_FAULT, partial(self._look, at))

    def show(self, shown: Shown) -> Decision:
        """Decide about what was shown elsewhere than at the keys beside the door, and unlock."""
        if isinstance(shown, PinShown):
            shown = self._keypad.joined(shown)
        return self.act_on(self.decider.show(shown))

    def act_on(self, decision: Decision) -> Decision:
        """Unlock as it was decided elsewhere than at the keys beside the door. What is half entered there is no beginning of what the next person enters."""
        self._keypad.clear()
        return self._unlock(decision)

    def _unlock(self, decision: Decision) -> Decision:
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

    def waits_for_pin(self, card: CardShown, at: datetime) -> bool:
        """Return whether a card must be followed by its PIN here, and take what is entered next as that.

        Every card that does not open by itself waits like one with a PIN, whether or not anybody has it, so that nobody learns from the answer which cards
        there are. Only where the door refuses everybody it says so at once.
        """
        if not self._takes_pins():
            return False
        decision = self.decider.foresee(card.door, self._alone(card, at))
        waits = not decision.granted and decision.reason not in _SAID_AT_ONCE
        if waits:
            self._keypad.await_pin(card, at)
        return waits

    @property
    def asks_pin(self) -> bool:
        """Return whether a card waits for its PIN."""
        return self._keypad.waits

    def see_page(self) -> None:
        """Note that the tablet's page asked how the door stands."""
        self._page_seen, self._page_lasts = self.elapsed(), PAGE_SEEN_S
        self.follow_readers()

    def lend_page(self) -> None:
        """Note that the tablet's page, if it is there, goes to the server with somebody's face."""
        # Counted from when the page itself asked last: whoever else opens the way to the server must not keep it alive.
        if self._page_is_there:
            self._page_lasts = FACE_AWAY_S

    def see_typed_card(self) -> None:
        """Note that a reader typed a card into the tablet's page."""
        self._card_typed = self.elapsed()

    def works(self, kind: ReaderKind) -> bool:
        """Return whether a way in has a reader here that is in order. A person who opens is no device; a tablet counts while its page is seen."""
        if kind is ReaderKind.CONCIERGE:
            return True
        readers = self._readers(kind)
        if any(reader.id not in self._broken for reader in readers):
            return True
        # The page cannot stand in for a card reader that is out of order.
        return self._page_is_there and (kind is not ReaderKind.CARD or (not readers and self.elapsed() - self._card_typed <= _TYPED_S))

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

    @property
    def _page_is_there(self) -> bool:
        return self.tablet and self.elapsed() - self._page_seen <= self._page_lasts

    def _look(self, at: datetime) -> None:
        self._look_at_mode(at)
        self._release_later()
        self._refuse_given_up(at)
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

    def _readers(self, kind: ReaderKind) -> tuple[Reader, ...]:
        return tuple(reader for reader in self.devices.readers if kind in reader.serves) if self.devices is not None else ()

    def _takes_pins(self) -> bool:
        """Return whether a PIN can be entered here, also while the keys are out of order: cutting them must not let a card in alone."""
        door = self.door
        return door is not None and ReaderKind.PIN in door.readers and (self.tablet or bool(self._readers(ReaderKind.PIN)))

    def _mark(self, card: CardShown) -> str | None:
        try:
            return self.decider.identity.secrets.mark(inner_card(card.kind, card.uid))
        except InputError:
            return None

    def _has_pin(self, card: CardShown) -> bool:
        mark = self._mark(card)
        return mark is not None and bool(self.decider.compiled.numbered(mark))

    def _alone(self, card: CardShown, at: datetime) -> Evidence:
        """Return what a card proves by itself: where it has a PIN, no more than one that nobody has, and by the same steps."""
        proved = prove(self.decider.compiled, self.decider.identity.secrets, card, at, self.decider.spent)
        return _NOTHING_PROVED if self._has_pin(card) else proved

    def _refuse_given_up(self, at: datetime) -> None:
        """Count and write down the cards whose PIN never came."""
        for card in self._keypad.given_up(at):
            self.decider.give_up(card)

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
            answer = self._take(read, at)
            if answer is not None:
                self._ask(reader.id, DoorEvent.READER_FAULT, partial(reader.show, answer), reader.serves)

    def _take(self, read: Read, at: datetime) -> Answer | None:
        """Decide about what a reader read; None while more is to come."""
        if read.kind is ReadKind.KEYS:
            self._keypad.forget_stale(at)
            began = self._keypad.began or at
            pressed = self._keypad.press(read.data.decode("ascii", "replace"), at, self.decider.compiled.snapshot.entry)
            decided = [_answer(self._unlock(self.decider.show(shown, began))) for shown in pressed]
            return decided[-1] if decided else None
        if read.kind is ReadKind.QR:
            return _answer(self.show(CodeShown(self.id, read.data.decode("utf-8", "replace").strip())))
        card = CardShown(self.id, read.format.value if read.format is not None else "uid", read.data)
        if self.waits_for_pin(card, at):
            return Answer.WAIT
        return _answer(self.show(card))

    def _ask(self, device: str, fault: DoorEvent, ask: Callable[[], Result], serves: tuple[ReaderKind, ...] = ()) -> Result | None:
        """Return what a device says, None while it is out of order: that, and that it works again, is told once."""
        try:
            said = ask()
        except Exception as error:
            if device not in self._broken:
                self._broken.add(device)
                defect = None if isinstance(error, DeviceError) else error
                log.warning("%s at %s: %s", device, self.id, error, exc_info=defect)
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
