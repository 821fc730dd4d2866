"""Detection of people knows nothing of faces."""

from __future__ import annotations

from pathlib import Path

import consentry.vision

ABOUT_FACES = {"faces", "redaction"}


def test_no_module_outside_folders_of_their_own_mentions_a_face() -> None:
    root = Path(consentry.vision.__path__[0])
    sources = [path for path in root.rglob("*.py") if not ABOUT_FACES & set(path.relative_to(root).parts)]
    assert len(sources) > 15
    assert [path.name for path in sources if "face" in path.read_text("utf-8").lower()] == []
