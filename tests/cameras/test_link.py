from __future__ import annotations

import asyncio
import base64
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from consentry.cameras import link as module
from consentry.cameras import service
from consentry.cameras.gaps import watch_silence
from consentry.cameras.intake import Intake
from consentry.cameras.link import connection_of, serve_link
from consentry.cameras.stills import Stills
from consentry.counting import messages
from consentry.platform.errors import ConflictError, RecordsError
from tests.cameras.sites import MINUTE, NOON, OPERATOR, FakeLink, acts, from_camera, minute, pass_by, started

if TYPE_CHECKING:
    from collections.abc import Sequence

    from consentry.platform.processes.messages import Delivery
    from consentry.platform.site import Site

PIXELS = base64.b64encode(bytes(range(12))).decode()


def still(request: str) -> messages.Still:
    return messages.Still("r1", NOON.timestamp(), request, 2, 2, PIXELS)


def run(site: Site, *deliveries: Delivery) -> FakeLink:
    """Let the supervisor send these and go away."""

    async def lived() -> FakeLink:
        link = FakeLink()
        for delivery in (*deliveries, None):
            link.arriving.put_nowait(delivery)
        await serve_link(site, link)
        return link

    return asyncio.run(lived())


def test_what_arrives_is_written_and_then_acknowledged(sqlite_site: Site) -> None:
    link = run(sqlite_site, *from_camera(started("r1", NOON), minute("r1", NOON), minute("r1", NOON + MINUTE)))
    assert link.acked == [1, 2, 3]
    assert len(acts(sqlite_site, "camera.started")) == 1


def test_many_waiting_messages_are_one_transaction(sqlite_site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    take = Intake.take

    def counting(self: Intake, batch: Sequence[Delivery]) -> list[int]:
        sizes.append(len(batch))
        return take(self, batch)

    monkeypatch.setattr(Intake, "take", counting)
    link = run(sqlite_site, *from_camera(*(minute("r1", NOON + step * MINUTE) for step in range(300))))
    assert link.acked == list(range(1, 301))
    assert max(sizes) == module.MOST_AT_ONCE
    assert sum(sizes) == 300


def test_what_is_not_durable_is_tried_again_and_not_acknowledged(sqlite_site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[int] = []
    take = Intake.take

    def failing_twice(self: Intake, batch: Sequence[Delivery]) -> list[int]:
        tries.append(len(batch))
        if len(tries) < 3:
            raise RecordsError("records.unavailable", "main.db", "database is locked", "Wait.")
        return take(self, batch)

    monkeypatch.setattr(Intake, "take", failing_twice)
    monkeypatch.setattr(module, "_FIRST_WAIT_S", 0.01)
    link = run(sqlite_site, *from_camera(minute("r1", NOON)))
    assert tries == [1, 1, 1]
    assert link.acked == [1]


def test_silence_is_looked_for_once_nothing_waits(sqlite_site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    Intake(sqlite_site, Stills()).take(from_camera(started("r1", NOON), minute("r1", NOON)))
    pass_by(sqlite_site, minutes=10)
    monkeypatch.setattr(module, "SILENCE_CHECK_S", 0.05)

    async def lived() -> None:
        link, checked, loop = FakeLink(), asyncio.Event(), asyncio.get_running_loop()

        def checking(site: Site) -> None:
            watch_silence(site)
            loop.call_soon_threadsafe(checked.set)

        monkeypatch.setattr(module, "watch_silence", checking)
        serving = asyncio.create_task(serve_link(sqlite_site, link))
        await checked.wait()
        link.arriving.put_nowait(None)
        await serving

    asyncio.run(lived())
    assert [found.end for found in service.gaps(sqlite_site, OPERATOR, "door")] == [None]


def test_a_still_goes_from_the_camera_to_whoever_asked_and_nowhere_else(sqlite_site: Site) -> None:
    async def lived() -> None:
        link = FakeLink()
        serving = asyncio.create_task(serve_link(sqlite_site, link))
        asking = asyncio.create_task(asyncio.to_thread(service.request_still, sqlite_site, OPERATOR, "door", "drawing a line"))
        await link.heard.wait()
        _, camera, request = link.asked[0]
        assert camera == "door"
        answer = {"type": "still", "run": "r1", "at": NOON.timestamp(), "request": request, "width": 2, "height": 2, "pixels": PIXELS}
        link.arriving.put_nowait(from_camera(answer)[0])
        found = await asking
        assert (found.camera, found.width, found.height, found.pixels) == ("door", 2, 2, bytes(range(12)))
        link.arriving.put_nowait(None)
        await serving
        assert link.acked == [1]

    asyncio.run(lived())
    folder = sqlite_site.store.path.parent
    assert not [path for path in folder.rglob("*") if path.is_file() and bytes(range(12)) in path.read_bytes()]


def test_services_reach_the_supervisor_only_while_the_link_lives(sqlite_site: Site) -> None:
    run(sqlite_site)
    with pytest.raises(ConflictError):
        connection_of(sqlite_site)


def test_a_still_that_nobody_asked_this_camera_for_is_forgotten() -> None:
    stills = Stills()
    stills.expect("q1", "door")
    stills.arrived("aisle", still("q1"), NOON)
    stills.arrived("door", still("q2"), NOON)
    assert stills.wait("q1", 0.0) is None
    assert len(stills) == 0


def test_a_still_that_comes_too_late_is_forgotten() -> None:
    stills = Stills()
    stills.expect("q1", "door")
    assert stills.wait("q1", 0.0) is None
    stills.arrived("door", still("q1"), NOON + timedelta(seconds=6))
    assert len(stills) == 0


def test_a_still_is_given_once() -> None:
    stills = Stills()
    stills.expect("q1", "door")
    stills.arrived("door", still("q1"), NOON)
    assert stills.wait("q1", 0.0) is not None
    assert stills.wait("q1", 0.0) is None
    assert len(stills) == 0
