"""Doors of a large community, cut off: every way in, from what a reader read to a decision that the disk holds, and a snapshot of that size put in force."""

from __future__ import annotations

import base64
import os
import secrets
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bench.report import Report
from consentry.access import passes
from consentry.access.controller.clock import ClockMemory
from consentry.access.controller.deciding import Decider
from consentry.access.controller.identity import Identity
from consentry.access.controller.journal import open_journal
from consentry.access.controller.policy import open_policy
from consentry.access.controller.spent import spent_codes
from consentry.access.marks import Secrets, inner_card, inner_pin, inner_unit, number_salt, salt_bytes
from consentry.access.model import Credential, CredentialKind, CredentialState, Door, Issuer, Person, Policy, ReaderKind, Rule, Schedule, Snapshot
from consentry.access.proving import CardShown, CodeShown, PinShown, prove
from consentry.access.rules.compiling import compile_snapshot
from consentry.access.rules.parity import parity
from consentry.access.rules.state import State
from consentry.access.snapshot_text import read_snapshot, write_snapshot
from consentry.platform.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from io import FileIO
    from pathlib import Path

    from bench.material import Material
    from bench.report import Cell
    from consentry.access.proving import Shown

__all__ = ["Size", "measure"]

SITE, CONTROLLER = "bench", "main"
BAR_MS, BAR_PIN_MS, BAR_SNAPSHOT_MS = 20.0, 80.0, 1000.0
SNAPSHOTS = 7
A_BUILDING = 100
"""People who share a group, and with it four doors."""
SALT_KEY = bytes(32)
REFUSED = ("without rights", "expired", "suspended", "outside its hours")
"""Why the cards of the second half of the people are refused, one after the other."""
NEVER = Schedule("never", ((),) * 7)


@dataclass(frozen=True, slots=True)
class Size:
    """How many people and doors there are, and how often each way in and each PIN is measured; no more often than there are people."""

    people: int
    doors: int
    rounds: int
    pins: int


FULL, SHORT = Size(10_000, 200, 2_000, 500), Size(1_000, 20, 200, 50)


