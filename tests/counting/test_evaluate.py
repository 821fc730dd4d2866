"""Counting error against truth: manifests, the arithmetic of the rate, and its interval."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentry.counting.counter import Plan
from consentry.counting.evaluate import ClipResult, LineResult, TrueClip, compare, error_interval, read_manifest, summarise
from consentry.counting.folds import EventLog
from consentry.counting.model import Line, Point
from consentry.platform.errors import DatasetError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def line(id_: object = "door", into: object = 3, out: object = 2) -> dict[str, Any]:
    return {"id": id_, "from": [10, 0], "to": [10, 48], "truth": {"in": into, "out": out}}


def clip(*lines: object, file: object = "clip.mp4") -> dict[str, Any]:
    return {"file": file, "note": "hand count", "lines": list(lines)}


def without(key: str, mapping: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in mapping.items() if name != key}


def manifest(folder: Path, content: object) -> Path:
    (folder / "clip.mp4").touch()
    path = folder / "truth.json"
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return path


def refusal(path: Path, folder: Path | None = None) -> DatasetError:
    with pytest.raises(DatasetError) as error:
        read_manifest(path, folder)
    assert error.value.exit_code == 2
    return error.value


def test_a_manifest_is_read_as_clips_with_lines_and_true_counts(tmp_path: Path) -> None:
    path = manifest(tmp_path, {"clips": [clip(line(), line("门", 0, 7))]})
    lines = tuple(Line(name, Point(10.0, 0.0), Point(10.0, 48.0)) for name in ("door", "门"))
    assert read_manifest(path) == [TrueClip(tmp_path / "clip.mp4", Plan(lines), {"door": (3, 2), "门": (0, 7)})]


def test_a_manifest_may_begin_with_the_mark_of_a_windows_editor_and_name_a_folder_of_pictures(tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    path = manifest(tmp_path, b"\xef\xbb\xbf" + json.dumps({"clips": [clip(line(), file="pictures")]}).encode())
    assert read_manifest(path)[0].path == tmp_path / "pictures"


def test_clips_may_lie_elsewhere(tmp_path: Path) -> None:
    path = manifest(tmp_path, {"clips": [clip(line(), file="far.mp4")]})
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "far.mp4").touch()
    assert read_manifest(path, elsewhere)[0].path == elsewhere / "far.mp4"
    assert refusal(path).code == "dataset.clip"
    assert refusal(path, tmp_path / "nowhere").subject == str(tmp_path / "nowhere" / "far.mp4")


WRONG: dict[str, object] = {
    "no JSON": b"{",
    "no text": b"\xff\xfe\x00",
    "endless": b"[" * 100_000,
    "a list": [],
    "a number": 5,
    "nothing": None,
    "no clips": {},
    "clips that are no list": {"clips": 5},
    "no clip": {"clips": []},
    "a clip that is no object": {"clips": ["clip.mp4"]},
    "a clip without a file": {"clips": [without("file", clip(line()))]},
    "a file that is no name": {"clips": [clip(line(), file=5)]},
    "a clip without lines": {"clips": [clip()]},
    "two lines of one id": {"clips": [clip(line("1"), line(1))]},
    "a line without an id": {"clips": [clip(without("id", line()))]},
    "a line without a start": {"clips": [clip(without("from", line()))]},
    "an end of three numbers": {"clips": [clip({**line(), "to": [1, 2, 3]})]},
    "an end of no numbers": {"clips": [clip({**line(), "to": ["here", "there"]})]},
    "a line without truth": {"clips": [clip(without("truth", line()))]},
    "truth that is no object": {"clips": [clip({**line(), "truth": 5})]},
    "truth without out": {"clips": [clip({**line(), "truth": {"in": 1}})]},
    "fewer than nobody": {"clips": [clip(line(into=-1))]},
    "half a person": {"clips": [clip(line(into=1.5))]},
    "too many to count": {"clips": [clip(line(into=float("inf")))]},
    "no number": {"clips": [clip(line(into=float("nan")))]},
    "words": {"clips": [clip(line(into="three"))]},
    "yes": {"clips": [clip(line(into=True))]},
    "nobody at all": {"clips": [clip(line(into=0, out=0))]},
}


@pytest.mark.parametrize("content", WRONG.values(), ids=WRONG)
def test_what_is_no_manifest_is_refused_with_its_name(content: object, tmp_path: Path) -> None:
    path = manifest(tmp_path, content)
    error = refusal(path)
    assert (error.code, error.subject) == ("dataset.manifest", str(path))


@pytest.mark.parametrize("place", [lambda folder: folder / "nowhere.json", lambda folder: folder], ids=["missing", "a folder"])
def test_a_manifest_that_cannot_be_read_is_refused(place: Callable[[Path], Path], tmp_path: Path) -> None:
    assert refusal(place(tmp_path)).code == "dataset.missing"


def test_counts_are_compared_per_line_and_direction(tmp_path: Path) -> None:
    truth = {"b": (3, 2), "a": (1, 0)}
    entry = TrueClip(tmp_path / "clip.mp4", Plan(), truth)
    found = compare(entry, EventLog(0.0, 1.0, ("a", "b"), (), ()))
    assert found == ClipResult("clip.mp4", (LineResult("a", (1, 0), (0, 0)), LineResult("b", (3, 2), (0, 0))))


@pytest.mark.parametrize(
    ("truth", "counted", "error"),
    [((5, 5), (5, 5), 0), ((5, 5), (4, 6), 2), ((5, 5), (6, 4), 2), ((0, 0), (3, 0), 3), ((5, 5), (0, 0), 10)],
)
def test_misses_and_false_counts_do_not_cancel(truth: tuple[int, int], counted: tuple[int, int], error: int) -> None:
    assert LineResult("door", truth, counted).error == error


def test_the_rate_is_the_sum_of_errors_over_the_sum_of_true_counts() -> None:
    clips = [
        ClipResult("one", (LineResult("a", (10, 5), (9, 5)), LineResult("b", (0, 20), (1, 20)))),
        ClipResult("two", (LineResult("a", (7, 8), (7, 10)),)),
    ]
    result = summarise(clips)
    assert (result.absolute_error, result.total, result.error_rate) == (4, 50, 0.08)
    # Wilson's interval of 4 in 50 by hand: z = 1.96, centre (0.08 + 0.038416) / 1.076832, half width 0.093277 / 1.076832.
    assert result.interval == pytest.approx((0.03155, 0.18838), abs=2e-4)


@given(st.integers(1, 5000).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total))))
def test_the_interval_holds_the_rate_and_stays_within_0_and_1(case: tuple[int, int]) -> None:
    error, total = case
    low, high = error_interval(error, total)
    assert 0.0 <= low <= error / total + 1e-12
    assert error / total - 1e-12 <= high <= 1.0
    assert low < high


@given(st.integers(1, 400), st.integers(1, 40))
def test_more_crossings_make_the_interval_narrower(error: int, factor: int) -> None:
    few, many = error_interval(error, 2 * error + 1), error_interval(error * (factor + 1), (2 * error + 1) * (factor + 1))
    assert many[1] - many[0] < few[1] - few[0]


def test_more_errors_than_crossings_and_no_crossing_still_have_an_interval() -> None:
    low, high = error_interval(9, 3)
    assert 0.0 < low < high == 3.0
    assert error_interval(0, 0) == (0.0, 1.0)
