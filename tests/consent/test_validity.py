"""When a consent holds: tables for the rule, and whole histories against a judge that walks the timeline hour by hour."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consentry.consent import service
from consentry.consent.model import Consent, ConsentState, Ending, Purpose, Via
from consentry.consent.rules.validity import LONGEST_SUSPENSION, STATE_AFTER, ending_due, is_valid, may_ask
from consentry.ledger.work import writing
from consentry.platform.database import Database
from tests.consent.shop import NOON, TERMS, TEXTS, acts, agree, open_purpose, pass_by, site_on, yes
from tests.consent.timeline import HOUR, Happening, Timeline

if TYPE_CHECKING:
    from pathlib import Path

    from consentry.consent.model import Given
    from consentry.platform.site import Site

DAY = timedelta(days=1)
ONE = Consent("c", "p", Purpose.GREETING, ConsentState.GIVEN, "en", 1, "0" * 64, None, NOON, NOON + 30 * DAY, 10 * DAY, NOON)


@pytest.mark.parametrize(
    ("consent", "at", "ending"),
    [
        (ONE, NOON, None),
        (ONE, NOON + 10 * DAY - HOUR, None),
        (ONE, NOON + 10 * DAY, Ending.INACTIVITY),
        (replace(ONE, last_visit=NOON + 9 * DAY), NOON + 10 * DAY, None),
        (replace(ONE, last_visit=NOON + 29 * DAY), NOON + 30 * DAY, Ending.VALIDITY),
        (replace(ONE, last_visit=NOON + 29 * DAY), NOON + 90 * DAY, Ending.VALIDITY),
        (replace(ONE, retention=90 * DAY, expires=NOON + 90 * DAY, suspended=NOON), NOON + LONGEST_SUSPENSION, Ending.UNRESOLVED),
        (replace(ONE, enrol_by=NOON + 5 * DAY), NOON + 5 * DAY - HOUR, None),
        (replace(ONE, enrol_by=NOON + 5 * DAY), NOON + 20 * DAY, Ending.NOT_ENROLLED),
        (replace(ONE, enrol_by=NOON + 11 * DAY), NOON + 20 * DAY, Ending.INACTIVITY),
        (replace(ONE, ended=NOON, ending=Ending.WITHDRAWN), NOON + 90 * DAY, None),
    ],
)
def test_a_consent_ends_for_the_first_reason_there_is(consent: Consent, at: object, ending: Ending | None) -> None:
    assert ending_due(consent, at) is ending  # type: ignore[arg-type]


@pytest.mark.parametrize("state", [state for state in ConsentState if state not in {ConsentState.GIVEN, ConsentState.RENEWED}])
def test_only_given_and_renewed_consents_are_valid(state: ConsentState) -> None:
    assert is_valid(ONE, NOON)
    assert is_valid(replace(ONE, state=ConsentState.RENEWED), NOON)
    assert not is_valid(replace(ONE, state=state), NOON)


def test_a_consent_that_rests_is_not_valid() -> None:
    assert not is_valid(replace(ONE, suspended=NOON), NOON)


def test_every_ending_leaves_a_state_that_is_not_valid() -> None:
    assert set(STATE_AFTER) == set(Ending)
    assert not any(state.is_valid for state in STATE_AFTER.values())


def test_who_agrees_and_never_enrols_a_face_is_forgotten_after_thirty_days_and_the_log_says_why(sqlite_database: Database, tmp_path: Path) -> None:
    site = site_on(sqlite_database, tmp_path)
    open_purpose(site)
    enrolled, waiting = agree(site), service.give(site, yes(site, phone="13800138000"))
    assert service.consent_by_secret(site, waiting.withdraw_secret).enrol_by == NOON + 30 * DAY
    pass_by(site, days=29, hours=23)
    assert service.expire(site) == 0
    pass_by(site, hours=1)
    assert not service.is_valid(site, waiting.consent), "before the job has looked at it"
    assert service.expire(site) == 1
    assert service.is_valid(site, enrolled.consent)
    (ended,) = acts(site, "consent.expired")
    assert (ended.object, ended.details["ending"]) == (f"consent:{waiting.consent}", "not-enrolled")
    told = service.copy_of(site, waiting.withdraw_secret)
    assert told["left"] == {}, "what they left went with it"
    assert '"ending": "not-enrolled"' in json.dumps(told)
    with writing(site) as work:
        service.note_enrolled(work, waiting.consent)
    assert service.state_of(site, waiting.consent) is ConsentState.EXPIRED


def test_whoever_is_recognised_has_a_face_enrolled_though_that_was_never_noted(sqlite_database: Database, tmp_path: Path) -> None:
    site = site_on(sqlite_database, tmp_path)
    open_purpose(site)
    given = service.give(site, yes(site))
    with writing(site) as work:
        service.note_visit(work, given.consent)
    pass_by(site, days=31)
    assert service.expire(site) == 0
    assert service.is_valid(site, given.consent)


def test_nobody_asks_again_for_48_hours() -> None:
    until = NOON + timedelta(hours=48)
    assert [may_ask(until, NOON + timedelta(hours=hours)) for hours in (0, 47, 48)] == [False, False, True]
    assert may_ask(None, NOON)


histories = st.dictionaries(st.integers(1, 2400), st.lists(st.sampled_from(Happening), min_size=1, max_size=2), max_size=12)


@given(histories, st.integers(1, 60), st.integers(1, 60))
def test_the_rule_agrees_with_the_judge_on_any_history_of_visits(happenings: dict[int, list[Happening]], validity: int, retention: int) -> None:
    """The pure rule sees a consent as the histories leave it; what is over stays over."""
    visits = {hour: [Happening.VISIT] for hour in happenings}
    judged = Timeline(NOON, validity * DAY, retention * DAY, visits).valid_hours(2400)
    consent = replace(ONE, expires=NOON + validity * DAY, retention=retention * DAY)
    for hour, expected in enumerate(judged):
        now = NOON + hour * HOUR
        if hour in visits and is_valid(consent, now):
            consent = replace(consent, last_visit=now)
        assert is_valid(consent, now) is expected


@pytest.fixture(scope="module")
def fresh(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> object:
    """Return a function that makes a new site on SQLite; hypothesis asks for many in one test."""
    numbers = count()

    def make() -> Site:
        folder = tmp_path_factory.mktemp(f"site{next(numbers)}")
        shutil.copyfile(sqlite_template, folder / "main.db")
        return site_on(Database(f"sqlite:///{folder / 'main.db'}"), folder)

    return make


@settings(max_examples=25, deadline=None)
@given(histories=st.dictionaries(st.integers(1, 110 * 24), st.lists(st.sampled_from(Happening), min_size=1, max_size=2), max_size=8), job=st.booleans())
def test_the_service_agrees_with_the_judge_on_any_history_whether_or_not_the_job_ran(fresh: object, histories: dict[int, list[Happening]], job: bool) -> None:
    site: Site = fresh()  # type: ignore[operator]
    open_purpose(site)
    given = agree(site)
    hours = 130 * 24
    judged = Timeline(NOON, TERMS.validity, TERMS.retention, histories).valid_hours(hours)
    steps = sorted({*histories, *(hour for hour in range(1, hours) if judged[hour] != judged[hour - 1]), hours - 1})
    now = 0
    for hour in steps:
        pass_by(site, hours=hour - now)
        now = hour
        if job:
            service.expire(site)
            found = service.consent_by_secret(site, given.withdraw_secret)
            assert found.ended is not None or ending_due(found, site.clock.now()) is None, hour
        for happening in histories.get(hour, []):
            happen(site, given, happening)
        assert service.is_valid(site, given.consent) is judged[hour], hour
    site.database.close()


def happen(site: Site, given: Given, happening: Happening) -> None:
    if happening is Happening.VISIT:
        with writing(site) as work:
            service.note_visit(work, given.consent)
    elif happening is Happening.WITHDRAW:
        service.withdraw(site, given.withdraw_secret, Via.RECEIPT)
    elif happening is Happening.REPORT_LOST:
        service.report_lost(site, given.consent)
    elif happening is Happening.RESTORE:
        service.restore_lost(site, given.withdraw_secret)
    else:
        device = f"vault-{site.clock.now():%Y%m%d%H}-{len(service.receipts_of(site, given.withdraw_secret))}"
        terms = replace(TERMS, storage_device=device)
        current = service.current_notice(site, Purpose.GREETING)
        if current is not None and current.terms != terms:
            open_purpose(site, terms=terms, texts=TEXTS)
