"""``consentry evaluate``: its documents, its tables and its errors."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from consentry.cli import evaluate as command
from consentry.cli.main import main
from consentry.counting import mot
from consentry.counting.evaluate import error_interval
from consentry.video.render import write_clip
from tests.counting.stage import SceneWatcher, stage, walker

if TYPE_CHECKING:
    from pathlib import Path

SCENE = stage(walker((0.0, 440, 300), (4.0, 40, 300)), walker((1.0, 40, 220), (5.0, 440, 220)), duration=6.0)


@pytest.fixture(autouse=True)
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give each test no models, a wide terminal, and a watcher that knows where everybody is."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("CONSENTRY_MODELS", raising=False)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(command, "open_watcher", lambda *_, **__: SceneWatcher(SCENE))


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clips")
    write_clip(SCENE, folder / "entrance.mp4")
    return folder


def manifest(folder: Path, *lines: tuple[str, int, int], file: str = "entrance.mp4", x: int = 240) -> Path:
    rows = [{"id": id_, "from": [x, 0], "to": [x, 360], "truth": {"in": into, "out": out}} for id_, into, out in lines]
    path = folder / "truth.json"
    path.write_text(json.dumps({"clips": [{"file": file, "lines": rows}]}), encoding="utf-8")
    return path


def sequence(folder: Path, name: str, gt: str | None = None) -> Path:
    rows = "".join(f"{frame},{id_},{x + pace * frame},50,30,90,1,-1,-1,-1\n" for frame in range(1, 31) for id_, x, pace in ((1, 10, 3), (2, 400, -2)))
    (folder / name).mkdir(parents=True)
    (folder / name / "gt.txt").write_text(rows if gt is None else gt, encoding="utf-8")
    (folder / name / "det.txt").write_text(rows, encoding="utf-8")
    return folder


def printed(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    assert main(["evaluate", *map(str, arguments)]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return str(out)


def document(capsys: pytest.CaptureFixture[str], *arguments: object) -> dict[str, Any]:
    out = printed(capsys, *arguments, "--json")
    assert out.count("\n") == 1
    found: dict[str, Any] = json.loads(out)
    return found


def refusal(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    assert main(["evaluate", *map(str, arguments)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    return str(err).rstrip().rsplit(" ", 1)[1]


def test_the_document_of_counting_is_exactly_the_documented_one(clips: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = manifest(tmp_path, ("right", 1, 1), ("wrong", 3, 0))
    low, high = error_interval(3, 5)
    assert document(capsys, "counting", path, "--clips", clips) == {
        "clips": [
            {
                "file": "entrance.mp4",
                "lines": [
                    {"id": "right", "truth": {"in": 1, "out": 1}, "counted": {"in": 1, "out": 1}},
                    {"id": "wrong", "truth": {"in": 3, "out": 0}, "counted": {"in": 1, "out": 1}},
                ],
            }
        ],
        "absolute_error": 3,
        "total": 5,
        "error_rate": 0.6,
        "interval": [round(low, 6), round(high, 6)],
    }


def test_the_table_of_counting_says_rate_and_interval_in_words(clips: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = printed(capsys, "counting", manifest(tmp_path, ("[/x] 大门", 1, 2)), "--clips", clips)
    (row,) = (row for row in out.splitlines() if "entrance.mp4" in row)
    assert [cell.strip() for cell in row.strip("│").split("│")] == ["entrance.mp4", "[/x] 大门", "1", "1", "2", "1", "1"]
    assert "Error 1 of 3 crossings: 33.3%, 95 % interval 6.1% to 79.2%." in out


def test_clips_beside_the_manifest_need_no_option(clips: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert document(capsys, "counting", manifest(clips, ("door", 1, 1)))["absolute_error"] == 0


def test_what_cannot_be_evaluated_is_one_line(clips: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert refusal(capsys, "counting", tmp_path / "nowhere.json", "--json") == "[dataset.missing]"
    assert refusal(capsys, "counting", clips, "--json") == "[dataset.missing]"
    (tmp_path / "bad.json").write_text("{", encoding="utf-8")
    assert refusal(capsys, "counting", tmp_path / "bad.json", "--json") == "[dataset.manifest]"
    path = manifest(tmp_path, ("door", 1, 1))
    assert refusal(capsys, "counting", path, "--json") == "[dataset.clip]"
    assert refusal(capsys, "counting", manifest(tmp_path, ("door", 1, 1), x=900), "--clips", clips) == "[line.outside]"
    (tmp_path / "entrance.mp4").write_bytes(b"")
    assert refusal(capsys, "counting", manifest(tmp_path, ("door", 1, 1))) == "[source.empty]"
    monkeypatch.undo()
    assert refusal(capsys, "counting", path, "--clips", clips, "--detector", "guess") == "[model.unknown]"


def test_a_line_that_cannot_count_is_told_with_its_clip(clips: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "counting", str(manifest(tmp_path, ("door", 1, 1), x=900)), "--clips", str(clips)]) == 2
    assert capsys.readouterr().err.startswith("error: entrance.mp4, line 'door': the end 900,0 is outside")


def test_the_document_of_tracking_names_each_sequence_and_its_scores(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sequence(tmp_path, "b")
    sequence(tmp_path, "a")
    found = document(capsys, "tracking", tmp_path)
    assert list(found) == ["sequences"]
    assert [row["name"] for row in found["sequences"]] == ["a", "b"]
    for row in found["sequences"]:
        assert list(row) == ["name", "HOTA", "IDF1", "MOTA", "id_switches"]
        assert all(0.9 < row[name] <= 1 for name in ("HOTA", "IDF1", "MOTA"))
        assert row["id_switches"] == 0


def test_the_table_of_tracking_shows_names_as_they_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = printed(capsys, "tracking", sequence(tmp_path, "[red]"))
    assert "│ [red] " in out
    assert all(title in out for title in ("HOTA", "IDF1", "MOTA", "id switches"))


def test_what_is_no_sequence_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def absent(name: str) -> None:
        raise ModuleNotFoundError(name=name)

    assert refusal(capsys, "tracking", tmp_path / "nowhere", "--json") == "[dataset.missing]"
    assert refusal(capsys, "tracking", sequence(tmp_path / "bad", "a", "1,2\n"), "--json") == "[dataset.sequence]"
    monkeypatch.setattr(mot, "import_module", absent)
    assert refusal(capsys, "tracking", sequence(tmp_path / "good", "a"), "--json") == "[part.trackeval]"
