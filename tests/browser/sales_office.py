"""A sales office as it really runs, on the afternoon after a contract was judged: two agents with reports, a visitor with a link, a signed verdict."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from consentry.attribution.service import agents, statements
from consentry.attribution.visiting import Answer
from consentry.platform.clock import FixedClock
from consentry.platform.opening import open_site
from tests.attribution.deals.hall import Hall
from tests.attribution.reports.office import MANAGER, PHONE, Office, token_of
from tests.browser.demo_site import found
from tests.browser.running_site import served

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["AGENT", "BUYER_PHONE", "NEWCOMER", "SalesOffice", "opened_office"]

AGENT = "李娜 li.na"
NEWCOMER = "Zhao Lei"
BUYER_PHONE = "+8613911112222"
PROJECTS = """
[[project]]
id = "garden"
name = { zh = "金樽府", en = "Garden court" }
daily_cap = 20

[[project]]
id = "tower"
name = { zh = "云塔", en = "Cloud tower" }
phone_form = "4+3"
"""


@dataclass(frozen=True, slots=True)
class SalesOffice:
    """The office, and what people in it hold: ``invitation`` is a one-time link's path, ``unanswered`` and ``bought`` are secrets of visitors' links."""

    file: Path
    origin: str
    invitation: str
    unanswered: str
    bought: str


@contextmanager
def opened_office(folder: Path) -> Iterator[SalesOffice]:
    """Run the office."""
    now = datetime.now(UTC)
    file = found(folder, now)
    file.write_text(file.read_text(encoding="utf-8") + PROJECTS, encoding="utf-8")
    invitation, unanswered, bought = _history(file, now - timedelta(hours=5))
    with served(file) as origin:
        yield SalesOffice(file, origin, invitation, unanswered, bought)


def _history(file: Path, start: datetime) -> tuple[str, str, str]:
    """Play the hours before; they end an hour ago."""
    clock = FixedClock(start)
    with open_site(file, clock) as site:
        hall = Hall(Office(site, clock))
        blue = hall.office.agency("蓝天经纪 Blue sky", ("garden", "tower"))
        red = hall.office.agency("Red gate", ("garden",))
        li_na, other = hall.office.agent(blue, AGENT), hall.office.agent(red, "Chen Jie")
        hall.reported(other, "+8613812340000", alias="周")
        hall.reported(li_na, "+8613612349876", alias="Smith")
        hall.pass_by(hours=1)
        buyer = hall.brought(li_na, BUYER_PHONE).secret or ""
        statements.confirm(hall.site, buyer, Answer.CONFIRMED)
        visitor = hall.brought(other, PHONE).secret or ""
        hall.pass_by(minutes=30)
        hall.signed(hall.bought(BUYER_PHONE))
        invited = agents.invite_agent(hall.site, MANAGER, blue.id, NEWCOMER)
        assert token_of(invited)
        return invited.path, visitor, buyer
