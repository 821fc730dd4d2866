"""The routes of contracts, verdicts, appeals, flags and the board, as staff, agents and buyers call them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import FastAPI

from consentry.attribution.api.deals import routers as deal_routers
from consentry.attribution.api.people import router as people_router
from consentry.attribution.api.verdicts import routers as verdict_routers
from consentry.attribution.service import flags
from consentry.ledger.offline import Trust, verify_bundle
from consentry.ledger.service import log_key
from consentry.platform.http.access import PUBLIC, serve_site
from consentry.platform.http.limits import RateLimit
from consentry.platform.http.problems import answer_problems
from consentry.platform.http.router import GuardedRoute
from tests.api.client import Client
from tests.attribution.deals.hall import MANAGER, NOBODY, PROJECT, SECOND, SIGNER, WHY, Hall
from tests.attribution.reports.office import PHONE

if TYPE_CHECKING:
    from consentry.attribution.channel import Agency
    from consentry.platform.actors import Actor

ROUTERS = (*deal_routers, *verdict_routers, people_router)


def client(hall: Hall, actor: Actor | None) -> Client:
    """Return the routes alone, asked by one actor, or by a stranger."""
    app = FastAPI()
    serve_site(app, hall.site, lambda *_: actor, RateLimit(1e6, 1_000_000))
    answer_problems(app)
    for router in ROUTERS:
        app.include_router(router)
    return Client(app)


def contract(hall: Hall, **changes: object) -> dict[str, Any]:
    said: dict[str, Any] = {"project": PROJECT, "unit": "1-101", "signed": hall.office.clock.now().isoformat(), "commission": "46080.00"}
    return {**said, "buyers": [{"alias": "王", "phone": PHONE}], **changes}


def test_who_a_buyer_is_is_told_for_a_reason_that_the_log_keeps(hall: Hall) -> None:
    staff = client(hall, MANAGER)
    deal = staff.post("/attribution/deals", json=contract(hall)).json()
    party = deal["buyers"][0]["party"]
    for shown in (deal, staff.get(f"/attribution/deals/{deal['id']}").json(), staff.get("/attribution/deals").json()):
        assert "王" not in str(shown)
        assert "138****5678" not in str(shown)
    assert staff.post("/attribution/people/viewing", json={"people": [party], "text": "", "ticket": "T-1"}).status_code == 422
    assert hall.office.acts("attribution.people-viewed") == []
    told = staff.post("/attribution/people/viewing", json={"people": [party], "text": "the buyer called", "ticket": "T-1"})
    assert (told.json(), told.headers["cache-control"]) == ([{"party": party, "alias": "王", "mask": "138****5678"}], "no-store")
    (looked,) = hall.office.acts("attribution.people-viewed")
    assert (looked.actor, looked.reason, looked.details["parties"]) == (MANAGER.label, "the buyer called", [party])
    assert client(hall, None).post("/attribution/people/viewing", json={"people": [party], "text": "x", "ticket": "T"}).status_code == 401


def test_the_way_of_a_contract_over_http(hall: Hall, blue: Agency, li_na: Actor) -> None:
    staff, signer, agent, stranger = (client(hall, actor) for actor in (MANAGER, SIGNER, li_na, None))
    visit = hall.brought(li_na)
    hall.pass_by(days=1)
    deal = staff.post("/attribution/deals", json=contract(hall)).json()
    path = f"/attribution/deals/{deal['id']}"
    assert (deal["state"], deal["commission"], set(deal["buyers"][0])) == ("waiting", "46080.00", {"party", "passed", "reader"})
    proposed = staff.get(f"{path}/proposal").json()
    assert (proposed["verdict"], proposed["agencies"], set(proposed["reason"])) == ("channel", [blue.id], {"zh", "en"})
    ruling = {"proposal_sha256": proposed["sha256"], "decision": "accept", "reason": WHY}
    assert signer.post(f"{path}/ruling", json={**ruling, "proposal_sha256": "0" * 64}).status_code == 412
    assert signer.post(f"{path}/ruling", json=ruling).json() == {"deal": deal["id"], "number": 1}
    flags.screen(hall.site)

    for answer in (staff.get(f"{path}/bundle"), agent.get(f"/agent/verdicts/{deal['id']}/bundle")):
        assert verify_bundle(answer.content, Trust((log_key(hall.site),))).document is not None
    secret = {"secret": visit.secret}
    (bought,) = stranger.post("/public/buyers/verdicts", json=secret).json()
    (claimed,) = agent.get("/agent/verdicts").json()
    assert (bought["unit"], claimed["unit"], bought["sha256"]) == ("1-101", None, claimed["sha256"])
    assert stranger.post(f"/public/buyers/verdicts/{deal['id']}/bundle", json=secret).status_code == 200

    opened = stranger.post(f"/public/buyers/verdicts/{deal['id']}/appeals", json={**secret, "words": "nobody brought me"}).json()
    assert agent.post(f"/agent/verdicts/{deal['id']}/appeals", json={"words": "we did bring her"}).status_code == 201
    assert [one["side"] for one in staff.get("/attribution/appeals").json()] == ["buyer", "agency"]
    second = client(hall, SECOND)
    assert second.get(f"/attribution/appeals/{opened['appeal']['id']}").json()["words"] == "nobody brought me"
    decision = {"reason": WHY, "ownership": {"verdict": "natural"}}
    assert second.post(f"/attribution/appeals/{opened['appeal']['id']}/decision", json=decision).json()["decision"] == "changed"
    assert [one["verdict"] for one in staff.get(f"{path}/verdicts").json()] == ["channel", "natural"]


def test_the_board_and_its_files_over_http(hall: Hall, blue: Agency) -> None:
    deal, _ = hall.settled(agency=blue)
    hall.pass_by(days=8)
    staff = client(hall, MANAGER)
    assert staff.get("/attribution/board").json()["totals"] == {"due": "46080.00", "held": "0.00", "paid": "0.00"}
    paid = staff.post(f"/attribution/deals/{deal.id}/payments", json={"agency": blue.id, "reference": "T-1"})
    assert (paid.status_code, paid.json()["state"]) == (201, "paid")
    assert staff.post("/attribution/board/csv").headers["content-type"] == "text/csv; charset=utf-8"
    assert staff.post("/attribution/board/xlsx").content.startswith(b"PK")
    assert staff.post("/attribution/board/pdf").status_code == 422
    assert [one["project"] for one in staff.get(f"/attribution/rulebooks/{PROJECT}").json()] == [PROJECT]


def test_flags_over_http(hall: Hall, li_na: Actor) -> None:
    hall.walked_in()
    hall.pass_by(days=1)
    hall.brought(li_na)
    hall.signed(hall.bought())
    (flag,) = client(hall, MANAGER).get("/attribution/flags").json()
    assert (flag["kind"], flag["having"], flag["among"], set(flag["innocent"])) == ("washing", 1, 1, {"zh", "en"})
    assert client(hall, SIGNER).post(f"/attribution/flags/{flag['id']}/clearance", json={"reason": WHY}).json()["cleared_by"] == SIGNER.label


def test_lists_come_in_pages(hall: Hall) -> None:
    names = [hall.bought(unit=f"1-10{number}").id for number in range(3)]
    staff = client(hall, MANAGER)
    first = staff.get("/attribution/deals?limit=2").json()
    rest = staff.get(f"/attribution/deals?limit=2&cursor={first['next']}").json()
    assert [one["id"] for one in [*first["items"], *rest["items"]]] == sorted(names, reverse=True)
    assert rest["next"] is None
    assert staff.get("/attribution/deals?state=final").json()["items"] == []


WRONG: tuple[dict[str, Any], ...] = (
    {"buyers": []},
    {"commission": "-1"},
    {"commission": "1.001"},
    {"commission": "NaN"},
    {"signed": "yesterday"},
    {"signed": "2026-03-02T09:00:00"},
    {"kin": [{"buyer": 0, "party": "x", "kind": "Phone!", "proof": "paper"}]},
    {"more": 1},
)


def test_what_is_no_contract_is_refused(hall: Hall) -> None:
    staff = client(hall, MANAGER)
    assert [staff.post("/attribution/deals", json=contract(hall, **change)).status_code for change in WRONG] == [422] * len(WRONG)


def test_whoever_lacks_the_permission_is_refused_by_every_route(hall: Hall) -> None:
    nobody, stranger = client(hall, NOBODY), client(hall, None)
    for route in (route for router in ROUTERS for route in router.routes):
        assert isinstance(route, GuardedRoute)
        if route.access is PUBLIC:
            continue
        path = route.path.replace("{form}", "csv").replace("{project}", PROJECT)
        for method in route.methods or ():
            assert nobody.send(method, path).status_code == 403, path
            assert stranger.send(method, path).status_code == 401, path


def test_texts_that_no_database_takes_are_no_names_of_anything(any_hall: Hall) -> None:
    staff = client(any_hall, MANAGER)
    ruling = {"proposal_sha256": "0" * 64, "decision": "accept", "reason": WHY}
    for name in ("%00", "a%00" * 9, "x" * 400, "%F0%9F%98%80"):
        assert [staff.get(f"/attribution/deals/{name}{part}").status_code for part in ("", "/proposal", "/verdicts", "/bundle")] == [404] * 4
        assert staff.post(f"/attribution/deals/{name}/ruling", json=ruling).status_code == 404
        assert staff.get(f"/attribution/appeals/{name}").status_code == 404
        assert staff.post(f"/attribution/flags/{name}/clearance", json={"reason": WHY}).status_code == 404
        assert {staff.get(f"/attribution/{rest}={name}").status_code for rest in ("deals?project", "deals?cursor", "flags?deal", "board?project")} == {422}
        assert staff.get(f"/attribution/rulebooks/{name}").status_code == 422
    buyers = [{"alias": "王", "check": "\x00"}]
    assert staff.post("/attribution/deals", json=contract(any_hall, buyers=buyers)).status_code == 404
