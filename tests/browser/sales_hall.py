"""A sales hall as it really runs: a project, two agencies with contracts and an agent each, people of the hall, and the web process."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from consentry.attribution.service import arrivals, desk_queue, desks
from consentry.platform.clock import FixedClock
from consentry.platform.opening import open_site
from consentry.staff.model import Role
from tests.attribution.arrivals.reception import Reception
from tests.attribution.reports.office import MANAGER, Office
from tests.browser.demo_site import Person, employ, found, token_of
from tests.browser.running_site import served

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from consentry.attribution.visiting import DeskEntry, VisitView

__all__ = ["AGENTS", "PROJECT", "SalesHall", "opened_hall"]

PROJECT = "garden"
MORNING = timedelta(hours=2)
AGENTS = {"sky": ("蓝天经纪", "li.na"), "sea": ("远海置业", "zhou.jie")}
"""Agency and agent, by a name for tests."""
SETTINGS = f"""
[[project]]
id = "{PROJECT}"
name = {{ zh = "金樽府", en = "Garden court" }}
rulebook = "rules.toml"
"""


@dataclass(frozen=True, slots=True)
class SalesHall:
    """A sales hall. ``agencies``: their ids, by the name for tests; ``people``, ``tokens``: who works there, by role; ``codes``: of the morning's reports."""

    file: Path
    origin: str
    agencies: dict[str, str]
    people: dict[str, Person]
    tokens: dict[str, str] = field(repr=False)
    codes: Sequence[str] = field(repr=False, default=())

    def pairing_code(self, name: str = "南门") -> str:
        with open_site(self.file) as site:
            return desks.pair_desk(site, MANAGER, PROJECT, name).code

    def revoke(self, desk: str) -> None:
        with open_site(self.file) as site:
            desks.revoke_desk(site, MANAGER, desk, "it was lost")

    def visits(self) -> list[VisitView]:
        """Return the visits, oldest first."""
        with open_site(self.file) as site:
            return arrivals.visits(site, MANAGER, PROJECT, limit=200)[::-1]

    def waiting(self) -> list[DeskEntry]:
        """Return what desks sent and could not be accepted."""
        with open_site(self.file) as site:
            return desk_queue.waiting_entries(site, MANAGER)


@contextmanager
def opened_hall(*, lead: str = "PT30M", clients: Sequence[tuple[str, str, str]] = ()) -> Iterator[SalesHall]:
    """Run a hall until the block ends. ``clients``: agency, alias and telephone number of those who were reported in the morning."""
    with tempfile.TemporaryDirectory(prefix="hall") as folder:
        now = datetime.now(UTC)
        file = found(Path(folder) / "site", now)
        file.write_text(file.read_text(encoding="utf-8") + SETTINGS, encoding="utf-8")
        (file.parent / "rules.toml").write_text(f'[[version]]\nfrom = 2020-01-01T00:00:00Z\nlead = "{lead}"\n', encoding="utf-8")
        agencies, codes = _morning(file, now - MORNING, clients)
        people = {
            "manager": employ(file, "Zhang Min", Role.STORE_MANAGER),
            "director": employ(file, "陈静", Role.STORE_MANAGER),
            "desk": employ(file, "Li Hua", Role.FRONT_DESK),
        }
        tokens = {role: token_of(file, person) for role, person in people.items()}
        with served(file) as origin:
            yield SalesHall(file, origin, agencies, people, tokens, codes)


def _morning(file: Path, at: datetime, clients: Sequence[tuple[str, str, str]]) -> tuple[dict[str, str], list[str]]:
    with open_site(file, FixedClock(at)) as site:
        office = Office(site, FixedClock(at))
        reception = Reception(office, PROJECT)
        agencies = {name: office.agency(called, (PROJECT,)) for name, (called, _) in AGENTS.items()}
        agents = {name: office.agent(agencies[name], agent) for name, (_, agent) in AGENTS.items()}
        codes = []
        for name, alias, phone in clients:
            filed, kept = reception.reported(agents[name], phone, alias=alias)
            codes.append(reception.code(agents[name], filed, kept))
        return {name: agency.id for name, agency in agencies.items()}, codes
