"""A person's own copy holds what they did at doors, and what nobody else did."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from consentry.access.records.events import EventRow
from consentry.access.service import copies, faces
from consentry.platform.errors import NotFoundError
from tests.access.register.house import STAFF

if TYPE_CHECKING:
    from tests.access.register.house import House


OTHER_UID = "04A224B15C8001"


def passed(house: House, person: str, count: int = 1, kind: str = "granted") -> None:
    """Let somebody pass the gate."""
    with house.site.database.transaction() as session:
        now = house.site.clock.now()
        for step in range(count):
            at = now + timedelta(seconds=step)
            row = EventRow(device="d", seq=_next(session), controller="gate", at=at, received=now, kind=kind, door="gate", reader="face", person=person)
            row.credential, row.reports, row.hash = "c", ["duress"], "0" * 64
            session.add(row)
            session.flush()


def _next(session: Any) -> int:  # noqa: ANN401 - a session
    return int(session.query(EventRow).count())


def test_the_copy_by_a_receipt_holds_every_passage_of_its_person_and_of_nobody_else(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copies, "_AT_ONCE", 2)
    person, other = house.member(), house.member("李和", "3-1202")
    house.card(person)
    house.card(other, OTHER_UID)
    given = house.agreed()
    assert copies.copy_of(house.site, given.withdraw_secret)["doors"] == []
    faces.link_face(house.site, STAFF, person.id, given.consent)
    passed(house, person.id, count=5)
    passed(house, other.id)
    kept = copies.copy_of(house.site, given.withdraw_secret)
    told: Any = kept["doors"]
    assert [(one["door"], one["kind"], one["reader"]) for one in told] == [("gate", "granted", "face")] * 5
    assert "duress" not in str(kept)
    assert kept["recognitions"] == []
    with pytest.raises(NotFoundError):
        copies.copy_of(house.site, "0" * 26)


def test_a_consent_that_lets_somebody_else_in_now_tells_nothing_of_whom_it_was_linked_to_before(house: House) -> None:
    person, other = house.member(), house.member("李和", "3-1202")
    house.card(person)
    house.card(other, OTHER_UID)
    given = house.agreed()
    faces.link_face(house.site, STAFF, person.id, given.consent)
    faces.link_face(house.site, STAFF, person.id, house.agreed().consent)
    faces.link_face(house.site, STAFF, other.id, given.consent)
    passed(house, person.id, count=3)
    passed(house, other.id)
    assert len(str(copies.copy_of(house.site, given.withdraw_secret)["doors"]).split("gate")) - 1 == 1
