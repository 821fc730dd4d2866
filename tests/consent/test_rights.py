"""Requests with their clocks, answers and copies; and what ends by itself."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, text
from sqlalchemy.event import listen

from consentry.consent import records, service
from consentry.consent.model import Ending, Purpose, Via
from consentry.consent.requests import Answer, Decision, RefusalGround, RequestKind
from consentry.consent.rules.asking import LATEST, check_answer, due_at
from consentry.consent.rules.notices import sha256_of
from consentry.ledger.offline import Trust, verify_bundle
from consentry.ledger.service import log_key
from consentry.ledger.work import writing
from consentry.platform.errors import ConflictError, DeniedError, InputError, NotFoundError
from consentry.platform.events import EventName, deliver
from consentry.staff.model import Reason
from tests.consent.shop import DESK, NOBODY, NOON, OFFICER, TERMS, TEXTS, Listener, acts, agree, open_purpose, pass_by, settings_with, yes

if TYPE_CHECKING:
    from consentry.platform.site import Site

WHY = Reason("to answer it", "T-1")
DAY = timedelta(days=1)
GRANTED = Answer(Decision.GRANTED, "It was done.")
REFUSED = Answer(Decision.REFUSED, "We hold nothing about you.", RefusalGround.NOTHING_HELD)


@pytest.mark.parametrize(("kind", "within"), [(RequestKind.DELETE, DAY), (RequestKind.LOST, DAY), (RequestKind.COPY, 7 * DAY), (RequestKind.EXPLAIN, 7 * DAY)])
def test_each_kind_has_its_clock(kind: RequestKind, within: timedelta) -> None:
    assert due_at(kind, NOON) == NOON + within


def test_no_clock_is_longer_than_the_law_allows() -> None:
    assert all(due_at(kind, NOON) - NOON <= LATEST for kind in RequestKind)


@given(st.sampled_from(Decision), st.one_of(st.none(), st.sampled_from(RefusalGround)), st.text(max_size=1100))
def test_an_answer_has_words_and_a_ground_exactly_where_it_refuses(decision: Decision, ground: RefusalGround | None, words: str) -> None:
    fits = 4 <= len(words.strip()) <= 1000 and (ground is None) == (decision is Decision.GRANTED)
    try:
        check_answer(Answer(decision, words, ground))
    except InputError:
        assert not fits
    else:
        assert fits


def test_a_request_gets_a_number_and_a_receipt_at_once(site: Site) -> None:
    filed = service.file_request(site, RequestKind.SEE, contact="at the desk", words="Do you hold anything on me?")
    (entry,) = verify_bundle(filed.receipt.data, Trust((log_key(site),))).entries
    assert (entry.act.action, entry.act.details["kind"], filed.due) == ("consent.requested", "see", NOON + 7 * DAY)
    state = service.request_state(site, filed.number.lower())
    assert (state.kind, state.due, state.answered, state.text, state.remedy) == (RequestKind.SEE, filed.due, None, "", {})


def test_what_a_person_wrote_is_read_with_a_reason_only(site: Site) -> None:
    service.file_request(site, RequestKind.CORRECT, contact="call 13800138000", words="My alias is wrong.")
    (listed,) = service.requests(site, DESK)
    details = service.request_details(site, DESK, listed.id, WHY)
    assert (details.contact, details.words) == ("call 13800138000", "My alias is wrong.")
    (act,) = acts(site, "consent.request-read")
    assert (act.actor, act.reason, act.details) == ("staff:desk-1", "to answer it", {"ticket": "T-1"})
    with pytest.raises(InputError):
        service.request_details(site, DESK, listed.id, Reason("", ""))
    with site.database.reading() as session:
        kept = session.execute(text("SELECT wrapped, sealed FROM consent_request")).one()
    assert not any(b"138" in bytes(part) and b"alias" in bytes(part) for part in kept)


def test_a_refusal_says_its_ground_and_what_can_be_done_against_it(site: Site) -> None:
    filed = service.file_request(site, RequestKind.SEE)
    (listed,) = service.requests(site, DESK)
    answered = service.answer_request(site, DESK, listed.id, REFUSED)
    state = service.request_state(site, filed.number)
    assert (answered.answered_by, state.decision, state.ground) == ("staff:desk-1", Decision.REFUSED, RefusalGround.NOTHING_HELD)
    assert (state.text, set(state.remedy)) == ("We hold nothing about you.", {"zh-CN", "en"})
    assert service.requests(site, DESK) == []
    assert len(service.requests(site, DESK, waiting=False)) == 1
    with pytest.raises(ConflictError):
        service.answer_request(site, DESK, listed.id, REFUSED)


@pytest.mark.parametrize("kind", [RequestKind.DELETE, RequestKind.CLOSE])
def test_a_granted_deletion_is_carried_out_with_its_answer(site: Site, kind: RequestKind) -> None:
    open_purpose(site, Purpose.DOOR_ACCESS)
    given = agree(site, alias="Bo")
    door = agree(site, Purpose.DOOR_ACCESS, person=given.person)
    other = agree(site)
    service.file_request(site, kind, secret=given.withdraw_secret)
    (listed,) = service.requests(site, DESK)
    assert listed.person == given.person
    service.answer_request(site, DESK, listed.id, GRANTED)
    assert [service.is_valid(site, one.consent) for one in (given, door, other)] == [False, False, True]
    assert service.copy_of(site, given.withdraw_secret)["left"] == {}


def test_a_granted_restriction_lets_the_consents_rest(sqlite_site: Site) -> None:
    given = agree(sqlite_site)
    service.file_request(sqlite_site, RequestKind.RESTRICT, secret=given.withdraw_secret)
    service.answer_request(sqlite_site, DESK, service.requests(sqlite_site, DESK)[0].id, GRANTED)
    assert service.is_suspended(sqlite_site, given.consent)


@pytest.mark.parametrize("answer", [REFUSED, Answer(Decision.PARTLY, "Only the alias.", RefusalGround.DUTY_TO_KEEP)])
def test_a_deletion_that_is_not_granted_deletes_nothing(sqlite_site: Site, answer: Answer) -> None:
    given = agree(sqlite_site)
    service.file_request(sqlite_site, RequestKind.DELETE, secret=given.withdraw_secret)
    service.answer_request(sqlite_site, DESK, service.requests(sqlite_site, DESK)[0].id, answer)
    assert service.is_valid(sqlite_site, given.consent)


def test_what_cannot_be_asked_or_answered_is_refused(sqlite_site: Site) -> None:
    with pytest.raises(InputError):
        service.file_request(sqlite_site, RequestKind.LOST)
    with pytest.raises(InputError):
        service.file_request(sqlite_site, RequestKind.SEE, words="x" * 1001)
    with pytest.raises(NotFoundError):
        service.file_request(sqlite_site, RequestKind.SEE, secret="")
    for number in ("", "\x00", "A" * 26):
        with pytest.raises(NotFoundError):
            service.request_state(sqlite_site, number)
        with pytest.raises(NotFoundError):
            service.answer_request(sqlite_site, DESK, number, GRANTED)
    service.file_request(sqlite_site, RequestKind.SEE)
    with pytest.raises(DeniedError):
        service.answer_request(sqlite_site, NOBODY, service.requests(sqlite_site, DESK)[0].id, GRANTED)


def test_whoever_asks_all_the_time_closes_the_right_to_nobody_else(sqlite_site: Site) -> None:
    """One address may ask twice a second; the routes slow it down, and it alone."""
    for _ in range(150):
        service.file_request(sqlite_site, RequestKind.SEE)
    filed = service.file_request(sqlite_site, RequestKind.SEE)
    assert service.request_state(sqlite_site, filed.number).answered is None


def test_a_late_request_is_known_to_be_late(sqlite_site: Site) -> None:
    service.file_request(sqlite_site, RequestKind.DELETE)
    service.file_request(sqlite_site, RequestKind.COPY)
    pass_by(sqlite_site, hours=25)
    assert [request.kind for request in service.overdue_requests(sqlite_site)] == [RequestKind.DELETE]


def test_lists_go_on_after_the_last_one_seen(site: Site) -> None:
    for _ in range(3):
        agree(site)
        service.file_request(site, RequestKind.SEE)
    for pages in (service.consents, service.requests):
        first = pages(site, DESK, limit=2)
        rest = pages(site, DESK, after=first[-1].id)
        assert [one.id for one in (*first, *rest)] == [one.id for one in pages(site, DESK)]
        with pytest.raises(InputError):
            pages(site, DESK, after="\x00")


def test_a_copy_holds_everything_about_the_person_and_about_nobody_else(site: Site) -> None:
    open_purpose(site, Purpose.DOOR_ACCESS)
    given = agree(site, alias="Bo", phone="13800138000")
    door = agree(site, Purpose.DOOR_ACCESS, person=given.person)
    other = agree(site, alias="Someone else")
    service.file_request(site, RequestKind.COPY, secret=given.withdraw_secret)
    copy = json.loads(json.dumps(service.copy_of(site, given.withdraw_secret)))
    assert (copy["person"], copy["left"]) == (given.person, {"alias": "Bo", "phone": "13800138000"})
    assert [one["record"]["record_id"] for one in copy["consents"]] == [given.consent, door.consent]
    assert [one["kind"] for one in copy["requests"]] == ["copy"]
    assert all(sha256_of(one["text_shown"]) == one["record"]["cn"]["notice_sha256"] for one in copy["consents"])
    assert copy["consents"][0]["terms"]["retention_days"] == 90
    assert other.person not in json.dumps(copy)
    assert given.withdraw_secret not in json.dumps(copy)


def rows(site: Site) -> dict[str, int]:
    tables = (records.ConsentRow, records.PersonRow, records.RefusalRow, records.LostReportRow, records.RequestRow, records.NoticeRow, records.AssessmentRow)
    with site.database.reading() as session:
        return {table.__tablename__: session.scalar(select(func.count()).select_from(table)) or 0 for table in tables}


def test_consents_expire_by_the_job_and_say_so(site: Site) -> None:
    first, second = agree(site), agree(site)
    pass_by(site, days=89)
    with writing(site) as work:
        service.note_visit(work, second.consent)
    assert service.expire(site) == 0
    pass_by(site, days=1)
    assert not service.is_valid(site, first.consent)
    assert (service.expire(site), service.expire(site)) == (1, 0)
    (act,) = acts(site, "consent.expired")
    assert (act.object, act.actor, act.details["ending"]) == (f"consent:{first.consent}", "system:consent", Ending.INACTIVITY)
    assert service.is_valid(site, second.consent)


def test_the_job_looks_at_every_consent_however_many_there_are(sqlite_site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("consentry.consent.service.expiry.AT_ONCE", 2)
    for _ in range(5):
        agree(sqlite_site)
    pass_by(sqlite_site, days=90)
    assert service.expire(sqlite_site) == 5


def leave_only(site: Site, *purposes: str) -> None:
    site.store.path.write_text(settings_with(purposes), encoding="utf-8")
    site.store.reload()


def test_consents_end_a_day_after_their_purpose_has_left_the_settings(site: Site) -> None:
    """PIPL 47: what the purpose needs no more goes; the event has the vault erase it."""
    open_purpose(site, Purpose.DOOR_ACCESS)
    given, door = agree(site), agree(site, Purpose.DOOR_ACCESS)
    leave_only(site, "door_access")
    assert service.expire(site) == 0
    pass_by(site, hours=24)
    assert service.expire(site) == 0
    pass_by(site, minutes=1)
    assert (service.expire(site), service.expire(site)) == (1, 0)
    assert [service.is_valid(site, one.consent) for one in (given, door)] == [False, True]
    (act,) = acts(site, "consent.expired")
    assert (act.object, act.actor, act.details["ending"]) == (f"consent:{given.consent}", "system:consent", Ending.PURPOSE_ENDED)
    listener = Listener()
    deliver(site, listener.handlers())
    assert [event.payload["consent"] for event in listener.heard if event.name is EventName.CONSENT_EXPIRED] == [given.consent]


def test_a_purpose_that_is_back_within_a_day_ends_nothing_and_its_day_begins_anew(sqlite_site: Site) -> None:
    given = agree(sqlite_site)
    for _ in range(3):
        leave_only(sqlite_site, "door_access")
        service.expire(sqlite_site)
        pass_by(sqlite_site, hours=20)
        assert service.expire(sqlite_site) == 0
        leave_only(sqlite_site, "greeting", "door_access")
        service.expire(sqlite_site)
    assert service.is_valid(sqlite_site, given.consent)


def test_nothing_is_matched_an_hour_after_its_retention() -> None:
    assert {job.name: job.every for job in service.JOBS}["consent-expiry"] == timedelta(minutes=1)


def test_the_job_reads_no_consent_that_is_not_due_and_writes_nothing(sqlite_site: Site) -> None:
    for _ in range(20):
        agree(sqlite_site)
    service.expire(sqlite_site)
    said: list[str] = []
    listen(sqlite_site.database.engine, "before_cursor_execute", lambda *told: said.append(told[2]))
    assert service.expire(sqlite_site) == 0
    (asked,) = [one for one in said if "FROM consent \n" in one]
    with sqlite_site.database.reading() as session:
        plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}", ("2026-03-01", 500, 0)).all()
    assert all("USING" in str(step) and "INDEX ix_consent_ended_due" in str(step) for step in plan)
    assert not any(one.startswith(("INSERT", "UPDATE", "DELETE")) for one in said)


def test_a_visit_counts_for_a_valid_consent_only(sqlite_site: Site) -> None:
    given = agree(sqlite_site)
    pass_by(sqlite_site, days=90)
    with writing(sqlite_site) as work:
        service.note_visit(work, given.consent)
    assert not service.is_valid(sqlite_site, given.consent)
    with writing(sqlite_site) as work:
        service.note_visit(work, "\x00")


def test_evidence_is_kept_three_years_after_its_end_and_then_goes(site: Site) -> None:
    given = agree(site, alias="Bo")
    service.file_request(site, RequestKind.SEE)
    service.answer_request(site, DESK, service.requests(site, DESK)[0].id, GRANTED)
    service.publish_notice(site, OFFICER, Purpose.GREETING, TEXTS, replace(TERMS, model_family="sface"))
    pass_by(site, days=1095)
    assert service.forget_old(site) == 0
    assert service.copy_of(site, given.withdraw_secret)["consents"]
    pass_by(site, days=1)
    service.forget_old(site)
    assert rows(site) == {
        "consent": 0,
        "consent_person": 0,
        "consent_refusal": 0,
        "consent_lost_report": 0,
        "consent_request": 0,
        "consent_notice": 1,
        "consent_assessment": 0,
    }


def test_a_request_is_kept_three_years_after_its_answer_however_long_that_took(sqlite_site: Site) -> None:
    service.file_request(sqlite_site, RequestKind.SEE)
    pass_by(sqlite_site, days=1097)
    service.forget_old(sqlite_site)
    service.answer_request(sqlite_site, DESK, service.requests(sqlite_site, DESK)[0].id, GRANTED)
    service.forget_old(sqlite_site)
    assert rows(sqlite_site)["consent_request"] == 1


def test_a_notice_is_kept_as_long_as_a_consent_that_was_given_under_it(sqlite_site: Site) -> None:
    given = agree(sqlite_site)
    other = {**TEXTS, "en": replace(TEXTS["en"], complaint="The authority")}
    service.publish_notice(sqlite_site, OFFICER, Purpose.GREETING, other, TERMS)
    pass_by(sqlite_site, days=90)
    service.expire(sqlite_site)
    pass_by(sqlite_site, days=1095)
    service.forget_old(sqlite_site)
    assert rows(sqlite_site)["consent_notice"] == 2
    assert service.copy_of(sqlite_site, given.withdraw_secret)["consents"]
    pass_by(sqlite_site, days=1)
    service.forget_old(sqlite_site)
    assert (rows(sqlite_site)["consent"], rows(sqlite_site)["consent_notice"]) == (0, 1)


def test_refusals_and_reports_go_within_days(sqlite_site: Site) -> None:
    service.refuse(sqlite_site, yes(sqlite_site))
    service.report_lost(sqlite_site, "13800138000")
    pass_by(sqlite_site, hours=24)
    service.forget_old(sqlite_site)
    assert (rows(sqlite_site)["consent_refusal"], rows(sqlite_site)["consent_lost_report"]) == (1, 0)
    pass_by(sqlite_site, hours=24)
    service.forget_old(sqlite_site)
    assert rows(sqlite_site)["consent_refusal"] == 0


def test_a_live_consent_and_its_notice_are_never_forgotten(sqlite_site: Site) -> None:
    given = agree(sqlite_site)
    for _ in range(3):
        pass_by(sqlite_site, days=80)
        with writing(sqlite_site) as work:
            service.note_visit(work, given.consent)
    service.forget_old(sqlite_site)
    assert service.is_valid(sqlite_site, given.consent)
    assert service.grant_of(sqlite_site, given.consent)


def test_what_is_overdue_is_measured(site: Site) -> None:
    agree(site)
    assert service.lag(site) == timedelta(0)
    pass_by(site, days=90 + 3)
    assert service.lag(site) == 3 * DAY
    for job in service.JOBS:
        job.run(site)
    assert service.lag(site) == timedelta(0)


def test_the_person_s_own_state_is_told_by_the_secret(sqlite_site: Site) -> None:
    given = agree(sqlite_site)
    service.withdraw(sqlite_site, given.withdraw_secret, Via.PHONE)
    assert service.consent_by_secret(sqlite_site, given.withdraw_secret).ending is Ending.WITHDRAWN
