"""The routes of consent, as a telephone and as staff call them."""

from __future__ import annotations

import base64
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consentry.consent import service
from consentry.consent.api import routers
from consentry.consent.api.visitors import REPORTED
from consentry.consent.model import Choice, Purpose, Via
from consentry.ledger.offline import Trust, verify_bundle
from consentry.ledger.service import log_key
from consentry.platform.http.access import PUBLIC, serve_site
from consentry.platform.http.limits import RateLimit
from consentry.platform.http.problems import answer_problems
from consentry.platform.http.router import GuardedRoute
from tests.api.client import Client
from tests.consent.shop import DESK, NOBODY, NOON, OFFICER, TERMS, TEXTS, agree, draft, open_purpose, settings_with, site_on, yes

if TYPE_CHECKING:
    from pathlib import Path

    from consentry.platform.database import Database
    from consentry.platform.site import Site

UNLIMITED = RateLimit(1e6, 1_000_000)
ACTORS = {"officer": OFFICER, "desk": DESK, "nobody": NOBODY}
GUARDIAN_SETTINGS = (
    settings_with().replace("[recognition]\n", "[recognition]\nguardians = true\n")
    + """
[[station]]
id = "kiosk-1"
name = {zh = "迎宾台", en = "Kiosk"}
purposes = ["greeting"]
enrols = true
"""
)
STAFF_PREFIXES = ("/notices", "/assessments", "/consents", "/requests")


def app_on(site: Site, limit: RateLimit = UNLIMITED) -> FastAPI:
    """Return the routes alone; the header ``actor`` says who asks."""
    app = FastAPI()
    serve_site(app, site, lambda _, request: ACTORS.get(request.headers.get("actor", "")), limit)
    answer_problems(app)
    for router in routers:
        app.include_router(router)
    return app


def client(site: Site, actor: str | None = None, limit: RateLimit = UNLIMITED) -> Client:
    return Client(app_on(site, limit), {"actor": actor} if actor else {})


def choice(site: Site, **changes: object) -> dict[str, Any]:
    chosen = yes(site)
    said = {"purpose": chosen.purpose, "language": chosen.language, "notice_sha256": chosen.notice_sha256, "action_id": chosen.action_id}
    return {**said, "at_least_14": True, **changes}


def terms() -> dict[str, Any]:
    said = {"method": "1:N", "model_family": TERMS.model_family, "retention_days": 90, "validity_days": 365}
    return {**said, "storage_device": "vault-1", "recipients": []}


def test_a_telephone_reads_the_notice_and_says_yes_and_keeps_its_receipts(sqlite_site: Site) -> None:
    phone = client(sqlite_site)
    shown = phone.send("GET", "/public/notices/greeting?language=en").json()
    assert shown["text"] == "\n\n".join(f"{part['heading']}\n{part['body']}" for part in shown["sections"]) + "\n"
    answer = phone.send("POST", "/public/consents", json=choice(sqlite_site, notice_sha256=shown["sha256"]))
    assert answer.status_code == 201, answer.text
    given = answer.json()
    assert given.keys() == {"consent", "expires", "withdraw_secret", "receipt"}
    verify_bundle(base64.b64decode(given["receipt"]), Trust((log_key(sqlite_site),)))
    secret = {"secret": given["withdraw_secret"]}
    service.withdraw(sqlite_site, given["withdraw_secret"], Via.PHONE)
    assert len(phone.send("POST", "/public/receipts", json=secret).json()) == 2


def test_saying_no_takes_one_request_as_saying_yes_does(sqlite_site: Site) -> None:
    phone = client(sqlite_site)
    refused = phone.send("POST", "/public/refusals", json={"purpose": "greeting", "language": "en"})
    assert refused.status_code == 201
    asked = {"purpose": "greeting", "refusal_token": refused.json()["token"]}
    assert phone.send("POST", "/public/prompts", json=asked).json() == {"may_ask": False}


def test_a_consent_given_again_belongs_to_the_same_person(sqlite_site: Site) -> None:
    phone = client(sqlite_site)
    first = phone.send("POST", "/public/consents", json=choice(sqlite_site)).json()
    again = phone.send("POST", "/public/consents", json=choice(sqlite_site, earlier_secret=first["withdraw_secret"])).json()
    people = {service.consent_by_secret(sqlite_site, one["withdraw_secret"]).person for one in (first, again)}
    assert len(people) == 1


@pytest.mark.parametrize("name", ["person", "station", "staff"])
def test_a_telephone_cannot_say_who_or_where_it_is(sqlite_site: Site, name: str) -> None:
    answer = client(sqlite_site).send("POST", "/public/consents", json=choice(sqlite_site, **{name: "kiosk-1"}))
    assert answer.status_code == 422
    assert service.consents(sqlite_site, DESK) == []


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"at_least_14": False}, 422, "consent.under-14"),
        ({"notice_sha256": "f" * 64}, 409, "consent.notice-changed"),
        ({"purpose": "door_access"}, 409, "consent.closed"),
        ({"purpose": "marketing"}, 422, None),
        ({"at_least_14": None}, 422, None),
        ({"earlier_secret": "x"}, 404, "consent.secret"),
    ],
)
def test_what_is_no_yes_is_a_problem_in_words(sqlite_site: Site, change: dict[str, object], status: int, code: str | None) -> None:
    answer = client(sqlite_site).send("POST", "/public/consents", json=choice(sqlite_site, **change))
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert code is None or answer.json()["type"].endswith(code)


