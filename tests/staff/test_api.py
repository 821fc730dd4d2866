from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pyotp
import pytest
from fastapi import FastAPI

from consentry.platform.actors import Permission
from consentry.platform.http.access import serve_site
from consentry.platform.http.limits import RateLimit
from consentry.platform.http.problems import answer_problems
from consentry.platform.http.protection import SameOrigin
from consentry.platform.http.router import ApiRouter
from consentry.staff import service
from consentry.staff.api import authenticate, routers
from consentry.staff.model import Role
from tests.staff.browser import Browser
from tests.staff.people import OPERATOR, PASSWORD, Shop, token_of
from tests.staff.software_authenticator import SoftwareAuthenticator

if TYPE_CHECKING:
    from httpx import Response

    from tests.staff.people import Member

OVER_TLS, ON_LOOPBACK = "https://shop.lan", "http://127.0.0.1:8000"


def browser(shop: Shop, base: str = OVER_TLS) -> Browser:
    """Return a browser with an empty cookie jar, on a page of the site."""
    app = FastAPI()
    answer_problems(app)
    serve_site(app, shop.site, authenticate, RateLimit(1000, 1000))
    for router in routers:
        app.include_router(router, prefix="/api/v1")
    app.add_middleware(SameOrigin)
    return Browser(app, base)


def signed_in(shop: Shop, member: Member) -> Browser:
    client = browser(shop)
    begun = client.post("/public/session", json={"name": member.name, "password": PASSWORD})
    if begun.json()["ticket"]:
        shop.pass_by(seconds=30)
        client.post("/public/session/second-factor", json={"ticket": begun.json()["ticket"], "code": shop.code(member)})
    return client


def code_of(answer: Response) -> str:
    return str(answer.json()["type"]).removeprefix("urn:consentry:error:")


@pytest.mark.parametrize(
    ("base", "start", "secure"), [(OVER_TLS, "__Host-consentry=", True), (ON_LOOPBACK, "consentry=", False)], ids=["over TLS", "on loopback"]
)
def test_signing_in_brings_a_cookie_that_scripts_and_other_sites_cannot_use(sqlite_shop: Shop, base: str, start: str, *, secure: bool) -> None:
    sqlite_shop.member("li.na")
    answer = browser(sqlite_shop, base).post("/public/session", json={"name": "li.na", "password": PASSWORD})
    cookie = answer.headers["set-cookie"]
    parts = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert cookie.startswith(start)
    assert {"httponly", "samesite=strict", "path=/"} <= parts
    assert ("secure" in parts) == secure
    assert not any(part.startswith(("domain", "expires", "max-age")) for part in parts)
    assert cookie.split("=")[1].split(";")[0] not in answer.text


def test_the_cookie_signs_requests_and_signing_out_ends_it(shop: Shop) -> None:
    member = shop.member("li.na")
    client = signed_in(shop, member)
    assert client.get("/session").json()["account"] == member.id
    token = client.cookies["__Host-consentry"]
    assert client.delete("/session").status_code == 204
    assert "__Host-consentry" not in client.cookies
    assert service.actor_of(shop.site, token) is None
    client.cookies.set("__Host-consentry", token)
    assert client.get("/session").status_code == 401


def test_a_cookie_that_holds_no_longer_does_not_hinder_signing_in(sqlite_shop: Shop) -> None:
    sqlite_shop.member("li.na")
    client = browser(sqlite_shop)
    client.cookies.set("__Host-consentry", "stale")
    assert client.post("/public/session", json={"name": "li.na", "password": PASSWORD}).status_code == 200


def test_a_second_factor_is_proven_in_a_second_step(sqlite_shop: Shop) -> None:
    member = sqlite_shop.administrator()
    client = browser(sqlite_shop)
    first = client.post("/public/session", json={"name": member.name, "password": PASSWORD})
    assert first.json()["ways"] == ["one-time-codes"]
    assert "set-cookie" not in first.headers
    sqlite_shop.pass_by(seconds=30)
    proof = {"ticket": first.json()["ticket"], "code": sqlite_shop.code(member)}
    assert client.post("/public/session/second-factor", json={"ticket": proof["ticket"]}).status_code == 422
    assert client.post("/public/session/second-factor", json={**proof, "recovery_code": "x"}).status_code == 422
    assert client.post("/public/session/second-factor", json=proof).status_code == 200
    assert "manage-staff" in client.get("/session").json()["permissions"]


