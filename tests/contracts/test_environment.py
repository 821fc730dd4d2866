"""`make` sets itself up: once, again after a change, from nothing after an interruption."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from scripts import environment as setup


class RecordedEnvironment(setup.Environment):
    """An environment that writes down its steps instead of calling venv and pip."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.steps: list[str] = []

    def create(self) -> None:
        self.steps.append("create")
        self.folder.mkdir(exist_ok=True)
        self.python.parent.mkdir(exist_ok=True)
        self.python.unlink(missing_ok=True)
        self.python.symlink_to(sys.executable)
        self.forget()

    def pip_install(self, *arguments: str | Path) -> None:
        self.steps.append(Path(arguments[-1]).stem)

    def done(self) -> list[str]:
        """Return the steps since the last call."""
        steps, self.steps = self.steps, []
        return steps


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RecordedEnvironment:
    monkeypatch.setattr(setup, "ROOT", tmp_path / "project")
    return RecordedEnvironment(tmp_path / ".venv")


def test_the_first_run_installs_every_part_in_order(environment: RecordedEnvironment) -> None:
    setup.install(environment, {"app": "1", "dev": "1", "package": "1"})
    assert environment.done() == ["create", "app", "dev", "project"]


def test_a_second_run_does_nothing(environment: RecordedEnvironment) -> None:
    for _ in range(2):
        setup.install(environment, {"app": "1", "package": "1"})
    assert environment.done() == ["create", "app", "project"]


def test_demo_and_test_share_what_both_need(environment: RecordedEnvironment) -> None:
    setup.install(environment, {"app": "1", "package": "1"})
    environment.done()
    setup.install(environment, {"app": "1", "dev": "1", "package": "1"})
    assert environment.done() == ["dev"]
    setup.install(environment, {"app": "1", "package": "1"})
    assert environment.done() == []


def test_a_changed_list_starts_anew_so_that_nothing_stale_is_left(environment: RecordedEnvironment) -> None:
    setup.install(environment, {"app": "1", "dev": "1"})
    environment.done()
    setup.install(environment, {"app": "2", "dev": "1"})
    assert environment.done() == ["create", "app", "dev"]


def test_a_changed_project_is_installed_again_alone(environment: RecordedEnvironment) -> None:
    setup.install(environment, {"app": "1", "package": "1"})
    environment.done()
    setup.install(environment, {"app": "1", "package": "2"})
    assert environment.done() == ["project"]


def test_an_interrupted_installation_starts_anew(environment: RecordedEnvironment, monkeypatch: pytest.MonkeyPatch) -> None:
    setup.install(environment, {"app": "1"})
    environment.done()
    with monkeypatch.context() as patch:
        patch.setattr(environment, "pip_install", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            setup.install(environment, {"app": "1", "dev": "1"})
    setup.install(environment, {"app": "1", "dev": "1"})
    assert environment.done() == ["create", "app", "dev"]


@pytest.mark.parametrize("damage", ["", "{", "[]"], ids=["empty", "cut short", "not a table"])
def test_a_damaged_record_is_not_trusted(environment: RecordedEnvironment, damage: str) -> None:
    setup.install(environment, {"app": "1"})
    (environment.folder / "consentry-installed.json").write_text(damage, encoding="utf-8")
    environment.done()
    setup.install(environment, {"app": "1"})
    assert environment.done() == ["create", "app"]


def test_an_interpreter_that_vanished_is_replaced(environment: RecordedEnvironment) -> None:
    setup.install(environment, {"app": "1"})
    environment.done()
    environment.python.unlink()
    setup.install(environment, {"app": "1"})
    assert environment.done() == ["create", "app"]


def test_a_project_that_moved_is_installed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    digests = []
    for place in ("here", "there"):
        folder = tmp_path / place
        folder.mkdir()
        (folder / "pyproject.toml").write_text("[project]\n", encoding="utf-8")
        monkeypatch.setattr(setup, "ROOT", folder)
        digests.append(setup.wanted_parts([], package=True)["package"])
    assert digests[0] != digests[1]


def test_an_old_python_is_refused_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup, "OLDEST_PYTHON", (99, 0))
    assert "too old. Install Python 3.11 or newer" in str(setup.complaint())


def test_this_python_is_accepted() -> None:
    assert setup.complaint() is None
