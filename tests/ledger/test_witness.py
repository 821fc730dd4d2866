"""A witness co-signs what continues everything it saw, and nothing else."""

from __future__ import annotations

import json
import shutil
import sqlite3
from typing import TYPE_CHECKING

import pytest

from consentry.ledger import service
from consentry.ledger.model import VerifierKey
from consentry.ledger.offline import Trust, verify_checkpoint
from consentry.ledger.rules.notes import COSIGNATURE, note_text, read_checkpoint
from consentry.ledger.signatures import cosigned_at
from consentry.ledger.witness import Witness
from consentry.platform.actors import operator
from consentry.platform.database import Database
from consentry.platform.errors import ConflictError, ConsentryError, InputError, KeyStoreError, ProofError
from consentry.platform.keys import SiteKeys
from tests.ledger.logs import NOON, ROOT, fill, fill_and_sign, site_on, with_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from consentry.platform.site import Site

ME = operator("one")


@pytest.fixture
def site(sqlite_site: Site) -> Site:
    fill_and_sign(sqlite_site, 5)
    return sqlite_site


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    return Witness.create(tmp_path / "witness", "auditor.example/shop")


@pytest.fixture
def copy_of(tmp_path: Path) -> Iterator[Callable[[Site], Site]]:
    """Return what makes a copy of a site as a backup would, or as somebody who prepares a fork."""
    opened: list[Database] = []

    def copy(site: Site) -> Site:
        path = tmp_path / f"copy{len(opened)}.db"
        with sqlite3.connect(str(site.database.url.database)) as connection:
            connection.execute("VACUUM INTO ?", (str(path),))
        connection.close()
        opened.append(Database(f"sqlite:///{path}"))
        return site_on(opened[-1], site.keys)

    yield copy
    for database in opened:
        database.close()


def ask(witness: Witness, site: Site, since: int | None = None) -> int:
    """Let the site ask for a co-signature of its newest checkpoint, and return the size that was co-signed."""
    known = witness.newest()
    if since is None:
        since = max((size for origin, size in known.items() if origin == origin_of(site)), default=0)
    note = witness.cosign(service.consistency(site, ME, since).data, (service.log_key(site),), NOON)
    verify_checkpoint(note_text(note), Trust((service.log_key(site),), (witness.verifier_key,), 1))
    return read_checkpoint(note.text).size


def origin_of(site: Site) -> str:
    note = service.latest_checkpoint(site)
    assert note
    return read_checkpoint(note.text).origin


def refusal(witness: Witness, site: Site, since: int | None = None) -> str:
    with pytest.raises(ProofError) as caught:
        ask(witness, site, since)
    return caught.value.code


def test_a_growing_log_is_followed(witness: Witness, site: Site) -> None:
    assert ask(witness, site) == 7
    assert ask(witness, site) == 7
    fill_and_sign(site, 3, 4)
    assert ask(witness, site) == 16
    assert witness.newest() == {origin_of(site): 16}


def test_a_co_signature_is_in_the_form_of_c2sp(witness: Witness, site: Site) -> None:
    note = witness.cosign(service.consistency(site, ME, 0).data, (service.log_key(site),), NOON)
    line = note.signatures[-1]
    assert line.name == "auditor.example/shop"
    assert len(line.value) == 8 + 64
    assert cosigned_at(line) == int(NOON.timestamp())
    assert witness.verifier_key.kind == COSIGNATURE


def test_co_signatures_come_back_into_receipts(witness: Witness, site: Site) -> None:
    note = witness.cosign(service.consistency(site, ME, 0).data, (service.log_key(site),), NOON)
    assert service.accept_cosignatures(site, ME, note, [witness.verifier_key]) == 1
    assert service.accept_cosignatures(site, ME, note, [witness.verifier_key]) == 0
    latest = service.latest_checkpoint(site)
    assert latest
    assert verify_checkpoint(note_text(latest), Trust((service.log_key(site),), (witness.verifier_key,), 1)).witnesses == ("auditor.example/shop",)
    assert service.audit(site, ME).clean


