"""The audit finds whatever is done to the log by hand, and names the first index that cannot be trusted."""

from __future__ import annotations

import random
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import delete, func, select, update

from consentry.ledger import service
from consentry.ledger.audit import audit_log
from consentry.ledger.checkpoints import COSIGNATURE_KIND, KEY_PURPOSE, attest
from consentry.ledger.log import log_act
from consentry.ledger.model import Act
from consentry.ledger.records import AttestationRow, CheckpointRow, EntryRow
from consentry.ledger.rules.bundles import key_change_details
from consentry.ledger.rules.notes import read_checkpoint
from consentry.ledger.signatures import change_key, public_bytes
from consentry.platform.actors import operator
from consentry.platform.errors import ProofError
from consentry.platform.keys import SiteKeys
from tests.ledger.logs import ROOT, advance, fill, fill_and_sign, with_keys
from tests.ledger.tampering import TAMPERINGS, rebuild_tree

if TYPE_CHECKING:
    from consentry.ledger.model import AuditReport, Checkpoint
    from consentry.platform.site import Site
    from tests.ledger.tampering import Tampering

ME, OTHER = operator("one"), operator("two")
TRIES = 8
"""Times that each tampering is done, with another entry each time."""


class _Undo(Exception):  # noqa: N818 - no error: the way to roll back
    pass


@pytest.fixture
def full(site: Site) -> Site:
    """Return a site whose log has everything in it: checkpoints, an erased entry, counts, an attestation, a new key, a restore.

    It ends with a checkpoint: what comes after the last one is covered by nothing but hashes.
    """
    fill_and_sign(site, 5, 9)
    with site.database.transaction() as session:
        attest(session, site, 7, COSIGNATURE_KIND, "— witness AAAA\n".encode())
    service.erase(site, ME, OTHER, 4, "consent withdrawn")
    advance(site, timedelta(days=1))
    fill(site, 7)
    service.sign_finished_days(site)
    renewed = with_keys(site, SiteKeys(bytes(32), "shop", 2, {1: ROOT}))
    fill_and_sign(renewed, 6)
    service.reopen(renewed, None, "rehearsal")
    fill_and_sign(renewed, 4)
    return renewed


def tampered(site: Site, tampering: Tampering, seed: int, outside: tuple[Checkpoint, ...] = ()) -> tuple[AuditReport, int, int]:
    """Do it, audit, and undo it; return the report and where the blame belongs."""
    found: list[tuple[AuditReport, int, int]] = []
    keys = frozenset(public_bytes(site.keys.signing_key(KEY_PURPOSE, epoch=epoch)) for epoch in site.keys.epochs)
    with suppress(_Undo), site.database.transaction() as session:
        blamed = tampering(session, random.Random(seed))  # noqa: S311 - chance of a test
        session.expire_all()
        found.append((audit_log(session, site.keys.site, keys, outside), *blamed))
        raise _Undo
    return found[0]


def test_an_untouched_log_is_clean(full: Site) -> None:
    report = service.audit(full, ME)
    assert (report.clean, report.first_bad, report.erased, report.checkpoints) == (True, None, 1, 6)


@pytest.mark.parametrize("tampering", TAMPERINGS, ids=lambda tampering: tampering.__name__)
def test_tampering_is_found_and_the_first_bad_index_named(full: Site, tampering: Tampering) -> None:
    for seed in range(TRIES):
        report, first, last = tampered(full, tampering, seed)
        assert report.first_bad is not None, (seed, first, last)
        assert first <= report.first_bad <= last, (seed, report.findings)
        assert any(finding.first <= last and finding.last >= first for finding in report.findings)
    assert service.audit(full, ME).clean


def test_a_log_cut_back_to_an_older_checkpoint_is_found_by_a_newer_one_kept_elsewhere(site: Site) -> None:
    fill_and_sign(site, 5, 9)
    kept = service.latest_checkpoint(site)
    assert kept
    with site.database.transaction() as session:
        session.execute(delete(CheckpointRow).where(CheckpointRow.size > 7))
        session.execute(delete(EntryRow).where(EntryRow.number >= 7))
        rebuild_tree(session)
    assert service.audit(site, ME).clean, "nothing inside contradicts it: that is what checkpoints outside are for"
    report = service.audit(site, ME, [kept])
    assert report.first_bad == 7
    assert [finding.code for finding in report.findings] == ["outside.missing"]


def test_a_log_grown_anew_from_an_older_checkpoint_is_found_by_the_one_kept_elsewhere(site: Site) -> None:
    fill_and_sign(site, 5, 9)
    kept = service.latest_checkpoint(site)
    assert kept
    with site.database.transaction() as session:
        session.execute(delete(CheckpointRow).where(CheckpointRow.size > 7))
        session.execute(delete(EntryRow).where(EntryRow.number >= 7))
        rebuild_tree(session)
    fill_and_sign(site, 20)
    assert service.audit(site, ME).clean
    report = service.audit(site, ME, [kept])
    assert [finding.code for finding in report.findings] == ["outside.root"]


def test_a_checkpoint_of_another_site_is_no_yardstick(site: Site) -> None:
    fill_and_sign(site, 5)
    kept = service.latest_checkpoint(site)
    assert kept
    with pytest.raises(ProofError):
        service.audit(with_keys(site, SiteKeys(bytes(32), "shop")), ME, [kept])


def test_an_honest_checkpoint_kept_elsewhere_agrees(full: Site) -> None:
    notes = [service.checkpoint(full) for _ in range(3)]
    fill(full, 3)
    assert service.audit(full, ME, notes).clean
    assert [read_checkpoint(note.text).size for note in notes] == sorted(read_checkpoint(note.text).size for note in notes)


def test_a_tombstone_of_one_person_does_not_excuse_a_missing_body(site: Site) -> None:
    fill_and_sign(site, 5)
    lone = operator("one")
    with site.database.transaction() as session:
        forged = Act(lone.label, "ledger.erased", "entry:3", "erasure", "", {"index": 3, "action": "camera.started", "by": [lone.label, lone.label]})
        index = service.record(session, forged, site.clock.now())
        session.execute(update(EntryRow).where(EntryRow.number == 3).values(body=None, salt=None, action=None, at=None))
    codes = {(finding.first, finding.code) for finding in service.audit(site, ME).findings}
    assert codes == {(3, "entry.body-missing"), (index, "tombstone.invalid")}


def test_a_change_from_a_key_that_the_log_never_had_is_found(site: Site) -> None:
    fill_and_sign(site, 5)
    thief, heir = (Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32) for number in (1, 2))
    with site.database.transaction() as session:
        forged = log_act("key.rotated", "ledger-checkpoint", key_change_details(change_key("shop", thief, heir)))
        index = service.record(session, forged, site.clock.now())
    assert [(finding.first, finding.code) for finding in service.audit(site, ME).findings] == [(index, "key.change")]


def test_wrong_counts_are_found(site: Site) -> None:
    fill_and_sign(site, 5)
    with site.database.transaction() as session:
        service.record(
            session, log_act("ledger.counted", "day:2026-03-01", {"from": 0, "to": 3, "counts": {"ledger.opened": 1, "camera.started": 1}}), site.clock.now()
        )
    assert [finding.code for finding in service.audit(site, ME).findings] == ["counts.wrong"]


def test_attestations_are_kept_with_their_entry(full: Site) -> None:
    with full.database.reading() as session:
        assert session.execute(select(func.count()).select_from(AttestationRow)).scalar_one() == 1
