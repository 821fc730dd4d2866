"""The vault process with the embedder for numbered faces: ``python -m tests.recognition.vault.numbered_vault``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from consentry.recognition.vault.process import run

if TYPE_CHECKING:
    from consentry.recognition.vault.captures import Eye
    from consentry.recognition.vault.order import VaultOrder


def _eye(_: VaultOrder) -> Eye:
    # Loaded late, as the real vault does: numpy starts threads, which a confinement that comes later would not bind.
    from consentry.recognition.vault.captures import Eye  # noqa: PLC0415
    from tests.recognition.vault.faces import SIDE, WEIGHTS, NumberedFaces  # noqa: PLC0415

    return Eye(NumberedFaces(), SIDE, WEIGHTS)


if __name__ == "__main__":
    sys.exit(run(_eye))
