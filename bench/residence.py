"""A residential community for a simulated day: its doors, its people with what they carry, and who comes home when by which way."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from consentry.access import passes
from consentry.access.marks import Secrets, inner_card, inner_pin, inner_unit, number_salt, salt_bytes
from consentry.access.model import Credential, CredentialKind, Door, EntryDigits, Issuer, Person, Policy, ReaderKind, Rule, Snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from random import Random

__all__ = ["CONTROLLER", "GUESTS", "MORNING", "SHARES", "SITE", "Habit", "Residence", "Visit", "residence", "visits"]

SITE, CONTROLLER = "bench", "main"
MORNING = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)
"""The day begins; a Monday."""
A_BUILDING, LANES = 100, 6
"""People of a building, with one door of its own; lanes of the gate, each a door."""
UNIT_DIGITS = PIN_DIGITS = 6
"""What the community's settings say: each has as many, so that nobody presses ``#``."""
GUESTS = 0.06
"""Guests of the day, of the number of residents: each passes one door with a printed code."""
TIMES_HOME = (1, 1, 1, 2, 2, 3)
"""How often somebody comes home that day, each as likely."""
AWAY_S = 600.0
"""How long somebody is away at least before they come home again."""
HOURS: tuple[tuple[float, float, float], ...] = ((6.5, 9.0, 0.3), (17.0, 20.0, 0.45), (6.0, 23.5, 0.25))
"""From and to which hour, and which share of the passages: the morning's and the evening's peak, and the rest of the day."""
_SALT_KEY = bytes(32)


class Habit(StrEnum):
    """The way by which somebody opens."""

    CARD = "card"
    PHONE = "telephone's code"
    PIN = "PIN after a unit"
    FACE = "face among all"
    FACE_AND_CODE = "face beside a code"
    GUEST = "guest's code"


SHARES: Mapping[Habit, float] = {Habit.CARD: 0.45, Habit.PHONE: 0.2, Habit.PIN: 0.1, Habit.FACE: 0.15, Habit.FACE_AND_CODE: 0.1}
"""Of the residents; assumed. ``FACE_AND_CODE`` is what a door does unless it was told otherwise: a face is compared with the one record that a code names."""


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody arrives before a door at a second of the day. ``who``: their number."""

    second: float
    door: str
    who: int
    habit: Habit


@dataclass(frozen=True, slots=True)
class Residence:
    """The snapshot of a controller, and what its people carry, by their number: habits, PINs, keys of telephones, and each guest's door."""

    snapshot: Snapshot
    secrets: Secrets
    issuer: passes.IssuerKey
    habits: tuple[Habit, ...]
    pins: Mapping[int, str]
    holders: Mapping[int, EllipticCurvePrivateKey]

    @staticmethod
    def uid(who: int) -> bytes:
        """Return the number of somebody's card."""
        return b"\x04" + who.to_bytes(6, "big")

    @staticmethod
    def unit(who: int) -> str:
        """Return the digits of somebody's unit: building, floor and flat, two each, so that all have as many."""
        return f"{1 + who // A_BUILDING:02}{1 + who % A_BUILDING // 4:02}{1 + who % 4:02}"

    def phone_code(self, who: int, door: str, at: datetime) -> str:
        """Return what somebody's telephone shows at a door."""
        holder = self.holders[who]
        point = holder.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        phone = passes.PhonePass(SITE, f"phone-{who}", point, MORNING - timedelta(days=1), MORNING + timedelta(days=2))
        return passes.phone_code(passes.issue_phone_pass(self.issuer, phone), phone.id, holder, door, passes.step_at(at))

    def guest_code(self, who: int, door: str) -> str:
        """Return what a guest's paper says."""
        return passes.issue_guest_pass(self.issuer, passes.GuestPass(SITE, f"guest-{who}", (door,), MORNING, MORNING + timedelta(days=1)))

    def face_code(self, who: int, door: str, at: datetime, took: float) -> str:
        """Return the admission of somebody who was recognised just now, so many seconds after their capture began."""
        face = passes.FacePass(SITE, door, f"consent-{who}", secrets.token_hex(16), min(timedelta(seconds=took), passes.FACE_TAKES), at + passes.FACE_LASTS)
        return passes.issue_face_pass(self.issuer, face)


