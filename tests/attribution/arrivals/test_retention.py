"""The end of visits: what is deleted, what a contract keeps, and what is deleted in any case."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from consentry.attribution.deals import BuyerDraft, DealDraft
from consentry.attribution.records.people import LinkRow, PartyRow
from consentry.attribution.records.reports import ReportRow
from consentry.attribution.records.visits import DeskEntryRow, DeskPairingRow, DocumentCheckRow, EditRow, StatementRow, VisitCodeRow, VisitRow
from consentry.attribution.service import arrivals, deals, desk_queue, desks, parties, statements, visit_retention
from consentry.attribution.visiting import EditField, Voiced
from consentry.cli.web_jobs import site_jobs
from tests.attribution.arrivals.reception import FRONT, NO_ARRIVAL, Device, Reception, canonical
from tests.attribution.arrivals.test_arrivals import checked
from tests.attribution.reports.office import MANAGER, OTHER_PHONE, PHONE

if TYPE_CHECKING:
    from consentry.platform.actors import Actor
    from consentry.platform.database import Base

KEPT = timedelta(days=400)


def many(reception: Reception, table: type[Base]) -> int:
    with reception.site.database.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def came(reception: Reception, agent: Actor, phone: str = PHONE) -> str:
    """Let a reported client come, with an edit and a statement; return the id of the visit."""
    filed, kept = reception.reported(agent, phone)
    reception.office.pass_by(hours=1)
    recorded = reception.arrive(alias="王", code=reception.code(agent, filed, kept))
    arrivals.edit_visit(reception.site, FRONT, recorded.visit, EditField.PARTY_SIZE, 2, reason="miscounted")
    statements.state(reception.site, recorded.secret or "", Voiced.DISPUTE, "not so")
    return recorded.visit


def test_a_visit_without_contract_goes_with_everything_that_names_its_people(any_reception: Reception) -> None:
    reception = any_reception
    agent = reception.office.agent(reception.office.agency())
    came(reception, agent)
    reception.office.clock.advance(KEPT)
    assert visit_retention.forget_visits(reception.site) == 0
    reception.office.pass_by(seconds=1)
    assert visit_retention.forget_visits(reception.site) == 1
    assert [many(reception, table) for table in (VisitRow, EditRow, StatementRow, LinkRow)] == [0, 0, 0, 0]
    with reception.site.database.reading() as session:
        (client,) = session.scalars(select(PartyRow))
        report = session.scalars(select(ReportRow)).one()
    assert (client.id, client.phone, client.wrapped) == (report.client, None, None)
    assert (report.commitment, report.erased is None) == (None, False)
    assert visit_retention.forget_visits(reception.site) == 0
    assert len(reception.office.acts("attribution.visits-expired")) == 1


def test_a_contract_keeps_the_visits_of_its_buyer_and_of_their_kin(reception: Reception, li_na: Actor) -> None:
    came(reception, li_na)
    reception.arrive(phone=OTHER_PHONE)
    people = {visit.id: visit.person for visit in reception.visits()}
    kin = reception.arrive(phone="+8613700001111").visit
    buyer = DealDraft("garden", "1-101", reception.site.clock.now(), Decimal(1000), (BuyerDraft("王", PHONE),))
    deals.record_deal(reception.site, MANAGER, buyer)
    person = next(visit.person for visit in reception.visits() if visit.id == kin)
    parties.relate(reception.site, MANAGER, next(iter(people.values())), person, "spouse", proof="paper", reason="they said so")
    reception.office.pass_by(days=401)
    assert visit_retention.forget_visits(reception.site) == 1
    assert {visit.id for visit in reception.visits()} == {*list(people)[:1], kin}


def test_what_serves_no_more_is_deleted_and_what_waits_stays(reception: Reception, desk: Device, li_na: Actor) -> None:
    filed, kept = reception.reported(li_na)
    code = reception.code(li_na, filed, kept)
    checked(reception, "11010119900101001X")
    desks.pair_desk(reception.site, MANAGER, "garden", "unused")
    desk.one(desk.entry())
    desk.one(desk.sign(canonical({"arrival": NO_ARRIVAL})))
    reception.office.pass_by(days=7, hours=12)
    visit_retention.forget_devices(reception.site)
    assert [many(reception, table) for table in (VisitCodeRow, DocumentCheckRow, DeskPairingRow, DeskEntryRow)] == [0, 0, 0, 2]
    assert reception.arrive(code=code).binding == "unknown"
    reception.office.pass_by(days=90)
    visit_retention.forget_devices(reception.site)
    (waiting,) = desk_queue.waiting_entries(reception.site, MANAGER)
    assert many(reception, DeskEntryRow) == 1
    desk_queue.settle_entry(reception.site, MANAGER, desk.id, waiting.sha256, visit=None, reason="nothing in it")
    visit_retention.forget_devices(reception.site)
    assert many(reception, DeskEntryRow) == 0


def test_the_site_does_all_of_it_by_itself() -> None:
    names = {job.name for job in site_jobs(None, dict)}
    assert {"attribution-heartbeat", "retention-visits", "retention-desks"} <= names
