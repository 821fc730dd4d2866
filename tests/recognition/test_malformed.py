"""A hundred thousand wrong inputs: each gets a typed error, none a match, and nothing falls over.

Most go to the very code that answers, in this process; some thousands to a real vault process and through the HTTP interface.
"""

from __future__ import annotations

import asyncio
import base64
import json
import random
import socket
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import cv2
import httpx
import numpy as np
import pytest
from sqlalchemy import func, select

from consentry.cli.web_app import build_app
from consentry.cli.web_jobs import site_jobs
from consentry.consent import grants
from consentry.consent.model import Purpose
from consentry.ledger.rules.canonical import canonical
from consentry.platform.clock import FixedClock
from consentry.platform.errors import ConsentryError
from consentry.platform.http.limits import RateLimit
from consentry.platform.jobs import Jobs
from consentry.platform.metrics import Metrics
from consentry.recognition import messages, service, wire
from consentry.recognition.model import StationTicket, TicketKind
from consentry.recognition.records import CaptureRow, StationRow
from consentry.recognition.refusals import RefusalCode
from consentry.recognition.station.model import Begin, CapturePhase, Frame
from consentry.recognition.station.sight import Sight
from consentry.recognition.station.station import Station
from consentry.recognition.vault.captures import Eye
from consentry.recognition.vault.opening import opened
from consentry.vision.faces.align import CHIP_LAYOUTS
from consentry.vision.faces.model import Faces
from tests.consent.shop import open_purpose
from tests.recognition import malformed
from tests.recognition.house import STATION, Device, founded
from tests.recognition.vault import world
from tests.recognition.vault.faces import SIDE, WEIGHTS, NumberedFaces, chips
from tests.recognition.vault.running import running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from consentry.platform.site import Site
    from consentry.recognition.vault.desk import Desk

MANY = {
    "messages": 50_000,
    "frames": 22_000,
    "questions": 12_000,
    "pictures": 2_500,
    "grants": 12_000,
    "consents": 270,
    "activations": 3_000,
    "requests": 1_000,
    "sockets": 3_000,
}
"""How many wrong inputs each way gets."""
MILD = (messages.Refused, messages.Done, messages.SignedErasure, messages.TombstoneList, messages.PopulationCount, messages.VaultStatus)
"""What may answer a message that was harmed and is a message still. A ticket or an outcome may not."""
DEFECTS = {RefusalCode.FAILED, RefusalCode.STORAGE}
GREETING = Purpose.GREETING


def test_they_are_a_hundred_thousand() -> None:
    assert sum(MANY.values()) >= 100_000


class Vault:
    """A vault in this process."""

    def __init__(self, site: world.Site, desk: Desk, clock: FixedClock) -> None:
        self.site, self.desk, self.clock = site, desk, clock

    def ask(self, question: messages.Message, body: bytes = b"") -> messages.Answer:
        return self.raw(messages.written(question), body)

    def raw(self, header: dict[str, Any], body: bytes = b"") -> messages.Answer:
        stations = str(header.get("type")) in {"enrol", "verify", "identify"}
        return (self.desk.answer_station if stations else self.desk.answer_web)(header, bytearray(body))

    def ticket(self, kind: TicketKind, consent: str | None = None) -> str:
        """Return a ticket; time passes, for a station may not activate too often."""
        self.clock.advance(timedelta(seconds=3))
        act = replace(self.site.activation(kind, consent), at=self.clock.now())
        return world.is_(messages.MintedTicket, self.ask(self.site.minting(act))).ticket.id


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    site, clock = world.Site(tmp_path), FixedClock(datetime.now(UTC))
    with opened(site.order(), lambda _: Eye(NumberedFaces(), SIDE, WEIGHTS), clock) as desk:
        found = Vault(site, desk, clock)
        assert found.ask(site.registration()) == messages.Done()
        yield found


@pytest.fixture
def draw(request: pytest.FixtureRequest) -> random.Random:
    """Return numbers that are the same in every run of a test."""
    return random.Random(request.node.name)  # noqa: S311 - no secret


