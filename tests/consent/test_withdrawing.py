"""Withdrawing: at once with the secret, after a check without it, and again after a restore."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from sqlalchemy import text

from consentry.consent import service
from consentry.consent.marks import new_secret
from consentry.consent.model import ConsentState, Ending, Purpose, Via
from consentry.consent.requests import RequestKind
from consentry.consent.service import withdrawing
from consentry.ledger.offline import Trust, verify_bundle
from consentry.ledger.service import log_key
from consentry.platform.actors import Permission, permission_of
from consentry.platform.errors import ConsentryError, DeniedError, InputError, NotFoundError
from consentry.platform.events import EventName, deliver
from consentry.staff.model import Reason
from tests.consent.shop import DESK, NOBODY, Listener, acts, agree, open_purpose, pass_by

if TYPE_CHECKING:
    from consentry.platform.site import Site

PHONE = "13800138000"
WHY = Reason("asked at the desk", "T-1")


def heard(site: Site) -> list[EventName]:
    listener = Listener()
    deliver(site, listener.handlers())
    return [event.name for event in listener.heard]


def kept_of(site: Site, person: str) -> tuple[object, ...]:
    with site.database.reading() as session:
        found = session.execute(text("SELECT wrapped, sealed, phone FROM consent_person WHERE id = :id"), {"id": person}).one()
        return tuple(found)


@pytest.mark.parametrize("via", [Via.RECEIPT, Via.KIOSK, Via.PHONE, Via.STAFF])
def test_the_secret_withdraws_at_once_without_sign_in_or_reason(sqlite_site: Site, via: Via) -> None:
    given = agree(sqlite_site)
    ended = service.withdraw(sqlite_site, given.withdraw_secret, via)
    assert (ended.consent, ended.person, ended.state, ended.ending) == (given.consent, given.person, ConsentState.WITHDRAWN, Ending.WITHDRAWN)
    assert not service.is_valid(sqlite_site, given.consent)
    (act,) = acts(sqlite_site, "consent.withdrawn")
    assert (act.object, act.reason, act.details["via"]) == (f"consent:{given.consent}", "", via)


def test_the_receipt_of_a_withdrawal_proves_it_to_anyone(site: Site) -> None:
    given = agree(site)
    ended = service.withdraw(site, given.withdraw_secret, Via.PHONE)
    trust = Trust((log_key(site),))
    (entry,) = verify_bundle(ended.receipt.data, trust).entries
    assert (entry.act.action, entry.act.object) == ("consent.withdrawn", f"consent:{given.consent}")
    both = [verify_bundle(sealed.data, trust).entries[0].act.action for sealed in service.receipts_of(site, given.withdraw_secret)]
    assert both == ["consent.given", "consent.withdrawn"]


def test_withdrawing_again_changes_nothing_and_answers_the_same(site: Site) -> None:
    given = agree(site)
    first = service.withdraw(site, given.withdraw_secret, Via.PHONE)
    pass_by(site, days=3)
    again = service.withdraw(site, given.withdraw_secret.lower(), Via.STAFF)
    assert again == first
    assert len(acts(site, "consent.withdrawn")) == 1
    assert heard(site) == [EventName.CONSENT_GIVEN, EventName.CONSENT_WITHDRAWN]


def test_withdrawing_what_is_over_gives_the_receipt_of_its_end(site: Site) -> None:
    given = agree(site)
    pass_by(site, days=90)
    service.expire(site)
    ended = service.withdraw(site, given.withdraw_secret, Via.PHONE)
    assert (ended.state, ended.ending) == (ConsentState.EXPIRED, Ending.INACTIVITY)


def test_one_withdrawal_leaves_the_other_purposes_alone(site: Site) -> None:
    open_purpose(site, Purpose.DOOR_ACCESS)
    greeting = agree(site, alias="Bo")
    door = agree(site, Purpose.DOOR_ACCESS, person=greeting.person)
    service.withdraw(site, greeting.withdraw_secret, Via.PHONE)
    assert service.is_valid(site, door.consent)
    assert None not in kept_of(site, greeting.person)[:2]


def test_what_a_person_left_goes_with_their_last_consent(site: Site) -> None:
    given = agree(site, alias="Bo", phone=PHONE)
    assert None not in kept_of(site, given.person)
    service.withdraw(site, given.withdraw_secret, Via.PHONE)
    assert kept_of(site, given.person) == (None, None, None)
    assert service.copy_of(site, given.withdraw_secret)["left"] == {}


@pytest.mark.parametrize("secret", ["", "x", "\x00", "A" * 26, new_secret(), "\ud800", "ß" * 200])
def test_an_unknown_secret_is_refused_in_one_way(sqlite_site: Site, secret: str) -> None:
    agree(sqlite_site)
    for use in (service.consent_by_secret, service.restore_lost, service.receipts_of, service.copy_of):
        with pytest.raises(NotFoundError) as refused:
            use(sqlite_site, secret)
        assert refused.value.code == "consent.secret"
    with pytest.raises(NotFoundError):
        service.withdraw(sqlite_site, secret, Via.PHONE)


def test_a_report_lets_the_consent_rest_and_the_receipt_restores_it(site: Site) -> None:
    given = agree(site)
    service.report_lost(site, given.consent)
    assert (service.is_valid(site, given.consent), service.is_suspended(site, given.consent)) == (False, True)
    assert [request.kind for request in service.requests(site, DESK)] == [RequestKind.LOST]
    assert service.restore_lost(site, given.withdraw_secret) is ConsentState.GIVEN
    assert (service.is_valid(site, given.consent), service.is_suspended(site, given.consent)) == (True, False)
    assert service.requests(site, DESK) == []
    assert set(heard(site)) == {EventName.CONSENT_GIVEN, EventName.CONSENT_SUSPENDED, EventName.CONSENT_RESTORED}


@pytest.mark.parametrize("hint", [PHONE, "+86 138 0013 8000", " 138-0013-8000 "])
def test_the_telephone_number_on_file_is_a_hint(sqlite_site: Site, hint: str) -> None:
    given = agree(sqlite_site, phone=PHONE)
    service.report_lost(sqlite_site, hint)
    assert service.is_suspended(sqlite_site, given.consent)


def test_a_number_that_two_people_left_suspends_nobody(site: Site) -> None:
    found = [agree(site, phone=PHONE) for _ in range(2)]
    service.report_lost(site, PHONE)
    assert all(service.is_valid(site, given.consent) for given in found)


def test_the_answer_tells_nobody_whether_a_hint_fits(site: Site) -> None:
    given = agree(site, phone=PHONE)
    hints = [given.consent, PHONE, "13900139000", "c6a6872e-ced7-4970-bcb6-f2c224c805bf", "", "\x00", "\ud800", "x" * 5000]
    answers = [service.report_lost(site, hint) for hint in hints]  # type: ignore[func-returns-value]
    assert answers == [None] * len(hints)


def test_a_thousand_guesses_keep_no_real_report_from_its_consent(sqlite_site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever fills the hour with numbers neither hides the id of a receipt nor a number that is on file."""
    monkeypatch.setattr(withdrawing, "NUMBERS_AN_HOUR", 5)
    named, numbered = agree(sqlite_site), agree(sqlite_site, phone=PHONE)
    for number in range(5):
        service.report_lost(sqlite_site, f"1390013900{number}")
    service.report_lost(sqlite_site, named.consent)
    service.report_lost(sqlite_site, PHONE)
    assert [service.is_suspended(sqlite_site, one.consent) for one in (named, numbered)] == [True, False]
    assert {request.consent for request in service.requests(sqlite_site, DESK)} == {named.consent, numbered.consent}
    pass_by(sqlite_site, hours=1)
    service.report_lost(sqlite_site, PHONE)
    assert service.is_suspended(sqlite_site, numbered.consent)


