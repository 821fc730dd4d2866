"""``python -m consentry.recognition.vault``: the vault with the embedder that its order names."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from consentry.recognition.vault.order import THREADS
from consentry.recognition.vault.process import run

if TYPE_CHECKING:
    from consentry.recognition.vault.captures import Eye
    from consentry.recognition.vault.order import VaultOrder

__all__ = ["main"]


def main() -> int:
    """Run the vault."""
    return run(_open_eye)


def _open_eye(order: VaultOrder) -> Eye:
    # Loaded late: they load libraries that start threads, which a confinement that comes later would not bind.
    from consentry.recognition.vault.captures import Eye  # noqa: PLC0415
    from consentry.vision.faces.align import CHIP_LAYOUTS  # noqa: PLC0415
    from consentry.vision.faces.embedders import open_embedder  # noqa: PLC0415
    from consentry.vision.manifest import entry  # noqa: PLC0415
    from consentry.vision.store import ModelStore  # noqa: PLC0415

    # A network that is converted at its first use may be kept only where this process may write.
    cache = Path(order.data) / "vault" / "models"
    embedder = open_embedder(order.family or "", threads=THREADS, store=ModelStore(cache, (*([Path(order.models)] if order.models else []), cache)))
    weights = entry(embedder.family).weights
    return Eye(embedder, CHIP_LAYOUTS[embedder.family].side, weights.sha256 if weights else embedder.family)


if __name__ == "__main__":
    sys.exit(main())
