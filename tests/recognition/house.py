"""A site that recognises numbered faces: real records, a real vault process, a device with a real key, and a station worker that reads numbers."""

from __future__ import annotations

import base64
import secrets
import socket
import tempfile
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from consentry.cli.serve_faces import vault_spec
from consentry.consent import service as consents
from consentry.consent.model import Purpose
from consentry.ledger.service import browse
from consentry.platform.actors import Actor, ActorKind, Permission, operator
from consentry.platform.migrations.run import migrate
from consentry.platform.opening import open_site
from consentry.platform.settings.founding import found_site
from consentry.recognition import messages, service, wire
from consentry.recognition.calibration import Signer, calibration_text, signed
from consentry.recognition.client import station_socket
from consentry.recognition.codec import to_text
from consentry.recognition.model import Act as PersonsAct
from consentry.recognition.model import Activation, StationTicket, TicketKind
from consentry.recognition.station.model import Abort, Begin, CapturePhase, CaptureState, Refusal, parse_question
from consentry.recognition.vault.order import VaultOrder
from tests.consent.shop import open_purpose, yes
from tests.recognition.vault import world
from tests.recognition.vault.faces import FAMILY, chip, chips
from tests.recognition.vault.running import NUMBERED, running

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator, Mapping

    from consentry.consent.model import Given
    from consentry.ledger.model import Act, JSONValue
    from consentry.platform.site import Site
    from consentry.recognition.answers import CaptureView
    from consentry.recognition.vault.order import VaultOrder as Order

MANAGER = Actor(ActorKind.STAFF, "manager-1", frozenset(Permission), "session-1", datetime(2036, 1, 1, tzinfo=UTC))
DESK = Actor(ActorKind.STAFF, "desk-1", frozenset({Permission.ATTEND_STATION}))
VISITOR_OF_OFFICE = Actor(ActorKind.STAFF, "till-1", frozenset())
OWNER = operator("uid-0")
STATION = "kiosk"
FACES = """
[recognition]
embedder = "{family}"

[[purpose]]
id = "greeting"
method = "1:N"
retention = "90 days"
validity = "365 days"
alternatives = ["desk"]

[[station]]
id = "kiosk"
name = {{ zh = "迎宾台", en = "Kiosk" }}
purposes = ["greeting"]
enrols = true
"""


class ShiftedClock:
    """The time of the machine, moved by as much as a test wants."""

    def __init__(self) -> None:
        """Start at the machine's own time."""
        self._by = timedelta(0)

    def now(self) -> datetime:
        """Return the moved time."""
        return datetime.now(UTC) + self._by

    def pass_by(self, **time: float) -> None:
        """Move it on."""
        self.advance(timedelta(**time))

    def advance(self, by: timedelta) -> None:
        """Move it on."""
        self._by += by

    @contextmanager
    def back_afterwards(self) -> Iterator[None]:
        """Let the block move it, and put it back then: the vault has a clock of its own."""
        before = self._by
        yield
        self._by = before


@dataclass
class Device:
    """A kiosk: its key and its counter."""

    key: EllipticCurvePrivateKey = field(default_factory=lambda: generate_private_key(SECP256R1()))
    counter: int = 0

    @property
    def public_key(self) -> bytes:
        """Return the uncompressed point, 65 bytes."""
        return self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def sign(self, text: str) -> str:
        """Return base64 of r ‖ s."""
        r, s = decode_dss_signature(self.key.sign(text.encode(), ECDSA(SHA256())))
        return base64.b64encode(r.to_bytes(32, "big") + s.to_bytes(32, "big")).decode()


