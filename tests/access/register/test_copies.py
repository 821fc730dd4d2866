"""A person's own copy holds what their face did at doors while its consent held, and nothing else that anybody did."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from consentry.access.records.events import EventRow
from consentry.access.service import copies, faces
from consentry.consent import service as consents
from consentry.consent.model import Purpose, Via
from consentry.platform.errors import NotFoundError
from tests.access.register.house import STAFF
from tests.consent.shop import OFFICER, agree

if TYPE_CHECKING:
    from consentry.access.register import CredentialView
    from consentry.consent.model import Given
    from tests.access.register.house import House


OTHER_UID = "04A224B15C8001"


def passed(house: House, credential: CredentialView, count: int = 1, kind: str = "granted") -> None:
    """Let somebody pass the gate with something that they hold."""
    with house.site.database.transaction() as session:
        now = house.site.clock.now()
        for step in range(count):
            at = now + timedelta(microseconds=step)
            row = EventRow(device="d", seq=_next(session), controller="gate", at=at, received=now, kind=kind, door="gate", reader=credential.kind)
            row.person, row.credential, row.reports, row.hash = credential.person, credential.id, ["duress"], "0" * 64
            session.add(row)
            session.flush()
    house.pass_by(minutes=1)


def _next(session: Any) -> int:  # noqa: ANN401 - a session
    return int(session.query(EventRow).count())


def doors(house: House, given: Given) -> list[Any]:
    """Return what a receipt tells of doors."""
    told = copies.copy_of(house.site, given.withdraw_secret)["doors"]
    assert isinstance(told, list)
    return told


@pytest.fixture
def card(house: House) -> CredentialView:
    """Return the card of a member."""
    return house.card(house.member())


@pytest.fixture
def given(house: House) -> Given:
    """Return their consent, which is not linked yet."""
    return house.agreed()


@pytest.fixture
def face(house: House, card: CredentialView, given: Given) -> CredentialView:
    """Return their face."""
    return faces.link_face(house.site, STAFF, card.person, given.consent)


def test_the_copy_by_a_receipt_holds_every_passage_of_its_face_and_nothing_that_was_done_by_card_or_by_others(
    house: House, monkeypatch: pytest.MonkeyPatch, card: CredentialView, given: Given
) -> None:
    monkeypatch.setattr(copies, "_AT_ONCE", 2)
    assert doors(house, given) == []
    face = faces.link_face(house.site, STAFF, card.person, given.consent)
    other = house.card(house.member("李和", "3-1202"), OTHER_UID)
    passed(house, face, count=5)
    passed(house, face, kind="duress")
    passed(house, card, count=3)
    passed(house, other)
    kept = copies.copy_of(house.site, given.withdraw_secret)
    told: Any = kept["doors"]
    assert [(one["door"], one["kind"], one["reader"]) for one in told] == [("gate", "granted", "face")] * 6
    assert "duress" not in str(kept)
    assert kept["recognitions"] == []
    with pytest.raises(NotFoundError):
        copies.copy_of(house.site, "0" * 26)


def test_a_consent_that_was_linked_to_somebody_else_by_mistake_tells_what_its_own_face_did_and_nothing_of_them(house: House, given: Given) -> None:
    wrong, right = house.card(house.member()), house.card(house.member("李和", "3-1202"), OTHER_UID)
    mistaken = faces.link_face(house.site, STAFF, wrong.person, given.consent)
    passed(house, mistaken)
    theirs = faces.link_face(house.site, STAFF, wrong.person, house.agreed().consent)
    mended = faces.link_face(house.site, STAFF, right.person, given.consent)
    for credential, count in ((wrong, 3), (right, 3), (theirs, 3), (mended, 2)):
        passed(house, credential, count)
    assert len(doors(house, given)) == 3


def test_the_receipt_of_a_consent_that_was_withdrawn_tells_no_passage_after_that_ever(house: House, face: CredentialView, given: Given) -> None:
    passed(house, face, count=2)
    ended = consents.withdraw(house.site, given.withdraw_secret, Via.RECEIPT).at
    house.pass_by(days=30)
    passed(house, face, count=3, kind="denied-incorrect-authentication-factor")
    kept = copies.copy_of(house.site, given.withdraw_secret)
    assert (len(doors(house, given)), kept["movements_until"]) == (2, ended.isoformat())
    assert len(str(kept["consents"]).split(given.consent)) > 1, "the record of the consent is told"


def test_the_old_receipt_tells_nothing_of_what_was_done_on_a_newer_consent_of_the_same_person(house: House, face: CredentialView, given: Given) -> None:
    passed(house, face)
    newer = agree(house.site, Purpose.DOOR_ACCESS, person=given.person)
    passed(house, faces.link_face(house.site, STAFF, face.person, newer.consent), count=2)
    assert (len(doors(house, given)), len(doors(house, newer))) == (1, 3)


def test_a_receipt_that_was_reported_lost_tells_whoever_found_it_nothing_until_its_holder_has_it_again(
    house: House, face: CredentialView, given: Given
) -> None:
    passed(house, face)
    consents.report_lost(house.site, given.consent)
    kept = copies.copy_of(house.site, given.withdraw_secret)
    assert (kept["doors"], kept["recognitions"], kept["movements_until"]) == ([], [], None)
    consents.restore_lost(house.site, given.withdraw_secret)
    assert len(doors(house, given)) == 1


@pytest.mark.parametrize("how", ["the desk has checked the person", "whoever found it withdraws", "a month goes by"])
def test_a_receipt_that_was_lost_when_its_consent_ended_never_tells_again(house: House, face: CredentialView, given: Given, how: str) -> None:
    passed(house, face)
    consents.report_lost(house.site, given.consent)
    if how == "the desk has checked the person":
        consents.confirm_lost(house.site, OFFICER, given.consent, "by a document")
    elif how == "whoever found it withdraws":
        consents.withdraw(house.site, given.withdraw_secret, Via.PHONE)
    else:
        house.pass_by(days=31)
        assert consents.expire(house.site) == 1
    kept = copies.copy_of(house.site, given.withdraw_secret)
    assert (kept["doors"], kept["movements_until"]) == ([], None)