def test_a_security_key_is_enrolled_and_signs_in(sqlite_shop: Shop) -> None:
    member, key = sqlite_shop.member("li.na"), SoftwareAuthenticator()
    client = signed_in(sqlite_shop, member)
    begun = client.post("/session/second-factors/security-key").json()
    answer = {"ticket": begun["ticket"], "label": "blue key", "answer": key.register(begun["options"])}
    assert len(client.put("/session/second-factors/security-key", json=answer).json()["recovery_codes"]) == 10
    stranger = browser(sqlite_shop)
    ticket = stranger.post("/public/session", json={"name": "li.na", "password": PASSWORD}).json()["ticket"]
    asked = stranger.post("/public/session/security-key", json={"ticket": ticket}).json()["options"]
    done = stranger.post("/public/session/second-factor", json={"ticket": ticket, "answer": key.answer(asked)})
    assert done.status_code == 200
    assert stranger.get("/session/second-factors").json()[0]["label"] == "blue key"


def test_an_invitation_leads_to_an_enrolled_administrator(sqlite_shop: Shop) -> None:
    client = browser(sqlite_shop)
    token = {"token": token_of(str(service.first_administrator_link(sqlite_shop.site)))}
    assert client.post("/public/invitation", json=token).json()["role"] == "administrator"
    accepted = client.post("/public/invitation/acceptance", json={**token, "name": "wang.wei", "password": PASSWORD})
    assert accepted.json()["must_enrol"] is True
    assert client.get("/staff").status_code == 403
    begun = client.post("/session/second-factors/one-time-codes").json()
    before = client.cookies["__Host-consentry"]
    proof = {"ticket": begun["ticket"], "label": "phone", "code": pyotp.TOTP(begun["secret"]).at(sqlite_shop.clock.now())}
    assert client.put("/session/second-factors/one-time-codes", json=proof).status_code == 200
    assert client.cookies["__Host-consentry"] != before
    assert [one["name"] for one in client.get("/staff").json()] == ["wang.wei"]


def test_a_page_of_another_site_changes_nothing_with_our_cookie(sqlite_shop: Shop) -> None:
    client = signed_in(sqlite_shop, sqlite_shop.administrator())
    invitation = {"name": "new", "role": "auditor"}
    for origin in ("https://evil.example", "https://shop.lan.evil.example", "http://shop.lan", "null"):
        answer = client.post("/staff", json=invitation, headers={"Origin": origin})
        assert (answer.status_code, code_of(answer)) == (403, "access.other-origin")
    assert client.post("/staff", json=invitation).status_code == 201


