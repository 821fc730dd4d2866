"""The interface of residents over HTTP: signing in, a telephone's pass, a guest's code, what staff do on a host's word, and refusals that name their cause."""

from __future__ import annotations

import base64
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI

from consentry.access.api.guests import routers as staff_routers
from consentry.access.api.resident_cookies import resident_holder
from consentry.access.api.residents import routers
from consentry.access.passes import Place, Verified, verify
from consentry.platform.http.access import serve_site
from consentry.platform.http.limits import RateLimit
from consentry.platform.http.problems import answer_problems
from tests.access.register.house import STAFF, WHY, holder_key, signers
from tests.access.residents.block import HOUR, PASSPHRASE, Block
from tests.api.client import Client

if TYPE_CHECKING:
    from consentry.platform.http.access import Authentication


def served(block: Block, authentication: Authentication, headers: dict[str, str] | None = None) -> Client:
    app = FastAPI()
    answer_problems(app)
    serve_site(app, block.site, authentication, RateLimit(per_second=1000, burst=10_000))
    for router in (*routers, *staff_routers):
        app.include_router(router)
    return Client(app, headers)


def signed_in(block: Block, name: str = "wang.an") -> Client:
    answer = served(block, resident_holder).post("/public/resident-session", json={"name": name, "passphrase": PASSPHRASE})
    (morsel,) = SimpleCookie(answer.headers["set-cookie"]).values()
    assert (morsel.key, bool(morsel["httponly"]), morsel["samesite"]) == ("consentry-resident", True, "strict")
    return served(block, resident_holder, {"cookie": f"{morsel.key}={morsel.value}"})


def pass_asked(block: Block, **said: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of a request
    now = block.site.clock.now()
    return {"doors": ["front"], "starts": now.isoformat(), "until": (now + HOUR).isoformat(), **said}


def test_a_resident_signs_in_looks_after_their_ways_and_gives_a_guest_a_code(block: Block) -> None:
    block.resident()
    resident = signed_in(block)
    assert [door["id"] for door in resident.get("/resident/session").json()["doors"]] == ["front", "lift"]
    assert resident.put("/resident/pin", json={"passphrase": PASSPHRASE, "pin": "735092", "duress": "735094"}).status_code == 204
    made = resident.post("/resident/phone-passes", json={"key": base64.b64encode(holder_key()).decode()})
    assert (made.status_code, made.json()["text"][:4]) == (201, "CP1.")
    ways = resident.get("/resident/ways").json()
    assert [way["kind"] for way in ways] == ["pin", "phone"]
    assert not {"has_duress", "mark", "number"} & set(ways[0])
    assert resident.post(f"/resident/ways/{ways[1]['id']}/loss").status_code == 204
    issued = resident.post("/resident/guest-passes", json=pass_asked(block, name="Chen")).json()
    shown = served(block, resident_holder).post("/public/guest-code", json={"token": issued["path"].partition("#")[2]}).json()
    assert "name" not in shown
    assert isinstance(verify(shown["code"], Place(block.site.keys.site, "front", signers(block.site)), block.site.clock.now()), Verified)
    assert resident.send("DELETE", f"/resident/guest-passes/{issued['guest']['id']}").status_code == 204
    assert [one["state"] for one in resident.get("/resident/guest-passes").json()] == ["revoked"]
    assert (resident.get("/resident/log").json(), resident.get("/resident/host-requests").json()) == ({"items": [], "next": None}, [])
    lent = resident.post("/resident/delegates", json={"credential": ways[0]["id"], "name": "Zhou", "doors": ["front"], "until": pass_asked(block)["until"]})
    assert (lent.status_code, len(lent.json()["pin"])) == (201, 6)
    assert resident.send("DELETE", f"/resident/delegates/{lent.json()['person']}").status_code == 204
    assert resident.send("DELETE", "/resident/session").status_code == 204
    assert resident.get("/resident/ways").status_code == 401


def test_what_is_wrong_is_named_and_nothing_of_it_is_repeated(block: Block) -> None:
    block.resident()
    resident = signed_in(block)
    refused = resident.put("/resident/pin", json={"passphrase": PASSPHRASE, "pin": "123456"})
    assert (refused.status_code, refused.json()["type"].rpartition(":")[2]) == (422, "pin.unsuitable")
    assert "123456" not in refused.text
    for path, body, code in (
        ("/resident/phone-passes", {"key": "no base64!"}, "pass.holder"),
        ("/resident/guest-passes", pass_asked(block, doors=["garage"]), "guest.doors"),
        ("/resident/guest-passes/nowhere/yes", {"door": "front"}, "guest.unknown"),
    ):
        assert resident.post(path, json=body).json()["type"].rpartition(":")[2] == code
    assert resident.send("DELETE", "/resident/face").status_code == 404


def test_staff_invite_residents_and_give_passes_on_a_host_s_word(block: Block) -> None:
    member, staff = block.house.member(), served(block, lambda _site, _request: STAFF)
    link = staff.post("/doors/residents", json={"person": member.id, "name": "wang.an"}).json()
    token = link["path"].partition("#")[2]
    stranger = served(block, resident_holder)
    assert stranger.post("/public/resident-invitation", json={"token": token}).json()["name"] == "wang.an"
    assert stranger.post("/public/resident-invitation/acceptance", json={"token": token, "passphrase": PASSPHRASE}).json() == {"name": "wang.an"}
    (account,) = staff.get("/doors/residents").json()
    assert "name" not in account
    assert account["state"] == "active"
    issued = staff.post("/doors/guest-passes", json=pass_asked(block, host=member.id, name="Chen")).json()
    assert [one["name"] for one in staff.get("/doors/guest-passes", params={"host": member.id}).json()["items"]] == [None]
    assert staff.post(f"/doors/guest-passes/{issued['guest']['id']}/revocation", json={"reason": WHY}).status_code == 204
    for act in ("disabling", "enabling"):
        assert staff.post(f"/doors/residents/{account['id']}/{act}", json={"reason": WHY}).status_code == 204
    assert staff.post(f"/doors/residents/{account['id']}/link", json={"reason": WHY}).status_code == 200
