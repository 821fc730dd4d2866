"""Notices: what they must say, how they are hashed, and what publishing one ends."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentry.consent import service
from consentry.consent.model import ConsentState, Ending, Method, Notice, NoticeTerms, NoticeText, Purpose
from consentry.consent.rules import sections, sha256_of, shown
from consentry.consent.rules.notices import DAY, LONGEST_RETENTION, binds_otherwise, check_notice, terms_sha256
from consentry.platform.actors import Permission, permission_of
from consentry.platform.errors import ConflictError, DeniedError, InputError, NotFoundError
from consentry.platform.events import EventName, deliver
from consentry.platform.settings.faces import Profile
from tests.consent.shop import CHINESE, DESK, ENGLISH, NOON, OFFICER, TERMS, TEXTS, Listener, acts, agree, draft, open_purpose, settings_with, yes

if TYPE_CHECKING:
    from consentry.platform.site import Site

LANGUAGES = ["zh-CN", "en"]
GREETING = Purpose.GREETING
FIELDS = [field.name for field in fields(NoticeText) if field.name != "special_rules"]
"""What every notice says; the special rules stand in one for children alone."""


def refusal(texts: dict[str, NoticeText] | None = None, terms: NoticeTerms = TERMS, purpose: Purpose = GREETING) -> InputError:
    with pytest.raises(InputError) as refused:
        check_notice(purpose, texts if texts is not None else TEXTS, terms, LANGUAGES)
    return refused.value


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("nothing", ["", " \n\t"])
def test_no_field_may_be_empty_in_any_language(language: str, field: str, nothing: str) -> None:
    refused = refusal({**TEXTS, language: replace(TEXTS[language], **{field: nothing})})
    assert refused.code == "notice.fields"
    assert f"{language}.{field}" in refused.problem


def test_every_empty_field_is_named_at_once() -> None:
    refused = refusal({"zh-CN": replace(CHINESE, minors="", rights=""), "en": replace(ENGLISH, impact="")})
    assert all(name in refused.problem for name in ("zh-CN.minors", "zh-CN.rights", "en.impact"))


@pytest.mark.parametrize("texts", [{}, {"en": ENGLISH}, {**TEXTS, "fr": ENGLISH}])
def test_a_notice_is_in_every_language_of_the_site_and_in_no_unknown_one(texts: dict[str, NoticeText]) -> None:
    assert refusal(texts).code == "notice.languages"


@pytest.mark.parametrize(
    "change",
    [
        {"validity": timedelta(days=366)},
        {"validity": timedelta(0)},
        {"validity": timedelta(hours=36)},
        {"retention": timedelta(days=91)},
        {"retention": timedelta(0)},
        {"retention": timedelta.max},
        {"storage_device": ""},
        {"recipients": ("",)},
        {"model_family": ""},
        {"model_family": "Model One"},
    ],
)
def test_terms_are_finite_and_name_the_device(change: dict[str, Any]) -> None:
    assert refusal(terms=replace(TERMS, **change)).code == "notice.terms"


def test_a_door_may_keep_a_template_for_a_year_without_a_visit_and_a_greeting_may_not() -> None:
    check_notice(Purpose.DOOR_ACCESS, TEXTS, replace(TERMS, retention=365 * DAY), LANGUAGES)
    assert max(LONGEST_RETENTION.values()) == 365 * DAY
    assert refusal(terms=replace(TERMS, retention=365 * DAY)).code == "notice.terms"


@pytest.mark.parametrize("text", ["nul \x00", "half \ud800", "bell \x07", "wide \u2028line"])
def test_what_cannot_be_shown_is_refused(text: str) -> None:
    assert refusal({**TEXTS, "en": replace(ENGLISH, purpose=text)}).code == "notice.fields"


def test_luring_words_are_refused_by_name() -> None:
    refused = refusal({**TEXTS, "en": replace(ENGLISH, alternatives="Members skip the queue")})
    assert (refused.code, "en.alternatives: skip the queue" in refused.problem) == ("notice.wording", True)


def test_every_field_is_shown_under_a_heading_and_the_terms_below_the_words() -> None:
    for language, text in TEXTS.items():
        parts = sections(text, TERMS, language)
        whole = shown(text, TERMS, language)
        assert len(parts) == len(FIELDS) == len({heading for heading, _ in parts})
        assert all(getattr(text, name) in whole for name in FIELDS)
        assert all(part in whole for part in ("90", "365", "mobilefacenet", "vault-1"))
        assert whole == "\n\n".join(f"{heading}\n{body}" for heading, body in parts) + "\n"


def test_the_hash_is_that_of_the_text_exactly_as_shown(sqlite_bare: Site) -> None:
    notice = service.publish_notice(sqlite_bare, OFFICER, GREETING, TEXTS, TERMS)
    for language in LANGUAGES:
        assert notice.sha256[language] == sha256(service.text_shown(notice, language).encode()).hexdigest()
    with pytest.raises(InputError, match="not written in this language"):
        service.text_shown(notice, "fr")


@given(st.sampled_from([field.name for field in fields(NoticeText)]), st.sampled_from(LANGUAGES))
def test_any_other_word_makes_another_hash(field: str, language: str) -> None:
    other = replace(TEXTS[language], **{field: getattr(TEXTS[language], field) + "."})
    assert sha256_of(shown(other, TERMS, language)) != sha256_of(shown(TEXTS[language], TERMS, language))


other_terms = st.sampled_from(
    [
        replace(TERMS, method=Method.ONE_TO_ONE),
        replace(TERMS, model_family="sface"),
        replace(TERMS, retention=30 * DAY),
        replace(TERMS, validity=30 * DAY),
        replace(TERMS, recipients=("Agency",)),
        replace(TERMS, storage_device="vault-2"),
    ]
)


@given(other_terms)
def test_any_other_term_makes_another_hash_and_binds_otherwise(terms: NoticeTerms) -> None:
    assert all(sha256_of(shown(TEXTS[language], terms, language)) != sha256_of(shown(TEXTS[language], TERMS, language)) for language in LANGUAGES)
    assert terms_sha256(terms) != terms_sha256(TERMS)
    assert binds_otherwise(notice_of(), replace(notice_of(), terms=terms))


@pytest.mark.parametrize("field", [field.name for field in fields(NoticeText)])
def test_other_words_bind_otherwise_where_they_say_what_is_done_with_the_data(field: str) -> None:
    after = replace(notice_of(), texts={**TEXTS, "en": replace(ENGLISH, **{field: "Something else."})})
    assert binds_otherwise(notice_of(), after) is (field in {"purpose", "method", "data_types", "retention", "recipients", "special_rules"})


def test_another_profile_binds_otherwise() -> None:
    """Templates lie in the vault under one, and in the person's own hands under the other."""
    assert binds_otherwise(notice_of(), replace(notice_of(), profile=Profile.EU))


