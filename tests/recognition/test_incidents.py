"""What must never happen: each is entered, stops the station where it happened, and calls people."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from consentry.alarms.model import AlarmKind
from consentry.alarms.service import live
from consentry.consent.model import Via
from consentry.consent.records import ConsentRow
from consentry.platform.errors import ConflictError, NotFoundError
from consentry.recognition import messages, service
from consentry.recognition.answers import IncidentKind
from consentry.recognition.model import TicketKind
from consentry.recognition.records import ErasureRow, VaultKeyRow
from consentry.recognition.station.model import CapturePhase
from tests.recognition.house import MANAGER, STATION, House, opened, vault_of
from tests.recognition.vault import world
from tests.recognition.vault.faces import chip

if TYPE_CHECKING:
    from collections.abc import Iterator

    from consentry.recognition.station.model import CaptureState

ADA = 5


@pytest.fixture
def house() -> Iterator[House]:
    with opened() as found:
        yield found


def raised(house: House) -> list[object]:
    return [act.details["kind"] for act in house.acts("recognition.incident")]


def stopped(house: House) -> IncidentKind | None:
    [state] = service.stations(house.site, MANAGER)
    return state.stopped


def refuses(house: House, person: int = ADA) -> str:
    """Return the code with which a face is refused."""
    with pytest.raises(ConflictError) as refused:
        house.decision(person)
    return refused.value.code


def test_a_match_without_a_valid_consent_stops_the_station_until_a_person_has_looked(house: House) -> None:
    with vault_of(house):
        given = house.enrol(ADA)
        # The records say that it ended, and was erased, an hour ago; the vault still matches it.
        with house.site.database.transaction() as session:
            row = session.get_one(ConsentRow, given.consent)
            ended = house.clock.now() - timedelta(hours=1)
            row.state, row.ended, row.ending = "ConsentWithdrawn", ended, "withdrawn"
            session.add(ErasureRow(consent=given.consent, person=given.person, purpose="greeting", asked=ended, sequence=0, entry=0))
        assert refuses(house) == "recognition.incident"
        assert refuses(house) == "station.stopped"
        assert raised(house) == ["invalid-consent"]
        assert [(alarm.kind, alarm.subject) for alarm in live(house.site)] == [(AlarmKind.RECOGNITION_INCIDENT, STATION)]
        assert [state.blockers[-1].code for state in service.purposes_open(house.site)] == ["station.stopped"]
        service.resume_station(house.site, MANAGER, STATION, "the restore is finished")
        assert stopped(house) is None
        with pytest.raises(ConflictError):
            service.resume_station(house.site, MANAGER, STATION, "again")


def test_pairing_another_device_does_not_clear_an_incident(house: House) -> None:
    with vault_of(house):
        house.station.tamper = lambda state: replace(state, signature=state.signature and "A" * 88)
        assert refuses(house) == "recognition.incident"
        house.pair()
        assert stopped(house) is IncidentKind.FORGED_OUTCOME


def test_a_consent_that_ends_while_its_face_is_looked_at_is_no_incident(house: House) -> None:
    with vault_of(house):
        given = house.enrol(ADA)
        # The vault is asked a moment later: here, after the frame.
        with house.site.database.transaction() as session:
            row = session.get_one(ConsentRow, given.consent)
            row.suspended = house.clock.now()
        view = house.show(house.ticket(TicketKind.IDENTIFY), ADA)
    assert view.outcome is not None
    assert (view.outcome.decision, view.outcome.consent, view.outcome.reasons[-1]) == ("reject", None, "consent-ended")
    assert (raised(house), stopped(house)) == ([], None)
    entered = house.acts("recognition.decided")[-1]
    assert (entered.details["decision"], entered.details["consent"]) == ("reject", None)
    assert given.consent not in str(entered), "the log names nobody either"


def test_a_consent_whose_time_ran_out_since_the_last_look_is_no_incident(house: House) -> None:
    with vault_of(house):
        given = house.enrol(ADA)
        with house.site.database.transaction() as session:
            row = session.get_one(ConsentRow, given.consent)
            row.last_visit = house.clock.now() - timedelta(days=row.retention_days + 1)
        assert house.decision(ADA) == "reject"
        assert (raised(house), stopped(house)) == ([], None)


def forged(state: CaptureState) -> CaptureState:
    return replace(state, outcome=state.outcome and state.outcome.replace('"reject"', '"accept"'))


def unsigned(state: CaptureState) -> CaptureState:
    return replace(state, signature=state.outcome and "")


def empty(state: CaptureState) -> CaptureState:
    return replace(state, outcome=None, signature=None)


@pytest.mark.parametrize("tamper", [forged, unsigned, empty])
def test_an_outcome_that_the_vault_did_not_sign_is_an_incident_and_no_match(house: House, tamper: object) -> None:
    with vault_of(house):
        house.station.tamper = tamper  # type: ignore[assignment]
        assert refuses(house) == "recognition.incident"
        assert raised(house) == ["forged-outcome"]
        assert house.acts("recognition.decided") == []
    assert stopped(house) is IncidentKind.FORGED_OUTCOME


def test_the_outcome_of_another_capture_is_an_incident(house: House) -> None:
    kept: list[CaptureState] = []

    def swapped(state: CaptureState) -> CaptureState:
        if state.state is CapturePhase.DONE:
            kept.append(state)
            return kept[0]
        return state

    house.station.tamper = swapped
    with vault_of(house):
        house.enrol(ADA)
        assert refuses(house, 900) == "recognition.incident"
    assert raised(house) == ["other-capture"]


def test_an_outcome_that_the_log_does_not_show_is_missed(house: House) -> None:
    with vault_of(house):
        house.enrol(ADA)
        service.look_after(house.site)
        ticket = house.ticket(TicketKind.IDENTIFY)
        question = messages.Identify(ticket.id, world.LIVE)
        world.is_(messages.SignedOutcome, world.over(house.order.stations_socket, question, chip(ADA, 9).tobytes()))
        house.decision(900)
        service.look_after(house.site)
        assert raised(house) == [], "it may still be on its way"
        house.clock.pass_by(seconds=31)
        service.look_after(house.site)
        assert [(act.details["kind"], act.details["first"], act.details["last"]) for act in house.acts("recognition.incident")] == [("sequence-gap", 2, 2)]
        service.look_after(house.site)
        assert len(raised(house)) == 1, "it is told once"


def test_the_last_outcome_is_missed_too(house: House) -> None:
    with vault_of(house):
        house.enrol(ADA)
        service.look_after(house.site)
        ticket = house.ticket(TicketKind.IDENTIFY)
        world.over(house.order.stations_socket, messages.Identify(ticket.id, world.LIVE), chip(ADA, 9).tobytes())
        service.look_after(house.site)
        house.clock.pass_by(seconds=31)
        service.look_after(house.site)
    assert raised(house) == ["sequence-gap"]


def test_a_vault_with_another_key_than_the_pinned_one_is_an_incident_and_nothing_it_says_counts(house: House) -> None:
    with vault_of(house):
        given = house.enrol(ADA)
        with house.site.database.transaction() as session:
            session.get_one(VaultKeyRow, 1).public_key = bytes(32)
        service.withdraw(house.site, given.withdraw_secret, Via.RECEIPT)
        assert service.erasures_waiting(house.site) == 1
        assert refuses(house) == "recognition.incident"
    assert set(raised(house)) == {"vault-key"}


def test_nobody_resumes_a_station_that_nobody_paired(house: House) -> None:
    with pytest.raises(NotFoundError):
        service.resume_station(house.site, MANAGER, STATION, "why not")
