"""The web process's end of the link."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from typing import TYPE_CHECKING, Any

from consentry.platform.processes.link import LINK_VARIABLE, WebLink, inherited_socket
from consentry.platform.processes.messages import Delivery, ProcessChange, SettingsChanged

if TYPE_CHECKING:
    import pytest


def lines(sock: socket.socket) -> list[dict[str, Any]]:
    """Return what was written and closed."""
    sock.settimeout(60)
    data = b""
    while part := sock.recv(65536):
        data += part
    return [json.loads(line) for line in data.splitlines()]


def line(delivery: Delivery) -> bytes:
    return (json.dumps(delivery.to_document()) + "\n").encode()


def test_messages_come_in_order_with_their_camera_and_number_and_end_with_the_supervisor() -> None:
    ours, theirs = socket.socketpair()
    sent = [Delivery(1, "door", {"type": "gap", "start": 1.0}), Delivery(2, None, SettingsChanged(2.0).to_document())]
    for delivery in sent:
        ours.sendall(line(delivery))
    ours.shutdown(socket.SHUT_WR)

    async def read() -> list[Delivery]:
        return [delivery async for delivery in WebLink(theirs)]

    assert asyncio.run(read()) == sent
    ours.close()


def test_what_the_web_process_says_is_one_object_a_line_also_when_said_before_reading() -> None:
    ours, theirs = socket.socketpair()
    ours.sendall(line(Delivery(7, None, {"type": "settings", "at": 1.0})))

    async def speak() -> None:
        link = WebLink(theirs)
        await link.ready()
        async for delivery in link:
            await link.ack(delivery.seq)
            await link.ask_still("door", "q")
            await link.ask_reload()
            await link.ask_restart("door")
            ours.shutdown(socket.SHUT_WR)

    asyncio.run(speak())
    said = [request for request in lines(ours) if request != {"do": "beat"}]
    asked = [{"do": "still", "camera": "door", "request": "q"}, {"do": "reload"}, {"do": "restart", "camera": "door"}]
    assert said == [{"do": "ready"}, {"ack": 7}, *asked]
    ours.close()


def test_a_link_that_is_read_says_that_it_lives() -> None:
    ours, theirs = socket.socketpair()

    async def listen() -> dict[str, Any]:
        loop = asyncio.get_running_loop()
        reading = asyncio.ensure_future(anext(aiter(WebLink(theirs))))
        ours.setblocking(False)  # noqa: FBT003 - the standard library's signature
        said: dict[str, Any] = json.loads(await asyncio.wait_for(loop.sock_recv(ours, 100), 5))
        ours.send(line(Delivery(1, None, {"type": "settings", "at": 1.0})))
        await reading
        return said

    assert asyncio.run(listen()) == {"do": "beat"}
    ours.close()
    theirs.close()


def test_a_message_of_the_supervisor_reads_back_the_same() -> None:
    change = ProcessChange("camera:door", "ended", 12.5, -9)
    assert ProcessChange.from_document(change.to_document()) == change
    assert SettingsChanged.from_document(SettingsChanged(3.0).to_document()) == SettingsChanged(3.0)


def test_an_inherited_socket_is_taken_once_and_not_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = socket.socketpair()
    theirs.set_inheritable(True)
    monkeypatch.setenv(LINK_VARIABLE, str(theirs.detach()))
    taken = inherited_socket(LINK_VARIABLE)
    assert taken is not None
    assert not taken.get_inheritable()
    assert LINK_VARIABLE not in os.environ
    assert inherited_socket(LINK_VARIABLE) is None
    taken.close()
    ours.close()
