"""``consentry demo``: true and counted figures side by side, and the way to the reader's own video."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from consentry.cli.main import main
from consentry.video.entrance import entrance
from consentry.video.scene import truth
from consentry.video.sources import open_source

if TYPE_CHECKING:
    from pathlib import Path

WRITTEN = ["counts.csv", "counts.json", "entrance.mp4", "flow.png", "heat.npy", "heat.png", "preview.mp4"]

pytestmark = pytest.mark.usefixtures("no_models")


@pytest.fixture
def no_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Prove that the demo needs nothing but the package."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("CONSENTRY_MODELS", raising=False)
    monkeypatch.setenv("COLUMNS", "100")


def demonstrated(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[str, dict[str, tuple[int, int]]]:
    """Run the demo without its console and return what it printed, and the row of each name: in, out."""
    assert main(["demo", "--no-console", *map(str, arguments)]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    cells = [[cell.strip() for cell in row.strip("│").split("│")] for row in out.splitlines() if row.startswith("│")]
    return out, {name: (int(into), int(left)) for name, into, left in cells}


def check(rows: dict[str, tuple[int, int]], seed: int, people: int) -> None:
    assert list(rows) == ["truth", "counted"]
    true = truth(entrance(seed, people))
    assert rows["truth"] == (true["in"], true["out"])
    assert all(abs(counted - expected) <= 1 for counted, expected in zip(rows["counted"], rows["truth"], strict=True))


@pytest.mark.slow
def test_a_small_crowd_is_drawn_counted_and_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "[/b] demo"
    out, rows = demonstrated(capsys, "--people", 3, "--out", folder)
    check(rows, 7, 3)
    assert f"are in {folder}/" in out
    assert out.rstrip().splitlines()[-1].strip() == ".venv/bin/consentry count YOUR-VIDEO.mp4 --line door=320,0,320,480"
    assert sorted(path.name for path in folder.iterdir()) == WRITTEN
    with open_source(str(folder / "entrance.mp4")) as clip, open_source(str(folder / "preview.mp4")) as preview:
        assert clip.size == preview.size
        assert [frame.time for frame in preview.frames() if frame] == pytest.approx([frame.time for frame in clip.frames() if frame], abs=0.001)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_whole_demo_counts_twenty_people_within_one_each_way(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, rows = demonstrated(capsys, "--out", tmp_path)
    check(rows, 7, 20)


def test_the_same_number_draws_the_same_crowd_and_another_number_another() -> None:
    assert entrance(7, 20) == entrance(7, 20)
    assert truth(entrance(7, 20)) == truth(entrance(7, 20))
    assert entrance(7, 20) != entrance(8, 20)


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_a_folder_that_cannot_be_written_is_one_line_before_anything_is_drawn(place: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    assert main(["demo", "--out", str(tmp_path / place)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"error: {tmp_path / place}: ")
    assert err.endswith("[count.out]\n")
    assert err.count("\n") == 1


def test_a_port_that_something_else_uses_is_one_line_before_anything_is_drawn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["demo", "--out", str(tmp_path), "--port", str(port)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"error: port {port}: it cannot be opened (address already in use). Choose another")
    assert err.endswith("[demo.port]\n")