class NumberedStation:
    """Stands for the station worker: reads whose face a frame shows from its text, and asks the real vault. ``tamper`` changes what it reports."""

    def __init__(self, path: Path, vault: str) -> None:
        """Listen at ``path``; ``vault``: the vault's socket for stations."""
        self._vault = vault
        self._begun: dict[str, Begin] = {}
        self.tamper: Callable[[CaptureState], CaptureState] = lambda state: state
        self.capture = world.LIVE
        path.unlink(missing_ok=True)
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen(64)
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        """Stop listening."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                with connection, suppress(OSError, EOFError):
                    header, body = wire.receive(connection)
                    wire.send(connection, self.tamper(self._answer(header, bytes(body))).to_document())

    def _answer(self, header: Mapping[str, JSONValue], body: bytes) -> CaptureState:
        question = parse_question(header)
        if isinstance(question, Begin):
            self._begun[question.ticket.id] = question
            return CaptureState(CapturePhase.LOOKING)
        begun = self._begun.get(question.ticket)
        if begun is None or isinstance(question, Abort):
            return _refused("capture.unknown")
        word, _, number = body.decode("latin-1").partition(" ")
        return self._decided(begun, int(number)) if word == "face" else CaptureState(CapturePhase.LOOKING, 0.5, "no-face")

    def _decided(self, begun: Begin, person: int) -> CaptureState:
        ticket = begun.ticket
        match ticket.kind:
            case TicketKind.ENROL:
                answer = world.over(self._vault, messages.Enrol(ticket.id, begun.grant or "", self.capture), chips(person))
            case TicketKind.VERIFY:
                answer = world.over(self._vault, messages.Verify(ticket.id, begun.token or "", self.capture), chip(person, 99).tobytes())
            case _:
                answer = world.over(self._vault, messages.Identify(ticket.id, self.capture), chip(person, 99).tobytes())
        if isinstance(answer, messages.SignedOutcome):
            return CaptureState(CapturePhase.DONE, 1.0, None, answer.outcome, answer.signature, answer.epoch)
        assert isinstance(answer, messages.Refused)
        return _refused(answer.code)


def _refused(code: str) -> CaptureState:
    return CaptureState(CapturePhase.REFUSED, 0.0, None, refusal=Refusal(code, "it is refused", "Try again."))


@dataclass
class House:
    """A site with one paired kiosk."""

    site: Site
    clock: ShiftedClock
    order: Order
    station: NumberedStation
    device: Device = field(default_factory=Device)
    paired: bool = False

    def pair(self) -> None:
        """Make the device the kiosk."""
        code = service.pair_station(self.site, MANAGER, STATION)
        service.complete_pairing(self.site, code.code, self.device.public_key)
        self.paired = True

    def activation(self, kind: TicketKind, consent: str | None = None, **changes: object) -> str:
        """Return the text of the next activation."""
        self.device.counter += 1
        notice = consents.current_notice(self.site, Purpose.GREETING)
        shown = notice.sha256["en"] if notice else "0" * 64
        act = Activation(STATION, kind, Purpose.GREETING, PersonsAct.BUTTON, self.device.counter, datetime.now(UTC), secrets.token_hex(16), shown, consent)
        return to_text(replace(act, **changes))  # type: ignore[arg-type]

    def ticket(self, kind: TicketKind, consent: str | None = None, attendant: Actor | None = None) -> StationTicket:
        """Activate the kiosk."""
        text = self.activation(kind, consent, attended=attendant is not None)
        return service.request_ticket(self.site, STATION, text, self.device.sign(text), attendant=attendant)

    def show(self, ticket: StationTicket, person: int) -> CaptureView:
        """Show a numbered face."""
        return service.feed(self.site, ticket.id, f"face {person}".encode())

    def enrol(self, person: int) -> Given:
        """Agree and enrol."""
        given = consents.give(self.site, yes(self.site, station=STATION))
        view = self.show(self.ticket(TicketKind.ENROL, given.consent), person)
        assert view.outcome is not None, view
        assert view.outcome.decision == "accept"
        assert consents.consent_by_secret(self.site, given.withdraw_secret).enrol_by is None, "it waits for a face no more"
        return given

    def decision(self, person: int) -> str:
        """Identify a face and return what was decided."""
        view = self.show(self.ticket(TicketKind.IDENTIFY), person)
        assert view.outcome is not None, view
        return str(view.outcome.decision)

    def acts(self, action: str) -> list[Act]:
        """Return the acts of a kind, oldest first."""
        page = browse(self.site, OWNER, limit=500, action=action)
        return [listed.entry.act for listed in reversed(page.entries) if listed.entry]


def settings_text(more: str, family: str = FAMILY) -> str:
    """Return the part of a settings file that recognises people."""
    return FACES.format(family=family) + more


@contextmanager
def founded(family: str = FAMILY, more: str = "") -> Iterator[tuple[Site, ShiftedClock]]:
    """Give a site that may greet; its folder has a short name, for sockets."""
    answers = {
        "site.id": world.SITE,
        "site.name": {"zh": "店", "en": "Shop"},
        "site.zone": "Asia/Shanghai",
        "site.controller": {"zh": "甲", "en": "Controller"},
        "site.contact": "100",
        "processes.one_user": True,
    }
    with tempfile.TemporaryDirectory(prefix="house") as name:
        file = found_site(Path(name), answers, datetime.now(UTC)).file
        file.write_text(file.read_text(encoding="utf-8") + settings_text(more, family), encoding="utf-8")
        clock = ShiftedClock()
        with open_site(file, clock) as site:
            migrate(site.database)
            for folder in ("vault", "vault-stations", "stations"):
                (Path(name) / "run" / folder).mkdir(parents=True)
            yield site, clock


def order_of(site: Site) -> VaultOrder:
    """Return the vault's order as the server writes it, but for what only tests may: as if apart, with a calibration signed for tests."""
    order = VaultOrder.from_line(vault_spec(site.store, None, None).order.decode())
    key = site.keys.signing_key("calibration")
    document = calibration_text(signed(world.calibration(family=order.family or ""), key, epoch=site.keys.epoch, by=Signer.TEST_ONLY))
    return replace(order, separate=True, accept_test_calibration=True, calibration=document)


@contextmanager
def opened(more: str = "") -> Iterator[House]:
    """Give a house whose vault does not run yet."""
    with founded(more=more) as (site, clock):
        open_purpose(site)
        order = order_of(site)
        station = NumberedStation(station_socket(site.store.places, STATION), order.stations_socket)
        try:
            yield House(site, clock, order, station)
        finally:
            station.close()


@contextmanager
def vault_of(house: House) -> Iterator[subprocess.Popen[str]]:
    """Run the house's vault; the first time, the device is paired with it."""
    with running(house.order, NUMBERED) as process:
        if not house.paired:
            house.pair()
        yield process
