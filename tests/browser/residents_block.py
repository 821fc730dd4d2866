"""A block of flats as it really runs: a resident with a card and a PIN, a guest, a helper, and a controller that told what happened at its doors."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from consentry.access.model import AccessEvent, ReaderKind
from consentry.access.records.residents import GuestRow
from consentry.access.register import CardDraft, Group, LoanDraft, PersonName
from consentry.access.residence import GuestDraft
from consentry.access.service import cards, delegates, groups, guests, own_ways, policies, residents
from consentry.platform.clock import FixedClock
from consentry.platform.opening import open_site
from tests.access.register.house import STAFF, UID, WHY, House, policy, signers
from tests.access.residents.block import PASSPHRASE, RULES, Block, token_of
from tests.browser.demo_site import found
from tests.browser.running_site import served

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from consentry.access.happenings import Order
    from consentry.access.model import Issuer
    from consentry.platform.actors import Actor
    from consentry.platform.site import Site
    from tests.access.events.lodge import Controller

__all__ = ["NAME", "PASSPHRASE", "Flats", "opened_flats"]

NAME = "王安 wang.an"
DOORS = """
[[door]]
id = "front"
name = { zh = "南大门", en = "South gate" }
readers = ["card", "pin", "qr"]

[[door]]
id = "lift"
name = { zh = "三号楼电梯厅", en = "Lift lobby, house 3" }
readers = ["card", "qr"]
leads_from = "inside"
leads_into = "floors"

[[door]]
id = "garage"
readers = ["card"]
"""


@dataclass(frozen=True, slots=True)
class Flats:
    """The block: where it answers, whose signatures its doors accept, and the path of a guest's link and of an invitation."""

    origin: str
    site: str
    issuers: Sequence[Issuer]
    guest: str
    invitation: str
    file: Path
    device: Controller
    waiting: GuestRow

    def ring(self) -> None:
        """Let the guest who needs the host show their code at the front door."""
        facts = {"reader": ReaderKind.QR, "person": self.waiting.person, "credential": self.waiting.credential}
        self.device.happen(AccessEvent.VERIFICATION_REQUIRED, "front", at=datetime.now(UTC), **facts)
        self.heard()

    def heard(self) -> Sequence[Order]:
        """Let the controller report, and return what it is told to do."""
        with open_site(self.file) as site:
            self.device.site = site
            return self.device.send().orders


@contextmanager
def opened_flats(folder: Path) -> Iterator[Flats]:
    """Run the block."""
    now = datetime.now(UTC)
    file = found(folder, now)
    file.write_text(file.read_text(encoding="utf-8") + DOORS, encoding="utf-8")
    with open_site(file, FixedClock(now - timedelta(minutes=2))) as site:
        guest, invitation, device = _history(site)
        signs, known = signers(site), site.keys.site
        with site.database.reading() as session:
            waiting = session.scalars(select(GuestRow).where(GuestRow.needs_host)).one()
    with served(file) as origin:
        yield Flats(origin, known, signs, guest, invitation, file, device, waiting)


def _history(site: Site) -> tuple[str, str, Controller]:
    """Play what was before, and return the paths of a guest's link and of an invitation, and the device at the doors."""
    groups.put_group(site, STAFF, Group("residents", "住户", "Residents"))
    groups.put_group(site, STAFF, Group("staff", "员工", "Staff"))
    version, _ = policies.current_draft(site, STAFF)
    policies.apply_policy(site, STAFF, policy(RULES), version, WHY)
    block = Block(House(site))
    person = block.house.member("王安", "3-1201")
    actor = block.account(person, NAME)
    cards.add_card(site, STAFF, person.id, CardDraft(UID))
    own_ways.set_own_pin(site, actor, "735092", "735094")
    guest, device = _people_let_in(block, actor, person.id)
    other = block.house.member("李敏", "3-1202")
    invited = residents.invite_resident(site, STAFF, other.id, "li.min")
    assert token_of(invited)
    return guest, invited.path, device


def _people_let_in(block: Block, actor: Actor, person: str) -> tuple[str, Controller]:
    """Let a guest and a helper in, have the doors tell of it, and let another guest wait; return the path of the first one's link, and the device."""
    site, now = block.site, block.site.clock.now()
    issued = guests.issue_guest_pass(site, actor, GuestDraft("陈女士", ("front",), now, now + timedelta(hours=4), 2))
    waits = guests.issue_guest_pass(site, actor, GuestDraft("Courier", ("front", "lift"), now, now + timedelta(hours=4), None, needs_host=True))
    way = own_ways.own_ways(site, actor)[-1]
    helper = delegates.give_to_delegate(site, actor, LoanDraft(way.id, PersonName("周阿姨"), ("front",), now + timedelta(days=7)))
    controller = block.controller()
    controller.grant(person, reader=ReaderKind.PIN)
    controller.grant(helper.person, reader=ReaderKind.PIN)
    with site.database.reading() as session:
        first, second = (session.get_one(GuestRow, one.guest.id) for one in (issued, waits))
    controller.happen(AccessEvent.GRANTED, "front", reader=ReaderKind.QR, person=first.person, credential=first.credential)
    controller.happen(AccessEvent.DENIED_LOCKOUT, "lift", reader=ReaderKind.CARD, person=person)
    controller.happen(AccessEvent.VERIFICATION_REQUIRED, "front", reader=ReaderKind.QR, person=second.person, credential=second.credential)
    controller.send()
    return issued.path, controller
