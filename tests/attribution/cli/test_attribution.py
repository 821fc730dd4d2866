"""``consentry attribution`` from the command line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from consentry.attribution.cases import read_case_document
from consentry.attribution.model import Finding
from consentry.attribution.rules import explain
from consentry.cli.main import main
from tests.attribution.rules.histories import history

if TYPE_CHECKING:
    from pathlib import Path

CASE: dict[str, Any] = {
    "name": "reported an hour before, signs in time",
    "rulebook": {},
    "events": [
        {"type": "report", "id": "r1", "agency": "甲", "client": "z", "at": "2026-03-01T09:00:00+08:00"},
        {"type": "visit", "id": "v1", "person": "z", "at": "2026-03-01T10:00:00+08:00", "report": "r1", "bound": True},
        {"type": "signing", "at": "2026-03-11T00:00:00+08:00", "buyers": ["z"]},
    ],
    "expect": {"verdict": "channel", "agency": "甲", "flags": []},
}
WRONG = CASE | {"expect": {"verdict": "natural", "flags": ["LATE"]}}
BROKEN = CASE | {"events": [CASE["events"][0] | {"colour": "red"}]}


def written(path: Path, document: object) -> Path:
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


@pytest.fixture
def case(tmp_path: Path) -> Path:
    return written(tmp_path / "case.json", CASE)


def run(capsys: pytest.CaptureFixture[str], *arguments: object, code: int = 0) -> str:
    assert main(["attribution", *map(str, arguments)]) == code
    return capsys.readouterr().out


def document(capsys: pytest.CaptureFixture[str], *arguments: object, code: int = 0) -> Any:  # noqa: ANN401 - JSON
    return json.loads(run(capsys, *arguments, "--json", code=code))


def test_judge_prints_the_verdict_of_the_specification_with_its_evidence(case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    verdict = document(capsys, "judge", case)
    reason, evidence = verdict.pop("reason"), verdict.pop("evidence")
    assert verdict == {"verdict": "channel", "agency": "甲", "agencies": ["甲"], "flags": [], "rules": ["R1", "R2", "R3", "R5"]}
    assert reason == {
        "zh": "本单归渠道甲：在签约时仍受保护的到访中，其到访最早。渠道甲于2026年3月1日09:00报备，客户于2026年3月1日10:00到访，并经到访码或本人确认；"
        "相隔1小时，规则要求不少于30分钟、不超过2天。签约于2026年3月11日00:00，距该到访9天14小时，在30天的保护期内。时间均为UTC+08:00。",
        "en": "The client belongs to agency 甲: of the visits that were still protected at the signing, the one that it brought came first. "
        "Agency 甲 reported the client on 1 March 2026, 09:00; the client arrived on 1 March 2026, 10:00, confirmed by visit code or in person, "
        "1 hour later; the rules ask for at least 30 minutes and at most 2 days. The contract was signed on 11 March 2026, 00:00, 9 days 14 hours "
        "after that visit and within the protection of 30 days. Times are in UTC+08:00.",
    }
    assert [(one["id"], one["type"], len(one["sha256"])) for one in evidence] == [("r1", "report", 64), ("v1", "visit", 64), (None, "signing", 64)]


def test_judge_prints_a_table_for_people(case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    printed = run(capsys, "judge", case)
    assert "channel" in printed
    assert "The client belongs to agency" in printed
    assert "本单归渠道甲" in printed


def test_a_folder_gives_a_summary_and_one_broken_case_does_not_stop_the_others(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, content in (("a.json", CASE), ("b.json", BROKEN), ("c.json", CASE)):
        written(tmp_path / name, content)
    cases = document(capsys, "judge", tmp_path, code=2)["cases"]
    assert [(one["file"][-6:], one.get("verdict"), one.get("code")) for one in cases] == [
        ("a.json", "channel", None),
        ("b.json", None, "attribution.unknown-key"),
        ("c.json", "channel", None),
    ]
    assert "3 cases, 0 not as expected, 1 not readable." in run(capsys, "judge", tmp_path, code=2)


def test_check_compares_with_what_the_case_expects(tmp_path: Path, case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "differences" not in document(capsys, "judge", case, "--check")
    wrong = written(tmp_path / "wrong.json", WRONG)
    differences = document(capsys, "judge", wrong, "--check", code=1)["differences"]
    assert differences == ["verdict: expected natural, judged channel", "flags: expected LATE, judged –"]
    assert "expected natural, judged channel" in run(capsys, "judge", wrong, "--check", code=1)
    assert "2 cases, 1 not as expected, 0 not readable." in run(capsys, "judge", case, wrong, "--check", code=1)
    assert run(capsys, "judge", wrong)


@pytest.mark.parametrize(
    ("content", "code", "named"),
    [
        (BROKEN, "attribution.unknown-key", 'report "r1" (events[0]), "colour"'),
        ({key: CASE[key] for key in ("name", "events")}, "attribution.expect", "expects nothing"),
        (CASE | {"expect": {"verdict": "both"}}, "attribution.choice", '"verdict"'),
        (CASE | {"expect": {"verdict": "natural", "flag": []}}, "attribution.unknown-key", '"flag"'),
    ],
)
def test_what_cannot_be_judged_is_one_line_of_error(content: object, code: str, named: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path / "case.json", content)
    assert main(["attribution", "judge", str(path), "--check"]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("error: case.json")
    assert named in printed.err
    assert printed.err.endswith(f"[{code}]\n")


def test_files_that_are_not_there_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for command, name in (("judge", "none.json"), ("explain", "none.json"), ("replay", "none.json"), ("judge", "")):
        assert main(["attribution", command, str(tmp_path / name)]) == 2
        assert "[input.file]" in capsys.readouterr().err


def test_explain_says_each_step(case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    explanation = document(capsys, "explain", case)
    assert [(step["rule"], step["finding"]) for step in explanation["steps"]] == [("R1", "cluster"), ("R2", "visits"), ("R3", "claim"), ("R5", "first")]
    assert explanation["offset"] == "+08:00"
    assert "makes a claim" in run(capsys, "explain", case)


def test_every_finding_has_words_for_people(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found: set[Finding] = set()
    for seed in range(1000):
        told = history(seed)
        new = {step.finding for step in explain(read_case_document(told, "history").case).steps} - found
        if new:
            assert "by the clock of" in run(capsys, "explain", written(tmp_path / "case.json", told))
            found |= new
    assert found == set(Finding)


def test_a_kept_explanation_holds_until_anything_of_it_is_changed(tmp_path: Path, case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    explanation = document(capsys, "explain", case)
    kept = written(tmp_path / "kept.json", explanation)
    assert document(capsys, "replay", kept) == {"holds": True, "problems": [], "unproven": []}
    assert run(capsys, "replay", kept) == "kept.json: it holds.\n"
    explanation["verdict"] |= {"agency": "乙", "agencies": ["乙"]}
    problems = document(capsys, "replay", written(kept, explanation), code=1)["problems"]
    assert problems == ["agency was 乙 and is 甲", "agencies was 乙 and is 甲", "the steps lead to another verdict"]
    assert run(capsys, "replay", kept, code=1).endswith("kept.json: it no longer holds.\n")


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        (("case", "events", 0, "at"), "2026-03-01T01:45:00Z", "verdict was channel and is natural"),
        (("steps", 2, "values", "agency"), "乙", "steps[2] is not what the rules conclude"),
        (("verdict", "rules"), ["R1"], "rules was R1 and is R1, R2, R3, R5"),
        (("verdict", "reason", "en"), "Because.", "reason was"),
        (("offset",), "+09:00", "reason was"),
        (("verdict", "evidence", 0, "sha256"), "0" * 64, "evidence was"),
    ],
)
def test_replay_names_what_no_longer_holds(path: tuple[str | int, ...], value: object, problem: str, case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    explanation = document(capsys, "explain", case)
    place = explanation
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    problems = document(capsys, "replay", written(case, explanation), code=1)["problems"]
    assert any(one.startswith(problem) for one in problems)


def test_a_verdict_alone_is_replayed_with_its_case(tmp_path: Path, case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept = written(tmp_path / "verdict.json", document(capsys, "judge", case))
    assert document(capsys, "replay", kept, "--case", case)["holds"]
    late = CASE | {"events": [CASE["events"][0] | {"at": "2026-03-01T09:45:00+08:00"}, *CASE["events"][1:]]}
    written(case, late)
    assert "verdict was channel and is natural" in document(capsys, "replay", kept, "--case", case, code=1)["problems"]


@pytest.mark.parametrize("spoil", [{"steps": 4}, {"offset": "east"}, {"verdict": {}}, {"case": []}, {"more": 1}])
def test_a_broken_explanation_is_refused(spoil: dict[str, object], case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept = written(case, document(capsys, "explain", case) | spoil)
    assert main(["attribution", "replay", str(kept)]) == 2
    assert "[attribution." in capsys.readouterr().err
