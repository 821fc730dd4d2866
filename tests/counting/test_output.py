"""The files of a count."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from consentry.counting.counter import Plan
from consentry.counting.output import prepare_folder, write_count
from consentry.counting.report import as_csv, as_document
from consentry.counting.service import count_source
from consentry.platform.errors import InputError
from consentry.video.fake import FakeSource
from tests.counting.paths import DOWNWARDS
from tests.counting.stage import SIZE, SceneWatcher, frames_of, stage, walker

if TYPE_CHECKING:
    from pathlib import Path

    from consentry.counting.counter import Counter
    from consentry.counting.report import CountReport


def count() -> tuple[CountReport, Counter]:
    scene = stage(walker((0, 400, 300), (4, 80, 300)), duration=5.0)
    return count_source(FakeSource(frames_of(scene, 10)), SceneWatcher(scene), Plan((DOWNWARDS,)), sign="此处统计人数")


def test_a_count_is_these_five_files_and_no_other(tmp_path: Path) -> None:
    report, counter = count()
    folder = tmp_path / "a" / "b"
    prepare_folder(folder)
    write_count(folder, report, counter, SIZE)
    write_count(folder, report, counter, SIZE)
    assert sorted(path.name for path in folder.iterdir()) == ["counts.csv", "counts.json", "flow.png", "heat.npy", "heat.png"]
    assert (folder / "counts.csv").read_bytes() == as_csv(report).encode()
    assert json.loads((folder / "counts.json").read_text(encoding="utf-8")) == json.loads(json.dumps(as_document(report)))
    assert np.array_equal(np.load(folder / "heat.npy", allow_pickle=False), counter.heat.seconds)
    for name in ("heat.png", "flow.png"):
        picture = cv2.imread(str(folder / name))
        assert picture is not None
        assert picture.shape[1] == 1280


def test_a_folder_that_cannot_be_made_is_refused_before_counting(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(InputError) as refusal:
            prepare_folder(folder)
        assert (refusal.value.code, refusal.value.subject) == ("count.out", str(folder))


def test_a_file_that_cannot_be_written_is_an_error_that_names_it(tmp_path: Path) -> None:
    report, counter = count()
    (tmp_path / "counts.json").mkdir()
    with pytest.raises(InputError) as refusal:
        write_count(tmp_path, report, counter, SIZE)
    assert refusal.value.subject == str(tmp_path / "counts.json")