def test_every_report_of_a_lost_receipt_gets_the_same_answer(sqlite_site: Site) -> None:
    given = agree(sqlite_site, phone="13800138000")
    phone = client(sqlite_site)
    answers = [phone.send("POST", "/public/lost-receipts", json={"hint": hint}) for hint in (given.consent, "13900139000", "nonsense")]
    assert {(answer.status_code, answer.text) for answer in answers} == {(202, answers[0].text)}
    assert answers[0].json() == REPORTED.model_dump()
    assert service.is_suspended(sqlite_site, given.consent)
    assert phone.send("POST", "/public/restored-consents", json={"secret": given.withdraw_secret}).json() == {"state": "ConsentGiven"}


def test_strangers_are_slowed_down(sqlite_site: Site) -> None:
    phone = client(sqlite_site, limit=RateLimit(0.001, 3))
    codes = [phone.send("POST", "/public/receipts", json={"secret": "x" * 26}).status_code for _ in range(5)]
    assert codes == [404, 404, 404, 429, 429]


def test_requests_are_limited_for_each_address_by_itself(sqlite_site: Site) -> None:
    app = app_on(sqlite_site, RateLimit(0.001, 2))
    codes = [Client(app, address=address).send("POST", "/public/requests", json={"kind": "see"}).status_code for address in ("192.0.2.1",) * 3 + ("192.0.2.2",)]
    assert codes == [201, 201, 429, 201]


def test_a_request_is_filed_listed_read_answered_and_its_answer_fetched(sqlite_site: Site) -> None:
    phone, desk = client(sqlite_site), client(sqlite_site, "desk")
    filed = phone.send("POST", "/public/requests", json={"kind": "see", "words": "Anything on me?", "contact": "at the desk"})
    assert filed.status_code == 201
    (listed,) = desk.send("GET", "/requests").json()["items"]
    assert "contact" not in listed
    read = desk.send("POST", f"/requests/{listed['id']}/details", json={"text": "to answer it", "ticket": "T-1"}).json()
    assert (read["words"], read["contact"]) == ("Anything on me?", "at the desk")
    answer = {"decision": "refused", "text": "Nothing is held.", "ground": "nothing-held"}
    assert desk.send("POST", f"/requests/{listed['id']}/answer", json=answer).status_code == 200
    state = phone.send("POST", "/public/request-states", json={"number": filed.json()["number"]}).json()
    assert (state["decision"], state["ground"], set(state["remedy"])) == ("refused", "nothing-held", {"zh-CN", "en"})


def test_staff_publish_sign_and_see_what_is_missing(sqlite_bare: Site) -> None:
    officer = client(sqlite_bare, "officer")
    assert {one["code"] for one in officer.send("GET", "/notices/greeting/blockers").json()} == {"notice.missing", "assessment.missing"}
    texts = {language: asdict(said) for language, said in TEXTS.items()}
    published = officer.send("POST", "/notices", json={"purpose": "greeting", "texts": texts, "terms": terms()})
    assert published.status_code == 201, published.text
    said = {name: getattr(draft(sqlite_bare), name) for name in ("lawfulness", "impact", "risks", "protection")}
    body = {**said, "purpose": "greeting", "terms": terms(), "expires": "2027-03-01T12:00:00+00:00"}
    assert officer.send("POST", "/assessments", json=body).json()["signed_by"] == "staff:officer-1"
    assert officer.send("GET", "/notices/greeting/blockers").json() == []
    assert officer.send("GET", "/notices").json() == [published.json()]
    assert len(officer.send("GET", "/assessments").json()) == 1
    current = service.current_notice(sqlite_bare, Purpose.GREETING)
    assert current is not None
    assert (current.texts, current.terms, current.published) == (TEXTS, TERMS, NOON)


def test_staff_list_consents_by_pseudonym_and_withdraw_after_a_check(sqlite_site: Site) -> None:
    given = agree(sqlite_site, alias="Bo", phone="13800138000")
    agree(sqlite_site)
    desk = client(sqlite_site, "desk")
    first = desk.send("GET", "/consents?limit=1").json()
    second = desk.send("GET", f"/consents?limit=1&cursor={first['next']}").json()
    assert (len(first["items"] + second["items"]), second["next"]) == (2, None)
    assert "Bo" not in str([first, second])
    (found,) = desk.send("POST", "/consents/lookup", json={"phone": "13800138000", "text": "at the desk", "ticket": "T-1"}).json()
    ended = desk.send("POST", f"/consents/{given.consent}/withdrawal", json={"reason": "showed a card"})
    assert (found["id"], ended.json()["ending"]) == (given.consent, "withdrawn")


