"""What a decision costs beside the door must not tell what it was about."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from consentry.access.controller.journal import Journal
from consentry.access.model import AccessEvent
from consentry.access.proving import CardShown
from tests.access.controller.playground import snapshot
from tests.access.controller.stand import stand
from tests.access.proofs.house import UID

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from consentry.access.controller.sync_text import Chained, Happening
    from tests.access.controller.stand import Stand

STRANGER = bytes.fromhex("04ffffffffffff")


class Rows:
    """Counts what each decision writes: events, and rows of state."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.counted: list[tuple[int, int]] = []
        write = Journal.write

        def counting(journal: Journal, events: Sequence[Happening], changes: Mapping[str, str | None]) -> tuple[Chained, ...]:
            self.counted.append((len(events), len(changes)))
            return write(journal, events, changes)

        monkeypatch.setattr(Journal, "write", counting)


@pytest.fixture
def nobody_may_pass(tmp_path: Path) -> Iterator[Stand]:
    policy = snapshot()
    found = stand(tmp_path, replace(policy, policy=replace(policy.policy, rules=())))
    with closing(found.decider.journal):
        yield found


def test_a_card_without_rights_and_one_that_nobody_has_are_refused_with_as_many_writes(nobody_may_pass: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    rows, decider = Rows(monkeypatch), nobody_may_pass.decider
    reasons = [decider.show(CardShown("gate", "uid", uid)).reason for uid in (UID, STRANGER, UID, STRANGER)]
    assert reasons == [AccessEvent.DENIED_POINT_NO_ACCESS_RIGHTS, AccessEvent.DENIED_UNKNOWN_CREDENTIAL] * 2
    assert len(rows.counted) == 4
    assert set(rows.counted) == {(1, 2)}, "the event, the clock, and one row about the reader"


def test_what_is_refused_without_a_failure_counts_for_no_lock_out(nobody_may_pass: Stand) -> None:
    decider = nobody_may_pass.decider
    for _ in range(6):
        assert decider.show(CardShown("gate", "uid", UID)).reason is AccessEvent.DENIED_POINT_NO_ACCESS_RIGHTS
    assert not decider.state.tries
