"""Guardians who decide for children: only where the site lets them, at a station, with staff; and children whom nobody should have enrolled."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentry.consent import service
from consentry.consent.grants import KEY_PURPOSE, verified
from consentry.consent.model import Audience, Choice, ConsentState, Ending, Guardian, Purpose, Relation, Verification, Via
from consentry.consent.rules.guardians import as_staff_see, check_guardian, child_blockers, child_terms, child_validity
from consentry.consent.rules.notices import shown
from consentry.platform.actors import operator
from consentry.platform.database import Base
from consentry.platform.errors import ConsentryError, InputError
from consentry.platform.events import EventName, deliver
from consentry.staff.model import Reason
from tests.consent.shop import (
    CHINESE,
    DAY,
    DESK,
    ENGLISH,
    NOBODY,
    NOON,
    OFFICER,
    TERMS,
    TEXTS,
    Listener,
    acts,
    agree,
    open_purpose,
    pass_by,
    settings_with,
    site_on,
    yes,
)
from tests.consent.test_giving import VALIDATOR, records

if TYPE_CHECKING:
    from pathlib import Path

    from consentry.consent.model import Given, NoticeTerms, NoticeText
    from consentry.platform.database import Database
    from consentry.platform.site import Site

NAME = "Zhao Wenxiu"
MOTHER = Guardian(NAME, Relation.PARENT, Verification.DOCUMENT)
RULES = {
    "zh-CN": replace(CHINESE, special_rules="只存于本机，只用于问候，不转移，不披露"),
    "en": replace(ENGLISH, special_rules="Kept on this device, used to greet, not transferred, not disclosed"),
}
STATION = """
[[station]]
id = "kiosk-1"
name = {zh = "迎宾台", en = "Kiosk"}
purposes = ["greeting", "sale_attribution"]
enrols = true

