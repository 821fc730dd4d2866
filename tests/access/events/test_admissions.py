"""From a recognised face to a door: the ticket of that station's own capture, once, within ten seconds, and only where a face may be used."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from consentry.access.model import CredentialKind, ReaderKind
from consentry.access.passes import Place, Verified, verify
from consentry.access.service import admissions
from consentry.access.ways import readiness_of
from consentry.consent import service as consents
from consentry.consent.model import Method, Purpose, Via
from consentry.platform.errors import ConsentryError
from consentry.recognition import service as recognition
from consentry.recognition.answers import CaptureOutcome, OpenCapture
from consentry.recognition.model import Band, Decision, StationTicket, TicketKind
from consentry.recognition.records import save_capture
from consentry.recognition.service.acceptances import keep_acceptance
from consentry.recognition.station.model import CapturePhase, CaptureState
from tests.access.events.lodge import SECOND
from tests.access.register.house import signers
from tests.consent.shop import TERMS, agree, open_purpose

if TYPE_CHECKING:
    from consentry.consent.model import Given
    from tests.access.events.lodge import Lodge


@pytest.fixture
def resident(lodge: Lodge, monkeypatch: pytest.MonkeyPatch) -> Given:
    """Return the consent of somebody; every way through every door works."""
    readers = {door.id: [ReaderKind(reader) for reader in door.readers] for door in lodge.site.settings.doors}
    monkeypatch.setattr(
        "consentry.access.service.admissions.door_readiness", lambda _, door: readiness_of(door, readers[door], dict.fromkeys(ReaderKind, True), None)
    )
    terms = replace(TERMS, method=Method.ONE_TO_ONE, model_family=lodge.site.settings.recognition.embedder.value)
    open_purpose(lodge.site, Purpose.DOOR_ACCESS, terms)
    return agree(lodge.site, Purpose.DOOR_ACCESS, station="front-eye")


def outcome(consent: str | None, **changes: object) -> CaptureOutcome:
    """Return what the vault decided: that it is the one whose record was named."""
    return replace(CaptureOutcome(Decision.ACCEPT, Band.CLEAR, TicketKind.VERIFY, Purpose.DOOR_ACCESS, (), consent), **changes)  # type: ignore[arg-type]


def recognised(lodge: Lodge, told: CaptureOutcome, station: str = "front-eye") -> str:
    """End a capture with an outcome, and return its ticket."""
    now = lodge.clock.now()
    ticket = StationTicket(secrets.token_hex(16), station, told.kind, told.purpose, now + 10 * SECOND, "0" * 64, told.consent)
    with lodge.site.database.transaction() as session:
        keep_acceptance(session, OpenCapture(ticket, None), told, now)
    return ticket.id


def code_of(lodge: Lodge, door: str, ticket: str) -> str:
    """Return the code of the refusal, or ``admitted``."""
    try:
        admissions.admit_face(lodge.site, door, ticket)
    except ConsentryError as error:
        return error.code
    return "admitted"


def test_a_recognised_face_is_admitted_at_its_door_once_and_the_door_believes_it(lodge: Lodge, resident: Given) -> None:
    ticket = recognised(lodge, outcome(resident.consent))
    lodge.pass_by(seconds=3.25)
    admission = admissions.admit_face(lodge.site, "front", ticket)
    assert admission.expires - lodge.clock.now() == 10 * SECOND
    shown = verify(admission.text, Place("lodge-1", "front", signers(lodge.site)), lodge.clock.now())
    assert isinstance(shown, Verified)
    assert (shown.kind, shown.mark, shown.took) == (CredentialKind.FACE, resident.consent, 3.25 * SECOND), "counted from the ticket of its capture"
    assert not isinstance(verify(admission.text, Place("lodge-1", "hall", signers(lodge.site)), lodge.clock.now()), Verified)
    assert code_of(lodge, "front", ticket) == "capture.not-accepted"


@pytest.mark.parametrize(
    "changes",
    [
        {"decision": Decision.UNSURE},
        {"decision": Decision.REJECT},
        {"kind": TicketKind.ENROL},
        {"purpose": Purpose.GREETING},
        {"consent": None},
    ],
)
def test_nothing_else_is_kept_for_a_door(lodge: Lodge, resident: Given, changes: dict[str, object]) -> None:
    assert code_of(lodge, "front", recognised(lodge, replace(outcome(resident.consent), **changes))) == "capture.not-accepted"  # type: ignore[arg-type]


def test_a_ticket_of_another_station_or_of_nobody_admits_nobody(lodge: Lodge, resident: Given) -> None:
    assert code_of(lodge, "front", recognised(lodge, outcome(resident.consent), "other-eye")) == "capture.not-accepted"
    assert code_of(lodge, "front", secrets.token_hex(16)) == "capture.not-accepted"
    assert code_of(lodge, "front", "x" * 500) == "capture.not-accepted"


def test_after_ten_seconds_it_is_too_late(lodge: Lodge, resident: Given) -> None:
    ticket = recognised(lodge, outcome(resident.consent))
    lodge.pass_by(seconds=10)
    assert code_of(lodge, "front", ticket) == "capture.not-accepted"


def test_a_consent_that_ended_meanwhile_admits_nobody(lodge: Lodge, resident: Given) -> None:
    ticket = recognised(lodge, outcome(resident.consent))
    consents.withdraw(lodge.site, resident.withdraw_secret, Via.RECEIPT)
    assert code_of(lodge, "front", ticket) == "consent.not-valid"


def test_a_search_among_everyone_opens_only_a_door_that_allows_it(lodge: Lodge, resident: Given) -> None:
    found = outcome(resident.consent, kind=TicketKind.IDENTIFY)
    assert code_of(lodge, "front", recognised(lodge, found)) == "door.face-one-to-n"


def test_a_door_whose_face_reader_must_not_run_admits_nobody_and_says_why(lodge: Lodge, resident: Given, monkeypatch: pytest.MonkeyPatch) -> None:
    assert code_of(lodge, "hall", recognised(lodge, outcome(resident.consent))) == "door.no-face"
    monkeypatch.setattr(
        "consentry.access.service.admissions.door_readiness",
        lambda _, door: readiness_of(door, [ReaderKind.CARD, ReaderKind.FACE], {ReaderKind.CARD: False}, None),
    )
    ticket = recognised(lodge, outcome(resident.consent))
    assert code_of(lodge, "front", ticket) == "door.face-alone"
    assert code_of(lodge, "cellar", ticket) == "door.unknown"


def test_what_a_capture_decided_is_what_the_door_may_ask(lodge: Lodge, resident: Given, monkeypatch: pytest.MonkeyPatch) -> None:
    told = outcome(resident.consent)
    ticket = StationTicket("ab" * 16, "front-eye", told.kind, told.purpose, lodge.clock.now() + 10 * SECOND, "0" * 64, told.consent)
    with lodge.site.database.transaction() as session:
        save_capture(session, OpenCapture(ticket, None))
    monkeypatch.setattr("consentry.recognition.client.StationClient.ask", lambda *_: CaptureState(CapturePhase.DONE, 1.0, None, "", "", 1))
    monkeypatch.setattr("consentry.recognition.service.capture.record_outcome", lambda *_: told)
    assert recognition.feed(lodge.site, ticket.id, b"frame").outcome == told
    assert code_of(lodge, "front", ticket.id) == "admitted"