def test_a_page_of_another_site_cannot_sign_somebody_in_under_its_own_account(sqlite_shop: Shop) -> None:
    sqlite_shop.member("li.na")
    answer = browser(sqlite_shop).post("/public/session", json={"name": "li.na", "password": PASSWORD}, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def test_an_api_key_is_a_bearer_token(sqlite_shop: Shop) -> None:
    client = signed_in(sqlite_shop, sqlite_shop.administrator())
    expires = (sqlite_shop.clock.now() + timedelta(days=3)).isoformat()
    made = client.post("/api-keys", json={"label": "till", "scopes": ["view-staff"], "expires": expires})
    program = browser(sqlite_shop)
    bearer = {"Authorization": f"Bearer {made.json()['text']}"}
    assert program.get("/staff", headers=bearer).status_code == 200
    assert program.get("/session", headers=bearer).status_code == 403
    assert client.delete(f"/api-keys/{made.json()['key']['id']}").status_code == 204
    assert code_of(program.get("/staff", headers=bearer)) == "access.api-key"


@pytest.mark.parametrize("credentials", ["Bearer wrong", "Bearer ", "Basic bGk6bmE=", "", "bearer consentry_0_0"])
def test_wrong_credentials_are_not_made_good_by_a_cookie_beside_them(sqlite_shop: Shop, credentials: str) -> None:
    client = signed_in(sqlite_shop, sqlite_shop.member("li.na"))
    answer = client.get("/session", headers={"Authorization": credentials})
    assert (answer.status_code, code_of(answer)) == (401, "access.api-key")


def test_whoever_waits_is_told_how_long(sqlite_shop: Shop) -> None:
    client = browser(sqlite_shop)
    answers = [client.post("/public/session", json={"name": "nobody", "password": "x"}) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    assert answers[-1].headers["retry-after"] == "1"


def test_the_answers_to_known_and_unknown_names_are_equal(sqlite_shop: Shop) -> None:
    sqlite_shop.member("li.na")

    def asked(name: str) -> dict[str, Any]:
        answer = browser(sqlite_shop).post("/public/session", json={"name": name, "password": "wrong"})
        return {**answer.json(), "status": answer.status_code, "headers": sorted(answer.headers)}

    assert asked("li.na") == asked("nobody")


def test_confirming_renews_the_cookie_and_permits_dangerous_acts_again(sqlite_shop: Shop) -> None:
    client = signed_in(sqlite_shop, sqlite_shop.administrator())
    sqlite_shop.pass_by(minutes=10)
    invitation = {"name": "new", "role": "auditor"}
    assert code_of(client.post("/staff", json=invitation)) == "access.confirm"
    before = client.cookies["__Host-consentry"]
    assert client.post("/session/confirmation", json={"password": PASSWORD}).status_code == 200
    assert client.cookies["__Host-consentry"] != before
    assert client.post("/staff", json=invitation).status_code == 201


def test_accounts_are_managed_over_http(sqlite_shop: Shop) -> None:
    client = signed_in(sqlite_shop, sqlite_shop.administrator())
    member = sqlite_shop.member("li.na", second_factor=True)
    path = f"/staff/{member.id}"
    reason = {"reason": "asked by the holder"}
    assert client.post(f"{path}/viewing", json={**reason, "ticket": "R-7"}).json()["account"]["name"] == "li.na"
    assert client.post(f"{path}/viewing", json=reason).status_code == 422
    assert client.put(f"{path}/role", json={"role": "auditor"}).status_code == 204
    assert client.post(f"{path}/second-factor-reset", json=reason).status_code == 204
    assert client.delete(f"{path}/sessions").status_code == 204
    assert client.post(f"{path}/disabling", json=reason).status_code == 204
    assert client.post(f"{path}/enabling").status_code == 204
    assert client.post(f"{path}/recovery", json=reason).json()["purpose"] == "recover"
    reviewed = {row["account"]["name"]: row["account"]["role"] for row in client.post("/staff/review").json()}
    assert reviewed["li.na"] == "auditor"
    assert client.get("/api-keys").json() == []


def test_ones_own_account_is_managed_over_http(sqlite_shop: Shop) -> None:
    member = sqlite_shop.member("li.na", second_factor=True)
    client, elsewhere = signed_in(sqlite_shop, member), signed_in(sqlite_shop, member)
    assert client.get("/session/account").json()["name"] == "li.na"
    listed = [one["id"] for one in client.get("/session/all").json()]
    assert len(listed) == 3
    assert len(client.put("/session/second-factors/recovery-codes").json()["recovery_codes"]) == 10
    factor = client.get("/session/second-factors").json()[0]["id"]
    assert client.delete(f"/session/second-factors/{factor}").status_code == 204
    change = {"password": PASSWORD, "new_password": "another sentence to remember"}
    assert client.put("/session/password", json=change).status_code == 200
    assert elsewhere.get("/session").status_code == 401
    own = client.get("/session/all").json()[0]["id"]
    assert client.delete(f"/session/all/{own}").status_code == 204
    assert client.get("/session").status_code == 401


def test_a_wrong_password_is_never_repeated_in_an_answer(sqlite_shop: Shop) -> None:
    sqlite_shop.member("li.na")
    client = browser(sqlite_shop)
    for body in ({"name": "li.na", "password": "s3cret-s3cret-s3cret", "more": 1}, {"name": 5, "password": "s3cret-s3cret-s3cret"}):
        answer = client.post("/public/session", json=body)
        assert answer.status_code == 422
        assert "s3cret" not in answer.text


def test_every_route_names_a_permission_that_some_role_holds_or_is_public_under_its_place() -> None:
    routes = [route for router in routers for route in router.routes]
    assert all(isinstance(router, ApiRouter) for router in routers)
    for route in routes:
        access = getattr(route, "access", None)
        assert access is not None
        assert (not isinstance(access, Permission)) == str(getattr(route, "path", "")).startswith("/public/")


def test_a_store_manager_gets_no_further_than_the_own_account(sqlite_shop: Shop) -> None:
    client = signed_in(sqlite_shop, sqlite_shop.member("li.na"))
    other = service.invite(sqlite_shop.site, OPERATOR, "other", Role.AUDITOR).account
    assert [client.get("/staff").status_code, client.get("/api-keys").status_code] == [403, 403]
    assert client.post(f"/staff/{other}/enabling").status_code == 403
