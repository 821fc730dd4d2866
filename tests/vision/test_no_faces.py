"""Detection of people knows nothing of faces."""

from __future__ import annotations

from pathlib import Path

import consentry.vision


def test_no_module_outside_a_slice_of_its_own_mentions_a_face() -> None:
    root = Path(consentry.vision.__path__[0])
    sources = [path for path in root.rglob("*") if path.suffix in {".py", ".toml"} and "faces" not in path.relative_to(root).parts]
    assert len(sources) > 15
    assert [path.name for path in sources if "face" in path.read_text("utf-8").lower()] == []