def test_a_co_signature_of_an_unknown_witness_is_not_kept(witness: Witness, site: Site) -> None:
    note = witness.cosign(service.consistency(site, ME, 0).data, (service.log_key(site),), NOON)
    with pytest.raises(ProofError) as caught:
        service.accept_cosignatures(site, ME, note, [VerifierKey("other.example", COSIGNATURE, bytes(32))])
    assert caught.value.code == "proof.witness"


def test_a_fork_of_the_same_size_is_refused(witness: Witness, site: Site, copy_of: Callable[[Site], Site]) -> None:
    fork = copy_of(site)
    fill_and_sign(site, 3)
    fill_and_sign(fork, 3)
    assert ask(witness, site) == 11
    assert refusal(witness, fork, since=7) == "witness.fork"


def test_a_longer_fork_is_refused(witness: Witness, site: Site, copy_of: Callable[[Site], Site]) -> None:
    fork = copy_of(site)
    fill_and_sign(site, 3)
    fill_and_sign(fork, 3, 9)
    assert ask(witness, site) == 11
    assert refusal(witness, fork, since=11) == "witness.fork"
    assert refusal(witness, fork, since=7) == "witness.gap"
    assert witness.newest() == {origin_of(site): 11}


def test_a_rollback_is_refused(witness: Witness, site: Site, copy_of: Callable[[Site], Site]) -> None:
    older = copy_of(site)
    fill_and_sign(site, 3)
    assert ask(witness, site) == 11
    assert refusal(witness, older, since=0) == "witness.rollback"


def test_a_second_log_of_the_site_that_says_nothing_of_the_first_is_refused(witness: Witness, site: Site, sqlite_template: Path, tmp_path: Path) -> None:
    assert ask(witness, site) == 7
    shutil.copyfile(sqlite_template, tmp_path / "new.db")
    fresh = site_on(Database(f"sqlite:///{tmp_path / 'new.db'}"))
    fill_and_sign(fresh, 5)
    assert refusal(witness, fresh) == "witness.fork"
    fresh.database.close()


def test_logs_of_other_sites_are_followed_apart(witness: Witness, site: Site, sqlite_template: Path, tmp_path: Path) -> None:
    assert ask(witness, site) == 7
    shutil.copyfile(sqlite_template, tmp_path / "mall.db")
    mall = site_on(Database(f"sqlite:///{tmp_path / 'mall.db'}"), SiteKeys(bytes(32), "mall"))
    fill_and_sign(mall, 1)
    assert ask(witness, mall) == 3
    assert len(witness.newest()) == 2
    mall.database.close()


def test_an_honest_restore_is_followed_and_the_old_log_is_closed(witness: Witness, site: Site, copy_of: Callable[[Site], Site]) -> None:
    assert ask(witness, site) == 7
    backup = copy_of(site)
    fill_and_sign(site, 3)
    assert ask(witness, site) == 11
    last = service.latest_checkpoint(site)
    service.reopen(backup, last, "disk lost")
    assert ask(witness, backup) == 9
    fill_and_sign(backup, 2)
    assert ask(witness, backup) == 12
    fill_and_sign(site, 2)
    assert refusal(witness, site, since=11) == "witness.replaced"


def test_a_restore_that_the_witness_only_sees_later_is_followed(witness: Witness, site: Site, copy_of: Callable[[Site], Site]) -> None:
    assert ask(witness, site) == 7
    backup = copy_of(site)
    fill_and_sign(site, 3)
    assert ask(witness, site) == 11
    service.reopen(backup, service.latest_checkpoint(site), "once")
    fill_and_sign(backup, 30)
    assert ask(witness, backup) == 40


@pytest.mark.parametrize("known", [False, True])
def test_a_restore_that_hides_entries_the_witness_saw_is_refused(witness: Witness, site: Site, copy_of: Callable[[Site], Site], known: bool) -> None:
    backup = copy_of(site)
    older = service.latest_checkpoint(site)
    fill_and_sign(site, 3)
    assert ask(witness, site) == 11
    service.reopen(backup, older if known else None, "disk lost, nothing missing")
    assert refusal(witness, backup) == "witness.hidden-loss"