def test_a_change_of_profile_closes_a_purpose_until_a_notice_says_so_and_ends_what_was_agreed(site: Site) -> None:
    given = agree(site)
    site.store.path.write_text(settings_with(profile="eu"), encoding="utf-8")
    site.store.reload()
    assert [blocker.code for blocker in service.purpose_blockers(site, GREETING)] == ["notice.terms"]
    with pytest.raises(ConflictError):
        agree(site)
    notice = service.publish_notice(site, OFFICER, GREETING, TEXTS, TERMS)
    assert (notice.profile, service.current_notice(site, GREETING)) == (Profile.EU, notice)
    assert service.purpose_blockers(site, GREETING) == ()
    assert service.consent_by_secret(site, given.withdraw_secret).ending is Ending.TERMS


def test_one_more_language_binds_as_before() -> None:
    assert not binds_otherwise(replace(notice_of(), texts={"en": ENGLISH}), notice_of())


def notice_of() -> Notice:
    return Notice(GREETING, 1, TEXTS, TERMS, {}, NOON, Profile.CN)


def test_publishing_and_looking_name_their_permissions(site: Site) -> None:
    assert permission_of(service.publish_notice) is Permission.PUBLISH_NOTICE
    assert permission_of(service.notices) is permission_of(service.consents) is permission_of(service.requests) is Permission.VIEW_CONSENTS
    with pytest.raises(DeniedError):
        service.publish_notice(site, DESK, GREETING, TEXTS, TERMS)


