"""``scripts/run-tests`` on a small project: what fails again fails, what passes alone is named, and neither hides the other."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "run-tests"
FOLDERS = re.compile(r"^(?:pages|pictures)=\((.*)\)$", re.MULTILINE)
PASSES = "def test_that_passes():\n    pass\n"
REALTIME = "import pytest\n\n\n@pytest.mark.realtime\n" + PASSES
FAILS = "def test_that_fails():\n    assert False\n"
FAILS_ONCE = """
from pathlib import Path


def test_that_fails_once():
    mark = Path(__file__).with_suffix(".tried")
    tried = mark.exists()
    mark.touch()
    assert tried
"""

pytestmark = pytest.mark.slow


def run(folder: Path, planted: dict[str, str]) -> tuple[int, str]:
    """Run the script in a project of passing tests and ``planted`` ones, by path; return its exit code and what it printed."""
    script = folder / "scripts" / "run-tests"
    script.parent.mkdir()
    shutil.copy(SCRIPT, script)
    python = folder / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    (folder / "pytest.ini").write_text("[pytest]\nmarkers =\n    realtime: waits\naddopts = --import-mode=importlib\ntestpaths = tests\n", encoding="utf-8")
    theirs = [name for line in FOLDERS.findall(script.read_text(encoding="utf-8")) for name in line.split()]
    passing = {f"{name}/test_sound.py": PASSES for name in theirs} | {"tests/rest/test_sound.py": PASSES, "tests/rest/test_waits.py": REALTIME}
    for name, text in (passing | planted).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    # Without the plugins that these tests need not: twenty starts of pytest take their time.
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""}
    done = subprocess.run([script], cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=240)
    return done.returncode, done.stderr + done.stdout


def closing(output: str) -> str:
    return output.splitlines()[-1]


def test_where_all_passes_the_closing_line_adds_the_streams_up(tmp_path: Path) -> None:
    code, output = run(tmp_path, {})
    assert code == 0, output
    assert re.fullmatch(r"=+ 14 passed in [0-9.]+s =+", closing(output)), output


def test_what_passes_alone_is_named_and_counted_beside_what_passed(tmp_path: Path) -> None:
    code, output = run(tmp_path, {"tests/cli/test_once.py": FAILS_ONCE, "tests/api/test_once.py": FAILS_ONCE})
    assert code == 0, output
    for folder in ("cli", "api"):
        assert f"FAILED tests/{folder}/test_once.py::test_that_fails_once" in output
        assert f"unsteady, failed among the others and passed alone: tests/{folder}/test_once.py::test_that_fails_once" in output
    assert re.fullmatch(r"=+ 14 passed, 2 unsteady in [0-9.]+s =+", closing(output)), output


def test_what_fails_again_fails_the_run_whatever_passes_beside_it(tmp_path: Path) -> None:
    code, output = run(tmp_path, {"tests/cli/test_once.py": FAILS_ONCE, "tests/rest/test_broken.py": FAILS})
    assert code == 1, output
    assert "unsteady" not in output
    assert re.fullmatch(r"=+ 2 failed, 14 passed in [0-9.]+s =+", closing(output)), output


def test_failures_in_more_than_three_files_are_not_tried_again(tmp_path: Path) -> None:
    code, output = run(tmp_path, {f"tests/{name}/test_once.py": FAILS_ONCE for name in ("cli", "api", "rest", "vision")})
    assert code == 1, output
    assert re.fullmatch(r"=+ 4 failed, 14 passed in [0-9.]+s =+", closing(output)), output


def test_a_file_that_cannot_be_read_as_tests_fails_the_run(tmp_path: Path) -> None:
    code, output = run(tmp_path, {"tests/cli/test_broken.py": "def broken(:\n", "tests/api/test_once.py": FAILS_ONCE})
    assert code == 1, output
    assert "unsteady" not in output
