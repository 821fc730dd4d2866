"""A vault inside the test, with numbered faces and a clock that the test moves."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from consentry.platform.clock import FixedClock
from consentry.recognition import messages
from consentry.recognition.vault.captures import Eye
from consentry.recognition.vault.opening import opened
from tests.recognition.vault import world
from tests.recognition.vault.faces import SIDE, WEIGHTS, NumberedFaces

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from consentry.recognition.vault.desk import Desk
    from consentry.recognition.vault.order import VaultOrder


@pytest.fixture
def site(tmp_path: Path) -> world.Site:
    return world.Site(tmp_path)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime.now(UTC))


@pytest.fixture
def vault(site: world.Site, clock: FixedClock) -> Callable[[VaultOrder], AbstractContextManager[Desk]]:
    """Return what opens a vault in this process; however long a test takes, the site's clock is right by the vault's until the test moves that."""
    site.time = clock.now()
    return lambda order: opened(order, lambda _: Eye(NumberedFaces(), SIDE, WEIGHTS), clock)


def asked(desk: Desk) -> world.Asking:
    """Return what asks a vault in this process; questions and answers are written and read as on a socket."""

    def ask(question: messages.WebQuestion | messages.StationQuestion, body: bytes = b"") -> messages.Answer:
        door = desk.answer_station if isinstance(question, messages.StationQuestion) else desk.answer_web
        answer = door(messages.written(question), bytearray(body))
        desk.settle()
        return messages.read_answer(messages.written(answer))

    return ask


@pytest.fixture
def ask(site: world.Site, vault: Callable[[VaultOrder], AbstractContextManager[Desk]]) -> Iterator[world.Asking]:
    """Return what asks a vault with the site's station registered."""
    with vault(site.order()) as desk:
        found = asked(desk)
        found(site.registration())
        yield found