def closed_routes() -> list[tuple[str, str]]:
    return [
        (method, route.path)
        for router in routers
        for route in router.routes
        if isinstance(route, GuardedRoute) and route.access is not PUBLIC
        for method in sorted(route.methods or ())
    ]


@pytest.mark.parametrize(("method", "path"), closed_routes())
def test_nobody_passes_without_sign_in_or_without_the_permission(sqlite_bare: Site, method: str, path: str) -> None:
    assert path.startswith(STAFF_PREFIXES)
    plain = path.replace("{", "").replace("}", "")
    assert client(sqlite_bare).send(method, plain, json={}).status_code == 401
    assert client(sqlite_bare, "nobody").send(method, plain, json={}).status_code == 403


NAMES = ("purpose", "language", "secret", "hint", "kind", "words", "number", "refusal_token", "at_least_14", "notice_sha256", "action_id", "texts", "terms")


def bodies(inner: st.SearchStrategy[object]) -> st.SearchStrategy[dict[str, object]]:
    return st.dictionaries(st.sampled_from(NAMES), inner, max_size=6)


plain = st.none() | st.booleans() | st.integers() | st.text(max_size=30)
nonsense = st.recursive(plain, lambda inner: st.lists(inner, max_size=3) | bodies(inner), max_leaves=6)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(route=st.sampled_from([route for router in routers for route in router.routes if isinstance(route, GuardedRoute)]), body=bodies(nonsense))
def test_no_body_makes_a_route_fail_or_gives_anything(sqlite_site: Site, route: GuardedRoute, body: dict[str, object]) -> None:
    method = min(route.methods or {"GET"})
    path = route.path.replace("{purpose}", "greeting").replace("{", "").replace("}", "")
    answer = client(sqlite_site, "officer").send(method, path, json=body)
    assert answer.status_code < 500, (method, path, body, answer.text)
    assert service.consents(sqlite_site, DESK) == []


GUARDIAN = {
    "purpose": "greeting",
    "station": "kiosk-1",
    "name": "Zhao Wenxiu",
    "relation": "parent",
    "verification": "document-seen",
    "present": True,
}


def test_staff_publish_for_children_and_ask_a_guardian_and_are_told_no_more_of_a_child_than_state_and_dates(sqlite_database: Database, tmp_path: Path) -> None:
    site = site_on(sqlite_database, tmp_path, GUARDIAN_SETTINGS)
    open_purpose(site)
    texts = {language: {**asdict(text), "special_rules": "Kept here, not disclosed"} for language, text in TEXTS.items()}
    body = {"purpose": "greeting", "texts": texts, "terms": {**terms(), "validity_days": 182}, "audience": "children"}
    published = client(site, "officer").post("/notices", json=body)
    assert (published.status_code, published.json()["audience"]) == (201, "children")
    read = client(site).get("/public/notices/greeting?language=en&audience=children").json()
    assert (read["sha256"], read["sections"][-1]["body"]) == (published.json()["sha256"]["en"], "Kept here, not disclosed")
    assert client(site).get("/public/notices/greeting?language=en").json()["sha256"] != read["sha256"]
    desk = client(site, "desk")
    assert client(site, "nobody").post("/consents/guardian-questions", json=GUARDIAN).status_code == 403
    for broken in ({"relation": "aunt"}, {"verification": "they said so"}, {"name": ""}, {"present": False}, {"face": "x"}):
        assert desk.post("/consents/guardian-questions", json={**GUARDIAN, **broken}).status_code == 422
    question = service.guardian_question(site, desk.post("/consents/guardian-questions", json=GUARDIAN).json()["question"])
    made = Choice(Purpose.GREETING, "en", read["sha256"], question.action, at_least_14=False, station="kiosk-1")
    given = service.give(site, replace(made, staff=question.staff, guardian=question.guardian))
    (listed,) = desk.get("/consents").json()["items"]
    assert (listed["id"], listed["person"], listed["station"], listed["audience"]) == (given.consent, "", None, "children")
    assert "Zhao" not in str(listed)


def test_staff_end_what_a_child_agreed_to_without_a_guardian(sqlite_site: Site) -> None:
    given = agree(sqlite_site)
    address = f"/consents/{given.consent}/under-age"
    assert client(sqlite_site, "nobody").post(address, json={"reason": "a teacher said so"}).status_code == 403
    assert client(sqlite_site, "desk").post(address, json={"reason": "x"}).status_code == 422
    ended = client(sqlite_site, "desk").post(address, json={"reason": "a teacher said so"}).json()
    assert (ended["consent"], ended["ending"], ended["state"]) == (given.consent, "under-age", "ConsentInvalidated")
    assert not service.is_valid(sqlite_site, given.consent)


def test_a_telephone_cannot_say_that_a_guardian_decided(sqlite_site: Site) -> None:
    for said in ({"guardian": GUARDIAN}, {"station": "kiosk-1"}, {"audience": "children"}):
        assert client(sqlite_site).post("/public/consents", json=choice(sqlite_site, at_least_14=False, **said)).status_code == 422
