"""Recording, browsing, receipts, erasing, counts, keys, reopening."""

from __future__ import annotations

import shutil
import threading
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from consentry.ledger import service
from consentry.ledger.offline import Trust, verify_bundle, verify_checkpoint
from consentry.ledger.rules.entries import COUNTED, OPENED
from consentry.ledger.rules.notes import note_text, read_checkpoint
from consentry.platform.actors import Actor, ActorKind, Permission, operator, permission_of
from consentry.platform.database import Database
from consentry.platform.errors import ConflictError, ConsentryError, DeniedError, InputError, LedgerError, NotFoundError, ProofError
from consentry.platform.keys import SiteKeys
from tests.ledger.logs import ROOT, act, advance, fill, fill_and_sign, sign_and_lose, site_on, with_keys

if TYPE_CHECKING:
    from pathlib import Path

    from consentry.ledger.model import Entry
    from consentry.platform.site import Site

ME, OTHER = operator("one"), operator("two")
READER = Actor(ActorKind.STAFF, "reader", frozenset({Permission.VIEW_LEDGER}))


def trust(site: Site) -> Trust:
    return Trust((service.log_key(site),))


def newest(site: Site) -> Entry:
    entry = service.browse(site, ME, limit=1).entries[0].entry
    assert entry
    return entry


def test_the_first_act_opens_the_log_and_gets_index_one(site: Site) -> None:
    with site.database.transaction() as session:
        assert service.record(session, act(), site.clock.now()) == 1
        assert service.record(session, act(), site.clock.now()) == 2
    opened = service.entry(site, ME, 0).entry
    assert opened
    assert opened.act.action == OPENED


def test_acts_are_recorded_with_the_transaction_or_not_at_all(site: Site) -> None:
    fill(site, 3)

    def fail() -> None:
        with site.database.transaction() as session:
            service.record(session, act(), site.clock.now())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert newest(site).index == 3
    fill(site, 1)
    assert service.audit(site, ME).clean


def test_a_refused_act_stops_the_whole_batch(site: Site) -> None:
    def fail() -> None:
        with site.database.transaction() as session:
            service.record_many(session, [act(), act(action="none")], site.clock.now())

    with pytest.raises(InputError):
        fail()
    assert service.browse(site, ME).entries == ()


