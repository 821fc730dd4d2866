"""What people do at a door, one thing after another, and what goes wrong: each way is a row of showings that waits for the door's answer to each."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.residence import Habit

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence
    from datetime import datetime
    from random import Random

    from bench.handling import Handling
    from bench.residence import Residence, Visit
    from consentry.access.hardware.ports import Answer

__all__ = ["MISTAKES", "Answered", "Reach", "Showing", "Walkers"]

MISTAKES: Mapping[str, float] = {
    "card of another house first": 0.03,
    "card held too briefly": 0.05,
    "PIN mistyped": 0.06,
    "code not read at first": 0.06,
    "face not good enough at first": 0.06,
}
"""How often, of the passages by that way; assumed."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What somebody at a door can touch: its card reader, its keys, its code reader, and the tablet's page, where a face's admission comes back."""

    card: Callable[[bytes], None]
    press: Callable[[str], None]
    code: Callable[[str], None]
    admission: Callable[[str], Answer]


@dataclass(frozen=True, slots=True)
class Showing:
    """At a second of the day somebody does something at the door. ``act`` returns the answer where it comes at once, None where the reader shows it."""

    second: float
    act: Callable[[Reach], Answer | None]


@dataclass(frozen=True, slots=True)
class Answered:
    """What the door said, None for nothing yet, and when."""

    answer: Answer | None
    second: float


@dataclass(frozen=True, slots=True)
class Walkers:
    """How everybody walks up; ``captures``: seconds that a face takes before the station; ``moment``: the instant of a second of the day."""

    residence: Residence
    handling: Handling
    captures: Sequence[float]
    chance: Random
    moment: Callable[[float], datetime]

    def at_door(self, visit: Visit, second: float) -> Generator[Showing, Answered, None]:
        """Return what somebody does who stands at the door from a second on."""
        ways = {Habit.CARD: self._card, Habit.PHONE: self._phone, Habit.PIN: self._pin, Habit.GUEST: self._guest}
        return ways.get(visit.habit, self._face)(visit, second)

    def _card(self, visit: Visit, second: float) -> Generator[Showing, Answered, None]:
        second += self._takes("card-out")
        if self._wrong("card of another house first"):
            uid, second = secrets.token_bytes(7), second + self._takes("card-hold")
            refused = yield Showing(second, lambda reach: reach.card(uid))
            second = refused.second + self._takes("refusal")
        if self._wrong("card held too briefly"):
            second += self._takes("card-hold") + self._takes("refusal")
        yield Showing(second + self._takes("card-hold"), lambda reach: reach.card(self.residence.uid(visit.who)))

    def _pin(self, visit: Visit, second: float) -> Generator[Showing, Answered, None]:
        right = self.residence.pins[visit.who]
        wrong = right[:-1] + str((int(right[-1]) + 1) % 10)
        if self._wrong("PIN mistyped"):
            told = yield from self._typed(visit.who, wrong, second)
            second = told.second + self._takes("refusal")
        yield from self._typed(visit.who, right, second)

    def _typed(self, who: int, pin: str, second: float) -> Generator[Showing, Answered, Answered]:
        """Press the keys of a unit and a PIN, and return what the door said to the last."""
        told = Answered(None, second + self._takes("pin-reach"))
        for keys in (self.residence.unit(who), pin):
            second = told.second + self._takes("pin-recall")
            for key in keys:
                second += self._takes("pin-key")
                told = yield Showing(second, _pressing(key))
        return told

    def _phone(self, visit: Visit, second: float) -> Generator[Showing, Answered, None]:
        second += self._takes("phone-out") + self._takes("phone-unlock") + self._takes("phone-page")
        yield self._held(second, lambda at: self.residence.phone_code(visit.who, visit.door, at))

    def _guest(self, visit: Visit, second: float) -> Generator[Showing, Answered, None]:
        yield self._held(second + self._takes("guest-find"), lambda _: self.residence.guest_code(visit.who, visit.door))

    def _face(self, visit: Visit, second: float) -> Generator[Showing, Answered, None]:
        second += self._takes("face-touch") + self._takes("face-page")
        if visit.habit is Habit.FACE_AND_CODE:
            second += self._takes("card-out") + self._takes("code-hold")
        if self._wrong("face not good enough at first"):
            second += self._takes("face-touch") + self._capture() + self._takes("refusal")
        second += self._takes("face-touch")
        took = self._capture()
        second += took + self._takes("face-back")
        code = self.residence.face_code(visit.who, visit.door, self.moment(second), took)
        yield Showing(second, lambda reach: reach.admission(code))

    def _held(self, second: float, code: Callable[[datetime], str]) -> Showing:
        """Hold a code to the reader, some a second time because it was not read."""
        second += self._takes("code-hold") * (2 if self._wrong("code not read at first") else 1)
        text = code(self.moment(second))
        return Showing(second, lambda reach: reach.code(text))

    def _capture(self) -> float:
        """Return the seconds from the touch that asks for a capture to what it came to."""
        return self._takes("face-camera") + self.chance.choice(self.captures)

    def _takes(self, step: str) -> float:
        return self.handling.draw(step, self.chance)

    def _wrong(self, mistake: str) -> bool:
        return self.chance.random() < MISTAKES[mistake]


def _pressing(key: str) -> Callable[[Reach], None]:
    return lambda reach: reach.press(key)
