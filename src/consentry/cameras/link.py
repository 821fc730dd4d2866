"""The web process's end of the line to the supervisor: what arrives is written and acknowledged, what services ask for is passed on."""

from __future__ import annotations

import asyncio
import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol
from weakref import WeakKeyDictionary

from consentry.cameras.gaps import watch_silence
from consentry.cameras.intake import Intake
from consentry.cameras.stills import Stills
from consentry.platform.errors import ConflictError, RecordsError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine, Iterator, Sequence

    from consentry.platform.database import Database
    from consentry.platform.processes.messages import Delivery
    from consentry.platform.site import Site

__all__ = ["Connection", "SupervisorLink", "connected", "connection_of", "serve_link"]

MOST_AT_ONCE = 200
"""Messages of one transaction."""
MOST_WAITING = 2000
"""Messages held in memory; beyond it the supervisor keeps them."""
SILENCE_CHECK_S = 30.0
ANSWER_S = 5.0
_FIRST_WAIT_S, _LONGEST_WAIT_S = 1.0, 30.0

_logger = logging.getLogger(__name__)


class SupervisorLink(Protocol):
    """What is used of ``consentry.platform.processes.link.WebLink``; all of it belongs to the event loop's thread."""

    def __aiter__(self) -> AsyncIterator[Delivery]:
        """Yield messages until the supervisor is gone."""
        ...

    async def ack(self, seq: int) -> None:
        """Say that message ``seq`` is durable."""
        ...

    async def ask_still(self, camera: str, request: str) -> None:
        """Ask for a pixelated still."""
        ...

    async def ask_reload(self) -> None:
        """Ask for the settings to be read anew."""
        ...

    async def ask_restart(self, camera: str) -> None:
        """Ask for a camera's process to be started anew."""
        ...


class Connection:
    """What services may ask of the supervisor, from any thread but the event loop's."""

    def __init__(self, link: SupervisorLink, loop: asyncio.AbstractEventLoop, stills: Stills) -> None:
        """Pass requests to ``link`` in ``loop``; stills arrive in ``stills``."""
        self.stills = stills
        self._link = link
        self._loop = loop

    def ask_still(self, camera: str, request: str) -> None:
        """Ask for a pixelated still of a camera; it arrives in ``stills``."""
        self._pass_on(self._link.ask_still(camera, request))

    def ask_reload(self) -> None:
        """Let the supervisor act on the settings as they are now."""
        self._pass_on(self._link.ask_reload())

    def ask_restart(self, camera: str) -> None:
        """Let a camera's process be started anew."""
        self._pass_on(self._link.ask_restart(camera))

    def _pass_on(self, request: Coroutine[None, None, None]) -> None:
        asyncio.run_coroutine_threadsafe(request, self._loop).result(ANSWER_S)


# One process serves one site, but a service knows the site alone, not the process; tests have several.
_connections: WeakKeyDictionary[Database, Connection] = WeakKeyDictionary()


@contextmanager
def connected(site: Site, connection: Connection) -> Iterator[None]:
    """Let services of ``site`` reach the supervisor by ``connection``."""
    _connections[site.database] = connection
    try:
        yield
    finally:
        del _connections[site.database]


def connection_of(site: Site) -> Connection:
    """Return the connection of the site's web process.

    Raises:
        ConflictError: ``cameras.no-supervisor``.
    """
    found = _connections.get(site.database)
    if found is None:
        raise ConflictError("cameras.no-supervisor", "cameras", "no supervisor runs them", "Start the site with `consentry serve`.")
    return found


async def serve_link(site: Site, link: SupervisorLink) -> None:
    """Write and acknowledge what the supervisor sends, until it is gone. Run it as a task of the web process."""
    stills = Stills()
    queue: asyncio.Queue[Delivery | None] = asyncio.Queue(MOST_WAITING)
    with connected(site, Connection(link, asyncio.get_running_loop(), stills)):
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_write(site, Intake(site, stills), link, queue))
            async for delivery in link:
                await queue.put(delivery)
            await queue.put(None)


async def _write(site: Site, intake: Intake, link: SupervisorLink, queue: asyncio.Queue[Delivery | None]) -> None:
    loop = asyncio.get_running_loop()
    # What the supervisor kept for a web process that was down arrives first: nobody is called silent before it is read.
    check = loop.time() + SILENCE_CHECK_S
    open_ended = True
    while open_ended:
        batch = await _batch(queue, max(0.0, check - loop.time()))
        open_ended = None not in batch
        for seq in await _take(intake, [delivery for delivery in batch if delivery]):
            await link.ack(seq)
        if queue.empty() and loop.time() >= check:
            await _check_silence(site)
            check = loop.time() + SILENCE_CHECK_S


async def _batch(queue: asyncio.Queue[Delivery | None], seconds: float) -> list[Delivery | None]:
    """Return what waits, after ``seconds`` nothing; None among it means that there will be no more."""
    try:
        batch = [await asyncio.wait_for(queue.get(), seconds)]
    except TimeoutError:
        return []
    while len(batch) < MOST_AT_ONCE and not queue.empty():
        batch.append(queue.get_nowait())
    return batch


async def _take(intake: Intake, batch: Sequence[Delivery]) -> list[int]:
    """Write a batch, again and again while the database cannot be used: what is not durable is not acknowledged."""
    wait = _FIRST_WAIT_S
    while True:
        try:
            return await asyncio.to_thread(intake.take, batch)
        except RecordsError as error:
            _logger.error("messages wait for the database: %s", error)  # noqa: TRY400 - the error says all; it comes again every few seconds
            await asyncio.sleep(wait)
            wait = min(2 * wait, _LONGEST_WAIT_S)


async def _check_silence(site: Site) -> None:
    try:
        await asyncio.to_thread(watch_silence, site)
    except RecordsError as error:
        _logger.error("the silence of cameras could not be checked: %s", error)  # noqa: TRY400 - as above