def whole_messages(site: world.Site) -> list[messages.WebQuestion | messages.StationQuestion]:
    """Return one message of each kind."""
    act = site.activation(TicketKind.IDENTIFY)
    grant, number = site.grant(), "0" * 32
    return [
        messages.Status(),
        site.registration(),
        messages.RemoveStation("gate"),
        replace(site.minting(act), signature=base64.b64encode(bytes(64)).decode()),
        messages.Revoke(grant.person, grant.consent, GREETING),
        messages.Tombstones(0),
        messages.LoadCalibration("{}"),
        messages.RotateTransform(Purpose.DOOR_ACCESS),
        messages.Population(),
        messages.FetchToken(number),
        messages.Enrol(number, site.grant_text(grant), world.LIVE),
        messages.Verify(number, grant.consent, world.LIVE),
        messages.Identify(number, world.LIVE),
    ]


def test_harmed_messages_get_a_typed_answer_and_never_a_ticket_or_an_outcome(vault: Vault, draw: random.Random) -> None:
    whole = [messages.written(question) for question in whole_messages(vault.site)]
    codes: dict[str, int] = {}
    for _ in range(MANY["messages"]):
        answer = vault.raw(malformed.harmed_document(draw, draw.choice(whole)), draw.randbytes(draw.choice((0, 0, 5, 192))))
        assert isinstance(answer, MILD)
        code = answer.code if isinstance(answer, messages.Refused) else answer.TYPE
        codes[code] = codes.get(code, 0) + 1
    assert not codes.keys() & DEFECTS
    assert sum(codes.values()) == MANY["messages"]
    assert codes["vault.message"] > MANY["messages"] // 2
    assert isinstance(vault.ask(messages.Status()), messages.VaultStatus), "it goes on"


def test_harmed_frames_are_refused_before_anything_is_read_from_them(vault: Vault, draw: random.Random) -> None:
    whole = [wire.encode(messages.written(question), b"body") for question in whole_messages(vault.site)]
    read = [found for _ in range(MANY["frames"]) if (found := decoded(malformed.harmed_bytes(draw, draw.choice(whole)))) is not None]
    assert len(read) < MANY["frames"] // 2
    assert all(isinstance(vault.raw(header, body), MILD) for header, body in read)


def decoded(frame: bytes) -> tuple[dict[str, Any], bytes] | None:
    """Return header and body of a frame, or None where it is refused as it should be."""
    try:
        return wire.decode(frame)
    except ConsentryError as error:
        if error.code != "vault.message":
            raise
        return None


def test_consents_that_do_not_hold_enrol_nobody(vault: Vault, draw: random.Random) -> None:
    """Expired, reused, forged, revoked, of another site, purpose, model or consent: each with a fresh ticket and good shots."""
    codes = set()
    for number in range(MANY["consents"]):
        grant = replace(vault.site.grant(), issued=vault.clock.now(), expires=vault.clock.now() + timedelta(days=9))
        ticket = vault.ticket(TicketKind.ENROL, grant.consent)
        text = bad_consent(vault, draw, grant, number % 9)
        answer = vault.ask(messages.Enrol(ticket, text, world.LIVE), chips(7))
        codes.add(world.refused(answer))
        assert world.refused(vault.ask(messages.Enrol(ticket, vault.site.grant_text(grant), world.LIVE), chips(7))) == "vault.ticket-used"
    assert codes == {f"vault.grant{end}" for end in ("", "-expired", "-site", "-purpose", "-model", "-epoch", "-revoked")}
    assert world.is_(messages.PopulationCount, vault.ask(messages.Population())).templates == dict.fromkeys(map(str, world.ALL), 0)


def bad_consent(vault: Vault, draw: random.Random, grant: Any, kind: int) -> str:  # noqa: ANN401 - a ConsentGrant
    site = vault.site
    if kind == 7:
        vault.ask(messages.Revoke(grant.person, grant.consent, GREETING))
    if kind == 8:
        return base64.b64encode(malformed.harmed_bytes(draw, grants.signed(grant, site.grant_key))).decode()
    changed = (
        replace(grant, expires=vault.clock.now() - timedelta(seconds=1)),
        replace(grant, site="another-shop"),
        replace(grant, purpose=Purpose.DOOR_ACCESS),
        replace(grant, model_family="dlib"),
        replace(grant, epoch=9),
        site.grant(),
        grant,
        grant,
    )[kind]
    key = world.Site(site.folder).grant_key if kind == 6 else site.grant_key
    return base64.b64encode(grants.signed(changed, key)).decode()


