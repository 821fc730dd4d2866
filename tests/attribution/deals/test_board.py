"""Flags hold payment and decide nothing; the board says what is due, held and paid; files for accounting name nobody; deadlines are told."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from sqlalchemy import func, select, update

from consentry.alarms.model import AlarmKind
from consentry.alarms.service import live
from consentry.attribution.deals import BoardTotals, DealState, FraudKind, Ownership, PayState
from consentry.attribution.model import VerdictKind
from consentry.attribution.records.deals import AppealRow, BuyerRow, DealRow, FlagRow, VerdictRow
from consentry.attribution.records.people import PartyRow
from consentry.attribution.records.visits import VisitRow
from consentry.attribution.service import appeals, board, deadlines, deals, flags, rulebooks, statements
from consentry.attribution.service.exporting import FileFormat, export_board
from consentry.attribution.service.receiving import Source, receive
from consentry.attribution.spreadsheet import csv_bytes, xlsx_bytes
from consentry.attribution.visiting import Answer, Arrival
from consentry.ledger.work import writing
from consentry.platform.actors import operator
from consentry.platform.errors import ConflictError, DeniedError, LedgerError, NotFoundError
from consentry.statistics.service import record_minute
from tests.attribution.deals.hall import MANAGER, NOBODY, PROJECT, SECOND, SIGNER, WHY, Hall
from tests.attribution.reports.office import NINE, OTHER_PHONE, PHONE, SETTINGS, office_on
from tests.statistics.shop import minute

if TYPE_CHECKING:
    from pathlib import Path

    from consentry.attribution.channel import Agency
    from consentry.platform.actors import Actor
    from consentry.platform.database import Database

AMOUNT, NOTHING = Decimal("46080.00"), Decimal("0.00")


def washed(hall: Hall, agent: Actor) -> str:
    """Play a contract whose buyer came alone before an agent reported them; return its id."""
    hall.walked_in()
    hall.pass_by(days=1)
    hall.brought(agent)
    hall.pass_by(days=1)
    deal = hall.bought()
    hall.signed(deal)
    return deal.id


def states(hall: Hall) -> list[tuple[PayState, tuple[str, ...]]]:
    return [(row.state, row.reasons) for row in board.board(hall.site, MANAGER).rows]


def test_commission_is_held_until_nobody_can_appeal_then_due_then_paid(any_hall: Hall) -> None:
    agency = any_hall.office.agency()
    deal, _ = any_hall.settled(agency=agency)
    assert states(any_hall) == [(PayState.HELD, ("appeal-window",))]
    with pytest.raises(ConflictError, match=r"payment is held: appeal-window"):
        board.pay(any_hall.site, MANAGER, deal.id, agency.id, "T-1")
    any_hall.pass_by(days=7, seconds=1)
    assert states(any_hall) == [(PayState.DUE, ())]
    paid = board.pay(any_hall.site, MANAGER, deal.id, agency.id, "T-1")
    assert (paid.state, paid.amount, paid.paid_by, paid.reference, paid.agency_name) == (PayState.PAID, AMOUNT, MANAGER.label, "T-1", agency.name)
    assert board.board(any_hall.site, MANAGER).totals == BoardTotals(NOTHING, NOTHING, AMOUNT)
    with pytest.raises(ConflictError, match=r"paid already"):
        board.pay(any_hall.site, MANAGER, deal.id, agency.id, "T-2")


def test_an_amount_that_somebody_changed_in_the_database_is_not_paid(hall: Hall, blue: Agency) -> None:
    deal, _ = hall.settled(agency=blue)
    hall.pass_by(days=8)
    with hall.site.database.transaction() as session:
        session.execute(update(DealRow).values(commission=DealRow.commission * 2))
    with pytest.raises(LedgerError, match=r"not the one of entry"):
        board.pay(hall.site, MANAGER, deal.id, blue.id, "T-1")


def test_an_open_appeal_and_a_contract_without_verdict_hold_payment(hall: Hall, blue: Agency) -> None:
    deal, _ = hall.settled(agency=blue)
    appeals.appeal_by_staff(hall.site, MANAGER, deal.id, "look again")
    hall.pass_by(days=8)
    hall.bought(OTHER_PHONE, unit="1-102")
    assert states(hall) == [(PayState.HELD, ("not-signed", "not-screened")), (PayState.HELD, ("appealed",))]
    assert board.board(hall.site, MANAGER).totals == BoardTotals(NOTHING, 2 * AMOUNT, NOTHING)


def test_a_dispute_that_nobody_closed_holds_payment(hall: Hall, blue: Agency, li_na: Actor) -> None:
    visit = hall.brought(li_na)
    assert visit.secret is not None
    statements.confirm(hall.site, visit.secret, Answer.NOBODY)
    hall.pass_by(hours=1)
    deal = hall.bought()
    hall.signed(deal)
    hall.settled("+8613899990000", "1-102", blue)
    hall.pass_by(days=8)
    assert sorted(states(hall)) == [(PayState.DUE, ()), (PayState.HELD, ("disputed",))]
    with pytest.raises(ConflictError, match=r"held: disputed"):
        board.pay(hall.site, MANAGER, deal.id, blue.id, "T-1")
    (said,) = statements.statements(hall.site, MANAGER)
    statements.decide_statement(hall.site, SIGNER, said.id, credible=False, reason="the code was scanned")
    assert {state for state, _ in states(hall)} == {PayState.DUE}


def test_a_contract_that_is_nobodys_or_cancelled_earns_nothing(hall: Hall, blue: Agency) -> None:
    deal, _ = hall.settled(agency=blue)
    deals.cancel_deal(hall.site, MANAGER, deal.id, WHY)
    hall.signed(hall.bought(OTHER_PHONE, unit="1-102"))
    hall.pass_by(days=8)
    assert {state for state, _ in states(hall)} == {PayState.NONE}
    with pytest.raises(NotFoundError, match=r"no share"):
        board.pay(hall.site, MANAGER, deal.id, "stranger", "T-1")


def test_a_split_is_paid_in_equal_parts_the_rest_to_the_first(hall: Hall, blue: Agency, li_na: Actor) -> None:
    red = hall.office.agency("Red earth")
    agents = (li_na, hall.office.agent(red, "wang.wei"))
    reports = [hall.reported(agent) for agent in agents]
    hall.pass_by(hours=1)
    for agent, (filed, kept) in zip(agents, reports, strict=True):
        hall.arrived(agent, filed, kept)
    hall.pass_by(days=1)
    deal = hall.bought(commission=Decimal("0.03"))
    assert hall.signed(deal).ownership == Ownership(VerdictKind.SPLIT, tuple(sorted((blue.id, red.id))))
    assert [row.amount for row in board.board(hall.site, MANAGER).rows] == [Decimal("0.02"), Decimal("0.01")]


def test_a_sign_holds_payment_until_a_named_person_clears_it(hall: Hall, li_na: Actor) -> None:
    name = washed(hall, li_na)
    (flag,) = flags.flags(hall.site, MANAGER, deal=name)
    assert (flag.kind, flag.having, flag.among) == (FraudKind.WASHING, 1, 1)
    assert deals.deal(hall.site, MANAGER, name).state is DealState.SIGNED, "a flag decides nothing"
    for actor in (NOBODY, operator("uid-1")):
        with pytest.raises(DeniedError):
            flags.clear_flag(hall.site, actor, flag.id, WHY)
    cleared = flags.clear_flag(hall.site, SIGNER, flag.id, "the client asked the agent later")
    assert (cleared.cleared_by, cleared.reason) == (SIGNER.label, "the client asked the agent later")
    assert flags.flags(hall.site, MANAGER) == []
    assert len(flags.flags(hall.site, MANAGER, waiting=False)) == 1
    with pytest.raises(ConflictError, match=r"cleared already"):
        flags.clear_flag(hall.site, SIGNER, flag.id, WHY)
    with pytest.raises(NotFoundError):
        flags.clear_flag(hall.site, SIGNER, "nothing", WHY)
    assert [act.details["kind"] for act in hall.office.acts("attribution.flag-cleared")] == ["washing"]


def test_a_cleared_flag_is_not_raised_again(hall: Hall, li_na: Actor) -> None:
    hall.walked_in()
    hall.pass_by(days=1)
    hall.brought(li_na)
    deal = hall.bought()
    assert flags.screen(hall.site) == 1
    flags.clear_flag(hall.site, SIGNER, flags.flags(hall.site, MANAGER)[0].id, WHY)
    hall.signed(deal)
    assert flags.flags(hall.site, MANAGER) == []
    assert flags.screen(hall.site) == 0


def behind_a_door(database: Database, folder: Path, *, shared: bool = False) -> Hall:
    """Return a hall of project garden, and of lake where it is ``shared``, whose door let 40 people in two hours before nine and hardly anybody else."""
    camera = '[[camera]]\nid = "front"\nname = "Front"\nretention = "400 days"\ndetector = "rtmdet"\n'
    camera += '[[camera.line]]\nid = "door"\nname = "Door"\nfrom = [0, 0]\nto = [9, 9]\n'
    entrance = 'entrance_lines = ["front/door"]\n'
    settings = SETTINGS.replace("daily_cap = 3\n", f"daily_cap = 3\n{entrance}")
    settings = settings.replace('phone_form = "4+3"\n', f'phone_form = "4+3"\n{entrance}') if shared else settings
    hall = Hall(office_on(database, folder, settings + camera))
    with hall.site.database.transaction() as session:
        for hour in range(48):
            record_minute(session, "front", minute(NINE - timedelta(hours=hour), entered=40 if hour == 2 else 1))
    return hall


def test_a_door_that_counted_far_more_than_the_desk_recorded_raises_a_flag(sqlite_database: Database, tmp_path: Path) -> None:
    hall = behind_a_door(sqlite_database, tmp_path)
    hall.settled()
    (flag,) = flags.flags(hall.site, MANAGER)
    assert (flag.kind, flag.saw["entered"], flag.saw["recorded"], flag.having) == (FraudKind.CONCEALMENT, 40, 0, 1)
    assert 20 < flag.among <= 48


@pytest.mark.parametrize(("project", "shared", "raised"), [("garden", False, []), ("lake", True, []), ("lake", False, [FraudKind.CONCEALMENT])])
def test_whom_a_desk_received_behind_the_same_door_while_it_was_cut_off_was_not_concealed(
    sqlite_database: Database, tmp_path: Path, project: str, shared: bool, raised: list[FraudKind]
) -> None:
    hall = behind_a_door(sqlite_database, tmp_path, shared=shared)
    cut_off = Source(hall.site.settings.project(project), claimed_at=NINE - timedelta(hours=2) + timedelta(minutes=10))
    with writing(hall.site) as work:
        for _ in range(2):
            receive(work, cut_off, Arrival(party_size=20))
    hall.settled()
    assert [flag.kind for flag in flags.flags(hall.site, MANAGER)] == raised


@pytest.mark.parametrize(("project", "raised"), [(PROJECT, [FraudKind.INTERCEPTION]), ("lake", [])])
def test_close_visits_to_another_project_are_no_cluster_here(hall: Hall, li_na: Actor, project: str, raised: list[FraudKind]) -> None:
    brought = [hall.reported(li_na, phone) for phone in (PHONE, "+8613900000001", "+8613900000002")]
    hall.pass_by(minutes=35)
    for filed, kept in brought:
        hall.arrived(li_na, filed, kept)
    with hall.site.database.transaction() as session:
        others = select(VisitRow.id).order_by(VisitRow.id.desc()).limit(2)
        session.execute(update(VisitRow).where(VisitRow.id.in_(list(session.scalars(others)))).values(project=project))
    hall.bought()
    flags.screen(hall.site)
    assert [flag.kind for flag in flags.flags(hall.site, MANAGER)] == raised


def rows_of(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))


def test_the_board_as_a_file_names_nobody_who_bought_and_is_in_the_ledger(hall: Hall, blue: Agency) -> None:
    deal, _ = hall.settled(agency=blue)
    table, book = (export_board(hall.site, MANAGER, form) for form in FileFormat)
    head, row = rows_of(table)
    assert dict(zip(head, row, strict=True))["amount_cny"] == "46080.00"
    assert (row[1], row[5], row[7]) == (deal.id, blue.name, "held")
    for data in (table, zipfile.ZipFile(io.BytesIO(book)).read("xl/worksheets/sheet1.xml")):
        assert b"138****5678" not in data
        assert "王".encode() not in data
        assert deal.buyers[0].party.encode() not in data
    assert [act.details["format"] for act in hall.office.acts("attribution.board-exported")] == ["csv", "xlsx"]


def test_no_text_is_a_formula() -> None:
    texts = ["=1+1", "+1", "-1", "@sum", "\t=1", "\r=1"]
    table = csv.reader(io.StringIO(csv_bytes([texts]).decode("utf-8-sig"), newline=""))
    assert list(table) == [[f"'{text}" for text in texts]]
    sheet = ET.fromstring(zipfile.ZipFile(io.BytesIO(xlsx_bytes([texts]))).read("xl/worksheets/sheet1.xml"))  # noqa: S314 - made here
    cells = sheet.iter("{http://schemas.openxmlformats.org/spreadsheetml/2006/main}c")
    assert [cell.get("t") for cell in cells] == ["inlineStr"] * len(texts)


def test_a_workbook_holds_texts_numbers_and_gaps_in_their_columns() -> None:
    data = xlsx_bytes([("a", None, Decimal("1.50"), "<&>\x00"), tuple(str(n) for n in range(28))])
    archive = zipfile.ZipFile(io.BytesIO(data))
    assert archive.testzip() is None
    for name in archive.namelist():
        ET.fromstring(archive.read(name))  # noqa: S314 - made here
    sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert '<c r="C1"><v>1.50</v></c>' in sheet
    assert "&lt;&amp;&gt;</t>" in sheet
    assert 'r="AB2"' in sheet
    assert 'r="B1"' not in sheet


def late(hall: Hall) -> list[tuple[AlarmKind, str]]:
    """Return the alarms after the next look."""
    hall.pass_by(seconds=1)
    deadlines.watch(hall.site)
    return [(alarm.kind, alarm.subject) for alarm in live(hall.site)]


def test_a_verdict_that_nobody_signs_is_an_alarm_until_somebody_does(hall: Hall) -> None:
    deal = hall.bought()
    assert late(hall) == []
    hall.pass_by(days=3)
    assert late(hall) == [(AlarmKind.VERDICT_DUE, deal.id)]
    hall.signed(deal)
    assert late(hall) == []


def test_an_appeal_that_nobody_decides_is_an_alarm_a_day_before_it_is_due(hall: Hall, blue: Agency) -> None:
    deal, _ = hall.settled(agency=blue)
    opened, _ = appeals.appeal_by_staff(hall.site, MANAGER, deal.id, "look again")
    hall.pass_by(days=6, seconds=-2)
    assert late(hall) == []
    assert late(hall) == [(AlarmKind.APPEAL_DUE, opened.id)]
    appeals.decide_appeal(hall.site, SECOND, opened.id, WHY)
    assert late(hall) == []


def test_a_contract_ends_with_everything_of_it_when_its_time_is_over(any_hall: Hall) -> None:
    deal, _ = any_hall.settled()
    appeals.appeal_by_staff(any_hall.site, MANAGER, deal.id, "look again")
    any_hall.pass_by(days=1825)
    assert deadlines.forget_old(any_hall.site) == 0
    any_hall.pass_by(days=1)
    assert deadlines.forget_old(any_hall.site) == 1
    with any_hall.site.database.reading() as session:
        left = [session.scalar(select(func.count()).select_from(table)) for table in (DealRow, BuyerRow, VerdictRow, AppealRow, FlagRow)]
        buyer = session.get_one(PartyRow, deal.buyers[0].party)
    assert left == [0, 0, 0, 0, 0]
    assert (buyer.sealed, buyer.phone, buyer.mask) == (None, None, None)
    assert [act.details for act in any_hall.office.acts("attribution.deals-expired")] == [{"deals": 1}]


def test_the_jobs_run_on_an_empty_site(hall: Hall) -> None:
    for job in deadlines.JOBS:
        job.run(hall.site)
    assert rulebooks.versions(hall.site, MANAGER, PROJECT)
