"""A lodge for tests: a site with doors, people who may watch and open them, and controllers that report with keys of their own."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from consentry.access.controller import sync_text as texts
from consentry.access.model import AccessEvent, ContactState, DoorMode, ReaderKind
from consentry.access.service import controllers, syncing
from consentry.alarms import service as alarms
from consentry.ledger.service import browse
from consentry.platform.actors import Actor, ActorKind, Permission, operator
from consentry.platform.clock import FixedClock
from consentry.platform.keys import SiteKeys
from consentry.platform.settings.store import SettingsStore
from consentry.platform.site import Site

if TYPE_CHECKING:
    from pathlib import Path

    from consentry.access.controller.sync_text import EventKind, SignedSync
    from consentry.access.happenings import PairedController, SyncAnswer
    from consentry.ledger.model import Act
    from consentry.platform.database import Database

SETTINGS = """
[site]
id = "lodge-1"
name = {zh = "一号院", en = "Court one"}
zone = "Asia/Shanghai"
controller = {zh = "示范物业", en = "Demo Estates"}
contact = "+86 000"

[web]
names = ["lodge.lan"]

[[purpose]]
id = "door_access"
method = "1:1"
retention = "90 days"
validity = "365 days"
alternatives = ["desk", "qr"]

[[station]]
id = "front-eye"
name = {zh = "大门识别点", en = "Front station"}
purposes = ["door_access"]

[[door]]
id = "front"
name = {zh = "大门", en = "Front door"}
readers = ["card", "pin", "qr", "face"]
station = "front-eye"

[[door]]
id = "hall"
readers = ["card"]
leads_from = "inside"
leads_into = "hall"

[[door]]
id = "out"
readers = ["card"]
leads_from = "inside"
leads_into = "outside"
free_exit = "button"

[[door]]
id = "gate"
readers = ["card", "concierge"]
controller = "garage"
leads_into = "garage"
"""
NINE = datetime(2026, 3, 2, 1, tzinfo=UTC)
"""Nine in the morning at the lodge."""
SECOND = timedelta(seconds=1)
CONFIRMED = NINE + timedelta(days=400)
OPERATOR = operator("uid-1000")
FIRST = Actor(ActorKind.STAFF, "first-1", frozenset(Permission), "session-1", CONFIRMED)
SECOND_PERSON = Actor(ActorKind.STAFF, "second-1", frozenset(Permission), "session-2", CONFIRMED)
GUARD = Actor(ActorKind.STAFF, "guard-1", frozenset({Permission.VIEW_DOORS, Permission.OPEN_DOORS}))
NOBODY = Actor(ActorKind.STAFF, "nobody-1", frozenset())
ALL_WELL = {"front": ("card", "pin", "qr"), "hall": ("card",), "out": ("card",)}


@dataclass(slots=True)
class Controller:
    """A device at the doors: its keys, its clock's error, its counter, its chain of events."""

    site: Site
    id: str = "main"
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    exchange: X25519PrivateKey = field(default_factory=X25519PrivateKey.generate)
    counter: int = 0
    snapshot: int = 0
    oldest: int = 1
    ahead: timedelta = timedelta(0)
    log: list[texts.Chained] = field(default_factory=list)

    def pair(self, code: str | None = None) -> PairedController:
        """Send the code that staff see."""
        code = code or controllers.pair_controller(self.site, FIRST, self.id).code
        keys = self.key.public_key().public_bytes_raw(), self.exchange.public_key().public_bytes_raw()
        return controllers.complete_controller_pairing(self.site, code, *keys)

    def happen(self, kind: EventKind, door: str | None = "front", **facts: Any) -> texts.Chained:  # noqa: ANN401 - fields of an event
        """Put something down in the log."""
        before = self.log[-1].hash if self.log else texts.GENESIS
        event = texts.Happening(len(self.log) + 1, facts.pop("at", self.site.clock.now() + self.ahead), kind, door, **facts)
        self.log.append(texts.chained(before, event))
        return self.log[-1]

    def grant(self, person: str, door: str = "front", reader: ReaderKind = ReaderKind.CARD, **facts: Any) -> texts.Chained:  # noqa: ANN401 - as above
        """Let somebody in."""
        return self.happen(AccessEvent.GRANTED, door, reader=reader, person=person, credential=f"c-{person}", **facts)

    def report(self, events: tuple[texts.Chained, ...] | None = None, **changes: Any) -> texts.Sync:  # noqa: ANN401 - fields of a report
        """Return the next report, with all events or those given."""
        self.counter += 1
        doors = {door: standing(*readers) for door, readers in ALL_WELL.items()} if self.id == "main" else {"gate": standing("card")}
        now = texts.instant(texts.milliseconds(self.site.clock.now() + self.ahead))
        told = tuple(self.log[self.oldest - 1 :]) if events is None else events
        return replace(texts.Sync(self.id, now, self.counter, self.snapshot, self.oldest, told, doors), **changes)

    def signed(self, **changes: Any) -> SignedSync:  # noqa: ANN401 - as above
        return texts.signed(self.key, self.report(**changes))

    def send(self, said: SignedSync | None = None, **changes: Any) -> SyncAnswer:  # noqa: ANN401 - as above
        return syncing.sync(self.site, self.id, said or self.signed(**changes))


@dataclass(frozen=True, slots=True)
class Lodge:
    """A site, its clock, and what tests do in it."""

    site: Site
    clock: FixedClock

    def pass_by(self, **time: float) -> None:
        self.clock.advance(timedelta(**time))

    def controller(self, name: str = "main") -> Controller:
        """Return a device that was paired."""
        found = Controller(self.site, name)
        found.pair()
        return found

    def acts(self, action: str) -> list[Act]:
        """Return the acts of a kind, oldest first."""
        page = browse(self.site, OPERATOR, limit=500, action=action)
        return [listed.entry.act for listed in reversed(page.entries) if listed.entry]

    def alarms(self) -> set[tuple[str, str]]:
        """Return kind and subject of every alarm that is not closed."""
        return {(alarm.kind.value, alarm.subject) for alarm in alarms.live(self.site)}


def standing(*works: str, broken: tuple[str, ...] = (), contact: ContactState = ContactState.CLOSED) -> texts.DoorReport:
    """Return how a door stands whose readers ``works`` work."""
    readers = {ReaderKind(name): True for name in works} | {ReaderKind(name): False for name in broken}
    return texts.DoorReport(contact, DoorMode.NORMAL, readers)


def lodge_on(database: Database, folder: Path) -> Lodge:
    """Return a lodge whose records are in a database."""
    file = folder / "site.toml"
    file.write_text(SETTINGS, encoding="utf-8")
    clock = FixedClock(NINE)
    store = SettingsStore(file)
    return Lodge(Site(store, database, SiteKeys(bytes(range(32)), store.current.site.id), clock), clock)