@dataclass(frozen=True, slots=True)
class Community:
    """The snapshot of a community, and what its people carry: ``holders`` are the keys of the first telephones, ``pins`` those of the first people."""

    snapshot: Snapshot
    secrets: Secrets
    server: Ed25519PrivateKey
    issuer: passes.IssuerKey
    holders: Sequence[EllipticCurvePrivateKey]
    pins: Sequence[str]

    def door(self, number: int) -> str:
        """Return a door that a person may pass."""
        return _doors_of(number // A_BUILDING, len(self.snapshot.policy.doors))[number % 4]


def measure(material: Material) -> Report:
    """Fill a controller and time what people wait for."""
    size = SHORT if material.short else FULL
    community = _community(size)
    text = write_snapshot(community.snapshot, community.server)
    applied = _applied(community, text)
    decider = _decider(community, text, material.work)
    ways = {name: _timed(decider, shown, may_pass=may_pass) for name, shown, may_pass in _ways(community, size)}
    rows: tuple[tuple[Cell, ...], ...] = (
        *(_row(name, times, BAR_PIN_MS if "PIN" in name else BAR_MS) for name, times in ways.items()),
        _row("a snapshot read, checked and compiled", applied, BAR_SNAPSHOT_MS),
        _row("of which: one Argon2id", [_ms(lambda: inner_pin("123456", SALT_KEY[:16])) for _ in range(size.pins)], None),
        _row("of which: 200 bytes written for good", _durable(material.work, size.pins), None),
    )
    told = _told(decider, community, size)
    held = f"{size.people} people with {len(community.snapshot.credentials)} credentials, {size.doors} doors; the snapshot has {len(text) / 1e6:.1f} MB."
    notes = (held, "Proved, decided, and written with the new state into the journal (SQLite, synchronous=FULL).", _parity(ways), *map(_as_note, told.items()))
    return Report("Doors", ("what", "times", "median ms", "p99 ms", "bar ms"), rows, notes, {"told": told, "snapshot_bytes": len(text)})


def _row(name: str, times: Sequence[float], bar: float | None) -> tuple[Cell, ...]:
    return (name, len(times), float(np.median(times)), float(np.percentile(times, 99)), bar)


def _ms(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return 1000 * (time.perf_counter() - started)


def _timed(decider: Decider, shown: Iterator[Shown], *, may_pass: bool) -> list[float]:
    """Return the milliseconds of each decision; each must be the right one."""
    times: list[float] = []
    for one in shown:
        started = time.perf_counter()
        decision = decider.show(one)
        times.append(1000 * (time.perf_counter() - started))
        if decision.granted is not may_pass:
            msg = f"decided {decision.reason} at {decision.door}"
            raise RuntimeError(msg)
    return times


def _ways(community: Community, size: Size) -> Iterator[tuple[str, Iterator[Shown], bool]]:
    yield "card", (CardShown(community.door(one), "uid", _uid(one)) for one in range(size.rounds)), True
    yield "telephone's code", (CodeShown(community.door(one), _phone_shown(community, one)) for one in range(size.rounds)), True
    yield "guest's code", (CodeShown(community.door(one), _guest_shown(community, one)) for one in range(size.rounds)), True
    yield "face, once recognised", (CodeShown(community.door(one), _face_shown(community, one)) for one in range(size.rounds)), True
    yield "PIN after a unit", (PinShown(community.door(one), _unit(one), community.pins[one]) for one in range(size.pins)), True
    yield "PIN after a unit that nobody has", (PinShown(community.door(one), f"none-{one}", "604183") for one in range(size.pins)), False
    yield "card that nobody has", (CardShown(community.door(one), "uid", secrets.token_bytes(7)) for one in range(size.rounds)), False


def _parity(ways: dict[str, list[float]]) -> str:
    by = {"card": ReaderKind.CARD, "telephone's code": ReaderKind.QR, "PIN after a unit": ReaderKind.PIN, "face, once recognised": ReaderKind.FACE}
    found = parity({way: [one / 1000 for one in ways[name]] for name, way in by.items()})
    shown = ", ".join(f"{one.reader} {1000 * one.median_s:.1f} ms" for one in found.ways)
    return f"Parity by the machine's time alone (recognition, which `station` measures, left out): {shown}; {'holds' if found.holds else 'does not hold'}."


def _told(decider: Decider, community: Community, size: Size) -> dict[str, dict[str, float]]:
    """Return how well time tells a number that somebody has from one that nobody has: of the check alone, and of all that is done at the door."""
    checked: dict[str, Callable[[Shown], object]] = {
        "check": lambda shown: prove(decider.compiled, community.secrets, shown, datetime.now(UTC), decider.spent),
        "decision": decider.show,
    }
    return {f"{name}, {what}": _separation(act, pairs) for what, act in checked.items() for name, pairs in _pairs(community, size)}


def _pairs(community: Community, size: Size) -> Iterator[tuple[str, Iterator[tuple[Shown, Shown]]]]:
    """Yield what somebody has and may not pass with, beside what nobody has, at doors in turn so that none is locked out for long."""
    doors = [door.id for door in community.snapshot.policy.doors]
    at = [doors[one % len(doors)] for one in range(size.rounds)]
    yield "wrong PIN", ((PinShown(at[one], _unit(one), "000001"), PinShown(at[one], f"none-{one}", "000001")) for one in range(size.pins))
    for reason in REFUSED:
        cards = [_refused_card(doors, size.people, reason, one) for one in range(size.rounds)]
        yield f"card {reason}", ((card, CardShown(card.door, "uid", secrets.token_bytes(7))) for card in cards)


def _refused_card(doors: Sequence[str], people: int, reason: str, number: int) -> CardShown:
    """Return a card that is refused for a reason, at doors in turn that are none of its person's."""
    half = people // 2
    person = half + len(REFUSED) * (number % (half // len(REFUSED))) + REFUSED.index(reason)
    door = 4 * (person // A_BUILDING) + 4 + number % (len(doors) - 4)
    return CardShown(doors[door % len(doors)], "uid", _uid(person))


def _why_refused(number: int, people: int) -> str | None:
    half = people // 2
    return REFUSED[(number - half) % len(REFUSED)] if number >= half else None


def _separation(act: Callable[[Shown], object], pairs: Iterator[tuple[Shown, Shown]]) -> dict[str, float]:
    """Return the chance that an unknown number takes the longer time (0.5: none), half the width of 0.5's 95 % interval, and the difference."""
    times = np.array([_pair(act, pair, turned=bool(index % 2)) for index, pair in enumerate(pairs)])
    have, none = np.sort(times[:, 0]), times[:, 1]
    longer = (np.searchsorted(have, none, "left") + np.searchsorted(have, none, "right")).mean() / (2 * len(have))
    count = len(have)
    return {
        "chance": float(longer),
        "interval": float(1.96 * np.sqrt((2 * count + 1) / (12 * count * count))),
        "difference_us": float(1000 * (np.median(none) - np.median(have))),
    }


def _pair(act: Callable[[Shown], object], pair: tuple[Shown, Shown], *, turned: bool) -> list[float]:
    first, second = reversed(pair) if turned else pair
    times = [_ms(lambda: act(first)), _ms(lambda: act(second))]
    return times[::-1] if turned else times


def _as_note(told: tuple[str, dict[str, float]]) -> str:
    name, found = told
    return (
        f"{name}: what nobody has takes the longer time with a chance of {found['chance']:.3f} (0.5 ± {found['interval']:.3f} "
        f"where time tells nothing), {found['difference_us']:+.1f} µs in the middle."
    )


def _applied(community: Community, text: str) -> list[float]:
    key = community.server.public_key().public_bytes_raw()
    return [_ms(lambda: compile_snapshot(read_snapshot(text, key, site=SITE, controller=CONTROLLER))) for _ in range(SNAPSHOTS)]


def _durable(folder: Path, times: int) -> list[float]:
    """Return the milliseconds of an append that is on the disk: what no journal can be faster than."""
    with (folder / "append").open("ab", buffering=0) as file:
        return [_ms(lambda: _append(file)) for _ in range(times)]


def _append(file: FileIO) -> None:
    file.write(bytes(200))
    os.fdatasync(file.fileno())


def _decider(community: Community, text: str, folder: Path) -> Decider:
    given = folder / "given.txt"
    given.write_text(text, encoding="utf-8")
    server = community.server.public_key().public_bytes_raw()
    identity = Identity(CONTROLLER, SITE, server, Ed25519PrivateKey.generate(), community.secrets)
    memory = ClockMemory(SystemClock(), time.monotonic, datetime.now(UTC))
    return Decider(identity, open_policy(given, folder, identity), open_journal(folder / "journal.db"), memory, spent_codes({}), State())


def _community(size: Size) -> Community:
    now, known, issuer = datetime.now(UTC), Secrets(CONTROLLER, secrets.token_bytes(32)), passes.IssuerKey(1, Ed25519PrivateKey.generate())
    doors = tuple(Door(f"door-{one}", tuple(ReaderKind)) for one in range(size.doors))
    buildings = range(1 + size.people // A_BUILDING)
    rules = tuple(Rule(f"rule-{one}", f"building-{one}", _doors_of(one, size.doors)) for one in buildings)
    late = Rule("late", "late", tuple(door.id for door in doors), NEVER.id)
    people = tuple(_person(one, size.people) for one in range(size.people))
    pins = [f"{100_000 + secrets.randbelow(900_000)}" for _ in range(size.pins)]
    credentials = tuple(one for number in range(size.people) for one in _held(number, size.people, known, pins))
    key = Issuer(1, base64.b64encode(issuer.key.public_key().public_bytes_raw()).decode())
    policy = Policy(1, "Asia/Shanghai", doors, (NEVER,), rules=(*rules, late))
    snapshot = Snapshot(1, SITE, CONTROLLER, now, now + timedelta(days=7), policy, people, credentials, (key,))
    holders = [generate_private_key(SECP256R1()) for _ in range(size.rounds)]
    return Community(snapshot, known, Ed25519PrivateKey.generate(), issuer, holders, pins)


def _person(number: int, people: int) -> Person:
    hours = ("late",) if _why_refused(number, people) == "outside its hours" else ()
    return Person(f"person-{number:032}", (f"building-{number // A_BUILDING}", "residents", *hours))


def _held(number: int, people: int, known: Secrets, pins: Sequence[str]) -> Iterator[Credential]:
    """Yield what somebody holds, their card as it stands."""
    ended = datetime.now(UTC) - timedelta(days=1)
    for one in _credentials(number, known, pins):
        reason = _why_refused(number, people) if one.kind is CredentialKind.CARD else None
        suspended = replace(one, state=CredentialState.SUSPENDED) if reason == "suspended" else one
        yield replace(suspended, valid_until=ended) if reason == "expired" else suspended


def _credentials(number: int, known: Secrets, pins: Sequence[str]) -> Iterator[Credential]:
    """Return what somebody holds. Argon2id is spent only on the PINs that are entered; the others are any marks."""
    person, unit = f"person-{number:032}", inner_unit(_unit(number))
    salt = number_salt(SALT_KEY, unit)
    pin = known.mark(inner_pin(pins[number], salt_bytes(salt)) if number < len(pins) else secrets.token_bytes(32))
    marks = {
        CredentialKind.CARD: known.mark(inner_card("uid", _uid(number))),
        CredentialKind.PHONE: f"phone-{number}",
        CredentialKind.GUEST: f"guest-{number}",
        CredentialKind.FACE: f"consent-{number}",
    }
    yield Credential(f"pin-{number:032}", person, CredentialKind.PIN, pin, number=known.mark(unit), salt=salt, duress=known.mark(secrets.token_bytes(32)))
    for kind, mark in marks.items():
        yield Credential(f"{kind}-{number:032}", person, kind, mark)


def _doors_of(building: int, doors: int) -> tuple[str, ...]:
    return tuple(f"door-{(4 * building + one) % doors}" for one in range(4))


def _uid(number: int) -> bytes:
    return b"\x04" + number.to_bytes(6, "big")


def _unit(number: int) -> str:
    return f"{number // 40}-{number % 40:03}"


def _phone_shown(community: Community, number: int) -> str:
    now, holder, door = datetime.now(UTC), community.holders[number], community.door(number)
    point = holder.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    phone = passes.PhonePass(SITE, f"phone-{number}", point, now - timedelta(days=1), now + timedelta(days=1))
    return passes.phone_code(passes.issue_phone_pass(community.issuer, phone), phone.id, holder, door, passes.step_at(now))


def _guest_shown(community: Community, number: int) -> str:
    now = datetime.now(UTC)
    guest = passes.GuestPass(SITE, f"guest-{number}", (community.door(number),), now - timedelta(days=1), now + timedelta(days=1))
    return passes.issue_guest_pass(community.issuer, guest)


def _face_shown(community: Community, number: int) -> str:
    expires = datetime.now(UTC) + passes.FACE_LASTS
    return passes.issue_face_pass(
        community.issuer, passes.FacePass(SITE, community.door(number), f"consent-{number}", f"nonce-{number}", timedelta(seconds=4), expires)
    )