def residence(residents: int, chance: Random) -> Residence:
    """Return a community of so many residents, and guests beside them."""
    known, issuer = Secrets(CONTROLLER, secrets.token_bytes(32)), passes.IssuerKey(1, Ed25519PrivateKey.generate())
    habits = (*chance.choices(list(SHARES), list(SHARES.values()), k=residents), *[Habit.GUEST] * round(GUESTS * residents))
    pins = {who: f"{chance.randrange(10**PIN_DIGITS):0{PIN_DIGITS}}" for who, habit in enumerate(habits) if habit is Habit.PIN}
    holders = {who: generate_private_key(SECP256R1()) for who, habit in enumerate(habits) if habit is Habit.PHONE}
    credentials = tuple(one for who, habit in enumerate(habits) for one in _credentials(who, habit, known, pins))
    key = Issuer(1, base64.b64encode(issuer.key.public_key().public_bytes_raw()).decode())
    people = tuple(Person(f"person-{who}", (f"building-{_building(who, residents)}",)) for who in range(len(habits)))
    lasts, entry = (MORNING, MORNING + timedelta(days=7)), EntryDigits(UNIT_DIGITS, PIN_DIGITS)
    snapshot = Snapshot(1, SITE, CONTROLLER, *lasts, _policy(residents), people, credentials, (key,), entry=entry)
    return Residence(snapshot, known, issuer, habits, pins, holders)


def visits(found: Residence, chance: Random) -> list[Visit]:
    """Return who comes when: residents through the gate and a moment later through the door of their building, guests through the latter alone."""
    residents = sum(habit is not Habit.GUEST for habit in found.habits)
    coming = [visit for who in range(residents) for second in _homecomings(chance) for visit in _home(who, found.habits[who], second, chance)]
    guests = [Visit(_second(chance), f"building-{_building(who, residents)}", who, Habit.GUEST) for who in range(residents, len(found.habits))]
    return sorted([*coming, *guests], key=lambda visit: visit.second)


def _homecomings(chance: Random) -> list[float]:
    """Return at which seconds somebody comes home: they are away for a while between."""
    times = chance.choice(TIMES_HOME)
    while True:
        seconds = sorted(_second(chance) for _ in range(times))
        if all(later - earlier >= AWAY_S for earlier, later in pairwise(seconds)):
            return seconds


def _home(who: int, habit: Habit, second: float, chance: Random) -> Iterator[Visit]:
    yield Visit(second, f"gate-{chance.randrange(LANES)}", who, habit)
    yield Visit(second + chance.uniform(60, 240), f"building-{who // A_BUILDING}", who, habit)


def _second(chance: Random) -> float:
    start, end, _ = chance.choices(HOURS, cum_weights=list(accumulate(share for *_, share in HOURS)))[0]
    return 3600 * chance.uniform(start, end)


def _building(who: int, residents: int) -> int:
    return who % residents // A_BUILDING


def _policy(residents: int) -> Policy:
    gate = tuple(f"gate-{lane}" for lane in range(LANES))
    buildings = tuple(f"building-{number}" for number in range(-(-residents // A_BUILDING)))
    readers = ReaderKind.CARD, ReaderKind.PIN, ReaderKind.QR, ReaderKind.FACE
    rules = tuple(Rule(f"rule-{name}", name, (name, *gate)) for name in buildings)
    return Policy(1, "Asia/Shanghai", tuple(Door(name, readers) for name in (*gate, *buildings)), rules=rules)


def _credentials(who: int, habit: Habit, known: Secrets, pins: Mapping[int, str]) -> Iterator[Credential]:
    """Return what somebody holds: residents a card in any case, for nobody has a face alone."""
    person, card = f"person-{who}", known.mark(inner_card("uid", Residence.uid(who)))
    if habit is not Habit.GUEST:
        yield Credential(f"card-{who}", person, CredentialKind.CARD, card)
    if habit is Habit.PIN:
        unit = inner_unit(Residence.unit(who))
        salt = number_salt(_SALT_KEY, unit)
        yield Credential(f"pin-{who}", person, CredentialKind.PIN, known.mark(inner_pin(pins[who], salt_bytes(salt))), number=known.mark(unit), salt=salt)
    face = CredentialKind.FACE, "consent"
    others = {Habit.PHONE: (CredentialKind.PHONE, "phone"), Habit.FACE: face, Habit.FACE_AND_CODE: face, Habit.GUEST: (CredentialKind.GUEST, "guest")}
    if habit in others:
        kind, name = others[habit]
        yield Credential(f"{name}-{who}", person, kind, f"{name}-{who}")
