"""``consentry count``: what it prints, writes and refuses."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest

from consentry.cli import count as command
from consentry.cli.main import main
from consentry.video.render import write_clip
from consentry.video.scene import Scene, boxes, truth
from consentry.video.sources import open_source
from consentry.video.walk import Walker, Waypoint
from consentry.vision.boxes import no_people
from tests.counting.stage import SceneWatcher, stage, walker
from tests.video import clips

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

FIELDS = ["source", "frames", "duration_s", "frames_per_second", "detector", "lines", "zones", "intervals", "warnings"]
LINE_FIELDS = ["id", "in", "out", "groups_in", "groups_out"]
FILES = ["counts.csv", "counts.json", "flow.png", "heat.npy", "heat.png"]
WHOLE = "0,0;480,0;480,360;0,360"

# Two go from right to left (in), the second well behind the first, and one the other way.
SCENE = stage(
    walker((0.0, 440, 300), (4.0, 40, 300)),
    walker((2.5, 440, 330), (6.5, 40, 330)),
    walker((1.0, 40, 220), (6.0, 440, 220)),
    duration=8.0,
)


@pytest.fixture(autouse=True)
def no_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("CONSENTRY_MODELS", raising=False)
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clips") / "entrance.mp4"
    write_clip(SCENE, path)
    return path


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a watcher that knows where everybody is stand in for a detector."""
    monkeypatch.setattr(command, "open_watcher", lambda *_, **__: SceneWatcher(SCENE))


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a second of a picture without people, 320x240."""
    return clips.write_clip(tmp_path_factory.mktemp("still") / "still.mp4", clips.times_at(10, 10), size=(320, 240))


def printed(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    """Run the command, which must succeed without a word on stderr, and return stdout."""
    assert main(["count", *map(str, arguments)]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return str(out)


def document(capsys: pytest.CaptureFixture[str], *arguments: object) -> dict[str, Any]:
    out = printed(capsys, *arguments, "--json")
    assert out.count("\n") == 1
    found: dict[str, Any] = json.loads(out)
    return found


def refusal(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    """Run the command, which must end with 2 and one line on stderr, and return that line."""
    assert main(["count", *map(str, arguments)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: ")
    assert err.endswith("]\n")
    assert err.count("\n") == 1
    return str(err)


@pytest.mark.usefixtures("known")
def test_json_is_one_document_of_the_documented_fields_with_the_true_counts(clip: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = document(capsys, clip, "--line", "door=240,0,240,360", "--zone", f"all={WHOLE}")
    assert list(found) == FIELDS
    assert (found["source"], found["frames"], found["duration_s"], found["detector"]) == (str(clip), 80, 7.9, "sees all")
    assert found["frames_per_second"] > 0
    (line,) = found["lines"]
    assert list(line) == LINE_FIELDS
    assert (line["id"], line["in"], line["out"]) == ("door", truth(SCENE)["in"], truth(SCENE)["out"]) == ("door", 2, 1)
    (zone,) = found["zones"]
    assert list(zone) == ["id", "visits", "max_occupancy", "dwell_s"]
    assert (zone["id"], zone["visits"], zone["max_occupancy"], list(zone["dwell_s"])) == ("all", 3, 3, ["p50", "p90"])
    assert [interval["minutes"] for interval in found["intervals"]] == [1, 15]
    for interval in found["intervals"]:
        assert list(interval) == ["start", "minutes", "state", "coverage", "lines", "zones"]
        assert interval["lines"] == [line]
    assert found["warnings"] == []


@pytest.mark.usefixtures("known")
def test_turning_a_line_round_swaps_in_and_out(clip: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (line,) = document(capsys, clip, "--line", "up=240,360,240,0")["lines"]
    assert (line["in"], line["out"]) == (1, 2)


@pytest.mark.usefixtures("known")
def test_without_lines_a_vertical_one_in_the_middle_counts_and_says_so(clip: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = printed(capsys, clip)
    assert "No line was given, so a vertical one in the middle counted." in out
    assert [cell.strip() for row in out.splitlines() if "middle " in row and "│" in row for cell in row.split("│")[1:4]] == ["middle", "2", "1"]
    assert [line["id"] for line in document(capsys, clip)["lines"]] == ["middle"]


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize("option", [("--line", "door=240,0,240,360"), ("--zone", f"all={WHOLE}")])
def test_with_a_line_or_zone_nothing_is_said_about_the_middle(option: tuple[str, str], clip: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = printed(capsys, clip, *option)
    assert "No line was given" not in out
    assert option[1].split("=")[0] in out


@pytest.mark.usefixtures("known")
def test_a_line_shorter_than_the_people_who_cross_it_earns_a_warning(clip: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = (clip, "--line", "short=240,290,240,340")
    (warning,) = document(capsys, *arguments)["warnings"]
    assert "short" in warning
    assert f"warning: {warning}" in printed(capsys, *arguments)


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize("name", ["大门", "Eingang Süd", "[bold]", "[/red]", "a|b", "-", "\N{DOOR}"])
def test_any_printable_name_is_kept_as_it_is(name: str, clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = (clip, "--line", f"{name}=240,300,240,320", "--zone", f"{name}={WHOLE}", "--out", tmp_path / name)
    out = printed(capsys, *arguments)
    assert f"│ {name} " in out
    assert f"Written to {tmp_path / name}/" in out
    assert f"line '{name}'" in out, "the warning about the short line"
    found = json.loads((tmp_path / name / "counts.json").read_text(encoding="utf-8"))
    assert [part["id"] for part in (*found["lines"], *found["zones"])] == [name, name]


@pytest.mark.usefixtures("known")
def test_out_holds_exactly_the_documented_files_and_what_was_printed(clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "deep" / "counts"
    found = document(capsys, clip, "--line", "door=240,0,240,360", "--zone", f"all={WHOLE}", "--out", folder)
    assert sorted(path.name for path in folder.iterdir()) == FILES
    assert json.loads((folder / "counts.json").read_text(encoding="utf-8")) == found
    with (folder / "counts.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["kind"], row["id"], row["minutes"], row["in"], row["visits"]) for row in rows] == [
        ("line", "door", "1", "2", ""),
        ("zone", "all", "1", "", "3"),
        ("line", "door", "15", "2", ""),
        ("zone", "all", "15", "", "3"),
    ]
    heat = np.load(folder / "heat.npy", allow_pickle=False)
    assert heat.dtype == np.float64
    walked = sum(person.path[-1].time - person.path[0].time for person in SCENE.walkers)
    assert walked - 3 < heat.sum() < walked + 1
    assert all(cv2.imread(str(folder / name)) is not None for name in ("heat.png", "flow.png"))


def test_a_source_whose_name_is_not_utf_8_is_counted_and_written(still: Path, tmp_path: Path) -> None:
    source = tmp_path / os.fsdecode(b"caf\xe9.mp4")
    source.symlink_to(still)
    program = "import sys; from consentry.cli.main import main; sys.exit(main())"
    arguments = [sys.executable, "-c", program, "count", str(source), "--json", "--out", str(tmp_path / "out")]
    done = subprocess.run(arguments, env={**os.environ, "LC_ALL": "C.UTF-8"}, capture_output=True, check=False, timeout=240)
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads((tmp_path / "out" / "counts.json").read_text(encoding="utf-8"))["source"] == str(source)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == FILES


def frames_at(path: Path, times: list[float]) -> list[NDArray[np.uint8]]:
    with open_source(str(path)) as source:
        shown = [frame for frame in source.frames() if frame is not None]
    return [min(shown, key=lambda frame: abs(frame.time - time)).image for time in times]


def detail(picture: NDArray[np.uint8]) -> NDArray[np.floating]:
    """Return how far each pixel is from what 32 x 24 cells of 15 pixels can show."""
    height, width = picture.shape[:2]
    cells = picture[7::15, 7::15]
    assert cells.shape[:2] == (24, 32)
    coarse = cv2.resize(cells, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(np.abs(picture.astype(np.float32) - coarse).mean(axis=2))


class SeesNobody:
    name = "sees nobody"

    def watch(self, *_: object) -> Any:  # noqa: ANN401 - detections
        return no_people()


@pytest.mark.usefixtures("known")
def test_preview_is_one_more_file_with_every_frame(clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document(capsys, clip, "--out", tmp_path / "o", "--preview")
    assert sorted(path.name for path in (tmp_path / "o").iterdir()) == sorted([*FILES, "preview.mp4"])
    with open_source(str(tmp_path / "o" / "preview.mp4")) as preview:
        times = [frame.time for frame in preview.frames() if frame is not None]
    assert times == pytest.approx([index / 10 for index in range(80)], abs=0.001)


def test_even_someone_the_detector_missed_cannot_be_made_out_in_the_preview(
    clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "open_watcher", lambda *_, **__: SeesNobody())
    document(capsys, clip, "--line", "far=460,180,460,300", "--out", tmp_path, "--preview")
    times = [1.5, 2.0, 4.0, 5.0]
    for time, real, shown in zip(times, frames_at(clip, times), frames_at(tmp_path / "preview.mp4", times), strict=True):
        for box in boxes(SCENE, time):
            place = slice(round(box.y1), round(box.y2)), slice(round(box.x1), round(box.x2))
            assert detail(real)[place].mean() > 12
            assert detail(shown)[place].mean() < 4, "what compression adds"


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize(("duration", "seconds"), [("2s", 2.0), ("0.05m", 3.0), ("1.5", 1.5), ("1h", 7.9)])
def test_for_stops_a_file_at_that_time(duration: str, seconds: float, clip: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert document(capsys, clip, "--for", duration)["duration_s"] == pytest.approx(seconds, abs=0.101)


def test_the_embedded_detector_is_what_auto_takes_where_there_is_nothing_else(still: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = document(capsys, still)
    assert (found["detector"], found["frames"]) == ("hog", 10)


def test_of_a_file_the_sign_is_written_too(still: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "sign.txt").write_text("  People are counted here.\n此处统计人数\n", encoding="utf-8")
    assert document(capsys, still, "--sign", tmp_path / "sign.txt")["sign"] == "People are counted here.\n此处统计人数"
    assert document(capsys, still, "--sign", "At the door")["sign"] == "At the door"
    assert len(document(capsys, still, "--sign", "long " * 200)["sign"]) == 1000


@pytest.mark.slow
def test_hog_counts_rendered_people(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    person = Walker((Waypoint(0.0, 440, 300, 150.0), Waypoint(4.0, 40, 300, 150.0)))
    scene = Scene(SCENE.size, 10.0, 4.0, SCENE.line, (person,))
    write_clip(scene, tmp_path / "one.mp4")
    (line,) = document(capsys, tmp_path / "one.mp4", "--detector", "hog")["lines"]
    assert {"in": line["in"], "out": line["out"]} == truth(scene) == {"in": 1, "out": 0}


LINES_REFUSED = [
    ("door", "line.syntax"),
    ("door=", "line.syntax"),
    ("=1,2,3,4", "line.syntax"),
    (" =100,0,100,240", "line.syntax"),
    ("a\nb=100,0,100,240", "line.syntax"),
    ("a\udcffb=100,0,100,240", "line.syntax"),
    ("door=1,2,3", "line.syntax"),
    ("door=1,2,3,4,5", "line.syntax"),
    ("door=1,2;3,4", "line.syntax"),
    ("door=1,2,3,x", "line.syntax"),
    ("door=1,2,3,", "line.syntax"),
    ("door=nan,0,100,240", "line.syntax"),
    ("door=inf,0,100,240", "line.syntax"),
    ("door=1e300,0,100,240", "line.syntax"),
    ("a=b=100,0,100,240", "line.syntax"),
    ("door=100,100,100,100", "line.ends-coincide"),
    ("door=100,0,100,300", "line.outside"),
    ("door=-2,0,100,240", "line.outside"),
    ("door=100,100,100,105", "line.too-short"),
    ("door=3,0,3,240", "line.on-border"),
    ("door=0,240,320,240", "line.on-border"),
]
ZONES_REFUSED = [
    ("till", "zone.syntax"),
    ("till=", "zone.syntax"),
    ("=0,0;9,0;9,9", "zone.syntax"),
    ("till=0,0;9,0;9", "zone.syntax"),
    ("till=0,0;9,0;9,nan", "zone.syntax"),
    ("till=0,0;9,0;;9,9", "zone.syntax"),
    ("till=0,0;100,0", "zone.corners"),
    ("till=0,0;100,0;100,500", "zone.outside"),
    ("till=0,0;100,0;200,0", "zone.no-area"),
]


@pytest.mark.parametrize("case", [*(("--line", *case) for case in LINES_REFUSED), *(("--zone", *case) for case in ZONES_REFUSED)])
@pytest.mark.parametrize("machine", [[], ["--json"]], ids=["table", "json"])
def test_a_line_or_zone_that_cannot_count_is_refused_with_its_reason(
    case: tuple[str, str, str], machine: list[str], still: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    option, text, code = case
    assert refusal(capsys, still, option, text, *machine).endswith(f"[{code}]\n")


def test_two_of_one_name_are_refused(still: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "[line.same-name]" in refusal(capsys, still, "--line", "a=100,0,100,240", "--line", "a=200,0,200,240")
    zone = "0,0;100,0;100,100"
    assert "[zone.same-name]" in refusal(capsys, still, "--zone", f"a={zone}", "--zone", f"a={zone}")
    document(capsys, still, "--line", "a=100,0,100,240", "--zone", f"a={zone}")


def nothing(_: Path) -> None:
    """Leave the folder as it is."""


@pytest.mark.parametrize(
    ("make", "source", "code"),
    [
        (nothing, "nowhere.mp4", "source.missing"),
        (lambda folder: (folder / "empty.mp4").touch(), "empty.mp4", "source.empty"),
        (lambda folder: clips.write_sound(folder / "sound.mp4"), "sound.mp4", "source.no-video"),
        (lambda folder: (folder / "notes.mp4").write_text("dear diary " * 500, encoding="utf-8"), "notes.mp4", "source."),
        (lambda folder: clips.first_bytes(clips.write_clip(folder / "w.mp4", clips.times_at(10, 20)), folder / "half.mp4", 0.5), "half.mp4", "source.damaged"),
        (lambda folder: (folder / "pictures").mkdir(), "pictures", "source."),
    ],
    ids=["missing", "empty", "sound", "text", "half", "folder without pictures"],
)
def test_a_source_without_pictures_is_refused_by_name(
    make: Callable[[Path], object], source: str, code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make(tmp_path)
    line = refusal(capsys, tmp_path / source, "--json", "--out", tmp_path / "out", "--preview")
    assert line.startswith(f"error: {tmp_path / source}: ")
    assert f"[{code}" in line
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--detector", "guess"], "model.unknown"),
        (["--detector", "rtmdet"], "model.missing"),
        (["--preview"], "count.preview"),
        (["--out", "/proc/nowhere"], "count.out"),
        (["--out", __file__], "count.out"),
        *((["--for", duration], "count.duration") for duration in ("", "soon", "0", "-5s", "1w", "5 s", "nan", "inf", "1e3", "1:30")),
    ],
)
def test_an_option_that_cannot_be_used_is_refused(arguments: list[str], code: str, still: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert f"[{code}]" in refusal(capsys, still, *arguments)


@pytest.mark.parametrize(
    ("source", "code"), [("ftp://example.invalid/a.mp4", "source.unknown-kind"), ("webcam:front", "source.bad-address"), ("", "source.bad-address")]
)
def test_what_is_no_address_is_refused(source: str, code: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert f"[{code}]" in refusal(capsys, source)


@pytest.mark.parametrize("sign", [[], ["--sign", ""], ["--sign", " \n"]], ids=["none", "empty", "blank"])
@pytest.mark.parametrize("source", ["rtsp://admin:hush-hush@127.0.0.1:1/camera", "http://127.0.0.1:1/video.mjpg?token=hush-hush", "webcam:97"])
def test_a_camera_without_a_sign_is_refused_and_never_opened(source: str, sign: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    line = refusal(capsys, source, *sign)
    assert "[count.no-sign]" in line
    assert "hush-hush" not in line


@pytest.mark.parametrize("content", [b"\xff\xfe\x00\x01", b"\x00" * 40, b"MZ\x90\x00"], ids=["bytes", "zeros", "program"])
def test_a_sign_that_is_no_text_is_refused(content: bytes, still: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "sign").write_bytes(content)
    assert "[count.sign]" in refusal(capsys, still, "--sign", tmp_path / "sign")


def test_a_sign_that_may_not_be_read_is_refused(still: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def locked(*_: object, **__: object) -> str:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "sign.txt").touch()
    monkeypatch.setattr(Path, "read_text", locked)
    assert "permission denied" in refusal(capsys, still, "--sign", tmp_path / "sign.txt")


def test_a_refused_line_leaves_no_part_of_a_preview(still: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    refusal(capsys, still, "--line", "door=100,0,100,900", "--out", tmp_path / "out", "--preview")
    assert list((tmp_path / "out").iterdir()) == []