def test_the_ids_of_receipts_count_as_no_guesses(sqlite_site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(withdrawing, "NUMBERS_AN_HOUR", 1)
    given = agree(sqlite_site, phone=PHONE)
    for hint in (str(uuid4()), f"consent:{uuid4()}", "nonsense"):
        service.report_lost(sqlite_site, hint)
    service.report_lost(sqlite_site, PHONE)
    assert service.is_suspended(sqlite_site, given.consent)


def test_the_desk_is_asked_once_about_a_receipt_however_often_it_is_reported(sqlite_site: Site) -> None:
    given = agree(sqlite_site, phone=PHONE)
    for hint in (given.consent.upper(), given.consent, PHONE, PHONE):
        service.report_lost(sqlite_site, hint)
    assert len(service.requests(sqlite_site, DESK)) == 1
    assert [len(act.details["suspended"]) for act in acts(sqlite_site, "consent.loss-reported")] == [1, 0, 0, 0]  # type: ignore[arg-type]


@pytest.mark.parametrize("purposes", [[Purpose.GREETING], [Purpose.GREETING, Purpose.DOOR_ACCESS]])
def test_the_log_grows_as_much_by_a_report_that_fits_as_by_one_that_does_not(site: Site, purposes: list[Purpose]) -> None:
    """Checkpoints show everybody how many entries there are."""
    open_purpose(site, Purpose.DOOR_ACCESS)
    person = None
    for purpose in purposes:
        person = agree(site, purpose, person=person, phone=PHONE).person
    grown = []
    for hint in (PHONE, "13900139000", PHONE, "nonsense", str(uuid4())):
        before = len(acts(site))
        service.report_lost(site, hint)
        deliver(site, Listener().handlers())
        grown.append(len(acts(site)) - before)
    assert grown == [1] * 5
    assert all(consent.suspended for consent in service.consents(site, DESK))


def test_a_report_is_entered_with_what_it_did_and_without_the_hint(site: Site) -> None:
    given = agree(site, phone=PHONE)
    service.report_lost(site, PHONE)
    (act,) = acts(site, "consent.loss-reported")
    (request,) = service.requests(site, DESK)
    assert (act.actor, act.object, act.reason) == ("system:consent", "consents", "")
    assert act.details == {"consents": [given.consent], "suspended": [given.consent], "requests": [request.id]}


def test_whoever_restored_a_consent_is_not_suspended_again_by_somebody_else(sqlite_site: Site) -> None:
    given = agree(sqlite_site)
    service.report_lost(sqlite_site, given.consent)
    service.restore_lost(sqlite_site, given.withdraw_secret)
    service.report_lost(sqlite_site, given.consent)
    assert service.is_valid(sqlite_site, given.consent)
    assert [request.kind for request in service.requests(sqlite_site, DESK)] == [RequestKind.LOST]
    pass_by(sqlite_site, days=30)
    service.report_lost(sqlite_site, given.consent)
    assert service.is_suspended(sqlite_site, given.consent)


def test_a_consent_that_nobody_clears_up_counts_as_withdrawn_after_a_month(site: Site) -> None:
    given = agree(site)
    service.report_lost(site, given.consent)
    pass_by(site, days=29)
    assert service.expire(site) == 0
    pass_by(site, days=1)
    assert service.expire(site) == 1
    assert service.state_of(site, given.consent) is ConsentState.WITHDRAWN
    assert heard(site)[-1] is EventName.CONSENT_WITHDRAWN


@pytest.mark.parametrize(("days", "restored"), [(29, True), (30, False), (90, False)])
def test_the_receipt_restores_nothing_that_is_over_also_before_the_job_has_seen_it(sqlite_site: Site, days: int, restored: bool) -> None:
    given = agree(sqlite_site)
    service.report_lost(sqlite_site, given.consent)
    pass_by(sqlite_site, days=days)
    state = service.restore_lost(sqlite_site, given.withdraw_secret)
    assert (service.is_valid(sqlite_site, given.consent), state.is_valid) == (restored, restored)
    assert service.expire(sqlite_site) == 0


def test_the_desk_withdraws_after_a_check_and_says_how_it_checked(site: Site) -> None:
    given = agree(site, phone=PHONE)
    service.report_lost(site, PHONE)
    (found,) = service.consents_by_phone(site, DESK, PHONE, WHY)
    ended = service.confirm_lost(site, DESK, found.id, "showed a member card")
    assert (ended.consent, ended.ending) == (given.consent, Ending.WITHDRAWN)
    (act,) = acts(site, "consent.withdrawn")
    assert (act.actor, act.reason, act.details["via"]) == ("staff:desk-1", "showed a member card", "desk")
    assert service.requests(site, DESK) == []


def test_looking_a_number_up_is_in_the_ledger_with_reason_and_ticket_and_without_the_number(site: Site) -> None:
    agree(site, phone=PHONE)
    service.consents_by_phone(site, DESK, PHONE, WHY)
    (act,) = acts(site, "consent.looked-up")
    assert (act.reason, act.details) == ("asked at the desk", {"found": 1, "ticket": "T-1"})


def test_the_desk_needs_its_permission_and_a_reason(sqlite_site: Site) -> None:
    given = agree(sqlite_site)
    assert permission_of(service.confirm_lost) is permission_of(service.consents_by_phone) is Permission.HANDLE_REQUESTS
    with pytest.raises(DeniedError):
        service.confirm_lost(sqlite_site, NOBODY, given.consent, "showed a card")
    with pytest.raises(InputError):
        service.confirm_lost(sqlite_site, DESK, given.consent, "")
    with pytest.raises(InputError):
        service.consents_by_phone(sqlite_site, DESK, PHONE, Reason("", ""))
    with pytest.raises(NotFoundError):
        service.confirm_lost(sqlite_site, DESK, "\x00", "showed a card")
    assert service.is_valid(sqlite_site, given.consent)


def test_a_reason_with_a_telephone_number_does_not_enter_the_ledger(sqlite_site: Site) -> None:
    given = agree(sqlite_site)
    with pytest.raises(ConsentryError) as refused:
        service.confirm_lost(sqlite_site, DESK, given.consent, f"called {PHONE}")
    assert refused.value.code == "ledger.clear-text"
    assert service.is_valid(sqlite_site, given.consent)


def test_tombstones_withdraw_again_after_a_restore(site: Site) -> None:
    stands, gone = agree(site), agree(site)
    service.withdraw(site, gone.withdraw_secret, Via.PHONE)
    names = [stands.consent, stands.consent, gone.consent, "unknown", "\x00"]
    assert service.mark_withdrawn(site, names, "tombstones after a restore") == 1
    assert service.mark_withdrawn(site, names, "tombstones after a restore") == 0
    assert not service.is_valid(site, stands.consent)
    act = acts(site, "consent.withdrawn")[-1]
    assert (act.actor, act.reason, act.details["via"]) == ("system:consent", "tombstones after a restore", "restore")


def test_a_person_who_is_signed_in_withdraws_what_is_known_to_be_theirs_and_repeating_it_gives_the_same_end(sqlite_site: Site) -> None:
    given = agree(sqlite_site)
    ended = service.withdraw_by_holder(sqlite_site, "resident:r-1", given.consent)
    assert not service.is_valid(sqlite_site, given.consent)
    assert service.withdraw_by_holder(sqlite_site, "resident:r-1", given.consent).at == ended.at
    (act,) = acts(sqlite_site, "consent.withdrawn")
    assert (act.actor, act.details["via"]) == ("resident:r-1", Via.ACCOUNT)
    with pytest.raises(NotFoundError, match="none of that id"):
        service.withdraw_by_holder(sqlite_site, "resident:r-1", str(uuid4()))
