"""Rules and nouns are pure: all that they reach is the standard library without I/O, clock or chance, NumPy, and pydantic's types."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src"
PURE = sorted(path for path in SOURCE.rglob("*.py") if path.stem in {"rules", "model"} or path.parent.name == "rules")
# Doors of the standard library to files, the network, other processes, the clock and chance.
IMPURE = {
    *("asyncio", "ctypes", "http", "io", "logging", "mmap", "multiprocessing", "os", "pathlib", "random", "secrets", "select"),
    *("shutil", "signal", "socket", "sqlite3", "ssl", "subprocess", "sys", "tempfile", "threading", "time", "urllib", "uuid"),
}
ALLOWED = (sys.stdlib_module_names - IMPURE) | {"numpy", "pydantic", "pydantic_core"}


def imported(code: str) -> set[str]:
    """Return the modules that ``code`` imports when it runs; imports for the type checker alone do not count."""
    names: set[str] = set()
    pending: list[ast.AST] = [ast.parse(code)]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(f"{'.' * node.level}{node.module or ''}")
        pending.extend(ast.iter_child_nodes(node))
    return names


def own_module(name: str) -> Path | None:
    """Return the file of a module of this project, or None for anyone else's."""
    path = SOURCE.joinpath(*name.split("."))
    return next((found for found in (path.with_suffix(".py"), path / "__init__.py") if found.is_file()), None)


def impure_imports(code: str) -> set[str]:
    """Return the modules that ``code`` reaches, itself or through this project's modules, and must not."""
    found: set[str] = set()
    seen: set[str] = set()
    pending = imported(code)
    while pending:
        name = pending.pop()
        seen.add(name)
        own = own_module(name)
        if own:
            pending |= imported(own.read_text(encoding="utf-8")) - seen
        elif name.split(".")[0] not in ALLOWED:
            found.add(name)
    return found


@pytest.mark.parametrize("path", PURE, ids=lambda path: path.relative_to(SOURCE).as_posix())
def test_a_rule_or_noun_reaches_nothing_impure(path: Path) -> None:
    assert impure_imports(path.read_text(encoding="utf-8")) == set()


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("import math\nimport numpy as np\nfrom dataclasses import dataclass", set()),
        ("from consentry.counting.model import Line\nfrom consentry.platform.errors import GeometryError", set()),
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from pathlib import Path", set()),
        ("import time", {"time"}),
        ("def now():\n    from os.path import exists", {"os.path"}),
        ("import cv2", {"cv2"}),
        ("from . import worker", {"."}),
        ("from consentry.cli.main import main", {"click", "io", "os", "sys"}),
    ],
)
def test_the_check_tells_pure_imports_from_impure_ones(code: str, found: set[str]) -> None:
    assert impure_imports(code) == found
