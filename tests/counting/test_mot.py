"""Tracking scores on sequences made by hand, and what is no sequence."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from consentry.counting import mot
from consentry.counting.mot import Sequence, find_sequences, read_sequence, score, track
from consentry.platform.errors import DatasetError, MissingPartError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

Walk = tuple[int, float, float]
FRAMES = 40


def rows(*walks: Walk, frames: range = range(1, FRAMES + 1)) -> NDArray[np.float64]:
    """Return walkers as truth rows; each walk is an id, a left side in the first frame, and pixels a frame."""
    return np.array([(frame, id_, left + pace * frame, 50, 30, 90, 1) for frame in frames for id_, left, pace in walks], np.float64)


def text(table: NDArray[np.float64]) -> str:
    return "".join(",".join(f"{cell:g}" for cell in row) + ",-1,-1,-1\n" for row in table)


def sequence(folder: Path, gt: str | None = None, det: str | None = None, *, nested: bool = False) -> Path:
    folder.mkdir(parents=True)
    usual = text(rows((1, 10, 3), (2, 300, -2)))
    for name, content in (("gt", usual if gt is None else gt), ("det", usual if det is None else det)):
        place = folder / name if nested else folder
        place.mkdir(exist_ok=True)
        (place / f"{name}.txt").write_text(content, encoding="utf-8")
    return folder


def known(truth: NDArray[np.float64], name: str = "hand") -> Sequence:
    return Sequence(name, truth, truth, 25.0)


TWO = known(rows((1, 0, 5), (2, 600, -5)))


def test_the_truth_itself_scores_full_marks() -> None:
    found = score(TWO, TWO.truth[:, :6])
    assert (found.hota, found.idf1, found.mota, found.id_switches) == (pytest.approx(1.0), 1.0, 1.0, 0)


def test_ids_of_a_tracker_need_not_be_those_of_the_truth() -> None:
    renamed = TWO.truth[:, :6].copy()
    renamed[:, 1] = 1000 - renamed[:, 1]
    assert score(TWO, renamed).idf1 == 1.0


def test_two_ids_that_are_swapped_half_way_are_two_switches() -> None:
    swapped = TWO.truth[:, :6].copy()
    later = swapped[:, 0] > FRAMES / 2
    swapped[later, 1] = 3 - swapped[later, 1]
    found = score(TWO, swapped)
    assert found.id_switches == 2
    assert found.mota == pytest.approx(1 - 2 / len(swapped))
    assert found.idf1 == pytest.approx(0.5)


def test_a_walker_never_seen_and_a_ghost_are_counted_against_mota() -> None:
    truth = rows((1, 0, 5), (2, 200, 0))
    seen = truth[truth[:, 1] == 1][:, :6]
    ghost = rows((7, 600, 0), frames=range(1, 11))[:, :6]
    assert score(known(truth), seen).mota == pytest.approx(0.5)
    assert score(known(truth), np.vstack([seen, ghost])).mota == pytest.approx(0.5 - 10 / len(truth))


def test_no_track_at_all_scores_nothing() -> None:
    found = score(TWO, np.zeros((0, 6)))
    assert (found.hota, found.idf1, found.mota, found.id_switches) == (0.0, 0.0, 0.0, 0)


def test_our_tracker_keeps_two_who_pass_each_other_apart() -> None:
    lanes = rows((1, 0, 5), (2, 200, -5))
    lanes[lanes[:, 1] == 2, 3] += 40
    tracked = track(known(lanes))
    assert set(tracked[:, 0]) <= set(range(1, FRAMES + 1))
    found = score(known(lanes), tracked)
    assert found.id_switches == 0
    assert found.idf1 > 0.9
    assert found.hota > 0.9


def test_tracking_twice_gives_the_same_rows() -> None:
    assert np.array_equal(track(TWO), track(TWO))


@pytest.mark.parametrize("nested", [False, True], ids=["gt.txt", "gt/gt.txt"])
def test_both_layouts_of_a_sequence_are_read(nested: bool, tmp_path: Path) -> None:
    read = read_sequence(sequence(tmp_path / "walk", nested=nested))
    assert (read.name, read.length, len(read.truth), len(read.detections)) == ("walk", FRAMES, 2 * FRAMES, 2 * FRAMES)
    assert read.truth[0].tolist() == [1, 1, 13, 50, 30, 90, 1]


def test_truth_marked_as_not_to_be_evaluated_is_left_out(tmp_path: Path) -> None:
    truth = rows((1, 10, 3), (2, 300, -2))
    truth[truth[:, 1] == 2, 6] = 0
    assert set(read_sequence(sequence(tmp_path / "walk", text(truth))).truth[:, 1]) == {1}


def test_sequences_are_found_in_a_folder_in_order_or_as_the_folder_itself(tmp_path: Path) -> None:
    for name in ("b", "a"):
        sequence(tmp_path / name)
    (tmp_path / "neither").mkdir()
    (tmp_path / "half").mkdir()
    (tmp_path / "half" / "gt.txt").touch()
    assert [path.name for path in find_sequences(tmp_path)] == ["a", "b"]
    assert find_sequences(tmp_path / "a") == [tmp_path / "a"]


def test_a_sequence_that_one_stands_in_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(sequence(tmp_path / "PETS09-S2L1"))
    (found,) = find_sequences(Path())
    read = read_sequence(found)
    assert (read.name, read.frames_per_second) == ("PETS09-S2L1", 7.0)


@pytest.mark.parametrize("place", [lambda folder: folder, lambda folder: folder / "nowhere", lambda folder: folder / "file"])
def test_a_folder_without_sequences_is_refused(place: Callable[[Path], Path], tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DatasetError) as error:
        find_sequences(place(tmp_path))
    assert (error.value.code, error.value.subject) == ("dataset.missing", str(place(tmp_path)))


@pytest.mark.parametrize(
    ("name", "information", "rate"),
    [
        ("walk", None, 25.0),
        ("PETS09-S2L1", None, 7.0),
        ("PETS09-S2L1", "[Sequence]\nname=PETS09-S2L1\nframeRate=10\nseqLength=795\n", 10.0),
        ("walk", "[Sequence]\nframeRate=29.97\n", 29.97),
        ("walk", "[Sequence]\nname=100%\n", 25.0),
    ],
)
def test_the_frame_rate_is_that_of_seqinfo_or_a_usual_one(name: str, information: str | None, rate: float, tmp_path: Path) -> None:
    folder = sequence(tmp_path / name)
    if information is not None:
        (folder / "seqinfo.ini").write_text(information, encoding="utf-8")
    assert read_sequence(folder).frames_per_second == rate


def refused(folder: Path, file: str) -> None:
    with pytest.raises(DatasetError) as error:
        read_sequence(folder)
    assert (error.value.code, error.value.subject, error.value.exit_code) == ("dataset.sequence", str(folder / file), 2)


@pytest.mark.parametrize("rate", ["fast", "0", "-25", "nan", "inf", ""])
def test_a_frame_rate_that_is_none_is_refused(rate: str, tmp_path: Path) -> None:
    folder = sequence(tmp_path / "walk")
    (folder / "seqinfo.ini").write_text(f"[Sequence]\nframeRate={rate}\n", encoding="utf-8")
    refused(folder, "seqinfo.ini")


@pytest.mark.parametrize(
    "information", [b"frameRate=25\n", b"\xff\xfe\x00", b"[Sequence]\nframeRate=25\nframeRate=30\n"], ids=["no section", "no text", "twice"]
)
def test_a_seqinfo_that_cannot_be_read_is_refused(information: bytes, tmp_path: Path) -> None:
    folder = sequence(tmp_path / "walk")
    (folder / "seqinfo.ini").write_bytes(information)
    refused(folder, "seqinfo.ini")


BAD_ROWS = {
    "empty": "",
    "blank lines": "\n\n",
    "words": "frame,id,left,top,width,height,confidence\n",
    "six numbers": "1,1,10,10,20,40\n",
    "semicolons": "1;1;10;10;20;40;1\n",
    "no frame": "nan,1,10,10,20,40,1\n",
    "no end of frames": "inf,1,10,10,20,40,1\n",
    "more frames than a year has": "1e12,1,10,10,20,40,1\n",
    "frame 0": "0,1,10,10,20,40,1\n",
    "half a frame": "1.5,1,10,10,20,40,1\n",
    "no place": "1,1,nan,10,20,40,1\n",
}


@pytest.mark.parametrize("file", ["gt", "det"])
@pytest.mark.parametrize("content", BAD_ROWS.values(), ids=BAD_ROWS)
def test_a_file_with_a_row_that_is_none_is_refused_by_name(file: str, content: str, tmp_path: Path) -> None:
    good = "" if content in {"", "\n\n"} else text(rows((1, 10, 3)))
    contents: dict[str, Any] = {file: good + content}
    refused(sequence(tmp_path / "walk", **contents), f"{file}.txt")


def test_without_trackeval_scoring_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> None:
        raise ModuleNotFoundError(name=name)

    monkeypatch.setattr(mot, "import_module", absent)
    with pytest.raises(MissingPartError, match="trackeval") as error:
        score(TWO, TWO.truth[:, :6])
    assert (error.value.code, error.value.exit_code) == ("part.trackeval", 2)
