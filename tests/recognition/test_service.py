"""A person agrees, enrols, is recognised, withdraws and is gone; and everything that must not happen on the way is an incident or a refusal."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from consentry.alarms.model import AlarmKind
from consentry.alarms.service import live
from consentry.consent import service as consents
from consentry.consent.model import Purpose, Via
from consentry.ledger.offline import Trust, verify_file
from consentry.ledger.service import log_key
from consentry.platform.backup.engines import load, save
from consentry.platform.backup.templates import load_templates, save_templates
from consentry.platform.errors import ConflictError, ConsentryError, DeniedError, InputError, NotFoundError, ProofError, RecordsError
from consentry.platform.events import deliver
from consentry.recognition import service
from consentry.recognition.answers import ReviewDecision
from consentry.recognition.model import TicketKind
from consentry.recognition.records import ErasureRow
from consentry.recognition.service import HANDLERS
from consentry.recognition.station.model import CapturePhase
from tests.consent.shop import CHINESE, ENGLISH, OFFICER, TERMS, agree, yes
from tests.recognition.house import DESK, MANAGER, STATION, VISITOR_OF_OFFICE, Device, House, opened, vault_of
from tests.recognition.vault import world

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ADA, BEN = 5, 900


@pytest.fixture
def house() -> Iterator[House]:
    """Return a house whose vault does not run."""
    with opened() as found:
        yield found


def code_of(error: pytest.ExceptionInfo[ConsentryError]) -> str:
    return error.value.code


def test_a_person_enrols_is_known_withdraws_and_is_known_no_more_also_after_a_restart(house: House) -> None:
    with vault_of(house):
        given = house.enrol(ADA)
        assert (house.decision(ADA), house.decision(BEN)) == ("accept", "reject")
        withdrawn = service.withdraw(house.site, given.withdraw_secret, Via.RECEIPT)
        assert withdrawn.consent == given.consent
        assert house.decision(ADA) == "reject"
    with vault_of(house):
        assert house.decision(ADA) == "reject"


def test_an_outcome_is_not_entered_without_what_follows_for_its_consent(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: object) -> None:
        raise RecordsError("records.busy", "records", "somebody else writes", "Repeat it.")

    with vault_of(house), monkeypatch.context() as broken:
        broken.setattr(consents, "note_enrolled", breaks)
        given = consents.give(house.site, yes(house.site, station=STATION))
        with pytest.raises(RecordsError):
            house.show(house.ticket(TicketKind.ENROL, given.consent), ADA)
        assert house.acts("recognition.decided") == []


def test_every_outcome_is_in_the_log_with_purpose_consent_device_decision_and_number_and_without_a_score(house: House) -> None:
    with vault_of(house):
        given = house.enrol(ADA)
        house.decision(ADA)
        house.decision(BEN)
    acts = house.acts("recognition.decided")
    assert [(act.object, act.purpose, act.details["decision"], act.details["consent"], act.details["sequence"]) for act in acts] == [
        ("station:kiosk", "greeting", "accept", given.consent, 1),
        ("station:kiosk", "greeting", "accept", given.consent, 2),
        ("station:kiosk", "greeting", "reject", None, 3),
    ]
    assert not any(word in str(act.details) for act in acts for word in ("score", "margin", "vector"))


def test_a_person_s_own_copy_says_when_and_where_they_were_recognised_and_nobody_else(house: House) -> None:
    with vault_of(house):
        given, other = house.enrol(ADA), house.enrol(BEN)
        house.decision(ADA)
        house.decision(BEN)
        house.decision(ADA + 1)
    told = service.copy_of(house.site, given.withdraw_secret)["recognitions"]
    assert isinstance(told, list)
    assert [(one["station"], one["purpose"], one["kind"], one["decision"], one["consent"]) for one in told] == [
        ("kiosk", "greeting", "enrol", "accept", given.consent),
        ("kiosk", "greeting", "identify", "accept", given.consent),
    ]
    assert other.consent not in str(told)
    house.clock.pass_by(days=20)
    assert service.copy_of(house.site, given.withdraw_secret)["recognitions"] == told, "each once, however long ago"
    consents.report_lost(house.site, given.consent)
    assert service.copy_of(house.site, given.withdraw_secret)["recognitions"] == [], "whoever found the receipt may be asking"
    consents.restore_lost(house.site, given.withdraw_secret)
    consents.withdraw(house.site, given.withdraw_secret, Via.RECEIPT)
    assert service.copy_of(house.site, given.withdraw_secret)["recognitions"] == told


def test_the_erasure_certificate_proves_offline_what_the_vault_erased(house: House) -> None:
    with vault_of(house):
        given = house.enrol(ADA)
        with pytest.raises(ConflictError) as refused:
            service.erasure_certificate(house.site, given.withdraw_secret)
        assert code_of(refused) == "recognition.not-erased"
        service.withdraw(house.site, given.withdraw_secret, Via.PHONE)
    certificate = service.erasure_certificate(house.site, given.withdraw_secret)
    proven = verify_file(certificate.data, Trust((log_key(house.site),)))
    erased = next(entry.act for entry in proven.entries if entry.act.action == "recognition.erased")
    assert erased.details["consent"] == given.consent
    pinned = next(entry.act for entry in proven.entries if entry.act.action == "vault.key-pinned")
    assert erased.details["key"] == pinned.details["key"]
    with pytest.raises(ProofError):
        verify_file(certificate.data.replace(given.consent.encode(), b"0" * 36), Trust((log_key(house.site),)))


def test_a_withdrawal_holds_while_the_vault_is_away_and_the_vault_is_asked_until_it_has_erased(house: House) -> None:
    with vault_of(house):
        given = house.enrol(ADA)
    withdrawn = service.withdraw(house.site, given.withdraw_secret, Via.RECEIPT)
    assert not consents.is_valid(house.site, withdrawn.consent)
    assert service.erasures_waiting(house.site) == 1
    with pytest.raises(ConflictError) as away:
        service.erase_pending(house.site)
    assert code_of(away) == "vault.away"
    house.clock.pass_by(seconds=61)
    with pytest.raises(ConflictError):
        service.look_after(house.site)
    assert {alarm.kind for alarm in live(house.site)} == {AlarmKind.ERASURE_LATE, AlarmKind.VAULT_AWAY}
    with vault_of(house):
        assert service.erase_pending(house.site) == 1
        assert service.erasures_waiting(house.site) == 0
        service.look_after(house.site)
    assert AlarmKind.ERASURE_LATE not in {alarm.kind for alarm in live(house.site)}


def test_an_erasure_that_the_vault_refuses_keeps_no_other_from_being_done(house: House) -> None:
    with vault_of(house):
        given, other = house.enrol(ADA), house.enrol(BEN)
        with house.site.database.transaction() as session:
            before = house.clock.now() - timedelta(hours=1)
            session.add(ErasureRow(consent="no id", person="nobody", purpose="greeting", asked=before, sequence=None, entry=None))
        service.withdraw(house.site, given.withdraw_secret, Via.RECEIPT)
        assert house.decision(ADA) == "reject"
        assert service.erasure_certificate(house.site, given.withdraw_secret).data
        consents.withdraw(house.site, other.withdraw_secret, Via.RECEIPT)
        deliver(house.site, HANDLERS)
        with pytest.raises(InputError) as refused:
            service.erase_pending(house.site)
        assert code_of(refused) == "vault.message"
        assert service.erasure_certificate(house.site, other.withdraw_secret).data
    assert service.erasures_waiting(house.site) == 1


def test_a_restored_tombstone_that_cannot_be_confirmed_keeps_nobody_else_from_being_recognised(house: House, tmp_path: Path) -> None:
    with vault_of(house):
        given = house.enrol(ADA)
        house.enrol(BEN)
        save(house.site.database, tmp_path / "records")
        service.withdraw(house.site, given.withdraw_secret, Via.RECEIPT)
        load(house.site.database, tmp_path / "records", "sqlite")
        with house.site.database.transaction() as session:
            session.add(ErasureRow(consent="no id", person="nobody", purpose="greeting", asked=house.clock.now(), sequence=None, entry=None))
        assert house.decision(BEN) == "accept"
        assert not consents.is_valid(house.site, given.consent)


def test_repeating_a_withdrawal_erases_once(house: House) -> None:
    with vault_of(house):
        given = house.enrol(ADA)
        first = service.withdraw(house.site, given.withdraw_secret, Via.RECEIPT)
        assert service.withdraw(house.site, given.withdraw_secret, Via.KIOSK).at == first.at
    assert len(house.acts("recognition.erased")) == 1


def test_a_notice_that_binds_otherwise_takes_the_templates_given_under_the_old_one(house: House) -> None:
    with vault_of(house):
        house.enrol(ADA)
        terms = replace(TERMS, retention=timedelta(days=30))
        consents.publish_notice(house.site, OFFICER, Purpose.GREETING, {"zh-CN": CHINESE, "en": ENGLISH}, terms)
        deliver(house.site, HANDLERS)
        assert service.erase_pending(house.site) == 1
        assert service.population(house.site) == {"greeting": 0}


def test_what_was_withdrawn_after_a_backup_stays_withdrawn_when_the_records_are_restored(house: House, tmp_path: Path) -> None:
    with vault_of(house):
        given = house.enrol(ADA)
        save(house.site.database, tmp_path / "records")
        service.withdraw(house.site, given.withdraw_secret, Via.RECEIPT)
        load(house.site.database, tmp_path / "records", "sqlite")
        assert consents.is_valid(house.site, given.consent), "the backup knows nothing of it"
        assert service.reconcile_tombstones(house.site) == 1
        assert not consents.is_valid(house.site, given.consent)
        assert house.decision(ADA) == "reject"


def test_templates_of_a_backup_do_not_bring_back_whoever_withdrew_since(house: House, tmp_path: Path) -> None:
    places = house.site.store.places
    with vault_of(house):
        given, kept = house.enrol(ADA), house.enrol(BEN)
    assert save_templates(places, tmp_path / "templates")
    with vault_of(house):
        service.withdraw(house.site, given.withdraw_secret, Via.RECEIPT)
    load_templates(places, tmp_path / "templates")
    with vault_of(house):
        assert (house.decision(ADA), house.decision(BEN)) == ("reject", "accept")
    assert consents.is_valid(house.site, kept.consent)


def test_a_member_of_staff_who_stands_by_is_named_in_the_log(house: House) -> None:
    house.station.capture = world.UNKNOWN
    with vault_of(house):
        given = agree(house.site, station=STATION)
        alone = house.show(house.ticket(TicketKind.ENROL, given.consent), ADA)
        assert (alone.phase, alone.refusal and alone.refusal.code) == (CapturePhase.REFUSED, "vault.liveness")
        ticket = house.ticket(TicketKind.ENROL, given.consent, attendant=DESK)
        view = house.show(ticket, ADA)
        assert view.outcome is not None
        assert view.outcome.decision == "accept"
    [attended] = house.acts("recognition.attended")
    assert (attended.actor, attended.details["consent"], attended.details["ticket"]) == (DESK.label, given.consent, ticket.id)
    [refused] = house.acts("recognition.refused")
    assert refused.details["code"] == "vault.liveness"


def test_whoever_may_not_attend_a_station_does_not(house: House) -> None:
    with vault_of(house):
        given = agree(house.site, station=STATION)
        with pytest.raises(DeniedError):
            house.ticket(TicketKind.ENROL, given.consent, attendant=VISITOR_OF_OFFICE)
    assert house.acts("recognition.attended") == []


def test_two_consents_of_one_face_are_shown_to_a_person_and_never_merged(house: House) -> None:
    with vault_of(house):
        first, second = house.enrol(ADA), house.enrol(ADA)
        assert service.population(house.site) == {"greeting": 2}
    [review] = service.reviews(house.site, MANAGER)
    assert (review.consent, review.others) == (second.consent, (first.consent,))
    decided = service.decide_review(house.site, MANAGER, review.id, ReviewDecision.SAME_PERSON, "compared at the desk")
    assert decided.decided_by == MANAGER.label
    assert service.reviews(house.site, MANAGER) == ()
    with pytest.raises(ConflictError) as again:
        service.decide_review(house.site, MANAGER, review.id, ReviewDecision.SAME_PERSON, "again")
    assert code_of(again) == "review.decided"
    assert consents.is_valid(house.site, first.consent)
    assert consents.is_valid(house.site, second.consent)


def test_a_capture_ends_with_its_outcome_or_when_it_is_aborted(house: House) -> None:
    with vault_of(house):
        ticket = house.ticket(TicketKind.IDENTIFY)
        assert service.feed(house.site, ticket.id, b"nobody").hint == "no-face"
        assert service.holds_capture(house.site, ticket.id) == STATION
        house.show(ticket, ADA)
        aborted = house.ticket(TicketKind.IDENTIFY)
        service.end_capture(house.site, aborted.id)
        for over in (ticket.id, aborted.id, "0" * 32):
            assert service.holds_capture(house.site, over) is None
            with pytest.raises(NotFoundError) as refused:
                service.feed(house.site, over, b"face 5")
            assert code_of(refused) == "capture.unknown"


@pytest.mark.parametrize("size", [0, service.LARGEST_FRAME + 1])
def test_a_frame_without_size_or_beyond_it_is_refused_before_anybody_sees_it(house: House, size: int) -> None:
    with pytest.raises(InputError) as refused:
        service.feed(house.site, "0" * 32, bytes(size))
    assert code_of(refused) == "capture.frame"


@pytest.mark.parametrize(
    ("harm", "code"),
    [
        ("another key", "station.signature"),
        ("another text", "station.signature"),
        ("no signature", "station.signature"),
        ("another station", "station.signature"),
        ("another notice", "recognition.notice"),
        ("another purpose", "station.purpose"),
        ("unknown consent", "recognition.consent"),
        ("no consent", "recognition.consent"),
        ("withdrawn consent", "recognition.consent"),
        ("used counter", "vault.counter"),
        ("old", "vault.clock"),
    ],
)
def test_an_activation_that_does_not_hold_gets_no_ticket(house: House, harm: str, code: str) -> None:
    with vault_of(house):
        given = agree(house.site, station=STATION)
        if harm == "withdrawn consent":
            service.withdraw(house.site, given.withdraw_secret, Via.RECEIPT)
        house.ticket(TicketKind.IDENTIFY)
        text, signature, station = harmed(house, harm, given.consent)
        with pytest.raises(ConsentryError) as refused:
            service.request_ticket(house.site, station, text, signature)
        assert code_of(refused) == code


def harmed(house: House, harm: str, consent: str) -> tuple[str, str, str]:
    """Return activation, signature and station with one thing wrong."""
    changes: dict[str, dict[str, Any]] = {
        "another notice": {"notice_sha256": "ab" * 32},
        "another purpose": {"purpose": Purpose.DOOR_ACCESS},
        "unknown consent": {"consent": "00000000-0000-4000-8000-000000000000"},
        "no consent": {"consent": None},
        "used counter": {"counter": 1},
        "old": {"at": house.clock.now() - timedelta(minutes=1)},
    }
    text = house.activation(TicketKind.ENROL, **{"consent": consent, **changes.get(harm, {})})
    signature = Device().sign(text) if harm == "another key" else "" if harm == "no signature" else house.device.sign(text)
    return text + " " if harm == "another text" else text, signature, "gate" if harm == "another station" else STATION
