"""The vault process with the embedder for numbered faces: ``python -m tests.recognition.vault.numbered_vault``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from consentry.recognition.vault.captures import Eye
from consentry.recognition.vault.process import run
from tests.recognition.vault.faces import SIDE, NumberedFaces

if TYPE_CHECKING:
    from consentry.recognition.vault.order import VaultOrder


def _eye(_: VaultOrder) -> Eye:
    return Eye(NumberedFaces(), SIDE)


if __name__ == "__main__":
    sys.exit(run(_eye))
