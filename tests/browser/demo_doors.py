"""A house with doors for browser tests: people with cards and numbers, rules, guests, a controller that told of a morning."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from consentry.access.model import AccessEvent, DoorEvent, Holiday, Policy, ReaderKind, Rule, Schedule, Span
from consentry.access.policy_text import draft_document
from consentry.access.register import CardDraft, Group, PersonDraft, PersonKind, PersonName, PersonTerms, PinDraft, PolicyDraft
from consentry.access.residence import GuestDraft
from consentry.access.service import cards, groups, guests, people, pins, policies
from consentry.ledger.service import browse
from consentry.platform.actors import Actor, ActorKind, Permission, operator
from consentry.platform.clock import FixedClock
from consentry.platform.opening import open_site
from consentry.staff.model import Role
from tests.access.events.lodge import Controller, standing
from tests.browser.demo_site import Person, employ, found, token_of
from tests.browser.running_site import served

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from consentry.access.controller.sync_text import EventKind
    from consentry.access.happenings import SyncAnswer
    from consentry.platform.site import Site

__all__ = ["CARD", "Estate", "opened_estate"]

DOORS = """
[[purpose]]
id = "door_access"
method = "1:1"
retention = "90 days"
validity = "365 days"
alternatives = ["desk"]

[[station]]
id = "front-eye"
name = { zh = "大门识别点", en = "Front station" }
purposes = ["door_access"]

[[door]]
id = "front"
name = { zh = "南大门", en = "South gate" }
readers = ["card", "pin", "qr", "face"]
station = "front-eye"

[[door]]
id = "hall"
name = { zh = "三号楼大堂", en = "Hall of house 3" }
readers = ["card", "pin", "qr"]
leads_from = "inside"
leads_into = "hall"

