"""Two projects of one site: what one of them no longer keeps is no gap in the evidence of the other."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from consentry.attribution.service import arrivals, statements
from consentry.attribution.visiting import Answer, Arrival, EditField
from consentry.attribution.work import PURPOSE
from consentry.ledger.model import Act
from consentry.ledger.work import writing
from consentry.platform.errors import LedgerError
from tests.attribution.deals.hall import MANAGER, Hall
from tests.attribution.reports.office import OTHER_PHONE

if TYPE_CHECKING:
    from consentry.attribution.channel import Agency

OF_VISITS = ("attribution_edit", "attribution_statement", "attribution_visit")


def came(hall: Hall, project: str) -> str:
    """Let somebody come to a project, whose visit is edited and who says that nobody brought them; return the visit."""
    recorded = arrivals.record_arrival(hall.site, MANAGER, project, Arrival(alias="李", phone=OTHER_PHONE))
    arrivals.edit_visit(hall.site, MANAGER, recorded.visit, EditField.PARTY_SIZE, 2, reason="miscounted")
    statements.confirm(hall.site, recorded.secret or "", Answer.NOBODY)
    return recorded.visit


def said_without_project(hall: Hall, visit: str) -> None:
    """Enter an answer as older releases did."""
    with writing(hall.site) as work:
        work.record(Act("system:attribution", "attribution.visitor-answered", f"visit:{visit}", PURPOSE, details={"answer": "nobody", "report": None}))


def forget(hall: Hall, visit: str) -> None:
    with hall.site.database.transaction() as session:
        for table in OF_VISITS:
            session.execute(text(f"delete from {table} where {'id' if table == OF_VISITS[-1] else 'visit'} = :visit"), {"visit": visit})  # noqa: S608 - no input


def test_every_entry_about_a_visit_names_its_project(hall: Hall) -> None:
    came(hall, "lake")
    for action in ("attribution.arrived", "attribution.visit-edited", "attribution.visitor-answered"):
        assert [act.details["project"] for act in hall.office.acts(action)] == ["lake"], action


def test_what_another_project_no_longer_keeps_is_no_gap(hall: Hall, blue: Agency) -> None:
    visit = came(hall, "lake")
    hall.office.pass_by(minutes=1)
    said_without_project(hall, visit)
    forget(hall, visit)
    hall.brought(hall.office.agent(blue))
    hall.office.pass_by(hours=1)
    assert hall.signed(hall.bought()).number == 1


@pytest.mark.parametrize("named", [True, False])
def test_what_this_project_no_longer_has_is_one(hall: Hall, blue: Agency, *, named: bool) -> None:
    visit = came(hall, "garden")
    if not named:
        said_without_project(hall, visit)
    forget(hall, visit)
    hall.brought(hall.office.agent(blue))
    hall.office.clock.advance(timedelta(hours=1))
    deal = hall.bought()
    with pytest.raises(LedgerError) as found:
        hall.signed(deal)
    assert found.value.code == "evidence.unproven"