def test_appenders_in_several_threads_and_connections_make_one_log(site: Site) -> None:
    def append(database: Database) -> None:
        for _ in range(10):
            with database.transaction() as session:
                service.record_many(session, [act(number) for number in range(3)], site.clock.now())

    others = [Database(site.database.url) for _ in range(3)]
    threads = [threading.Thread(target=append, args=(database,)) for database in (site.database, *others)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for database in others:
        database.close()
    report = service.audit(site, ME)
    assert (report.size, report.findings) == (121, ())


def test_browsing_goes_from_the_newest_to_the_oldest_without_repeats(site: Site) -> None:
    fill(site, 11)
    found, before = [], None
    while True:
        page = service.browse(site, READER, before=before, limit=5)
        found += [entry.index for entry in page.entries]
        before = page.next_before
        if before is None:
            break
    assert found == list(range(11, -1, -1))


@pytest.mark.parametrize(("before", "seen"), [(2**70, 4), (-(2**70), 0), (0, 0)])
def test_browsing_takes_numbers_that_no_log_reaches(site: Site, before: int, seen: int) -> None:
    fill(site, 3)
    assert len(service.browse(site, READER, before=before).entries) == seen


def test_browsing_one_action_finds_only_that(site: Site) -> None:
    fill(site, 3)
    fill(site, 2, "camera.stopped")
    page = service.browse(site, READER, action="camera.stopped")
    assert [entry.index for entry in page.entries] == [5, 4]
    assert page.next_before is None


def test_a_receipt_proves_its_entry(site: Site) -> None:
    fill_and_sign(site, 20)
    verdict = verify_bundle(service.receipt(site, READER, 7).data, trust(site))
    assert verdict.entries == (service.entry(site, READER, 7).entry,)
    assert verdict.checkpoint.size == 22


def test_a_receipt_of_a_new_entry_signs_a_checkpoint_first(site: Site) -> None:
    fill_and_sign(site, 5)
    index = fill(site, 1)[0]
    assert verify_bundle(service.receipt(site, READER, index).data, trust(site)).checkpoint.size == index + 2
    assert service.audit(site, ME).checkpoints == 2


def test_a_bundle_proves_several_entries_and_earlier_checkpoints(site: Site) -> None:
    fill_and_sign(site, 5, 5, 5)
    verdict = verify_bundle(service.receipts(site, READER, [9, 2, 9], since=[7, 13]).data, trust(site))
    assert [entry.index for entry in verdict.entries] == [2, 9]
    assert [earlier.size for earlier in verdict.earlier] == [7, 13]


@pytest.mark.parametrize("index", [999, 2**40])
def test_there_is_no_receipt_of_what_is_not_in_the_log(site: Site, index: int) -> None:
    fill_and_sign(site, 2)
    with pytest.raises(NotFoundError):
        service.receipt(site, READER, index)
    with pytest.raises(NotFoundError):
        service.entry(site, READER, index)


def test_a_log_continues_only_checkpoints_that_it_signed(site: Site) -> None:
    fill_and_sign(site, 5, 5)
    with pytest.raises(NotFoundError) as caught:
        service.consistency(site, READER, 5)
    assert caught.value.code == "ledger.no-checkpoint"


def test_every_function_that_a_person_calls_names_its_permission() -> None:
    called = (service.browse, service.entry, service.receipts, service.consistency, service.audit)
    assert {permission_of(function) for function in called} == {Permission.VIEW_LEDGER}
    assert permission_of(service.erase) == Permission.ERASE_ENTRY
    assert permission_of(service.accept_cosignatures) == Permission.EDIT_SETTINGS


def test_a_stranger_sees_nothing(site: Site) -> None:
    fill(site, 1)
    with pytest.raises(DeniedError):
        service.receipt(site, Actor(ActorKind.STAFF, "stranger"), 1)


def test_an_erased_entry_leaves_its_hash_and_a_tombstone_of_two(site: Site) -> None:
    fill_and_sign(site, 5)
    kept = service.receipt(site, READER, 3)
    leaf = service.entry(site, READER, 3).leaf
    index = service.erase(site, ME, OTHER, 3, "consent withdrawn")
    assert service.entry(site, READER, 3).entry is None
    assert service.entry(site, READER, 3).leaf == leaf
    assert newest(site).act.details == {"index": 3, "action": "camera.started", "by": [ME.label, OTHER.label]}
    assert newest(site).index == index
    report = service.audit(site, ME)
    assert (report.clean, report.erased) == (True, 1)
    assert verify_bundle(kept.data, trust(site)).entries[0].index == 3
    with pytest.raises(ConflictError):
        service.receipt(site, READER, 3)


@pytest.mark.parametrize(
    ("second", "index", "code"),
    [
        (ME, 3, "ledger.same-actor"),
        (READER, 3, "access.denied"),
        (OTHER, 0, "ledger.permanent"),
        (OTHER, 6, "ledger.permanent"),
        (OTHER, 99, "ledger.no-entry"),
    ],
)
def test_erasing_needs_two_who_may_and_an_entry_about_people(site: Site, second: Actor, index: int, code: str) -> None:
    fill_and_sign(site, 5)
    with pytest.raises(ConsentryError) as caught:
        service.erase(site, ME, second, index, "consent withdrawn")
    assert caught.value.code == code
    assert service.audit(site, ME).erased == 0


def test_an_entry_is_erased_once(site: Site) -> None:
    fill_and_sign(site, 5)
    service.erase(site, ME, OTHER, 3, "consent withdrawn")
    with pytest.raises(ConflictError) as caught:
        service.erase(site, ME, OTHER, 3, "consent withdrawn")
    assert caught.value.code == "ledger.erased"


def test_finished_days_are_counted_once_and_without_a_gap(site: Site) -> None:
    fill(site, 4)
    assert service.sign_finished_days(site) == 0
    advance(site, timedelta(days=1))
    fill(site, 2, "camera.stopped")
    advance(site, timedelta(days=3))
    service.erase(site, ME, OTHER, 2, "consent withdrawn")
    assert service.sign_finished_days(site) == 2
    assert service.sign_finished_days(site) == 0
    second, first = (entry.entry for entry in service.browse(site, ME, action=COUNTED).entries)
    assert first
    assert second
    assert (first.act.object, first.act.details) == ("day:2026-03-01", {"from": 0, "to": 5, "counts": {OPENED: 1, "camera.started": 4}})
    assert (second.act.object, second.act.details) == ("day:2026-03-02", {"from": 5, "to": 7, "counts": {"camera.stopped": 2}})
    assert service.audit(site, ME).clean


def test_a_clock_that_was_set_back_makes_no_entry_count_twice(site: Site) -> None:
    fill(site, 2)
    advance(site, timedelta(days=400))
    fill(site, 1)
    advance(site, timedelta(days=-399))
    fill(site, 3)
    advance(site, timedelta(days=500))
    assert service.sign_finished_days(site) >= 1
    ranges = [
        (entry.entry.act.details["from"], entry.entry.act.details["to"]) for entry in service.browse(site, ME, action=COUNTED).entries[::-1] if entry.entry
    ]
    assert ranges[0][0] == 0
    assert ranges[-1][1] == 7
    assert all(before[1] == after[0] for before, after in pairwise(ranges))
    assert service.audit(site, ME).clean


def test_a_new_key_is_introduced_by_the_old_one(site: Site) -> None:
    fill_and_sign(site, 5)
    pinned = trust(site)
    renewed = with_keys(site, SiteKeys(bytes(32), "shop", 2, {1: ROOT}))
    note = service.rotate_key(renewed)
    with pytest.raises(ProofError):
        verify_checkpoint(note_text(note), pinned)
    assert verify_bundle(service.receipt(renewed, READER, 3).data, pinned).entries[0].index == 3
    assert verify_bundle(service.receipt(renewed, READER, 3).data, trust(renewed)).entries[0].index == 3
    assert service.audit(renewed, ME).clean


def test_a_checkpoint_follows_a_new_key_by_itself(site: Site) -> None:
    fill_and_sign(site, 5)
    renewed = with_keys(site, SiteKeys(bytes(32), "shop", 2, {1: ROOT}))
    service.checkpoint(renewed)
    assert verify_bundle(service.receipt(renewed, READER, 3).data, trust(site)).entries[0].index == 3
    with pytest.raises(ConflictError):
        service.rotate_key(renewed)


def test_foreign_keys_sign_nothing(site: Site) -> None:
    fill_and_sign(site, 5)
    stranger = with_keys(site, SiteKeys(bytes(32), "shop"))
    with pytest.raises(LedgerError) as caught:
        service.checkpoint(stranger)
    assert caught.value.code == "ledger.key-unknown"
    assert not service.audit(stranger, ME).clean


def test_anyone_may_see_the_newest_checkpoint(site: Site) -> None:
    assert service.latest_checkpoint(site) is None
    fill_and_sign(site, 5)
    note = service.latest_checkpoint(site)
    assert note
    assert verify_checkpoint(note_text(note), trust(site)).checkpoint.size == 7


def test_a_restore_names_what_was_lost_and_is_no_fork(site: Site) -> None:
    fill_and_sign(site, 5)
    kept = service.latest_checkpoint(site)
    lost = sign_and_lose(site, 3)
    reopened = read_checkpoint(service.reopen(site, lost, "disk lost").text)
    restored = service.entry(site, ME, 7).entry
    assert kept
    assert restored
    assert reopened.origin != read_checkpoint(lost.text).origin
    assert restored.act.reason == "disk lost"
    assert restored.act.details["previous"] == read_checkpoint(lost.text).origin
    assert (restored.act.details["kept"], restored.act.details["lost_to"]) == (7, 11)
    assert service.audit(site, ME, [kept, lost]).clean
    assert [earlier.size for earlier in verify_bundle(service.consistency(site, READER, 0).data, trust(site)).earlier] == [7]
    assert [earlier.size for earlier in verify_bundle(service.consistency(site, READER, 7).data, trust(site)).earlier] == [7]


def test_a_restore_that_knows_no_checkpoint_admits_to_nothing_and_the_audit_says_so(site: Site) -> None:
    fill_and_sign(site, 5)
    lost = sign_and_lose(site, 3)
    service.reopen(site, None, "disk lost")
    assert service.audit(site, ME).clean
    report = service.audit(site, ME, [lost])
    assert {finding.code for finding in report.findings} == {"outside.missing"}


def test_a_log_restored_twice_still_continues_the_first(site: Site) -> None:
    fill_and_sign(site, 5)
    service.reopen(site, sign_and_lose(site, 3), "once")
    service.reopen(site, sign_and_lose(site, 30), "twice")
    verdict = verify_bundle(service.consistency(site, READER, 0).data, trust(site))
    assert len({earlier.origin for earlier in verdict.earlier}) == 2
    assert len(verdict.entries) == 2
    assert service.audit(site, ME).clean


def test_a_backup_that_contradicts_an_older_checkpoint_is_not_reopened(site: Site, sqlite_template: Path, tmp_path: Path) -> None:
    fill_and_sign(site, 9)
    path = tmp_path / "other.db"
    shutil.copyfile(sqlite_template, path)
    other = site_on(Database(f"sqlite:///{path}"))
    fill_and_sign(other, 3)
    note = service.latest_checkpoint(other)
    with pytest.raises(LedgerError) as caught:
        service.reopen(site, note, "disk lost")
    assert caught.value.code == "ledger.not-continued"
    other.database.close()


def test_an_empty_log_is_not_reopened(site: Site) -> None:
    with pytest.raises(ConflictError):
        service.reopen(site, None, "disk lost")


def test_after_the_keys_were_lost_the_log_goes_on_under_a_new_origin(site: Site) -> None:
    fill_and_sign(site, 5)
    renewed = with_keys(site, SiteKeys(bytes(32), "shop"))
    service.reopen(renewed, None, "key lost")
    fill_and_sign(renewed, 2)
    assert service.audit(renewed, ME).clean
    assert verify_bundle(service.receipt(renewed, READER, 3).data, trust(renewed)).entries[0].index == 3
    with pytest.raises(ProofError):
        verify_bundle(service.receipt(renewed, READER, 3).data, trust(site))