[[station]]
id = "gate-1"
name = {zh = "门口", en = "Gate"}
purposes = ["greeting"]
"""


def settings(profile: str = "cn", *, guardians: bool = True) -> str:
    """Return settings with two stations, of which one enrols."""
    flag = "guardians = true\n" if guardians else ""
    return settings_with(profile=profile).replace("[recognition]\n", f"[recognition]\n{flag}") + STATION


def publish_for_children(site: Site, texts: dict[str, NoticeText] = RULES, terms: NoticeTerms | None = None, purpose: Purpose = Purpose.GREETING) -> None:
    service.publish_notice(site, OFFICER, purpose, texts, terms or child_terms(TERMS), Audience.CHILDREN)


@pytest.fixture
def unready(sqlite_database: Database, tmp_path: Path) -> Site:
    """Return a site that lets guardians decide and greets, and has no notice for children yet."""
    site = site_on(sqlite_database, tmp_path, settings())
    open_purpose(site)
    return site


@pytest.fixture
def ready(unready: Site) -> Site:
    """Return a site where a guardian can agree to a greeting."""
    publish_for_children(unready)
    return unready


def asked(site: Site, **changes: Any) -> str:  # noqa: ANN401 - the question's parts
    said = {"purpose": Purpose.GREETING, "station": "kiosk-1", "guardian": MOTHER, "present": True, **changes}
    return service.ask_guardian(site, said.pop("actor", DESK), **said)


def chosen(site: Site, **changes: Any) -> Choice:  # noqa: ANN401 - fields of the choice
    question = service.guardian_question(site, asked(site))
    notice = service.current_notice(site, Purpose.GREETING, Audience.CHILDREN)
    sha256 = notice.sha256["en"] if notice else ""
    choice = Choice(Purpose.GREETING, "en", sha256, question.action, at_least_14=False)
    return replace(choice, **{"station": question.station, "staff": question.staff, "guardian": question.guardian, **changes})


def given_by_guardian(site: Site) -> Given:
    return service.give(site, chosen(site))


def refused(ask: Any, *arguments: Any, **named: Any) -> str:  # noqa: ANN401 - any call
    with pytest.raises(ConsentryError) as error:
        ask(*arguments, **named)
    return error.value.code


@given(st.integers(1, 365))
def test_a_guardians_consent_holds_at_most_half_as_long_as_an_adults_and_never_over_half_a_year(days: int) -> None:
    held = child_validity(days * DAY)
    assert timedelta() <= held <= min(days * DAY / 2, 183 * DAY)
    assert held % DAY == timedelta()
    assert child_validity(days * DAY) + DAY > min(days * DAY / 2, 183 * DAY)
    terms = child_terms(replace(TERMS, validity=days * DAY))
    assert replace(terms, validity=TERMS.validity) == TERMS


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 81])
def test_a_guardian_has_a_name_and_is_present(name: str) -> None:
    check_guardian(MOTHER, present=True)
    with pytest.raises(InputError, match="name"):
        check_guardian(replace(MOTHER, name=name), present=True)
    with pytest.raises(InputError, match="present"):
        check_guardian(MOTHER, present=False)


def test_without_the_setting_every_child_is_refused_and_no_notice_for_children_is_published(sqlite_database: Database, tmp_path: Path) -> None:
    site = site_on(sqlite_database, tmp_path, settings(guardians=False))
    open_purpose(site)
    assert site_on(sqlite_database, tmp_path, settings_with()).settings.recognition.guardians is False
    assert not service.guardians_may_decide(site, Purpose.GREETING)
    assert refused(publish_for_children, site) == "guardian.off"
    assert refused(asked, site) == "consent.under-14"
    assert refused(service.give, site, yes(site, at_least_14=False)) == "consent.under-14"
    assert refused(service.give, site, yes(site, at_least_14=False, guardian=MOTHER, station="kiosk-1", staff=DESK)) == "consent.under-14"
    assert acts(site, "consent.given") == []


def test_switching_the_setting_off_refuses_a_guardian_whom_the_notice_was_shown_already(ready: Site) -> None:
    choice = chosen(ready)
    ready.store.path.write_text(settings(guardians=False), encoding="utf-8")
    ready.store.reload()
    assert refused(service.give, ready, choice) == "consent.under-14"


def test_a_guardian_is_asked_only_under_a_notice_for_children_with_the_terms_of_the_assessment(unready: Site) -> None:
    assert not service.guardians_may_decide(unready, Purpose.GREETING)
    assert refused(asked, unready) == "consent.closed"
    for changes in ({"validity": TERMS.validity}, {"model_family": "sface"}, {"validity": 183 * DAY}):
        assert refused(publish_for_children, unready, terms=replace(child_terms(TERMS), **changes)) == "notice.terms"
    publish_for_children(unready)
    assert service.guardians_may_decide(unready, Purpose.GREETING)
    pass_by(unready, days=366)
    assert refused(asked, unready) == "consent.closed"


def test_a_notice_for_children_says_everything_and_the_special_rules_and_that_for_everybody_does_not(unready: Site) -> None:
    for language, words in RULES.items():
        assert refused(publish_for_children, unready, {**RULES, language: TEXTS[language]}) == "notice.fields"
        assert refused(publish_for_children, unready, {**RULES, language: replace(words, impact=" ")}) == "notice.fields"
    assert refused(service.publish_notice, unready, OFFICER, Purpose.GREETING, RULES, TERMS) == "notice.fields"
    publish_for_children(unready)
    children, everybody = (service.current_notice(unready, Purpose.GREETING, audience) for audience in (Audience.CHILDREN, Audience.EVERYBODY))
    assert children is not None
    assert everybody is not None
    assert "not transferred, not disclosed" in service.text_shown(children, "en")
    assert "182 days at most" in service.text_shown(children, "en")
    assert "Special rules" not in service.text_shown(everybody, "en")
    assert shown(RULES["zh-CN"], children.terms, "zh-CN").endswith("不披露\n")
    assert list(child_blockers(everybody, children)) == []


def test_nobody_agrees_for_a_child_to_count_a_sale(unready: Site) -> None:
    open_purpose(unready, Purpose.SALE_ATTRIBUTION)
    assert refused(publish_for_children, unready, purpose=Purpose.SALE_ATTRIBUTION) == "guardian.purpose"
    assert refused(asked, unready, purpose=Purpose.SALE_ATTRIBUTION) == "consent.under-14"
    attempt = yes(unready, Purpose.SALE_ATTRIBUTION, at_least_14=False, guardian=MOTHER, station="kiosk-1", staff=DESK)
    assert refused(service.give, unready, attempt) == "consent.under-14"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"actor": NOBODY}, "access.denied"),
        ({"actor": operator("root")}, "guardian.staff"),
        ({"present": False}, "guardian.present"),
        ({"guardian": replace(MOTHER, name=" ")}, "guardian.name"),
        ({"station": "gate-1"}, "guardian.station"),
        ({"station": "nowhere"}, "guardian.station"),
        ({"purpose": Purpose.DOOR_ACCESS}, "guardian.station"),
    ],
)
def test_only_staff_who_stand_by_ask_a_verified_guardian_who_is_there(ready: Site, changes: dict[str, Any], code: str) -> None:
    assert refused(asked, ready, **changes) == code


def test_a_question_tells_no_name_is_read_by_this_site_alone_and_lasts_a_quarter_of_an_hour(ready: Site) -> None:
    question = asked(ready)
    assert NAME not in question
    read = service.guardian_question(ready, question)
    assert (read.guardian, read.station, read.staff.label, read.purpose) == (MOTHER, "kiosk-1", DESK.label, Purpose.GREETING)
    action, _, rest = question.partition(".")
    for forged in ("", ".", "a.b.c", "ü.é.ß", action, f"{action[:-1]}x.{rest}", question[:-8], f"{action}.{rest.swapcase()}"):
        assert refused(service.guardian_question, ready, forged) == "guardian.question"
    pass_by(ready, minutes=15)
    assert refused(service.guardian_question, ready, question) == "guardian.late"


@pytest.mark.parametrize("changes", [{"station": None}, {"staff": None}])
def test_a_guardian_decides_nowhere_without_station_and_staff(ready: Site, changes: dict[str, Any]) -> None:
    assert refused(service.give, ready, chosen(ready, **changes)) == "guardian.unattended"
    assert refused(service.give, ready, chosen(ready, guardian=None)) == "consent.under-14"


def test_a_guardians_yes_is_one_act_ends_early_and_its_record_says_who_decided_without_a_name(ready: Site) -> None:
    choice = chosen(ready)
    given = service.give(ready, choice)
    assert refused(service.give, ready, choice) == "consent.action-used"
    assert given.expires == NOON + 182 * DAY
    keys = {epoch: ready.keys.signing_key(KEY_PURPOSE, epoch=epoch).public_key().public_bytes_raw() for epoch in ready.keys.epochs}
    assert verified(given.grant, keys).expires == given.expires
    (record,) = records(ready)
    assert list(VALIDATOR.iter_errors(record)) == []
    assert record["cn"]["guardian"] == {"name": "sealed", "relation": "parent", "verification": "document-seen"}
    assert (record["cn"]["age_declaration"], record["cn"]["staff_id"], record["cn"]["capture_point_id"]) == ("under-14", DESK.id, "kiosk-1")
    assert record["events"][0]["entity_id"] == f"guardian-of:{given.person}"
    for broken in ({"guardian": None}, {"age_declaration": "at-least-14"}, {"staff_id": None}, {"guardian": {**record["cn"]["guardian"], "name": NAME}}):
        assert list(VALIDATOR.iter_errors({**record, "cn": {**record["cn"], **broken}})) != []


def test_the_european_profile_refuses_and_records_under_sixteen(sqlite_database: Database, tmp_path: Path) -> None:
    site = site_on(sqlite_database, tmp_path, settings("eu"))
    open_purpose(site)
    publish_for_children(site)
    given_by_guardian(site)
    (record,) = records(site)
    assert record["cn"]["age_declaration"] == "under-16"
    assert list(VALIDATOR.iter_errors(record)) == []


def test_the_log_says_that_a_guardian_decided_and_never_who_until_the_receipt_erases_the_name_too(ready: Site) -> None:
    given = given_by_guardian(ready)
    (act,) = acts(ready, "consent.given")
    assert (act.actor, act.details["guardian"]) == (DESK.label, True)
    assert service.copy_of(ready, given.withdraw_secret)["left"] == {"guardian": NAME}
    with ready.database.reading() as session:
        stored = [str(row) for table in Base.metadata.sorted_tables for row in session.execute(table.select())]
    assert any(given.consent in row for row in stored)
    assert not any(NAME in row for row in stored)
    service.withdraw(ready, given.withdraw_secret, Via.RECEIPT)
    assert service.copy_of(ready, given.withdraw_secret)["left"] == {}
    assert NAME not in json.dumps([str(one) for one in acts(ready)])


def test_a_guardians_no_keeps_nothing_of_anybody(ready: Site) -> None:
    service.refuse(ready, chosen(ready))
    (act,) = acts(ready, "consent.refused")
    assert (act.actor, act.details["person"]) == (DESK.label, None)
    assert acts(ready, "consent.given") == []


def test_staff_see_of_a_childs_consent_no_more_than_state_and_dates(ready: Site) -> None:
    child = service.give(ready, replace(chosen(ready), phone="13800138000"))
    adult = agree(ready, station="kiosk-1")
    found = {one.id: one for one in service.consents(ready, DESK)}
    assert (found[child.consent].person, found[child.consent].station, found[child.consent].audience) == ("", None, Audience.CHILDREN)
    assert (found[child.consent].state, found[child.consent].expires) == (ConsentState.GIVEN, child.expires)
    assert (found[adult.consent].person, found[adult.consent].station) == (adult.person, "kiosk-1")
    (by_phone,) = service.consents_by_phone(ready, DESK, "13800138000", Reason("lost receipt", "T-1"))
    assert by_phone == found[child.consent] == as_staff_see(by_phone)


def test_a_child_gives_no_consent_of_its_own_with_the_receipt_of_its_guardian(ready: Site) -> None:
    given = given_by_guardian(ready)
    assert refused(agree, ready, person=given.person) == "consent.guardian-needed"


def test_a_change_for_everybody_ends_childrens_consents_and_one_for_children_theirs_alone(ready: Site) -> None:
    child, adult = given_by_guardian(ready), agree(ready)
    publish_for_children(ready, {**RULES, "en": replace(RULES["en"], special_rules="Also used to count")})
    states = service.state_of(ready, child.consent), service.state_of(ready, adult.consent)
    assert states == (ConsentState.INVALIDATED, ConsentState.GIVEN)
    again = given_by_guardian(ready)
    service.publish_notice(ready, OFFICER, Purpose.GREETING, {**TEXTS, "en": replace(ENGLISH, purpose="Greet, and say goodbye")}, TERMS)
    assert service.state_of(ready, again.consent) is service.state_of(ready, adult.consent) is ConsentState.INVALIDATED
    assert service.purpose_blockers(ready, Purpose.GREETING) == ()


def test_a_child_without_a_guardians_yes_is_erased_at_once_for_every_purpose_and_the_log_says_why(ready: Site) -> None:
    open_purpose(ready, Purpose.DOOR_ACCESS)
    first = agree(ready, alias="Bo")
    second = agree(ready, Purpose.DOOR_ACCESS, person=first.person)
    other = agree(ready)
    listener = Listener()
    assert refused(service.end_under_age, ready, NOBODY, first.consent, "a teacher said so") == "access.denied"
    assert refused(service.end_under_age, ready, DESK, first.consent, " ") == "input.text"
    ended = service.end_under_age(ready, DESK, second.consent, "a teacher said so")
    assert (ended.consent, ended.ending, ended.state) == (second.consent, Ending.UNDER_AGE, ConsentState.INVALIDATED)
    assert not service.is_valid(ready, first.consent)
    assert service.is_valid(ready, other.consent)
    assert service.copy_of(ready, first.withdraw_secret)["left"] == {}
    assert [act.details["ending"] for act in acts(ready, "consent.invalidated")] == ["under-age", "under-age"]
    assert {act.reason for act in acts(ready, "consent.invalidated")} == {"a teacher said so"}
    deliver(ready, listener.handlers())
    gone = {event.payload["consent"] for event in listener.heard if event.name is EventName.CONSENT_INVALIDATED}
    assert gone == {first.consent, second.consent}
    assert service.end_under_age(ready, DESK, second.consent, "a teacher said so").at == ended.at
    assert all(list(VALIDATOR.iter_errors(record)) == [] for record in records(ready))