def test_versions_count_up_and_the_newest_is_in_force(bare: Site) -> None:
    assert service.current_notice(bare, GREETING) is None
    first = service.publish_notice(bare, OFFICER, GREETING, TEXTS, TERMS)
    second = service.publish_notice(bare, OFFICER, GREETING, {**TEXTS, "en": replace(ENGLISH, complaint="The authority")}, TERMS)
    door = service.publish_notice(bare, OFFICER, Purpose.DOOR_ACCESS, TEXTS, TERMS)
    assert [(notice.purpose, notice.version) for notice in service.notices(bare, DESK)] == [(Purpose.DOOR_ACCESS, 1), (GREETING, 2), (GREETING, 1)]
    assert (first.version, second, door.version) == (1, service.current_notice(bare, GREETING), 1)


def test_what_changes_nothing_is_not_published(bare: Site) -> None:
    service.publish_notice(bare, OFFICER, GREETING, TEXTS, TERMS)
    with pytest.raises(ConflictError) as refused:
        service.publish_notice(bare, OFFICER, GREETING, TEXTS, TERMS)
    assert refused.value.code == "notice.same"


def test_a_change_of_terms_ends_the_consents_given_under_them_at_once(site: Site) -> None:
    first, second = agree(site), agree(site)
    open_purpose(site, Purpose.DOOR_ACCESS)
    door = agree(site, Purpose.DOOR_ACCESS)
    service.publish_notice(site, OFFICER, GREETING, TEXTS, replace(TERMS, retention=30 * DAY))
    assert [service.is_valid(site, given.consent) for given in (first, second, door)] == [False, False, True]
    assert service.state_of(site, first.consent) is ConsentState.INVALIDATED
    assert {found.ending for found in service.consents(site, DESK, purpose=GREETING)} == {Ending.TERMS}
    assert acts(site, "consent.notice-published")[-1].details["ended"] == 2
    listener = Listener()
    deliver(site, listener.handlers())
    ended = [event.payload for event in listener.heard if event.name is EventName.CONSENT_INVALIDATED]
    assert sorted(str(one["consent"]) for one in ended) == sorted([first.consent, second.consent])
    assert ended[0].keys() == {"consent", "person", "purpose"}


def test_other_words_about_rights_leave_consents_as_they_are(site: Site) -> None:
    given = agree(site)
    service.publish_notice(site, OFFICER, GREETING, {**TEXTS, "en": replace(ENGLISH, complaint="The authority")}, TERMS)
    assert service.is_valid(site, given.consent)
    assert service.grant_of(site, given.consent)


def test_who_read_the_old_text_has_not_agreed_to_the_new_one(site: Site) -> None:
    choice = yes(site)
    service.publish_notice(site, OFFICER, GREETING, {**TEXTS, "en": replace(ENGLISH, complaint="The authority")}, TERMS)
    with pytest.raises(ConflictError) as refused:
        service.give(site, choice)
    assert refused.value.code == "consent.notice-changed"


def test_where_publishing_fails_no_consent_ends(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    given = agree(site)

    def fail(*_: object) -> None:
        raise NotFoundError("x.y", "x", "x", "x")

    monkeypatch.setattr("consentry.consent.work.publish", fail)
    with pytest.raises(NotFoundError):
        service.publish_notice(site, OFFICER, GREETING, TEXTS, replace(TERMS, retention=30 * DAY))
    assert service.is_valid(site, given.consent)
    notice = service.current_notice(site, GREETING)
    assert notice is not None
    assert notice.version == 1


def test_an_assessment_for_other_terms_ends_with_them(site: Site) -> None:
    service.publish_notice(site, OFFICER, GREETING, TEXTS, replace(TERMS, storage_device="vault-2"))
    assert [found.expires for found in service.assessments(site, DESK)] == [site.clock.now()]
    service.publish_notice(site, OFFICER, GREETING, TEXTS, TERMS)
    assert [blocker.code for blocker in service.purpose_blockers(site, GREETING)] == ["assessment.expired"]


def test_an_assessment_signed_beforehand_keeps_a_purpose_open_across_a_change(site: Site) -> None:
    new = replace(TERMS, storage_device="vault-2")
    service.sign_assessment(site, OFFICER, draft(site, terms=new))
    assert service.purpose_blockers(site, GREETING) == ()
    service.publish_notice(site, OFFICER, GREETING, TEXTS, new)
    assert service.purpose_blockers(site, GREETING) == ()
