"""``consentry attribution``: judge cases by the published rules, explain a verdict, judge a kept one anew."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from consentry.attribution.cases import read_case, read_expectation
from consentry.attribution.dossiers import compare_bundle, explanation_in, is_bundle
from consentry.attribution.explanations import (
    check_explanation,
    check_verdict,
    explanation_document,
    read_explanation,
    read_verdict,
    verdict_document,
)
from consentry.attribution.model import Clock, Finding
from consentry.attribution.rules import explain, judge
from consentry.attribution.rules.proving import Comparison
from consentry.attribution.strict import LARGEST_DOCUMENT
from consentry.platform.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from consentry.attribution.cases import CaseFile
    from consentry.attribution.model import Explanation, Verdict

__all__ = ["attribution"]

_CONCLUDED = {
    Finding.INADMISSIBLE: "dropped: grade X",
    Finding.RECEIVED_LATER: "dropped: received after the signing",
    Finding.EDIT_IGNORED: "edited afterwards: the first value stands",
    Finding.CLUSTER: "who belongs together",
    Finding.NUMBER_CHANGED: "one person under two numbers",
    Finding.CONTRADICTED: "one person by one record, not by another",
    Finding.VISITS: "their visits in order",
    Finding.CLAIM: "makes a claim",
    Finding.NO_CLAIM: "makes no claim",
    Finding.UNDECIDED: "an outage may have held the report up",
    Finding.NATURAL_CONTACT: "is a natural contact",
    Finding.LOST: "its claim is lost to a natural contact",
    Finding.ENDED: "its protection ended before the signing",
    Finding.FIRST: "comes first",
    Finding.NONE_LIVE: "no claim is alive",
    Finding.STATED: "a visit is stated that nobody recorded",
    Finding.CLOCKS_AGREE: "both clocks say the same",
    Finding.CLOCKS_DIFFER: "the clocks give different verdicts",
}
_CLOCKS = {Clock.RECEIVED: "the log", Clock.CLAIMED: "the desk"}
_SHOWN_OF_A_HASH = 12

existing = click.Path(path_type=Path)
as_json = click.option("--json", "for_machines", is_flag=True, help="Print one JSON document.")


@click.group("attribution")
def attribution() -> None:
    """Judge whose client a buyer is, by rules that anybody can run again."""


@attribution.command("judge")
@click.argument("files", nargs=-1, required=True, type=existing)
@click.option("--check", is_flag=True, help="Compare with what each case expects; exit code 1 where one differs.")
@as_json
def judge_files(files: tuple[Path, ...], check: bool, for_machines: bool) -> None:
    """Propose a verdict for each case in FILES (JSON; of a folder, every .json in it)."""
    paths = _cases_in(files)
    alone = len(files) == 1 and paths == list(files)
    results = [_judged(path, check=check, alone=alone) for path in paths]
    if for_machines:
        _print_json(results[0].document() if alone else {"cases": [{"file": str(result.path)} | result.document() for result in results]})
    elif alone and results[0].verdict:
        _print_verdict(results[0].path.name, results[0].verdict, results[0].differences)
    else:
        _print_summary(results)
    if any(result.error for result in results):
        raise click.exceptions.Exit(InputError.exit_code)
    if any(result.differences for result in results):
        raise click.exceptions.Exit(1)


@attribution.command("explain")
@click.argument("file", type=existing)
@as_json
def explain_file(file: Path, for_machines: bool) -> None:
    """Say how the verdict on the case in FILE comes about, rule by rule. Keep the JSON: `replay` judges it anew."""
    explanation = explain(read_case(_read(file), file.name).case)
    if for_machines:
        _print_json(explanation_document(explanation))
    else:
        _print_steps(explanation)
        _print_verdict(file.name, explanation.verdict, ())


@attribution.command("replay")
@click.argument("file", type=existing)
@click.option("--case", "case", type=existing, help="FILE holds a verdict alone, and this is the case that it was about.")
@as_json
def replay_file(file: Path, case: Path | None, for_machines: bool) -> None:
    """Judge anew what FILE says (a verdict's bundle, `explain --json`, or `judge --json` with --case); exit code 1 where it no longer holds.

    Every event of a bundle's case is compared with the entries of the log that the bundle proves; `consentry ledger verify` checks that it proves them.
    """
    replayed = _replayed(_read(file), file.name) if case is None else Comparison(tuple(_problems_of_verdict(file, case)), ())
    problems = replayed.problems
    if for_machines:
        _print_json({"holds": not problems, "problems": [*problems], "unproven": [*replayed.unproven]})
    else:
        for problem in problems:
            click.echo(f"DIFFERS  {problem}")
        for event in replayed.unproven:
            click.echo(f"UNPROVEN  event {event}: its entry was erased from the log, so that nothing here shows what it said")
        click.echo(f"{file.name}: {'it no longer holds' if problems else 'it holds'}.")
    if problems:
        raise click.exceptions.Exit(1)


@dataclass(frozen=True, slots=True)
class _Result:
    """What became of one file: a verdict, with how it differs from what the case expects; or why there is none."""

    path: Path
    verdict: Verdict | None = None
    differences: Sequence[str] = ()
    error: InputError | None = None

    def document(self) -> dict[str, Any]:
        """Return the result as JSON."""
        if self.error:
            return {"code": self.error.code, "problem": str(self.error)}
        differences = {"differences": list(self.differences)} if self.differences else {}
        return (verdict_document(self.verdict) if self.verdict else {}) | differences


def _cases_in(files: Sequence[Path]) -> list[Path]:
    found = [path for given in files for path in (sorted(given.glob("*.json")) if given.is_dir() else [given])]
    if not found:
        raise InputError("input.file", str(files[0]), "the folder holds no .json", "Name a folder of cases, or a file.")
    return found


def _judged(path: Path, *, check: bool, alone: bool) -> _Result:
    """Judge one file. Among several, one that cannot be read does not stop the others."""
    try:
        read = read_case(_read(path), path.name)
        verdict = judge(read.case)
        return _Result(path, verdict, _differences(read, verdict, path.name) if check else ())
    except InputError as error:
        if alone:
            raise
        return _Result(path, error=error)


def _differences(read: CaseFile, verdict: Verdict, name: str) -> list[str]:
    if read.expect is None:
        raise InputError("attribution.expect", name, "the case expects nothing", "Leave --check out, or add `expect` to the case.")
    expected = read_expectation(read.expect, name)
    pairs = (("verdict", expected.verdict, verdict.kind), ("agencies", expected.agencies, verdict.agencies), ("flags", expected.flags, verdict.flags))
    return [f"{key}: expected {_words(wanted)}, judged {_words(found)}" for key, wanted, found in pairs if wanted is not None and wanted != found]


def _replayed(data: bytes, name: str) -> Comparison:
    """Judge an explanation anew; that of a bundle rests on what the log received."""
    if not is_bundle(data, name):
        return Comparison(tuple(check_explanation(read_explanation(data, name))), ())
    received = compare_bundle(data, name)
    problems = check_explanation(read_explanation(explanation_in(data, name), name))
    return Comparison((*received.problems, *problems), received.unproven)


def _problems_of_verdict(file: Path, case: Path) -> list[str]:
    return check_verdict(read_verdict(_read(file), file.name), judge(read_case(_read(case), case.name).case))


def _print_verdict(name: str, verdict: Verdict, differences: Sequence[str]) -> None:
    table = Table("", "", show_header=False)
    for column in table.columns:
        # Chinese has no spaces to break at.
        column.overflow = "fold"
    rows = {
        "case": name,
        "verdict": verdict.kind,
        "agencies": _words(verdict.agencies),
        "flags": _words(verdict.flags),
        "rules": _words(verdict.rules),
        "理由": verdict.reason.zh,
        "reason": verdict.reason.en,
    }
    for key, value in (*rows.items(), *(("DIFFERS", difference) for difference in differences)):
        table.add_row(key, Text(value))
    Console().print(table)


def _print_steps(explanation: Explanation) -> None:
    table = Table("rule", "concluded", "events", "flag", "by the clock of")
    named = {event.id for event in (*explanation.case.events, explanation.case.signing)}
    for step in explanation.steps:
        events = " ".join(event if event in named else event[:_SHOWN_OF_A_HASH] for event in step.events)
        table.add_row(step.rule, _CONCLUDED[step.finding], Text(events), step.flag or "", _CLOCKS[step.clock])
    Console().print(table)


def _print_summary(results: Sequence[_Result]) -> None:
    table = Table("case", "verdict", "agencies", "flags", "")
    for result in results:
        verdict = result.verdict
        note = str(result.error) if result.error else "; ".join(result.differences)
        row = (verdict.kind, _words(verdict.agencies), _words(verdict.flags)) if verdict else ("error", "", "")
        table.add_row(*map(Text, (result.path.name, *row, note)))
    Console().print(table)
    wrong = sum(bool(result.differences) for result in results)
    click.echo(f"{len(results)} cases, {wrong} not as expected, {sum(bool(result.error) for result in results)} not readable.")


def _words(values: Sequence[str] | None) -> str:
    return values if isinstance(values, str) else " ".join(values or ()) or "–"


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST_DOCUMENT:
            raise InputError("attribution.json", str(path), "it is larger than 64 MiB", "Give one case a file.")
        return path.read_bytes()
    except OSError as error:
        raise InputError("input.file", str(path), error.strerror or "it cannot be read", "Give a file that exists.") from error


def _print_json(document: dict[str, Any]) -> None:
    click.echo(json.dumps(document, ensure_ascii=False, indent=1))
