"""The parts of the benchmarks that can be checked without measuring: figures, lines with certain truth, tables, verdicts."""

from __future__ import annotations

import io
import json
import os
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from bench.__main__ import NAMES, bench
from bench.crowd import SIZE, always_moving
from bench.detectors import Match, average_precision, matches
from bench.figures import largest_that_holds, ratios, spread
from bench.lines import counts, foot_paths, random_lines
from bench.machine import this_machine
from bench.material import Material
from bench.processes import PEERS, ask, cores
from bench.report import Report, as_table, write
from bench.streams import holds, load_of
from consentry.counting.model import Line, Point
from consentry.counting.mot import read_sequence
from consentry.platform.errors import MissingPartError
from consentry.video.scene import boxes
from consentry.vision.model import Detections

PETS_SIZE = (480, 360)
MAKE_THEIR_OWN = frozenset({"speed", "streams", "footfall", "ledger", "gallery", "unlinkability", "attribution", "doors", "door-day"})
"""They need no data from elsewhere, or only the peers."""
REPORT = Report("Speed", ("clip", "frames/s", "known"), (("a", 12.345, None), ("b", 0.5, 7)), ("A remark.",), {"rounds": [1, 2]})


def shown(report: Report) -> str:
    """Return the report's table as text."""
    console = Console(file=io.StringIO(), width=100)
    console.print(as_table(report))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def walk(*places: tuple[float, float]) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Return a path through ``places``."""
    return np.array(places, np.float64)


def answer(lags: list[float]) -> dict[str, object]:
    """Return what the process of a stream answers."""
    return {"lags": lags, "late": 0, "cpu_seconds": 1.0, "people": 4, "stages": {"detect": 2.0}}


@given(st.lists(st.floats(0.1, 1e6), min_size=1))
def test_a_median_lies_within_its_range(values: list[float]) -> None:
    found = spread(values)
    assert min(values) == found.low <= found.median <= found.high == max(values)


def test_ratios_are_taken_pair_by_pair() -> None:
    # The machine halved its speed in the second round: the ratio of medians would still be right, the pairs show that nothing changed.
    assert ratios([40, 20, 40], [10, 5, 10]) == spread([4])


@given(st.integers(0, 60), st.integers(1, 30), st.integers(1, 8))
def test_the_largest_number_that_holds_is_found_from_any_start(limit: int, start: int, step: int) -> None:
    assert largest_that_holds(lambda number: number <= limit, start, step) == limit


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (walk((10, 50), (90, 50)), (0, 1)),
        (walk((90, 50), (10, 50)), (1, 0)),
        (walk((10, 50), (90, 50), (10, 50)), (1, 1)),
        (walk((10, 150), (90, 150)), (0, 0)),
        (walk((10, 50), (50, 50), (90, 50)), (0, 1)),
        (walk((10, 50), (50, 50), (10, 50)), (0, 0)),
        (walk((10, 50)), (0, 0)),
    ],
    ids=[
        "to the left bank",
        "to the right bank",
        "there and back",
        "past the end",
        "through a point on the line",
        "touching it from the right bank",
        "standing",
    ],
)
def test_a_path_crosses_a_line_from_bank_to_bank(path: np.ndarray[tuple[int, ...], np.dtype[np.float64]], expected: tuple[int, int]) -> None:
    assert counts(Line("down", Point(50, 0), Point(50, 100)), [path]) == expected


def test_feet_below_the_picture_stand_on_its_border() -> None:
    rows = np.array([[2, 7, 100, 300, 40, 120, 1], [1, 7, 90, 200, 40, 100, 1]], np.float64)
    assert foot_paths(rows, 0.5, (200, 200))[0].tolist() == [[55, 150], [60, 200]]


def test_random_lines_are_the_same_for_the_same_seed_and_lie_on_the_picture() -> None:
    random = np.random.default_rng(3)
    paths = [np.cumsum(random.normal(0, 6, (200, 2)), axis=0) + np.array([240, 180]) for _ in range(30)]
    found = random_lines(paths, PETS_SIZE, 4, seed=4)
    assert found == random_lines(paths, PETS_SIZE, 4, seed=4)
    assert len({line.id for line, _ in found}) == 4
    for line, truth in found:
        assert counts(line, paths) == truth
        assert sum(truth) >= 8
        assert all(-1 <= value <= limit + 1 for end in (line.start, line.end) for value, limit in zip(end, PETS_SIZE, strict=True))


def test_the_true_counts_of_the_shared_clip_are_found_again(shared: Path) -> None:
    material = Material(shared, Path(), short=True)
    paths = foot_paths(read_sequence(material.real("tracking", "PETS09-S2L1")).truth, 0.625, PETS_SIZE)
    clip = material.true_clips()[0]
    assert {line.id: counts(line, paths) for line in clip.plan.lines} == clip.truth


def test_somebody_is_always_on_the_way_in_the_crowd() -> None:
    scene = always_moving(8.0)
    middles = [[(box.x1 + box.x2) / 2 for box in boxes(scene, time)] for time in np.arange(0.0, 8.0, 0.5)]
    assert all(any(0 <= x <= SIZE.width for x in frame) for frame in middles)
    assert all(len(walker.path) == 2 for walker in scene.walkers)


@pytest.mark.parametrize(
    ("lags", "held"),
    [([0.03] * 30, True), ([0.03] * 29 + [0.9], False), ([0.01 * index for index in range(30)], False), ([0.4] * 30, True)],
    ids=["steady", "one long lag", "growing", "late but steady"],
)
def test_real_time_holds_while_no_lag_grows_or_gets_long(lags: list[float], *, held: bool) -> None:
    assert holds(load_of([answer([0.02] * 30), answer(lags)], 3.0)) is held


def test_average_precision_of_perfect_detections_is_one_and_a_false_one_in_front_costs() -> None:
    true = np.array([[0, 0, 10, 20], [30, 0, 40, 20]], np.float32)
    right = matches(Detections(true, np.array([0.9, 0.8], np.float32)), true)
    assert average_precision(right, 2) == (1.0, 1.0)
    assert average_precision([*right, Match(0.99, None)], 2) == (pytest.approx(2 / 3), 1.0)


def test_a_second_box_on_a_person_is_no_match() -> None:
    found = Detections(np.array([[0, 0, 10, 20], [0, 1, 10, 20]], np.float32), np.array([0.9, 0.8], np.float32))
    assert [match.foot_error for match in matches(found, found.boxes[:1])] == [0.0, None]


def test_a_table_shows_every_cell_and_remark() -> None:
    text = shown(REPORT)
    assert all(word in text for word in ("Speed", "frames/s", "12.35", "0.500", "7", "A remark."))
    assert "None" not in text


def test_the_document_has_one_object_for_each_row_and_names_the_machine(tmp_path: Path) -> None:
    write(REPORT, this_machine(), tmp_path / "new" / "speed.json")
    document = json.loads((tmp_path / "new" / "speed.json").read_text(encoding="utf-8"))
    assert document["rows"] == [{"clip": "a", "frames/s": 12.345, "known": None}, {"clip": "b", "frames/s": 0.5, "known": 7}]
    assert document["machine"]["cores"] == len(os.sched_getaffinity(0))
    assert document["details"] == {"rounds": [1, 2]}


@pytest.mark.parametrize("name", [name for name in NAMES if name not in MAKE_THEIR_OWN])
def test_without_the_data_a_benchmark_is_skipped_in_one_line(name: str, tmp_path: Path) -> None:
    done = CliRunner().invoke(bench, [name, "--short", "--json", str(tmp_path), "--shared", str(tmp_path / "absent")])
    assert done.exit_code == 0
    assert done.output.startswith(f"{name}: skipped. ")
    assert "--shared" in done.output
    assert list(tmp_path.iterdir()) == []


def test_missing_peers_are_told_with_the_command_that_installs_them(tmp_path: Path) -> None:
    with pytest.raises(MissingPartError, match="make peers"):
        ask(tmp_path / "bin" / "python", "bench.peers.track", {}, cores())


def test_a_process_gets_its_request_and_runs_on_its_cores_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "echo.py").write_text("import json, os, sys\nprint(json.dumps({**json.loads(sys.stdin.readline()), 'on': sorted(os.sched_getaffinity(0))}))\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    before = cores()
    assert ask(Path(sys.executable), "echo", {"a": 1}, before[-1:]) == {"a": 1, "on": before[-1:]}
    assert cores() == before


@pytest.mark.slow
def test_tracking_is_measured_beside_the_peers(shared: Path, tmp_path: Path) -> None:
    if not PEERS.exists():
        pytest.skip("reason: the peers are not installed (make peers)")
    done = CliRunner().invoke(bench, ["tracking", "--short", "--json", str(tmp_path), "--shared", str(shared)])
    assert done.exit_code == 0
    rows = json.loads((tmp_path / "tracking.json").read_text(encoding="utf-8"))["rows"]
    means = {row["tracker"]: row for row in rows if row["sequence"] == "mean of all"}
    assert all(means["Consentry"][score] > means[peer][score] for score in ("HOTA", "IDF1") for peer in ("SORT", "ByteTrack"))
