"""``consentry models``: what it prints, for people and for machines, and how it ends."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from consentry.cli.main import main
from consentry.vision.manifest import manifest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give each test a cache of its own and no folder of models."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("CONSENTRY_MODELS", raising=False)
    monkeypatch.setenv("COLUMNS", "240")
    return tmp_path / "consentry" / "models"


def document(capsys: pytest.CaptureFixture[str]) -> Any:  # noqa: ANN401 - JSON
    return json.loads(capsys.readouterr().out)


def test_list_names_every_model_with_licence_and_state(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "list"]) == 0
    table = capsys.readouterr().out
    for model in manifest().values():
        assert model.name in table
    assert "not here" in table
    assert "embedded" in table


def test_list_for_machines_is_one_document(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "list", "--json"]) == 0
    rows = document(capsys)["models"]
    assert [row["name"] for row in rows] == list(manifest())
    assert {row["state"] for row in rows} == {"embedded", "here", "not here"}
    assert all(row["weights"] is None or len(row["weights"]["sha256"]) == 64 for row in rows)


def test_import_copies_every_model_of_a_folder_and_says_which(shared: Path, cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "import", str(shared / "models"), "--json"]) == 0
    found = {row["name"] for row in document(capsys)["models"]}
    assert found == {"rtmdet", "nanodet", "yolox", "yunet", "mobilefacenet", "minifasnet"}
    assert {place.name for place in cache.iterdir()} == {model.weights.name for model in manifest().values() if model.weights and model.name in found}
    assert main(["models", "verify", "--json"]) == 0
    assert {row["state"] for row in document(capsys)["models"]} == {"verified"}


def test_models_of_a_given_folder_are_used_where_they_lie(
    shared: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CONSENTRY_MODELS", str(shared / "models"))
    assert main(["models", "path", "rtmdet"]) == 0
    assert capsys.readouterr().out == f"{shared / 'models' / 'rtmdet_nano.onnx'}\n"
    assert main(["models", "pull", "rtmdet", "hog", "--json"]) == 0
    assert [row["note"] for row in document(capsys)["models"]] == ["", "embedded"]
    assert not cache.exists()


def test_verify_ends_with_1_where_a_model_is_damaged(cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cache.mkdir(parents=True)
    (cache / "rtmdet_nano.onnx").write_bytes(b"damaged")
    assert main(["models", "verify", "--json"]) == 1
    states = {row["name"]: row["state"] for row in document(capsys)["models"]}
    assert states == {"rtmdet": "damaged", "hog": "verified", "centerface": "verified", "dlib": "verified"}


@pytest.mark.parametrize("name", ["centerface", "dlib"])
def test_weights_that_came_with_the_installation_need_no_folder_and_no_network(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "path", name]) == 0
    assert "site-packages" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["path", "rtmdet"], "model.missing"),
        (["path", "hog"], "model.embedded"),
        (["path", "retinanet"], "model.unknown"),
        (["pull"], "input.models"),
        (["pull", "rtmdet", "--all"], "input.models"),
        (["verify", "retinanet"], "model.unknown"),
        (["import", "/nowhere"], "input.folder"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_exit_code_2(arguments: list[str], code: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", *arguments]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("error: ")
    assert printed.err.endswith(f"[{code}]\n")
    assert printed.err.count("\n") == 1


def test_import_of_a_folder_without_models_says_where_to_look(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "import", str(tmp_path)]) == 2
    assert "models list --json" in capsys.readouterr().err
