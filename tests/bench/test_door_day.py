"""The simulated day lets everybody in by every way, charges people for their mistakes, and says what the rule of parity says."""

from __future__ import annotations

import itertools
from contextlib import suppress
from random import Random
from statistics import median
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

import bench.door_day
from bench.__main__ import bench as command
from bench.door_day import Size
from bench.handling import DEFAULT, Handling, Step, read_handling
from bench.material import Material
from bench.processes import ROOT
from bench.residence import Habit, Visit, residence, visits
from bench.walking import MISTAKES, Answered, Reach, Walkers
from consentry.access.hardware.ports import Answer
from consentry.access.model import EntryDigits, ReaderKind
from consentry.platform.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from bench.report import Report
    from bench.walking import Showing

CAPTURE_S = 2.5
ALIKE = Handling({name: Step(step.median, 0.0, step.source) for name, step in DEFAULT.items()})


def a_day(folder: Path, monkeypatch: pytest.MonkeyPatch, handling: str) -> Report:
    monkeypatch.setattr(bench.door_day, "SHORT", Size(residents=40, captures=1))
    monkeypatch.setattr(bench.door_day, "_captures", lambda *_: ((CAPTURE_S,), "given"))
    file = folder / "handling.toml"
    file.write_text(handling, encoding="utf-8")
    return bench.door_day.measure(Material(folder, folder, short=True, handling=file))


def column(report: Report, number: int) -> dict[Habit, float]:
    """Return a column of the table by way."""
    return {Habit(str(row[0])): float(row[number] or 0) for row in report.rows}


def step(name: str, seconds: float) -> str:
    return f'[{name}]\nmedian = {seconds}\nspread = 0.0\nsource = "a test"\n'