def test_harmed_grants_are_refused(tmp_path: Path, draw: random.Random) -> None:
    site = world.Site(tmp_path)
    keys = {epoch: bytes.fromhex(key) for epoch, key in site.order().grant_keys.items()}
    whole = grants.signed(site.grant(), site.grant_key)
    codes: set[str] = set()
    for _ in range(MANY["grants"]):
        with pytest.raises(ConsentryError) as refused:
            grants.verified(malformed.harmed_bytes(draw, whole), keys)
        codes.add(refused.value.code)
    assert codes <= {"grant.malformed", "grant.signature", "grant.epoch"}


class Blind:
    """A detector that sees nobody: no harmed picture may get further."""

    name = "blind"

    def detect(self, picture: Any) -> Faces:  # noqa: ANN401 - a picture
        assert picture.dtype == np.uint8
        return Faces(np.zeros((0, 4), np.float32), np.zeros(0, np.float32), np.zeros((0, 5, 2), np.float32))


class Deaf:
    """A vault that must not be asked."""

    def ask(self, question: object, _chips: object) -> messages.SignedOutcome:
        raise AssertionError(question)


@pytest.fixture
def worker() -> Station:
    sight = Sight(Blind(), None, CHIP_LAYOUTS["mobilefacenet"], (0.0, 0.0, 1.0, 1.0), attested=True)
    clock = FixedClock(datetime(2026, 1, 1, tzinfo=UTC))
    return Station(STATION, sight, Deaf(), clock, lambda: 0.0)


def begin(number: int) -> Begin:
    expires = datetime(2026, 1, 1, 0, 0, 9, tzinfo=UTC)
    return Begin(StationTicket(str(number), STATION, TicketKind.IDENTIFY, GREETING, expires, "ab" * 32))


def test_a_harmed_question_to_the_worker_is_refused(worker: Station, draw: random.Random) -> None:
    whole: list[dict[str, Any]] = [begin(1).to_document(), Frame("1").to_document(), {"type": "abort", "ticket": "1"}]
    for _ in range(MANY["questions"]):
        state = worker.answer(malformed.harmed_document(draw, draw.choice(whole)), bytearray(draw.randbytes(9)))
        assert state.outcome is None
        assert state.state is not CapturePhase.DONE
        assert (state.refusal is not None) == (state.state is CapturePhase.REFUSED)


def test_files_that_are_no_picture_of_anybody_end_the_capture_and_never_reach_the_vault(worker: Station, draw: random.Random) -> None:
    good = a_jpeg()
    refused = 0
    for number, file in zip(range(MANY["pictures"]), malformed.pictures(draw, good), strict=False):
        worker.answer(begin(number).to_document(), bytearray())
        state = worker.answer(Frame(str(number)).to_document(), bytearray(file))
        assert state.outcome is None
        assert state.refusal is None or state.refusal.code == "station.picture"
        refused += state.refusal is not None
    assert refused > MANY["pictures"] * 9 // 10


def a_jpeg() -> bytes:
    """Return a JPEG file of noise."""
    noise = np.random.default_rng(1).integers(0, 255, (96, 128, 3), np.uint8)
    return bytes(cv2.imencode(".jpg", noise)[1])


@pytest.fixture
def paired() -> Iterator[tuple[Site, Device]]:
    """Return a site with a paired kiosk, and no vault: what gets as far as the vault finds it away."""
    with founded() as (site, clock):
        open_purpose(site)
        device = Device()
        row = StationRow(station=STATION, public_key=device.public_key, paired=clock.now(), paired_by="staff:x", registered="{}", stopped=None)
        with site.database.transaction() as session:
            session.add(row)
        yield site, device


def activation(device: Device) -> dict[str, Any]:
    device.counter += 1
    return {
        "act": "button",
        "at": datetime.now(UTC).isoformat(),
        "consent": None,
        "counter": device.counter,
        "kind": "identify",
        "nonce": "ab" * 16,
        "notice_sha256": "ab" * 32,
        "purpose": "greeting",
        "station": STATION,
    }


def test_harmed_activations_get_no_ticket(paired: tuple[Site, Device], draw: random.Random) -> None:
    site, device = paired
    codes: dict[str, int] = {}
    for number in range(MANY["activations"]):
        text, signature = activation_text(draw, device, number % 3)
        with pytest.raises(ConsentryError) as refused:
            service.request_ticket(site, STATION, text, signature)
        codes[refused.value.code] = codes.get(refused.value.code, 0) + 1
    assert set(codes) <= {"station.signature", "vault.message", "station.purpose", "vault.away"}
    assert min(codes["station.signature"], codes["vault.message"]) > MANY["activations"] // 5
    with site.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(CaptureRow)) == 0


