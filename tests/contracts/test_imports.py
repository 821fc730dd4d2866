"""The import contracts of pyproject.toml bite: a forbidden import, planted in a copy of the tree, breaks them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PLANE = "The counting plane cannot reach faces, recognition, the database or keys"
ORDER = "Slices stand in one order"
EMBEDDER = "Only the vault calls the face embedder on a site; evaluation does away from one"
VAULT = "The vault reaches no records, no routes, no network"
RECORDS = "The command line, routes and pages never touch records"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def plant(tree: Path, module: str, line: str) -> None:
    """Append ``line`` to ``module``, making it and its packages where they do not exist."""
    path = tree.joinpath("src", *module.split(".")).with_suffix(".py")
    path.parent.mkdir(parents=True, exist_ok=True)
    (path.parent / "__init__.py").touch()
    with path.open("a", encoding="utf-8") as file:
        file.write(f"\n{line}\n")


def broken_contracts(tree: Path) -> set[str]:
    environment = {**os.environ, "PYTHONPATH": str(tree / "src")}
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()", "--no-cache"]
    done = subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, check=False, timeout=240)
    assert " KEPT" in done.stdout, done.stdout + done.stderr
    # A contract with exceptions says after its verdict how many there are.
    broken = set(re.findall(r"(?m)^(.+) BROKEN(?: \(.*\))?$", done.stdout))
    assert (done.returncode == 0) == (not broken)
    return broken


def test_the_tree_as_it_stands_keeps_every_contract(tree: Path) -> None:
    assert broken_contracts(tree) == set()


@pytest.mark.parametrize("source", ["consentry.counting.planted", "consentry.video.planted"])
@pytest.mark.parametrize("target", ["consentry.vision.faces", "consentry.recognition.templates"])
def test_the_counting_plane_cannot_import_what_identifies(tree: Path, source: str, target: str) -> None:
    plant(tree, target, "")
    plant(tree, source, f"import {target}")
    assert PLANE in broken_contracts(tree)


@pytest.mark.parametrize("source", ["consentry.counting.planted", "consentry.video.planted"])
@pytest.mark.parametrize("target", ["consentry.platform.database", "consentry.platform.keys", "consentry.ledger", "sqlalchemy", "cryptography"])
def test_the_counting_plane_cannot_import_records_keys_or_the_log(tree: Path, source: str, target: str) -> None:
    plant(tree, source, f"import {target}")
    assert PLANE in broken_contracts(tree)


def test_the_counting_plane_cannot_reach_keys_through_another_module(tree: Path) -> None:
    plant(tree, "consentry.platform.planted", "import consentry.platform.keys")
    plant(tree, "consentry.counting.planted", "import consentry.platform.planted")
    assert broken_contracts(tree) == {PLANE}


@pytest.mark.parametrize(
    ("lower", "upper"),
    [
        ("platform", "ledger"),
        ("ledger", "staff"),
        ("staff", "consent"),
        ("consent", "video"),
        ("alarms", "recognition"),
        ("recognition", "console"),
        ("video", "vision"),
        ("vision", "counting"),
        ("counting", "statistics"),
        ("statistics", "cameras"),
        ("cameras", "alarms"),
        ("alarms", "console"),
        ("console", "cli"),
    ],
)
def test_a_slice_cannot_import_one_above_it(tree: Path, lower: str, upper: str) -> None:
    plant(tree, f"consentry.{upper}.above", "")
    plant(tree, f"consentry.{lower}.planted", f"import consentry.{upper}.above")
    assert ORDER in broken_contracts(tree)


@pytest.mark.parametrize("module", ["consentry.recognition.station.planted", "consentry.recognition.service.planted", "consentry.portal.planted"])
def test_nothing_but_the_vault_calls_an_embedder(tree: Path, module: str) -> None:
    plant(tree, module, "import consentry.vision.faces.embedders")
    assert EMBEDDER in broken_contracts(tree)


@pytest.mark.parametrize("target", ["consentry.platform.database", "sqlalchemy", "fastapi", "httpx"])
def test_the_vault_reaches_neither_records_nor_a_network(tree: Path, target: str) -> None:
    plant(tree, "consentry.recognition.vault.planted", f"import {target}")
    assert VAULT in broken_contracts(tree)


def test_a_new_slice_must_take_its_place_in_the_order(tree: Path) -> None:
    plant(tree, "consentry.newcomer.model", "")
    assert broken_contracts(tree) == {ORDER}


def test_the_command_line_cannot_import_records(tree: Path) -> None:
    plant(tree, "consentry.counting.records", "")
    plant(tree, "consentry.cli.planted", "import consentry.counting.records")
    assert broken_contracts(tree) == {RECORDS}


def test_a_page_in_a_package_cannot_import_records_either(tree: Path) -> None:
    plant(tree, "consentry.attribution.page.planted", "import consentry.attribution.records.deals")
    assert broken_contracts(tree) == {RECORDS}