@pytest.mark.parametrize(("seconds_a_key", "holds"), [(0.01, True), (2.0, False)])
def test_a_day_compares_what_everybody_waited_and_slow_fingers_break_parity(
    seconds_a_key: float, holds: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = a_day(tmp_path, monkeypatch, step("pin-key", seconds_a_key) + step("phone-out", 0.5))
    waited = column(report, 2)
    assert set(waited) == set(Habit)
    found = report.details["parity"][Habit.FACE]
    assert found["holds"] is holds
    assert found["median_s"][ReaderKind.FACE] == waited[Habit.FACE]
    assert found["median_s"][ReaderKind.PIN] == waited[Habit.PIN]
    assert (waited[Habit.PIN] - waited[Habit.FACE] > 2) is not holds
    may_have = waited[Habit.FACE] + max(0.2 * waited[Habit.FACE], 2)
    assert f"may have {may_have:.2f} s" in report.notes[1]
    assert f"Parity with face among all {'holds' if holds else 'does not hold'}" in report.notes[1]


def test_a_machine_that_waits_makes_the_day_longer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oracle: with everybody alike and no mistakes, a passage lasts what the table says, and at most a look at the doors and the machine's work more."""
    monkeypatch.setattr("bench.walking.MISTAKES", dict.fromkeys(MISTAKES, 0.0))
    report = a_day(tmp_path, monkeypatch, "".join(step(name, one.median) for name, one in DEFAULT.items()))
    waited, machine = column(report, 2), column(report, 4)
    hands = DEFAULT["card-out"].median + DEFAULT["card-hold"].median
    assert waited[Habit.CARD] == pytest.approx(hands + machine[Habit.CARD] / 1000, abs=0.05)
    code = sum(DEFAULT[name].median for name in ("phone-out", "phone-unlock", "phone-page", "code-hold"))
    assert code < waited[Habit.PHONE] < code + 1
    face = sum(DEFAULT[name].median for name in ("face-touch", "face-touch", "face-page", "face-camera", "face-back")) + CAPTURE_S
    assert face < waited[Habit.FACE] < face + 0.5
    assert "0 refusals" in report.notes[0]


def test_whoever_mistypes_is_refused_and_types_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.walking.MISTAKES", dict.fromkeys(MISTAKES, 1.0))
    chance = Random(1)  # noqa: S311 - a test's
    found = residence(40, chance)
    who = found.habits.index(Habit.PIN)
    pressed: list[str] = []
    reach = Reach(lambda _: None, pressed.append, lambda _: None, lambda _: Answer.DENIED)
    walkers = Walkers(found, ALIKE, (CAPTURE_S,), chance, bench.door_day.DayClock.moment)
    coming = walkers.at_door(Visit(0.0, "gate-0", who, Habit.PIN), 100.0)
    entries = _entered(coming, reach)
    typed = ["".join(pressed[start : start + 6]) for start in range(0, len(pressed), 6)]
    assert typed[0] == typed[2] == found.unit(who)
    assert typed[1] != typed[3] == found.pins[who]
    assert found.snapshot.entry == EntryDigits(6, 6), "as many as end what is typed here"
    assert entries == sorted(entries)
    once = DEFAULT["pin-reach"].median + 2 * DEFAULT["pin-recall"].median + len(pressed) / 2 * DEFAULT["pin-key"].median
    assert entries[-1] == pytest.approx(100 + 2 * once + DEFAULT["refusal"].median)


def _entered(coming: Generator[Showing, Answered, None], reach: Reach) -> list[float]:
    """Do all that somebody does at a door that says nothing, and return when each thing was done."""
    entries: list[float] = []
    with suppress(StopIteration):
        showing = next(coming)
        while True:
            showing.act(reach)
            entries.append(showing.second)
            showing = coming.send(Answered(None, showing.second))
    return entries


def test_the_day_is_the_same_from_the_same_seed_and_has_its_peaks() -> None:
    def drawn() -> list[tuple[float, str, int, Habit]]:
        chance = Random(3)  # noqa: S311 - a test's
        return [(one.second, one.door, one.who, one.habit) for one in visits(residence(120, chance), chance)]

    found = drawn()
    assert found == drawn()
    hours = [second / 3600 for second, *_ in found]
    assert hours == sorted(hours)
    assert sum(17 <= hour < 20.2 for hour in hours) > 0.4 * len(hours)
    assert 12 < median(hours) < 19
    assert {habit for *_, habit in found} == set(Habit)
    again = [
        later[0] - earlier[0] for earlier, later in itertools.pairwise(sorted(found, key=lambda one: (one[1], one[2], one[0]))) if earlier[1:3] == later[1:3]
    ]
    assert min(again) > 400, "nobody comes home twice in a moment"


@pytest.mark.parametrize(
    "text",
    [
        "pin-key = 1",
        step("nobody", 1),
        step("pin-key", -1),
        step("pin-key", 1e9),
        step("pin-key", float("nan")),
        '[pin-key]\nmedian = true\nspread = 0\nsource = ""',
        "[",
    ],
)
def test_a_table_that_says_nothing_usable_is_refused(text: str, tmp_path: Path) -> None:
    file = tmp_path / "handling.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as refused:
        read_handling(file)
    assert refused.value.code == "bench.handling"


def test_a_capture_lasts_longer_where_the_person_is_slower(shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONSENTRY_MODELS", str(shared / "models"))
    capturing = pytest.importorskip("bench.face_capture", reason="reason: the portraits of the tests are not installed")
    # A machine that takes 20 ms for each frame, however busy this one is.
    ticks = itertools.count()
    monkeypatch.setattr(capturing, "time", SimpleNamespace(perf_counter=lambda: next(ticks) * 0.02))
    chance = Random(4)  # noqa: S311 - a test's
    tables = (Handling({**ALIKE.steps, "face-react": Step(seconds, 0.0, "a test"), "face-turn": Step(0.33, 0.0, "a test")}) for seconds in (0.6, 1.6))
    (quick,), (late,) = (capturing.captures(table, chance, 1) for table in tables)
    # Both wait twice for the person: at the prompt, and until the head comes back.
    assert 1.5 < quick < 4
    assert 1.2 < late - quick < 3


def test_the_command_says_what_is_wrong_with_a_table_and_ends_with_code_2(tmp_path: Path) -> None:
    file = tmp_path / "handling.toml"
    file.write_text(step("nobody", 1), encoding="utf-8")
    done = CliRunner().invoke(command, ["door-day", "--short", "--handling", str(file), "--json", str(tmp_path / "out")])
    assert done.exit_code == 2
    assert "nobody does that here" in done.output


def test_the_hands_against_us_are_a_table_that_can_be_used() -> None:
    found = read_handling(ROOT / "bench" / "handling_against_us.toml")
    assert found.steps["pin-key"].median > DEFAULT["pin-key"].median
    assert found.steps["face-react"].median < DEFAULT["face-react"].median
    assert found.steps["card-out"] == DEFAULT["card-out"]
