"""The routes of the register, as staff call them."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI

from consentry.access.api.credentials import routers as credential_routers
from consentry.access.api.people import routers as people_routers
from consentry.access.api.policies import router as policy_router
from consentry.platform.http.access import serve_site
from consentry.platform.http.limits import RateLimit
from consentry.platform.http.problems import answer_problems
from consentry.platform.http.router import GuardedRoute
from tests.access.register.house import DAY, NOBODY, STAFF, UID, WHY, House, holder_key, policy
from tests.api.client import Client

if TYPE_CHECKING:
    from consentry.platform.actors import Actor

ROUTERS = (*people_routers, *credential_routers, policy_router)


def client(house: House, actor: Actor | None = STAFF) -> Client:
    """Return the routes alone, asked by one actor, or by a stranger."""
    app = FastAPI()
    serve_site(app, house.site, lambda *_: actor, RateLimit(1e6, 1_000_000))
    answer_problems(app)
    for router in ROUTERS:
        app.include_router(router)
    return Client(app)


def test_somebody_moves_in_and_out_over_http(house: House) -> None:
    staff = client(house)
    assert staff.put("/doors/groups/owners", json={"zh": "业主", "en": "Owners"}).json()["id"] == "owners"
    person = staff.post("/doors/people", json={"kind": "member", "name": "王安", "unit": "3-1201", "groups": ["owners"]}).json()
    path = f"/doors/people/{person['id']}"
    assert "name" not in person
    assert [one["id"] for one in staff.post("/doors/people/of-unit", json={"unit": "3-1201"}).json()] == [person["id"]]
    viewed = staff.post("/doors/people/viewing", json={"people": [person["id"]], "text": "card was found", "ticket": "T-1"})
    assert (viewed.json(), viewed.headers["cache-control"]) == ([{"person": person["id"], "name": "王安", "unit": "3-1201"}], "no-store")
    changed = staff.put(f"{path}/terms", json={"groups": ["owners"], "longer_release": True, "reason": WHY}).json()
    assert (changed["longer_release"], changed["host"]) == (True, None)
    assert staff.put(f"{path}/name", json={"name": "王安娜", "unit": "3-1201", "reason": WHY}).status_code == 204
    assert staff.post(f"{path}/suspension", json={"reason": WHY}).json()["suspended"] is True
    assert staff.post(f"{path}/resumption", json={"reason": WHY}).json()["suspended"] is False
    assert staff.post(f"{path}/erasure", json={"reason": WHY}).status_code == 409
    assert staff.post(f"{path}/ending", json={"reason": WHY}).status_code == 204
    assert staff.get(f"{path}/erasure").json()["people"] == 1
    erased = staff.post(f"{path}/erasure", json={"reason": WHY}).json()
    assert (erased["scope"]["people"], json.loads(base64.b64decode(erased["certificate"]))["entries"] != []) == (1, True)
    assert staff.post(f"{path}/erasure", json={"reason": WHY}).json() is None
    assert (staff.get(path).json()["left"] is None, staff.get(path).json()["erased"]) == (False, True)
    assert staff.send("DELETE", "/doors/groups/owners").status_code == 409
    assert [one["id"] for one in staff.get("/doors/groups").json()] == ["owners", "residents", "staff"]


def test_what_somebody_holds_over_http(house: House) -> None:
    staff, person = client(house), house.member()
    path = f"/doors/people/{person.id}"
    consent = {"consent": house.agreed().consent}
    assert staff.post(f"{path}/face", json=consent).json()["type"].endswith("credential.face-alone")
    card = staff.post(f"{path}/cards", json={"uid": UID, "doors": ["front"]}).json()
    assert (card["kind"], card["state"], card["doors"], UID in str(card)) == ("card", "active", ["front"], False)
    pin = staff.post(f"{path}/pins", json={"with_card": card["id"], "with_duress": True})
    assert (len(pin.json()["pin"]), len(pin.json()["duress"]), pin.headers["cache-control"]) == (6, 6, "no-store")
    phone = staff.post(f"{path}/telephones", json={"holder": base64.b64encode(holder_key()).decode()})
    assert phone.json()["text"].startswith("CP1.")
    assert staff.post(f"{path}/telephones", json={"holder": "!"}).status_code == 422
    face = staff.post(f"{path}/face", json=consent).json()
    assert staff.post("/doors/credentials/look-up", json={"uid": UID}).json()["id"] == card["id"]
    made = staff.post(f"/doors/credentials/{card['id']}/replacement", json={"uid": "01020304", "reason": WHY}).json()
    lost = {"state": "lost", "reason": WHY}
    changes = [staff.post(f"/doors/credentials/{name}/state", json=lost).json() for name in (phone.json()["credential"]["id"], made["id"])]
    assert [one["faces_suspended"] for one in changes] == [[], [face["id"]]]
    assert staff.get(f"/doors/credentials/{face['id']}").json()["why"] == "last-other"
    assert {one["state"] for one in staff.get(f"{path}/credentials").json()} == {"ended", "lost", "suspended"}


def test_a_loan_over_http(house: House) -> None:
    owner = house.member()
    until = (house.site.clock.now() + DAY).isoformat()
    loan = {"credential": house.card(owner).id, "name": "保姆", "doors": ["front"], "valid_until": until, "reason": WHY}
    lent = client(house).post(f"/doors/people/{owner.id}/loans", json=loan).json()
    assert (lent["credential"]["kind"], lent["pin"], lent["credential"]["person"]) == ("card", None, lent["person"])
    (out,) = client(house).get(f"/doors/loans?owner={owner.id}").json()
    assert (out["credential"], out["borrower"], out["overdue"]) == (loan["credential"], lent["person"], False)
    assert client(house).post(f"/doors/loans/{out['credential']}/return", json={"reason": WHY}).status_code == 204
    assert client(house).get("/doors/loans").json() == []


def test_the_policy_over_http(house: House) -> None:
    staff, person = client(house), house.member()
    rule = {"id": "r", "group": "residents", "doors": ["front"], "schedule": None, "deny": False}
    document: dict[str, Any] = dict(policy([rule]).document)
    preview = staff.post("/doors/policy/preview", json={"document": document}).json()
    assert preview["changes"][0]["person"] == person.id
    assert preview["changes"][0]["gained"][0] == {"day": "monday", "start": 0, "end": 1440}
    application = {"document": document, "expected_version": 0, "reason": WHY}
    applied = staff.post("/doors/policy", json=application)
    assert (applied.status_code, applied.json()["sha256"]) == (201, preview["sha256"])
    assert staff.post("/doors/policy", json={**application, "document": {**document, "rules": []}}).status_code == 412
    assert staff.get("/doors/policy").json()["document"]["rules"] == [rule]
    assert [one["version"] for one in staff.get("/doors/policy/versions").json()] == [1]
    assert staff.post("/doors/policy/preview", json={"document": {"rules": 1}}).status_code == 422


def test_the_draft_of_the_policy_over_http(house: House) -> None:
    staff, document = client(house), dict(policy([]).document)
    assert staff.get("/doors/policy/draft").json() is None
    begun = staff.put("/doors/policy/draft", json={"document": document}).json()
    named = staff.put("/doors/policy/draft/name", json={"seen": begun["edit"], "name": "Autumn"}).json()
    assert (named["name"], named["begun_by"], named["document"]["rules"]) == ("Autumn", STAFF.label, [])
    assert staff.put("/doors/policy/draft", json={"document": document, "seen": begun["edit"]}).status_code == 412
    assert staff.send("DELETE", f"/doors/policy/draft?seen={begun['edit']}").status_code == 412
    published = {"seen": named["edit"], "expected_version": 0, "reason": WHY}
    assert staff.post("/doors/policy/draft/publication", json=published).json()["version"] == 1
    again = staff.put("/doors/policy/draft", json={"document": document}).json()
    assert staff.send("DELETE", f"/doors/policy/draft?seen={again['edit']}").status_code == 204
    assert staff.get("/doors/policy/draft").json() is None


def test_people_come_in_pages(house: House) -> None:
    names = []
    for _ in range(3):
        house.pass_by(seconds=1)
        names.append(house.member().id)
    staff = client(house)
    first = staff.get("/doors/people?limit=2").json()
    rest = staff.get(f"/doors/people?limit=2&cursor={first['next']}").json()
    assert [one["id"] for one in [*first["items"], *rest["items"]]] == names[::-1]
    assert rest["next"] is None


def test_whoever_lacks_the_permission_is_refused_by_every_route(house: House) -> None:
    nobody, stranger = client(house, NOBODY), client(house, None)
    for route in (route for router in ROUTERS for route in router.routes):
        assert isinstance(route, GuardedRoute)
        path = route.path.replace("{person}", "x").replace("{credential}", "x").replace("{group}", "x")
        for method in route.methods or ():
            assert (nobody.send(method, path).status_code, stranger.send(method, path).status_code) == (403, 401), (method, path)


def test_texts_that_no_database_takes_are_no_names_of_anything(any_house: House) -> None:
    staff = client(any_house)
    for name in ("%00", "a%00" * 9, "x" * 400, "%F0%9F%98%80"):
        assert [staff.get(f"/doors/people/{name}{part}").status_code for part in ("", "/credentials")] == [404] * 2
        assert staff.get(f"/doors/credentials/{name}").status_code == 404
        assert staff.send("DELETE", f"/doors/groups/{name}").status_code == 404
        assert {staff.get(f"/doors/people?{rest}={name}").status_code for rest in ("group", "cursor")} <= {404, 422}
    nul = {"kind": "member", "name": "\x00", "groups": ["\x00"]}
    assert staff.post("/doors/people", json=nul).status_code == 422
    assert staff.post("/doors/people", json={**nul, "name": "王"}).status_code == 404
    assert staff.post("/doors/people", json={**nul, "name": "王", "groups": [], "unit": "\x00"}).status_code == 422
