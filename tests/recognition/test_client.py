"""The web process's ends of the sockets: whatever is at the other end, an answer or one typed error."""

from __future__ import annotations

import socket
import tempfile
import threading
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from consentry.platform.errors import ConflictError, ConsentryError, InputError, TooManyError
from consentry.recognition import messages, wire
from consentry.recognition.client import StationClient, VaultClient
from consentry.recognition.station.model import CapturePhase, CaptureState, Frame

if TYPE_CHECKING:
    from collections.abc import Iterator

SHORT_S, LONG_S = 0.3, 60
"""For whom there will be no answer, and for whom there is one."""


@contextmanager
def answering(data: bytes | None) -> Iterator[Path]:
    """Answer every question with ``data``; None: read, and say nothing."""
    with tempfile.TemporaryDirectory(prefix="peer") as name, socket.socket(socket.AF_UNIX) as listener:
        path = Path(name) / "s"
        listener.bind(str(path))
        listener.listen()
        held: list[socket.socket] = []

        def serve() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    held.append(connection)
                    wire.receive(connection)
                    if data is not None:
                        connection.sendall(data)
                        connection.close()

        threading.Thread(target=serve, daemon=True).start()
        try:
            yield path
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            for connection in held:
                connection.close()


def refused(code: str) -> bytes:
    return wire.encode(messages.written(messages.Refused(code, "it is refused", "Do something else.")))


@pytest.mark.parametrize(
    ("data", "code", "kind"),
    [
        (b"", "vault.away", ConflictError),
        (None, "vault.away", ConflictError),
        (b"\0\0\0\5hel", "vault.answer", ConflictError),
        (b"\xff" * 64, "vault.answer", ConflictError),
        (wire.encode({"type": "nothing"}), "vault.answer", ConflictError),
        (wire.encode({"type": "done", "more": 1}), "vault.answer", ConflictError),
        (wire.encode(messages.written(messages.Done())), "vault.answer", ConflictError),
        (refused("vault.counter"), "vault.counter", ConflictError),
        (refused("vault.message"), "vault.message", InputError),
        (refused("vault.rate"), "vault.rate", TooManyError),
    ],
)
def test_whatever_the_vault_does_it_is_one_typed_error_with_a_mend(data: bytes | None, code: str, kind: type[ConsentryError]) -> None:
    with answering(data) as path, pytest.raises(kind) as raised:
        VaultClient(path, SHORT_S if data is None else LONG_S).ask(messages.Population(), messages.PopulationCount)
    assert raised.value.code == code
    assert raised.value.mend.endswith(".")


@pytest.mark.parametrize(
    ("data", "code"), [(b"", "station.away"), (None, "station.away"), (b"\0\0\0\1{", "station.answer"), (wire.encode({}), "station.answer")]
)
def test_whatever_the_worker_does_it_is_one_typed_error(data: bytes | None, code: str) -> None:
    with answering(data) as path, pytest.raises(ConflictError) as raised:
        StationClient(path, SHORT_S if data is None else LONG_S).ask(Frame("1"), b"jpeg")
    assert raised.value.code == code


@pytest.mark.parametrize("path", ["absent", "x" * 200])
def test_where_nobody_listens_it_is_away(tmp_path: Path, path: str) -> None:
    with pytest.raises(ConflictError) as raised:
        VaultClient(tmp_path / path).ask(messages.Status(), messages.VaultStatus)
    assert raised.value.code == "vault.away"


def test_answers_come_back_as_what_they_are() -> None:
    count = messages.PopulationCount({"greeting": 3})
    with answering(wire.encode(messages.written(count))) as path:
        assert VaultClient(path).ask(messages.Population(), messages.PopulationCount) == count
    state = CaptureState(CapturePhase.TURN_LEFT, 0.5, "yaw")
    with answering(wire.encode(state.to_document())) as path:
        assert StationClient(path).ask(Frame("1"), b"jpeg") == state
