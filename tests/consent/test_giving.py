"""Yes and no: what counts as a yes, what is kept of it, what a no leaves behind."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from consentry.consent import service
from consentry.consent.grants import KEY_PURPOSE, verified
from consentry.consent.marks import SECRET, new_secret
from consentry.consent.model import ConsentState, Ending, Purpose, Via
from consentry.consent.rules.choices import check_choice, least_age
from consentry.consent.service import giving
from consentry.ledger.offline import Trust, verify_bundle
from consentry.ledger.pictures import qr_svg
from consentry.ledger.rules.canonical import canonical
from consentry.ledger.service import log_key
from consentry.platform.errors import ConflictError, ConsentryError, InputError, NotFoundError, TooManyError
from consentry.platform.events import EventName, deliver
from consentry.platform.keys import SiteKeys
from consentry.platform.settings.faces import Profile
from tests.consent.shop import DESK, NOBODY, NOON, OFFICER, ROOT, TERMS, TEXTS, Listener, acts, agree, draft, open_purpose, pass_by, settings_with, site_on, yes

if TYPE_CHECKING:
    from consentry.platform.database import Database
    from consentry.platform.site import Site

SCHEMA = json.loads((Path(__file__).resolve().parents[2] / "docs" / "schemas" / "consent-record.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema_rs.validator_for(SCHEMA)


def refusal(site: Site, **changes: Any) -> str:  # noqa: ANN401 - fields of the choice
    with pytest.raises(ConsentryError) as refused:
        agree(site, **changes)
    return refused.value.code


def records(site: Site) -> list[dict[str, Any]]:
    with site.database.reading() as session:
        stored = list(session.execute(text("SELECT record FROM consent ORDER BY given")).scalars())
    assert all(canonical(json.loads(one)) == one.encode() for one in stored)
    return [json.loads(one) for one in stored]


def test_a_yes_gives_a_grant_that_the_vault_can_check(site: Site) -> None:
    given = agree(site)
    keys = {epoch: site.keys.signing_key(KEY_PURPOSE, epoch=epoch).public_key().public_bytes_raw() for epoch in site.keys.epochs}
    grant = verified(given.grant, keys)
    assert (grant.consent, grant.person, grant.site, grant.purpose) == (given.consent, given.person, "shop-1", Purpose.GREETING)
    assert (grant.model_family, grant.expires, grant.epoch, grant.may_enrol_for_doors) == ("mobilefacenet", NOON + TERMS.validity, 1, False)
    assert verified(service.grant_of(site, given.consent), keys) == grant


def test_a_yes_gives_a_receipt_that_anyone_can_check_and_that_fits_into_a_code(site: Site) -> None:
    given = agree(site)
    proven = verify_bundle(given.receipt.data, Trust((log_key(site),)))
    assert [entry.act.object for entry in proven.entries] == [f"consent:{given.consent}"]
    assert qr_svg(given.receipt).startswith(b"<?xml")
    assert given.withdraw_secret.replace("-", "") not in given.receipt.data.decode()


@pytest.mark.parametrize(("station", "expected"), [(None, False), ("kiosk-1", True)])
def test_a_person_s_own_telephone_cannot_enrol_for_doors(sqlite_bare: Site, station: str | None, expected: bool) -> None:
    open_purpose(sqlite_bare, Purpose.DOOR_ACCESS)
    given = agree(sqlite_bare, Purpose.DOOR_ACCESS, station=station)
    key = sqlite_bare.keys.signing_key(KEY_PURPOSE).public_key().public_bytes_raw()
    assert verified(given.grant, {1: key}).may_enrol_for_doors is expected


def test_every_record_fits_the_schema_through_its_whole_life(site: Site) -> None:
    open_purpose(site, Purpose.DOOR_ACCESS)
    open_purpose(site, Purpose.SALE_ATTRIBUTION)
    given = agree(site, station="kiosk-1", staff=DESK, alias="Bo", phone="13800138000")
    agree(site, Purpose.DOOR_ACCESS, language="zh-CN", notice_sha256=notice_hash(site, Purpose.DOOR_ACCESS, "zh-CN"))
    agree(site, Purpose.SALE_ATTRIBUTION)
    renewed = agree(site, person=given.person)
    service.withdraw(site, renewed.withdraw_secret, Via.PHONE)
    found = records(site)
    assert [list(VALIDATOR.iter_errors(record)) for record in found] == [[]] * 4
    states = {tuple(event["event_state"] for event in record["events"]) for record in found}
    expected = {
        ("dpv:ConsentGiven", "dpv:ConsentExpired"),
        ("dpv:ConsentGiven",),
        ("dpv:RenewedConsentGiven", "dpv:ConsentWithdrawn"),
    }
    assert states == expected


@pytest.mark.parametrize("change", [{"record_id": "1"}, {"cn": {}}, {"events": []}, {"more": 1}])
def test_the_schema_refuses_what_is_no_record(sqlite_site: Site, change: dict[str, object]) -> None:
    agree(sqlite_site)
    assert not VALIDATOR.is_valid({**records(sqlite_site)[0], **change})


def notice_hash(site: Site, purpose: Purpose, language: str) -> str:
    notice = service.current_notice(site, purpose)
    assert notice is not None
    return notice.sha256[language]


def test_the_record_holds_the_hash_of_the_text_shown_and_nothing_that_names_anyone(site: Site) -> None:
    given = agree(site, alias="Bo Li", phone="138 0013 8000", station="kiosk-1", staff=DESK)
    (record,) = records(site)
    assert record["cn"]["notice_sha256"] == notice_hash(site, Purpose.GREETING, "en")
    assert (record["record_id"], record["pii_principal_id"], record["cn"]["staff_id"]) == (given.consent, given.person, "desk-1")
    assert (record["cn"]["alternative_offered"], record["cn"]["capture_point_id"]) == (["Tell the front desk", "Show a member code"], "kiosk-1")
    assert not any(name in json.dumps(record) for name in ("Bo Li", "13800138000"))


def test_alias_and_telephone_stand_nowhere_in_clear(sqlite_site: Site) -> None:
    agree(sqlite_site, alias="Wanderer-7", phone="138 0013 8000")
    sqlite_site.database.close()
    files = [path for path in Path(str(sqlite_site.database.url.database)).parent.iterdir() if path.name.startswith("main.db")]
    kept = b"".join(path.read_bytes() for path in files)
    assert b"consent.given" in kept
    assert not any(name in kept for name in (b"Wanderer-7", b"13800138000", b"138 0013 8000"))


def test_the_secret_is_kept_as_a_keyed_hash_alone(sqlite_site: Site) -> None:
    given = agree(sqlite_site)
    sqlite_site.database.close()
    kept = Path(str(sqlite_site.database.url.database)).read_bytes()
    assert given.withdraw_secret.encode() not in kept
    assert given.withdraw_secret.replace("-", "").encode() not in kept


def test_the_ledger_names_people_by_pseudonym(site: Site) -> None:
    given = agree(site, alias="Bo", phone="13800138000", staff=DESK)
    (act,) = acts(site, "consent.given")
    assert (act.actor, act.object, act.purpose, act.details["person"]) == ("staff:desk-1", f"consent:{given.consent}", "greeting", given.person)
    agree(site)
    assert acts(site, "consent.given")[-1].actor == "system:consent"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"at_least_14": False}, "consent.under-14"),
        ({"action_id": "short"}, "consent.action"),
        ({"action_id": "x" * 65}, "consent.action"),
        ({"action_id": "no spaces at all here"}, "consent.action"),
        ({"notice_sha256": "f" * 64}, "consent.notice-changed"),
        ({"notice_sha256": ""}, "consent.notice-changed"),
        ({"language": "fr"}, "consent.language"),
        ({"language": "zh-CN"}, "consent.notice-changed"),
        ({"alias": "a" * 41}, "consent.alias"),
        ({"alias": "line\nline"}, "consent.alias"),
        ({"phone": "call me"}, "consent.phone"),
        ({"person": "f3e28861-1e02-472d-80d9-014c9a4756b4"}, "consent.person-unknown"),
        ({"person": "nobody\x00"}, "consent.person-unknown"),
        ({"staff": NOBODY}, "access.denied"),
        ({"purpose": Purpose.DOOR_ACCESS}, "consent.closed"),
    ],
)
def test_what_is_no_yes_is_refused_and_leaves_nothing(site: Site, changes: dict[str, Any], code: str) -> None:
    before = len(acts(site))
    assert refusal(site, **changes) == code
    assert len(acts(site)) == before
    assert service.consents(site, DESK) == []
    with site.database.reading() as session:
        assert session.execute(text("SELECT count(*) FROM consent_person")).scalar_one() == 0


@pytest.mark.parametrize(("profile", "age"), [("cn", 14), ("eu", 16)])
def test_the_age_asked_for_is_that_of_the_profile_and_stands_in_the_record(sqlite_database: Database, tmp_path: Path, profile: str, age: int) -> None:
    site = site_on(sqlite_database, tmp_path, settings_with(profile=profile))
    open_purpose(site)
    assert service.least_age(site) == least_age(Profile(profile)) == age
    with pytest.raises(InputError, match=f"under {age}"):
        agree(site, at_least_14=False)
    agree(site)
    (record,) = records(site)
    assert (record["cn"]["age_declaration"], list(VALIDATOR.iter_errors(record))) == (f"at-least-{age}", [])
    assert record["pii_processing"][0]["jurisdiction"] == profile.upper()


def test_telephones_cannot_fill_the_records_and_stations_go_on(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(giving, "WITHOUT_STATION_AN_HOUR", 3)
    agree(site, station="kiosk-1")
    for _ in range(3):
        agree(site)
    with pytest.raises(TooManyError) as refused:
        agree(site)
    assert (refused.value.code, len(service.consents(site, DESK))) == ("consent.too-many", 4)
    assert service.is_valid(site, agree(site, station="kiosk-1").consent)
    pass_by(site, hours=1)
    assert service.is_valid(site, agree(site).consent)


def test_one_act_is_a_yes_to_one_purpose_only(site: Site) -> None:
    open_purpose(site, Purpose.DOOR_ACCESS)
    action = "a" * 32
    agree(site, action_id=action)
    assert refusal(site, purpose=Purpose.DOOR_ACCESS, action_id=action) == "consent.action-used"
    assert refusal(site, action_id=action) == "consent.action-used"


@pytest.mark.parametrize(
    ("missing", "code"),
    [
        ("notice", "notice.missing"),
        ("assessment", "assessment.missing"),
        ("purpose", "purpose.off"),
        ("embedder", "notice.terms"),
        ("language", "notice.language"),
    ],
)
def test_a_purpose_stays_closed_until_everything_is_there(sqlite_database: Database, tmp_path: Path, missing: str, code: str) -> None:
    changed = {
        "purpose": settings_with(("door_access",)),
        "embedder": settings_with(embedder="sface"),
        "language": settings_with(languages='languages = ["en"]'),
    }
    site = site_on(sqlite_database, tmp_path, changed.get(missing))
    if missing != "assessment":
        service.sign_assessment(site, OFFICER, draft(site))
    if missing != "notice":
        texts = {"en": TEXTS["en"]} if missing == "language" else TEXTS
        service.publish_notice(site, OFFICER, Purpose.GREETING, texts, TERMS)
    if missing == "language":
        site.store.path.write_text(settings_with(), encoding="utf-8")
        site.store.reload()
    assert code in [blocker.code for blocker in service.purpose_blockers(site, Purpose.GREETING)]
    assert refusal(site) == "consent.closed"


def test_giving_again_renews_and_ends_the_earlier_consent(site: Site) -> None:
    first = agree(site, alias="Bo")
    pass_by(site, days=10)
    second = agree(site, person=first.person)
    found = {consent.id: consent for consent in service.consents(site, DESK)}
    assert second.person == first.person
    assert (found[first.consent].ending, found[second.consent].state) == (Ending.RENEWED, ConsentState.RENEWED)
    assert [service.is_valid(site, one.consent) for one in (first, second)] == [False, True]
    assert service.copy_of(site, second.withdraw_secret)["left"] == {"alias": "Bo"}


def test_two_people_are_two_pseudonyms_and_purposes_of_one_person_share_theirs(site: Site) -> None:
    open_purpose(site, Purpose.DOOR_ACCESS)
    one, other = agree(site), agree(site)
    door = agree(site, Purpose.DOOR_ACCESS, person=one.person)
    assert one.person != other.person
    assert door.person == one.person
    assert service.is_valid(site, one.consent)


def test_what_happened_is_told_to_later_slices(site: Site) -> None:
    listener = Listener()
    given = agree(site)
    deliver(site, listener.handlers())
    assert [(event.name, event.payload) for event in listener.heard] == [
        (EventName.CONSENT_GIVEN, {"consent": given.consent, "person": given.person, "purpose": "greeting"})
    ]


def test_after_a_no_nobody_asks_for_48_hours_and_the_person_may_still_begin(site: Site) -> None:
    assert service.may_prompt(site, Purpose.GREETING)
    refused = service.refuse(site, yes(site))
    assert refused.until == NOON + timedelta(hours=48)
    assert not service.may_prompt(site, Purpose.GREETING, refusal_token=refused.token)
    assert not service.may_prompt(site, Purpose.GREETING, refusal_token=refused.token.lower())
    assert service.may_prompt(site, Purpose.DOOR_ACCESS, refusal_token=refused.token)
    assert service.may_prompt(site, Purpose.GREETING, refusal_token=new_secret())
    assert service.is_valid(site, agree(site, refusal_token=refused.token).consent)
    pass_by(site, hours=47)
    assert not service.may_prompt(site, Purpose.GREETING, refusal_token=refused.token)
    pass_by(site, hours=1)
    assert service.may_prompt(site, Purpose.GREETING, refusal_token=refused.token)


def test_a_second_no_with_the_same_token_begins_the_time_anew(site: Site) -> None:
    first = service.refuse(site, yes(site))
    pass_by(site, hours=40)
    second = service.refuse(site, yes(site, refusal_token=first.token))
    pass_by(site, hours=40)
    assert second.token == first.token
    assert not service.may_prompt(site, Purpose.GREETING, refusal_token=first.token)


def test_a_known_person_s_no_is_remembered_by_person(site: Site) -> None:
    open_purpose(site, Purpose.DOOR_ACCESS)
    given = agree(site)
    service.refuse(site, yes(site, Purpose.DOOR_ACCESS, person=given.person))
    assert not service.may_prompt(site, Purpose.DOOR_ACCESS, person=given.person)
    assert service.is_valid(site, given.consent)


def test_a_no_needs_nothing_and_keeps_nothing_of_the_person(bare: Site) -> None:
    """Also where the purpose is closed, the text is old or the age is not said: a no is never refused."""
    refused = service.refuse(bare, yes(bare, at_least_14=False, notice_sha256="", action_id="", person="\x00", refusal_token="?"))  # noqa: S106 - none at all
    assert SECRET.fullmatch(refused.token)
    (act,) = acts(bare, "consent.refused")
    assert (act.object, act.details) == ("purpose:greeting", {"person": None, "station": None})


def test_a_grant_is_fresh_only_while_the_consent_holds(site: Site) -> None:
    given = agree(site)
    service.withdraw(site, given.withdraw_secret, Via.KIOSK)
    with pytest.raises(ConflictError) as refused:
        service.grant_of(site, given.consent)
    assert refused.value.code == "consent.not-valid"
    for name in ("x", "\x00", "f3e28861-1e02-472d-80d9-014c9a4756b4"):
        with pytest.raises(NotFoundError):
            service.grant_of(site, name)
        assert not service.is_valid(site, name)


def test_secrets_work_across_a_rotation_of_the_site_s_key(sqlite_site: Site) -> None:
    given = agree(sqlite_site, phone="13800138000")
    rotated = replace(sqlite_site, keys=SiteKeys(bytes(32), "shop-1", 2, {1: ROOT}))
    assert service.consent_by_secret(rotated, given.withdraw_secret).id == given.consent
    assert service.copy_of(rotated, given.withdraw_secret)["left"] == {"phone": "13800138000"}
    assert service.withdraw(rotated, given.withdraw_secret, Via.PHONE).consent == given.consent


def test_the_secret_of_another_site_is_unknown(sqlite_site: Site) -> None:
    given = agree(sqlite_site)
    other = replace(sqlite_site, keys=SiteKeys(bytes(32), "shop-2"))
    with pytest.raises(NotFoundError):
        service.consent_by_secret(other, given.withdraw_secret)


choices = st.fixed_dictionaries(
    {},
    optional={
        "at_least_14": st.booleans(),
        "language": st.sampled_from(["en", "zh-CN", "fr", ""]),
        "notice_sha256": st.sampled_from(["a" * 64, "b" * 64, ""]),
        "action_id": st.one_of(st.just("c" * 32), st.text(max_size=70)),
        "alias": st.one_of(st.none(), st.text(max_size=50)),
    },
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(changes=choices)
def test_only_a_whole_yes_to_the_text_in_force_passes(sqlite_site: Site, changes: dict[str, Any]) -> None:
    notice = service.current_notice(sqlite_site, Purpose.GREETING)
    assert notice is not None
    fixed = replace(notice, sha256={"en": "a" * 64, "zh-CN": "b" * 64})
    choice = replace(yes(sqlite_site), **{"notice_sha256": "a" * 64, **changes})
    whole = choice.at_least_14 and fixed.sha256.get(choice.language) == choice.notice_sha256
    try:
        check_choice(choice, fixed)
    except (InputError, ConflictError):
        assert not whole or changes.keys() & {"action_id", "alias"}
    else:
        assert whole