def test_a_forged_backup_is_no_restore(witness: Witness, site: Site, copy_of: Callable[[Site], Site]) -> None:
    forged = copy_of(site)
    fill_and_sign(site, 3)
    assert ask(witness, site) == 11
    last = service.latest_checkpoint(site)
    fill_and_sign(site, 3)
    assert ask(witness, site) == 15
    fill(forged, 20)
    with pytest.raises(ConsentryError) as caught:
        service.reopen(forged, last, "disk lost")
    assert caught.value.code == "ledger.not-continued"


def test_a_new_key_is_followed(witness: Witness, site: Site) -> None:
    assert ask(witness, site) == 7
    renewed = with_keys(site, SiteKeys(bytes(32), "shop", 2, {1: ROOT}))
    service.rotate_key(renewed)
    note = witness.cosign(service.consistency(renewed, ME, 7).data, (service.log_key(site),), NOON)
    assert read_checkpoint(note.text).size == 9


def test_a_log_whose_key_is_not_pinned_is_refused(witness: Witness, site: Site) -> None:
    stranger = with_keys(site, SiteKeys(bytes(32), "shop"))
    with pytest.raises(ProofError):
        witness.cosign(service.consistency(site, ME, 0).data, (service.log_key(stranger),), NOON)
    assert witness.newest() == {}


def test_a_witness_remembers_over_a_restart(site: Site, witness: Witness, tmp_path: Path) -> None:
    assert ask(witness, site) == 7
    again = Witness.open(tmp_path / "witness")
    assert again.newest() == witness.newest()
    assert again.verifier_key == witness.verifier_key
    assert (tmp_path / "witness" / "witness.key").stat().st_mode & 0o777 == 0o600


def test_what_was_co_signed_is_on_the_disk_before_the_signature_exists(site: Site, witness: Witness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError

    monkeypatch.setattr("consentry.ledger.witness.cosign_text", fail)
    with pytest.raises(OSError):  # noqa: PT011 - ours, from above
        ask(witness, site)
    assert witness.newest() == {origin_of(site): 7}
    monkeypatch.undo()
    monkeypatch.setattr("consentry.platform.durable.os.fsync", fail)
    fill_and_sign(site, 1)
    with pytest.raises(OSError):  # noqa: PT011 - ours, from above
        ask(witness, site)
    assert json.loads((tmp_path / "witness" / "state.json").read_bytes())["logs"][origin_of(site)]["roots"].keys() == {"7"}


@pytest.mark.parametrize(
    "content", ["", "{}", "[]", '{"format":"consentry-witness/1","logs":{"shop/00000000":{"roots":{},"successor":null}}}', '{"format":"x"}']
)
def test_a_damaged_memory_stops_the_witness(site: Site, witness: Witness, tmp_path: Path, content: str) -> None:
    (tmp_path / "witness" / "state.json").write_text(content, encoding="utf-8")
    assert refusal(witness, site, since=0) == "witness.state"


@pytest.mark.parametrize("name", ["", "two words", "a+b"])
def test_a_witness_needs_a_name_that_a_note_can_carry(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError):
        Witness.create(tmp_path / "w", name)


def test_a_witness_is_made_once(witness: Witness, tmp_path: Path) -> None:
    with pytest.raises(ConflictError):
        Witness.create(tmp_path / "witness", witness.verifier_key.name)


@pytest.mark.usefixtures("witness")
def test_an_exposed_or_damaged_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "witness" / "witness.key"
    path.chmod(0o644)
    with pytest.raises(KeyStoreError):
        Witness.open(path.parent)
    path.write_text("name AAAA\n", encoding="utf-8")
    path.chmod(0o600)
    with pytest.raises(KeyStoreError) as caught:
        Witness.open(path.parent)
    assert caught.value.code == "witness.key"
