"""Which snapshot a controller begins with: never one from before the newest that it ever had, whatever becomes of the file."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from consentry.access.controller.deciding import highest_snapshot
from consentry.access.controller.journal import open_journal
from consentry.access.controller.link import SyncAnswer
from consentry.access.controller.policy import SNAPSHOT_NAME, open_policy
from consentry.access.controller.reporting import FirstSnapshot
from consentry.platform.clock import FixedClock
from consentry.platform.errors import ConflictError
from tests.access.controller.playground import signed_snapshot, snapshot
from tests.access.controller.stand import stand
from tests.access.proofs.house import NOW

if TYPE_CHECKING:
    from pathlib import Path

    from consentry.access.controller.identity import Identity


@pytest.fixture
def identity(tmp_path: Path) -> Identity:
    """Return a controller's that had snapshot 9 in force, before 7."""
    found = stand(tmp_path)
    found.apply(9)
    found.decider.journal.close()
    return found.decider.identity


@pytest.mark.parametrize(("number", "refused"), [(8, True), (9, False), (10, False)])
@pytest.mark.parametrize("kept", [True, False])
def test_no_snapshot_from_before_the_newest_is_taken_from_a_file(identity: Identity, tmp_path: Path, number: int, refused: bool, kept: bool) -> None:
    (tmp_path / SNAPSHOT_NAME).unlink()
    file = tmp_path / (SNAPSHOT_NAME if kept else "given")
    file.write_text(signed_snapshot(snapshot(number)), encoding="utf-8")
    with closing(open_journal(tmp_path / "journal.db")) as journal:
        least = highest_snapshot(journal)
    assert least == 9
    if refused:
        with pytest.raises(ConflictError) as error:
            open_policy(file, tmp_path, identity, least)
        assert error.value.code == "door.snapshot-old"
    else:
        assert open_policy(file, tmp_path, identity, least).number == number


@pytest.mark.parametrize(("number", "arrives"), [(8, False), (9, True)])
def test_no_snapshot_from_before_the_newest_is_taken_from_the_server(identity: Identity, tmp_path: Path, number: int, arrives: bool) -> None:
    (tmp_path / SNAPSHOT_NAME).unlink()
    answer = SyncAnswer(0, signed_snapshot(snapshot(number)), (), NOW)
    with closing(open_journal(tmp_path / "journal.db")) as journal:
        first = FirstSnapshot(identity, journal, FixedClock(NOW), tmp_path)
        if arrives:
            first.heard(answer)
        else:
            with pytest.raises(ConflictError):
                first.heard(answer)
    assert (first.arrived, (tmp_path / SNAPSHOT_NAME).exists()) == (arrives, arrives)


def test_a_number_is_kept_only_once_its_snapshot_is(tmp_path: Path) -> None:
    found = stand(tmp_path)
    (tmp_path / SNAPSHOT_NAME).unlink(missing_ok=True)
    (tmp_path / SNAPSHOT_NAME).mkdir()
    with closing(found.decider.journal) as journal:
        found.apply(9)
        assert (found.decider.policy.number, highest_snapshot(journal)) == (9, 7), "a power cut must not leave it without any"
        (tmp_path / SNAPSHOT_NAME).rmdir()
        found.passes(120)
        assert highest_snapshot(journal) == 9
