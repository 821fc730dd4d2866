"""The routes of arrivals over the whole application: a desk, the front desk, a manager, a visitor, an agent, strangers."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI

from consentry.attribution.api.agent_visits import router as agent_visits_router
from consentry.attribution.api.buyers import router as buyers_router
from consentry.attribution.api.desk import routers as desk_routers
from consentry.attribution.api.documents import router as documents_router
from consentry.attribution.api.people import router as people_router
from consentry.attribution.identity import SimulatedCard, SimulatedReader, hasher_for
from consentry.cli.web_app import LARGEST_BODY, build_app, slice_routers
from consentry.ledger.offline import Trust, verify_bundle
from consentry.ledger.service import log_key
from consentry.platform.http.access import PUBLIC, serve_site
from consentry.platform.http.limits import RateLimit
from consentry.platform.http.problems import answer_problems
from consentry.platform.http.router import GuardedRoute
from consentry.platform.jobs import Jobs
from consentry.platform.metrics import Metrics
from tests.api.client import Client
from tests.attribution.arrivals.reception import FRONT, NOBODY, SECRET, Device, Reception, link_of
from tests.attribution.reports.office import MANAGER, NINE, PHONE

if TYPE_CHECKING:
    import pytest

    from consentry.platform.actors import Actor

UNLIMITED = RateLimit(1e6, 1_000_000)
MINE = (agent_visits_router, buyers_router, *desk_routers, documents_router, people_router)


def client(reception: Reception, actor: Actor | None = None, limit: RateLimit = UNLIMITED) -> Client:
    """Return who asks the routes of this part alone."""
    app = FastAPI()
    serve_site(app, reception.site, lambda _site, _request: actor, limit)
    answer_problems(app)
    for router in MINE:
        app.include_router(router)
    return Client(app)


def queue(device: Device, *entries: object) -> dict[str, Any]:
    return {"sent": device.now().isoformat(), "entries": [{"text": entry.text, "signature": entry.signature} for entry in entries]}  # type: ignore[attr-defined]


def code_of(answer: Any) -> str:  # noqa: ANN401 - a response
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return str(answer.json()["type"]).removeprefix("urn:consentry:error:")


def test_these_routers_are_served_by_the_application() -> None:
    served = slice_routers()
    assert all(any(router is mine for router in served) for mine in MINE)


def test_a_device_is_paired_and_sends_arrivals_and_asks_who_comes(reception: Reception, li_na: Actor) -> None:
    manager, stranger = client(reception, MANAGER), client(reception)
    shown = manager.post("/attribution/desks/pairing-code", json={"project": "garden", "name": "Front desk"})
    assert shown.headers["cache-control"] == "no-store"
    device = reception.desk("to borrow a key from")
    point = device.key.public_key().public_numbers()
    raw = b"\x04" + point.x.to_bytes(32, "big") + point.y.to_bytes(32, "big")
    refused = stranger.post("/public/desk/pairing", json={"code": shown.json()["code"], "public_key": base64.b64encode(raw).decode()})
    assert code_of(refused) == "desk.key-used"
    assert code_of(stranger.post("/public/desk/pairing", json={"code": "WRONG", "public_key": base64.b64encode(raw).decode()})) == "desk.code"
    assert code_of(stranger.post("/public/desk/pairing", json={"code": "WRONG", "public_key": "AAAA"})) == "station.key"
    filed, kept = reception.reported(li_na)
    answer = stranger.post(f"/public/desk/{device.id}/arrivals", json=queue(device, device.entry(code=reception.code(li_na, filed, kept))))
    assert answer.status_code == 200, answer.text
    (outcome,) = answer.json()["outcomes"]
    assert (outcome["counter"], outcome["recorded"]["binding"], outcome["recorded"]["report"]) == (1, "bound", filed.report)
    assert [hint["kind"] for hint in outcome["recorded"]["hints"]] == ["lead-short"]
    other, _ = reception.reported(li_na, "+8613900001111", alias="李")
    asked = device.ask()
    expected = stranger.post(f"/public/desk/{device.id}/expected", json={"text": asked.text, "signature": asked.signature})
    assert [(one["report"], one["alias"], one["mask"]) for one in expected.json()] == [(other.report, "李", "139****1111")]
    assert stranger.get(f"/public/desk/{device.id}").json()["project_name"] == {"zh": "金樽府", "en": "Garden court"}


def test_whoever_is_signed_in_at_the_desk_is_named_and_others_are_not(reception: Reception, desk: Device) -> None:
    for actor in (None, FRONT, NOBODY):
        assert client(reception, actor).post(f"/public/desk/{desk.id}/arrivals", json=queue(desk, desk.entry())).status_code == 200
    assert [act.actor for act in reception.office.acts("attribution.arrived")] == ["system:attribution", FRONT.label, "system:attribution"]


def test_a_forged_entry_is_refused_and_a_strangers_desk_is_none(reception: Reception, desk: Device) -> None:
    entry = desk.entry()
    stranger = client(reception)
    body = queue(desk, entry)
    body["entries"][0]["signature"] = base64.b64encode(bytes(64)).decode()
    answers = [stranger.post(f"/public/desk/{name}/arrivals", json=body) for name in (desk.id, "0" * 36, "unknown")]
    assert {(answer.status_code, answer.json()["detail"], code_of(answer)) for answer in answers} == {(422, "desk: no desk's key signed it", "desk.signature")}


NO_QUEUES: list[dict[str, Any]] = [
    {},
    {"sent": "now", "entries": []},
    {"sent": "2026-03-02", "entries": []},
    {"sent": NINE.isoformat(), "entries": [{}]},
    {"sent": NINE.isoformat(), "entries": [{"text": "x" * 5000, "signature": ""}]},
    {"sent": NINE.isoformat(), "entries": [{"text": "{}", "signature": ""}] * 251},
]


def test_a_queue_that_is_none_is_refused(reception: Reception) -> None:
    stranger = client(reception)
    assert {code_of(stranger.post("/public/desk/d/arrivals", json=body)) for body in NO_QUEUES} == {"request.invalid"}


def test_the_front_desk_records_by_hand_and_the_manager_looks(reception: Reception) -> None:
    front, manager = client(reception, FRONT), client(reception, MANAGER)
    recorded = front.post("/attribution/visits", json={"project": "garden", "alias": "王", "phone": PHONE, "party_size": 2})
    assert (recorded.status_code, recorded.headers["cache-control"]) == (201, "no-store")
    visit = recorded.json()["visit"]
    assert len(recorded.json()["secret"]) > 26
    receipt = base64.b64decode(front.get(f"/attribution/visits/{visit}/receipt").json()["receipt"])
    verify_bundle(receipt, Trust((log_key(reception.site),)))
    edit = front.post(f"/attribution/visits/{visit}/edits", json={"field": "party_size", "to": 3, "reason": "one more came"})
    assert (edit.status_code, edit.json()["before"], edit.json()["after"]) == (201, 2, 3)
    listed = manager.get("/attribution/visits?project=garden&limit=1").json()
    assert [(item["id"], item["edits"]) for item in listed["items"]] == [(visit, 1)]
    assert "alias" not in listed["items"][0]
    assert manager.get(f"/attribution/visits/{visit}/edits").json() == [edit.json()]
    assert front.get("/attribution/expected?project=garden").json() == []
    assert code_of(front.get("/attribution/visits?project=garden")) == "access.denied"


def test_a_manager_settles_what_a_revoked_desk_still_holds(reception: Reception, desk: Device) -> None:
    manager = client(reception, MANAGER)
    entry = desk.entry(alias="李")
    assert manager.send("DELETE", f"/attribution/desks/{desk.id}?reason=lost").status_code == 204
    (outcome,) = client(reception).post(f"/public/desk/{desk.id}/arrivals", json=queue(desk, entry)).json()["outcomes"]
    assert outcome["code"] == "desk.revoked"
    (waiting,) = manager.get("/attribution/desk-entries").json()
    assert (waiting["alias"], manager.get("/attribution/desks").json()[0]["waiting"]) == ("李", 1)
    path = f"/attribution/desk-entries/{waiting['desk']}/{waiting['sha256']}/settlement"
    assert manager.post(path, json={"reason": "nothing to enter"}).json()["settled"] is not None
    assert manager.get("/attribution/desk-entries").json() == []


def test_a_visitor_uses_the_link_for_everything_that_is_theirs(reception: Reception, li_na: Actor) -> None:
    filed, kept = reception.reported(li_na)
    reception.arrive(code=reception.code(li_na, filed, kept), link=link_of(SECRET))
    visitor = client(reception)
    claim = visitor.post("/public/buyers/claim", json={"secret": SECRET})
    assert (claim.json()["report"]["agency"], claim.json()["evidence"], claim.headers["cache-control"]) == ("Blue sky", ["phone:B"], "no-store")
    answer = visitor.post("/public/buyers/answer", json={"secret": SECRET, "answer": "confirmed"})
    verify_bundle(base64.b64decode(answer.json()["receipt"]), Trust((log_key(reception.site),)))
    stated = visitor.post("/public/buyers/statement", json={"secret": SECRET, "kind": "earlier_visit", "words": "in May"})
    assert stated.status_code == 200
    assert len(visitor.post("/public/buyers/receipts", json={"secret": SECRET}).json()) == 2
    assert visitor.post("/public/buyers/copy", json={"secret": SECRET}).json()["visit"]["answer"] == "confirmed"
    asked = visitor.post("/public/buyers/request", json={"secret": SECRET, "kind": "delete"})
    assert asked.json()["kind"] == "delete"
    manager = client(reception, MANAGER)
    (statement,) = manager.get("/attribution/statements").json()
    decided = manager.post(f"/attribution/statements/{statement['id']}/decision", json={"credible": True, "reason": "the diary has it"})
    assert decided.json()["credible"] is True


def test_whoever_guesses_secrets_gets_one_answer_and_is_slowed_down(reception: Reception) -> None:
    reception.arrive(link=link_of(SECRET))
    guesser = client(reception, limit=RateLimit(0.001, 5))
    answers = [guesser.post("/public/buyers/claim", json={"secret": f"{number:026d}"}) for number in range(7)]
    assert [answer.status_code for answer in answers] == [404] * 5 + [429] * 2
    assert len({answer.json()["detail"] for answer in answers[:5]}) == 1
    assert int(answers[-1].headers["retry-after"]) > 1


def test_an_agent_gets_a_code_and_sees_the_visits_of_the_report(reception: Reception, li_na: Actor) -> None:
    filed, _ = reception.reported(li_na)
    agent = client(reception, li_na)
    issued = agent.post(f"/agent/reports/{filed.report}/code")
    assert issued.headers["cache-control"] == "no-store"
    reception.arrive(code=issued.json()["text"])
    (visit,) = agent.get(f"/agent/reports/{filed.report}/visits").json()
    assert visit["binding"] == "bound-unrevealed"
    (receipt,) = agent.get(f"/agent/reports/{filed.report}/visits/receipts").json()
    verify_bundle(base64.b64decode(receipt["receipt"]), Trust((log_key(reception.site),)))
    assert code_of(client(reception, MANAGER).post(f"/agent/reports/{filed.report}/code")) == "access.denied"


def test_outages_are_logged_and_listed(reception: Reception) -> None:
    manager = client(reception, MANAGER)
    reception.office.pass_by(hours=2)
    body = {"start": NINE.isoformat(), "until": reception.site.clock.now().isoformat(), "reason": "no power"}
    logged = manager.post("/attribution/outages", json=body)
    assert (logged.status_code, manager.get("/attribution/outages").json()) == (201, [logged.json()])


def test_kin_are_put_down_and_a_person_is_erased(reception: Reception) -> None:
    reception.arrive(alias="王", phone=PHONE)
    reception.arrive(alias="李")
    manager, (one, other) = client(reception, MANAGER), [visit.person for visit in reception.visits()]
    body = {"other": other, "kind": "spouse", "proof": "marriage certificate", "reason": "both came"}
    assert manager.post(f"/attribution/people/{one}/kin", json=body).json() == {"added": True, "kind": "spouse", "grade": "B"}
    assert manager.post(f"/attribution/people/{one}/kin", json=body).json()["added"] is False
    face = manager.post(f"/attribution/people/{one}/face", json={"other": other, "consent": "0" * 36})
    assert code_of(face) == "attribution.face-closed"
    asked = {"request": reception.asked_to_be_erased(), "reason": "asked for it"}
    assert manager.post(f"/attribution/people/{one}/erasure", json=asked).json() == {"appearances": 1, "restricted_until": None}
    assert client(reception, FRONT).post(f"/attribution/people/{one}/erasure", json=asked).status_code == 403


def test_a_document_is_checked_on_the_reader_of_the_site(reception: Reception, monkeypatch: pytest.MonkeyPatch) -> None:
    front, manager, body = client(reception, FRONT), client(reception, MANAGER), {"project": "garden"}
    assert code_of(front.post("/attribution/documents/visitor", json=body)) == "identity.no-reader"
    reader = SimulatedReader(hasher_for(reception.site.keys, "garden"))
    monkeypatch.setattr("consentry.attribution.api.documents.attached_reader", lambda _keys, _project: reader)
    for asker, kind in ((front, "visitor"), (manager, "buyer")):
        assert code_of(asker.post(f"/attribution/documents/{kind}", json=body)) == "identity.no-document"
        reader.lay(SimulatedCard("11010119900101001X", "王"))
        answer = asker.post(f"/attribution/documents/{kind}", json=body)
        assert (answer.json()["passed"], answer.json()["family_name"], answer.headers["cache-control"]) == (True, "王", "no-store")
        assert "11010119900101001X" not in answer.text
    assert code_of(front.post("/attribution/documents/buyer", json=body)) == "access.denied"


def test_strangers_reach_nothing_of_staff(reception: Reception) -> None:
    stranger, nobody = client(reception), client(reception, replace(NOBODY, permissions=frozenset()))
    for router in MINE:
        for route in router.routes:
            assert isinstance(route, GuardedRoute)
            path = (
                route.path.replace("{desk}", "d")
                .replace("{visit}", "v")
                .replace("{report}", "r")
                .replace("{statement}", "s")
                .replace("{sha256}", "0")
                .replace("{party}", "p")
            )
            method = next(iter(route.methods or ()))
            if route.access is not PUBLIC:
                assert stranger.send(method, path, json={}).status_code == 401
                assert nobody.send(method, path, json={}).status_code == 403


def test_the_whole_application_takes_a_desks_queue(reception: Reception, desk: Device) -> None:
    app = build_app(reception.site, Jobs(reception.site, []), {}, Metrics(), UNLIMITED)
    largest = desk.entry(alias="王" * 20, phone=PHONE, link="0" * 64, code="CV1." + "x" * 150)
    answer = Client(app, base="http://hall.lan").post(f"/api/v1/public/desk/{desk.id}/arrivals", json=queue(desk, largest))
    assert answer.status_code == 200, answer.text
    assert 250 * len(str(queue(desk, largest))) < LARGEST_BODY
