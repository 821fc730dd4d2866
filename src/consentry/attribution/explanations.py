"""Verdicts and explanations as JSON; an explanation that was kept is read back and judged anew."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta, timezone
from typing import TYPE_CHECKING

from consentry.attribution.cases import case_document, read_case_document
from consentry.attribution.model import Clock, Evidence, Explanation, Finding, Flag, Reason, RuleId, Step, Verdict, VerdictKind
from consentry.attribution.rules import explain, replay
from consentry.attribution.rules.notation import read_instant
from consentry.attribution.strict import Fields, parse_json

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from consentry.ledger.model import JSONValue

__all__ = [
    "check_explanation",
    "check_verdict",
    "explanation_document",
    "read_explanation",
    "read_verdict",
    "verdict_document",
]


def verdict_document(verdict: Verdict) -> dict[str, JSONValue]:
    """Return ``verdict`` as the specification prints it, with its evidence."""
    return {
        "verdict": str(verdict.kind),
        "agency": verdict.agency,
        "agencies": list(verdict.agencies),
        "flags": [str(flag) for flag in verdict.flags],
        "rules": [str(rule) for rule in verdict.rules],
        "reason": {"zh": verdict.reason.zh, "en": verdict.reason.en},
        "evidence": [{"id": one.id, "type": one.type, "sha256": one.sha256} for one in verdict.evidence],
    }


def explanation_document(explanation: Explanation) -> dict[str, JSONValue]:
    """Return ``explanation`` as JSON: the case in UTC, how the reason names times and agencies, each step, and the verdict."""
    case = explanation.case
    return {
        "case": case_document(case),
        "offset": _offset_text(case.signing.at, case.offset),
        "names": dict(case.names),
        "steps": [_step_document(step) for step in explanation.steps],
        "verdict": verdict_document(explanation.verdict),
    }


def read_explanation(data: bytes, name: str) -> Explanation:
    """Return the explanation of the JSON document ``data``.

    Raises:
        InputError: with a code ``attribution.*`` that says where it is not what :func:`explanation_document` writes.
    """
    fields = Fields(name, parse_json(data, name))
    names = Fields(f"{name}, names", fields.take("names"))
    named = {agency: names.text(agency) for agency in names.names()}
    case = replace(read_case_document(fields.take("case"), f"{name}, case").case, offset=_offset(fields), names=named)
    steps = tuple(_step(Fields(f"{name}, steps[{index}]", item)) for index, item in enumerate(fields.items("steps")))
    verdict = _verdict(Fields(f"{name}, verdict", fields.take("verdict")))
    fields.finish()
    return Explanation(case, steps, verdict)


def read_verdict(data: bytes, name: str) -> Verdict:
    """Return the verdict of the JSON document ``data``, as :func:`verdict_document` writes it. Raises InputError as :func:`read_explanation` does."""
    return _verdict(Fields(name, parse_json(data, name)))


def check_explanation(kept: Explanation) -> list[str]:
    """Return what no longer holds of ``kept`` when its case is judged anew; nothing where all of it holds. Raises what ``rules.judge`` raises."""
    anew = explain(kept.case)
    problems = check_verdict(kept.verdict, anew.verdict)
    if kept.steps != anew.steps:
        first = next((at for at, (old, new) in enumerate(zip(kept.steps, anew.steps, strict=False)) if old != new), min(len(kept.steps), len(anew.steps)))
        problems.append(f"steps[{first}] is not what the rules conclude")
    if replay(anew.steps) != kept.verdict.outcome:
        problems.append("the steps lead to another verdict")
    return problems


def check_verdict(kept: Verdict, anew: Verdict) -> list[str]:
    """Return the keys of the verdict ``kept`` that differ from ``anew``, in words."""
    before, after = verdict_document(kept), verdict_document(anew)
    return [f"{key} was {_shown(before[key])} and is {_shown(after[key])}" for key in before if before[key] != after[key]]


def _shown(value: JSONValue) -> str:
    return ", ".join(map(str, value)) or "none" if isinstance(value, list) else str(value)


def _step_document(step: Step) -> dict[str, JSONValue]:
    return {
        "rule": str(step.rule),
        "finding": str(step.finding),
        "clock": str(step.clock),
        "events": list(step.events),
        "flag": str(step.flag) if step.flag else None,
        "values": dict(step.values),
    }


def _step(fields: Fields) -> Step:
    values = Fields(f"{fields.place}, values", fields.take("values"))
    step = Step(
        fields.choice("rule", RuleId),
        fields.choice("finding", Finding),
        fields.texts("events"),
        fields.choice("flag", Flag) if fields.has("flag") else None,
        {key: values.plain(key) for key in values.names()},
        fields.choice("clock", Clock),
    )
    fields.finish()
    return step


def _verdict(fields: Fields) -> Verdict:
    reason = Fields(f"{fields.place}, reason", fields.take("reason"))
    verdict = Verdict(
        fields.choice("verdict", VerdictKind),
        fields.texts("agencies"),
        fields.choices("flags", Flag),
        fields.choices("rules", RuleId),
        tuple(_evidence(Fields(f"{fields.place}, evidence[{index}]", item)) for index, item in enumerate(fields.items("evidence"))),
        Reason(reason.words("zh"), reason.words("en")),
    )
    if fields.take("agency") != verdict.agency:
        raise fields.refusal("attribution.type", "agency", "it does not fit the verdict and its agencies", "Give the verdict as it was printed.")
    reason.finish()
    fields.finish()
    return verdict


def _evidence(fields: Fields) -> Evidence:
    evidence = Evidence(fields.text("id") if fields.has("id") else None, fields.text("type"), fields.text("sha256"))
    fields.finish()
    return evidence


def _offset_text(at: datetime, offset: tzinfo) -> str:
    away = at.astimezone(offset).utcoffset() or timedelta(0)
    hours, minutes = divmod(abs(away) // timedelta(minutes=1), 60)
    return f"{'-' if away < timedelta(0) else '+'}{hours:02}:{minutes:02}"


def _offset(fields: Fields) -> tzinfo:
    text = fields.text("offset")
    try:
        return timezone(read_instant(f"2000-01-01T00:00:00{text}").utcoffset() or timedelta(0))
    except ValueError as error:
        raise fields.refusal("attribution.time", "offset", "it is no offset from UTC", "Write one such as +08:00.") from error
