"""The web process's ends of two Unix sockets: the vault's, and that of a station's worker. One connection a question."""

from __future__ import annotations

import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from consentry.platform.errors import ConflictError, ConsentryError, InputError, TooManyError
from consentry.platform.processes.ownership import Meeting, meeting_place
from consentry.recognition import messages, wire
from consentry.recognition.station.model import CaptureState

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from consentry.platform.settings.store import Places
    from consentry.recognition.messages import Answer, Refused, WebQuestion
    from consentry.recognition.station.model import Question

__all__ = ["StationClient", "VaultClient", "station_socket", "vault_client", "vault_socket", "vault_stations_socket"]

ANSWER_S = 10.0
"""Seconds that an answer may take to begin."""
_RATE_WAIT_S = 60.0

Wanted = TypeVar("Wanted", bound="Answer")


def vault_socket(places: Places) -> Path:
    """Return where the vault listens for the web process."""
    return meeting_place(places, Meeting.VAULT) / "vault.sock"


def vault_stations_socket(places: Places) -> Path:
    """Return where the vault listens for station workers."""
    return meeting_place(places, Meeting.VAULT_STATIONS) / "vault.sock"


def station_socket(places: Places, station: str) -> Path:
    """Return where the worker of a station listens for the web process."""
    return meeting_place(places, Meeting.STATIONS) / f"{station}.sock"


def vault_client(places: Places) -> VaultClient:
    """Return the client of a site's vault."""
    return VaultClient(vault_socket(places))


class VaultClient:
    """Asks the vault."""

    def __init__(self, path: Path, patience_s: float = ANSWER_S) -> None:
        """``path``: its socket. Nothing is connected before something is asked."""
        self._path = path
        self._patience_s = patience_s

    def ask(self, question: WebQuestion, answer: type[Wanted]) -> Wanted:
        """Return the answer, which is of the type ``answer``.

        Raises:
            ConflictError: ``vault.away`` where it does not answer, ``vault.answer`` where it answers what was not asked, or the code of its refusal.
            InputError: ``vault.message`` where it does not know the question.
            TooManyError: ``vault.rate``.
        """
        with _connection(self._path, self._patience_s, "vault") as sock:
            wire.send(sock, messages.written(question))
            header, _ = wire.receive(sock)
        found = _read(header)
        if isinstance(found, messages.Refused):
            raise _refusal(found)
        if not isinstance(found, answer):
            raise ConflictError("vault.answer", "the vault", "it answered something else than was asked", "Update all parts of the server together.")
        return found


class StationClient:
    """Asks the worker of one station."""

    def __init__(self, path: Path, patience_s: float = ANSWER_S) -> None:
        """``path``: its socket. Nothing is connected before something is asked."""
        self._path = path
        self._patience_s = patience_s

    def ask(self, question: Question, frame: bytes = b"") -> CaptureState:
        """Return how the capture stands; ``frame`` is a JPEG file as it came, undecoded.

        Raises:
            ConflictError: ``station.away`` where it does not answer, ``station.answer`` where it answers no state of a capture.
        """
        with _connection(self._path, self._patience_s, "station") as sock:
            wire.send(sock, question.to_document(), frame)
            header, _ = wire.receive(sock)
        return _state(header)


@contextmanager
def _connection(path: Path, patience_s: float, part: str) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(patience_s)
        try:
            sock.connect(str(path))
            yield sock
        except (OSError, EOFError) as error:
            reason = "it hung up" if isinstance(error, EOFError) else error.strerror or "it took too long"
            mend = "It is started again by itself; try again in some seconds, and look at the log if that does not help."
            raise ConflictError(f"{part}.away", f"the {part}", f"it does not answer: {reason}", mend) from error
        except InputError as error:
            raise ConflictError(f"{part}.answer", f"the {part}", error.problem, "Update all parts of the server together.") from error


def _read(header: Mapping[str, Any]) -> Answer:
    try:
        return messages.read_answer(header)
    except InputError as error:
        raise ConflictError("vault.answer", "the vault", error.problem, "Update all parts of the server together.") from error


def _state(header: Mapping[str, Any]) -> CaptureState:
    try:
        return CaptureState.from_document(header)
    except (KeyError, TypeError, ValueError) as error:
        mend = "Update all parts of the server together."
        raise ConflictError("station.answer", "the station", "it answered no state of a capture", mend) from error


def _refusal(refused: Refused) -> ConsentryError:
    match refused.code:
        case "vault.message":
            return InputError(refused.code, "the vault", refused.problem, refused.mend)
        case "vault.rate":
            return TooManyError(refused.code, "the vault", refused.problem, refused.mend, retry_after=_RATE_WAIT_S)
        case _:
            return ConflictError(refused.code, "the vault", refused.problem, refused.mend)
