"""Archives that somebody made up are refused in words."""

from __future__ import annotations

import io
import json
import tarfile
from typing import TYPE_CHECKING

import pytest

from consentry.platform.backup import opened
from consentry.platform.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

MANIFEST = {"site": "shop", "created": "", "engine": "sqlite", "version": "1", "checkpoint": None, "format": 1}


def made_up(target: Path, manifest: str) -> Path:
    """Write an archive with that manifest."""
    with tarfile.open(target, "w:gz") as archive:
        for name, content in (("manifest.json", manifest.encode()), ("site.toml", b"x"), ("records", b"y")):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return target


@pytest.mark.parametrize(
    "manifest",
    [
        json.dumps(MANIFEST | {"hashes": ["site.toml", "records"]}),
        json.dumps(MANIFEST | {"hashes": None}),
        json.dumps(MANIFEST | {"hashes": {}, "format": 2}),
        json.dumps([MANIFEST]),
        "[" * 200_000,
    ],
    ids=["hashes are a list", "no hashes", "a later format", "a list", "without end"],
)
def test_a_manifest_of_another_shape_is_refused(tmp_path: Path, manifest: str) -> None:
    with pytest.raises(InputError, match="no backup of Consentry"), opened(made_up(tmp_path / "odd.backup", manifest), tmp_path, None):
        pass
