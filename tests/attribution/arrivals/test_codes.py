"""Visit codes: what binds a visit to a report, and everything that does not."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from consentry.attribution.model import Grade
from consentry.attribution.records.visits import VisitCodeRow
from consentry.attribution.service import codes
from consentry.attribution.visiting import Binding, HintKind
from consentry.platform.errors import DeniedError, NotFoundError
from tests.attribution.arrivals.reception import FRONT, Reception, kinds
from tests.attribution.reports.office import OTHER_PHONE, PHONE

if TYPE_CHECKING:
    from consentry.platform.actors import Actor


def test_a_code_with_salt_and_number_binds_and_joins_visitor_and_client(reception: Reception, li_na: Actor) -> None:
    filed, kept = reception.reported(li_na)
    reception.office.pass_by(hours=1)
    recorded = reception.arrive(alias="王", code=reception.code(li_na, filed, kept))
    assert recorded.binding is Binding.BOUND
    assert recorded.report == filed.report
    assert kinds(recorded) == []
    (visit,) = reception.visits()
    (link,) = reception.links()
    assert (visit.report, visit.bound, visit.grade) == (filed.report, True, Grade.LOGGED)
    assert visit.person in {link.a, link.b}
    assert (link.kind, link.grade) == ("phone", Grade.LOGGED)


def test_the_number_that_the_visitor_types_opens_the_commitment_of_a_code_without_number(reception: Reception, li_na: Actor) -> None:
    filed, kept = reception.reported(li_na)
    without_number = reception.code(li_na, filed, kept).rpartition(".")[0]
    assert reception.arrive(code=without_number, phone="138 1234 5678").binding is Binding.BOUND


def test_a_code_alone_binds_but_shows_nobody(reception: Reception, li_na: Actor) -> None:
    filed, _ = reception.reported(li_na)
    reception.office.pass_by(hours=1)
    recorded = reception.arrive(code=reception.code(li_na, filed))
    assert (recorded.binding, kinds(recorded)) == (Binding.BOUND_UNREVEALED, [HintKind.NOT_REVEALED])
    assert reception.links() == []


@pytest.mark.parametrize("typed", [None, OTHER_PHONE], ids=["agent-shows-another", "visitor-types-another"])
def test_a_number_that_does_not_fit_is_kept_told_and_binds_nothing(reception: Reception, li_na: Actor, typed: str | None) -> None:
    filed, kept = reception.reported(li_na)
    shown = OTHER_PHONE if typed is None else PHONE
    recorded = reception.arrive(code=reception.code(li_na, filed, kept, phone=shown), phone=typed)
    assert recorded.binding is Binding.MISMATCH
    assert HintKind.CODE_MISMATCH in kinds(recorded)
    (visit,) = reception.visits()
    assert (visit.report, visit.bound) == (filed.report, False)
    assert reception.links() == []


def test_a_code_works_once(reception: Reception, li_na: Actor) -> None:
    filed, kept = reception.reported(li_na)
    code = reception.code(li_na, filed, kept)
    assert reception.arrive(code=code).binding is Binding.BOUND
    again = reception.arrive(code=code)
    assert (again.binding, again.report) == (Binding.USED, filed.report)
    assert HintKind.CODE_USED in kinds(again)
    assert [visit.bound for visit in reception.visits()] == [True, False]


def test_a_code_ends_with_its_life_and_not_before(reception: Reception, li_na: Actor) -> None:
    filed, kept = reception.reported(li_na)
    first = reception.code(li_na, filed, kept)
    reception.office.pass_by(hours=12)
    assert reception.arrive(code=first).binding is Binding.BOUND
    second = reception.code(li_na, filed, kept)
    reception.office.pass_by(hours=12, seconds=1)
    assert reception.arrive(code=second).binding is Binding.EXPIRED


def test_a_new_code_ends_the_one_before(reception: Reception, li_na: Actor) -> None:
    filed, kept = reception.reported(li_na)
    first, second = reception.code(li_na, filed, kept), reception.code(li_na, filed, kept)
    assert reception.arrive(code=first).binding is Binding.UNKNOWN
    assert reception.arrive(code=second).binding is Binding.BOUND


def test_a_code_of_another_project_names_no_report_here(reception: Reception, li_na: Actor) -> None:
    filed, kept = reception.reported(li_na)
    elsewhere = Reception(reception.office, "lake")
    recorded = elsewhere.arrive(code=reception.code(li_na, filed, kept))
    assert (recorded.binding, recorded.report) == (Binding.OTHER_PROJECT, None)
    assert reception.arrive(code=reception.code(li_na, filed, kept)).binding is Binding.BOUND


@pytest.mark.parametrize("change", ["token", "report", "empty", "long", "letters"])
def test_a_code_that_was_never_issued_binds_nothing(reception: Reception, li_na: Actor, change: str) -> None:
    filed, kept = reception.reported(li_na)
    parts = reception.code(li_na, filed, kept).split(".")
    forged = {
        "token": ".".join([*parts[:2], "0" * 26, *parts[3:]]),
        "report": ".".join([parts[0], "0" * 8 + parts[1][8:], *parts[2:]]),
        "empty": "CV1..",
        "long": ".".join(parts) + "0" * 400,
        "letters": "张先生",
    }[change]
    recorded = reception.arrive(code=forged)
    assert recorded.binding is Binding.UNKNOWN
    assert not reception.visits()[0].bound


def test_neither_code_nor_number_is_kept(reception: Reception, li_na: Actor) -> None:
    filed, kept = reception.reported(li_na)
    code = reception.code(li_na, filed, kept)
    reception.arrive(alias="王", code=code, phone=PHONE)
    token = code.split(".")[2]
    assert reception.site.database.is_sqlite
    raw = b"".join(path.read_bytes() for path in sorted(_folder(reception).glob("main.db*")))
    assert filed.report.encode() in raw
    for secret in (token, PHONE, PHONE[3:], kept.salt.hex()):
        assert secret.encode() not in raw
    assert kept.salt not in raw


def test_another_agency_gets_no_code_for_a_report(reception: Reception, li_na: Actor) -> None:
    filed, _ = reception.reported(li_na)
    stranger = reception.office.agent(reception.office.agency("Red hill"), "wang.wei")
    with pytest.raises(NotFoundError) as refused:
        codes.issue_code(reception.site, stranger, filed.report)
    assert refused.value.code == "report.unknown"
    with pytest.raises(DeniedError):
        codes.issue_code(reception.site, FRONT, filed.report)


def test_of_two_desks_that_scan_one_code_at_once_exactly_one_binds(any_reception: Reception) -> None:
    reception = any_reception
    agent = reception.office.agent(reception.office.agency())
    filed, kept = reception.reported(agent)
    code = reception.code(agent, filed, kept)
    devices = [reception.desk(f"desk {number}") for number in range(4)]
    ready, bindings = threading.Barrier(len(devices)), list[Binding]()

    def scan(place: int) -> None:
        entry = devices[place].entry(code=code, link=f"{place:064x}")
        ready.wait()
        recorded = devices[place].one(entry).recorded
        assert recorded is not None
        bindings.append(recorded.binding)

    threads = [threading.Thread(target=scan, args=(place,)) for place in range(len(devices))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(bindings) == [Binding.BOUND, *[Binding.USED] * 3]
    assert sum(visit.bound for visit in reception.visits()) == 1
    with reception.site.database.reading() as session:
        assert session.scalars(select(VisitCodeRow.visit)).one() is not None


def _folder(reception: Reception) -> Path:
    database = reception.site.database.url.database
    assert database is not None
    return Path(database).parent
