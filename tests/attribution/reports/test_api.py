"""The routes of agents and of staff who look after agencies, in the application as the web process builds it."""

from __future__ import annotations

import base64
import shutil
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest

from consentry.attribution.channel import ReportTerms
from consentry.cli.web_app import build_app
from consentry.ledger.offline import Trust, verify_bundle
from consentry.ledger.service import latest_checkpoint, log_key
from consentry.platform.database import Database
from consentry.platform.http.health import check_database
from consentry.platform.http.limits import RateLimit
from consentry.platform.jobs import Jobs
from consentry.platform.metrics import Metrics
from consentry.staff import service as staff
from consentry.staff.model import Role
from tests.attribution.reports.office import DAY, OPERATOR, PASSPHRASE, PHONE, Kept, Office, committed, mask, numbers, office_on
from tests.staff.browser import Browser

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fastapi import FastAPI
    from httpx import Response

OVER_TLS, ON_LOOPBACK = "https://hall.lan", "http://127.0.0.1:8000"


@pytest.fixture(scope="module")
def hall(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Return one office for all tests here, because building the application takes longer than any of them; each brings an agency of its own."""
    folder = tmp_path_factory.mktemp("hall")
    shutil.copyfile(sqlite_template, folder / "main.db")
    database = Database(f"sqlite:///{folder / 'main.db'}")
    yield office_on(database, folder)
    database.close()


@pytest.fixture(scope="module")
def app(hall: Office) -> FastAPI:
    """Return the application; strangers are not slowed down."""
    checks = {"database": check_database, "ledger": latest_checkpoint}
    return build_app(hall.site, Jobs(hall.site, []), checks, Metrics(), RateLimit(1e6, 1_000_000))


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """Return a name that no other test gives."""
    return sha256(request.node.nodeid.encode()).hexdigest()[:12]


@pytest.fixture
def manager(hall: Office, app: FastAPI, name: str) -> Browser:
    """Return the browser of a store manager who is signed in."""
    link = staff.invite(hall.site, OPERATOR, name, Role.STORE_MANAGER)
    client = Browser(app, OVER_TLS)
    answer = {"token": link.path.partition("=")[2], "name": name, "password": PASSPHRASE}
    assert client.post("/public/invitation/acceptance", json=answer).status_code == 200
    return client


@pytest.fixture
def agent(hall: Office, manager: Browser, app: FastAPI, name: str) -> Browser:
    """Let the manager add an agency with a contract and invite an agent, and return the browser in which the agent accepted and signed in."""
    agency, now = made(manager.post("/attribution/agencies", json={"name": name}))["id"], hall.clock.now()
    contract = {"agency": agency, "project": "garden", "start": now.isoformat(), "until": (now + 30 * DAY).isoformat()}
    made(manager.post("/attribution/contracts", json=contract))
    invited = manager.post("/attribution/agents", json={"agency": agency, "name": name})
    assert invited.headers["cache-control"] == "no-store"
    token = {"token": made(invited)["path"].partition("#")[2]}
    client = Browser(app, OVER_TLS)
    assert client.post("/public/agent-invitation", json=token).json()["agency"] == name
    assert client.post("/public/agent-invitation/acceptance", json={**token, "passphrase": PASSPHRASE}).json() == {"name": name}
    assert client.post("/public/agent-session", json={"name": name, "passphrase": PASSPHRASE}).status_code == 200
    return client


def code_of(answer: Response) -> str:
    return str(answer.json()["type"]).removeprefix("urn:consentry:error:")


def made(answer: Response) -> dict[str, Any]:
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def report_body(agent: Browser, kept: Kept, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of the body
    """Return what the agent's page sends."""
    terms = agent.post("/agent/report-terms", json={"project": "garden"}).json()
    nonce = terms["nonces"][0]
    ground = ReportTerms(**{name: terms[name] for name in ("project", "origin", "agency", "form", "expires")}, lead=DAY, valid=DAY, nonces=(nonce,))
    commitment = committed(ground, nonce, kept.salt, kept.phone).hex()
    return {"project": "garden", "nonce": nonce, "alias": "王先生", "mask": mask(kept.phone), "commitment": commitment, **changes}


def test_an_agent_comes_in_reports_and_holds_a_receipt_that_proves_it(hall: Office, manager: Browser, agent: Browser, name: str) -> None:
    session = agent.get("/agent/session").json()
    assert session["agency_name"] == name
    (project,) = agent.get("/agent/projects").json()
    assert (project["project"], project["lead_s"], project["left_today"], project["name"]["zh"]) == ("garden", 1800, 3, "金樽府")
    filed = made(agent.post("/agent/reports", json=report_body(agent, Kept(PHONE))))
    (entry,) = verify_bundle(base64.b64decode(filed["receipt"]), Trust((log_key(hall.site),))).entries
    assert (entry.index, entry.act.object) == (filed["entry"], f"report:{filed['report']}")
    (own,) = agent.get("/agent/reports").json()["items"]
    assert (own["id"], own["alias"], own["mask"], own["state"]) == (filed["report"], "王先生", mask(PHONE), "waiting")
    (found,) = manager.get(f"/attribution/reports?project=garden&agency={session['agency']}").json()["items"]
    assert manager.get(f"/attribution/reports/{filed['report']}").json() == found
    seen = {one["id"]: one for one in manager.get("/attribution/reports/waiting?project=garden").json()}[filed["report"]]
    assert not {"alias", "mask"} & set(seen)


def test_staff_reply_and_both_sides_hold_the_receipt(hall: Office, manager: Browser, agent: Browser) -> None:
    report = made(agent.post("/agent/reports", json=report_body(agent, Kept("+8613700001234"))))["report"]
    viewing = {"reports": [report], "text": "checking for duplicates", "ticket": "T-1"}
    assert manager.post("/attribution/reports/viewing", json=viewing).json() == [{"report": report, "alias": "王先生", "mask": "137****1234"}]
    assert manager.get(f"/attribution/reports/{report}/possible-duplicates").json() == []
    refused = manager.post(f"/attribution/reports/{report}/reply", json={"kind": "refuse", "ground": "duplicate", "cites": 10**6})
    assert (refused.status_code, code_of(refused)) == (422, "report.cite")
    replied = made(manager.post(f"/attribution/reports/{report}/reply", json={"kind": "accept"}))
    assert replied["reply"]["in_time"] is True
    again = manager.post(f"/attribution/reports/{report}/reply", json={"kind": "accept"})
    assert (again.status_code, code_of(again)) == (409, "report.replied")
    for reader, path in ((agent, f"/agent/reports/{report}/receipt"), (manager, f"/attribution/reports/{report}/receipt")):
        proven = verify_bundle(base64.b64decode(reader.get(path).json()["receipt"]), Trust((log_key(hall.site),))).entries
        assert [entry.act.action for entry in proven] == ["attribution.report-filed", "attribution.report-replied"]
    assert agent.get("/agent/reports").json()["items"][0]["reply"]["kind"] == "accept"


def test_a_batch_answers_row_by_row(agent: Browser) -> None:
    bodies = [report_body(agent, Kept(phone)) for phone in numbers(2)]
    rows = [{**{name: value for name, value in body.items() if name != "project"}, "number": number} for number, body in enumerate(bodies, 2)]
    rows[1]["mask"] = "138"
    sent = {"project": "garden", "mode": "all-or-none", "rows": rows}
    none = agent.post("/agent/batches", json=sent).json()
    assert (none["filed"], none["receipt"], [row["number"] for row in none["rows"]]) == (0, None, [2, 3])
    some = agent.post("/agent/batches", json={**sent, "mode": "good-rows"}).json()
    assert (some["filed"], some["rows"][1]["problem"]["code"]) == (1, "report.mask")
    assert some["rows"][1]["problem"]["mend"]


def test_pages_of_own_reports_follow_one_another(hall: Office, agent: Browser) -> None:
    filed: list[str] = []
    for phone in numbers(3):
        filed.append(made(agent.post("/agent/reports", json=report_body(agent, Kept(phone))))["report"])
        hall.pass_by(seconds=1)
    first = agent.get("/agent/reports?limit=2").json()
    rest = agent.get(f"/agent/reports?limit=2&cursor={first['next']}").json()
    assert [one["id"] for one in (*first["items"], *rest["items"])] == filed[::-1]
    assert rest["next"] is None


@pytest.mark.parametrize(
    ("base", "start", "secure"), [(OVER_TLS, "__Host-consentry-agent=", True), (ON_LOOPBACK, "consentry-agent=", False)], ids=["over TLS", "on loopback"]
)
def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(hall: Office, app: FastAPI, name: str, base: str, start: str, *, secure: bool) -> None:
    hall.agent(hall.agency(name), name)
    answer = Browser(app, base).post("/public/agent-session", json={"name": name, "passphrase": PASSPHRASE})
    cookie = answer.headers["set-cookie"]
    parts = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert cookie.startswith(start)
    assert {"httponly", "samesite=strict", "path=/"} <= parts
    assert ("secure" in parts) == secure
    assert cookie.split("=")[1].split(";")[0] not in answer.text


def test_signing_out_ends_the_session(agent: Browser) -> None:
    token = agent.cookies["__Host-consentry-agent"]
    assert agent.delete("/agent/session").status_code == 204
    agent.cookies.set("__Host-consentry-agent", token)
    assert agent.get("/agent/session").status_code == 401


def test_an_agent_reaches_nothing_of_staff_and_staff_nothing_of_agents(manager: Browser, agent: Browser) -> None:
    assert agent.get("/attribution/agencies").status_code == 401
    assert agent.get("/staff").status_code == 401
    assert manager.get("/agent/reports").status_code == 403
    assert manager.post("/agent/report-terms", json={"project": "garden"}).status_code == 403


def test_one_browser_may_hold_a_session_of_staff_and_one_of_an_agent(manager: Browser, agent: Browser, name: str) -> None:
    manager.cookies.set("__Host-consentry-agent", agent.cookies["__Host-consentry-agent"])
    assert manager.get("/agent/session").json()["name"] == name
    assert manager.get("/attribution/agencies").status_code == 200


def test_a_page_of_another_origin_files_nothing(agent: Browser) -> None:
    body = report_body(agent, Kept(PHONE))
    answer = agent.send("POST", "/agent/reports", json=body, headers={"Origin": "https://elsewhere.lan"})
    assert (answer.status_code, code_of(answer)) == (403, "access.other-origin")
    assert agent.get("/agent/reports").json()["items"] == []


def test_every_refusal_to_sign_in_is_the_same_answer(hall: Office, app: FastAPI, name: str) -> None:
    hall.agent(hall.agency(name), name)
    client = Browser(app, OVER_TLS)
    answers = [client.post("/public/agent-session", json={"name": given, "passphrase": "not the sentence"}) for given in (name, "nobody")]
    assert [answer.status_code for answer in answers] == [401, 401]
    one, other = ({name: value for name, value in answer.json().items() if name != "instance"} for answer in answers)
    assert one == other
    assert "set-cookie" not in answers[1].headers


def test_disabling_an_agency_shuts_its_agents_out_at_once(manager: Browser, agent: Browser, name: str) -> None:
    agency = agent.get("/agent/session").json()["agency"]
    (known,) = manager.get(f"/attribution/agents?agency={agency}").json()
    assert (known["name"], known["state"]) == (name, "active")
    assert manager.post(f"/attribution/agencies/{agency}/disabling", json={"reason": "contract broken"}).status_code == 204
    assert agent.get("/agent/session").status_code == 401
    assert manager.post(f"/attribution/agencies/{agency}/enabling").status_code == 204
    assert manager.post(f"/attribution/agents/{known['id']}/disabling", json={"reason": "走"}).status_code == 422
    assert manager.post(f"/attribution/agents/{known['id']}/disabling", json={"reason": "离职"}).status_code == 204, "two signs say it in Chinese"
    assert agent.post("/public/agent-session", json={"name": name, "passphrase": PASSPHRASE}).status_code == 401
    assert manager.post(f"/attribution/agents/{known['id']}/enabling").status_code == 204
    assert made(manager.post(f"/attribution/agents/{known['id']}/link", json={"reason": "asked for it"}))["agent"] == known["id"]


def test_a_contract_is_changed_by_another(hall: Office, manager: Browser, agent: Browser) -> None:
    agency = agent.get("/agent/session").json()["agency"]
    (contract,) = manager.get(f"/attribution/contracts?agency={agency}").json()
    hall.pass_by(minutes=30)
    change = {"until": hall.clock.now().isoformat(), "reason": "given notice"}
    changed = made(manager.post(f"/attribution/contracts/{contract['id']}/change", json=change))
    assert changed["replaces"] == contract["id"]
    hall.pass_by(seconds=1)
    assert agent.get("/agent/projects").json() == []
    refused = agent.post("/agent/report-terms", json={"project": "garden"})
    assert (refused.status_code, code_of(refused)) == (409, "report.no-contract")


@pytest.mark.parametrize("instant", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_instants_at_the_ends_of_time_are_refused_like_others(manager: Browser, agent: Browser, instant: str) -> None:
    planned = agent.post("/agent/reports", json=report_body(agent, Kept(PHONE), planned=instant))
    agency = agent.get("/agent/session").json()["agency"]
    contract = manager.post("/attribution/contracts", json={"agency": agency, "project": "lake", "start": instant, "until": instant})
    assert [planned.status_code, contract.status_code] == [422, 422]


def test_a_request_sent_again_with_its_key_is_carried_out_once(manager: Browser, name: str) -> None:
    key = {"Idempotency-Key": "adding-an-agency"}
    first, second = (manager.post("/attribution/agencies", json={"name": name}, headers=key) for _ in range(2))
    assert made(first) == made(second)
    assert [one["name"] for one in manager.get("/attribution/agencies").json()].count(name) == 1
