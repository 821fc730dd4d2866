"""What the package carries beside its code goes into a wheel too."""

from __future__ import annotations

import tomllib
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "consentry"


def test_every_file_of_the_package_that_is_not_code_is_shipped() -> None:
    patterns = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["package-data"]["consentry"]
    files = [path for path in PACKAGE.rglob("*") if path.is_file() and path.suffix not in {".py", ".pyc"}]
    left = [path for path in files if not any(fnmatch(path.name, pattern.removeprefix("**/")) for pattern in patterns)]
    assert files
    assert [path.relative_to(PACKAGE).as_posix() for path in left] == []
