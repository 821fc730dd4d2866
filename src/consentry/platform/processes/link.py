"""The web process's end of its link to the supervisor, and the descriptors that it inherits."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from typing import TYPE_CHECKING, Any

from consentry.platform.processes.channel import LONGEST_LINE
from consentry.platform.processes.messages import Delivery

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

__all__ = ["LINK_VARIABLE", "LISTENER_VARIABLE", "WebLink", "inherited_socket"]

LISTENER_VARIABLE = "CONSENTRY_LISTENER"
"""Environment variable that holds the number of the bound, listening TCP socket."""
LINK_VARIABLE = "CONSENTRY_LINK"
"""Environment variable that holds the number of the socket to the supervisor."""
BEAT_S = 5.0


def inherited_socket(variable: str) -> socket.socket | None:
    """Return the socket whose descriptor the environment names, or None where it names none (started without a supervisor).

    The variable is removed, so that no process started later takes the number for its own.
    """
    number = os.environ.pop(variable, None)
    if number is None:
        return None
    inherited = socket.socket(fileno=int(number))
    inherited.set_inheritable(False)
    return inherited


class WebLink:
    """Gives the supervisor's messages, and takes acknowledgements and requests.

    While it is iterated it tells the supervisor every few seconds that the event loop still runs; a web process that stops telling is
    killed and started anew. All methods belong to the event loop's thread.
    """

    def __init__(self, sock: socket.socket) -> None:
        """Take the connected socket, which the link owns from here on."""
        self._socket = sock
        self._writer: asyncio.StreamWriter | None = None
        self._early: list[Mapping[str, Any]] = []

    async def __aiter__(self) -> AsyncIterator[Delivery]:
        """Yield messages until the supervisor is gone."""
        reader, self._writer = await asyncio.open_unix_connection(sock=self._socket, limit=LONGEST_LINE)
        early, self._early = self._early, []
        for request in early:
            await self.send(request)
        beating = asyncio.create_task(self._beat())
        try:
            while line := await reader.readline():
                yield Delivery.from_document(json.loads(line))
        finally:
            beating.cancel()
            self._writer.close()

    async def ready(self) -> None:
        """Say that requests are served; ``consentry serve`` then prints the address."""
        await self.send({"do": "ready"})

    async def ack(self, seq: int) -> None:
        """Say that message ``seq`` is durable, or that it need not be sent again for another reason."""
        await self.send({"ack": seq})

    async def ask_still(self, camera: str, request: str) -> None:
        """Ask a camera's worker for a pixelated still; it comes as a ``still`` message that carries ``request``."""
        await self.send({"do": "still", "camera": camera, "request": request})

    async def ask_reload(self) -> None:
        """Ask the supervisor to read the settings anew."""
        await self.send({"do": "reload"})

    async def ask_restart(self, camera: str) -> None:
        """Ask for a camera's worker to be ended and started anew."""
        await self.send({"do": "restart", "camera": camera})

    async def send(self, request: Mapping[str, Any]) -> None:
        """Write one line; before the link is iterated it is kept until then. What a supervisor that is gone would have heard is lost."""
        if self._writer is None:
            self._early.append(request)
            return
        if not self._writer.is_closing():
            self._writer.write((json.dumps(request) + "\n").encode())
            await self._writer.drain()

    async def _beat(self) -> None:
        while True:
            await self.send({"do": "beat"})
            await asyncio.sleep(BEAT_S)
