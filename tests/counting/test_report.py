"""What is written down: exactly these fields, numbers and names only, nothing about any one person."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import fields
from typing import Any

import pytest

from consentry.counting.folds import EventLog, Interval, LineCount, ZoneCount, ZoneTotal
from consentry.counting.model import Crossing, Direction, Event, Gap, Point, TrackId, ZoneEnter, ZoneExit
from consentry.counting.report import COLUMNS, CountReport, as_csv, as_document

TRACK = TrackId("secret camera", 4321, 98765)
EVENTS: tuple[Event, ...] = (
    Crossing("door", Direction.IN, 10.0, TRACK, Point(123.456, 78.901), 314.15),
    Crossing("door", Direction.IN, 10.5, TRACK, Point(150.0, 78.901), 314.15),
    Crossing("door", Direction.OUT, 200.0, TRACK, Point(123.456, 78.901), 314.15),
    Crossing("door", Direction.OUT, 210.0, TRACK, Point(123.456, 78.901), 314.15),
    ZoneEnter("room", 5.0, 1),
    ZoneExit("room", 17.34, 1, 12.34),
    Gap(60.0, 120.0, "no frames"),
)


Names = tuple[str, ...]


def report(*, lines: Names = ("door",), zones: Names = ("room",), events: tuple[Event, ...] = EVENTS, sign: str | None = None) -> CountReport:
    log = EventLog(0.0, 240.0004, lines, zones, events)
    return CountReport("clip.mp4", "nanodet", 240, 31.4159, log, sign, ["line 'door' is short"])


def rows_of(table: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(table, newline="")))


NUMBER = (int, float)
LINE = {"id": str, "in": int, "out": int, "groups_in": int, "groups_out": int}
ZONE = {"id": str, "visits": int, "max_occupancy": int}
INTERVAL = {"start": NUMBER, "minutes": int, "state": str, "coverage": NUMBER, "lines": [LINE], "zones": [ZONE]}
DWELL = {"p50": (*NUMBER, type(None)), "p90": (*NUMBER, type(None))}
DOCUMENT = {
    "source": str,
    "frames": int,
    "duration_s": NUMBER,
    "frames_per_second": NUMBER,
    "detector": str,
    "lines": [LINE],
    "zones": [{**ZONE, "dwell_s": DWELL}],
    "intervals": [INTERVAL],
    "warnings": [str],
}
"""The whole schema, closed: a mapping has exactly these keys, a list holds only values of its one kind."""


def misfits(value: Any, schema: Any, path: str = "$") -> list[str]:  # noqa: ANN401 — any JSON value
    """Return where a JSON value is not of the schema; a list of bare numbers (a box, a crop, an embedding) has no schema here."""
    if isinstance(schema, dict):
        if not isinstance(value, dict) or value.keys() != schema.keys():
            return [f"{path}: {value!r} has not exactly the keys {sorted(schema)}"]
        return [misfit for key, part in schema.items() for misfit in misfits(value[key], part, f"{path}.{key}")]
    if isinstance(schema, list):
        return [misfit for item in value for misfit in misfits(item, schema[0], f"{path}[]")] if isinstance(value, list) else [f"{path}: no list"]
    return [] if isinstance(value, schema) and not isinstance(value, bool) else [f"{path}: {value!r}"]


def test_the_document_has_exactly_the_fields_of_the_schema() -> None:
    document = json.loads(json.dumps(as_document(report()), allow_nan=False))
    assert misfits(document, DOCUMENT) == []
    assert misfits(as_document(report(sign="People are counted here.")), {**DOCUMENT, "sign": str}) == []
    assert misfits(as_document(report(lines=(), zones=(), events=())), DOCUMENT) == []


@pytest.mark.parametrize(
    "leak",
    [{"box": [1, 2, 3, 4]}, {"track": 7}, {"at": 1.0}, {"embedding": [0.1] * 128}, {"crop": "aGk="}, {"height": 180}],
    ids=lambda leak: next(iter(leak)),
)
def test_the_schema_has_no_place_for_anything_about_one_person(leak: dict[str, Any]) -> None:
    document = as_document(report())
    assert misfits(document | leak, DOCUMENT)
    assert misfits({**document, "lines": [document["lines"][0] | leak]}, DOCUMENT)
    assert misfits({**document, "intervals": [document["intervals"][0] | leak]}, DOCUMENT)


def test_stored_figures_are_counts_of_these_kinds_only() -> None:
    assert [field.name for field in fields(LineCount)] == ["id", "entered", "left", "groups_in", "groups_out"]
    assert [field.name for field in fields(ZoneCount)] == ["id", "visits", "max_occupancy"]
    assert [field.name for field in fields(ZoneTotal)] == ["id", "visits", "max_occupancy", "dwell_p50", "dwell_p90"]
    assert [field.name for field in fields(Interval)] == ["start", "minutes", "state", "coverage", "lines", "zones"]


def test_neither_output_holds_a_track_or_a_place() -> None:
    for text in (json.dumps(as_document(report())), as_csv(report())):
        assert not [secret for secret in ("secret camera", "4321", "98765", "123.456", "78.901", "314.15") if secret in text]


def test_a_crossing_shown_in_a_log_line_tells_no_track_and_no_place() -> None:
    assert repr(EVENTS[0]) == "Crossing(line='door', direction=<Direction.IN: 'in'>, time=10.0)"


def test_the_figures_of_the_document() -> None:
    document = as_document(report())
    assert document["lines"] == [{"id": "door", "in": 2, "out": 2, "groups_in": 1, "groups_out": 2}]
    assert document["zones"] == [{"id": "room", "visits": 1, "max_occupancy": 1, "dwell_s": {"p50": 12.3, "p90": 12.3}}]
    assert (document["frames"], document["duration_s"], document["frames_per_second"]) == (240, 240.0, 31.42)
    assert document["warnings"] == ["line 'door' is short"]
    short = [row for row in document["intervals"] if row["minutes"] == 1]
    assert [(row["start"], row["state"]) for row in short][:4] == [(0, "counted"), (60, "missing"), (120, "counted"), (180, "counted")]
    assert short[1]["lines"] == short[1]["zones"] == []
    [quarter] = [row for row in document["intervals"] if row["minutes"] == 15]
    assert (quarter["start"], quarter["lines"]) == (0, document["lines"])


def test_the_sign_is_written_when_there_is_one() -> None:
    assert as_document(report(sign="此处统计人数"))["sign"] == "此处统计人数"
    assert "sign" not in as_document(report())


def test_the_table_has_its_columns_and_one_row_for_each_interval_and_line_or_zone() -> None:
    text = as_csv(report())
    assert tuple(text.splitlines()[0].split(",")) == COLUMNS
    rows = rows_of(text)
    intervals = as_document(report())["intervals"]
    assert [(row["start"], row["minutes"], row["kind"], row["id"]) for row in rows] == [
        (str(round(interval["start"])), str(interval["minutes"]), kind, id_) for interval in intervals for kind, id_ in (("line", "door"), ("zone", "room"))
    ]


def test_missing_is_empty_and_zero_is_zero() -> None:
    rows = {(row["start"], row["minutes"], row["kind"]): row for row in rows_of(as_csv(report()))}
    figures = COLUMNS[6:]
    missing, zero = rows["60", "1", "line"], rows["120", "1", "line"]
    assert (missing["state"], [missing[name] for name in figures]) == ("missing", [""] * 6)
    assert (zero["state"], [zero[name] for name in figures]) == ("counted", ["0", "0", "0", "0", "", ""])
    assert [rows["0", "1", "zone"][name] for name in figures] == ["", "", "", "", "1", "1"]


def test_the_sums_of_the_table_are_those_of_the_document() -> None:
    rows = [row for row in rows_of(as_csv(report())) if row["kind"] == "line"]
    for length in ("1", "15"):
        assert sum(int(row["in"] or 0) for row in rows if row["minutes"] == length) == 2
        assert sum(int(row["out"] or 0) for row in rows if row["minutes"] == length) == 2


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", '=HYPERLINK("x")'])
def test_a_name_that_a_spreadsheet_would_run_is_text(name: str) -> None:
    assert {row["id"] for row in rows_of(as_csv(report(lines=(name,), zones=())))} == {f"'{name}"}


@pytest.mark.parametrize("name", ["door", "正门", "a,b", 'say "in"', "two\nlines", "-", " door "])
def test_any_name_comes_back_from_the_table_and_the_document(name: str) -> None:
    named = report(lines=(name,), zones=())
    assert {row["id"].removeprefix("'") for row in rows_of(as_csv(named))} == {name}
    assert as_document(named)["lines"][0]["id"] == name


def test_a_line_and_a_zone_of_one_name_are_told_apart() -> None:
    both = report(lines=("room",), zones=("room",))
    kinds = [(row["kind"], row["visits"]) for row in rows_of(as_csv(both)) if (row["start"], row["minutes"]) == ("0", "1")]
    assert kinds == [("line", ""), ("zone", "1")]