def activation_text(draw: random.Random, device: Device, kind: int) -> tuple[str, str]:
    """Return a text and a signature of which one is wrong: the form, though signed; the signature; or what was signed."""
    whole = activation(device)
    if kind == 0:
        text = json.dumps(malformed.harmed_document(draw, whole))
        return text, device.sign(text)
    text = canonical(whole).decode()
    if kind == 1:
        return text, malformed.harmed_text(draw, device.sign(text))
    return malformed.harmed_text(draw, text), device.sign(text)


def test_harmed_requests_get_a_problem_and_never_an_error_of_the_server(paired: tuple[Site, Device], draw: random.Random) -> None:
    site, device = paired
    app = build_app(site, Jobs(site, site_jobs(None, dict)), {}, Metrics(), RateLimit(1e9, 10**9))
    statuses = asyncio.run(answers(httpx.ASGITransport(app, raise_app_exceptions=False), draw, device))
    assert len(statuses) == MANY["requests"]
    assert set(statuses) <= {400, 404, 405, 409, 413, 415, 422}


async def answers(transport: httpx.ASGITransport, draw: random.Random, device: Device) -> list[int]:
    """Send harmed requests one after the other, and return their statuses; every answer is a problem with a code and a mend."""
    statuses = []
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        for _ in range(MANY["requests"]):
            answer = await client.send(harmed_request(client, draw, device))
            assert answer.headers["content-type"] == "application/problem+json", answer.text
            problem = answer.json()
            assert problem["type"].startswith("urn:consentry:error:")
            assert problem["mend"]
            statuses.append(answer.status_code)
    return statuses


def harmed_request(client: httpx.AsyncClient, draw: random.Random, device: Device) -> httpx.Request:
    text = canonical(activation(device)).decode()
    point = base64.b64encode(device.public_key).decode()
    bodies: dict[str, dict[str, Any]] = {
        f"stations/{STATION}/tickets": {"activation": text, "signature": malformed.harmed_text(draw, device.sign(text)), "token": None},
        "stations/pairing": {"code": "23456789AB", "public_key": point},
        "withdrawals": {"secret": "0" * 26, "via": "phone"},
        "erasure-certificates": {"secret": "0" * 26},
    }
    if draw.random() < 0.3:
        ticket = draw.choice(("0" * 32, "x", "%00", "ab" * 16, "..%2f..", "é"))
        return client.build_request("POST", f"/api/v1/public/captures/{ticket}/frames", content=draw.randbytes(80), headers={"Content-Type": "image/jpeg"})
    path = draw.choice(sorted(bodies))
    harmed = malformed.harmed_document(draw, bodies[path]) if draw.random() < 0.8 else bodies[path]
    content = json.dumps(harmed).encode()
    if draw.random() < 0.2:
        content = malformed.harmed_bytes(draw, content)
    return client.build_request("POST", f"/api/v1/public/{path}", content=content, headers={"Content-Type": "application/json"})


def test_a_real_vault_answers_or_hangs_up_and_goes_on(tmp_path: Path, draw: random.Random) -> None:
    site = world.Site(tmp_path)
    order = site.order()
    ask = world.asking(order)
    whole = [wire.encode(messages.written(question), b"body") for question in whole_messages(site)]
    hung_up = answered = 0
    with running(order) as process:
        assert ask(site.registration()) == messages.Done()
        grant, _ = world.enrol(site, ask, 5)
        for _ in range(MANY["sockets"]):
            said = exchange(draw.choice((order.socket, order.stations_socket)), malformed.harmed_bytes(draw, draw.choice(whole)))
            assert said is None or isinstance(said, MILD)
            assert not (isinstance(said, messages.Refused) and said.code in DEFECTS)
            hung_up, answered = hung_up + (said is None), answered + (said is not None)
        assert process.poll() is None
        found = world.outcome(ask, world.identify(site, ask, 5))
        assert (found.decision, found.consent) == ("accept", grant.consent), "it still does its work"
    assert hung_up + answered == MANY["sockets"]
    assert answered > MANY["sockets"] // 2


def exchange(path: str, data: bytes) -> messages.Answer | None:
    """Send bytes and return the answer, or None where the vault hangs up."""
    with socket.socket(socket.AF_UNIX) as sock, suppress(EOFError, OSError):
        sock.settimeout(60)
        sock.connect(path)
        sock.sendall(data)
        sock.shutdown(socket.SHUT_WR)
        return messages.read_answer(wire.receive(sock)[0])
    return None
