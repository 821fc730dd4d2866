"""The worker's way to the vault: one connection a question, over the vault's socket for stations."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from consentry.platform.errors import ConflictError, InputError
from consentry.recognition import wire
from consentry.recognition.messages import Refused, SignedOutcome, read_answer, written

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from consentry.recognition.messages import Answer, StationQuestion

__all__ = ["VaultLink"]

ANSWER_S = 8.0
"""Seconds that an answer may take to begin: a little less than the web process waits for the worker's."""


class VaultLink:
    """Asks the vault; see ``station.Vault``."""

    def __init__(self, path: str) -> None:
        """``path``: the vault's socket for stations."""
        self._path = path

    def ask(self, question: StationQuestion, chips: NDArray[np.uint8]) -> SignedOutcome:
        """Return the vault's outcome; ``chips``: uint8 [n, S, S, 3], RGB.

        Raises:
            ConflictError: the code of its refusal, or ``station.vault`` where it does not answer, or not as this version expects.
        """
        try:
            answer = self._asked(question, chips)
        except (OSError, EOFError, InputError) as error:
            problem = f"it does not answer ({type(error).__name__})"
            raise ConflictError("station.vault", "the vault", problem, "It is started again by itself; try again in some seconds") from error
        if isinstance(answer, Refused):
            raise ConflictError(answer.code, "the vault", answer.problem, answer.mend)
        if not isinstance(answer, SignedOutcome):
            raise ConflictError("station.vault", "the vault", "it answered something else than was asked", "Update all parts of the server together")
        return answer

    def _asked(self, question: StationQuestion, chips: NDArray[np.uint8]) -> Answer:
        with socket.socket(socket.AF_UNIX) as sock:
            sock.settimeout(ANSWER_S)
            sock.connect(self._path)
            wire.send(sock, written(question), chips.data.cast("B"))
            sock.settimeout(ANSWER_S)
            header, _ = wire.receive(sock)
        return read_answer(header)
