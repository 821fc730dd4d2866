"""``consentry evaluate detection``: its document, its table and its errors, on a portrait."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from skimage import data

from consentry.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give each test an annotated portrait and no models but the installed ones."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("CONSENTRY_MODELS", raising=False)
    monkeypatch.setenv("COLUMNS", "200")
    portrait = np.asarray(data.astronaut())  # type: ignore[no-untyped-call]  # scikit-image ships no types
    cv2.imwrite(str(tmp_path / "portrait.png"), cv2.cvtColor(portrait, cv2.COLOR_RGB2BGR))
    (tmp_path / "boxes.json").write_text('{"portrait.png": [[177, 60, 272, 192], [400, 400, 420, 420]]}')
    return tmp_path


def arguments(folder: Path, *options: str) -> list[str]:
    return ["evaluate", "detection", "--images", str(folder), "--boxes", str(folder / "boxes.json"), "--no-tiles", "--threads", "1", *options]


def test_the_document_is_the_documented_one(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments(folder, "--score", "0.6", "--json")) == 0
    document = json.loads(capsys.readouterr().out)
    assert list(document) == ["images", "failed_to_acquire", "boxes", "recall", "recall_8px", "precision", "precision_all_sizes", "by_size", "intervals"]
    assert (document["images"], document["boxes"], document["recall"], document["recall_8px"], document["precision"]) == (1, 2, 0.5, 0.5, 1.0)
    assert [row["boxes"] for row in document["by_size"]] == [0, 0, 1, 0, 1]


def test_the_table_names_the_detector_and_says_it_in_words(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments(folder, "--score", "0.6")) == 0
    out = capsys.readouterr().out
    assert "centerface" in out
    assert "Recall from 8 pixels: 50.0%, 95 % interval 9.5% to 90.5%." in out
    assert "Precision from 8 pixels: 100.0%" in out


def test_a_picture_that_cannot_be_decoded_counts_as_an_error(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "portrait.png").write_bytes(b"text")
    assert main(arguments(folder, "--json")) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["failed_to_acquire"], document["boxes"], document["recall"], document["precision"]) == (1, 2, 0.0, None)
    assert main(arguments(folder)) == 0
    assert "Pictures that could not be decoded, all their faces missed: 1 of 1." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda folder: (folder / "portrait.png").unlink(), "dataset.picture"),
        (lambda folder: (folder / "boxes.json").unlink(), "dataset.missing"),
        (lambda folder: (folder / "boxes.json").write_text("{"), "dataset.boxes"),
    ],
)
def test_what_cannot_be_evaluated_is_one_line(spoil: object, code: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert callable(spoil)
    spoil(folder)
    assert main(arguments(folder, "--json")) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert err.endswith(f"[{code}]\n")