[[door]]
id = "gate"
name = { zh = "车库", en = "Garage" }
readers = ["card", "concierge"]
controller = "garage"
leads_into = "garage"
"""
CARD = "04A224B15C8000"
MANAGER = Actor(ActorKind.STAFF, "0199aa00-0000-7000-8000-00000000a001", frozenset(Permission))
OFFICE = (Span(8 * 60, 12 * 60), Span(13 * 60, 18 * 60))
READERS = {"front": ("card", "pin", "qr"), "hall": ("card", "pin", "qr")}


@dataclass(frozen=True, slots=True)
class Estate:
    """The house that runs, who works there, and its controller; ``person``: a resident's pseudonym, ``guard``: one who holds a card alone.

    ``tenant``: another resident with a card, whom nothing else is about.
    """

    file: Path
    origin: str
    people: dict[str, Person]
    tokens: dict[str, str]
    person: str
    guard: str
    tenant: str
    device: Controller

    def happen(self, kind: EventKind, door: str, **facts: Any) -> None:  # noqa: ANN401 - fields of an event
        """Let something happen at a door, and the controller report it."""
        self.device.happen(kind, door, **facts, at=datetime.now(UTC))
        self.report()

    def report(self) -> SyncAnswer:
        """Let the controller report what happened since, as it does every two seconds."""
        with open_site(self.file) as site:
            self.device.site = site
            return tell(self.device)

    def acts(self) -> list[tuple[str, str]]:
        """Return what was done last and why, newest first."""
        with open_site(self.file) as site:
            page = browse(site, operator("test"), limit=12)
            return [(listed.entry.act.action, listed.entry.act.reason) for listed in page.entries if listed.entry]


def tell(device: Controller) -> SyncAnswer:
    """Send one report of a controller."""
    return device.send(doors={door: standing(*ways) for door, ways in READERS.items()})


@contextmanager
def opened_estate(folder: Path) -> Iterator[Estate]:
    """Run the house until the block ends."""
    now = datetime.now(UTC)
    file = found(folder, now)
    file.write_text(file.read_text(encoding="utf-8") + DOORS, encoding="utf-8")
    device, person, guard, tenant = _morning(file, now)
    staff = {
        "manager": employ(file, "Zhang Min", Role.PROPERTY_MANAGER),
        "second": employ(file, "陈静", Role.PROPERTY_MANAGER),
        "auditor": employ(file, "王磊", Role.AUDITOR),
    }
    tokens = {role: token_of(file, one) for role, one in staff.items()}
    with served(file) as origin:
        yield Estate(file, origin, staff, tokens, person, guard, tenant, device)


def _morning(file: Path, now: datetime) -> tuple[Controller, str, str, str]:
    clock = FixedClock(now - timedelta(hours=2))
    with open_site(file, clock) as site:
        _rules(site)
        resident, guard, tenant = _people(site)
        device = Controller(site)
        device.pair()
        host = GuestDraft("周先生", ("front",), now, now + timedelta(hours=6))
        guests.issue_guest_pass_for(site, MANAGER, resident, host)
        _events(device, clock, resident, guard)
        return device, resident, guard, tenant


def _rules(site: Site) -> None:
    for group in (Group("residents", "住户", "Residents"), Group("guards", "保安", "Guards"), Group("cleaners", "保洁", "Cleaners")):
        groups.put_group(site, MANAGER, group)
    office = Schedule("office-hours", (*((OFFICE,) * 5), (), ()), {"short": (Span(9 * 60, 12 * 60),)})
    rules = (
        Rule("r-1", "residents", ("front", "hall", "gate")),
        Rule("r-2", "guards", ("front", "hall", "gate")),
        Rule("r-3", "cleaners", ("front", "hall"), "office-hours"),
    )
    holidays = (Holiday((site.clock.now() + timedelta(days=30)).date(), "short"),)
    version, _ = policies.current_draft(site, MANAGER)
    draft = PolicyDraft(draft_document(Policy(version, site.settings.site.zone, (), (office,), holidays, rules)))
    policies.apply_policy(site, MANAGER, draft, version, "首版规则")


def _people(site: Site) -> tuple[str, str, str]:
    resident = _person(site, "王安", "3-1201", "residents")
    cards.add_card(site, MANAGER, resident, CardDraft(CARD))
    pins.set_pin(site, MANAGER, resident, PinDraft())
    guard = _person(site, "Li Qiang", None, "guards")
    cards.add_card(site, MANAGER, guard, CardDraft("04A224B15C8001"))
    tenants = [_person(site, name, f"3-120{number}", "residents") for number, name in enumerate(("刘洋", "陈晨", "Sun Yue"), 2)]
    for number, tenant in enumerate(tenants, 2):
        cards.add_card(site, MANAGER, tenant, CardDraft(f"04A224B15C80{number:02d}"))
    _person(site, "赵姐", None, "cleaners")
    return resident, guard, tenants[-1]


def _person(site: Site, name: str, unit: str | None, group: str) -> str:
    return people.add_person(site, MANAGER, PersonDraft(PersonKind.MEMBER, PersonName(name, unit), PersonTerms((group,)))).id


def _events(device: Controller, clock: FixedClock, resident: str, guard: str) -> None:
    device.happen(DoorEvent.STARTED, None)
    for minutes in range(3):
        clock.advance(timedelta(minutes=9 + minutes))
        device.grant(resident, reader=ReaderKind.CARD, took_ms=900)
        device.happen(DoorEvent.OPENED)
        device.happen(DoorEvent.CLOSED)
        clock.advance(timedelta(minutes=4))
        device.grant(guard, "hall", took_ms=1100)
    device.happen(AccessEvent.DENIED_UNKNOWN_CREDENTIAL, reader=ReaderKind.CARD)
    device.happen(AccessEvent.DENIED_OUT_OF_TIME_RANGE, "hall", reader=ReaderKind.CARD, person=guard)
    clock.advance(timedelta(minutes=20))
    device.happen(DoorEvent.FORCED_OPEN, "hall")
    device.grant(resident, reader=ReaderKind.PIN, took_ms=2600, reports=(AccessEvent.DURESS,))
    device.happen(DoorEvent.OPENED)
    tell(device)
