"""What the vault does with faces: who is enrolled, who is known, and every reason why not."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from consentry.consent.model import ConsentGrant, Purpose
from consentry.recognition import messages
from consentry.recognition.calibration import Signer, calibration_text, signed
from consentry.recognition.model import Band, Capture, Decision, TicketKind
from tests.recognition.vault import world
from tests.recognition.vault.conftest import asked
from tests.recognition.vault.faces import SIDE, chip, chips

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from consentry.platform.clock import FixedClock
    from consentry.recognition.vault.desk import Desk
    from consentry.recognition.vault.order import VaultOrder

    Opening = Callable[[VaultOrder], AbstractContextManager[Desk]]

DOOR = Purpose.DOOR_ACCESS


def test_who_enrolled_is_known_by_search_and_by_token_and_others_are_not(site: world.Site, ask: world.Asking) -> None:
    grant, answer = world.enrol(site, ask, 5)
    enrolled = world.outcome(ask, answer)
    assert (enrolled.decision, enrolled.band, enrolled.person, enrolled.consent, enrolled.duplicates) == (
        Decision.ACCEPT,
        Band.CLEAR,
        grant.person,
        grant.consent,
        (),
    )
    for answer in (world.identify(site, ask, 5), world.verify(site, ask, 5, grant)):
        found = world.outcome(ask, answer)
        assert (found.decision, found.person, found.consent) == (Decision.ACCEPT, grant.person, grant.consent)
    stranger = world.outcome(ask, world.identify(site, ask, 6))
    assert (stranger.decision, stranger.band, stranger.person, stranger.consent) == (Decision.REJECT, Band.BELOW, None, None)
    impostor = world.outcome(ask, world.verify(site, ask, 6, grant))
    assert (impostor.decision, impostor.person, impostor.consent) == (Decision.REJECT, None, grant.consent)


def test_outcomes_are_numbered_without_a_gap(site: world.Site, ask: world.Asking) -> None:
    _, first = world.enrol(site, ask, 5)
    numbers = [world.outcome(ask, answer).sequence for answer in (first, world.identify(site, ask, 5), world.identify(site, ask, 6))]
    assert numbers == [1, 2, 3]


def test_the_same_face_under_two_consents_is_named_and_then_nobody_is_sure(site: world.Site, ask: world.Asking) -> None:
    first, _ = world.enrol(site, ask, 5)
    _, answer = world.enrol(site, ask, 5)
    assert world.outcome(ask, answer).duplicates == (first.consent,)
    found = world.outcome(ask, world.identify(site, ask, 5))
    assert (found.decision, found.band, found.person, found.consent) == (Decision.UNSURE, Band.NEAR, None, None)


def test_purposes_know_nothing_of_each_other(site: world.Site, ask: world.Asking) -> None:
    grant, _ = world.enrol(site, ask, 5)
    assert world.outcome(ask, world.identify(site, ask, 5, DOOR)).decision is Decision.REJECT
    held = world.ticket(site, ask, TicketKind.VERIFY, grant.consent, DOOR)
    assert world.refused(ask(messages.Verify(held.id, grant.consent, world.LIVE), chip(5).tobytes())) == "vault.token"


GRANTS: dict[str, Callable[[ConsentGrant], ConsentGrant]] = {
    "vault.grant-site": lambda grant: replace(grant, site="elsewhere"),
    "vault.grant-purpose": lambda grant: replace(grant, purpose=Purpose.SALE_ATTRIBUTION),
    "vault.grant-model": lambda grant: replace(grant, model_family="dlib"),
    "vault.grant-epoch": lambda grant: replace(grant, epoch=2),
    "vault.grant-expired": lambda grant: replace(grant, issued=grant.issued - timedelta(days=2), expires=grant.issued - timedelta(days=1)),
    "vault.grant": lambda grant: replace(grant, consent="0198c0de-0000-7000-8000-000000000000"),
}


@pytest.mark.parametrize("code", GRANTS)
def test_a_grant_that_does_not_fit_enrols_nobody(site: world.Site, ask: world.Asking, code: str) -> None:
    grant = site.grant()
    held = world.ticket(site, ask, TicketKind.ENROL, grant.consent)
    assert world.refused(ask(messages.Enrol(held.id, site.grant_text(GRANTS[code](grant)), world.LIVE), chips(5))) == code
    assert world.outcome(ask, world.identify(site, ask, 5)).decision is Decision.REJECT


def test_a_grant_that_another_key_signed_enrols_nobody(site: world.Site, ask: world.Asking) -> None:
    grant = site.grant()
    held = world.ticket(site, ask, TicketKind.ENROL, grant.consent)
    forger = replace(site, grant_key=Ed25519PrivateKey.generate())
    assert world.refused(ask(messages.Enrol(held.id, forger.grant_text(grant), world.LIVE), chips(5))) == "vault.grant"
    assert world.refused(ask(messages.Enrol(world.ticket(site, ask, TicketKind.ENROL, grant.consent).id, "é", world.LIVE), chips(5))) == "vault.grant"


CAPTURES: list[tuple[str, Purpose, Capture]] = [
    ("vault.liveness", Purpose.GREETING, world.STILL),
    ("vault.liveness", Purpose.GREETING, world.UNKNOWN),
    ("vault.liveness", DOOR, world.STILL),
    ("vault.quality", Purpose.GREETING, replace(world.LIVE, quality={"sharpness": 5})),
    ("vault.quality", Purpose.GREETING, replace(world.LIVE, quality={})),
    ("vault.unattested", DOOR, replace(world.LIVE, attested=False)),
]


@pytest.mark.parametrize(("code", "purpose", "capture"), CAPTURES)
def test_a_capture_that_is_not_good_enough_enrols_nobody(site: world.Site, ask: world.Asking, code: str, purpose: Purpose, capture: Capture) -> None:
    assert world.refused(world.enrol(site, ask, 5, site.grant(purpose), capture=capture)[1]) == code
    assert world.is_(messages.PopulationCount, ask(messages.Population())).templates == dict.fromkeys(map(str, Purpose), 0)


def test_a_telephone_may_enrol_for_a_greeting(site: world.Site, ask: world.Asking) -> None:
    assert world.outcome(ask, world.enrol(site, ask, 5, capture=replace(world.LIVE, attested=False))[1]).decision is Decision.ACCEPT


def test_staff_who_stand_by_enrol_without_liveness_and_open_no_door_without_it(site: world.Site, ask: world.Asking) -> None:
    grant = site.grant(DOOR)
    held = world.is_(messages.MintedTicket, ask(site.minting(site.activation(TicketKind.ENROL, grant.consent, DOOR, attended=True), "staff-1"))).ticket
    assert held.attended
    assert world.outcome(ask, ask(messages.Enrol(held.id, site.grant_text(grant), world.STILL), chips(5))).decision is Decision.ACCEPT
    for kind, consent in ((TicketKind.IDENTIFY, None), (TicketKind.VERIFY, grant.consent)):
        held = world.is_(messages.MintedTicket, ask(site.minting(site.activation(kind, consent, DOOR, attended=True), "staff-1"))).ticket
        question = messages.Verify(held.id, consent, world.STILL) if consent else messages.Identify(held.id, world.STILL)
        assert world.refused(ask(question, chip(5).tobytes())) == "vault.liveness"


@pytest.mark.parametrize("body", [b"", chips(5, 2), chips(5, 6), chips(5, 3)[:-1], bytes(SIDE)])
def test_a_body_that_is_not_three_to_five_faces_enrols_nobody(site: world.Site, ask: world.Asking, body: bytes) -> None:
    grant = site.grant()
    held = world.ticket(site, ask, TicketKind.ENROL, grant.consent)
    assert world.refused(ask(messages.Enrol(held.id, site.grant_text(grant), world.LIVE), body)) == "vault.shots"


def test_shots_of_two_people_enrol_nobody(site: world.Site, ask: world.Asking) -> None:
    grant = site.grant()
    held = world.ticket(site, ask, TicketKind.ENROL, grant.consent)
    body = chips(5, 2) + chip(6).tobytes()
    assert world.refused(ask(messages.Enrol(held.id, site.grant_text(grant), world.LIVE), body)) == "vault.shots-differ"


def test_a_consent_enrols_once(site: world.Site, ask: world.Asking) -> None:
    grant, _ = world.enrol(site, ask, 5)
    assert world.refused(world.enrol(site, ask, 6, grant)[1]) == "vault.enrolled"


def test_a_ticket_is_good_once_for_its_kind_and_for_its_time(site: world.Site, ask: world.Asking, clock: FixedClock) -> None:
    held = world.ticket(site, ask, TicketKind.IDENTIFY)
    body = chip(5).tobytes()
    ask(messages.Identify(held.id, world.LIVE), body)
    assert world.refused(ask(messages.Identify(held.id, world.LIVE), body)) == "vault.ticket-used"
    assert world.refused(ask(messages.Identify("0" * 32, world.LIVE), body)) == "vault.ticket-unknown"
    held = world.ticket(site, ask, TicketKind.IDENTIFY)
    assert world.refused(ask(messages.Verify(held.id, "x", world.LIVE), body)) == "vault.ticket-kind"
    clock.advance(timedelta(seconds=10))
    assert world.refused(ask(messages.Identify(held.id, world.LIVE), body)) == "vault.ticket-expired"
    ask(messages.RemoveStation(world.STATION))
    ask(site.registration())


def test_a_ticket_of_a_station_that_was_removed_is_worth_nothing(site: world.Site, ask: world.Asking) -> None:
    held = world.ticket(site, ask, TicketKind.IDENTIFY)
    ask(messages.RemoveStation(world.STATION))
    assert world.refused(ask(messages.Identify(held.id, world.LIVE), chip(5).tobytes())) == "vault.ticket-station"
    assert world.refused(ask(site.minting(site.activation(TicketKind.IDENTIFY)))) == "vault.station-unknown"


def test_a_used_ticket_stays_used_after_a_restart(site: world.Site, vault: Opening) -> None:
    with vault(site.order()) as desk:
        ask = asked(desk)
        ask(site.registration())
        held = world.ticket(site, ask, TicketKind.IDENTIFY)
        ask(messages.Identify(held.id, world.LIVE), chip(5).tobytes())
    with vault(site.order()) as desk:
        assert world.refused(asked(desk)(messages.Identify(held.id, world.LIVE), chip(5).tobytes())) == "vault.ticket-used"


def test_an_expired_consent_is_nobody(site: world.Site, ask: world.Asking, clock: FixedClock) -> None:
    grant = replace(site.grant(), expires=clock.now() + timedelta(seconds=5))
    world.enrol(site, ask, 5, grant)
    assert world.outcome(ask, world.identify(site, ask, 5)).decision is Decision.ACCEPT
    clock.advance(timedelta(seconds=6))
    assert world.outcome(ask, world.identify(site, ask, 5)).reasons == ()
    assert world.outcome(ask, world.identify(site, ask, 5)).decision is Decision.REJECT
    assert world.refused(world.verify(site, ask, 5, grant)) == "vault.grant-expired"


def test_a_match_whose_grant_is_not_valid_any_more_is_an_incident(site: world.Site, vault: Opening) -> None:
    with vault(site.order()) as desk:
        ask = asked(desk)
        ask(site.registration())
        grant, _ = world.enrol(site, ask, 5)
    other = Ed25519PrivateKey.generate().public_key().public_bytes_raw().hex()
    with vault(replace(site.order(), grant_keys={1: other})) as desk:
        ask = asked(desk)
        found = world.outcome(ask, world.identify(site, ask, 5))
    assert (found.decision, found.reasons, found.person, found.consent) == (Decision.REJECT, ("grant-invalid",), None, grant.consent)


def test_who_rests_is_nobody_until_the_consent_is_resumed(site: world.Site, ask: world.Asking) -> None:
    grant, _ = world.enrol(site, ask, 5)
    for _ in range(2):
        assert ask(messages.Suspend(grant.consent)) == messages.Done()
    found = world.outcome(ask, world.identify(site, ask, 5))
    assert (found.decision, found.reasons, found.consent) == (Decision.REJECT, (), None)
    assert world.refused(world.verify(site, ask, 5, grant)) == "vault.grant-suspended"
    for _ in range(2):
        assert ask(messages.Resume(grant.consent)) == messages.Done()
    assert world.outcome(ask, world.identify(site, ask, 5)).consent == grant.consent
    assert world.outcome(ask, world.verify(site, ask, 5, grant)).consent == grant.consent


def test_who_rests_goes_on_resting_over_a_restart_and_a_restored_backup(site: world.Site, vault: Opening, tmp_path: Path) -> None:
    templates, backup = site.folder / "data/vault/vault.db", tmp_path / "backup.db"
    with vault(site.order()) as desk:
        asked(desk)(site.registration())
        grant, _ = world.enrol(site, asked(desk), 5)
    shutil.copyfile(templates, backup)
    with vault(site.order()) as desk:
        asked(desk)(messages.Suspend(grant.consent))
    for restored in (False, True):
        if restored:
            shutil.copyfile(backup, templates)
        with vault(site.order()) as desk:
            found = world.outcome(asked(desk), world.identify(site, asked(desk), 5))
            assert (found.decision, found.reasons, found.consent) == (Decision.REJECT, (), None)
    with vault(site.order()) as desk:
        asked(desk)(messages.Resume(grant.consent))
        assert world.outcome(asked(desk), world.identify(site, asked(desk), 5)).decision is Decision.ACCEPT


def test_nobody_enrols_with_a_consent_that_rests(site: world.Site, ask: world.Asking) -> None:
    grant = site.grant()
    ask(messages.Suspend(grant.consent))
    assert world.refused(world.enrol(site, ask, 5, grant)[1]) == "vault.grant-suspended"
    ask(messages.Resume(grant.consent))
    assert world.outcome(ask, world.enrol(site, ask, 5, grant)[1]).decision is Decision.ACCEPT


def test_a_consent_that_was_revoked_neither_rests_nor_comes_back(site: world.Site, ask: world.Asking) -> None:
    grant, _ = world.enrol(site, ask, 5)
    ask(messages.Suspend(grant.consent))
    world.is_(messages.SignedErasure, ask(messages.Revoke(grant.person, grant.consent, grant.purpose)))
    for question in (messages.Suspend(grant.consent), messages.Resume(grant.consent)):
        assert ask(question) == messages.Done()
    assert world.outcome(ask, world.identify(site, ask, 5)).decision is Decision.REJECT
    assert world.refused(world.enrol(site, ask, 5, grant)[1]) == "vault.grant-revoked"
    with closing(sqlite3.connect(site.folder / "keys/vault/registers.db")) as registers:
        assert registers.execute("SELECT * FROM suspension").fetchall() == []


@pytest.mark.parametrize("consent", ["", "5", "00000000-0000-4000-8000-00000000000G", "00000000-0000-4000-8000-00000000000A"])
def test_what_is_no_id_of_a_consent_is_not_put_to_rest(ask: world.Asking, consent: str) -> None:
    for question in (messages.Suspend(consent), messages.Resume(consent)):
        assert world.refused(ask(question)) == "vault.message"


def test_a_tombstone_stays_for_four_years_and_goes_then(site: world.Site, vault: Opening, clock: FixedClock) -> None:
    with vault(site.order()) as desk:
        ask = asked(desk)
        ask(site.registration())
        grant, _ = world.enrol(site, ask, 5)
        ask(messages.Revoke(grant.person, grant.consent, grant.purpose))
        clock.advance(timedelta(days=1460))
        assert tombstones(ask) == [grant.consent]
        later = site.grant()
        ask(messages.Revoke(later.person, later.consent, later.purpose))
        clock.advance(timedelta(days=2))
        assert tombstones(ask) == [later.consent]
    with vault(site.order()) as desk:
        assert tombstones(asked(desk)) == [later.consent]


def tombstones(ask: world.Asking) -> list[str]:
    """Return the consents that the vault knows to be erased."""
    return [stone.consent for stone in world.is_(messages.TombstoneList, ask(messages.Tombstones(0))).tombstones]


def test_nobody_is_recognised_without_a_calibration(site: world.Site, vault: Opening) -> None:
    for order in (replace(site.order(), calibration=None), replace(site.order(), accept_test_calibration=False), replace(site.order(), calibration="{}")):
        with vault(order) as desk:
            ask = asked(desk)
            ask(site.registration())
            assert world.refused(world.enrol(site, ask, 5)[1]) == "vault.no-calibration"
            assert world.is_(messages.VaultStatus, ask(messages.Status())).calibration is None


def test_a_model_that_misses_the_gate_opens_no_door_and_may_greet(site: world.Site, ask: world.Asking) -> None:
    weak = calibration_text(signed(world.calibration(fnmr=0.2), site.grant_key, epoch=1, by=Signer.TEST_ONLY))
    assert ask(messages.LoadCalibration(weak)) == messages.Done()
    assert world.refused(world.enrol(site, ask, 5, site.grant(DOOR))[1]) == "vault.not-certified"
    assert world.outcome(ask, world.enrol(site, ask, 5)[1]).decision is Decision.ACCEPT
    assert not world.is_(messages.VaultStatus, ask(messages.Status())).certified


def test_a_calibration_of_another_model_or_signer_is_refused(site: world.Site, ask: world.Asking) -> None:
    other = calibration_text(signed(world.calibration(family="dlib"), site.grant_key, epoch=1, by=Signer.SITE))
    assert world.refused(ask(messages.LoadCalibration(other))) == "calibration.family"
    measured_before = replace(world.calibration(), model_sha256="cd" * 32)
    older = calibration_text(signed(measured_before, site.grant_key, epoch=1, by=Signer.SITE))
    assert world.refused(ask(messages.LoadCalibration(older))) == "calibration.weights"
    forged = calibration_text(signed(world.calibration(), Ed25519PrivateKey.generate(), epoch=1, by=Signer.SITE))
    assert world.refused(ask(messages.LoadCalibration(forged))) == "calibration.signature"


def test_a_calibration_of_other_weights_than_run_here_decides_nothing(site: world.Site, vault: Opening) -> None:
    measured_before = replace(world.calibration(), model_sha256="cd" * 32)
    document = calibration_text(signed(measured_before, site.grant_key, epoch=1, by=Signer.TEST_ONLY))
    with vault(replace(site.order(), calibration=document)) as desk:
        ask = asked(desk)
        ask(site.registration())
        assert world.refused(world.enrol(site, ask, 5)[1]) == "vault.no-calibration"
        assert world.is_(messages.VaultStatus, ask(messages.Status())).calibration is None


def test_a_face_that_another_detector_found_than_the_calibration_was_measured_with_is_not_compared(site: world.Site, ask: world.Asking) -> None:
    other = replace(world.LIVE, detector="centerface")
    assert world.refused(world.enrol(site, ask, 5, capture=other)[1]) == "vault.no-calibration"
    grant, _ = world.enrol(site, ask, 5)
    assert world.refused(world.identify(site, ask, 5, capture=other)) == "vault.no-calibration"
    assert world.refused(world.verify(site, ask, 5, grant, capture=other)) == "vault.no-calibration"


def test_where_the_vault_is_no_user_of_its_own_nobody_is_recognised_and_everybody_can_withdraw(site: world.Site, vault: Opening) -> None:
    with vault(site.order()) as desk:
        ask = asked(desk)
        ask(site.registration())
        grant, _ = world.enrol(site, ask, 5)
    with vault(replace(site.order(), separate=False)) as desk:
        ask = asked(desk)
        assert world.refused(ask(site.minting(site.activation(TicketKind.IDENTIFY)))) == "vault.off"
        status = world.is_(messages.VaultStatus, ask(messages.Status()))
        assert (status.separate, status.purposes, status.family) == (False, (), None)
        world.is_(messages.SignedErasure, ask(messages.Revoke(grant.person, grant.consent, grant.purpose)))
    with vault(site.order()) as desk:
        assert world.outcome(asked(desk), world.identify(site, asked(desk), 5)).decision is Decision.REJECT


def test_a_purpose_whose_method_is_one_to_one_is_never_searched(site: world.Site, vault: Opening) -> None:
    with vault(replace(site.order(), identifies=())) as desk:
        ask = asked(desk)
        ask(site.registration())
        assert world.refused(ask(site.minting(site.activation(TicketKind.IDENTIFY)))) == "vault.ticket-kind"


def test_after_a_rotation_old_templates_match_nothing_and_people_can_enrol_again(site: world.Site, vault: Opening, tmp_path: Path) -> None:
    backup = tmp_path / "backup.db"
    with vault(site.order()) as desk:
        ask = asked(desk)
        ask(site.registration())
        grant, _ = world.enrol(site, ask, 5)
        other, _ = world.enrol(site, ask, 6, site.grant(DOOR))
        with sqlite3.connect(site.folder / "data/vault/vault.db") as live, sqlite3.connect(backup) as copy:
            live.backup(copy)
        live.close()
        copy.close()
        assert ask(messages.RotateTransform(Purpose.GREETING)) == messages.Done()
        assert world.outcome(ask, world.identify(site, ask, 5)).decision is Decision.REJECT
        assert world.refused(world.verify(site, ask, 5, grant)) == "vault.token"
        assert world.outcome(ask, world.identify(site, ask, 6, DOOR)).person == other.person
        assert world.outcome(ask, world.enrol(site, ask, 5, grant)[1]).decision is Decision.ACCEPT
    shutil.copyfile(backup, site.folder / "data/vault/vault.db")
    with vault(site.order()) as desk:
        assert world.outcome(asked(desk), world.identify(site, asked(desk), 5)).decision is Decision.REJECT
