"""The end of ``consentry demo``: a site around the clip, its console, and figures that are the truth within the counting error."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Self

import numpy as np
import pytest

from consentry.cli import demo_site
from consentry.cli.demo import figures_table
from consentry.cli.demo_check import CheckedFigures, looped_truth, within_error
from consentry.cli.demo_site import CAMERA, DAYS, LINE, ZONE, CountedClip, fill_site, found_demo
from consentry.cli.main import main
from consentry.cli.operator import this_operator
from consentry.counting.folds import EventLog
from consentry.counting.model import Crossing, Direction, Point, TrackId
from consentry.platform.errors import ConflictError
from consentry.platform.opening import open_site
from consentry.platform.settings.checking import check
from consentry.statistics.model import LinePlace, Query, Step
from consentry.statistics.service import footfall
from consentry.video.entrance import entrance
from consentry.video.scene import crossings, truth
from consentry.video.sources import open_source
from consentry.video.writer import VideoWriter
from tests.ports import free_port

if TYPE_CHECKING:
    from datetime import tzinfo
    from pathlib import Path

SCENE = entrance(7, 20)


def crossing(time: float, direction: Direction) -> Crossing:
    return Crossing(LINE, direction, time, TrackId("demo", 0, 1), Point(0, 0), 1.0)


@pytest.fixture
def clip(tmp_path: Path) -> CountedClip:
    """Give a clip whose count is the truth; its pictures do not matter here."""
    file = tmp_path / "clip.mp4"
    with VideoWriter(file) as writer:
        for number in range(6):
            writer.write(np.full((48, 64, 3), 40 * number, np.uint8), number / 12.5)
    events = tuple(crossing(at, Direction(direction)) for at, direction in crossings(SCENE))
    return CountedClip(file, SCENE, EventLog(0.0, SCENE.duration, (LINE,), (), events))


def test_a_demonstration_site_is_whole_and_replaces_only_itself(tmp_path: Path, clip: CountedClip) -> None:
    config = found_demo(tmp_path / "site", clip, 8000)
    assert check(config) == []
    with open_source(str(tmp_path / "site" / "clip.mp4")) as source:
        assert [frame.time for frame in source.frames() if frame] == pytest.approx([0.0, 0.16, 0.32], abs=0.001)
    assert found_demo(tmp_path / "site", clip, 8000) == config
    other = tmp_path / "other"
    other.mkdir()
    (other / "site.toml").write_text('[site]\nid = "mine"\n', encoding="utf-8")
    with pytest.raises(ConflictError, match="no demonstration"):
        found_demo(other, clip, 8000)
    assert (other / "site.toml").is_file()


class Noon(datetime):
    """Stands still at a noon of the demonstration: just after midnight the clip's minute would be one of yesterday's."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        return cls(2025, 6, 12, 12, 0, 30, tzinfo=ZONE).astimezone(tz)


def test_the_records_hold_the_counted_clip_and_a_week_of_opening_hours_before_today(tmp_path: Path, clip: CountedClip, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo_site, "datetime", Noon)
    config = found_demo(tmp_path / "site", clip, 8000)
    start = datetime.fromtimestamp(fill_site(config, clip.log), UTC)
    today = Noon.now(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    line = (LinePlace(CAMERA, LINE),)
    with open_site(config) as site:
        counted = footfall(site, this_operator(), Query(start, start + timedelta(minutes=1), Step.MINUTE, line)).total
        days = footfall(site, this_operator(), Query(today - timedelta(days=DAYS), today, Step.DAY, line)).bars
    assert counted.entered is not None
    assert counted.left is not None
    assert {"in": counted.entered.value, "out": counted.left.value} == truth(SCENE)
    assert len(days) == DAYS
    for day in days:
        assert day.entered is not None
        assert day.left is not None
        assert day.entered.value == day.left.value > 300, "everybody who comes in an invented day leaves again"


@pytest.mark.parametrize("begins", [0, 17, 40])
def test_a_minute_has_the_crossings_of_the_lap_that_begins_in_it(begins: int) -> None:
    lap, minute = 12_000 * 60 + begins, 12_000 * 60
    fewest, most = looped_truth(SCENE, float(lap), {minute})
    seen = [(at + begins, direction) for at, direction in crossings(SCENE)]
    for direction in ("in", "out"):
        assert fewest[direction] == sum(2 <= at < 58 and found == direction for at, found in seen)
        assert most[direction] == sum(at < 62 and found == direction for at, found in seen)


def test_between_two_minutes_that_adjoin_nobody_is_lost_or_counted_twice() -> None:
    begin = 12_000 * 60
    lap = begin + 60.0 - crossings(SCENE)[0][0]
    first, second, both = (looped_truth(SCENE, lap, minutes) for minutes in ({begin}, {begin + 60}, {begin, begin + 60}))
    apart = looped_truth(SCENE, lap, {begin, begin + 120})
    direction = crossings(SCENE)[0][1]
    assert first[0][direction] + second[0][direction] < both[0][direction] <= both[1][direction] < first[1][direction] + second[1][direction]
    assert apart[0][direction] < both[0][direction]


def test_a_short_clip_is_counted_once_a_lap() -> None:
    fewest, most = looped_truth(SCENE, 60.0, {60_000})
    assert most["in"] + most["out"] >= len(crossings(SCENE)) >= fewest["in"] + fewest["out"]


@pytest.mark.parametrize(
    ("counted", "fewest", "most", "holds"),
    [
        (10, 10, 10, True),
        (9, 10, 10, True),
        (8, 10, 10, False),
        (12, 10, 10, False),
        (0, 0, 1, True),
        (3, 0, 1, False),
        (110, 100, 100, True),
        (111, 100, 100, False),
    ],
)
def test_a_count_may_be_wrong_by_a_tenth_and_always_by_one(counted: int, fewest: int, most: int, holds: bool) -> None:
    assert within_error(counted, fewest, most) is holds


def test_the_table_shows_how_few_and_how_many_crossings_there_may_have_been() -> None:
    figures = CheckedFigures("camera, 1 min", {"in": 9, "out": 8}, {"in": 11, "out": 8}, {"in": 10, "out": 8})
    assert [list(column.cells) for column in figures_table([figures]).columns] == [["camera, 1 min"], ["9 to 11"], ["10"], ["8"], ["8"]]


@pytest.mark.slow
@pytest.mark.realtime
@pytest.mark.timeout(900)
def test_where_ci_is_set_the_demo_proves_its_console_and_stops(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("CI", "true")
    monkeypatch.setenv("COLUMNS", "100")
    assert main(["demo", "--people", "8", "--out", str(tmp_path / "demo"), "--port", str(free_port())]) == 0
    out = capsys.readouterr().out
    assert "The pages answer." in out
    rows = [[cell.strip() for cell in row.strip("│").split("│")] for row in out.splitlines() if row.startswith("│")]
    assert [row[0].split(",")[0] for row in rows if len(row) == 5] == ["clip", "camera"]
