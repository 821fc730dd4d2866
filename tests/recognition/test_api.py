"""The HTTP interface, used as a kiosk, a telephone and staff use it."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from consentry.cli.web_app import build_app
from consentry.cli.web_jobs import site_jobs
from consentry.ledger.offline import Trust, verify_file
from consentry.ledger.service import log_key
from consentry.platform.actors import Permission
from consentry.platform.http.limits import RateLimit
from consentry.platform.http.records import RepeatRow
from consentry.platform.jobs import Jobs
from consentry.platform.metrics import Metrics
from consentry.recognition.model import TicketKind
from consentry.recognition.service import LARGEST_FRAME
from consentry.staff.model import Role
from consentry.staff.service import create_api_key
from tests.api.client import Client
from tests.consent.shop import agree
from tests.recognition.house import STATION, House, opened, vault_of
from tests.staff.people import Shop

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi import FastAPI

BURST = 40
"""Requests that a stranger may send at once."""
PUBLIC = "/api/v1/public"
JPEG = {"Content-Type": "image/jpeg"}


@pytest.fixture
def house() -> Iterator[House]:
    with opened() as found:
        yield found


@pytest.fixture
def app(house: House) -> FastAPI:
    return build_app(house.site, Jobs(house.site, site_jobs(None, dict)), {}, Metrics(), RateLimit(0.001, BURST))


@pytest.fixture
def kiosk(app: FastAPI) -> Client:
    return Client(app)


def staff(house: House, app: FastAPI, *permissions: Permission) -> Client:
    """Return somebody who holds an API key with these permissions."""
    with house.clock.back_afterwards():
        shop = Shop(house.site, house.clock)  # type: ignore[arg-type]
        administrator = shop.actor(shop.administrator())
        key = create_api_key(house.site, administrator, "tests", frozenset(permissions), datetime.now(UTC) + timedelta(days=1))
    return Client(app, {"Authorization": f"Bearer {key.text}"})


def activate(house: House, kiosk: Client, kind: TicketKind, consent: str | None = None, *, attended: bool = False) -> dict[str, Any]:
    text = house.activation(kind, consent, attended=attended)
    answer = kiosk.post(f"{PUBLIC}/stations/{STATION}/tickets", json={"activation": text, "signature": house.device.sign(text)})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def frame(kiosk: Client, ticket: str, content: bytes) -> dict[str, Any]:
    answer = kiosk.post(f"{PUBLIC}/captures/{ticket}/frames", content=content, headers=JPEG)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return dict(answer.json())


def code_of(answer: Any) -> tuple[int, str]:  # noqa: ANN401 - an answer of httpx
    return answer.status_code, answer.json()["type"].removeprefix("urn:consentry:error:")


def test_a_device_is_paired_a_person_enrols_is_known_withdraws_and_holds_a_certificate(house: House, app: FastAPI, kiosk: Client) -> None:
    manager = staff(house, app, Permission.MANAGE_STATIONS)
    with vault_of(house):
        code = manager.post(f"/api/v1/stations/{STATION}/pairing-code").json()["code"]
        point = base64.b64encode(house.device.public_key).decode()
        paired = kiosk.post(f"{PUBLIC}/stations/pairing", json={"code": code, "public_key": point}).json()
        assert (paired["station"], paired["name"]["zh"], paired["purposes"], paired["enrols"]) == (STATION, "迎宾台", ["greeting"], True)
        given = agree(house.site, station=STATION)
        ticket = activate(house, kiosk, TicketKind.ENROL, given.consent)
        assert (ticket["kind"], ticket["purpose"], ticket["attended"]) == ("enrol", "greeting", False)
        assert frame(kiosk, ticket["ticket"], b"nobody")["hint"] == "no-face"
        done = frame(kiosk, ticket["ticket"], b"face 5")
        assert (done["state"], done["outcome"]["decision"], done["outcome"]["consent"]) == ("done", "accept", given.consent)
        assert not {"score", "margin", "person", "fmr"} & set(done["outcome"])
        known = frame(kiosk, activate(house, kiosk, TicketKind.IDENTIFY)["ticket"], b"face 5")
        assert known["outcome"]["consent"] == given.consent
        withdrawn = kiosk.post(f"{PUBLIC}/withdrawals", json={"secret": given.withdraw_secret, "via": "kiosk"}).json()
        assert (withdrawn["consent"], withdrawn["state"]) == (given.consent, "ConsentWithdrawn")
        assert verify_file(withdrawn["receipt"].encode(), Trust((log_key(house.site),))).entries
        certificate = kiosk.post(f"{PUBLIC}/erasure-certificates", json={"secret": given.withdraw_secret}).json()
        assert frame(kiosk, activate(house, kiosk, TicketKind.IDENTIFY)["ticket"], b"face 5")["outcome"]["decision"] == "reject"
    canonical = json.dumps(certificate, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
    assert verify_file(canonical, Trust((log_key(house.site),))).entries[-1].act.details["consent"] == given.consent


def test_frames_of_a_live_ticket_are_not_counted_as_a_strangers_and_guesses_are(house: House, kiosk: Client) -> None:
    with vault_of(house):
        ticket = activate(house, kiosk, TicketKind.IDENTIFY)["ticket"]
        for _ in range(2 * BURST):
            assert frame(kiosk, ticket, b"nobody")["state"] == "looking"
        guesses = [code_of(kiosk.post(f"{PUBLIC}/captures/{number:032x}/frames", content=b"x", headers=JPEG)) for number in range(BURST + 1)]
    assert guesses[0] == (404, "capture.unknown")
    assert guesses[-1] == (429, "access.too-many-requests")


def test_a_ticket_opens_nothing_but_its_own_capture(house: House, kiosk: Client) -> None:
    with vault_of(house):
        ticket = activate(house, kiosk, TicketKind.IDENTIFY)["ticket"]
        assert kiosk.get(f"/api/v1/stations?x=/public/captures/{ticket}").status_code == 401
        assert kiosk.send("DELETE", f"{PUBLIC}/captures/{ticket}").status_code == 204
        assert code_of(kiosk.post(f"{PUBLIC}/captures/{ticket}/frames", content=b"face 5", headers=JPEG)) == (404, "capture.unknown")


def test_a_frame_that_is_too_large_is_refused(house: House, kiosk: Client) -> None:
    with vault_of(house):
        ticket = activate(house, kiosk, TicketKind.IDENTIFY)["ticket"]
        answer = kiosk.post(f"{PUBLIC}/captures/{ticket}/frames", content=bytes(LARGEST_FRAME + 1), headers=JPEG)
    assert code_of(answer) == (422, "capture.frame")


def test_without_a_vault_the_answer_says_what_is_missing(house: House, kiosk: Client) -> None:
    with vault_of(house):
        pass
    text = house.activation(TicketKind.IDENTIFY)
    answer = kiosk.post(f"{PUBLIC}/stations/{STATION}/tickets", json={"activation": text, "signature": house.device.sign(text)})
    assert code_of(answer) == (409, "vault.away")
    assert answer.json()["mend"]


def test_a_code_is_written_down_nowhere(house: House, app: FastAPI) -> None:
    manager = staff(house, app, Permission.MANAGE_STATIONS)
    answer = manager.post(f"/api/v1/stations/{STATION}/pairing-code", headers={"Idempotency-Key": "12345678"})
    assert answer.headers["cache-control"] == "no-store"
    with house.site.database.reading() as session:
        assert session.query(RepeatRow).count() == 0


def test_a_member_of_staff_stands_by_whose_session_comes_with_a_request_for_one(house: House, app: FastAPI) -> None:
    shop = Shop(house.site, house.clock)  # type: ignore[arg-type]
    with vault_of(house):
        for role, attended in ((Role.FRONT_DESK, True), (Role.AUDITOR, False)):
            signed_in = shop.sign_in(shop.member(f"{role} somebody", role))
            browser = Client(app, {"Cookie": f"consentry={signed_in.token}", "Origin": "http://localhost"})
            assert activate(house, browser, TicketKind.IDENTIFY, attended=True)["attended"] is attended
            assert activate(house, browser, TicketKind.IDENTIFY)["attended"] is False, "a sign-in that is merely there means nothing"
    assert len(house.acts("recognition.attended")) == 1


def test_nobody_stands_by_who_is_not_signed_in(house: House, kiosk: Client) -> None:
    with vault_of(house):
        assert activate(house, kiosk, TicketKind.IDENTIFY, attended=True)["attended"] is False
    assert house.acts("recognition.attended") == []


def test_an_api_key_stands_beside_nobody(house: House, app: FastAPI) -> None:
    with vault_of(house):
        assert activate(house, staff(house, app, Permission.ATTEND_STATION), TicketKind.IDENTIFY, attended=True)["attended"] is False


def test_staff_see_purposes_stations_and_faces_under_two_consents(house: House, app: FastAPI) -> None:
    office = staff(house, app, Permission.MANAGE_STATIONS, Permission.VIEW_CONSENTS, Permission.HANDLE_REQUESTS)
    [purpose] = office.get("/api/v1/recognition/purposes").json()
    assert (purpose["open"], purpose["blockers"][0]["code"]) == (False, "vault.away")
    with vault_of(house):
        house.enrol(5)
        house.enrol(5)
        [purpose] = office.get("/api/v1/recognition/purposes").json()
        assert (purpose["open"], purpose["blockers"]) == (True, [])
    [station] = office.get("/api/v1/stations").json()
    assert (station["station"], station["stopped"], station["paired"] is not None) == (STATION, None, True)
    [review] = office.get("/api/v1/recognition/reviews").json()
    decided = office.post(f"/api/v1/recognition/reviews/{review['id']}/decision", json={"decision": "different-people", "reason": "twins"})
    assert decided.json()["decision"] == "different-people"
    assert office.get("/api/v1/recognition/reviews").json() == []


def test_a_site_with_a_station_says_to_anyone_that_it_looks_at_faces(kiosk: Client) -> None:
    said = kiosk.get(f"{PUBLIC}/site").json()
    assert (said["faces"], said["pictures_kept"]) == (True, False)
